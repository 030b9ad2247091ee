"""Building: from the definition and the lock to images in the local engine, step by step."""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TextIO

from builder.build import bake, contexts, plugin_check, session, times, unchanged
from builder.build.plugin_check import PluginVerdict
from builder.build.session import Session
from builder.build.times import Times
from builder.checkout import manifest
from builder.console import Console, ImageSummary, Progress
from builder.engine import builders, emulation
from builder.engine.builders import Builder
from builder.engine.installation import Engine, Surroundings
from builder.errors import BuildError, ConsentError, ShellError, writing
from builder.shell import Runner, run
from builder.sources import providers
from builder.sources.provider import Delivery
from builder.sources.store import Store, storing
from builder.spec import lockfile, planning, versions
from builder.spec.model import PLATFORMS, Definition
from builder.spec.planning import Commit, Plan

OUT = Path("out")
BUILT = "built.json"
LOG = "build.log"
RACE = "inconsistent graph state"
"""The message of a race in BuildKit's scheduler, which has nothing to do with what is built:
https://github.com/moby/buildkit/issues/2303. The same build works when it is started again."""
ACCEPT = "ACCEPT_EULA"
TOLD = {"BUILDX_METADATA_PROVENANCE": "max"}
"""Makes BuildKit write its full provenance to out/metadata.json, if its version can."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """One image in the engine: its names, identifier and size in bytes, uncompressed."""

    variant: str
    platform: str
    tags: tuple[str, ...]
    identifier: str
    size: int


@dataclass(frozen=True)
class BuildOptions:
    """What to build: variants (none means all), a platform (none means the engine's), and how.

    `builder` is the name of a buildx builder (none means the one in use). `cache` is an image in a registry
    with the layers of earlier builds, and `write_cache` is one that gets the layers of this build.
    """

    variants: tuple[str, ...] = ()
    platform: str = ""
    yes: bool = False
    fresh: bool = False
    builder: str = ""
    cache: str = ""
    write_cache: str = ""

    @property
    def options(self) -> tuple[str, ...]:
        """Return these as options of `docker buildx bake`, except those of the builder."""
        found = ["--no-cache"] if self.fresh else []
        if self.cache:
            found += ["--set", f"*.cache-from=type=registry,ref={self.cache}"]
        if self.write_cache:
            found += ["--set", f"*.cache-to=type=registry,ref={self.write_cache},mode=max"]
        return tuple(found)


@dataclass(frozen=True)
class Outcome:
    """What a build made: its plan, without what was not fit to be shipped, and its images in the engine."""

    plan: Plan
    built: tuple[Built, ...]


def command(root: Path, options: BuildOptions, environment: Mapping[str, str], console: Console) -> Outcome:
    """Build what `options` asks for in the repository `root`; return what was made, and report on it."""
    return build(session.opened(root, environment, console, yes=options.yes), options)


def build(here: Session, options: BuildOptions) -> Outcome:
    """Build what `options` asks for; return what was made, and report on it.

    When nothing has changed since the last build, and its images are in the engine, that is all.
    """
    clock, out = here.clock, here.root / OUT
    with clock.stage("engine"):
        builder = chosen(here, options)
    plan = _prepared(here, options)
    with alone(out, here.console.say), clock.stage("plan"):
        made = _mark(here, plan, options, builder)
        known = unchanged.same(out, made, here.engine.client, here.runner) if made else None
    if known:
        here.console.say("nothing has changed since the last build, and the engine has its images")
        built = [one for one in recorded(here.root) if known.get(one.tags[0]) == one.identifier]
        return _closed(here, plan, built)
    plan = planned(here, options, plan)
    with alone(out, here.console.say):
        with clock.stage("lay out"):
            lay_out(plan, here.store, here.root)
        with clock.stage("build"):
            built = images(here, plan, options=options.options, builder=builder)
            record(built, here.root)
        times.write(Times.of(here.begun, clock.stages), out / times.FILE)
        if made and made == _mark(here, plan, options, builder):  # not edited meanwhile
            unchanged.remember(out, made, {tag: one.identifier for one in built for tag in one.tags})
    return _closed(here, plan, built)


def _closed(here: Session, plan: Plan, built: Sequence[Built]) -> Outcome:
    summaries = [_summary(plan, one) for one in built]
    here.console.closing(summaries, here.clock.stages, versions.lacking(plan))
    return Outcome(plan, tuple(built))


def _mark(here: Session, plan: Plan, options: BuildOptions, builder: Builder) -> str:
    """Return what a build's images are known by, empty for one that is to do its work anew in any case.

    That is one that ignores or writes a cache, or whose libraries are tried first.
    """
    if options.fresh or options.write_cache or plan.doubtful:
        return ""
    how = repr((builder, here.engine, options.cache))
    return unchanged.mark(here.root, [how, *_texts(plan, here.root).values()])


def planned(here: Session, options: BuildOptions, plan: Plan | None = None) -> Plan:
    """Return the plan for `options`, with all its files in the store, and the licences accepted.

    Precompiled libraries are checked first; those that fail are reported and left out of the plan. `plan` is
    the one for `options`, if it was made already.
    """
    plan = plan or _prepared(here, options)
    if plan.platform != native(here.engine):
        emulation.ensure(
            here.engine,
            plan.platform,
            say=here.console.say,
            around=Surroundings(here.environment),
            builder=options.builder,
            yes=options.yes,
            ask=here.console.ask,
        )
    _fetched(here, plan)
    consent(here.definition, plan, here.store, here.environment, yes=options.yes, console=here.console)
    if plan.doubtful:
        verdict = _verdict(here, plan, options)
        if verdict != PluginVerdict({}):
            plan = _prepared(here, options, verdict)
            _fetched(here, plan)
    return plan


def _prepared(here: Session, options: BuildOptions, verdict: PluginVerdict | None = None) -> Plan:
    with here.clock.stage("plan"):
        return prepare(here.root, here.definition, options, native(here.engine), here.runner, verdict)


def _fetched(here: Session, plan: Plan) -> None:
    with here.clock.stage("fetch"), here.console.progress("fetching") as progress:
        fetch(plan, here.store, here.environment, progress, here.runner)


def _verdict(here: Session, plan: Plan, options: BuildOptions) -> PluginVerdict:
    """Return which libraries of `plan` are not shipped and which have another version, and say so."""
    folders, builder = OUT / "context" / plan.architecture, chosen(here, options)
    usual = replace(options, fresh=False, write_cache="").options
    with alone(here.root / OUT, here.console.say), here.clock.stage("check plugins"):
        found = plugin_check.verdict(
            plan,
            here.store.path,
            here.store.root / "tools",
            here.root,
            folders,
            lambda file: _baked(here, builder, file, usual),
        )
    for name, reason in found.refused.items():
        here.console.say(f"{name} is left out: {reason}")
    for name, version in found.versions.items():
        told = here.definition.components[name].version
        here.console.say(f"{name} is {version}: so its library says, and build.toml says {told}")
    return found


def chosen(here: Session, options: BuildOptions) -> Builder:
    """Return the builder of `options`, else that of buildx's own variable in the environment."""
    name = options.builder or here.environment.get(builders.CHOSEN, "")
    return builders.find(here.engine.client, name, options.platform or native(here.engine), here.runner)


def commit(root: Path, runner: Runner = run) -> Commit:
    """Return the current commit of `root`, marked with -dirty if files differ from it."""
    bundle = manifest.find(root)
    if bundle:
        mark = "-dirty" if manifest.changed(bundle, root) else ""
        return Commit(bundle.revision.removesuffix(mark) + mark, bundle.seconds)
    try:
        log = runner(["git", "-C", root, "log", "-1", "--format=%H %ct"])
    except ShellError:
        return Commit("unknown", 0)  # not a repository, or git is not installed
    revision, seconds = log.stdout.split()
    changed = runner(["git", "-C", root, "status", "--porcelain"], check=False).stdout.strip()
    return Commit(revision + ("-dirty" if changed else ""), int(seconds))


def prepare(
    root: Path,
    definition: Definition,
    options: BuildOptions,
    platform: str,
    runner: Runner = run,
    verdict: PluginVerdict | None = None,
    *,
    checking: bool = False,
) -> Plan:
    """Return the plan for `options`, with the lock and the commit of `root`; `platform` is the engine's.

    `verdict` is that of the plugin check on precompiled libraries. `checking` adds what the tests of native
    code need. Images for other platforms than the engine's have the architecture in their tags.
    """
    locked = lockfile.current(root / lockfile.FILE, definition)
    stamp = commit(root, runner)
    plan = planning.make(
        definition,
        locked,
        variants=options.variants or tuple(definition.variants),
        platform=options.platform or platform,
        commit=Commit(stamp.revision, stamp.seconds or locked.epoch),
        root=root,
        refused=verdict.refused if verdict else {},
        told=verdict.versions if verdict else {},
        checking=checking,
    )
    return plan if plan.platform == platform else planning.marked(plan)


def fetch(
    plan: Plan, store: Store, environment: Mapping[str, str], progress: Progress, runner: Runner = run
) -> None:
    """Store every file that `plan` needs in `store`; if all are there already, no network is needed."""
    lacking = store.lacking(one.digest for one in plan.needed)
    delivery = Delivery(plan, store, environment, runner)
    absent = {
        one: [file for file in plan.needed if file.provider == one.name and file.digest in lacking]
        for one in providers.every()
    }
    asked = [(one, files) for one, files in absent.items() if files]
    store.fetch([item for one, files in asked for item in one.wanted(files, delivery)], progress=progress)
    for one, files in asked:
        one.fetch(files, delivery)


def consent(
    definition: Definition,
    plan: Plan,
    store: Store,
    environment: Mapping[str, str],
    *,
    yes: bool,
    console: Console,
) -> None:
    """Check that the licences of the wheels in `plan` are accepted; each text needs to be accepted once.

    Raises:
        ConsentError: when a licence was not accepted.
    """
    agreed = yes or environment.get(ACCEPT, "").upper() in ("Y", "YES")
    for one in (file for variant in plan.targets for file in plan.artifacts(variant) if file.component):
        component = definition.components[one.component]
        text = providers.of(one.provider).licence(component, store.path(one.digest))
        digest = hashlib.sha256(text.encode()).hexdigest()
        place = store.root / "licences" / f"{component.name}-{digest[:16]}.txt"
        accepted = place.with_suffix(".accepted")
        if not text or accepted.exists():
            continue
        with storing(store.root):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        console.say(f"{component.summary} has its own licence: {place}")
        if not (agreed or console.ask(f"Accept the licence of {component.name}?")):
            remedy = f"Read {place}, then build with --yes or {ACCEPT}=Y, or build another variant"
            raise ConsentError(f"{component.name}: its licence was not accepted", remedy=remedy)
        with storing(store.root):
            accepted.touch()


@contextmanager
def alone(out: Path, say: Say) -> Iterator[None]:
    """Lock the folder `out` for the block, after waiting for any other build that uses it.

    The lock is on an open file, so the kernel drops it when the process ends, however that happens.
    """
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        file = (out / "lock").open("w")
    with file:
        try:  # without blocking first, so that the wait can be announced
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another build in this folder to finish")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def lay_out(plan: Plan, store: Store, root: Path, tools: Path | None = None) -> Path:
    """Write everything that BuildKit needs for `plan` below out/, and return the path of the bake file.

    All decisions can be read there: plan.json, Dockerfile and bake.json. The unpacked tools are kept in the
    folder `tools` (default: in the store).
    """
    out = root / OUT
    unchanged.forget(out)
    contexts.lay_out(plan, store.path, tools or store.root / "tools", root / _folders(plan))
    with writing(out):
        for name, text in _texts(plan, root).items():
            (out / name).write_text(text, encoding="utf-8")
    return out / "bake.json"


def _folders(plan: Plan) -> Path:
    return OUT / "context" / plan.architecture


def _texts(plan: Plan, root: Path) -> dict[str, str]:
    """Return the files that tell BuildKit what to do, by their names."""
    content = bake.definition(plan, _folders(plan).as_posix(), "../../Dockerfile")
    return {
        "plan.json": planning.text(plan),
        "Dockerfile": bake.dockerfile(plan, root),
        "bake.json": bake.text(content),
    }


def images(
    here: Session, plan: Plan, *, options: Sequence[str] = (), builder: Builder = builders.IN_USE
) -> list[Built]:
    """Build the images of `plan`, laid out below the root, into the local engine and return them.

    `options` are passed to `docker buildx bake`. `builder` does the work, wherever it runs.

    Raises:
        BuildError: with the lines of BuildKit's log from the failed step; the full log is in out/build.log.
    """
    out = here.root / OUT
    further = ["--metadata-file", str(out / "metadata.json"), *options]
    names = {variant: plan.image(variant).tags for variant in plan.targets}
    with builders.arriving(here.engine.client, builder, names, out, here.runner) as passing:
        _baked(here, builder, out / "bake.json", [*further, *passing])
    return [_built(here, plan, variant) for variant in plan.targets]


def _baked(here: Session, builder: Builder, file: Path, options: Sequence[str]) -> None:
    """Let BuildKit build all targets of the bake `file`, and write its log to out/build.log."""
    log, say = here.root / OUT / LOG, here.console.say
    argv = [*builder.buildx(here.engine.client), "bake", "--file", str(file), "--progress", "plain"]
    argv += [*builder.options, *options]
    with writing(log), log.open("w", encoding="utf-8") as lines:
        follower = _Follower(lines, say)
        done = here.runner(argv, cwd=here.root, env=TOLD, check=False, on_line=follower)
        if done.code and follower.raced:
            say("BuildKit failed with an internal error that is known to be temporary; trying once more")
            done = here.runner(argv, cwd=here.root, env=TOLD, check=False, on_line=follower)
    if done.code:
        raise BuildError(
            "build: BuildKit failed",
            details=_reason(log.read_text(encoding="utf-8")),
            remedy=f"The full log is in {log.relative_to(here.root)}",
        )


class _Follower:
    """Writes BuildKit's lines to a log, and reports when a stage begins."""

    def __init__(self, log: TextIO, say: Say) -> None:
        self._log, self._say = log, say
        self._told: set[str] = set()
        self.raced = False

    def __call__(self, line: str) -> None:
        self._log.write(line + "\n")
        self.raced = self.raced or RACE in line
        step = times.STEP.match(line)
        if step and step["stage"] not in self._told:
            self._told.add(step["stage"])
            self._say(f"building {step['stage']}")


def native(engine: Engine) -> str:
    """Return the platform that the engine runs on."""
    known = (name for name, short in PLATFORMS.items() if short == engine.architecture)
    return next(known, f"linux/{engine.architecture}")


def record(built: Sequence[Built], root: Path) -> None:
    """Write out/built.json, which lists the images to test; entries for other platforms are kept."""
    path = root / OUT / BUILT
    here = {(one.platform, one.variant): one for one in (*recorded(root), *built)}
    temporary = path.with_suffix(".part")
    text = json.dumps([asdict(here[key]) for key in sorted(here)], indent=2) + "\n"
    with writing(path):
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)  # in one step, so that an interrupted write leaves the old list


def recorded(root: Path) -> list[Built]:
    """Return the images in out/built.json: the last of each variant and platform that was built."""
    path = root / OUT / BUILT
    rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return [Built(**{**row, "tags": tuple(row["tags"])}) for row in rows]


def _built(here: Session, plan: Plan, variant: str) -> Built:
    image, words = plan.image(variant), ["image", "inspect", "--format", "{{.Id}} {{.Size}}"]
    done = here.runner([here.engine.client, *words, image.tags[0]])
    identifier, size = done.stdout.split()
    return Built(variant, plan.platform, image.tags, identifier, int(size))


def _summary(plan: Plan, built: Built) -> ImageSummary:
    image = plan.image(built.variant)
    return ImageSummary(
        tags=built.tags,
        size=built.size,
        components={part.name: part.version for part in image.parts},
    )


def _reason(log: str) -> list[str]:
    """Return the lines of BuildKit's log from the step that failed."""
    lines = log.splitlines()
    start = next((number for number, line in enumerate(lines) if line == "------"), max(0, len(lines) - 20))
    return lines[start : start + 30]
