"""Reading of a section: values, and whole messages about what is none."""

import pytest

from orthanc_images.errors import PluginError
from orthanc_images.section import Section


def test_values_are_read() -> None:
    content = {
        "Text": " a ",
        "Flag": True,
        "Number": 3,
        "Choice": "b",
        "Texts": {"k": "v"},
        "Items": [1],
        "Inner": {"A": "x"},
        "Null": None,
    }
    section = Section("S", content)
    assert (section.text("Text"), section.text("Gone", "d"), section.text("Null", "n")) == ("a", "d", "n")
    assert (section.flag("Flag", False), section.flag("Gone", True)) == (True, True)
    assert (section.number("Number", 1), section.number("Gone", 5)) == (3, 5)
    assert (section.choice("Choice", ("a", "b")), section.choice("Gone", ("a",), "a")) == ("b", "a")
    assert (section.texts("Texts"), section.texts("Gone")) == ({"k": "v"}, {})
    assert (section.items("Items"), section.items("Gone")) == ([1], [])
    inner = section.section("Inner")
    assert inner is not None
    assert inner.text("A") == "x"
    assert section.section("Gone") is None
    assert section.problems == []


@pytest.mark.parametrize(
    ("method", "arguments", "value", "problem"),
    [
        ("text", (), 5, "S.X: a number, where a text is expected. Put it in quotes."),
        ("text", (), ["secret"], "S.X: a list, where a text is expected. Put it in quotes."),
        ("flag", (True,), "true", "S.X: a text, where true or false is expected. Write true or false."),
        ("flag", (True,), {}, "S.X: an object, where true or false is expected. Write true or false."),
        (
            "number",
            (1,),
            True,
            "S.X: true or false, where a whole number of at least 1 is expected. Correct it.",
        ),
        ("number", (1,), 1.5, "S.X: a number, where a whole number of at least 1 is expected. Correct it."),
        ("number", (1,), 0, "S.X: 0, where a whole number of at least 1 is expected. Correct it."),
        ("choice", (("Hot", "Cool"),), "hot", "S.X: 'hot' is none of Hot, Cool. Did you mean 'Hot'?"),
        ("choice", (("Hot", "Cool"),), "zzz", "S.X: 'zzz' is none of Hot, Cool. Choose one of those."),
        ("texts", (), {"a": 1}, 'S.X: not an object whose values are texts. Write it as {"name": "value"}.'),
        ("items", (), "a", "S.X: a text, where a list is expected. Write it as […]."),
        ("section", (), "a", "S.X: not an object. Write it as {…}."),
    ],
)
def test_what_is_wrong_is_said(
    method: str, arguments: tuple[object, ...], value: object, problem: str
) -> None:
    section = Section("S", {"X": value})
    getattr(section, method)("X", *arguments)
    assert section.problems == [problem]


@pytest.mark.parametrize("value", [None, "", "  ", "MUST BE DEFINED BY YOU"])
def test_what_must_be_there_is_missed(value: object) -> None:
    section = Section("S", {"X": value})
    assert section.text("X", required=True) == ""
    assert section.problems == ["S.X: not set. Set it."]


def test_what_nobody_asked_for_is_told_with_a_guess() -> None:
    section = Section("S", {"BucketNam": "b", "Colour": 1})
    section.text("BucketName")
    assert section.unknown() == [
        "S.BucketNam: there is no such setting. Did you mean BucketName?",
        "S.Colour: there is no such setting. Remove it.",
    ]


def test_all_problems_are_raised_at_once() -> None:
    section = Section("S", {"A": 1, "B": "yes"})
    section.check()
    section.text("A")
    section.flag("B", False)
    with pytest.raises(PluginError) as raised:
        section.check()
    assert str(raised.value) == (
        "S.A: a number, where a text is expected. Put it in quotes."
        " S.B: a text, where true or false is expected. Write true or false."
    )
