"""Every secret of the catalogue, from every source, right and wrong: none is ever said."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from startup import cli, main, names
from tests.unit.startup.image import CATALOGUE, Image

MARK = "mArKeD-sEcReT"

PATHS = [
    tuple(path.replace("*", "x").split("."))
    for path in CATALOGUE.lines
    if (setting := CATALOGUE.setting(path)) and "secret" in setting.marks
]
"""Each secret setting; where the user chooses a name, it is x."""

DEPTHS = sorted({len(path) for path in PATHS})

SHAPES: dict[str, Any] = {
    "text": MARK,
    "list": [MARK, 1, [MARK]],
    "object": {"y": MARK, "Password": [MARK], "z": {"w": MARK}},
    "text that begins as JSON": f'{{"y": "{MARK}",,}}',
    "text that begins as a list": f'["http://h", "{MARK}"',
}
"""A secret in a value; for most settings all but one are of the wrong kind."""

SOURCES = ("file", "broken file", "secret file", "JSON", "broken JSON", "secret", "pointer", "variable")

COMMANDS = ("check", "print", "explain", "to-json")


def tree(paths: list[tuple[str, ...]], value: Any) -> dict[str, Any]:
    """The settings with this value at each of the paths."""
    found: dict[str, Any] = {}
    for path in paths:
        place = found
        for key in path[:-1]:
            place = place.setdefault(key, {})
        place[path[-1]] = value
    return found


def planted(image: Image, source: str, paths: list[tuple[str, ...]], value: Any) -> dict[str, str]:
    """Put the value into a source at each of the paths; the variables of the container."""
    document = json.dumps(tree(paths, value))
    words = value if isinstance(value, str) else json.dumps(value)
    variables = [names.variable(path, CATALOGUE) for path in paths]
    match source:
        case "file":
            image.file("/etc/orthanc/a.json", document)
        case "broken file":
            image.file("/etc/orthanc/a.json", document[:-1] + ",,")
        case "secret file":
            image.secret("a.json", document)
        case "JSON":
            return {"ORTHANC_JSON": document}
        case "broken JSON":
            return {"ORTHANC_JSON": document[1:]}
        case "secret":
            for name in variables:
                image.secret(name, words)
        case "pointer":
            image.file("/etc/x", words)
            return {f"{name}_FILE": "/etc/x" for name in variables}
        case _:
            return dict.fromkeys(variables, words)
    return {}


def said(image: Image, environment: dict[str, str]) -> Iterator[str]:
    """What the commands write on standard output."""
    for command in COMMANDS:
        output = io.StringIO()
        cli.run([command], environment, image.root, (io.StringIO(), output))
        yield output.getvalue()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("source", SOURCES)
def test_no_secret_is_said(
    source: str, shape: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a start nor a command shows a secret of any setting, also when it is of the wrong kind."""
    for depth in DEPTHS:
        image = Image(tmp_path / str(depth))
        paths = [path for path in PATHS if len(path) == depth]
        environment = {"VERBOSE_STARTUP": "true", **planted(image, source, paths, SHAPES[shape])}
        main.start([], environment, image.root, lambda *_: None)
        answers = "".join(said(image, environment))
        captured = capsys.readouterr()
        shown = [line for line in (answers + captured.out + captured.err).splitlines() if MARK in line]
        assert shown == []


def test_there_are_secrets() -> None:
    """The catalogue has users, peers, databases and stores."""
    assert {("RegisteredUsers", "x"), ("OrthancPeers", "x", "Password"), ("PostgreSQL", "Password")} <= {
        *PATHS
    }
    assert len(PATHS) > 30
