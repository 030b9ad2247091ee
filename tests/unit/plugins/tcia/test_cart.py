"""Carts of every kind, and what is said of those that are wrong."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.tcia import Held, cart
from orthanc_images.request import RefusedError
from orthanc_images.tcia.cart import Series, identifier, ordered, series_of

SHEET = "NbiaClientSpreadsheet"
HELD = [Held("A, B", "p1", "1.2", "1.2.3", "CT", (b"12345",)), Held("C", "p2", "1.2", "1.2.4", "CT", ())]
FOUND = (Series("1.2.3", "A, B", "p1", 1, 5), Series("1.2.4", "C", "p2", 0, 0))

MANIFEST = """\
downloadServerUrl=https://public.cancerimagingarchive.net/nbia-download/servlet/DownloadServlet
includeAnnotation=true
manifestVersion=3.0
ListOfSeriesToDownload=
1.2.3
1.2.4

"""


def sheet(text: str | bytes) -> tuple[Series, ...]:
    return ordered(SHEET, base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode())


def refused(kind: object, content: object) -> str:
    with pytest.raises(RefusedError) as raised:
        ordered(kind, content)
    assert raised.value.status == 400
    return str(raised.value)


def refused_sheet(text: str | bytes) -> str:
    return refused(SHEET, base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode())


@pytest.mark.parametrize("former", [False, True])
def test_spreadsheets_of_both_generations(former: bool) -> None:
    """Also with a mark of UTF-8 before them, as the spreadsheets of some programs have."""
    text = cart([HELD[0]._replace(collection="A B"), HELD[1]], former=former)
    found = (FOUND[0]._replace(collection="A B"), FOUND[1])
    assert sheet(text) == sheet(b"\xef\xbb\xbf" + text.encode()) == found


def test_quotes_and_blank_lines_and_doubles() -> None:
    text = "SeriesInstanceUID,Collection,PatientID,ImageCount,FileSize\n\n"
    text += '1.2.3,"A, B",p1,1,5\n ,,,,\n1.2.4,C,p2,none,-3\n1.2.4,C,p2,none,-3\n'
    assert sheet(text) == FOUND


def test_manifests_have_nothing_but_uids() -> None:
    assert sheet(MANIFEST) == (Series("1.2.3"), Series("1.2.4"))
    assert sheet("ListOfSeriesToDownload=1.2.3") == (Series("1.2.3"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "missing column: Collection. Export the cart again, as a spreadsheet (CSV)"),
        ("a,b\n", "missing column: Collection. Export the cart again, as a spreadsheet (CSV)"),
        (
            "Collection,PatientID,SeriesInstanceUID,ImageCount\n",
            "missing column: FileSize. Export the cart again, as a spreadsheet (CSV)",
        ),
    ],
)
def test_a_missing_column_is_named(text: str, message: str) -> None:
    assert refused_sheet(text) == f"Invalid TCIA cart, {message}"


HEAD = "Collection,PatientID,SeriesInstanceUID,ImageCount,FileSize\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD, ": there is no series in it. Put some into it"),
        (
            HEAD + "C,p,1.2\n",
            ": line 2: it has 3 cells, where 5 are expected. Correct it, or export it again",
        ),
        (
            HEAD + "C,p,1.2,1,1\nC,p,../x,1,1\n",
            ": line 3: '../x' is not the UID of a series. Correct it, or export it again",
        ),
        (
            HEAD + "C,p,x,1,1\n" * 7,
            ": "
            + "; ".join(f"line {line}: 'x' is not the UID of a series" for line in range(2, 7))
            + "; and 2 more. Correct it, or export it again",
        ),
        (
            HEAD + f"C,p,1.2,1,{'1' * 200_000}\n",
            ": line 2: field larger than field limit (131072). Correct it, or export it again",
        ),
        (
            "ListOfSeriesToDownload=\n1.2\nhello\n",
            ": line 3: 'hello' is not the UID of a series. Correct it, or export it again",
        ),
        (b"\xff\xfe", ": Content is not such a text. Send a file in UTF-8 as base64"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str | bytes, message: str) -> None:
    assert refused_sheet(text) == f"Invalid TCIA cart{message}"


def test_what_is_not_base64_is_told() -> None:
    what = "Invalid TCIA cart: Content is not such a text. Send a file in UTF-8 as base64"
    assert refused(SHEET, "é") == refused(SHEET, None) == what


def test_series_are_taken_from_a_list() -> None:
    assert ordered("Series", [one.saved() for one in FOUND]) == FOUND
    without = {"Collection": "", "PatientID": "", "SeriesInstanceUID": "1.2", "InstancesCount": 0}
    assert ordered("Series", [without]) == (Series("1.2"),)


@pytest.mark.parametrize(
    "wrong", [5, {}, {"SeriesInstanceUID": 5}, {"InstancesCount": -1}, {"SeriesInstanceUID": "x"}]
)
def test_what_is_no_series_is_told_with_its_place(wrong: Any) -> None:
    item = {**FOUND[0].saved(), **wrong} if isinstance(wrong, dict) and wrong else wrong
    assert refused("Series", [FOUND[1].saved(), item]) == (
        "Invalid TCIA cart: Content[1] is not a series, with Collection, PatientID, SeriesInstanceUID and "
        "InstancesCount. Correct it, or export it again"
    )


def test_other_types_are_refused() -> None:
    assert refused("Zip", "") == 'Type is neither "NbiaClientSpreadsheet" nor "Series"'
    assert refused("Series", {}) == "Content is not a list of series"


def test_the_identifier_is_the_one_that_orthanc_makes() -> None:
    """That of a patient without an ID would be that of all of them."""
    assert identifier("P1") == "bdaf1eca-33d4619e-80e8ca68-9a1b74a4-febbbb29"
    assert Series("1.2").saved()["OrthancID"] == ""


@given(st.text(), st.text(alphabet="0123456789.", min_size=1, max_size=64))
def test_nothing_but_a_refusal_comes_of_any_text(text: str, uid: str) -> None:
    for content in (text, HEAD + text, "ListOfSeriesToDownload=" + text):
        try:
            found = sheet(content.encode(errors="replace"))
        except RefusedError:
            continue
        assert all(series_of(one.saved()) == one for one in found)
    assert ordered("Series", [Series(uid).saved()]) == (Series(uid),)
