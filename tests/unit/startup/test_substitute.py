"""Variables inside string values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from startup import substitute

ENVIRONMENT = {"A": "one", "B": "${A}", "EMPTY": "", "Q": '","x":"'}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A}", "one"),
        ("x${A}y${A}", "xoneyone"),
        ("${B}", "${A}"),
        ("${Q}", '","x":"'),
        ("${NO:-else}", "else"),
        ("${EMPTY:-else}", "else"),
        ("${NO:-}", ""),
        ("${NO:-a:-b}", "a:-b"),
        ("${NO:-${A}}", "one"),
        ("${NO:-${NO:-${A}}!}", "one!"),
        ("$${A}", "${A}"),
        ("$$${A}", "$${A}"),
        ("$A $ $$ $1 a$", "$A $ $$ $1 a$"),
        ("${}", "${}"),
        ("${1}", "${1}"),
        ("${a b}", "${a b}"),
        ("${A", "${A"),
        ("${NO:-${A}", "${NO:-one"),
        ("$TODAY$", "$TODAY$"),
    ],
)
def test_replaces_braces_only(text: str, expected: str) -> None:
    """Only ``${NAME}`` and ``${NAME:-default}`` are replaced, once; ``$${`` gives a literal."""
    assert (expected, []) == substitute.replaced(text, ENVIRONMENT)


@pytest.mark.parametrize("text", ["${NO}", "${EMPTY}", "${X:-${NO}}${A}", "a${NO}b${EMPTY:-}"])
def test_names_what_is_undefined(text: str) -> None:
    """A variable that is missing or empty is named."""
    name = "EMPTY" if text == "${EMPTY}" else "NO"
    assert [name] == substitute.replaced(text, ENVIRONMENT)[1]


@given(st.text(alphabet="ab$ {}:-"))
def test_leaves_text_without_braces_alone(text: str) -> None:
    """A text without ``${`` comes out as it went in."""
    if "${" not in text:
        assert (text, []) == substitute.replaced(text, ENVIRONMENT)


@given(st.text(alphabet="aAB$ {}:-é"))
def test_every_text_can_be_written_literally(text: str) -> None:
    """With ``$${`` for each ``${`` any text comes through unchanged."""
    assert (text, []) == substitute.replaced(text.replace("${", "$${"), ENVIRONMENT)


@given(st.text(), st.text(min_size=1))
def test_puts_values_in_unchanged(before: str, value: str) -> None:
    """Whatever a variable holds arrives letter by letter."""
    prefix = before.replace("$", "")
    assert (prefix + value, []) == substitute.replaced(prefix + "${V}", {"V": value})
