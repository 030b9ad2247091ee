"""The workflows call the toolkit and decide nothing; what they may do is as little as they need."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from invoke.collection import Collection
from invoke.loader import FilesystemLoader
from invoke.parser import Parser

from builder.spec import matrix, model
from tests.unit.builder.samples import definition

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))
WORKFLOWS = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES}
JOBS = [
    pytest.param(workflow, job, id=f"{name}-{key}")
    for name, workflow in WORKFLOWS.items()
    for key, job in workflow["jobs"].items()
]


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, workflow in WORKFLOWS.items():
        for job in workflow["jobs"].values():
            yield from ((name, step) for step in job["steps"])


COMMANDS = sorted(
    {
        line.strip()
        for _, step in steps()
        for line in step.get("run", "").splitlines()
        if line.strip().startswith("./inv")
    }
)


def test_there_are_the_workflows_that_are_promised() -> None:
    assert list(WORKFLOWS) == ["ci.yml", "lock.yml", "release.yml"]
    assert len(COMMANDS) == 18


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_is_one_of_the_toolkit_with_its_options(line: str) -> None:
    """Invoke's own parser reads it; a name or an option that is not there raises."""
    module, _ = FilesystemLoader(start=str(ROOT)).load("tasks")
    collection = Collection.from_module(module)
    words = line.partition(" >> ")[0].replace('"', "").split()[1:]
    (parsed,) = Parser(contexts=collection.to_contexts()).parse_argv(words)
    assert parsed.name == words[0]
    assert [
        one.name for one in parsed.args.values() if one.value is None and one in parsed.positional_args
    ] == []


def test_every_action_is_pinned_by_commit_with_its_version_beside_it() -> None:
    for path in FILES:
        for line in path.read_text(encoding="utf-8").splitlines():
            if "uses:" in line:
                assert re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS)
def test_a_workflow_may_do_nothing_by_itself_and_runs_once_at_a_time(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {}
    assert "cancel-in-progress" in workflow["concurrency"]


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_a_job_says_what_it_may_do_and_how_long(workflow: dict[str, Any], job: dict[str, Any]) -> None:
    assert job["permissions"]["contents"] in ("read", "write")
    assert job["timeout-minutes"] <= 60


def test_few_jobs_may_write() -> None:
    """The images of a change write layers to the cache only; of a fork's change, not even that."""
    writing = {
        f"{name} {key}": {one for one, right in job["permissions"].items() if right == "write"}
        for name, workflow in WORKFLOWS.items()
        for key, job in workflow["jobs"].items()
    }
    assert {key: rights for key, rights in writing.items() if rights} == {
        "ci.yml images": {"packages"},
        "lock.yml lock": {"contents", "pull-requests"},
        "release.yml publish": {"contents", "packages", "id-token"},
    }


def test_scripts_have_no_logic() -> None:
    for name, step in steps():
        script = step.get("run", "")
        assert len(script.splitlines()) <= 3, name
        assert not re.search(r"\b(?:if|for|while|case)\b|&&|\|", script), script
        assert "${{" not in script, f"{name}: an expression in a script can be a script itself"


def test_a_release_is_tested_before_it_is_published_and_verified_after() -> None:
    jobs = WORKFLOWS["release.yml"]["jobs"]
    ran = {
        key: [step["run"].split()[1] for step in job["steps"] if "run" in step] for key, job in jobs.items()
    }
    assert ran["images"] == ["build", "test", "scan"]
    assert ran["publish"] == ["publish", "verify", "notes", "release"]
    assert set(jobs["publish"]["needs"]) == {"images", "reproducible"}


def test_the_page_about_a_build_is_kept_even_when_a_test_failed() -> None:
    steps = WORKFLOWS["ci.yml"]["jobs"]["images"]["steps"]
    reported, kept = steps[-2:]
    assert (reported["run"], reported["if"], kept["if"]) == ("./inv report", "always()", "always()")
    assert "out/report.html" in kept["with"]["path"].split()


def test_the_matrix_has_each_variant_on_machines_of_each_platform(tmp_path: Path) -> None:
    sample = definition(tmp_path)
    assert [(row["name"], row["runner"]) for row in matrix.rows(sample)] == [
        ("default-amd64", "ubuntu-24.04"),
        ("default-arm64", "ubuntu-24.04-arm"),
        ("full-amd64", "ubuntu-24.04"),
        ("full-arm64", "ubuntu-24.04-arm"),
    ]
    key, _, value = matrix.output(sample).partition("=")
    assert (key, json.loads(value)) == ("matrix", {"include": matrix.rows(sample)})


def test_there_is_a_machine_for_each_platform_that_can_be_built() -> None:
    assert set(matrix.RUNNERS) == set(model.PLATFORMS)
