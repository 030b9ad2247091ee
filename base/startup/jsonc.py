"""JSON with comments: values from text, and for a mistake its line and column.

The scanner is the one in C that the ``json`` module uses. That module itself is only imported to locate a
mistake, because it and ``re`` would cost 8 ms at each start of a container.
"""

from _json import make_scanner

from startup.errors import UnreadableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

BLANKS = " \t\r\n"

DIGITS = 100
"""How many digits a number may have; Python refuses to read more than 4300."""

DEEPEST = 100
"""How many levels a value may have; Orthanc itself reads 1000, and what follows here must not run out."""


class DuplicateError(Exception):
    """An object that has the same key twice."""


class NotFiniteError(Exception):
    """A number that JSON does not have, such as NaN, or that is too large."""


def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return the object with these members; raise DuplicateError when a key occurs twice."""
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        raise DuplicateError(next(key for key in keys if keys.count(key) > 1))
    return members


def finite(text: str) -> float:
    """Return the number in this text; raise NotFiniteError when it is too large."""
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise NotFiniteError(text)
    return number


def constant(text: str) -> object:
    """Raise NotFiniteError: NaN and Infinity are not JSON."""
    raise NotFiniteError(text)


def integer(text: str) -> int:
    """Return the whole number in this text; raise NotFiniteError when it has too many digits."""
    if len(text) > DIGITS:
        raise NotFiniteError(text)
    return int(text)


class Reading:
    """The options of the scanner, in the shape that it asks for."""

    strict = True
    object_hook = None
    object_pairs_hook = staticmethod(unique)
    parse_float = staticmethod(finite)
    parse_int = staticmethod(integer)
    parse_constant = staticmethod(constant)


SCAN = make_scanner(Reading)  # type: ignore[arg-type]


def string_end(text: str, start: int) -> int:
    """Return the index after the string that starts at the quote at ``start``."""
    end = start
    while True:
        end = text.find('"', end + 1)
        if end < 0:
            return len(text)
        backslashes = end
        while text[backslashes - 1] == "\\":
            backslashes -= 1
        if (end - backslashes) % 2 == 0:
            return end + 1


def comment_end(text: str, start: int) -> int:
    """Return the index after the comment that starts at ``start``, or ``start`` when there is none."""
    if text.startswith("//", start):
        end = text.find("\n", start)
        return len(text) if end < 0 else end
    if text.startswith("/*", start):
        end = text.find("*/", start + 2)
        if end < 0:
            raise UnreadableError("a comment begins with /* and never ends", *position(text, start))
        return end + 2
    return start


def blanked(comment: str) -> str:
    """Return as many spaces as the comment has characters, with its line ends kept."""
    if "\n" not in comment:
        return " " * len(comment)
    return "\n".join(" " * len(line) for line in comment.split("\n"))


def uncommented(text: str) -> str:
    """Return the text with spaces in place of // and /* */ comments, so that every place stays the same."""
    pieces = []
    at = 0
    while (slash := text.find("/", at)) >= 0:
        quote = text.find('"', at, slash)
        if quote >= 0:
            end = string_end(text, quote)
            pieces.append(text[at:end])
        else:
            end = comment_end(text, slash)
            pieces.append(text[at:slash])
            pieces.append(blanked(text[slash:end]) if end > slash else "/")
            end = max(end, slash + 1)
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


def position(text: str, index: int) -> tuple[int, int]:
    """Return the line and the column, both from 1, of an index into the text."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def mistake(text: str) -> UnreadableError:
    """Return what is wrong with a text that the scanner has refused, and where."""
    import json

    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return described(text, error.pos, error.msg)
    return UnreadableError("it is not valid JSON")  # pragma: no cover - the two scanners are the same


def described(text: str, index: int, reason: str) -> UnreadableError:
    """Return the error behind one of the ``json`` module, in words that do not depend on its version."""
    found = text[index : index + 1]
    before = text[:index].rstrip(BLANKS)
    if reason.startswith(("Invalid control", "Invalid \\")):
        what = "a string holds a line break or a wrong escape (\\n and \\\\ are right ones)"
    elif reason.startswith("Unterminated string"):
        what = "a string begins here and never ends"
    elif not found:
        what = "the text ends too early"
    elif found == ",":
        what = "there is a comma with nothing after it"
    elif found in "}]" and before.endswith(","):
        index = len(before) - 1
        what = "there is a comma with nothing after it"
    elif found == "$":
        what = "a variable is not replaced here"
    elif found == "#":
        what = "comments begin with //, not with #"
    elif found == "'":
        what = "strings need double quotes"
    elif reason.startswith("Expecting property name") and found != "}":
        what = "keys need double quotes"
    else:
        what = f"'{found}' is not expected"
    return UnreadableError(what, *position(text, index))


def repeated(text: str) -> tuple[str, int]:
    """Return the first key that its object has twice, and its index; the text must be JSON otherwise."""
    objects: list[set[object]] = []
    at = 0
    while True:
        if text[at] == '"':
            end = string_end(text, at)
            key, _ = SCAN(text, at)
            if text[end:].lstrip(BLANKS)[:1] == ":":
                if key in objects[-1]:
                    return str(key), at
                objects[-1].add(key)
            at = end
            continue
        if text[at] == "{":
            objects.append(set())
        elif text[at] == "}":
            objects.pop()
        at += 1


def outside(text: str, word: str) -> int:
    """Return the index of a word that the text has somewhere outside of its strings."""
    at = 0
    while (quote := text.find('"', at, text.find(word, at))) >= 0:
        at = string_end(text, quote)
    return text.find(word, at)


def deep(value: object) -> bool:
    """Tell whether a value has too many levels."""
    level = [value]
    for _ in range(DEEPEST):
        level = [child for item in level for child in inside(item)]
    return bool(level)


def inside(value: object) -> "Iterable[object]":
    """Return the values that a value contains."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def halved(value: object) -> bool:
    """Tell whether a text in the value has a lone surrogate, as a wrong escape makes it."""
    if isinstance(value, dict):
        return any(halved(key) or halved(item) for key, item in value.items())
    if isinstance(value, list):
        return any(map(halved, value))
    return isinstance(value, str) and any("\ud800" <= c <= "\udfff" for c in value)


def checked(value: object, text: str) -> object:
    """Return the value of a text; raise UnreadableError for what JSON allows and nobody can use."""
    if text.count("{") + text.count("[") > DEEPEST and deep(value):
        raise UnreadableError("it is nested too deeply")
    if ("\\ud" in text or "\\uD" in text) and halved(value):
        raise UnreadableError("an escape such as \\ud83d stands for half a character only")
    return value


def value(text: str) -> object:
    """Return the JSON value in the text; raise UnreadableError with the place of the first mistake."""
    text = uncommented(text.removeprefix("\ufeff"))
    start = len(text) - len(text.lstrip(BLANKS))
    if start == len(text):
        raise UnreadableError("it is empty")
    try:
        found, end = SCAN(text, start)
    except DuplicateError:
        key, index = repeated(text)
        what = f"the key '{key}' is given twice in one object"
        raise UnreadableError(what, *position(text, index)) from None
    except NotFiniteError as error:
        word = str(error)
        shown = word if len(word) < 30 else f"{word[:27]}..."
        what = f"{shown} is not a number in JSON" if word[-1:].isalpha() else f"{shown} is too large"
        raise UnreadableError(what, *position(text, outside(text, word))) from None
    except RecursionError:
        raise UnreadableError("it is nested too deeply") from None
    except (StopIteration, ValueError):
        raise mistake(text) from None
    rest = text[end:].lstrip(BLANKS)
    if rest:
        raise described(text, len(text) - len(rest), "")
    return checked(found, text)
