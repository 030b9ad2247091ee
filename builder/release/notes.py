"""Release notes, made by comparing two states of the repository: packages, plugins and settings."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from builder.console import Console
from builder.errors import BuildError, ShellError, UsageError, writing
from builder.shell import Runner, run
from builder.spec import lockfile, model, versions
from builder.spec.lockfile import Lock
from builder.spec.model import Definition

SETTINGS = "base/startup/settings.table"


@dataclass(frozen=True)
class State:
    """What is compared of a state: the versions of packages and plugins by name, and the settings."""

    version: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    plugins: Mapping[str, str] = field(default_factory=dict)
    settings: frozenset[str] = frozenset()


def command(root: Path, since: str, output: str, console: Console) -> None:
    """Print the notes on the repository `root`, or write them to the file `output` below it."""
    notes = text(earlier(root, since), here(root))
    if not output:
        console.show(notes.rstrip())
        return
    path = root / output
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notes, encoding="utf-8")


def here(root: Path) -> State:
    """Return the state of the files below `root`."""
    definition = model.load(root / model.FILE)
    lock = lockfile.load(root / lockfile.FILE)
    return state(definition, lock, (root / SETTINGS).read_text(encoding="utf-8"))


def earlier(root: Path, since: str, runner: Runner = run) -> State:
    """Return the state at the commit `since` (default: the newest tag before this one), empty without one.

    Raises:
        UsageError: when there is no such commit.
    """
    tag = runner(["git", "-C", root, "describe", "--tags", "--abbrev=0", "HEAD^"], check=False)
    reference = since or tag.stdout.strip()
    if not reference:
        return State()
    with tempfile.TemporaryDirectory() as folder:
        for name in (model.FILE, lockfile.FILE, SETTINGS):
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_content(root, reference, name, runner), encoding="utf-8")
        try:
            return here(Path(folder))
        except BuildError as error:
            remedy = "Name a newer commit with --since"
            raise UsageError(f"notes: {reference}: cannot be read: {error.message}", remedy=remedy) from error


def state(definition: Definition, lock: Lock, settings: str) -> State:
    """Return what is compared of a definition, its lock and the table of settings."""
    entries = versions.entries(definition, lock)
    return State(
        version=definition.version,
        packages=_packages(lock),
        plugins=_joined((one.plugin, str(one)) for one in entries if one.version),
        settings=frozenset(_settings(settings)),
    )


def text(old: State, new: State) -> str:
    """Return the notes in Markdown, with a section for plugins, settings and packages that changed.

    Without an earlier state they are those of a first release: what it has, not what changed.
    """
    if old == State():
        return _first(new)
    parts = [
        _section("Plugins", _changes(old.plugins, new.plugins)),
        _section("Settings", _changes(dict.fromkeys(old.settings, ""), dict.fromkeys(new.settings, ""))),
        _section("Packages", _changes(old.packages, new.packages)),
    ]
    same = old.version == new.version
    head = f"# {new.version}, changes" if same else f"# {new.version}, after {old.version}"
    return "\n\n".join([head, *(filter(None, parts) if any(parts) else ["Nothing changed."])]) + "\n"


def _first(new: State) -> str:
    plugins = _section("Plugins", [f"- {name} {version}" for name, version in sorted(new.plugins.items())])
    counts = f"Settings: {len(new.settings)}. Packages: {len(new.packages)}, each named in build.lock."
    return "\n\n".join(filter(None, (f"# {new.version}, first release", plugins, counts))) + "\n"


def _content(root: Path, reference: str, name: str, runner: Runner) -> str:
    try:
        return runner(["git", "-C", root, "show", f"{reference}:{name}"]).stdout
    except ShellError as error:
        raise UsageError(
            f"notes: {reference} has no {name}",
            details=error.details[-1:],
            remedy="Name a commit with --since",
        ) from error


def _packages(lock: Lock) -> dict[str, str]:
    """Return the versions of what goes into images; what only builds is left out."""
    found = [one for held in lock.components.values() for one in held]
    for layers in lock.layers.values():
        for layer, packages in layers.items():
            if layer not in (model.TOOLS, model.COMPILER, model.CHECKER):
                found += packages
    return _joined((one.name, one.version) for one in found)


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return one text for each name, listing its versions where platforms differ."""
    found: dict[str, dict[str, None]] = {}
    for name, version in pairs:
        found.setdefault(name, {})[version] = None
    return {name: ", ".join(sorted(held)) for name, held in sorted(found.items())}


def _settings(table: str) -> Iterator[str]:
    for line in table.splitlines():
        path = line.partition(" | ")[0].strip()
        if path and " | " in line and not line.startswith("#"):
            yield path


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Return a line for each name that was added, was removed, or has another version."""
    lines = []
    for name in sorted({*old, *new}, key=str.lower):
        before, after = old.get(name), new.get(name)
        if before is None:
            lines.append(f"- new: {name} {after}".rstrip())
        elif after is None:
            lines.append(f"- gone: {name} {before}".rstrip())
        elif before != after:
            lines.append(f"- {name} {before} → {after}")
    return lines


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([f"## {title}", "", *lines]) if lines else ""
