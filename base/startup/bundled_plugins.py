"""The plugins of these images that are written in Python: what Orthanc must be told to start them.

Orthanc's Python plugin runs one script. So it is given ours, which starts the enabled plugins and then the
user's own script, of which it knows from a section of its own.
"""

from startup.errors import Finding, warning
from startup.merge import Merged, Path, at
from startup.plugins import Decision, Plugin, native_library

SCRIPT = "/usr/lib/orthanc-image/plugins/start_orthanc_images.py"

SECTION = "ImagePlugins"

THREADS = ("Python", "AllowThreads")

SETTINGS: tuple[Path, ...] = (("PythonScript",), THREADS, (SECTION, "Start"), (SECTION, "PythonScript"))


def native(bundled: list[Plugin]) -> list[str]:
    """Return the native parts of these plugins, which Orthanc must load before Python."""
    return [native_library(library) for plugin in bundled if plugin.native for library in plugin.libraries]


def settings(tree: dict[str, object], bundled: list[Plugin], decisions: list[Decision]) -> dict[str, object]:
    """Return the settings of Orthanc with which these plugins are started, and the user's script.

    Python lets its other threads run while it calls Orthanc, because Orthanc may need such a plugin to
    answer that call, in another thread.
    """
    section = tree.get("Python")
    return {
        "PythonScript": SCRIPT,
        "Python": {**(section if isinstance(section, dict) else {}), "AllowThreads": True},
        SECTION: {
            "Start": [{"Plugin": plugin.name, "Package": plugin.package} for plugin in bundled],
            "PythonScript": user_script(tree, decisions),
        },
    }


def user_script(tree: dict[str, object], decisions: list[Decision]) -> str:
    """Return the path of the user's script; empty without one, or with the plugin Python off."""
    if not any(each.plugin.name == "Python" and each.enabled for each in decisions):
        return ""
    script = at(tree, ("PythonScript",)) or at(tree, ("Python", "Path"))
    return script if isinstance(script, str) else ""


def findings(result: Merged, bundled: list[Plugin]) -> list[Finding]:
    """Return a warning when a setting of the user cannot hold."""
    if at(result.tree, THREADS) is not False:
        return []
    names = " and ".join(plugin.name for plugin in bundled)
    what = f"'Python.AllowThreads' stays on, because {names} needs it"
    return [warning(result.origin(THREADS), what, "Leave it out.")]
