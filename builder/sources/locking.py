"""Writing build.lock: every provider resolves what build.toml asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from builder.console import Console
from builder.errors import BuildError, FetchError, LockError, UsageError, writing
from builder.reading import guess
from builder.shell import Runner, run
from builder.sources import providers
from builder.sources.provider import ProviderAnswer, Request
from builder.sources.store import Store, folder
from builder.spec import lockfile, model
from builder.spec.artifact import ANY, Absence, Artifact
from builder.spec.component import PROVIDERS, SYSTEM
from builder.spec.lockfile import Lock
from builder.spec.model import Definition


@dataclass(frozen=True)
class LockOptions:
    """The options of `./inv lock`: what to resolve (nothing means everything), and how.

    `only` has names of components and providers, `mirror` is the address of a site with upstream's layout,
    and `offline` keeps everything that is locked.
    """

    only: tuple[str, ...] = ()
    mirror: str = ""
    offline: bool = False


@dataclass(frozen=True)
class LockOutcome:
    """A new lock, and a line for each component that its provider did not deliver."""

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
    """Write build.lock of the repository `root`, or only `check` that it matches build.toml.

    Raises:
        BuildError: when something is not available, unless `allow_missing`.
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
) -> LockOutcome:
    """Return a new lock of `definition`, as the providers have things now; what nobody asks for stays.

    Downloaded libraries go to `store`. `today` is a date such as 2026-11-24, by default the current one.

    Raises:
        UsageError: when `options` names something that is neither a component nor a provider.
        LockError: when something to keep is not locked.
    """
    names = asked(definition, options)
    if old is None and SYSTEM not in names:
        raise LockError("lock: there is no lock to keep yet", remedy="Run ./inv lock without options first")
    day = today or datetime.now(UTC).date().isoformat()
    request = Request(definition, names, old, store, environment, options.mirror, day, runner)
    answers = {one.name: one.resolve(request) for one in providers.every()}
    new = _merged(request, answers)
    reasons = lockfile.stale(new, definition)
    if reasons:
        remedy = "Run ./inv lock without --only and --offline"
        raise LockError("lock: the parts to keep do not match build.toml", details=reasons, remedy=remedy)
    return LockOutcome(new, tuple(failure for one in answers.values() for failure in one.failures))


def asked(definition: Definition, options: LockOptions) -> frozenset[str]:
    """Return the names of the components that `options` asks for, and SYSTEM for Debian's packages.

    Those are always resolved together. A component with other providers too is requested from those.

    Raises:
        UsageError: when it names something that is neither a component nor a provider, or contradicts itself.
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


def lacking(outcome: LockOutcome) -> FetchError | None:
    """Return the error that lists what is not available; None when nothing is missing."""
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
    """Return what is asked for now, and for the parts that are kept, what was asked for then."""
    stays = set() if SYSTEM in names else {*definition.layers()}
    for name, terms in PROVIDERS.items():
        if not terms.precompiled:  # what has an address is kept by that, and not as it was asked for
            stays |= {one.name for one in definition.components_from(name) if terms.requests(one)} - {*names}
    before = old.wanted if old else {}
    return {
        key: before.get(key, ()) if key in stays else asked_for
        for key, asked_for in lockfile.wanted(definition).items()
    }


def _merged(request: Request, answers: Mapping[str, ProviderAnswer]) -> Lock:
    """Return the lock of what the providers answered, and of what is locked and was not asked for."""
    definition, old, system = request.definition, request.old, answers[SYSTEM]
    kept = old or Lock("", "", {})
    return Lock(
        suite=definition.debian.suite if system.layers else kept.suite,
        snapshot=system.snapshot or kept.snapshot,
        wanted=_wanted(definition, request.names, old),
        layers=system.layers or kept.layers,
        components=_components(request, answers),
        absent=_absent(answers),
    )


def _components(request: Request, answers: Mapping[str, ProviderAnswer]) -> dict[str, tuple[Artifact, ...]]:
    found: dict[str, list[Artifact]] = {}
    for name, answer in answers.items():
        for platform, held in (*answer.components.items(), *_kept(request, name, answer)):
            found.setdefault(platform, []).extend(held)
    return {platform: tuple(sorted(held)) for platform, held in found.items() if held}


def _kept(request: Request, provider: str, answer: ProviderAnswer) -> Iterator[tuple[str, list[Artifact]]]:
    """Yield, by platform, the locked files of what `provider` was not asked for and says nothing of."""
    definition = request.definition
    components = {one.name for one in definition.components_from(provider)} - {*request.names}
    for platform, held in (request.old.components if request.old else {}).items():
        said = {one.component for one in answer.components.get(platform, ())}
        said |= {one.component for one in answer.absent.get(platform, ())}
        if platform == ANY or definition.serves(provider, platform):
            own = (one for one in held if one.provider == provider)
            yield platform, [one for one in own if one.component in components - said]


def _absent(answers: Mapping[str, ProviderAnswer]) -> dict[str, tuple[Absence, ...]]:
    found: dict[str, list[Absence]] = {}
    for answer in answers.values():
        for platform, held in answer.absent.items():
            found.setdefault(platform, []).extend(held)
    return {platform: tuple(sorted(held)) for platform, held in found.items()}


def before(path: Path) -> Lock | None:
    """Return the lock in the file at `path`; None when it is damaged: the new lock will replace it."""
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
    """Return in what `new` differs from `old`: files by platform, added, gone or of another version."""
    then, now = _versions(old), _versions(new)
    lines = []
    for platform, name in sorted({*then, *now}, key=lambda key: (key[0] == ANY, key)):
        before, after = then.get((platform, name), "—"), now.get((platform, name), "—")
        place = "" if platform == ANY else f"{platform}  "
        if before != after:
            lines.append(f"{place}{name}  {before} → {after}")
    return lines


def demand_current(path: Path, definition: Definition) -> None:
    """Check that the lock at `path` matches `definition`, and that its text is what `./inv lock` writes.

    Raises:
        LockError: when it is missing, stale, or was edited by hand.
    """
    found = lockfile.current(path, definition)
    if path.read_text(encoding="utf-8") != lockfile.text(found):
        raise LockError(f"{path.name}: was edited by hand", remedy="Rewrite it with: ./inv lock")


def _versions(lock: Lock | None) -> dict[tuple[str, str], str]:
    """Return the version of each locked file by platform and name; with its hash, where it has an address."""
    if lock is None:
        return {}
    found = [(platform, one) for platform in lock.layers for one in lock.packages(platform).values()]
    found += [(platform, one) for platform, held in lock.components.items() for one in held]
    return {
        (platform, one.name): f"{one.version} {one.hashed[1][:12]}" if one.date else one.version
        for platform, one in found
    }
