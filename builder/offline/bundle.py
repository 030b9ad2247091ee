"""Bundles: one archive with everything that a machine without a network needs, and importing it there."""

from __future__ import annotations

import gzip
import hashlib
import io
import itertools
import re
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from platform import machine, python_version_tuple
from typing import IO

from packaging.requirements import Requirement

from builder.build import pipeline
from builder.build.pipeline import OUT, BuildOptions
from builder.checkout import manifest, tree
from builder.checkout.manifest import FILE, PYTHONS, SERVICES, STORE, WHEELS, Manifest, ManifestEntry
from builder.console import Console, size
from builder.engine import installation
from builder.engine.installation import Engine
from builder.errors import EngineError, FetchError, UsageError, writing
from builder.hashing import file_hash, stream_hash
from builder.shell import Completed, Runner, run
from builder.sources import npm, pypi
from builder.sources.store import Store, folder, storing
from builder.spec import lockfile, model, package_lock
from builder.spec.model import PLATFORMS, WEB_TOOLS
from builder.spec.planning import Commit, Plan

CHUNK = 1 << 20
JOBS = 4
"""How many processes of pip fetch wheels at once."""
REQUIREMENTS = "requirements.lock"

_PIN = re.compile(r"^(?P<what>[^\s#][^\n]*?) \\\n(?P<hashes>(?: +--hash=\S+(?: \\)?\n?)+)", re.MULTILINE)

Opener = Callable[[str], IO[bytes]]
"""Opens a file of a bundle by its path in it."""

Services = Callable[[Engine], Sequence[str]]
"""Builds the images of the services that tests need, and returns their names in the engine."""


@dataclass(frozen=True)
class BundleOptions:
    """What goes into a bundle; by default all variants, for the platform and the Python of this machine.

    `pythons` are versions such as 3.13. Without the `services` of the tests, a bundle is only for building.
    """

    variants: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    pythons: tuple[str, ...] = ()
    output: str = ""
    yes: bool = False
    services: bool = True


@dataclass(frozen=True)
class Written:
    """A bundle that was written: its path, sha256 and size in bytes, and its manifest."""

    path: Path
    sha256: str
    size: int
    manifest: Manifest


def command(
    root: Path,
    options: BundleOptions,
    environment: Mapping[str, str],
    console: Console,
    services: Services,
    runner: Runner = run,
) -> Written:
    """Write the bundle that `options` describes from the repository `root`, fetching what the store lacks."""
    engine = _engine(options)
    platforms = options.platforms or (native(engine),)
    pythons = options.pythons or (".".join(python_version_tuple()[:2]),)
    store = Store(folder(environment))
    plans = [_plan(root, options, one, store, environment, console) for one in platforms]
    revision = pipeline.commit(root)
    if not revision.seconds:
        remedy = "Run it in a clone, with git on the PATH"
        raise UsageError("bundle: the commit of this folder is unknown", remedy=remedy)
    if revision.revision.endswith("-dirty"):
        console.say("some files differ from the commit, so the images of the bundle will be marked -dirty")
    with writing(root / OUT):
        (root / OUT).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root / OUT) as scratch:
        files = {path: root / path for path in tree.files(root)}
        files |= {_stored(digest): store.path(digest) for digest in needed(plans)}
        if any(plan.artifacts(WEB_TOOLS) for plan in plans):
            with console.stage("fetching what checks the web pages"):
                targets = [package_lock.TARGETS[platform] for platform in platforms]
                packages = [one.artifact for target in targets for one in package_lock.read(root, target)]
                found = store.fetch(npm.wanted(packages, environment))
                files |= {_stored(digest): path for digest, path in found.items()}
        with console.stage("fetching wheels"):
            text = (root / REQUIREMENTS).read_text(encoding="utf-8")
            for platform, python in itertools.product(platforms, pythons):
                words = pypi.download(platform, python)
                for path in wheels(pins(text, python, platform), words, store, runner):
                    files[f"{WHEELS}/{path.name}"] = path
        files[PYTHONS] = Path(scratch) / "pythons"
        files[PYTHONS].write_text(" ".join(pythons) + "\n", encoding="utf-8")
        held: tuple[str, ...] = ()
        if engine and options.services and native(engine) in platforms:
            held = tuple(services(engine))
            with console.stage("saving the test services"):
                files[SERVICES] = _saved(engine, held, Path(scratch), runner)
        with console.stage("writing the bundle"):
            return _written(root, options, plans, pythons, held, files, revision)


def _stored(digest: str) -> str:
    """Return the path in a bundle of a file of the store."""
    return f"{STORE}/{digest.replace(':', '/')}"


def native(engine: Engine | None) -> str:
    """Return the platform of the engine, else that of this machine."""
    if engine:
        return pipeline.native(engine)
    name = machine().lower()
    short = {"x86_64": "amd64", "aarch64": "arm64"}.get(name, name)
    return next((one for one, known in PLATFORMS.items() if known == short), f"linux/{short}")


def needed(plans: Iterable[Plan]) -> list[str]:
    """Return the digests of all locked files that `plans` need, sorted."""
    return sorted({one.digest for plan in plans for one in plan.needed})


def pins(text: str, python: str, platform: str) -> list[str]:
    """Return the lines of requirements.lock that apply to the version `python` on `platform`.

    pip itself evaluates markers only for the Python that it runs in.
    """
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "os_name": "posix",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": pypi.machine(platform),
    }
    lines = []
    for pin in _PIN.finditer(text):
        wanted = Requirement(pin["what"])
        if wanted.marker is None or wanted.marker.evaluate(environment):
            hashes = re.findall(r"--hash=\S+", pin["hashes"])
            lines.append(" ".join([f"{wanted.name}{wanted.specifier}", *hashes]))
    return lines


def take(
    root: Path,
    place: Path,
    options: BuildOptions,
    environment: Mapping[str, str],
    console: Console,
    runner: Runner = run,
) -> Manifest:
    """Import the bundle `place` into the store and the engine; return its manifest.

    `place` is the archive, or the folder that it was unpacked to. All of it is verified first, and nothing is
    imported from a damaged one. Existing files and images are kept.

    Raises:
        UsageError: when it is not a bundle, or not for what `options` asks for in the repository `root`.
        FetchError: with every file in it that does not match its manifest.
    """
    with opened(place) as (bundle, opener):
        with console.stage(f"checking {place}"):
            paths = bundle.carried if place.is_dir() else bundle.files
            _demand_sound(place, bundle, paths, opener)
        _demand_same(root, place, bundle)
        engine = installation.ensure(say=console.say, yes=options.yes, ask=console.ask)
        demand(place, bundle, options, pipeline.native(engine), model.load(root / model.FILE).variants)
        store = Store(folder(environment))
        with console.stage("filling the store"):
            _fill(store, bundle, opener)
        if any(not _there(engine, name, runner) for name in bundle.services):
            with console.stage("loading the test services"):
                _load(engine, place, opener, store, runner)
    return bundle


@contextmanager
def opened(place: Path) -> Iterator[tuple[Manifest, Opener]]:
    """Yield the manifest of the bundle `place`, and a function that opens a file of it.

    Raises:
        UsageError: when it is not a bundle.
        FetchError: when it is truncated.
    """
    if place.is_dir():
        bundle = manifest.find(place)
        if bundle is None:
            raise manifest.not_a_bundle(str(place))
        yield bundle, lambda path: (place / path).open("rb")
        return
    try:
        archive = tarfile.open(place, "r:")  # noqa: SIM115 # closed below
    except FileNotFoundError as error:
        raise UsageError(f"{place}: does not exist", remedy="Correct the path") from error
    except (tarfile.TarError, OSError) as error:
        raise manifest.not_a_bundle(str(place)) from error
    with archive:
        bundle, members = _listed(archive, place)

        def opener(path: str) -> IO[bytes]:
            file = archive.extractfile(members[path])
            if file is None:
                raise KeyError(path)
            return file

        yield bundle, opener


def demand(
    place: Path, bundle: Manifest, options: BuildOptions, platform: str, variants: Iterable[str]
) -> None:
    """Check that a bundle has what `options` needs; `platform` and `variants` are the defaults.

    Raises:
        UsageError: when it does not, naming what it has.
    """
    wanted = options.platform or platform
    lacking = [one for one in (options.variants or tuple(variants)) if one not in bundle.variants]
    if wanted not in bundle.platforms:
        lacking.append(wanted)
    if lacking:
        has = f"{', '.join(bundle.variants)} for {', '.join(bundle.platforms)}"
        remedy = "Select what it has with --variant and --platform, or make another bundle"
        raise UsageError(f"{place}: is for {has}, not for {', '.join(lacking)}", remedy=remedy)


def _engine(options: BundleOptions) -> Engine | None:
    """Return the engine; None if there is none and the bundle does not need one."""
    try:
        return installation.find()
    except EngineError as error:
        if not options.services:
            return None
        remedy = "The test services need one; leave them out with --build-only"
        raise EngineError(error.message, remedy=remedy) from error


def _plan(
    root: Path,
    options: BundleOptions,
    platform: str,
    store: Store,
    environment: Mapping[str, str],
    console: Console,
) -> Plan:
    """Return the plan for one platform, after storing its files in `store` and accepting its licences."""
    definition = model.load(root / model.FILE)
    plan = pipeline.prepare(
        root, definition, BuildOptions(options.variants, platform), platform, checking=options.services
    )
    with console.progress(f"fetching for {platform}") as progress:
        pipeline.fetch(plan, store, environment, progress)
    pipeline.consent(definition, plan, store, environment, yes=options.yes, console=console)
    return plan


def wheels(lines: Sequence[str], words: Sequence[str], store: Store, runner: Runner = run) -> list[Path]:
    """Return the wheels that `lines` pin, fetched by pip commands that start with `words`.

    They are kept in a folder of the store, so that the next bundle needs no index.

    Raises:
        FetchError: when pip cannot fetch them all, with its error messages.
    """
    text = "\n".join(sorted(lines))
    place = store.root / "wheels" / hashlib.sha256(text.encode()).hexdigest()[:32]
    if not _whole(place, lines):
        with storing(store.root):
            place.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
                _fetch(lines, words, Path(scratch), runner)
                shutil.rmtree(place, ignore_errors=True)
                (Path(scratch) / "wheels").rename(place)
    return sorted(place.iterdir())


def _whole(place: Path, lines: Sequence[str]) -> bool:
    """Tell whether a folder has exactly the wheels of `lines`, undamaged."""
    files = list(place.iterdir()) if place.is_dir() else []
    known = set(re.findall(r"--hash=sha256:(\w+)", "\n".join(lines)))
    return len(files) == len(lines) and all(file_hash(path) in known for path in files)


def _fetch(lines: Sequence[str], words: Sequence[str], scratch: Path, runner: Runner) -> None:
    """Fetch what `lines` pin with several processes of pip: each mostly waits for the index."""
    (scratch / "wheels").mkdir()

    def one(part: Sequence[str]) -> Completed:
        with tempfile.NamedTemporaryFile("w", dir=scratch, suffix=".txt", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in part))
            file.flush()
            options = ["--dest", str(scratch / "wheels"), "--require-hashes", "--requirement", file.name]
            return runner([*words, *options], check=False)

    with ThreadPoolExecutor(JOBS) as pool:
        done = list(pool.map(one, filter(None, (lines[number::JOBS] for number in range(JOBS)))))
    if any(one.code for one in done):
        raise FetchError(
            "bundle: pip could not fetch the wheels of requirements.lock",
            details=[line for one in done for line in pypi.complaints(one.stderr)],
            remedy="Check that the index can be reached and has wheels for the versions of --python",
        )


def _saved(engine: Engine, names: Sequence[str], scratch: Path, runner: Runner) -> Path:
    """Return a compressed archive of the images `names`, with their common layers only once."""
    saved, packed = scratch / "services.tar", scratch / "services.tar.gz"
    runner([engine.client, "image", "save", "--output", saved, *names])
    with (
        saved.open("rb") as source,
        packed.open("wb") as raw,
        gzip.GzipFile("", "wb", 1, raw, mtime=0) as target,
    ):
        shutil.copyfileobj(source, target, CHUNK)
    saved.unlink()
    return packed


def _written(
    root: Path,
    options: BundleOptions,
    plans: Sequence[Plan],
    pythons: Sequence[str],
    services: tuple[str, ...],
    files: Mapping[str, Path],
    commit: Commit,
) -> Written:
    """Write the archive, completely or not at all: its manifest first, then the repository, then the rest."""
    bundle = Manifest(
        name=plans[0].name,
        version=plans[0].version,
        revision=commit.revision,
        seconds=commit.seconds,
        platforms=tuple(plan.platform for plan in plans),
        variants=plans[0].targets,
        pythons=tuple(pythons),
        services=services,
        files={path: _held(file) for path, file in sorted(files.items())},
    )
    short = "-".join(plan.architecture for plan in plans)
    path = root / (options.output or OUT / f"{bundle.folder}-{short}.tar")
    partial = path.with_name(f"{path.name}.part")
    with writing(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as raw:
                digest = _archived(raw, bundle, files)
            length = partial.stat().st_size
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return Written(path, digest, length, bundle)


def _archived(raw: IO[bytes], bundle: Manifest, files: Mapping[str, Path]) -> str:
    """Write the tar of `files` to `raw`: it depends on them and the commit alone; return its sha256."""
    out = _Hashed(raw)
    listed = manifest.text(bundle).encode()
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(
            _entry(bundle, FILE, ManifestEntry(hashlib.sha256(listed).hexdigest(), len(listed))),
            io.BytesIO(listed),
        )
        for path, held in (*bundle.tree.items(), *bundle.carried.items()):
            with files[path].open("rb") as file:
                archive.addfile(_entry(bundle, path, held), file)
    return out.digest


def _entry(bundle: Manifest, path: str, held: ManifestEntry) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(f"{bundle.folder}/{path}")
    entry.size, entry.mtime = held.size, bundle.seconds
    entry.mode = 0o755 if held.executable else 0o644
    return entry


class _Hashed(io.RawIOBase):
    """Passes on what is written to it, and hashes it."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file, self._sha256 = file, hashlib.sha256()

    @property
    def digest(self) -> str:
        """Return the sha256 of everything written so far."""
        return self._sha256.hexdigest()

    def write(self, data: bytes) -> int:  # type: ignore[override] # tarfile writes bytes only
        """Write some bytes."""
        self._sha256.update(data)
        self._file.write(data)
        return len(data)


def _held(path: Path) -> ManifestEntry:
    facts = path.stat()
    return ManifestEntry(file_hash(path), facts.st_size, bool(facts.st_mode & 0o100))


def _listed(archive: tarfile.TarFile, place: Path) -> tuple[Manifest, dict[str, tarfile.TarInfo]]:
    """Return the manifest at the start of an archive, and its members by their paths below its folder."""
    try:
        first = archive.next()
        file = archive.extractfile(first) if first and first.name.endswith(f"/{FILE}") else None
        if first is None or file is None:
            raise manifest.not_a_bundle(str(place))
        bundle = manifest.read(file.read(), str(place))
        prefix = first.name.removesuffix(FILE)
        members = {one.name.removeprefix(prefix): one for one in archive}
    except tarfile.TarError as error:
        raise _damaged(place, [f"it is truncated: {error}"]) from error
    return bundle, members


def _demand_sound(place: Path, bundle: Manifest, paths: Iterable[str], opener: Opener) -> None:
    faults = [f"{path}: {fault}" for path in paths if (fault := _fault(bundle.files[path], path, opener))]
    if faults:
        raise _damaged(place, faults)


def _fault(held: ManifestEntry, path: str, opener: Opener) -> str:
    """Return what is wrong with one file of a bundle; empty when it matches the manifest."""
    try:
        with opener(path) as file:
            found = stream_hash(file)
    except (KeyError, FileNotFoundError):
        return "is missing"
    except (tarfile.TarError, OSError, EOFError) as error:
        return f"cannot be read: {error}"
    return "" if found == held.sha256 else "does not match the manifest of the bundle"


def _damaged(place: Path, faults: Sequence[str]) -> FetchError:
    remedy = "Copy it again, and compare its sha256 with the one that ./inv bundle printed"
    return FetchError(f"{place}: is damaged, so nothing was imported", details=faults, remedy=remedy)


def _demand_same(root: Path, place: Path, bundle: Manifest) -> None:
    """Check that a bundle was made for the build.lock of `root`."""
    held = bundle.files.get(lockfile.FILE)
    if held is None or held.sha256 != file_hash(root / lockfile.FILE):
        raise UsageError(
            f"{place}: was made from a different {lockfile.FILE}",
            remedy=f"Unpack it (tar xf) and build in its folder {bundle.folder}",
        )


def _fill(store: Store, bundle: Manifest, opener: Opener) -> None:
    for path in bundle.carried:
        if path.startswith(f"{STORE}/"):
            algorithm, value = path.split("/")[-2:]
            digest = f"{algorithm}:{value}"
            if not store.has(digest):
                with opener(path) as file:
                    store.add(file.read(), digest)


def _there(engine: Engine, name: str, runner: Runner) -> bool:
    return runner([engine.client, "image", "inspect", name], check=False).code == 0


def _load(engine: Engine, place: Path, opener: Opener, store: Store, runner: Runner) -> None:
    """Load the test services into the engine, from a temporary copy if they are inside an archive."""
    if place.is_dir():
        runner([engine.client, "image", "load", "--quiet", "--input", place / SERVICES])
        return
    with storing(store.root), tempfile.NamedTemporaryFile(dir=store.root, suffix=".tar.gz") as copy:
        with opener(SERVICES) as file:
            shutil.copyfileobj(file, copy, CHUNK)
        copy.flush()
        runner([engine.client, "image", "load", "--quiet", "--input", copy.name])


def summary(written: Written) -> list[tuple[str, str]]:
    """Return the facts about a bundle as rows of a table."""
    bundle = written.manifest
    return [
        ("bundle", str(written.path)),
        ("size", size(written.size)),
        ("sha256", written.sha256),
        ("commit", bundle.revision),
        ("variants", ", ".join(bundle.variants)),
        ("platforms", ", ".join(bundle.platforms)),
        ("wheels for", f"Python {', '.join(bundle.pythons)}"),
        ("test services", "yes" if bundle.services else "none: for building only"),
    ]
