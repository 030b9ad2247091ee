"""The plugins of these images that are written in Python: what Orthanc must be told to start them.

Orthanc's Python plugin runs one script. So it is given ours, which starts the enabled plugins and then the
user's own script, of which it knows from a section of its own.
"""

from startup.errors import Finding, warning
from startup.merge import Merged, Path, at
from startup.plugins import Decision

SCRIPT = "/usr/lib/orthanc-image/plugins/start_orthanc_images.py"

SECTION = "ImagePlugins"

NATIVE = {
    name: f"/usr/lib/orthanc-image/native/libOrthanc{name}.so"
    for name in ("AwsS3Storage", "AzureBlobStorage", "GoogleCloudStorage")
}

THREADS = ("Python", "AllowThreads")

SETTINGS: tuple[Path, ...] = (("PythonScript",), THREADS, (SECTION, "Start"), (SECTION, "PythonScript"))


def native(names: list[str]) -> list[str]:
    """The native parts of the plugins of these names, which Orthanc must load before Python."""
    return [NATIVE[name] for name in names if name in NATIVE]


def settings(tree: dict[str, object], names: list[str], decisions: list[Decision]) -> dict[str, object]:
    """The settings of Orthanc with which the plugins of these names are started, and the user's script.

    Python lets its other threads run while it calls Orthanc, because Orthanc may need a plugin of ours to
    answer that call, in another thread.
    """
    section = tree.get("Python")
    return {
        "PythonScript": SCRIPT,
        "Python": {**(section if isinstance(section, dict) else {}), "AllowThreads": True},
        SECTION: {"Start": names, "PythonScript": user_script(tree, decisions)},
    }


def user_script(tree: dict[str, object], decisions: list[Decision]) -> str:
    """The path of the user's script; empty without one, or with the plugin Python off."""
    if not any(each.plugin.name == "Python" and each.enabled for each in decisions):
        return ""
    script = at(tree, ("PythonScript",)) or at(tree, ("Python", "Path"))
    return script if isinstance(script, str) else ""


def findings(result: Merged, names: list[str]) -> list[Finding]:
    """A warning when a setting of the user cannot hold."""
    if at(result.tree, THREADS) is not False:
        return []
    what = f"'Python.AllowThreads' is on all the same, because {' and '.join(names)} needs it"
    return [warning(result.origin(THREADS), what, "Leave it out.")]
