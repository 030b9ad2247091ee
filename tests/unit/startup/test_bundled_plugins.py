"""Plugins of the images that are written in Python: what Orthanc is told when they are enabled."""

from startup import bundled_plugins
from tests.unit.startup.image import AVAILABLE, Image

S3 = {"ORTHANC__AWS_S3_STORAGE__BUCKET_NAME": "b", "ORTHANC__AWS_S3_STORAGE__REGION": "r"}
STARTED = {"Plugin": "AwsS3Storage", "Package": "storage"}
PYTHON = f"{AVAILABLE}/libOrthancPython.so"


def with_s3(image: Image, provider: str = "tree") -> Image:
    """The image, with a component that brings AwsS3Storage."""
    part = {"name": "aws-s3", "provider": provider, "plugins": ["AwsS3Storage"]}
    image.file("/usr/share/orthanc/components.json", {"components": [part], "missing": []})
    return image


def test_script_of_the_images_is_started(image: Image) -> None:
    """Orthanc gets Python's library and our script, which is told what to start."""
    tree = with_s3(image).tree(S3)
    native = "/usr/lib/orthanc-image/native/libOrthancAwsS3Storage.so"
    assert tree["Plugins"][0] == native
    assert PYTHON in tree["Plugins"]
    assert tree["PythonScript"] == bundled_plugins.SCRIPT
    assert tree["ImagePlugins"] == {"Start": [STARTED], "PythonScript": ""}
    assert tree["Python"] == {"AllowThreads": True}


def test_nothing_changes_without_such_a_plugin(image: Image) -> None:
    """The user's script stays where it was given."""
    script = image.file("/etc/orthanc/script.py", "")
    tree = with_s3(image).tree({"ORTHANC__PYTHON_SCRIPT": script})
    assert tree["PythonScript"] == script
    assert "ImagePlugins" not in tree


def test_users_script_comes_after_it(image: Image) -> None:
    """Both settings that name a script are understood, and the library is loaded once."""
    script = image.file("/etc/orthanc/script.py", "")
    for setting in ("ORTHANC__PYTHON_SCRIPT", "ORTHANC__PYTHON__PATH"):
        tree = with_s3(image).tree({**S3, setting: script})
        assert tree["ImagePlugins"]["PythonScript"] == script
        assert tree["Plugins"].count(PYTHON) == 1


def test_users_script_rests_when_python_is_off(image: Image) -> None:
    """PYTHON_PLUGIN_ENABLED=false is about the user's script, not about plugins that need Python."""
    script = image.file("/etc/orthanc/script.py", "")
    environment = {**S3, "ORTHANC__PYTHON_SCRIPT": script, "PYTHON_PLUGIN_ENABLED": "false"}
    tree = with_s3(image).tree(environment)
    assert (tree["PythonScript"], tree["ImagePlugins"]["PythonScript"]) == (bundled_plugins.SCRIPT, "")


def test_users_own_library_takes_its_place(image: Image) -> None:
    """The official plugin in the user's folder is loaded instead of ours."""
    image.file("/usr/share/orthanc/plugins/libOrthancAwsS3Storage.so", "")
    found = with_s3(image).found(S3)
    assert "ImagePlugins" not in found.tree


def test_threads_cannot_be_off(image: Image) -> None:
    """A setting that would let Orthanc wait for itself is not kept, and the user is told."""
    environment = {**S3, "ORTHANC__PYTHON__ALLOW_THREADS": "false"}
    assert with_s3(image).warnings(environment) == [
        "ORTHANC__PYTHON__ALLOW_THREADS: 'Python.AllowThreads' stays on, because AwsS3Storage"
        " needs it. Leave it out."
    ]
    assert image.found(environment).tree["Python"] == {"AllowThreads": True}


def test_python_itself_must_be_there(image: Image) -> None:
    """Without the library of Python there is one problem, which names the plugin that needs it."""
    (image.path / PYTHON.removeprefix("/")).unlink()
    assert with_s3(image).problems(S3) == [
        "Python: libOrthancPython.so is missing, and AwsS3Storage cannot work without it."
        f" Leave it in {AVAILABLE}."
    ]


def test_settings_show_their_origin(image: Image) -> None:
    """What the enabled plugins make of the settings is told with what the user gave."""
    script = image.file("/etc/orthanc/script.py", "")
    history = with_s3(image).found({**S3, "ORTHANC__PYTHON_SCRIPT": script}).history()
    assert [(each.origin, each.value) for each in history["PythonScript",]] == [
        ("ORTHANC__PYTHON_SCRIPT", script),
        ("enabled plugins", bundled_plugins.SCRIPT),
    ]
    assert [each.value for each in history["ImagePlugins", "Start"]] == [[STARTED]]


def test_component_of_npm_is_ours_too(image: Image) -> None:
    """A plugin that comes with a bundle from npm is started in the same way."""
    tree = with_s3(image, "npm").tree(S3)
    assert tree["ImagePlugins"]["Start"] == [STARTED]


def test_component_of_debian_is_not(image: Image) -> None:
    """A plugin that should be a library, and is not there, is absent."""
    assert len(with_s3(image, "debian").problems(S3)) == 1
