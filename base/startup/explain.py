"""Where each setting came from, in lines for people."""

from startup import defaults, mask, names, special, write
from startup.catalogue import Catalogue, Setting
from startup.configuration import Configuration
from startup.merge import Path, Value, at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def lines(found: Configuration, catalogue: Catalogue, show: bool = False, below: Path = ()) -> list[str]:
    """Return one line for each setting below a path: its value, its origin, and what it overrode."""
    return [
        line(path, values, catalogue, show)
        for path, values in sorted(found.history().items())
        if path[: len(below)] == below
    ]


def line(path: Path, values: list[Value], catalogue: Catalogue, show: bool) -> str:
    """Return the line for one setting."""
    text = f"{'.'.join(path)} = {shown(values[-1].value, path, catalogue, show)}  ({values[-1].origin}"
    for value in reversed(values[:-1]):
        text += f"; over {shown(value.value, path, catalogue, show)} from {value.origin}"
    return text + ")"


def shown(value: object, path: Path, catalogue: Catalogue, show: bool) -> str:
    """Return the value as JSON in one line, hidden where it is secret."""
    return write.compact(value if show else mask.masked(value, path, catalogue))


def setting(path: Path, found: Configuration, catalogue: Catalogue, show: bool = False) -> list[str]:
    """Return all about one setting: value, origin, meaning, type, default, allowed values, variable."""
    known = catalogue.known(path)
    given = at(found.tree, path) is not None
    text = lines(found, catalogue, show, path) if given else [f"{'.'.join(path)} is not set"]
    if known is None:
        return [*text, "  Neither Orthanc nor a plugin of the catalogue has a setting of this name."]
    return text + [f"  {name}: {value}" for name, value in facts(path, known, catalogue) if value]


PRIVATE = ("ORTHANC_JSON", "BEFORE_ORTHANC_STARTUP_SCRIPT")


def special_variable(name: str, environment: "Mapping[str, str]", show: bool) -> list[str]:
    """Return lines about a special variable; its value is hidden if it may hold secrets."""
    text = environment.get(name, "")
    value = write.compact(text if show or name not in PRIVATE else mask.HIDDEN)
    return [f"{name} = {value}" if text else f"{name} is not set", f"  meaning: {special.SPECIAL[name]}"]


def facts(path: Path, known: Setting, catalogue: Catalogue) -> list[tuple[str, str]]:
    """Return the facts about a setting, by name."""
    past = known.successor if known.replacement is None else known.replacement
    deprecated = "" if past is None else f"use {past}" if past else "it has no effect"
    return [
        ("meaning", known.summary),
        ("type", kind(known)),
        ("default", defaults.words(known, catalogue)),
        ("allowed", ", ".join(known.allowed)),
        ("since", known.since),
        ("deprecated", deprecated),
        ("of", catalogue.components[known.path]),
        ("variable", names.variable(path, catalogue)),
    ]


def kind(known: Setting) -> str:
    """Return the type of a setting in words."""
    words = {
        "bool": "true or false",
        "string": "text",
        "int": "whole number",
        "enum": "one of the allowed words",
        "list": "JSON list",
        "texts": "text or JSON list",
        "object": "JSON object",
        "record": "JSON object or list",
        "any": "any JSON value",
    }
    marks = [
        word
        for mark, word in (("secret", "secret"), ("path", "path"), ("required", "required"))
        if mark in known.marks
    ]
    return ", ".join([words[known.kind], *marks])
