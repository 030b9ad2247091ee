"""Variables in the text of a JSON document, in the forms that envsubst and the shell have.

They are replaced before the text is read as JSON, so that they may stand in keys and without quotes too. What
is put in stays within its string or is a whole JSON value, so that no text can break out of its place.
"""

from _json import encode_basestring_ascii

from startup import jsonc
from startup.errors import UnreadableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")

OPERATORS = (":-", ":=", ":?", ":+", "-", "=", "?", "+")

MARK = "\0"


class Reference:
    """A variable in a text: its name, its operator, the words after that (from, to), and where it ends."""

    __slots__ = ("end", "name", "operator", "words")

    def __init__(self, name: str, operator: str, words: tuple[int, int], end: int) -> None:
        self.name = name
        self.operator = operator
        self.words = words
        self.end = end


class Fault:
    """A variable that cannot be replaced: where it begins, its name, what is wrong, and what to do."""

    __slots__ = ("index", "name", "remedy", "what")

    def __init__(self, index: int, name: str, what: str, remedy: str) -> None:
        self.index = index
        self.name = name
        self.what = what
        self.remedy = remedy


def closing(text: str, start: int, stop: int, quoted: bool) -> int:
    """Return the index of the brace that closes the one before ``start``, or -1.

    Inner ``${…}`` are skipped; outside of strings, whole objects and strings are too.
    """
    depth = 1
    at = start
    while at < stop:
        c = text[at]
        if c == '"' and not quoted:
            at = jsonc.string_end(text, at)
            continue
        if c == "{" and (not quoted or text[at - 1] == "$"):
            depth += 1
        elif c == "}":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return -1


def reference(text: str, dollar: int, stop: int, quoted: bool = True) -> Reference | None:
    """Return the reference that begins at a ``$``, or None when none does."""
    braces = text.startswith("{", dollar + 1, stop)
    start = after = dollar + 2 if braces else dollar + 1
    while after < stop and text[after] in CHARACTERS:
        after += 1
    name = text[start:after]
    if not name or name[0].isdigit():
        return None
    if not braces:
        return Reference(name, "", (after, after), after)
    end = closing(text, after, stop, quoted)
    operator = next((each for each in OPERATORS if text.startswith(each, after)), "")
    if end < 0 or (not operator and after != end):
        return None
    return Reference(name, operator, (after + len(operator), end), end + 1)


def holds_reference(text: str) -> bool:
    """Tell whether a text holds a variable in braces."""
    at = 0
    while (at := text.find("${", at)) >= 0:
        if reference(text, at, len(text)) is not None:
            return True
        at += 2
    return False


class Replacement:
    """A JSON text, without comments, with its variables replaced; and what was found on the way.

    ``left`` holds each ``$`` that stays although it seems to begin a variable, with the name of that variable
    when there is one. With ``only_braces``, ``$NAME`` stays as it is. A variable with a fault becomes the
    number of the fault between two MARKs. ``names`` are those of the variables that were looked up.
    """

    __slots__ = ("_shifts", "environment", "faults", "left", "names", "only_braces", "source", "text")

    def __init__(self, source: str, environment: "Mapping[str, str]", only_braces: bool = False) -> None:
        self.source = source
        self.environment = environment
        self.only_braces = only_braces
        self.faults: list[Fault] = []
        self.left: list[tuple[int, str]] = []
        self.names: set[str] = set()
        self._shifts: list[tuple[int, int, int, int]] = []
        self.text = self._whole()

    def located(self, error: UnreadableError) -> UnreadableError:
        """Return an error in the new text with its place in the source."""
        if not error.line:
            return error
        new = 0
        for _ in range(error.line - 1):
            new = self.text.index("\n", new) + 1
        return UnreadableError(error.what, *jsonc.position(self.source, self._old(new + error.column - 1)))

    def _old(self, new: int) -> int:
        """Return the index into the source for an index into the new text."""
        shift = 0
        for new_start, new_end, old_start, old_end in self._shifts:
            if new < new_start:
                break
            if new < new_end:
                return old_start
            shift = old_end - new_end
        return new + shift

    def _whole(self) -> str:
        """Return the whole new text."""
        pieces: list[str] = []
        at = length = 0
        for start, end, text in self._spots(0, len(self.source), 0, top=True):
            length += start - at
            self._shifts.append((length, length + len(text), start, end))
            pieces += (self.source[at:start], text)
            length += len(text)
            at = end
        return "".join(pieces) + self.source[at:]

    def _spots(self, at: int, stop: int, inside: int, top: bool = False) -> "Iterator[tuple[int, int, str]]":
        """Yield each spot to replace (from, to) with its new text; up to ``inside`` it is in a string."""
        source = self.source
        while (dollar := source.find("$", at, stop)) >= 0:
            while inside <= dollar and (quote := source.find('"', max(inside, at), dollar)) >= 0:
                inside = min(jsonc.string_end(source, quote), stop)
            quoted = dollar < inside
            at, text = self._spot(dollar, inside if quoted else stop, quoted, top)
            yield dollar, at, text

    def _spot(self, dollar: int, stop: int, quoted: bool, top: bool) -> tuple[int, str]:
        """Return where the spot that begins at a ``$`` ends, and its new text."""
        end = dollar
        while end < stop and self.source[end] == "$":
            end += 1
        count = end - dollar
        if count > 1 and self.source.startswith("{", end, stop):
            return end + 1, "$" * (count - 1) + "{"
        found = reference(self.source, end - 1, stop, quoted)
        plain = not self.source.startswith("{", end, stop)
        if found is None or (plain and (count > 1 or (self.only_braces and quoted))):
            if not plain or (found is not None and found.name in self.environment):
                self.left.append((end - 1, "" if found is None else found.name))
            return end, "$" * count
        if plain and quoted and found.name not in self.environment:
            return end, "$"
        text = self._value(found, dollar, quoted)
        return found.end, text if quoted or not top else self._fragment(found, dollar, text)

    def _value(self, found: Reference, index: int, quoted: bool) -> str:
        """Return the text for a variable: its value or its words, as the operator has it."""
        self.names.add(found.name)
        given = self.environment.get(found.name)
        there = given is not None and (given != "" or not found.operator.startswith(":"))
        kind = found.operator[-1:]
        if kind == "+":
            return self._words(found, quoted) if there else ""
        if there and given is not None:
            if jsonc.halved(given):
                fault = Fault(index, found.name, "is not text in UTF-8", "Write it in UTF-8.")
                return self._failed(fault, quoted)
            return encode_basestring_ascii(given)[1:-1] if quoted else given
        if kind in ("-", "="):
            return self._words(found, quoted)
        words = self.source[slice(*found.words)].strip()
        how = sentence(words) if words else undefined(found.name)
        what = "is not defined" if given is None else "is empty"
        return self._failed(Fault(index, found.name, what, how), quoted)

    def _words(self, found: Reference, quoted: bool) -> str:
        """Return the words of a reference with the variables in them replaced."""
        at, stop = found.words
        pieces: list[str] = []
        for start, end, text in self._spots(at, stop, stop if quoted else at):
            pieces += (self.source[at:start], text)
            at = end
        return "".join(pieces) + self.source[at:stop]

    def _failed(self, fault: Fault, quoted: bool) -> str:
        """Note a fault; return the mark that stands for it."""
        self.faults.append(fault)
        mark = f"{MARK}{len(self.faults) - 1}{MARK}"
        return encode_basestring_ascii(mark)[1:-1] if quoted else mark

    def _fragment(self, found: Reference, index: int, text: str) -> str:
        """Return the JSON for a variable that stands without quotes: that in its value, else its text.

        Where members or items stand, the value may hold several of them.
        """
        word = text.strip()
        if MARK in word or self.source[found.end :].lstrip(jsonc.BLANKS).startswith(":"):
            return word if is_string(word) else encode_basestring_ascii(word)
        member = self.source[:index].rstrip(jsonc.BLANKS).endswith(":")
        if not word:
            fault = Fault(index, found.name, "is empty", "Give it a value, or leave the setting out.")
            return encode_basestring_ascii(self._failed(fault, quoted=False)) if member else ""
        try:
            return whole(jsonc.uncommented(word), member)
        except UnreadableError as error:
            if word[0] not in '{["':
                return encode_basestring_ascii(word)
            place = f"{error.place()} of its value" if error.line else ""
            what = f"is not valid JSON: {error.what}{place}"
            fault = Fault(index, found.name, what, "Correct it there.")
            return encode_basestring_ascii(self._failed(fault, quoted=False))


def whole(text: str, member: bool) -> str:
    """Return a text that is a JSON value or, except for a member's value, several items or members.

    Raise UnreadableError when it is none of these.
    """
    try:
        jsonc.value(text)
    except UnreadableError:
        if member or not text.strip():
            raise
        for brackets in ("[]", "{}"):
            try:
                jsonc.value(f"{brackets[0]}{text}{brackets[1]}")
            except UnreadableError:
                continue
            return text
        raise
    return text


def is_string(text: str) -> bool:
    """Tell whether a text is one JSON string."""
    try:
        return isinstance(jsonc.value(text), str)
    except UnreadableError:
        return False


def sentence(words: str) -> str:
    """Return the words as a sentence."""
    return f"{words[0].upper()}{words[1:].rstrip('.')}."


def undefined(name: str) -> str:
    """Return what to do about a variable that is not defined."""
    return f"Define it, give a default as in ${{{name}:-default}}, or write $${{ for a literal ${{."


def faults_in(value: object) -> list[int]:
    """Return the numbers of the faults that are marked in a value, keys included."""
    if isinstance(value, dict):
        return [number for pair in value.items() for item in pair for number in faults_in(item)]
    if isinstance(value, list):
        return [number for item in value for number in faults_in(item)]
    if isinstance(value, str) and MARK in value:
        return [int(each) for each in value.split(MARK)[1::2] if each.isdecimal()]
    return []
