"""The defaults of the image, as people see them."""

import pytest

from startup import defaults, jsonc
from startup.merge import at
from startup.object_stores import ORIGIN
from startup.plugins import PLACEHOLDERS, PLUGINS
from tests.unit.startup.image import AVAILABLE, CATALOGUE, Image


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("HttpPort", "8042"),
        ("StorageDirectory", '"/var/lib/orthanc/db"; Orthanc\'s own: "OrthancStorage"'),
        ("AuthenticationEnabled", "true"),
        ("PostgreSQL.Lock", "false; the plugin's own: true"),
        ("PostgreSQL.Host", 'none, it must be given; the plugin\'s own: "localhost"'),
        ("AwsS3Storage.BucketName", "none, it must be given"),
        ("Gdcm.Throttling", ""),
        ("DicomWeb.Enable", "true"),
        ("BuiltinDecoderTranscoderOrder", '"Disabled"; Orthanc\'s own: "After"'),
        ("PostgreSQL", ""),
        ("IndexDirectory", ""),
        (
            "ExtraMainDicomTags.Instance",
            '[]; for a new SQLite index, with DicomWeb: [ "0028,0010", "0028,0011", "0028,0100" ]',
        ),
        ("StorageLoaderThreadsCount", "4; for files in an object store: 32"),
        ("DicomWeb.WadoRsLoaderThreadsCount", "0; for files in an object store: 4"),
    ],
)
def test_default_of_a_setting(path: str, words: str) -> None:
    """That of the image, and the one elsewhere where it differs."""
    setting = CATALOGUE.setting(path)
    assert setting is not None
    assert words == defaults.words(setting, CATALOGUE)


CHOSEN = ("RemoteAccessAllowed", "Plugins")
"""What these tests or the enabled plugins set."""


def test_each_value_of_an_image_without_configuration_is_a_default(image: Image) -> None:
    """What `config print` shows with every plugin enabled is what the list of settings tells."""
    for plugin in PLUGINS:
        for library in plugin.libraries:
            image.file(f"{AVAILABLE}/{library.names[0]}", "")
    found = image.found({plugin.switch: "true" for plugin in PLUGINS})
    stores = {path for path, values in found.merged.history.items() if values[-1].origin.startswith(ORIGIN)}
    assert len(stores) == 6
    wrong = []
    for path in CATALOGUE.lines:
        setting = CATALOGUE.setting(path)
        value = at(found.tree, tuple(path.split(".")))
        if setting is None or value is None or isinstance(value, dict) or path in CHOSEN:
            continue
        words = defaults.words(setting, CATALOGUE)
        in_store = tuple(path.split(".")) in stores
        told = words.rpartition("object store: ")[2] if in_store else words.partition("; ")[0]
        if told != defaults.NONE and jsonc.value(told) != value:
            wrong.append((path, value, words))
        if (told == defaults.NONE) != (value in PLACEHOLDERS):
            wrong.append((path, value, words))
    assert wrong == []
