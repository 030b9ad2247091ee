"""The builder that does the work: the engine itself, or another one, whose images come to the engine."""

from __future__ import annotations

import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from builder.errors import EngineError, UsageError, writing
from builder.reading import guess
from builder.shell import Runner, run

CHOSEN = "BUILDX_BUILDER"
"""The variable that names a builder where the command line does not."""
PASSING = "orthanc-images-passing"
"""Images on their way from another engine have names below it, so that no other image is touched."""
TIMEOUT = 60.0
PATIENCE = 300.0
"""Seconds for a stopped builder to start in; one in a cluster may have to pull its own image first."""

_FACT = re.compile(r"^(?P<key>\w[\w ]*):[ \t]*(?P<value>.*)$", re.MULTILINE)
_ROW = re.compile(r"^(?P<name>[^\s*]+)\*?\s", re.MULTILINE)


@dataclass(frozen=True)
class Builder:
    """One builder: its name (empty for the one in use), and where its images go."""

    name: str = ""
    context: str = ""
    """The Docker context of an engine that builds into itself; empty if buildx brings the images here."""
    elsewhere: bool = False
    """Whether that engine is not the one in use."""

    def buildx(self, client: str) -> list[str]:
        """Return the start of a buildx command for this builder.

        An engine is used through its own context: buildx refuses it from any other.
        """
        return [*_through(client, self.context), "buildx"]

    @property
    def options(self) -> tuple[str, ...]:
        """Return the options that name this builder."""
        return ("--builder", self.name) if self.name else ()


IN_USE = Builder()
"""The builder in use, which is the engine itself unless another was selected with buildx."""


def find(client: str, name: str, platform: str, runner: Runner = run) -> Builder:
    """Return the buildx builder `name`, which must support `platform`; it is started if necessary.

    Without a name, it is the one in use, and nothing is checked.

    Raises:
        UsageError: when the builder does not exist, or cannot build for `platform`.
        EngineError: when it does not answer.
    """
    if not name:
        return IN_USE
    done = runner([client, "buildx", "inspect", "--bootstrap", name], check=False, timeout=PATIENCE)
    facts: dict[str, str] = {}
    for fact in _FACT.finditer(done.stdout):
        facts.setdefault(fact["key"], fact["value"].strip())
    trouble = facts.get("Error", "") if not done.code else _last(done.stderr)
    known = _names(client, runner) if trouble else []
    if trouble and name not in known:
        remedy = f"{guess(name, known)}; create it with docker buildx create (docs/builders.md)"
        raise UsageError(f"builder: {name!r} does not exist", remedy=remedy)
    if trouble:
        remedy = f"Inspect it with docker buildx inspect {name}, or choose another builder"
        raise EngineError(f"builder: {name!r} cannot be used: {trouble}", remedy=remedy)
    _demand(platform, facts.get("Platforms", ""), name)
    if facts.get("Driver") != "docker":
        return Builder(name)
    context = facts.get("Endpoint") or name
    return Builder(name, context, _identity(client, context, runner) != _identity(client, "", runner))


@contextmanager
def arriving(
    client: str, builder: Builder, images: Mapping[str, Sequence[str]], folder: Path, runner: Runner = run
) -> Iterator[list[str]]:
    """Bring the images built in the block to the engine in use, under the names in `images`, by target.

    Yields the options of `docker buildx bake` that this needs. With most builders, buildx brings the images
    here itself; another engine keeps them, so they go through a file in `folder`, under temporary names,
    which are removed from both engines at the end.
    """
    if not builder.elsewhere:
        yield []
        return
    token = secrets.token_hex(6)
    passing = {target: f"{PASSING}/{target}:{token}" for target in images}
    try:
        yield [word for target, tag in passing.items() for word in ("--set", f"{target}.tags={tag}")]
        with writing(folder), tempfile.TemporaryDirectory(dir=folder) as place:
            saved = Path(place) / "images.tar"
            there = _through(client, builder.context)
            runner([*there, "image", "save", "--output", saved, *passing.values()])
            runner([client, "image", "load", "--quiet", "--input", saved])
        for target, tags in images.items():
            for tag in tags:
                runner([client, "image", "tag", passing[target], tag])
    finally:
        for words in ([client], _through(client, builder.context)):
            runner([*words, "image", "rm", *passing.values()], check=False)


def _through(client: str, context: str) -> list[str]:
    return [client, "--context", context] if context else [client]


def _names(client: str, runner: Runner) -> list[str]:
    """Return the names of the builders that buildx lists; rows of their nodes are indented."""
    listed = runner([client, "buildx", "ls"], check=False, timeout=TIMEOUT).stdout
    return [row["name"] for row in _ROW.finditer(listed.partition("\n")[2])]


def _last(text: str) -> str:
    """Return the last line of buildx's error message."""
    return text.strip().rpartition("\n")[2].removeprefix("ERROR: ") or "no message"


def _demand(platform: str, able: str, name: str) -> None:
    """Check that a builder with the platforms `able` can build for `platform`."""
    platforms = [one.strip(" *") for one in able.split(",") if one.strip()]
    if platform not in platforms:
        raise UsageError(
            f"builder: {name!r} cannot build for {platform}",
            remedy=f"It builds for {', '.join(platforms) or 'no platform'}: "
            "name one of them with --platform, or install emulation there",
        )


def _identity(client: str, context: str, runner: Runner) -> str:
    """Return the identifier that the engine of `context` (empty: the one in use) gave itself."""
    words = [*_through(client, context), "info", "--format", "{{.ID}}"]
    return runner(words, check=False, timeout=TIMEOUT).stdout.strip()
