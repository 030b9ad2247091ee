"""The start-up code in the image under random environments: an answer, in time, and a documented code."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from startup import catalogue, errors, names
from tests.image.conftest import Start
from tests.system.conftest import Figure

INPUTS = 120
DOCUMENTED = {errors.EXIT_OK, errors.EXIT_USAGE, errors.EXIT_CONFIGURATION}
COMMANDS = (
    ["config", "check"],
    ["config", "print"],
    ["config", "explain"],
    ["/entrypoint", "config", "check"],
)
TEXTS = (
    "",
    "true",
    "0",
    "-1",
    "1e999",
    "[",
    "{" * 2000,
    "${HOME}",
    "\ufeff{}",
    "é" * 300,
    '{"a": [1, null]}',
    "/etc",
)

DRIVER = """
import json, os, subprocess, sys, time
answers = []
for variables, secrets, command in json.load(open("/tmp/inputs.json")):
    for name, text in secrets.items():
        open("/run/secrets/" + name, "w").write(text)
    began = time.monotonic()
    done = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, timeout=60)
    words = (done.stdout + done.stderr).decode(errors="replace")
    answers.append([done.returncode, "Traceback" in words, time.monotonic() - began])
    for name in secrets:
        os.remove("/run/secrets/" + name)
print(json.dumps(answers))
"""


def inputs(count: int) -> list[tuple[dict[str, str], dict[str, str], list[str]]]:
    """Yield variables, secrets and a command, this many times; always the same ones."""
    chance, known = random.Random("startup"), catalogue.load()
    paths = [tuple(path.replace("*", "x").split(".")) for path in known.lines]

    def text() -> str:
        value: Any = chance.choice((*TEXTS, [1, "x"], {"x": {"y": True}}, 12, False, None))
        return value if isinstance(value, str) else json.dumps(value)

    def some() -> dict[str, str]:
        found = {names.variable(chance.choice(paths), known): text() for _ in range(chance.randrange(5))}
        if chance.random() < 0.2:
            found[f"ORTHANC__{chance.randbytes(5).hex().upper()}"] = text()
        if chance.random() < 0.2:
            found["ORTHANC_JSON"] = text()
        return found

    return [(some(), some(), chance.choice(COMMANDS)) for _ in range(count)]


@pytest.mark.timeout(240)
def test_random_environments(start: Start, figure: Figure) -> None:
    """Whatever variables and secrets say: no traceback, no hang, and no exit code but the documented ones."""
    tried = inputs(INPUTS)
    server = start(
        arguments=["sleep", "600"], wait=False, init=True, tmpfs={"/run/secrets": "mode=0777"},
        files={"/tmp/inputs.json": json.dumps(tried), "/tmp/driver.py": DRIVER},
    )  # fmt: skip
    said = server.run("python3", "/tmp/driver.py")
    assert said.code == 0, said.stderr
    answers = json.loads(said.stdout)
    wrong = [
        (given, answer)
        for given, answer in zip(tried, answers, strict=True)
        if answer[0] not in DOCUMENTED or answer[1]
    ]
    figure("inputs tried", len(answers))
    figure("refused", sum(answer[0] != 0 for answer in answers))
    figure("seconds at most", round(max(answer[2] for answer in answers), 1))
    assert wrong == []
