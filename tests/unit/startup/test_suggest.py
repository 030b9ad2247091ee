"""The known name that a mistyped one most likely means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from startup import suggest

WORDS = st.text(alphabet="abcd", max_size=7)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("", "", 0), ("a", "", 1), ("abc", "abc", 0), ("abc", "acb", 1), ("abcd", "abxd", 1), ("ab", "ba", 1)],
)
def test_distance(one: str, other: str, expected: int) -> None:
    """Letters added, dropped, replaced or swapped with their neighbour."""
    assert expected == suggest.distance(one, other, 5)


@given(WORDS, WORDS)
def test_distance_is_the_same_both_ways(one: str, other: str) -> None:
    """And zero for equal words only."""
    assert suggest.distance(one, other, 9) == suggest.distance(other, one, 9)
    assert (suggest.distance(one, other, 9) == 0) == (one == other)


@given(WORDS, WORDS, st.integers(0, 3))
def test_distance_stops_at_its_limit(one: str, other: str, limit: int) -> None:
    """Beyond the limit the count is only known to be larger."""
    exact = suggest.distance(one, other, 9)
    assert min(exact, limit + 1) == min(suggest.distance(one, other, limit), limit + 1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DicomSeverEnabled", "DicomServerEnabled"),
        ("dicom_aet", "DicomAet"),
        ("DicomAte", "DicomAet"),
        ("Xyz", None),
        ("", None),
    ],
)
def test_nearest(name: str, expected: str | None) -> None:
    """The nearest name within reach, whatever its case and underscores."""
    assert expected == suggest.nearest(name, ["DicomServerEnabled", "DicomAet", "DicomPort"])
