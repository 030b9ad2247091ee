"""Reading TOML tells every mistake with its place, and goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from builder.reading import Notes, Table, document, guess


def table(text: str) -> Table:
    return Table(tomli.loads(text), "", Notes("file.toml"))


def told(of: Table) -> list[str]:
    return [str(problem) for problem in of.notes.problems]


def test_what_is_right_is_returned_and_nothing_is_told() -> None:
    root = table('text = "a"\nnumber = 3\nlist = ["a", "b"]\n[part]\ninner = "c"\n')
    assert root.text("text") == "a"
    assert root.integer("number") == 3
    assert root.choice("text", ["a", "b"]) == "a"
    assert root.texts("list") == ("a", "b")
    assert root.table("part").text("inner") == "c"
    root.done()
    assert told(root) == []


def test_what_is_absent_has_its_default() -> None:
    root = table("")
    assert root.text("text", "d") == "d"
    assert root.integer("number", 7) == 7
    assert root.choice("choice", ["a"], "a") == "a"
    assert root.texts("list", ["d"]) == ("d",)
    assert root.table("part", required=False).names() == ()
    assert list(root.tables("parts", required=False)) == []
    assert told(root) == []


def test_an_absence_without_a_default_is_told_and_has_a_neutral_value() -> None:
    root = table("")
    values = (root.text("a"), root.integer("b"), root.texts("d"), root.table("e").names())
    assert values == ("", 0, (), ())
    assert list(root.rows("f")) == []
    assert told(root) == [
        "file.toml: a: is missing. Add it: a text.",
        "file.toml: b: is missing. Add it: a whole number.",
        "file.toml: d: is missing. Add it: a list.",
        "file.toml: e: is missing. Add it: a table.",
    ]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("1", "a whole number"),
        ("true", "true or false"),
        ("[]", "a list"),
        ("{}", "a table"),
        ("1.5", "a float"),
        ("2026-11-23", "a date"),
    ],
)
def test_another_type_than_a_text_is_told_with_its_name(value: str, kind: str) -> None:
    root = table(f"key = {value}")
    assert root.text("key") == ""
    assert told(root) == [f"file.toml: key: is {kind}. Make it a text."]


def test_true_is_no_whole_number() -> None:
    root = table("key = true")
    assert root.integer("key") == 0
    assert told(root) == ["file.toml: key: is true or false. Make it a whole number."]


def test_an_empty_text_is_a_mistake_but_an_absent_one_with_a_default_is_not() -> None:
    root = table('key = ""')
    assert (root.text("key", ""), root.text("other", "")) == ("", "")
    assert told(root) == ["file.toml: key: is empty. Give it a value, or remove the line."]


def test_a_wrong_choice_is_told_with_a_guess() -> None:
    root = table('key = "debain"\nfar = "zzz"')
    assert root.choice("key", ["debian", "pypi"]) == "debain"
    root.choice("far", ["debian", "pypi"])
    assert told(root) == [
        "file.toml: key: 'debain' is not known. Perhaps you meant 'debian'.",
        "file.toml: far: 'zzz' is not known. Known: debian, pypi.",
    ]


def test_wrong_entries_of_a_list_are_told_and_the_others_returned() -> None:
    root = table('key = ["a", 1, "", "a", "b"]')
    assert root.texts("key") == ("a", "b")
    assert told(root) == [
        "file.toml: key[1]: is a whole number. Make it a text.",
        "file.toml: key[2]: is empty. Give it a value, or remove it.",
        "file.toml: key[3]: 'a' is listed twice. Remove one of them.",
    ]


def test_an_empty_list_is_a_mistake_where_something_is_needed() -> None:
    root = table("needed = []\nother = []")
    assert (root.texts("needed"), root.texts("other", ())) == ((), ())
    assert told(root) == ["file.toml: needed: is empty. Give it at least one entry."]


def test_places_are_dotted_paths() -> None:
    root = table("[[rows]]\na = 1\n[parts.x.y]\nb = 2\n")
    (row,) = root.rows("rows")
    row.text("a")
    ((name, part),) = root.tables("parts")
    assert name == "x"
    part.table("y").text("b")
    assert told(root) == [
        "file.toml: rows[0].a: is a whole number. Make it a text.",
        "file.toml: parts.x.y.b: is a whole number. Make it a text.",
    ]


def test_what_should_be_a_table_and_is_none_is_told_once() -> None:
    """What such a table lacks is not told: it says nothing to a person who wrote a text."""
    root = table('rows = ["a"]\npart = "a"\n[parts]\nx = 1\n')
    assert list(root.rows("rows")) == []
    assert root.table("part").text("inner") == ""
    assert [part.text("inner") for _, part in root.tables("parts")] == [""]
    assert told(root) == [
        "file.toml: rows[0]: is a text. Make it a table.",
        "file.toml: part: is a text. Make it a table.",
        "file.toml: parts.x: is a whole number. Make it a table.",
    ]


def test_keys_that_nobody_asked_for_are_told_with_a_guess() -> None:
    root = table("name = 'a'\nnmae = 'b'\nzzz = 1\nversion = 2\n")
    root.text("name")
    root.done(["version"])
    assert told(root) == [
        "file.toml: nmae: is not a known key. Perhaps you meant 'name'.",
        "file.toml: zzz: is not a known key. Known: name, version.",
    ]


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file.toml"
    path.write_text("name = 'ä'", encoding="utf-8")
    notes = Notes(path.name)
    root = document(path, notes)
    assert root is not None
    assert root.text("name") == "ä"
    assert notes.problems == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            b"a = \n",
            "file.toml: cannot be read: Invalid value (at line 1, column 5). Correct the file.",
        ),
        (
            b"a = '\xff'\n",
            "file.toml: cannot be read: 'utf-8' codec can't decode byte 0xff in position 5: "
            "invalid start byte. Correct the file.",
        ),
    ],
)
def test_a_file_that_is_no_toml_is_told(tmp_path: Path, content: bytes, expected: str) -> None:
    path, notes = tmp_path / "file.toml", Notes("file.toml")
    path.write_bytes(content)
    assert document(path, notes) is None
    assert [str(problem) for problem in notes.problems] == [expected]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    path, notes = tmp_path / "file.toml", Notes("file.toml")
    assert document(path, notes) is None
    assert [str(problem) for problem in notes.problems] == [f"file.toml: does not exist. Put it at {path}."]


@given(st.text(), st.lists(st.text()))
def test_a_guess_is_always_one_of_what_is_known(word: str, known: list[str]) -> None:
    said = guess(word, known)
    near = [f"Perhaps you meant {name!r}" for name in known]
    others = "Known: " + ", ".join(sorted(known)) if known else "There is none: leave it out"
    assert said in [*near, others]


JSON = st.recursive(
    st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.sampled_from("abcdef"), JSON))
def test_whatever_a_file_holds_the_values_have_the_right_types(data: dict[str, object]) -> None:
    root = Table(data, "", Notes("file"))
    assert type(root.text("a")) is str
    assert type(root.integer("b")) is int
    assert all(type(one) is str for one in root.texts("d"))
    assert all(isinstance(one, Table) for one in root.rows("e"))
    assert all(isinstance(one, Table) for _, one in root.tables("f"))
