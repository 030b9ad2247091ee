"""JSON with comments: values from text, and for a mistake its line and column.

The scanner is the one in C that the ``json`` module uses. That module itself is only imported to locate a
mistake, because it and ``re`` would cost 8 ms at each start of a container.
"""

from _json import make_scanner

from startup.errors import UnreadableError

BLANKS = " \t\r\n"


class DuplicateError(Exception):
    """An object that has the same key twice."""


class NotFiniteError(Exception):
    """A number that JSON does not have: NaN or one beyond the largest."""


def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object with these members; raises DuplicateError when a key occurs twice."""
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        raise DuplicateError(next(key for key in keys if keys.count(key) > 1))
    return members


def finite(text: str) -> float:
    """The number in this text; raises NotFiniteError when it is too large."""
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise NotFiniteError(text)
    return number


def constant(text: str) -> object:
    """Nothing: NaN and Infinity, which are not JSON, end here."""
    raise NotFiniteError(text)


class Reading:
    """The options of the scanner, in the shape that it asks for."""

    strict = True
    object_hook = None
    object_pairs_hook = staticmethod(unique)
    parse_float = staticmethod(finite)
    parse_int = int
    parse_constant = staticmethod(constant)


SCAN = make_scanner(Reading)  # type: ignore[arg-type]


def string_end(text: str, start: int) -> int:
    """The index after the string that starts at the quote at ``start``."""
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
    """The index after the comment that starts at ``start``, or ``start`` when there is none."""
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
    """As many blanks as the comment has characters, with its line ends kept."""
    if "\n" not in comment:
        return " " * len(comment)
    return "\n".join(" " * len(line) for line in comment.split("\n"))


def uncommented(text: str) -> str:
    """The text with blanks in place of // and /* */ comments, so that every place stays the same."""
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
    """The line and the column, both from 1, of an index into the text."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def mistake(text: str) -> UnreadableError:
    """What is wrong with a text that the scanner has refused, and where."""
    import json

    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return described(text, error.pos, error.msg)
    return UnreadableError("it is not valid JSON")  # pragma: no cover - the two scanners are the same


def described(text: str, index: int, reason: str) -> UnreadableError:
    """The same for a refusal of the ``json`` module, in words that do not depend on its version."""
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
        what = 'a variable needs quotes around it, as in "${NAME}"'
    elif found == "'":
        what = "strings need double quotes"
    elif reason.startswith("Expecting property name") and found != "}":
        what = "keys need double quotes"
    else:
        what = f"'{found}' is not expected"
    return UnreadableError(what, *position(text, index))


def value(text: str) -> object:
    """The JSON value in the text; raises UnreadableError with the place of the first mistake."""
    text = uncommented(text.removeprefix("\ufeff"))
    start = len(text) - len(text.lstrip(BLANKS))
    if start == len(text):
        raise UnreadableError("there is nothing in it")
    try:
        found, end = SCAN(text, start)
    except DuplicateError as error:
        raise UnreadableError(f"the key '{error}' is given twice in one object") from None
    except NotFiniteError as error:
        raise UnreadableError(f"{error} is not a number in JSON") from None
    except RecursionError:
        raise UnreadableError("it is nested too deeply") from None
    except (StopIteration, ValueError):
        raise mistake(text) from None
    rest = text[end:].lstrip(BLANKS)
    if rest:
        raise described(text, len(text) - len(rest), "")
    return found
