"""From a JSON configuration to variables, and back."""

from startup import catalogue, jsonc, names, sources, write
from startup.errors import EXIT_CONFIGURATION, Finding, StartupError, UnreadableError, problems
from startup.merge import Path, at, merged
from startup.sources import World

Catalogue = catalogue.Catalogue

REST = "ORTHANC_JSON"


def variables(tree: dict[str, object], known: Catalogue) -> dict[str, str]:
    """Return the variables that make the same configuration, by name.

    Settings that no variable can express (unknown keys, values of another type) stay in ORTHANC_JSON.
    """
    found: dict[str, str] = {}
    rest = gathered(tree, (), known, found)
    if rest:
        found[REST] = literal(rest)
    return found


def literal(value: object) -> str:
    """Return a value as JSON in one line, in which no variable is replaced."""
    return write.compact(value).replace("$", "\\u0024")


def gathered(
    tree: dict[str, object], above: Path, known: Catalogue, found: dict[str, str]
) -> dict[str, object]:
    """Return what is left of an object when all that variables can express has been added to ``found``."""
    rest: dict[str, object] = {}
    for key, value in tree.items():
        path = (*above, key)
        pattern = known.pattern(path)
        if isinstance(value, dict) and value and pattern and opens(pattern, known):
            below = gathered(value, path, known, found)
            if below:
                rest[key] = below
            continue
        name = names.variable(path, known)
        texts = (text for text in worded(value) if reads_back(name, text, path, value, known))
        text = next(texts, None)
        if text is None:
            rest[key] = value
        else:
            found[name] = text
    return rest


def opens(pattern: str, known: Catalogue) -> bool:
    """Tell whether an object has settings of its own, rather than keys that users choose."""
    children = known.children(pattern)
    return bool(children) and "*" not in children


def worded(value: object) -> list[str]:
    """Return the texts of a variable that may stand for the value, the best one first."""
    if not isinstance(value, str):
        return [literal(value)]
    if not value:
        return []
    return [literal(value)] if "${" in value else [value, literal(value)]


def reads_back(name: str, text: str, path: Path, value: object, known: Catalogue) -> bool:
    """Tell whether a variable with this text gives exactly this value to this setting."""
    pattern = known.pattern(path)
    if pattern is None or names.path(name, known) != (path, pattern):
        return False
    result, findings = tree(World({name: text}), known)
    return same(at(result, path), value) and not problems(findings)


def same(one: object, other: object) -> bool:
    """Tell whether two values are equal and of one type, deep down."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def compose(found: dict[str, str]) -> list[str]:
    """Return the lines of ``environment`` in a compose file; ``$`` is doubled, as compose wants it."""
    return [f"{name}: {quoted(text)}" for name, text in found.items()]


def quoted(text: str) -> str:
    """Return a text in double quotes, for YAML and JSON alike, with ``$`` doubled.

    YAML has no pairs of escapes for the characters beyond 16 bits, which stay as they are.
    """
    spelt = write.escaped_but(text.replace("$", "$$"))
    return f'"{spelt}"'


def environment(text: str) -> dict[str, str]:
    """Return the variables in lines like ``NAME=value`` (env file) and ``NAME: "value"`` (compose file)."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        words = line.strip().removeprefix("- ").strip()
        if not words or words.startswith("#") or words == "environment:":
            continue
        name, colon, value = words.partition(":")
        if colon and "=" not in name:
            found[name.strip()] = unquoted(value.strip(), number)
            continue
        name, equals, value = words.partition("=")
        if not equals:
            message = f"standard input, line {number}: it is not NAME=value. Write one variable a line."
            raise StartupError(EXIT_CONFIGURATION, message)
        found[name.strip()] = value
    return found


def unquoted(value: str, number: int) -> str:
    """Return a value of a compose file, in double quotes, in single quotes or plain; ``$$`` is ``$``."""
    if value.startswith("'") and value.endswith("'") and len(value) > 1:
        return value[1:-1].replace("''", "'").replace("$$", "$")
    if value.startswith('"'):
        try:
            text = jsonc.value(value)
        except UnreadableError as error:
            message = f"standard input, line {number}: {error.what}. Correct it there."
            raise StartupError(EXIT_CONFIGURATION, message) from None
        return str(text).replace("$$", "$")
    return value.replace("$$", "$")


def tree(world: World, known: Catalogue) -> tuple[dict[str, object], list[Finding]]:
    """Return the settings that the variables of a world give, and what is wrong with them."""
    found, findings = sources.variables(world, known)
    layers, wrong = sources.settings(world, known, found)
    result = merged(layers)
    return result.tree, [*findings, *wrong, *result.findings]
