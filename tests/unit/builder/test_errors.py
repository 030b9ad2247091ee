"""The errors speak in whole sentences and end with the documented codes."""

from __future__ import annotations

import pytest

from builder import errors
from builder.errors import BuildError, Problem, Problems


def test_an_error_is_its_message_and_its_remedy() -> None:
    error = BuildError("build.lock: is stale", remedy="Run ./inv lock")
    assert str(error) == "build.lock: is stale. Run ./inv lock."


def test_details_stand_line_by_line_before_the_remedy() -> None:
    error = BuildError("2 files differ", details=["one", "two"], remedy="Look at them")
    assert str(error) == "2 files differ:\n  one\n  two\nLook at them."


@pytest.mark.parametrize("text", ["Done?", "Stop!", "No more."])
def test_a_sentence_that_has_its_end_gets_no_second_one(text: str) -> None:
    assert errors.sentence(text) == text


def test_a_problem_reads_where_what_and_remedy() -> None:
    problem = Problem("build.toml: platforms[0]", "unknown platform 'linux/vax'", "Use linux/amd64")
    assert str(problem) == "build.toml: platforms[0]: unknown platform 'linux/vax'. Use linux/amd64."


def test_all_problems_are_told_at_once() -> None:
    problems = Problems([Problem("a", "is wrong", "Fix it"), Problem("b", "is absent")])
    assert str(problems) == "2 problems:\n  a: is wrong. Fix it.\n  b: is absent."
    assert problems.exit_code == 65


def test_a_single_problem_needs_no_count() -> None:
    assert str(Problems([Problem("a", "is wrong", "Fix it")])) == "a: is wrong. Fix it."


def test_problems_without_a_problem_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="no problem to report"):
        Problems([])


def test_each_error_class_has_an_exit_code_of_its_own() -> None:
    classes = BuildError.__subclasses__()
    codes = [cls.exit_code for cls in classes if cls is not Problems]
    assert sorted(codes) == sorted(set(codes))
    assert errors.__doc__ is not None
    for cls in classes:
        assert f"| {cls.exit_code} " in errors.__doc__, f"{cls.__name__} is not in the table of exit codes"
