"""Making build.lock: every provider is asked for what build.toml wants."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from builder.console import Console
from builder.errors import BuildError, FetchError, LockError, UsageError, writing
from builder.reading import guess
from builder.shell import Runner, run
from builder.sources import debian, npm, pypi, upstream
from builder.sources.store import Store, folder
from builder.sources.upstream import DownloadSite
from builder.spec import lockfile, model
from builder.spec.lockfile import Bundle, Lock, Package, Wheel
from builder.spec.model import PROVIDERS, Definition

SYSTEM = "debian"
"""Stands for all of Debian's packages, which are resolved together, in a set of names of components."""


@dataclass(frozen=True)
class LockOptions:
    """What a person asks of `./inv lock`: whom to ask (nothing means everybody), and in which way.

    `only` has names of components and of providers, `mirror` is the address of a site with upstream's layout,
    and `offline` keeps all that is locked.
    """

    only: tuple[str, ...] = ()
    mirror: str = ""
    offline: bool = False


@dataclass(frozen=True)
class Outcome:
    """A new lock, and a line for each component that its provider did not give."""

    lock: Lock
    failures: tuple[str, ...] = ()


def command(
    root: Path,
    options: LockOptions,
    environment: Mapping[str, str],
    console: Console,
    *,
    check: bool = False,
    allow_missing: bool = False,
) -> None:
    """Write build.lock of the repository `root`, or only `check` that it is that of build.toml.

    Raises:
        BuildError: when a provider did not give everything, and nobody said that something may be missing.
    """
    definition, path = model.load(root / model.FILE), root / lockfile.FILE
    if check:
        demand_current(path, definition)
        console.say(f"{path.name}: matches {model.FILE}")
        return
    with console.stage("resolving"):
        store = Store(folder(environment))
        outcome = resolved(definition, environment, options, old=before(path), store=store)
        changes = write(path, outcome.lock)
    console.show("\n".join(changes) or "nothing changed")
    error = lacking(outcome)
    if error and not allow_missing:
        raise error
    if error:
        console.say(str(error))


def resolved(
    definition: Definition,
    environment: Mapping[str, str],
    options: LockOptions,
    *,
    old: Lock | None,
    store: Store,
    today: str = "",
    runner: Runner = run,
) -> Outcome:
    """Return a new lock of `definition`, as the providers have things now; what nobody asks for stays.

    Libraries that had to be fetched are in `store`. `today` is a day like 2026-11-24, by default that of now.

    Raises:
        UsageError: when `options` names no component and no provider.
        LockError: when what is to stay is not locked.
    """
    names = asked(definition, options)
    if SYSTEM in names:
        suite = definition.debian.suite
        snapshot, packages = debian.resolve(definition, debian.mirrors(environment, runner), runner=runner)
    elif old is not None:
        suite, snapshot, packages = old.suite, old.snapshot, _copied(old)
    else:
        raise LockError("lock: there is no lock to keep yet", remedy="Run ./inv lock without options first")
    site = DownloadSite(definition.upstream.base, options.mirror or environment.get(upstream.MIRROR, ""))
    answer = upstream.resolve(definition, names, old, site, store, today=today or _today())
    new = Lock(
        suite=suite,
        snapshot=snapshot,
        wanted=_wanted(definition, names, old),
        packages=packages,
        wheels=_wheels(definition, names, old, runner),
        bundles=_bundles(definition, names, old, store, environment),
        libraries=answer.libraries,
        absent=answer.absent,
    )
    reasons = lockfile.stale(new, definition)
    if reasons:
        remedy = "Run ./inv lock without --only and --offline"
        raise LockError("lock: the parts to keep do not match build.toml", details=reasons, remedy=remedy)
    return Outcome(new, answer.failures)


def asked(definition: Definition, options: LockOptions) -> frozenset[str]:
    """Return the names of the components that `options` asks for, and SYSTEM for Debian's packages.

    Those are always resolved together. A component that may come from elsewhere too is asked for there.

    Raises:
        UsageError: when it names no component and no provider, or contradicts itself.
    """
    if options.offline and options.only:
        message = "lock: --only and --offline contradict each other"
        raise UsageError(message, remedy="Leave one out")
    if options.offline:
        return frozenset()
    if not options.only:
        return frozenset({SYSTEM, *definition.components})
    found: set[str] = set()
    for name in options.only:
        if name in PROVIDERS:
            found |= {one.name for one in definition.components_from(name)} if name != SYSTEM else {SYSTEM}
        elif name in definition.components:
            found.add(SYSTEM if definition.components[name].providers == (SYSTEM,) else name)
        else:
            remedy = guess(name, [*PROVIDERS, *definition.components])
            raise UsageError(f"lock: {name!r} is neither a component nor a provider", remedy=remedy)
    return frozenset(found)


def lacking(outcome: Outcome) -> FetchError | None:
    """Return the error that lists what the providers did not give; None when they gave everything."""
    if not outcome.failures:
        return None
    count = len(outcome.failures)
    return FetchError(
        f"lock: {count} component{'s are' if count > 1 else ' is'} not available upstream",
        details=outcome.failures,
        remedy=(
            "The lock was written, and records that. Run the same command where the site can be reached, "
            "name a mirror of it with --upstream-mirror, or accept the gaps with --allow-missing"
        ),
    )


def _wanted(definition: Definition, names: Collection[str], old: Lock | None) -> dict[str, tuple[str, ...]]:
    """Return what is asked for now; of what stays as it was locked, what was asked for then."""
    stays = set() if SYSTEM in names else {*definition.layers()}
    stays |= {one.name for provider in ("pypi", "npm") for one in definition.components_from(provider)} - {
        *names
    }
    before = old.wanted if old else {}
    return {
        key: before.get(key, ()) if key in stays else wishes
        for key, wishes in lockfile.wanted(definition).items()
    }


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _copied(old: Lock) -> dict[str, dict[str, tuple[Package, ...]]]:
    return {platform: dict(layers) for platform, layers in old.packages.items()}


def _wished(definition: Definition, provider: str, names: Collection[str]) -> Definition:
    """Return `definition` with no components but those of `provider` that are in `names`."""
    found = {one.name: one for one in definition.components_from(provider) if one.name in names}
    return replace(definition, components=found)


def _wheels(
    definition: Definition, names: Collection[str], old: Lock | None, runner: Runner
) -> dict[str, tuple[Wheel, ...]]:
    """Return the wheels of all components: of those in `names` the newest ones, of the others the locked."""
    wished = _wished(definition, "pypi", names)
    found = pypi.resolve(wished, runner=runner) if wished.components else {}
    kept = {one.name for one in definition.components_from("pypi")} - {*wished.components}
    return {
        platform: tuple(
            sorted(
                [
                    *found.get(platform, ()),
                    *(one for one in _before(old, platform) if one.component in kept),
                ]
            )
        )
        for platform in definition.platforms
    }


def _before(old: Lock | None, platform: str) -> tuple[Wheel, ...]:
    return old.wheels.get(platform, ()) if old else ()


def _bundles(
    definition: Definition,
    names: Collection[str],
    old: Lock | None,
    store: Store,
    environment: Mapping[str, str],
) -> tuple[Bundle, ...]:
    """Return the bundles of all components: of those in `names` the newest ones, of the others the locked."""
    wished = _wished(definition, "npm", names)
    found = npm.resolve(wished, store, environment) if wished.components else ()
    kept = {one.name for one in definition.components_from("npm")} - {*wished.components}
    return tuple(sorted([*found, *(one for one in (old.bundles if old else ()) if one.component in kept)]))


def before(path: Path) -> Lock | None:
    """Return the lock in the file at `path`; none when it is damaged: writing it anew is its remedy."""
    try:
        return lockfile.load(path)
    except BuildError:
        return None


def write(path: Path, new: Lock) -> list[str]:
    """Replace the file at `path` by the text of `new`, and return what changed, a line each."""
    old = before(path)
    temporary = path.with_suffix(".new")
    with writing(path):
        temporary.write_text(lockfile.text(new), encoding="utf-8")
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
    earlier, later = bundles
    return found + [
        f"{name}  {earlier.get(name, '—')} → {later.get(name, '—')}"
        for name in sorted({*earlier, *later})
        if earlier.get(name) != later.get(name)
    ]


def demand_current(path: Path, definition: Definition) -> None:
    """Return when the lock at `path` is that of `definition`, and its text is what `./inv lock` writes.

    Raises:
        LockError: when it is absent, stale, or was edited by hand.
    """
    found = lockfile.current(path, definition)
    if path.read_text(encoding="utf-8") != lockfile.text(found):
        raise LockError(f"{path.name}: was edited by hand", remedy="Rewrite it with: ./inv lock")


def _versions(found: Lock | None, platform: str) -> dict[str, str]:
    if found is None:
        return {}
    debs = {name: one.version for name, one in found.packages_by_name(platform).items()}
    wheels = {one.name: one.version for one in found.wheels.get(platform, ())}
    libraries = {one.file: f"{one.version} {one.sha256[:12]}" for one in found.libraries.get(platform, ())}
    return debs | wheels | libraries
