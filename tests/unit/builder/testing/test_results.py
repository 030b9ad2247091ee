"""What pytest says of a run is read from its JUnit file."""

from __future__ import annotations

from pathlib import Path

import pytest

from builder.errors import BuildError
from builder.testing import results
from builder.testing.results import CaseResult, RunResult

XML = """\
<testsuites><testsuite name="pytest" time="83.2" timestamp="2026-11-25T16:00:00+00:00">
<testcase classname="tests.image.common.test_a" name="test_a[&lt;b&gt;]" time="3.5">
<properties><property name="errors" value="0"/></properties></testcase>
<testcase classname="tests.image.full.test_b" name="test_b" time="1">
<failure message="1 == 2">long</failure></testcase>
<testcase classname="tests.image.full.test_c" name="test_c" time="0"><error message="no engine"/></testcase>
<testcase classname="tests.image.full.test_d" name="test_d" time="0"><skipped message="no need"/></testcase>
</testsuite></testsuites>
"""


def test_a_run_has_every_test_with_its_verdict(tmp_path: Path) -> None:
    (tmp_path / "tests.xml").write_text(XML)
    assert results.read(tmp_path / "tests.xml") == RunResult(
        "2026-11-25T16:00:00+00:00",
        83.2,
        (
            CaseResult("tests.image.common.test_a", "test_a[<b>]", "passed", 3.5, "", {"errors": "0"}),
            CaseResult("tests.image.full.test_b", "test_b", "failed", 1.0, "1 == 2"),
            CaseResult("tests.image.full.test_c", "test_c", "failed", 0.0, "no engine"),
            CaseResult("tests.image.full.test_d", "test_d", "skipped", 0.0, "no need"),
        ),
    )


@pytest.mark.parametrize("text", ["", "<testsuites><testsuite>", "<other/>"])
def test_results_that_are_damaged_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "tests.xml").write_text(text)
    with pytest.raises(BuildError) as caught:
        results.read(tmp_path / "tests.xml")
    assert str(caught.value).startswith("tests.xml: is damaged: ")
    assert str(caught.value).endswith(". Test again: ./inv test.")


def test_an_error_before_or_after_a_test_counts_as_a_failure(tmp_path: Path) -> None:
    (tmp_path / "tests.xml").write_text(XML)
    assert results.read(tmp_path / "tests.xml").counts == (1, 2, 1)
