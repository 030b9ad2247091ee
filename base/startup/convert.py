"""Values of the right type: a setting's own, never a guess."""

from startup import jsonc
from startup.catalogue import Catalogue, Setting
from startup.errors import Finding, UnconvertibleError, UnreadableError, problem, warning
from startup.suggest import nearest

YES = ("true", "yes", "on", "1")
NO = ("false", "no", "off", "0")
BOOLEAN = "Write true or false (yes and no, on and off, 1 and 0 also work)."
LARGEST = 2**31 - 1
"""The largest number for any setting: Orthanc ends with exit code 139 when one is larger, or below 0."""

WORDS = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


def boolean(text: str) -> bool:
    """Return what a word for true or false means, in any case; raise UnconvertibleError for others."""
    inner = unquoted(text)
    word = (text if inner is None else inner).strip().lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise UnconvertibleError(f"'{text}' is neither true nor false", BOOLEAN)


def unquoted(text: str) -> str | None:
    """Return the text in a JSON string, or None when the text is none."""
    word = text.strip()
    if len(word) < 2 or word[0] != '"' or word[-1] != '"':
        return None
    try:
        inner, end = jsonc.SCAN(word, 0)
    except (StopIteration, ValueError):
        return None
    return str(inner) if end == len(word) and not jsonc.halved(inner) else None


def is_protected(text: str, inner: str) -> bool:
    """Tell whether the quotes around a text are meant: without them it would be something else."""
    if "\\" in text or inner != inner.strip() or not inner:
        return True
    try:
        jsonc.value(inner)
    except UnreadableError:
        return False
    return True


def quoted(setting: Setting, value: object) -> str:
    """Return the value for a message, or a word for it when it must not be seen."""
    if "secret" in setting.marks:
        return "the value (not shown)"
    if isinstance(value, (dict, list)):
        return WORDS[type(value)]
    shown = jsonc_text(value)
    return f"'{shown if len(shown) < 80 else shown[:77] + '...'}'"


def jsonc_text(value: object) -> str:
    """Return a simple value as JSON has it, text without its quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def typed(setting: Setting, value: object) -> object:
    """Return the value as the setting's type; text is read as such a value, others must fit already.

    Raise UnconvertibleError when it does not fit.
    """
    if value is None and setting.kind != "any":
        if "nullable" in setting.marks:
            return None
        raise UnconvertibleError("null is not allowed", f"Write {expected(setting)}, or leave it out.")
    return READERS[setting.kind](setting, value)


def expected(setting: Setting) -> str:
    """Return what the setting takes, in words."""
    if setting.kind == "enum":
        return "one of " + ", ".join(setting.allowed)
    return {
        "bool": "true or false",
        "string": "text",
        "int": "a whole number",
        "list": 'a JSON list such as ["a", "b"]',
        "texts": "text or a JSON list of texts",
        "object": 'a JSON object such as {"key": "value"}',
        "record": "a JSON object or list",
        "any": "a JSON value",
    }[setting.kind]


def misfit(setting: Setting, value: object) -> UnconvertibleError:
    """Return the error for a value that the setting does not take."""
    shown = quoted(setting, value)
    return UnconvertibleError(f"{shown} is not {expected(setting)}", f"Write {expected(setting)}.")


def as_bool(setting: Setting, value: object) -> object:
    """Return True or false."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return value == 1
    if isinstance(value, str):
        try:
            return boolean(value)
        except UnconvertibleError:
            pass
    raise misfit(setting, value)


def as_string(setting: Setting, value: object) -> object:
    """Return text; a whole number is taken as its digits, so that an AE title may be one."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise misfit(setting, value)


def as_int(setting: Setting, value: object) -> object:
    """Return a whole number within the setting's limits."""
    number = whole(value)
    if number is None:
        raise misfit(setting, value)
    limits = setting.limits
    smallest, largest = limits or (0, LARGEST)
    if not smallest <= number <= largest:
        remedy = f"Write a whole number from {smallest} to {largest}."
        raise UnconvertibleError(f"{quoted(setting, number)} is out of range", remedy)
    if setting.allowed and not limits and str(number) not in setting.allowed:
        words = ", ".join(setting.allowed)
        raise UnconvertibleError(f"{quoted(setting, number)} is not allowed", f"Write one of {words}.")
    return number


def whole(value: object) -> int | None:
    """Return the whole number that is meant, or None."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        digits = value.strip()
        if digits.removeprefix("-").isdecimal() and digits.isascii() and len(digits) <= jsonc.DIGITS:
            return int(digits)
    return None


def as_enum(setting: Setting, value: object) -> object:
    """Return one of the setting's words, in the spelling that Orthanc wants."""
    if isinstance(value, bool) and setting.path == "OverwriteInstances":
        return "Always" if value else "Never"
    if isinstance(value, str):
        if setting.path == "OverwriteInstances" and value.strip().lower() in YES + NO:
            return "Always" if boolean(value) else "Never"
        word = spelled(setting, value)
        if word is not None:
            return word
    elif isinstance(value, int) and str(value) in setting.allowed:
        return str(value)
    raise misfit(setting, value)


SINGULAR = {"patient": "patients", "study": "studies", "instance": "instances"}
"""The levels of DICOM as plugins also take them; the table has the plural."""


def spelled(setting: Setting, text: str) -> str | None:
    """Return the allowed word that a text means, in any case and for a level in the singular too, or None."""
    wanted = text.strip().lower()
    for word in setting.allowed:
        if word.lower() in (wanted, SINGULAR.get(wanted)):
            return word
    return None


def parsed(setting: Setting, text: str) -> object:
    """Return the JSON value in a text; raise UnconvertibleError with the place of the mistake."""
    try:
        return jsonc.value(text)
    except UnreadableError as error:
        what = f"it is not valid JSON: {error.what}{error.place()}"
        raise UnconvertibleError(what, f"Write {expected(setting)}.") from None


def as_list(setting: Setting, value: object) -> object:
    """Return a list, of allowed items only where the setting names them."""
    found = parsed(setting, value) if isinstance(value, str) else value
    if not isinstance(found, list):
        raise misfit(setting, found)
    if not setting.allowed:
        return found
    result: list[object] = []
    for item in found:
        word = spelled(setting, item) if isinstance(item, str) else None
        if word is None:
            words = ", ".join(setting.allowed)
            raise UnconvertibleError(
                f"{quoted(setting, item)} is not allowed in its list", f"Allowed are {words}."
            )
        result.append(word)
    return result


def as_texts(setting: Setting, value: object) -> object:
    """Return text, or a list when the text is one in JSON."""
    if isinstance(value, str) and not value.lstrip().startswith("["):
        return value
    return as_list(setting, value)


def as_object(setting: Setting, value: object) -> object:
    """Return an object."""
    found = parsed(setting, value) if isinstance(value, str) else value
    if not isinstance(found, dict):
        raise misfit(setting, found)
    return found


def as_record(setting: Setting, value: object) -> object:
    """Return an object or a list."""
    found = parsed(setting, value) if isinstance(value, str) else value
    if not isinstance(found, (dict, list)):
        raise misfit(setting, found)
    return found


def as_any(setting: Setting, value: object) -> object:
    """Return any value; text that begins like an object, a list or a quoted text is read as JSON."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "[", '"'):
        return parsed(setting, value)
    return value


READERS = {
    "bool": as_bool,
    "string": as_string,
    "int": as_int,
    "enum": as_enum,
    "list": as_list,
    "texts": as_texts,
    "object": as_object,
    "record": as_record,
    "any": as_any,
}

UNKNOWN = Setting("", "any | | | |")


def unknown(text: str) -> object:
    """Return the value of a setting that the catalogue does not know: JSON where the text is such, else text.

    Raise UnconvertibleError when the text begins like an object or a list and is not one.
    """
    word = text.strip()
    if word in ("true", "false"):
        return word == "true"
    number = whole(word)
    if number is not None and str(number) == word:
        return number
    return as_any(UNKNOWN, text) if word[:1] in ("{", "[") else text


class Source:
    """Where values come from: a label for people, and the folder that relative paths start from.

    ``base`` is the path of the setting that the source as a whole stands for; a document has none.
    """

    __slots__ = ("base", "folder", "label")

    def __init__(self, label: str, folder: str = "/etc/orthanc", base: tuple[str, ...] = ()) -> None:
        self.label = label
        self.folder = folder
        self.base = base


def absolute(value: object, folder: str) -> object:
    """Return a path, or the paths in a list, made absolute: relative ones start from the folder."""
    if isinstance(value, str):
        return value if not value or value.startswith("/") else normalised(f"{folder}/{value}")
    if isinstance(value, list):
        return [absolute(item, folder) for item in value]
    return value


def is_bare_library(setting: Setting, value: object) -> bool:
    """Tell whether a value is the mere name of a library, which the system finds itself."""
    return "library" in setting.marks and isinstance(value, str) and "/" not in value


def normalised(path: str) -> str:
    """Return the path without ``.`` and with ``..`` resolved; a slash at its end is kept."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in ("", ".", ".."):
            parts.append(part)
    return "/" + "/".join(parts) + ("/" if path.endswith("/") and parts else "")


class Conversion:
    """The conversion of one source: what it gives, and what was found on the way."""

    def __init__(self, catalogue: Catalogue, source: Source) -> None:
        self.catalogue = catalogue
        self.source = source
        self.findings: list[Finding] = []

    def place(self, path: tuple[str, ...]) -> str:
        """Return the place of a setting in the source, for a message."""
        if path == self.source.base:
            return self.source.label
        return f"{self.source.label}, '{'.'.join(path)}'"

    def value(self, path: tuple[str, ...], pattern: str, raw: object) -> tuple[object, bool]:
        """Return the value of a known setting, and whether there is one; what is wrong is noted."""
        setting = self.catalogue.setting(pattern)
        assert setting is not None
        try:
            value = typed(setting, raw)
        except UnconvertibleError as error:
            self.findings.append(problem(self.place(path), error.what, error.remedy, path))
            return None, False
        self.note_past(path, setting)
        if "path" in setting.marks and not is_bare_library(setting, value):
            value = absolute(value, self.source.folder)
        if isinstance(value, dict):
            value = self.members(path, pattern, value)
        return value, True

    def note_past(self, path: tuple[str, ...], setting: Setting) -> None:
        """Note a warning when the setting is deprecated, or nothing reads it any more."""
        replacement, successor = setting.replacement, setting.successor
        if replacement is not None:
            remedy = f"Use '{replacement}' instead." if replacement else "Leave it out."
            self.findings.append(warning(self.place(path), f"'{setting.path}' is deprecated", remedy))
        if successor is not None:
            what = f"'{setting.path}' has no effect: older versions read it ({setting.summary})"
            remedy = f"Use '{successor}' instead." if successor else "Leave it out."
            self.findings.append(warning(self.place(path), what, remedy))

    def members(self, path: tuple[str, ...], pattern: str, tree: dict[str, object]) -> dict[str, object]:
        """Return the members of an object at a path, each converted; unknown ones are noted and kept."""
        converted: dict[str, object] = {}
        leaf = bool(pattern) and not self.catalogue.children(pattern)
        for key, raw in tree.items():
            child = self.catalogue.child(pattern, key)
            if child is None:
                converted[key] = raw
                if not leaf:
                    self.note_unknown(path, pattern, key)
                continue
            value, there = self.value((*path, key), child, raw)
            if there:
                converted[key] = value
        return converted

    def note_unknown(self, path: tuple[str, ...], pattern: str, key: str) -> None:
        """Note a warning that neither Orthanc nor a plugin of the catalogue reads a key."""
        known = self.catalogue.children(pattern)
        near = nearest(key, known.values())
        remedy = f"Did you mean '{near}'?" if near else "It is passed on as it is."
        where = self.place((*path, key))
        self.findings.append(warning(where, "there is no such setting", remedy))
