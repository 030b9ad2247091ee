"""Making build.lock: every provider is asked for what build.toml wants."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from builder import lock
from builder.errors import BuildError, LockError, writing
from builder.lock import Lock
from builder.model import Definition
from builder.providers import debian, npm, pypi
from builder.shell import Runner, run
from builder.store import Store, folder


def resolved(definition: Definition, environment: Mapping[str, str], *, runner: Runner = run) -> Lock:
    """Return a new lock of `definition`, as the mirrors and indexes have things now."""
    mirrors = debian.mirrors(environment, runner)
    snapshot, packages = debian.resolve(definition, mirrors, runner=runner)
    return Lock(
        suite=definition.debian.suite,
        snapshot=snapshot,
        wanted=lock.wanted(definition),
        packages=packages,
        wheels=pypi.resolve(definition, runner=runner),
        bundles=npm.resolve(definition, Store(folder(environment)), environment),
    )


def write(path: Path, new: Lock) -> list[str]:
    """Replace the file at `path` by the text of `new`, and return what changed, a line each.

    A damaged file counts as none: writing it anew is its remedy.
    """
    try:
        old = lock.load(path)
    except BuildError:
        old = None
    temporary = path.with_suffix(".new")
    with writing(path):
        temporary.write_text(lock.text(new), encoding="utf-8")
        temporary.replace(path)
    return changes(old, new)


def changes(old: Lock | None, new: Lock) -> list[str]:
    """Return in what `new` differs from `old`: packages by platform, added, gone or of another version."""
    found = []
    for platform in sorted({*(old.packages if old else {}), *new.packages}):
        before, after = _versions(old, platform), _versions(new, platform)
        for name in sorted({*before, *after}):
            then, now = before.get(name, "—"), after.get(name, "—")
            if then != now:
                found.append(f"{platform}  {name}  {then} → {now}")
    bundles = ({bundle.name: bundle.version for bundle in one.bundles} if one else {} for one in (old, new))
    before, after = bundles
    return found + [
        f"{name}  {before.get(name, '—')} → {after.get(name, '—')}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def check(path: Path, definition: Definition) -> None:
    """Return when the lock at `path` is that of `definition`, and its text is what `./inv lock` writes.

    Raises:
        LockError: when it is absent, stale, or was edited by hand.
    """
    found = lock.current(path, definition)
    if path.read_text(encoding="utf-8") != lock.text(found):
        raise LockError(f"{path.name}: was edited by hand", remedy="Write it anew with: ./inv lock")


def _versions(found: Lock | None, platform: str) -> dict[str, str]:
    if found is None:
        return {}
    debs = {one.name: one.version for layer in found.packages.get(platform, {}).values() for one in layer}
    wheels = {one.name: one.version for one in found.wheels.get(platform, ())}
    return debs | wheels
