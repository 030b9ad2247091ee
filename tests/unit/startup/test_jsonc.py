"""JSON with comments."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from startup import jsonc
from startup.errors import UnreadableError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)

COMMENTS = st.sampled_from(['// a "comment"\n', "/* one\nmore */", "/**/", "//\n", "/*/ tricky */"])


@given(JSON)
def test_reads_what_json_reads(value: object) -> None:
    """Any JSON document gives the same value as with the json module."""
    for indent in (None, 2):
        assert value == jsonc.value(json.dumps(value, indent=indent))
        assert value == jsonc.value(json.dumps(value, indent=indent, ensure_ascii=False))


@given(JSON, COMMENTS, COMMENTS)
def test_comments_around_and_inside_change_nothing(value: object, one: str, other: str) -> None:
    """Comments may stand wherever blanks may, and strings that look like comments stay whole."""
    document = {"http://a/*b*/": value, "x": ["//", "/* */", '\\"//']}
    text = json.dumps(document, indent=1).replace("\n ", f"\n{one} ")
    assert document == jsonc.value(f"{other}{text}{other}")


@given(JSON, st.sampled_from(["{", "[", '"', "nul", "{,}", "tru", "/*"]))
def test_never_reads_a_document_with_something_after_it(value: object, tail: str) -> None:
    """A second value or a beginning of one after the document is refused."""
    with pytest.raises(UnreadableError):
        jsonc.value(f"{json.dumps(value)} {tail}")


@given(st.text(alphabet='{}[]",:/*\\ \n1atrue'))
def test_refuses_with_a_reason_or_reads(text: str) -> None:
    """Whatever the text, the outcome is a value or a reason, never another exception."""
    with contextlib.suppress(UnreadableError):
        json.dumps(jsonc.value(text), allow_nan=False)


@given(st.text(alphabet='ab"\\/*\n '))
def test_comments_keep_their_place(text: str) -> None:
    """Taking comments out changes neither the length of a text nor its lines."""
    with contextlib.suppress(UnreadableError):
        plain = jsonc.uncommented(text)
        assert len(text) == len(plain)
        assert text.count("\n") == plain.count("\n")


@pytest.mark.parametrize("text", ["[" * 100 + "]" * 100, '["\\ud83d\\ude00", {"\\uD83D\\uDE00": 1}]'])
def test_reads_what_is_deep_or_escaped_but_right(text: str) -> None:
    """A hundred levels are not too many, and two halves make a character."""
    assert json.loads(text) == jsonc.value(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "it is empty"),
        (" // only a comment", "it is empty"),
        ('{"a": 1,}', "there is a comma with nothing after it in line 1, column 8"),
        ('{"a": 1\n,\n}', "there is a comma with nothing after it in line 2, column 1"),
        ("[1, 2,]", "there is a comma with nothing after it in line 1, column 6"),
        ('{\n "a": [1, 2\n}', "'}' is not expected in line 3, column 1"),
        ('{"a": 1', "the text ends too early in line 1, column 8"),
        ("{demo: 1}", "keys need double quotes in line 1, column 2"),
        ("{'demo': 1}", "strings need double quotes in line 1, column 2"),
        ("{\"a\": 'b'}", "strings need double quotes in line 1, column 7"),
        ('{"a": "b}', "a string begins here and never ends in line 1, column 7"),
        (
            '{"a": "b\nc"}',
            "a string holds a line break or a wrong escape (\\n and \\\\ are right ones) in line 1, column 9",
        ),
        (
            '{"a": "\\$"}',
            "a string holds a line break or a wrong escape (\\n and \\\\ are right ones) in line 1, column 8",
        ),
        ("{} }", "'}' is not expected in line 1, column 4"),
        (
            '{"a": ${PORT}}',
            "a variable is not replaced here in line 1, column 7",
        ),
        ('{"a": 1, # one\n "b": 2}', "comments begin with //, not with # in line 1, column 10"),
        ('# one\n{"b": 2}', "comments begin with //, not with # in line 1, column 1"),
        ('{"b": 2} # one', "comments begin with //, not with # in line 1, column 10"),
        ('{"a": tru}', "'t' is not expected in line 1, column 7"),
        ("{} /* x", "a comment begins with /* and never ends in line 1, column 4"),
        ('{"a": 1, "a": 2}', "the key 'a' is given twice in one object in line 1, column 10"),
        (
            '{"a": {"a": 1},\n "b": {"c": "c", "\\u0063": [2]}}',
            "the key 'c' is given twice in one object in line 2, column 18",
        ),
        ('{"a": NaN}', "NaN is not a number in JSON in line 1, column 7"),
        ('{"NaN": "NaN",\n "a": [NaN]}', "NaN is not a number in JSON in line 2, column 8"),
        ('{"a": 1e999}', "1e999 is too large in line 1, column 7"),
        ('{"a": -1e999}', "-1e999 is too large in line 1, column 7"),
        ("[" * 100_000, "it is nested too deeply"),
        (
            f'{{"a": {"9" * 5000}}}',
            "999999999999999999999999999... is too large in line 1, column 7",
        ),
        ("[" * 101 + "]" * 101, "it is nested too deeply"),
        ('{"a":' * 900 + "1" + "}" * 900, "it is nested too deeply"),
        ('{"a": ["\\ud83d"]}', "an escape such as \\ud83d stands for half a character only"),
        ('{"\\uDE00": 1}', "an escape such as \\ud83d stands for half a character only"),
        ("1 / 2", "'/' is not expected in line 1, column 3"),
    ],
)
def test_says_what_is_wrong_and_where(text: str, expected: str) -> None:
    """Each mistake has words and a place of its own."""
    with pytest.raises(UnreadableError) as caught:
        jsonc.value(text)
    assert expected == caught.value.what + caught.value.place()


def test_passes_over_a_byte_order_mark() -> None:
    """A mark that some editors put first is no mistake."""
    assert jsonc.value('\ufeff{"a": 1}') == {"a": 1}


def test_reads_numbers_as_they_are() -> None:
    """Whole numbers stay whole however long, others are floats."""
    assert jsonc.value("[12345678901234567890123, 1.5, 1e5]") == [12345678901234567890123, 1.5, 100000.0]
