"""Variables inside string values: ``${NAME}`` and ``${NAME:-default}``; ``$${`` stands for ``${`` itself."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def is_name(text: str) -> bool:
    """Whether the text can be the name of a variable: letters, digits and _, not beginning with a digit."""
    return text.isascii() and text.isidentifier()


def closing(text: str, start: int) -> int:
    """The index of the brace that closes the one before ``start``, or -1; inner ``${…}`` are skipped."""
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
    """The text with its variables replaced, and the names of those that are not defined.

    A variable that is empty counts as not defined. What is put in is not looked at again.
    """
    pieces: list[str] = []
    undefined: list[str] = []
    at = 0
    while (dollar := text.find("${", at)) >= 0:
        if text[dollar - 1 : dollar] == "$" and dollar > at:
            pieces.append(text[at : dollar - 1] + "${")
            at = dollar + 2
            continue
        pieces.append(text[at:dollar])
        end = closing(text, dollar + 2)
        name, default, fallback = text[dollar + 2 : max(end, 0)].partition(":-")
        if end < 0 or not is_name(name):
            pieces.append("${")
            at = dollar + 2
            continue
        if environment.get(name):
            pieces.append(environment[name])
        elif default:
            inner, missing = replaced(fallback, environment)
            pieces.append(inner)
            undefined += missing
        else:
            undefined.append(name)
        at = end + 1
    pieces.append(text[at:])
    return "".join(pieces), undefined
