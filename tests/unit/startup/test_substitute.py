"""Variables in the texts of JSON documents."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from startup import jsonc, substitute
from startup.errors import UnreadableError
from startup.substitute import Replacement

ENVIRONMENT = {"A": "one", "B": "${A}", "EMPTY": "", "Q": '","x":"', "_N1": "n", "BYTES": "\udce9"}


def value(text: str, environment: dict[str, str] | None = None) -> object:
    """What a document with this text as its only value holds in its place."""
    replaced = Replacement(json.dumps([text]), ENVIRONMENT if environment is None else environment)
    assert replaced.faults == []
    (found,) = json.loads(replaced.text)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A}", "one"),
        ("$A", "one"),
        ("x${A}y${A}", "xoneyone"),
        ("x$A-$A.", "xone-one."),
        ("$_N1", "n"),
        ("${B}", "${A}"),
        ("$B", "${A}"),
        ("${Q}", '","x":"'),
        ("$Q", '","x":"'),
        ("${EMPTY}", ""),
        ("$EMPTY", ""),
        ("${NO:-else}", "else"),
        ("${NO-else}", "else"),
        ("${NO:=else}", "else"),
        ("${NO=else}", "else"),
        ("${EMPTY:-else}", "else"),
        ("${EMPTY-else}", ""),
        ("${A:-else}", "one"),
        ("${A-else}", "one"),
        ("${A:?else}", "one"),
        ("${A?else}", "one"),
        ("${EMPTY?else}", ""),
        ("${A:+else}", "else"),
        ("${A+else}", "else"),
        ("${EMPTY+else}", "else"),
        ("${EMPTY:+else}", ""),
        ("${NO:+else}", ""),
        ("${NO+else}", ""),
        ("${NO:-}", ""),
        ("${NO:-a:-b}", "a:-b"),
        ('${NO:-a"b\\c}', 'a"b\\c'),
        ("${NO:-${A}}", "one"),
        ("${NO:-$A}", "one"),
        ("${NO:-${NO:-${A}}!}", "one!"),
        ("${A:+<${A}>}", "<one>"),
        ("$${A}", "${A}"),
        ("$$${A}", "$${A}"),
        ("$a $ $$ $1 a$", "$a $ $$ $1 a$"),
        ("pa$$A", "pa$$A"),
        ("${}", "${}"),
        ("${1}", "${1}"),
        ("${a b}", "${a b}"),
        ("${A%x}", "${A%x}"),
        ("${A", "${A"),
        ("${NO:-${A}", "${NO:-one"),
        ("$TODAY$", "$TODAY$"),
    ],
)
def test_replaces_the_forms_of_the_shell(text: str, expected: str) -> None:
    """In a string, each form is replaced once; ``$NAME`` of no variable stays, ``$${`` gives a literal."""
    assert expected == value(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${PORT}", 80),
        ("$PORT", 80),
        ("[${PORT}, ${LIST}]", [80, 1, "a"]),
        ("[${ITEMS}, $EMPTY 3]", [1, 2, 3]),
        ("{${MEMBERS}}", {"a": "b"}),
        ('{"x": 1, ${MEMBERS}}', {"x": 1, "a": "b"}),
        ("{ ${EMPTY} }", {}),
        ('{"x": ${OBJECT}}', {"x": {"a": [True, None]}}),
        ('{"x": ${NOTED} }', {"x": 5}),
        ('{"x": ${WORD}}', {"x": "a b"}),
        ('{"x": ${ADDRESS}, "y": 1}', {"x": "http://h", "y": 1}),
        ('{"x": ${LOCAL}, "y": 1}', {"x": "5 /*", "y": 1}),
        ('{"x": ${SLASHES}}', {"x": "//"}),
        ('{"x": ${TRICK}}', {"x": '5, "y": 6'}),
        ('{"x": ${ITEMS}}', {"x": "1, 2"}),
        ("{${WORD}: 1, ${STRING}: 2, $PORT : 3}", {"a b": 1, "s": 2, "80": 3}),
        ('{"${WORD}": 1}', {"a b": 1}),
        ('{"x": ${NO:-{"a": "}"}}}', {"x": {"a": "}"}}),
        ('{"x": ${NO:-"$WORD ${QUOTE}"}}', {"x": 'a b "'}),
        ('{"x": ${NO:-${WORD}}}', {"x": "a b"}),
        ('{"x": ${NO:-${OBJECT}}}', {"x": {"a": [True, None]}}),
        ('{"x": ${DOLLAR}}', {"x": "${WORD}"}),
        ('{"x": ${PORT:+true}}', {"x": True}),
        ("${OBJECT}", {"a": [True, None]}),
    ],
)
def test_a_variable_without_quotes_is_json_or_text(text: str, expected: object) -> None:
    """A whole value, or items and members where these stand; it can break out of nothing."""
    environment = {
        "PORT": "80",
        "LIST": '1, "a"',
        "ITEMS": "1, 2",
        "EMPTY": "",
        "MEMBERS": '"a": "b"',
        "OBJECT": ' {"a": [true, null]} // it',
        "NOTED": "5 // five",
        "WORD": "a b",
        "STRING": '"s"',
        "ADDRESS": "http://h",
        "LOCAL": "5 /*",
        "SLASHES": "//",
        "TRICK": '5, "y": 6',
        "QUOTE": '"',
        "DOLLAR": "${WORD}",
    }
    text = text.replace("[${ITEMS}, $EMPTY 3]", "[${ITEMS}, 3 $EMPTY]")
    replaced = Replacement(text, environment)
    assert (expected, []) == (jsonc.value(replaced.text), replaced.faults)


UNEXPECTED = "is not expected in line 1, column"
ENDLESS = "a string begins here and never ends in line 1, column 1 of its value"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"${NO}"', [(1, "NO is not defined", "Define it, ")]),
        ('"${X:-${NO}}${A}"', [(6, "NO is not defined", "Define it, ")]),
        (
            '"a${NO}b${NO}"',
            [(2, "NO is not defined", "Define it, "), (8, "NO is not defined", "Define it, ")],
        ),
        ('"${NO:?please set it.}"', [(1, "NO is not defined", "Please set it.")]),
        ('"${NO?}"', [(1, "NO is not defined", "Define it, ")]),
        ('"${EMPTY:?set it}"', [(1, "EMPTY is empty", "Set it.")]),
        ('"$BYTES"', [(1, "BYTES is not text in UTF-8", "Write it in UTF-8.")]),
        ("$NO", [(0, "NO is not defined", "Define it, ")]),
        ('{"a": ${EMPTY}}', [(6, "EMPTY is empty", "Give it a value, or leave the setting out.")]),
        ('{"a": ${Q}}', [(6, f"Q is not valid JSON: 'x' {UNEXPECTED} 4 of its value", "Correct it there.")]),
        ('[${Q}"]', [(1, f"Q is not valid JSON: 'x' {UNEXPECTED} 4 of its value", "Correct it there.")]),
        ("[${LOCAL}]", [(1, "LOCAL is not valid JSON: " + ENDLESS, "Correct it there.")]),
        ('{"a": ${DEEP}}', [(6, "DEEP is not valid JSON: it is nested too deeply", "Correct it there.")]),
    ],
)
def test_says_what_cannot_be_replaced(text: str, expected: list[tuple[int, str, str]]) -> None:
    """With its place, and a mark in the text by which the setting can be found."""
    replaced = Replacement(text, {**ENVIRONMENT, "LOCAL": '"a', "DEEP": "[" * 200 + "]" * 200})
    found = [(each.index, f"{each.name} {each.what}", each.remedy) for each in replaced.faults]
    assert [each[:2] for each in expected] == [each[:2] for each in found]
    assert all(one[2].startswith(other[2]) for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("value", "expected"),
    [("\x000\x00", [0]), ({"\x001\x00": ["a\x002\x00b\x003\x00"]}, [1, 2, 3]), ("\0x\0", []), (5, [])],
)
def test_finds_the_marks(value: object, expected: list[int]) -> None:
    """In texts and keys, at any depth."""
    assert expected == substitute.faults_in(value)


@pytest.mark.parametrize(
    ("text", "only_braces", "expected"),
    [
        ('"$$A"', False, [(2, "A")]),
        ('"$$NO $NO $5"', False, []),
        ('"${A%x} ${1}"', False, [(1, ""), (8, "")]),
        ('"$A $NO ${A}"', True, [(1, "A")]),
        ('"$${A}"', False, []),
    ],
)
def test_names_what_stays(text: str, only_braces: bool, expected: list[tuple[int, str]]) -> None:
    """A ``${`` that begins no variable, and the name of a variable in a place where it is not replaced."""
    assert expected == Replacement(text, ENVIRONMENT, only_braces).left


def test_a_mistake_keeps_its_place() -> None:
    """After variables of other lengths, the place is that in the source; within one, its beginning."""
    text = '{"a": "${LONG}",\n "b": "$A", "c": ${LONG}, oops}'
    replaced = Replacement(text, {"LONG": "x" * 50, "A": ""})
    with pytest.raises(UnreadableError) as caught:
        jsonc.value(replaced.text)
    assert replaced.located(caught.value).place() == " in line 2, column 27"
    replaced = Replacement('{"a": 1 ${LONG}}', {"LONG": "x"})
    with pytest.raises(UnreadableError) as caught:
        jsonc.value(replaced.text)
    assert replaced.located(caught.value).place() == " in line 1, column 9"
    nowhere = UnreadableError("it is empty")
    assert replaced.located(nowhere) is nowhere


@given(st.text(alphabet="ab$ {}:-"))
def test_leaves_text_without_variables_alone(text: str) -> None:
    """A text without ``${`` comes out as it went in, when no variable has such a name."""
    if "${" not in text:
        assert text == value(text)


@given(st.text(alphabet='ab$ {}:-é"\\'))
def test_every_text_can_be_written_literally(text: str) -> None:
    """With ``$${`` for each ``${`` any text comes through unchanged."""
    assert text == value(text.replace("${", "$${"))


@given(st.text(), st.text(min_size=1), st.sampled_from(["${V}", "$V", "${V:?x}", "${NO:-$V}"]))
def test_puts_values_in_unchanged(before: str, given: str, form: str) -> None:
    """Whatever a variable holds arrives letter by letter."""
    prefix = before.replace("$", "")
    assert prefix + given == value(prefix + form, {"V": given})


@given(st.text(alphabet='${}[]":,aA1/* \n'), st.text(alphabet='${}[]":,a1/* '))
def test_never_breaks(text: str, given: str) -> None:
    """Any text with any value is JSON or a mistake with a place, and nothing outside of it changes."""
    try:
        replaced = Replacement(jsonc.uncommented(text), {"A": given, "a": given})
    except UnreadableError:
        return
    try:
        jsonc.value(replaced.text)
    except UnreadableError as error:
        found = replaced.located(error)
        assert found.line <= text.count("\n") + 1


@given(st.text(alphabet='{}[]":,a1/* $'))
def test_a_value_stays_in_its_place(given: str) -> None:
    """What stands beside a variable is the same whatever its value."""
    text = '{"a": ${V}, "b": "$V", "c": {"d": "${V}"}, "e": 1}'
    replaced = Replacement(text, {"V": given})
    found = jsonc.value(replaced.text)
    assert isinstance(found, dict)
    assert list(found) == ["a", "b", "c", "e"]
    assert (found["b"], found["c"], found["e"]) == (given, {"d": given}, 1)
