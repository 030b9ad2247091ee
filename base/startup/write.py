"""The configuration as the file that Orthanc loads."""

import os
from _json import encode_basestring_ascii

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PLACES = ("/tmp", "/dev/shm")
NAME = "orthanc.json"


def text(value: object, indent: str = "", spell: "Callable[[str], str]" = encode_basestring_ascii) -> str:
    """Return the value as JSON in lines, as people want it; ``spell`` makes the texts in it."""
    inner = indent + "  "
    if isinstance(value, dict):
        lines = [f"{spell(key)}: {text(item, inner, spell)}" for key, item in value.items()]
        return block("{}", lines, indent)
    if isinstance(value, list):
        return block("[]", [text(item, inner, spell) for item in value], indent)
    if isinstance(value, str):
        return spell(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def block(brackets: str, lines: list[str], indent: str) -> str:
    """Return lines within brackets, indented."""
    if not lines:
        return brackets
    inner = ",\n".join(f"{indent}  {line}" for line in lines)
    return f"{brackets[0]}\n{inner}\n{indent}{brackets[1]}"


def compact(value: object) -> str:
    """Return the value as JSON in one line."""
    return " ".join(line.strip() for line in text(value).split("\n"))


def escaped_but(value: str) -> str:
    """Return a text as JSON has it, without its quotes and with characters beyond 16 bits as they are."""
    ascii_only = (encode_basestring_ascii(c)[1:-1] if c <= "\uffff" else c for c in value)
    return "".join(ascii_only).replace("\x7f", "\\u007f")


def for_orthanc(value: object) -> str:
    """Return the value as JSON with every ``$`` as an escape, so that Orthanc replaces no variables in it."""
    return text(value, "", escaped)


def escaped(value: str) -> str:
    """Return a text as JSON has it, without a ``$``."""
    return encode_basestring_ascii(value).replace("$", "\\u0024")


def written(root: str, content: str) -> str:
    """Write the configuration file whole or not at all, readable by its owner only; return its path.

    Raise OSError when no place can be written.
    """
    failure: OSError | None = None
    for folder in PLACES:
        path = f"{folder}/{NAME}"
        try:
            replace(root + path, content)
        except OSError as error:
            failure = failure or error
            continue
        return path
    assert failure is not None
    raise failure


def replace(path: str, content: str) -> None:
    """Put a new file in the place of the old one, if there is one."""
    draft = f"{path}.{os.getpid()}"
    remove(draft)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        handle = os.open(draft, flags, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(content)
            file.write("\n")
        os.replace(draft, path)
    except OSError:
        remove(draft)
        raise


def remove(path: str) -> None:
    """Remove a file if it is there."""
    try:
        os.unlink(path)
    except OSError:
        return
