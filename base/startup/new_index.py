"""The tags that a new SQLite index gets beside Orthanc's own, and the note that keeps them for its life.

DICOMweb tells them of each instance, and reads each file where the index does not have them. Resources that
were stored without them stay so, hence an index that is there already is left as it is.
"""

import os

from startup import jsonc, plugins, write
from startup.errors import Finding, UnreadableError, problem
from startup.merge import Layer, at
from startup.plugins import Decision, Plugin, PluginIndex

KEY, VARIABLE = "ExtraMainDicomTags", "ORTHANC__EXTRA_MAIN_DICOM_TAGS"
TAGS: dict[str, object] = {"Instance": ["0028,0010", "0028,0011", "0028,0100"]}
"""Rows, Columns and BitsAllocated, by their numbers, since a dictionary of the user may lack their names."""

NOTE = "index-tags.json"
"""The note, beside the index: the tags that it was begun with."""

ORIGIN = "default for a new index"


class NewIndex:
    """The default for the index, if there is one, and the path of the note that has yet to be written."""

    __slots__ = ("layers", "note")

    def __init__(self, layers: list[Layer], note: str = "") -> None:
        self.layers = layers
        self.note = note


def found(decisions: list[Decision], index: PluginIndex, tree: dict[str, object]) -> NewIndex:
    """Return what holds for the index; nothing when it is no SQLite index, or the user gives such tags.

    `tree` has the settings of the user and the defaults of the image. A library of the user's own may be an
    index that nobody knows of, so that none is new then.
    """
    here = [each.plugin for each in decisions if each.enabled and plugins.is_here(each.plugin, index)]
    folder = tree.get("IndexDirectory") or tree.get("StorageDirectory")
    if (
        KEY in tree
        or not folder
        or not isinstance(folder, str)
        or any(keeps_index(plugin, tree) for plugin in here)
    ):
        return NewIndex([])
    note = os.path.join(folder, NOTE)
    tags = noted(index.root + note)
    if tags:
        return NewIndex([Layer(f"{ORIGIN}, kept in {note}", {KEY: tags})])
    wanted = any(plugin.name == "DicomWeb" for plugin in here) and not tree.get("ReadOnly") and not index.own
    if wanted and not is_begun(index.root + folder):
        return NewIndex([Layer(f"{ORIGIN}, as DicomWeb is enabled", {KEY: TAGS})], note)
    return NewIndex([])


def keeps_index(plugin: Plugin, tree: dict[str, object]) -> bool:
    """Tell whether an enabled plugin is Orthanc's index, given its settings."""
    key = plugin.marks.get("index")
    if key is None:
        return False
    given = at(tree, (plugin.sections[0], key))
    return (plugin.defaults().get(key) if given is None else given) is True


def is_begun(folder: str) -> bool:
    """Tell whether there is an index in a folder, or may be one that cannot be seen."""
    try:
        return os.path.getsize(f"{folder}/index") > 0
    except FileNotFoundError:
        return False
    except OSError:
        return True


def noted(path: str) -> dict[str, object]:
    """Return the tags in a note; none without one, or where it is not as it was written."""
    try:
        with open(path, encoding="utf-8") as file:
            tags = jsonc.value(file.read())
    except (OSError, ValueError, UnreadableError):
        return {}
    return tags if isinstance(tags, dict) else {}


def remember(note: str, root: str) -> list[Finding]:
    """Write the note, whole or not at all; return the problem that it cannot be written."""
    path = root + note
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(f"{path}.new", "w", encoding="ascii") as file:
            file.write(f"{write.text(TAGS)}\n")
        os.replace(f"{path}.new", path)
    except OSError as error:
        what = f"it cannot be written ({(error.strerror or '').lower()})"
        how = f"Correct that, or set {VARIABLE}={{}} to go without the tags that it is about."
        return [problem(note, what, how)]
    return []
