"""The commands of a person are thin: each hands over to the toolkit, and turns errors into messages."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.loader import FilesystemLoader

import services.images
import tasks
from bench import images
from builder import doctor
from builder.build import pipeline
from builder.build.pipeline import BuildOptions
from builder.console import Console
from builder.docs import documents
from builder.doctor import Check
from builder.engine import client
from builder.errors import BuildError, LockError, UsageError
from builder.offline import bundle
from builder.offline.bundle import BundleOptions, Written
from builder.page import report
from builder.release import export
from builder.sources import locking
from builder.sources.locking import LockOptions, LockOutcome
from builder.spec import lockfile, model
from builder.testing import checks, pages, scenarios
from builder.testing.checks import Verdict
from builder.testing.scenarios import Scenario
from services import running
from services.images import STAGES
from tests.unit.builder.build.test_pipeline import BUILT, ENGINE
from tests.unit.builder.checkout.test_manifest import CONTENTS

ROOT = Path(__file__).parents[3]
OWN = model.load(ROOT / model.FILE)
LOCK = lockfile.load(ROOT / lockfile.FILE)


SCENARIO = Scenario("load", "rest", "passed", 4.2, {"errors": "0"})


class Calls:
    """What was called, in order, with what arguments."""

    def __init__(self) -> None:
        self.made: list[tuple[Any, ...]] = []

    def noting(self, name: str, result: Any = None) -> Callable[..., Any]:
        """Return a function that notes its arguments under `name` and returns `result`, or raises it."""

        def call(*arguments: Any, **named: Any) -> Any:
            self.made.append((name, *arguments, *named.items()))
            if isinstance(result, BaseException):
                raise result
            return result

        return call

    @property
    def names(self) -> list[str]:
        return [one[0] for one in self.made]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Return stand-ins for everything that the tasks act with."""
    noted = Calls()
    verdicts = Verdict("full", "linux/amd64", "orthanc:26.11.0-full", "sha256:bb", 7, 0, 2)
    for place, name, result in (
        (pipeline, "command", BUILT),
        (bundle, "take", CONTENTS),
        (bundle, "command", Written(ROOT / "out/some.tar", "00", 1, CONTENTS)),
        (checks, "lint", None),
        (checks, "fix", None),
        (checks, "unit", True),
        (checks, "builds", True),
        (checks, "built", BUILT[1:]),
        (checks, "image", verdicts),
        (checks, "record", None),
        (checks, "system", [SCENARIO]),
        (checks, "figures", []),
        (pages, "lint", True),
        (pages, "unit", True),
        (pages, "bundle", None),
        (scenarios, "write", None),
        (services.images, "everything", []),
        (documents, "stale", []),
        (client, "find", ENGINE),
        (locking, "demand_current", None),
        (locking, "resolved", LockOutcome(LOCK)),
        (locking, "write", []),
        (doctor, "examine", [Check("Python", "ok", "3.11")]),
    ):
        monkeypatch.setattr(place, name, noted.noting(name, result))
    return noted


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Return all that is said, on both streams."""
    words = io.StringIO()
    monkeypatch.setattr(tasks, "CONSOLE", Console(words, words))
    return words


def test_every_task_is_documented() -> None:
    """`./inv --list` reads as a manual: each task has its sentence, each option its help."""
    module, _ = FilesystemLoader(start=str(ROOT)).load("tasks")
    found = Collection.from_module(module).tasks
    assert {"build", "test", "lint", "lock", "doctor"} <= set(found)
    undocumented = [
        f"{name} --{argument.name}"
        for name, task in found.items()
        for argument in task.get_arguments()
        if not argument.help
    ]
    assert undocumented == []
    assert [name for name, task in found.items() if not (task.__doc__ or "").strip().endswith(".")] == []


def test_build_hands_over_what_a_person_asks_for(calls: Calls) -> None:
    tasks.build(Context(), variant="full", platform="linux/arm64", yes=True, no_cache=True)
    tasks.build(Context())
    assert [one[2] for one in calls.made] == [
        BuildOptions(("full",), "linux/arm64", True, True),
        BuildOptions(),
    ]
    assert [one[1] for one in calls.made] == [ROOT, ROOT]


def test_layers_in_zstd_are_for_images_that_are_exported(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "command", calls.noting("export"))
    tasks.build(Context(), reproducible=True, zstd=True)
    tasks.build(Context(), reproducible=True)
    assert [one[-1] for one in calls.made] == ["zstd", "gzip"]
    with pytest.raises(Exit) as caught:
        tasks.build(Context(), zstd=True)
    assert caught.value.code == UsageError.exit_code
    assert "zstd" in str(caught.value)


def test_a_build_from_a_bundle_takes_it_in_first(calls: Calls) -> None:
    tasks.build(Context(), variant="default", from_bundle="some.tar")
    request = BuildOptions(("default",))
    assert calls.made[0] == ("take", ROOT, Path("some.tar"), request, os.environ, tasks.CONSOLE)
    assert calls.names == ["take", "command"]


def test_a_bundle_is_what_a_person_asks_for(calls: Calls, said: io.StringIO) -> None:
    tasks.bundle(Context(), platform=["linux/amd64,linux/arm64"], python=["3.11", "3.13"], build_only=True)
    tasks.bundle(Context(), variant="full", output="some.tar", yes=True)
    assert [one[2] for one in calls.made] == [
        BundleOptions((), ("linux/amd64", "linux/arm64"), ("3.11", "3.13"), services=False),
        BundleOptions(("full",), output="some.tar", yes=True),
    ]
    assert "commit         c0ffee" in said.getvalue()


def test_the_services_of_a_bundle_rest_on_the_first_image_that_was_built(
    calls: Calls, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        services.images, "everything", calls.noting("everything", ["orthanc-services/moto:1-2"])
    )
    assert tasks._services(ENGINE) == ["orthanc-services/moto:1-2"]
    assert calls.made[-1] == ("everything", ENGINE, BUILT[1].tags[0])


def test_without_an_image_a_bundle_has_no_services(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "built", calls.noting("built", UsageError("test: not built yet")))
    with pytest.raises(UsageError) as caught:
        tasks._services(ENGINE)
    assert str(caught.value) == (
        "bundle: the services of the tests rest on an image, and none is built. "
        "Build first: ./inv build; or leave the services out: --build-only."
    )


def test_an_error_leaves_a_task_as_a_message_and_an_exit_code(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = LockError("build.lock: does not exist", remedy="Create it with: ./inv lock")
    monkeypatch.setattr(pipeline, "command", calls.noting("command", wrong))
    with pytest.raises(Exit) as caught:
        tasks.build(Context())
    assert caught.value.message == "error: build.lock: does not exist. Create it with: ./inv lock."
    assert caught.value.code == 66


def test_a_test_lints_first_then_runs_unit_tests_then_the_suites(calls: Calls, said: io.StringIO) -> None:
    tasks.verify(Context(), options="-k 'a b'")
    steps = ["lint", "lint", "unit", "builds", "built", "image", "record", "built", "system", "write"]
    assert [name for name in calls.names if name in steps] == steps
    (unit,) = (one for one in calls.made if one[0] == "unit")
    assert unit == ("unit", ROOT, ["-k", "a b"])
    assert ("figures", BUILT[1:], ROOT) in calls.made
    sums = "instances acknowledged: 0, instances lost: 0, faults survived: 0, inputs tried: 0"
    lines = [line.rstrip() for line in said.getvalue().splitlines()]
    stages = [
        "unit tests",
        "tests of the build",
        "tests of orthanc:26.11.0-full",
        "tests of several containers",
    ]
    assert [line for line in lines if line.endswith(" …")] == [f"{stage} …" for stage in stages]
    assert len([line for line in lines if line.partition(": ")[0] in stages]) == len(stages)
    assert [line for line in lines if not line.startswith(tuple(stages))][-7:] == [
        "image                 passed  failed  skipped",
        "--------------------- ------- ------- -------",
        "orthanc:26.11.0-full  7       0       2",
        "subject  scenario       verdict  time  figures",
        f"-------- -------------- -------- ----- {'-' * len(sums)}",
        "load     rest           passed   4 s   errors: 0",
        f"total    1 of 1 passed  passed   4 s   {sums}",
    ]


def test_options_that_are_no_words_are_a_mistake(calls: Calls) -> None:
    with pytest.raises(Exit) as caught:
        tasks.verify(Context(), options="-k 'odbc")
    assert caught.value.message == (
        'error: test: the options "-k \'odbc" cannot be parsed: No closing quotation. Correct the quotes.'
    )
    assert (caught.value.code, calls.made) == (64, [])


def test_unit_tests_alone_need_no_engine(calls: Calls, said: io.StringIO) -> None:
    tasks.verify(Context(), unit=True)
    assert calls.names.count("unit") == 2
    assert ("unit", ROOT, os.environ, tasks.CONSOLE) in calls.made
    assert not {"find", "builds", "built", "image"} & set(calls.names)


def test_the_web_pages_are_checked_and_bundled_or_only_bundled_at_each_change(calls: Calls) -> None:
    tasks.web(Context())
    assert calls.names == ["lint", "unit", "bundle"]
    tasks.web(Context(), watch=True)
    assert calls.names == ["lint", "unit", "bundle", "bundle"]


def test_the_suites_alone_of_one_variant(calls: Calls, said: io.StringIO) -> None:
    tasks.verify(Context(), image=True, variant="full")
    assert not {"lint", "unit", "builds"} & set(calls.names)
    assert ("built", OWN, ROOT, ENGINE, "linux/amd64", ("full",)) in calls.made


@pytest.mark.parametrize(
    ("options", "platform", "expected"),
    [("", "", True), ("-x -q", "linux/amd64", False), ("-q", "", True), ("", "linux/arm64", False)],
)
def test_the_services_are_built_before_all_tests_of_an_image(
    calls: Calls, said: io.StringIO, options: str, platform: str, expected: bool
) -> None:
    """Some tests alone build what they need; emulated ones would take hours for all of them."""
    tasks.verify(Context(), image=True, options=options, platform=platform)
    assert ("everything" in calls.names) is expected
    if expected:
        assert calls.names.index("everything") < calls.names.index("image")


def test_every_service_that_a_test_can_start_is_built() -> None:
    assert {*running.KINDS, "cosign", "odbc"} == set(STAGES)


def test_an_image_that_did_not_pass_fails_the_test_after_all_are_told(
    calls: Calls, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = Verdict("full", "linux/amd64", "orthanc:26.11.0-full", "sha256:bb", 6, 1, 2)
    monkeypatch.setattr(checks, "image", calls.noting("image", failed))
    with pytest.raises(Exit) as caught:
        tasks.verify(Context(), image=True)
    assert caught.value.message == "error: test: an image did not pass. See above."
    assert "record" in calls.names
    assert said.getvalue().splitlines()[-1].split() == ["orthanc:26.11.0-full", "6", "1", "2"]


def test_the_tests_of_the_build_alone(calls: Calls) -> None:
    tasks.verify(Context(), build=True)
    assert calls.made == [("builds", ROOT, [])]


def test_the_tests_of_several_containers_take_the_last_image(calls: Calls, said: io.StringIO) -> None:
    """The last that was built extends the others, and has everything."""
    tasks.verify(Context(), system=True)
    assert not {"lint", "unit", "builds", "image"} & set(calls.names)
    assert ("system", BUILT[-1], ROOT, []) in calls.made
    assert ("figures", (), ROOT) in calls.made
    total = scenarios.total([SCENARIO])
    assert ("write", [SCENARIO, total], ROOT / "out/report.json") in calls.made


def test_a_failed_scenario_fails_the_test_after_all_are_told(
    calls: Calls, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = replace(SCENARIO, verdict="failed")
    monkeypatch.setattr(checks, "system", calls.noting("system", [SCENARIO, failed]))
    with pytest.raises(Exit) as caught:
        tasks.verify(Context(), system=True)
    assert caught.value.message == "error: test: a scenario failed. See above."
    assert [line.split()[2] for line in said.getvalue().splitlines()[-3:-1]] == ["passed", "failed"]
    assert said.getvalue().splitlines()[-1].split()[:6] == ["total", "1", "of", "2", "passed", "failed"]


def test_the_suites_of_another_platform(calls: Calls, said: io.StringIO) -> None:
    tasks.verify(Context(), image=True, platform="linux/arm64")
    assert ("built", OWN, ROOT, ENGINE, "linux/arm64", ()) in calls.made


def test_options_that_leave_no_test_anywhere_are_a_mistake(
    calls: Calls, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a misspelt -k: nothing ran, so nothing passed."""
    none = Verdict("full", "linux/amd64", "orthanc:26.11.0-full", "sha256:bb", 0, 0, 0)
    monkeypatch.setattr(checks, "unit", calls.noting("unit", False))
    monkeypatch.setattr(checks, "builds", calls.noting("builds", False))
    monkeypatch.setattr(checks, "system", calls.noting("system", []))
    tasks.verify(Context(), options="-k odbc")
    monkeypatch.setattr(checks, "image", calls.noting("image", none))
    with pytest.raises(Exit) as caught:
        tasks.verify(Context(), options="-k obdc")
    assert caught.value.message == "error: test: no test matches the options '-k obdc'. Correct them."
    assert caught.value.code == 64


def test_without_options_the_images_are_measured(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "command", calls.noting("bench"))
    tasks.bench(Context())
    assert calls.made == [("bench", ROOT, os.environ, tasks.CONSOLE)]


@pytest.mark.parametrize(("fix", "expected"), [(False, ["lint", "lint"]), (True, ["fix", "lint", "lint"])])
def test_lint_mends_only_when_it_is_asked_to(
    calls: Calls, said: io.StringIO, fix: bool, expected: list[str]
) -> None:
    tasks.lint(Context(), fix=fix)
    assert [name for name in calls.names if name in ("fix", "lint")] == expected


def test_the_lock_can_be_checked(calls: Calls, said: io.StringIO) -> None:
    tasks.lock(Context(), check=True)
    assert calls.names == ["demand_current"]
    assert said.getvalue() == "build.lock: matches build.toml\n"


@pytest.mark.parametrize(
    ("changes", "expected"), [([], "nothing changed"), (["a 1 → 2", "b 1 → 2"], "a 1 → 2\nb 1 → 2")]
)
def test_the_lock_is_written_and_what_changed_is_shown(
    calls: Calls, said: io.StringIO, monkeypatch: pytest.MonkeyPatch, changes: list[str], expected: str
) -> None:
    monkeypatch.setattr(locking, "write", calls.noting("write", changes))
    tasks.lock(Context())
    assert calls.made[-1] == ("write", ROOT / "build.lock", LOCK)
    begun, done, shown = said.getvalue().split("\n", 2)
    assert (begun, done.startswith("resolving: ")) == ("resolving …", True)
    assert shown == expected + "\n"


def test_the_lock_is_asked_for_in_the_way_that_the_options_say(calls: Calls, said: io.StringIO) -> None:
    tasks.lock(Context(), only=["stl", "npm"], upstream_mirror="http://mirror/", offline=True)
    assert calls.made[0][3] == LockOptions(("stl", "npm"), "http://mirror/", offline=True)


FAILED = LockOutcome(LOCK, ("stl 1.4: the site is closed",))


def test_a_lock_with_gaps_is_written_and_an_error(
    calls: Calls, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "resolved", calls.noting("resolved", FAILED))
    with pytest.raises(Exit) as caught:
        tasks.lock(Context())
    assert (calls.names, caught.value.code) == (["resolved", "write"], 74)
    assert "  stl 1.4: the site is closed\n" in str(caught.value.message)


def test_a_lock_with_gaps_is_no_error_where_they_are_allowed(
    calls: Calls, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "resolved", calls.noting("resolved", FAILED))
    tasks.lock(Context(), allow_missing=True)
    assert "  stl 1.4: the site is closed\n" in said.getvalue()


def test_the_versions_are_shown_as_a_table_markdown_or_json(said: io.StringIO) -> None:
    tasks.show_versions(Context())
    tasks.show_versions(Context(), markdown=True)
    table, _, rest = said.getvalue().partition("| plugin |")
    assert table.splitlines()[0].split()[:3] == ["plugin", "default,", "amd64"]
    assert "\n| Gdcm | `GDCM_PLUGIN_ENABLED` (on by default) |" in rest
    said.truncate(0)
    said.seek(0)
    tasks.show_versions(Context(), json=True)
    assert {one["plugin"] for one in json.loads(said.getvalue())} >= {"Gdcm", "Ohif"}


def test_a_report_is_the_page_about_the_last_build(
    calls: Calls, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "command", calls.noting("command"))
    tasks.describe(Context())
    assert calls.made == [("command", ROOT, tasks.CONSOLE)]


def test_the_doctor_tells_what_is_there(calls: Calls, said: io.StringIO) -> None:
    tasks.examine(Context())
    assert said.getvalue().splitlines()[-1].split() == ["Python", "ok", "3.11"]


def test_the_doctor_fails_when_something_is_missing(
    calls: Calls, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill = [Check("engine", "missing", "none", "Install one")]
    monkeypatch.setattr(doctor, "examine", calls.noting("examine", ill))
    with pytest.raises(Exit) as caught:
        tasks.examine(Context())
    assert caught.value.message == (
        "error: doctor: something that a build needs is missing. See the table above."
    )
    assert caught.value.code == BuildError.exit_code


@pytest.mark.parametrize(
    ("stale", "check", "expected"),
    [
        ([], False, "docs: nothing written\n"),
        (["README.md"], False, "docs: README.md written\n"),
        ([], True, "docs: nothing to write\n"),
    ],
)
def test_documents_are_written_or_checked(
    calls: Calls,
    said: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    stale: list[str],
    check: bool,
    expected: str,
) -> None:
    monkeypatch.setattr(documents, "stale", calls.noting("stale", stale))
    tasks.docs(Context(), check=check)
    assert said.getvalue() == expected
    assert ("write", not check) in calls.made[-1]


def test_documents_that_are_not_up_to_date_fail_the_check(
    calls: Calls, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "stale", calls.noting("stale", ["README.md"]))
    with pytest.raises(Exit) as caught:
        tasks.docs(Context(), check=True)
    assert caught.value.message == ("error: docs: README.md: not up to date. Write them with: ./inv docs.")
