"""Variables inside string values: ``${NAME}`` and ``${NAME:-default}``; ``$${`` stands for ``${`` itself."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def is_name(text: str) -> bool:
    """Tell whether the text can name a variable: letters, digits and _, not beginning with a digit."""
    return text.isascii() and text.isidentifier()


def closing(text: str, start: int) -> int:
    """Return the index of the brace that closes the one before ``start``, or -1; skip inner ``${…}``."""
    depth = 1
    at = start
    while at < len(text):
        if text.startswith("${", at):
            depth += 1
            at += 1
        elif text[at] == "}":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return -1


def replaced(text: str, environment: "Mapping[str, str]") -> tuple[str, list[str]]:
    """Return the text with its variables replaced, and the names of those that are not defined.

    A variable that is empty counts as not defined. What is put in is not looked at again.
    """
    pieces: list[str] = []
    undefined: list[str] = []
    at = 0
    while (dollar := text.find("${", at)) >= 0:
        end = closing(text, dollar + 2)
        name, default, fallback = text[dollar + 2 : max(end, 0)].partition(":-")
        if dollar > at and text[dollar - 1] == "$":
            pieces.append(text[at : dollar - 1] + "${")
        elif end < 0 or not is_name(name):
            pieces.append(text[at : dollar + 2])
        else:
            value, missing = looked_up(name, fallback if default else None, environment)
            pieces.append(text[at:dollar] + value)
            undefined += missing
            at = end + 1
            continue
        at = dollar + 2
    return "".join(pieces) + text[at:], undefined


def looked_up(name: str, fallback: str | None, environment: "Mapping[str, str]") -> tuple[str, list[str]]:
    """Return the value of a variable or its fallback; and its name as undefined when it has neither."""
    if environment.get(name):
        return environment[name], []
    return ("", [name]) if fallback is None else replaced(fallback, environment)
