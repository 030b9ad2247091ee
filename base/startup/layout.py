"""How AdvancedStorage and Indexer lay out files: what of their settings Orthanc does not start with."""

import os

from startup.merge import at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from startup.configured import Configured

    Wrong = tuple[str, str]

STANDARD = "OrthancDefault"
FORBIDDEN = '}\\<>:"|?*'
WIDEST = 32

IDENTIFYING = (
    ("PatientID", "OrthancPatientID"),
    ("StudyInstanceUID", "OrthancStudyID"),
    ("SeriesInstanceUID", "OrthancSeriesID"),
    ("SOPInstanceUID", "OrthancInstanceID"),
)
"""What tells patients, studies, series and instances apart: tags, and Orthanc's own identifiers."""


def scheme(text: str, overwrites: bool, is_tag: "Callable[[str], bool]") -> "Wrong | None":
    """Return what is wrong with a naming scheme, and what to do about it."""
    if text == STANDARD:
        return None
    if not text or text[0] == "/" or text[-1] == "/":
        return "it is not the path of a file in a storage", "Write one such as {PatientID}/{UUID}{.ext}."
    first, *pieces = text.split("{")
    parts = [piece.partition("}") for piece in pieces]
    literals = [first, *(literal for _, _, literal in parts)]
    keywords = [keyword for keyword, _, _ in parts]
    faults = (
        unclosed([closed for _, closed, _ in parts]),
        *map(unfit, literals),
        *(unknown(keyword, is_tag) for keyword in keywords),
        nameless("_".join(literals).split("/")),
        ambiguous(keywords, overwrites),
    )
    return next((fault for fault in faults if fault is not None), None)


def unclosed(braces: list[str]) -> "Wrong | None":
    """Return that a brace is missing."""
    return None if all(braces) else ("a brace is not closed", "Write } after each keyword.")


def unfit(literal: str) -> "Wrong | None":
    """Return that a text between keywords has what no name should have."""
    if all(character.isprintable() and character not in FORBIDDEN for character in literal):
        return None
    what = f"'{literal}' has a character that no name should have"
    return what, f"Leave it out: {' '.join(FORBIDDEN)}."


def nameless(names: list[str]) -> "Wrong | None":
    """Return that a name in the path is none."""
    if all(name.strip(".") for name in names):
        return None
    return "a name in it is empty, or only dots", "Leave it out."


def unknown(keyword: str, is_tag: "Callable[[str], bool]") -> "Wrong | None":
    """Return what is wrong with a keyword of a scheme."""
    function, _, rest = keyword.partition("(") if keyword.endswith(")") else ("", "", keyword + ")")
    inner = rest[:-1]
    identifies = inner == "UUID" or inner in (own for _, own in IDENTIFYING)
    if not identifies and keyword != ".ext" and not (inner.isalnum() and inner.isascii() and is_tag(inner)):
        how = "Write a DICOM tag such as {PatientID}, {UUID}, {OrthancStudyID} or {.ext}."
        return f"there is no keyword {{{keyword}}}", how
    width = function.removeprefix("pad")
    fits = (
        not function
        or (identifies and function in ("01", "23"))
        or (not identifies and function == "split" and inner.endswith(("Date", "DateTime")))
        or (not identifies and width != function and width.isdecimal() and int(width) <= WIDEST)
    )
    if not fits:
        how = "Write {01(UUID)}, {23(UUID)}, {split(StudyDate)} or {pad6(InstanceNumber)}."
        return f"{{{keyword}}} does not fit", how
    return None


def ambiguous(keywords: list[str], overwrites: bool) -> "Wrong | None":
    """Return that two files could get one name."""
    identified = all(tag in keywords or own in keywords for tag, own in IDENTIFYING)
    if "UUID" in keywords or (identified and not overwrites):
        return None
    more = "" if overwrites else ", or the identifiers of patient, study, series and instance"
    return "two files could get the same name", f"Add {{UUID}}{more}."


def storages(case: "Configured") -> "Iterator[Wrong]":
    """Tell what is wrong with several storages: the one for new files, and the folders."""
    given = at(case.tree, ("AdvancedStorage", "MultipleStorages", "Storages"))
    folders = given if isinstance(given, dict) else {}
    current = at(case.tree, ("AdvancedStorage", "MultipleStorages", "CurrentWriteStorage"))
    if current and current not in folders:
        known = ", ".join(folders) or "none"
        yield f"'{current}' is not one of its Storages ({known})", "Name one of these, or add it."
    for name, path in folders.items():
        if not name or not isinstance(path, str) or not path:
            yield "a storage has no name or no folder", "Write the folder of each, by its name."
            continue
        real = case.root + path
        parent = os.path.dirname(path.rstrip("/")) or "/"
        if not os.path.isdir(real) and not os.path.isdir(case.root + parent):
            yield f"the folder {path} of '{name}' does not exist", "Mount it, or correct the path."
        elif name == current and not os.access(
            real if os.path.isdir(real) else case.root + parent, os.W_OK | os.X_OK
        ):
            what = f"the folder {path} of '{name}', which is for new files, cannot be written"
            yield what, f"Make it writable for the user {os.getuid()}."


def indexing(case: "Configured", section: "tuple[str, ...]") -> "Iterator[Wrong]":
    """Tell what is missing or too much among the settings of indexed folders, where they are indexed."""
    if not case.on(*section, "Enable"):
        return
    if not at(case.tree, (*section, "Folders")):
        yield "'Folders' is not given, and it is on", "Name the folders to index."
    if at(case.tree, (*section, "ParsedExtensions")) and at(case.tree, (*section, "SkippedExtensions")):
        what = "'ParsedExtensions' and 'SkippedExtensions' are both given"
        yield what, "Give only one of both, and leave the other empty."


def indexed(case: "Configured", section: "tuple[str, ...]", folders: list[str]) -> "Iterator[Wrong]":
    """Tell which folder to index is not there, or overlaps with a storage."""
    several = at(case.tree, ("AdvancedStorage", "MultipleStorages", "Storages"))
    own = [at(case.tree, ("StorageDirectory",))]
    own += several.values() if section[0] == "AdvancedStorage" and isinstance(several, dict) else ()
    for folder in folders if case.on(*section, "Enable") else ():
        if len(section) > 1 and not os.path.isdir(case.root + folder):
            yield f"the folder {folder} does not exist", "Mount it, or correct the path."
        for storage in (path for path in own if isinstance(path, str)):
            if within(folder, storage) or within(storage, folder):
                what = f"the folder {folder} overlaps with the storage {storage}"
                yield what, "Index a folder outside of it."


def within(path: str, folder: str) -> bool:
    """Tell whether a path is a folder or below it."""
    return f"{os.path.normpath(path)}/".startswith(f"{os.path.normpath(folder)}/".replace("//", "/"))
