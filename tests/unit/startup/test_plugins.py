"""Plugins: what is decided about them and which libraries are loaded."""

from pathlib import Path

import pytest
import tomli

from startup import plugins
from startup.plugins import PluginIndex
from tests.unit.startup.image import AVAILABLE, Image


def loaded(image: Image, environment: dict[str, str]) -> list[str]:
    """The libraries that Orthanc is told to load, without Gdcm."""
    paths = image.found(environment).tree["Plugins"]
    assert isinstance(paths, list)
    return [path for path in paths[1:] if "Gdcm" not in path]


def test_only_the_needed_libraries_of_a_database_are_loaded(image: Image) -> None:
    """Index and storage are loaded when they are on."""
    host = {"ORTHANC__POSTGRESQL__HOST": "h"}
    index, storage = (f"{AVAILABLE}/libOrthancPostgreSQL{part}.so" for part in ("Index", "Storage"))
    assert [index] == loaded(image, host)
    both = {**host, "ORTHANC__POSTGRESQL__ENABLE_STORAGE": "true"}
    assert [index, storage] == loaded(image, both)
    assert [storage] == loaded(image, {**both, "ORTHANC__POSTGRESQL__ENABLE_INDEX": "false"})


@pytest.mark.parametrize(
    ("environment", "order"),
    [
        ({}, "Disabled"),
        ({"ORTHANC__GDCM__THROTTLING": "2"}, "Disabled"),
        ({"ORTHANC__GDCM__ENABLE": "false"}, None),
        ({"GDCM_PLUGIN_ENABLED": "false"}, None),
        ({"ORTHANC__BUILTIN_DECODER_TRANSCODER_ORDER": "Before"}, "Before"),
    ],
)
def test_orthanc_decodes_nothing_where_a_plugin_has_the_codecs(
    image: Image, environment: dict[str, str], order: str | None
) -> None:
    """What that plugin refuses is not handed to Orthanc's own codecs, unless somebody wants it so."""
    image.file(f"{AVAILABLE}/libOrthancGdcm.so", "")
    assert image.tree(environment).get("BuiltinDecoderTranscoderOrder") == order


def test_a_plugin_of_these_images_in_c_plus_plus_is_loaded_without_python(image: Image) -> None:
    """Its libraries are where all native code of the images is; those that the user brings go before."""
    part = {"name": "odbc", "provider": "tree", "plugins": ["Odbc"]}
    image.file(plugins.COMPONENTS, {"components": [part], "missing": []})
    string = {
        "ORTHANC__ODBC__INDEX_CONNECTION_STRING": "DSN=x",
        "ORTHANC__ODBC__STORAGE_CONNECTION_STRING": "DSN=x",
    }
    both = {**string, "ORTHANC__ODBC__ENABLE_STORAGE": "true"}
    index, storage = (
        image.file(f"{plugins.NATIVE}/libOrthancOdbc{part}.so", "") for part in ("Index", "Storage")
    )
    assert [index] == loaded(image, string)
    assert [index, storage] == loaded(image, both)
    image.file("/usr/share/orthanc/plugins/libOrthancOdbcIndex.so", "")
    assert [storage] == loaded(image, both)


def test_upstreams_library_goes_before_ours(image: Image) -> None:
    """An image whose component is upstream's has its libraries among the others, and ours rest."""
    part = {"name": "postgresql", "provider": "upstream", "plugins": ["PostgreSQL"]}
    image.file(plugins.COMPONENTS, {"components": [part], "missing": []})
    assert [f"{AVAILABLE}/libOrthancPostgreSQLIndex.so"] == loaded(image, {"ORTHANC__POSTGRESQL__HOST": "h"})


def test_a_library_in_the_users_folder_is_not_loaded_twice(image: Image) -> None:
    """A user's own library takes the place of the image's; Orthanc finds it in the folder."""
    image.file("/usr/share/orthanc/plugins/libOrthancDicomWeb.so", "")
    image.file("/usr/share/orthanc/plugins/readme.txt", "")
    found = image.found({"DICOM_WEB_PLUGIN_ENABLED": "true"})
    paths = found.tree["Plugins"]
    assert isinstance(paths, list)
    assert not [path for path in paths if "DicomWeb" in path]


def test_users_folders_come_first(image: Image) -> None:
    """What the user gives replaces the image's folder and comes before the image's libraries."""
    image.file("/mine/libMine.so", b"\x7fELF")
    image.file("/other/libOther.so", b"\x7fELF")
    found = image.found({"ORTHANC__PLUGINS": '["/mine/libMine.so", "/other"]'})
    assert ["/mine/libMine.so", "/other", f"{AVAILABLE}/libOrthancGdcm.so"] == found.tree["Plugins"]


def test_an_absent_plugin_can_be_added(image: Image) -> None:
    """A plugin that is not in the image counts as here when its library is in the user's folder."""
    (image.path / "usr/share/orthanc/plugins/libOrthancTransfers.so").symlink_to("/bin/true")
    index = PluginIndex(image.root, ["/usr/share/orthanc/plugins/"])
    transfers = plugins.SWITCHES["TRANSFERS_PLUGIN_ENABLED"]
    assert plugins.is_here(transfers, index)
    assert not plugins.is_here(plugins.SWITCHES["TCIA_PLUGIN_ENABLED"], index)


MARKS = {"codecs", "default", "variable-only", "index", "storage", "storage-directory", "with"}


@pytest.mark.parametrize("plugin", plugins.PLUGINS, ids=lambda plugin: plugin.name)
def test_table_of_plugins_is_well_formed(plugin: plugins.Plugin) -> None:
    """Nothing is left out that every plugin has, and no mark is unknown."""
    assert all((plugin.name, plugin.switch, plugin.sections, plugin.libraries))
    assert plugin.marks.keys() <= MARKS
    assert plugin.marks.get("with", plugin.name) in {each.name for each in plugins.PLUGINS}
    assert isinstance(plugin.defaults(), dict)
    assert len(plugin.titles) in (0, len(plugin.libraries))


def test_bundled_plugins_are_those_of_the_definition() -> None:
    """Each plugin that a component brings itself has a package, which is there, or is all native code."""
    root = Path(__file__).parents[3]
    components = tomli.loads((root / "build.toml").read_text(encoding="utf-8"))["components"].values()
    brought = [
        name
        for part in components
        if set(plugins.BUNDLING)
        & {*([part["provider"]] if isinstance(part["provider"], str) else part["provider"])}
        for name in part.get("plugins", ())
    ]
    ours = [plugin for plugin in plugins.PLUGINS if plugin.package or plugin.native]
    assert sorted(plugin.name for plugin in ours) == sorted(brought)
    packages = {plugin.name: plugin.package for plugin in ours if plugin.package}
    folder = root / "plugins" / "orthanc_images"
    assert [name for name in packages.values() if not (folder / name / "__init__.py").is_file()] == []


def test_every_decision_says_why(image: Image) -> None:
    """Each plugin has a reason for being on or off."""
    found = image.found(
        {"DICOM_WEB_PLUGIN_ENABLED": "yes", "ORTHANC__WORKLISTS__ENABLE": "true", "NEURO_PLUGIN_ENABLED": "0"}
    )
    why = {each.plugin.name: each.why for each in found.decisions}
    assert {
        name: why[name] for name in ("DicomWeb", "Worklists", "Neuro", "Gdcm", "OrthancExplorer2", "Wsi")
    } == {
        "DicomWeb": "DICOM_WEB_PLUGIN_ENABLED=true",
        "Worklists": "'Worklists' is configured",
        "Neuro": "NEURO_PLUGIN_ENABLED=false",
        "Gdcm": "by default",
        "OrthancExplorer2": "on by default, but not part of this image",
        "Wsi": "not enabled",
    }


def test_components_that_make_no_sense_are_none(image: Image) -> None:
    """A list of components that cannot be read says nothing."""
    assert plugins.components(image.root) == {}
    for content in ("{", "[]"):
        image.file(plugins.COMPONENTS, content)
        assert plugins.components(image.root) == {}


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ([], "it is not part of these images yet"),
        (
            [
                {
                    "name": "google",
                    "plugins": ["GoogleCloudStorage"],
                    "reason": "it comes with the variant 'full'",
                }
            ],
            "it is not part of this image, because it comes with the variant 'full'",
        ),
        (
            [{"name": "GoogleCloudStorage", "plugins": [], "reason": "its provider was out of reach."}],
            "it is not part of this image, because its provider was out of reach",
        ),
    ],
)
def test_the_image_says_itself_why_a_plugin_is_absent(
    image: Image, missing: list[dict[str, object]], expected: str
) -> None:
    """The reason is that of components.json; without one, no other image has the plugin either."""
    image.file(plugins.COMPONENTS, {"variant": "default", "missing": missing})
    google = plugins.SWITCHES["GOOGLE_CLOUD_STORAGE_PLUGIN_ENABLED"]
    assert plugins.absence(google, image.root) == (
        expected,
        "Set GOOGLE_CLOUD_STORAGE_PLUGIN_ENABLED=false to go without it,"
        " or add libOrthancGoogleCloudStorage.so to /usr/share/orthanc/plugins.",
    )


def test_texts_and_objects_in_a_list() -> None:
    """Other values are passed over."""
    assert plugins.strings(["a", 1]) == ["a"]
    assert plugins.items([{"a": 1}, 2]) == [{"a": 1}]
    assert plugins.strings("a") == []
    assert plugins.items(None) == []


def test_the_folder_in_run_is_loaded_when_it_is_there(image: Image) -> None:
    """As the other images do; a folder of the user's choice replaces both."""
    folder = "/run/orthanc/plugins"
    assert folder not in image.tree()["Plugins"]
    (image.path / "run/orthanc/plugins").mkdir(parents=True)
    assert image.tree()["Plugins"][:2] == ["/usr/share/orthanc/plugins/", folder]
    assert folder not in str(image.found({"ORTHANC__PLUGINS": '["/mine"]'}).tree["Plugins"])
    image.file(f"{folder}/libOrthancWSI.so", "no library")
    (problem,) = image.problems()
    assert problem.startswith(f"{folder}/libOrthancWSI.so: the library cannot be loaded (")
