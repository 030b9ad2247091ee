"""Checking: the linters, the unit tests, and the suites that run against each built image."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from builder.build import pipeline
from builder.build.pipeline import OUT, Built
from builder.engine.installation import Engine
from builder.errors import BuildError, UsageError, writing
from builder.shell import Runner, run
from builder.spec import planning
from builder.spec.model import Definition
from builder.testing import results, scenarios
from builder.testing.scenarios import Scenario

SHELL_SCRIPTS = (
    "inv",
    ".ci/requirements",
    ".ci/run",
    "base/compat/*.sh",
    "plugins/native/*.sh",
    "base/recipes/[!.]*",
    "base/startup/bin/pip",
    "variants/*/configure",
    "examples/*/make-certificates",
    "bench/*.sh",
    "tests/build/plugins/build",
    "services/install",
    "services/*/start",
    "services/*/ready",
    "services/*/prepare",
    "services/earlier/unpack",
)
NO_TESTS = 5
TWO = ("--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder")
"""Two processes, since tests wait more than they work; what the tests of a file share is started once.

The order of the files is that of tests/image/conftest.py.
"""
PATIENCE = 8
"""How often as long as usual anything may take on an emulated processor."""
CHECKED, SYSTEM = "checked.json", "tests-system.xml"
INHERITED = "test_inherited.py"
"""The test of a variant that it changes nothing that tests with the mark `inherited` try."""
_MANNER = re.compile(r"-n|\d+|auto|-[vqsl]+|--(?:numprocesses|dist|timeout|durations|color|patience|tb)=\S+")
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
"""Keeps the bytecode of tests: otherwise each process compiles all of them, for a sixth of its time."""
MEASURED = ("--cov", "--cov-report=")
"""Notes which lines and branches run, in one file for all folders that pyproject.toml names."""
COVERED = {"base/startup": 100, "plugins/orthanc_images": 100, "builder": 95}
"""How many per cent of the lines and branches of a folder the unit tests run."""
DEPENDABOT, WORKFLOWS = ".github/dependabot.yml", ".github/workflows/*.yml"
SCHEMAS = {
    "vendor.github-workflows": WORKFLOWS,
    "vendor.github-issue-forms": ".github/ISSUE_TEMPLATE/*.yml",
    "vendor.dependabot": DEPENDABOT,
}
"""The schemas that check-jsonschema brings along, each with the files that must fit it."""
NATIVE = tuple(
    f"{folder}/*.{kind}" for folder in ("base/compat", "plugins/native/**") for kind in ("c", "cc", "h")
)
DOCKERFILES = (
    "variants/Dockerfile",
    "out/Dockerfile",
    "bench/baseline/Dockerfile",
    "services/Dockerfile",
    "tests/build/plugins/Dockerfile",
)


@dataclass(frozen=True)
class Verdict:
    """The result of the suites for one image: how many tests passed, failed and were skipped.

    `whole` tells whether all of its tests ran, and not a selection.
    """

    variant: str
    platform: str
    tag: str
    identifier: str
    passed: int
    failed: int
    skipped: int
    whole: bool = True

    @property
    def counts(self) -> tuple[int, int, int]:
        """Return how many passed, failed and were skipped."""
        return self.passed, self.failed, self.skipped


def lint(root: Path, runner: Runner = run, *, say: Callable[[str], None] | None = None) -> None:
    """Run every linter on the tree, and `say` which one begins.

    Raises:
        BuildError: with the names of those that reported problems; their output is on the screen.
    """
    unhappy = []
    for tool, *words in _linters(root):
        if say:
            say(f"lint: {tool} …")
        if runner([_tool(tool), *words], cwd=root, check=False, capture=False).code:
            unhappy.append(tool)
    if unhappy:
        raise BuildError(
            f"lint: {', '.join(dict.fromkeys(unhappy))} reported problems",
            remedy="See above. Fix some of them with: ./inv lint --fix",
        )


def fix(root: Path, runner: Runner = run) -> None:
    """Let ruff fix and format what it can, and clang-format format native code."""
    commands = [["ruff", "check", "--fix", "--quiet", "."], ["ruff", "format", "--quiet", "."]]
    commands += [["clang-format", "-i", *sources] for sources in [_native(root)] if sources]
    for argv in commands:
        runner([_tool(argv[0]), *argv[1:]], cwd=root, check=False, capture=False)


def unit(root: Path, arguments: Sequence[str] = (), runner: Runner = run) -> bool:
    """Run the unit tests, which need neither an engine nor a network; tell whether `arguments` left any.

    Without `arguments`, they must cover the code as far as `COVERED` says.

    Raises:
        BuildError: when one fails, or they cover too little; what is not covered is on the screen.
    """
    argv = [sys.executable, "-m", "pytest", "tests/unit", "--numprocesses", "auto", "--quiet"]
    argv += arguments or MEASURED
    done = runner(argv, cwd=root, env=COMPILED, check=False, capture=False)
    ran = _ran(done.code, arguments, "a unit test failed")
    if not arguments:
        _demand_covered(root, runner)
    return ran


def _demand_covered(root: Path, runner: Runner) -> None:
    """Raise BuildError when the tests that ran last did not cover each folder as far as they must."""
    lacking = []
    for folder, share in COVERED.items():
        argv = [sys.executable, "-m", "coverage", "report", f"--include={folder}/*", f"--fail-under={share}"]
        if runner(argv, cwd=root, check=False, capture=False).code:
            lacking.append(f"{folder} ({share} %)")
    if lacking:
        raise BuildError(
            f"test: the unit tests cover too little of {', '.join(lacking)}",
            remedy="Test the lines and branches that are missing above",
        )


def builds(root: Path, arguments: Sequence[str] = (), runner: Runner = run) -> bool:
    """Run the tests of the build itself, on a copy of the repository; tell whether `arguments` left any.

    Raises:
        BuildError: when one fails.
    """
    argv = [sys.executable, "-m", "pytest", "tests/build", "--quiet", *arguments]
    code = runner(argv, cwd=root, check=False, capture=False).code
    return _ran(code, arguments, "a test of the build failed")


def built(
    definition: Definition,
    root: Path,
    engine: Engine,
    platform: str,
    variants: Sequence[str] = (),
    runner: Runner = run,
) -> list[Built]:
    """Return the images for `platform` that the last builds left in the engine, of `variants` (none: all).

    Raises:
        UsageError: when one of them is not in `definition` or was not built, or the engine has another image
            under its name.
    """
    planning.known(definition, variants, platform)
    known = (one for one in pipeline.recorded(root) if one.platform == platform)
    found = [one for one in known if not variants or one.variant in variants]
    absent = set(variants) - {one.variant for one in found} or (set() if found else {"images"})
    if absent:
        what = f"test: {', '.join(sorted(absent))} for {platform}: not built yet"
        raise UsageError(what, remedy="Build first: ./inv build")
    for one in found:
        if _identifier(engine, one.tags[0], runner) != one.identifier:
            what = f"test: {one.tags[0]} is not the image that was built last"
            raise UsageError(what, remedy="Build it: ./inv build")
    return found


def _identifier(engine: Engine, tag: str, runner: Runner) -> str:
    inspected = runner([engine.client, "image", "inspect", "--format", "{{.Id}}", tag], check=False)
    return inspected.stdout.strip()


def suites(definition: Definition, variant: str, root: Path) -> list[str]:
    """Return the folders of the suites for `variant`: the common ones, and those of all that it extends."""
    lineage = [one.name for one in definition.lineage(variant)]
    return [
        f"tests/image/{name}"
        for name in ("common", "compat", *lineage)
        if (root / "tests/image" / name).is_dir()
    ]


def extended(
    definition: Definition,
    one: Built,
    verdicts: Iterable[Verdict],
    root: Path,
    engine: Engine,
    runner: Runner = run,
) -> str:
    """Return the name of the image that `one` extends, if tests with the mark `inherited` need no second run.

    That is so where they have all just passed on that image, `one` has every layer of it but the last, with
    the list of what is inside, and a test tells what else `one` has. Otherwise the name is empty.
    """
    below = definition.variants[one.variant].extends
    for tried in verdicts:
        if (tried.variant, tried.platform) == (below, one.platform) and tried.whole and not tried.failed:
            held = (root / "tests/image" / one.variant / INHERITED).exists()
            lower, upper = (_layers(engine, tag, runner) for tag in (tried.tag, one.tags[0]))
            return tried.tag if held and len(lower) > 1 and set(lower[:-1]) <= set(upper) else ""
    return ""


def _layers(engine: Engine, tag: str, runner: Runner) -> list[str]:
    """Return the digests of the layers of the image `tag`, lowest first."""
    said = runner([engine.client, "image", "inspect", "--format", "{{json .RootFS.Layers}}", tag])
    layers: list[str] = json.loads(said.stdout)
    return layers


def figures(images: Iterable[Built], root: Path) -> list[Scenario]:
    """Return the tests with figures in the last run of the suites against `images`."""
    files = [path for path in (file(root, one) for one in images) if path.exists()]
    return [scenario for path in files for scenario in scenarios.read(path) if scenario.figures]


def image(
    definition: Definition,
    one: Built,
    root: Path,
    arguments: Sequence[str] = (),
    *,
    emulated: bool = False,
    below: str = "",
    runner: Runner = run,
) -> Verdict:
    """Run the suites against the image `one`, and return the verdict; an `emulated` one gets more time.

    Tests with the mark `inherited` are left out where the image `below` has passed them (see `extended`).
    """
    path = file(root, one)
    path.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "pytest", *suites(definition, one.variant, root), "--quiet", *TWO]
    argv += ["--image", one.tags[0], "--variant", one.variant, f"--junitxml={path}"]
    argv += [f"--patience={PATIENCE}"] if emulated else []
    argv += ["--extends", below, "-m", "not inherited"] if below else []
    done = runner([*argv, *arguments], cwd=root, check=False, capture=False)
    counts = results.read(path).counts if path.exists() else (0, 0, 0)
    if not counts[1]:
        _ran(done.code, arguments, f"pytest ended with {done.code}")
    return Verdict(one.variant, one.platform, one.tags[0], one.identifier, *counts, whole(arguments))


def file(root: Path, one: Built) -> Path:
    """Return the path of pytest's results for the image `one`."""
    return root / OUT / f"tests-{one.variant}-{one.platform.replace('/', '-')}.xml"


def whole(arguments: Sequence[str]) -> bool:
    """Tell whether pytest runs all tests with these options, which then only say how to run them."""
    return all(_MANNER.fullmatch(one) for one in arguments)


def system(one: Built, root: Path, arguments: Sequence[str] = (), runner: Runner = run) -> list[Scenario]:
    """Run the tests of several containers with the image `one`, and return the scenarios.

    Raises:
        BuildError: when pytest could not run them.
    """
    path = root / OUT / SYSTEM
    path.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "pytest", "tests/system", "--quiet", "--numprocesses", "2"]
    argv += ["--image", one.tags[0], "--variant", one.variant, f"--junitxml={path}", *arguments]
    done = runner(argv, cwd=root, check=False, capture=False)
    found = scenarios.read(path) if path.exists() else []
    if all(scenario.verdict != "failed" for scenario in found):
        _ran(done.code, arguments, f"pytest ended with {done.code}")
    return found


def record(verdicts: Iterable[Verdict], root: Path) -> None:
    """Write out/checked.json: which image, by its identifier, passed which number of tests."""
    text = json.dumps([asdict(one) for one in verdicts], indent=2)
    path = root / OUT / CHECKED
    with writing(path):
        path.write_text(text + "\n", encoding="utf-8")


def recorded(root: Path) -> list[Verdict]:
    """Return the verdicts in out/checked.json: those of the last run of the suites."""
    path = root / OUT / CHECKED
    return [Verdict(**row) for row in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []


def _ran(code: int, arguments: Sequence[str], trouble: str) -> bool:
    """Tell from pytest's exit code whether tests ran; further options may leave a stage without any.

    Raises:
        BuildError: with `trouble`, for any other code than those two.
    """
    if code == NO_TESTS and arguments:
        return False
    if code:
        raise BuildError(f"test: {trouble}", remedy="See above")
    return True


def _native(root: Path) -> list[str]:
    """Return the sources of native code; clang-tidy is for the tests of the build, which have the headers."""
    return [one for pattern in NATIVE for one in _matching(root, pattern)]


def _linters(root: Path) -> Iterator[list[str]]:
    yield ["ruff", "check", "--quiet", "."]
    yield ["ruff", "format", "--check", "--quiet", "."]
    yield ["mypy", "--no-error-summary"]
    if sources := _native(root):
        yield ["clang-format", "--dry-run", "-Werror", *sources]
    scripts = [one for pattern in SHELL_SCRIPTS for one in _matching(root, pattern)]
    yield ["shellcheck", *[one for one in scripts if not one.endswith((".py", ".cfg", ".conf"))]]
    for schema, pattern in SCHEMAS.items():
        if found := _matching(root, pattern):
            yield ["check-jsonschema", "--quiet", "--builtin-schema", schema, *found]
    workflows = _matching(root, WORKFLOWS)
    if workflows:
        yield ["zizmor", "--offline", "--quiet", "--no-progress", *workflows, *_matching(root, DEPENDABOT)]
        yield ["actionlint", *workflows]
    dockerfiles = [name for name in DOCKERFILES if (root / name).exists()]
    if dockerfiles:
        yield ["hadolint", "--config", ".hadolint.yaml", *dockerfiles]


def _matching(root: Path, pattern: str) -> list[str]:
    """Return the files below `root` that match `pattern`, as paths below it, in order."""
    return [str(path.relative_to(root)) for path in sorted(root.glob(pattern)) if path.is_file()]


def _tool(name: str) -> str:
    """Return the path of a tool that is installed beside this Python."""
    path = Path(sys.executable).parent / name
    return str(path) if os.access(path, os.X_OK) else name
