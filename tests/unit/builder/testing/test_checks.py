"""The checks run the right programs on the right things, and count what the suites say."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tomli

from builder.build import pipeline
from builder.build.pipeline import Built
from builder.errors import BuildError, UsageError
from builder.shell import Completed
from builder.spec.model import Definition
from builder.testing import checks
from builder.testing.checks import Verdict
from builder.testing.scenarios import Scenario
from tests.unit.builder.build.test_pipeline import BUILT, ENGINE
from tests.unit.builder.fakes import FakeRunner, said
from tests.unit.builder.samples import definition

ROOT = Path(__file__).parents[4]
PYTEST = f"{sys.executable} -m pytest"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path


@pytest.fixture
def sample(tmp_path: Path) -> Definition:
    return definition(tmp_path)


def linters(runner: FakeRunner) -> list[str]:
    """Return what was run, without the folder of the environment."""
    return [line.replace(f"{Path(sys.executable).parent}/", "") for line in runner.ran]


def test_each_linter_gets_its_files(root: Path) -> None:
    """Folders, such as those of bytecode, and what is no shell script, are not for shellcheck."""
    native = ("base/compat/a.c", "plugins/native/framework/b.cc", "plugins/native/framework/b.h")
    scripts = ("inv", "base/recipes/tidy", "base/recipes/difference.py", "base/recipes/dpkg.cfg")
    for name in (*native, *scripts):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    (root / "base/recipes/__pycache__").mkdir()
    (root / "out/Dockerfile").write_text("")
    runner = FakeRunner(("", said()))
    checks.lint(root, runner)
    assert linters(runner) == [
        "ruff check --quiet .",
        "ruff format --check --quiet .",
        "mypy --no-error-summary",
        f"clang-format --dry-run -Werror {' '.join(native)}",
        "shellcheck inv base/recipes/tidy",
        "hadolint --config .hadolint.yaml out/Dockerfile",
    ]


def test_what_github_reads_is_checked_by_its_schemas(root: Path) -> None:
    """Dependabot's file is judged by zizmor too, beside the workflows."""
    names = (".github/workflows/ci.yml", ".github/ISSUE_TEMPLATE/problem.yml", ".github/dependabot.yml")
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    runner = FakeRunner(("", said()))
    checks.lint(root, runner)
    assert linters(runner)[-5:] == [
        "check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/ci.yml",
        "check-jsonschema --quiet --builtin-schema vendor.github-issue-forms "
        ".github/ISSUE_TEMPLATE/problem.yml",
        "check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml",
        "zizmor --offline --quiet --no-progress .github/workflows/ci.yml .github/dependabot.yml",
        "actionlint .github/workflows/ci.yml",
    ]


def test_the_repositorys_own_python_is_all_checked_by_mypy() -> None:
    """Whoever adds a folder of Python names it in pyproject.toml."""
    settings = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    checked = [ROOT / name for name in settings["tool"]["mypy"]["files"]]
    own = [path for path in ROOT.glob("[!.]*/**/*.py") if "node_modules" not in path.parts]
    unchecked = {
        str(path.relative_to(ROOT))
        for path in own
        if path.relative_to(ROOT).parts[0] != "out" and not any(map(path.is_relative_to, checked))
    }
    assert unchecked == set()


def test_without_a_dockerfile_hadolint_is_not_run(root: Path) -> None:
    runner = FakeRunner(("", said()))
    checks.lint(root, runner)
    assert linters(runner)[-1] == "shellcheck"


def test_the_repositorys_own_shell_scripts_are_all_checked() -> None:
    """A script is what starts with a line for a shell."""
    runner = FakeRunner(("", said()))
    checks.lint(ROOT, runner)
    (line,) = (line for line in linters(runner) if line.startswith("shellcheck"))
    folders = [
        ROOT / name
        for name in ("base", "variants", "examples", "bench", "plugins", ".ci", "tests/build", "services")
    ]
    found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    files = [path for path in found if "node_modules" not in path.parts]
    scripts = {
        str(path.relative_to(ROOT))
        for path in [ROOT / "inv", *files]
        if path.read_bytes().startswith((b"#!/bin/sh", b"#!/usr/bin/env bash", b"#!/bin/bash"))
    }
    assert set(line.split()[1:]) == scripts


def test_all_linters_run_and_the_unhappy_ones_are_named(root: Path) -> None:
    runner = FakeRunner(("", said()), ("/ruff|^ruff", said(code=1)), ("mypy", said(code=2)))
    with pytest.raises(BuildError) as caught:
        checks.lint(root, runner)
    assert (
        str(caught.value)
        == "lint: ruff, mypy reported problems. See above. Fix some of them with: ./inv lint --fix."
    )
    assert len(runner.ran) == 4


def test_each_linter_is_named_as_it_begins(root: Path) -> None:
    named: list[str] = []
    checks.lint(root, FakeRunner(("", said())), say=named.append)
    assert named[:3] == ["lint: ruff …", "lint: ruff …", "lint: mypy …"]


def test_what_ruff_can_mend_is_mended(root: Path) -> None:
    runner = FakeRunner(("", said()))
    checks.fix(root, runner)
    assert linters(runner) == ["ruff check --fix --quiet .", "ruff format --quiet ."]


def test_native_code_is_formatted(root: Path) -> None:
    (root / "base/compat").mkdir(parents=True)
    (root / "base/compat/a.cc").write_text("")
    runner = FakeRunner(("", said()))
    checks.fix(root, runner)
    assert linters(runner)[-1] == "clang-format -i base/compat/a.cc"


def test_the_repositorys_own_native_code_is_all_checked() -> None:
    runner = FakeRunner(("", said()))
    checks.lint(ROOT, runner)
    (line,) = (line for line in linters(runner) if line.startswith("clang-format"))
    sources = {
        str(path.relative_to(ROOT))
        for folder in ("base", "plugins")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".c", ".cc", ".h"} and "node_modules" not in path.parts
    }
    assert set(line.split()[3:]) == sources


def test_unit_tests_get_further_options(root: Path) -> None:
    runner = FakeRunner(("", said()))
    checks.unit(root, ["-k", "odbc"], runner)
    assert runner.ran == [f"{PYTEST} tests/unit --numprocesses auto --quiet -k odbc"]


def test_unit_tests_are_measured_once_and_judged_by_folder(root: Path) -> None:
    runner = FakeRunner(("", said()))
    assert checks.unit(root, (), runner)
    report = f"{sys.executable} -m coverage report"
    assert runner.ran == [
        f"{PYTEST} tests/unit --numprocesses auto --quiet --cov --cov-report=",
        f"{report} --include=base/startup/* --fail-under=100",
        f"{report} --include=plugins/orthanc_images/* --fail-under=100",
        f"{report} --include=builder/* --fail-under=95",
    ]


def test_every_folder_that_is_covered_too_little_is_told(root: Path) -> None:
    runner = FakeRunner(("", said()), ("plugins|builder/", said(code=2)))
    with pytest.raises(BuildError) as caught:
        checks.unit(root, (), runner)
    assert str(caught.value) == (
        "test: the unit tests cover too little of plugins/orthanc_images (100 %), builder (95 %). "
        "Test the lines and branches that are missing above."
    )


def test_what_is_covered_is_what_is_measured() -> None:
    settings = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["coverage"]
    assert settings["run"] == {"branch": True, "source": list(checks.COVERED)}


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (checks.unit, "test: a unit test failed. See above."),
        (checks.builds, "test: a test of the build failed. See above."),
    ],
)
def test_a_test_that_fails_is_told(root: Path, step: Any, expected: str) -> None:
    with pytest.raises(BuildError) as caught:
        step(root, (), FakeRunner(("", said(code=1))))
    assert str(caught.value) == expected


@pytest.mark.parametrize("step", [checks.unit, checks.builds])
def test_options_that_leave_no_test_are_no_failure_but_no_tests_at_all_are(root: Path, step: Any) -> None:
    """Such as -k odbc, which is meant for another stage of the tests."""
    none = FakeRunner(("", said(code=5)))
    assert step(root, ["-k", "odbc"], none) is False
    assert step(root, ["-k", "odbc"], FakeRunner(("", said()))) is True
    with pytest.raises(BuildError):
        step(root, [], none)


def test_the_tests_of_the_build_are_run(root: Path) -> None:
    runner = FakeRunner(("", said()))
    checks.builds(root, ["-x"], runner)
    assert runner.ran == [f"{PYTEST} tests/build --quiet -x"]


def engine(**identifiers: str) -> FakeRunner:
    """Return a runner for an engine that has images with these identifiers, by the end of their tag."""
    rules = [(f"image inspect .* orthanc:{name}$", said(f"{one}\n")) for name, one in identifiers.items()]
    return FakeRunner(("image inspect", said("", 1)), *rules)


PLATFORM = "linux/amd64"
WHOLE = {"26.11.0": "sha256:aa", "26.11.0-full": "sha256:bb"}


def test_what_was_built_last_is_returned(sample: Definition, root: Path) -> None:
    pipeline.record(BUILT, root)
    assert checks.built(sample, root, ENGINE, PLATFORM, runner=engine(**WHOLE)) == BUILT
    assert checks.built(sample, root, ENGINE, PLATFORM, ["full"], engine(**WHOLE)) == [BUILT[1]]


@pytest.mark.parametrize(
    ("recorded", "variants", "expected"),
    [
        ([], [], "test: images for linux/amd64: not built yet. Build first: ./inv build."),
        ([], ["full"], "test: full for linux/amd64: not built yet. Build first: ./inv build."),
        (
            BUILT[:1],
            ["default", "full"],
            "test: full for linux/amd64: not built yet. Build first: ./inv build.",
        ),
    ],
)
def test_what_was_not_built_is_told(
    sample: Definition, root: Path, recorded: list[Built], variants: list[str], expected: str
) -> None:
    pipeline.record(recorded, root)
    with pytest.raises(UsageError) as caught:
        checks.built(sample, root, ENGINE, PLATFORM, variants, engine(**WHOLE))
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("platform", "variants", "expected"),
    [
        (PLATFORM, ["fulll"], "variant: 'fulll' is not in build.toml. Perhaps you meant 'full'."),
        ("linux/arm46", [], "platform: 'linux/arm46' is not in build.toml. Perhaps you meant 'linux/arm64'."),
    ],
)
def test_what_does_not_exist_is_told_as_such(
    sample: Definition, root: Path, platform: str, variants: list[str], expected: str
) -> None:
    pipeline.record(BUILT, root)
    with pytest.raises(UsageError) as caught:
        checks.built(sample, root, ENGINE, platform, variants, engine(**WHOLE))
    assert str(caught.value) == expected


def test_before_the_first_build_nothing_is_there_to_test(sample: Definition, root: Path) -> None:
    with pytest.raises(UsageError, match="test: images for linux/amd64: not built yet"):
        checks.built(sample, root, ENGINE, PLATFORM, runner=engine())


@pytest.mark.parametrize("there", [{"26.11.0": "sha256:aa", "26.11.0-full": "sha256:other"}, {}])
def test_an_image_that_somebody_else_made_is_not_tested(
    sample: Definition, root: Path, there: dict[str, str]
) -> None:
    pipeline.record(BUILT, root)
    with pytest.raises(UsageError) as caught:
        checks.built(sample, root, ENGINE, PLATFORM, ["full"], engine(**there))
    assert str(caught.value) == (
        "test: orthanc:26.11.0-full is not the image that was built last. Build it: ./inv build."
    )


def test_the_images_of_one_platform_are_tested(sample: Definition, root: Path) -> None:
    other = [replace(one, platform="linux/arm64", identifier="sha256:old") for one in BUILT]
    pipeline.record([*BUILT, *other], root)
    assert checks.built(sample, root, ENGINE, PLATFORM, runner=engine(**WHOLE)) == BUILT


def test_a_variant_is_tested_by_the_suites_of_all_that_it_extends(sample: Definition, root: Path) -> None:
    for name in ("common", "compat", "default", "full"):
        (root / "tests/image" / name).mkdir(parents=True)
    assert checks.suites(sample, "default", root) == [
        "tests/image/common",
        "tests/image/compat",
        "tests/image/default",
    ]
    assert checks.suites(sample, "full", root)[-1] == "tests/image/full"
    (root / "tests/image/compat").rmdir()
    assert checks.suites(sample, "full", root) == [
        "tests/image/common",
        "tests/image/default",
        "tests/image/full",
    ]


CASE = '<testcase classname="tests.system.test_load" name="test_rest" time="4.2">{}</testcase>'
FAILURE, ERROR, SKIPPED = '<failure message="1 == 2"/>', '<error message="no engine"/>', "<skipped/>"


class Suite(FakeRunner):
    """Writes a JUnit file with a test for each of `ends`, as pytest does, and ends with `code`."""

    def __init__(self, code: int, *ends: str, breaks_off: bool = False) -> None:
        super().__init__(("-m pytest", said(code=code)))
        self.cases = "".join(CASE.format(end) for end in ends)
        self.breaks_off = breaks_off

    def __call__(self, argv: Sequence[str | Path], **options: Any) -> Completed:
        (target,) = (str(word).partition("=")[2] for word in argv if "--junitxml" in str(word))
        if not self.breaks_off:
            Path(target).write_text(f"<testsuites><testsuite>{self.cases}</testsuite></testsuites>")
        return super().__call__(argv, **options)


@pytest.mark.parametrize(
    ("code", "ends", "expected"),
    [
        (0, ["", SKIPPED, "", SKIPPED, ""], (3, 0, 2)),
        (1, ["", FAILURE, ERROR, FAILURE], (1, 3, 0)),
        (0, [""], (1, 0, 0)),
    ],
)
def test_the_verdict_counts_what_the_suites_say(
    sample: Definition, root: Path, code: int, ends: list[str], expected: tuple[int, int, int]
) -> None:
    suite = Suite(code, *ends)
    results = root / "out/tests-full-linux-amd64.xml"
    (root / "tests/image/common").mkdir(parents=True)
    assert checks.image(sample, BUILT[1], root, ["-x"], runner=suite) == Verdict(
        "full", "linux/amd64", "orthanc:26.11.0-full", "sha256:bb", *expected, whole=False
    )
    assert suite.ran == [
        f"{PYTEST} tests/image/common --quiet --numprocesses=2 --dist=loadfile --no-loadscope-reorder "
        "--image orthanc:26.11.0-full --variant full "
        f"--junitxml={results} -x"
    ]


def test_the_suites_of_an_emulated_image_are_patient(sample: Definition, root: Path) -> None:
    """What a person says about that comes last, and wins."""
    suite = Suite(0, "")
    checks.image(sample, BUILT[1], root, ["--patience=20"], emulated=True, runner=suite)
    assert suite.ran[0].endswith(" --patience=8 --patience=20")


def test_tests_that_the_image_below_has_passed_are_left_out(sample: Definition, root: Path) -> None:
    """A person's own -m comes last, and wins."""
    suite = Suite(0, "")
    checks.image(sample, BUILT[1], root, ["-m", "inherited"], below="orthanc:26.11.0", runner=suite)
    assert suite.ran[0].endswith(" --extends orthanc:26.11.0 -m not inherited -m inherited")


DEFAULT = Verdict("default", PLATFORM, "orthanc:26.11.0", "sha256:aa", 900, 0, 1)


@pytest.mark.parametrize(
    ("verdicts", "layers", "expected"),
    [
        ([DEFAULT], ["base", "own", "more", "list of full"], "orthanc:26.11.0"),
        ([DEFAULT], ["base", "own built anew", "more", "list of full"], ""),
        ([], ["base", "own", "more", "list of full"], ""),
        ([replace(DEFAULT, failed=1)], ["base", "own", "more", "list of full"], ""),
        ([replace(DEFAULT, whole=False)], ["base", "own", "more", "list of full"], ""),
        ([replace(DEFAULT, platform="linux/arm64")], ["base", "own", "more", "list of full"], ""),
        ([replace(DEFAULT, variant="full")], ["base", "own", "more", "list of full"], ""),
    ],
)
def test_tests_are_only_left_out_of_an_image_with_the_layers_of_one_that_passed(
    sample: Definition, root: Path, verdicts: list[Verdict], layers: list[str], expected: str
) -> None:
    """It must have just passed all of them, on the same platform; and a test must tell what is added."""
    runner = FakeRunner(
        ("inspect .* orthanc:26.11.0$", said('["base", "own", "list of default"]')),
        ("inspect .* orthanc:26.11.0-full$", said(json.dumps(layers))),
    )
    held = root / "tests/image/full/test_inherited.py"
    held.parent.mkdir(parents=True)
    assert checks.extended(sample, BUILT[1], verdicts, root, ENGINE, runner) == ""
    held.write_text("")
    assert checks.extended(sample, BUILT[1], verdicts, root, ENGINE, runner) == expected


def test_an_image_that_extends_none_has_all_tests(sample: Definition, root: Path) -> None:
    assert checks.extended(sample, BUILT[0], [DEFAULT], root, ENGINE, FakeRunner()) == ""


def test_the_variants_that_leave_tests_out_have_a_test_of_what_they_add() -> None:
    assert [path.parent.name for path in ROOT.glob(f"tests/image/*/{checks.INHERITED}")] == ["full"]


def test_suites_that_break_off_are_no_pass(sample: Definition, root: Path) -> None:
    """What an earlier run left does not count."""
    (root / "out/tests-full-linux-amd64.xml").write_text(f"<testsuite>{CASE.format(FAILURE)}</testsuite>")
    with pytest.raises(BuildError) as caught:
        checks.image(sample, BUILT[1], root, (), runner=Suite(4, breaks_off=True))
    assert str(caught.value) == "test: pytest ended with 4. See above."


def test_suites_without_the_test_that_was_asked_for_have_a_verdict_of_none(
    sample: Definition, root: Path
) -> None:
    verdict = checks.image(sample, BUILT[0], root, ["-k", "odbc"], runner=Suite(5))
    assert (verdict.passed, verdict.failed, verdict.skipped) == (0, 0, 0)


def test_the_tests_of_several_containers_give_scenarios(sample: Definition, root: Path) -> None:
    suite = Suite(0, "")
    assert checks.system(BUILT[1], root, ["-x"], suite) == [Scenario("load", "rest", "passed", 4.2)]
    assert suite.ran == [
        f"{PYTEST} tests/system --quiet --numprocesses 2 --image orthanc:26.11.0-full --variant full "
        f"--junitxml={root / 'out/tests-system.xml'} -x"
    ]


def test_a_failed_scenario_is_returned(root: Path) -> None:
    (found,) = checks.system(BUILT[1], root, (), Suite(1, FAILURE))
    assert found.verdict == "failed"


def test_tests_of_several_containers_that_break_off_are_no_pass(root: Path) -> None:
    (root / "out/tests-system.xml").write_text(CASE.format(""))
    with pytest.raises(BuildError) as caught:
        checks.system(BUILT[1], root, (), Suite(4, breaks_off=True))
    assert str(caught.value) == "test: pytest ended with 4. See above."


def test_verdicts_are_recorded(root: Path) -> None:
    checks.record([Verdict("full", "linux/amd64", "orthanc:1", "sha256:bb", 7, 0, 2)], root)
    assert json.loads((root / "out/checked.json").read_text()) == [
        {
            "variant": "full",
            "platform": "linux/amd64",
            "tag": "orthanc:1",
            "identifier": "sha256:bb",
            "passed": 7,
            "failed": 0,
            "skipped": 2,
            "whole": True,
        }
    ]
    assert checks.recorded(root) == [Verdict("full", "linux/amd64", "orthanc:1", "sha256:bb", 7, 0, 2)]


@pytest.mark.parametrize(("options", "expected"), [([], True), (["-n", "2"], True), (["-k", "odbc"], False)])
def test_a_verdict_tells_whether_all_tests_ran(
    sample: Definition, root: Path, options: list[str], expected: bool
) -> None:
    assert checks.image(sample, BUILT[0], root, options, runner=Suite(0, "")).whole is expected


def test_figures_are_those_of_the_images_that_were_tested(root: Path) -> None:
    """Tests without figures, and images that were not tested, are left out."""
    suite = """<testsuites><testsuite>
        <testcase classname="tests.image.common.test_authentication" name="test_nothing_answers" time="2">
            <properties><property name="requests" value="900"/></properties></testcase>
        <testcase classname="tests.image.common.test_start" name="test_quiet" time="1"/>
    </testsuite></testsuites>"""
    checks.file(root, BUILT[0]).write_text(suite)
    expected = Scenario("authentication", "nothing answers", "passed", 2.0, {"requests": "900"})
    assert checks.figures(BUILT, root) == [expected]
