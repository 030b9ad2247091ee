"""``config check --connect``: what the databases say, and what is made of it."""

import json
from typing import Any

import pytest

from startup import cli, connecting
from tests.unit.startup.image import LOCAL, Image

PROGRAM = "/usr/lib/orthanc-image/native/database-check"
HOST = {**LOCAL, "ORTHANC__POSTGRESQL__HOST": "db", "ORTHANC__POSTGRESQL__PASSWORD": "s3cr3t"}
FACTS = {
    "server": "PostgreSQL 18.1",
    "tables": True,
    "version": 6,
    "revision": 10,
    "newest": 10,
    "size": 8_500_000,
    "lacking": [],
}


def program(image: Image, text: str) -> str:
    """Put a script in the place of the program that asks; return its path."""
    image.file(PROGRAM, f"#!/bin/sh\n{text}\n")
    path = image.path / PROGRAM.removeprefix("/")
    path.chmod(0o755)
    return str(path)


def checked(
    image: Image, capsys: pytest.CaptureFixture[str], *options: str, **given: str
) -> tuple[int, str, str]:
    """Run the command with a configuration whose index is in PostgreSQL."""
    code = cli.run(["check", "--connect", *options], {**HOST, **given}, image.root)
    return code, *capsys.readouterr()


def saying(image: Image, capsys: pytest.CaptureFixture[str], **facts: Any) -> tuple[int, list[str]]:
    """Run it with a database that says FACTS, except for these; None takes one away."""
    content = {key: value for key, value in {**FACTS, **facts}.items() if value is not None}
    program(image, f"cat > /dev/null\necho '{json.dumps(content)}'")
    code, output, errors = checked(image, capsys)
    return code, (output + errors).splitlines()


def test_a_database_is_described(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """Server, version and revision of the schema, and the size; then the configuration is fine."""
    assert saying(image, capsys) == (
        0,
        [
            "PostgreSQL, index: PostgreSQL 18.1 answers; the schema has version 6, revision 10;"
            " the database has 8.5 MB.",
            "The configuration is fine.",
        ],
    )


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"tables": False, "size": None}, "the tables are not there yet, and a start makes them"),
        ({"revision": 6, "size": None}, "the schema has version 6, revision 6; a start upgrades it to 10"),
        (
            {"revision": None, "size": None},
            "the schema has version 6, and no revision; a start upgrades it to 10",
        ),
        ({"version": None, "revision": None, "size": 12}, "the database has 12 bytes"),
        ({"newest": None, "size": None}, "the schema has version 6, revision 10"),
        (
            {"tables": False, "size": 12},
            "the tables are not there yet, and a start makes them; the database has 12 bytes",
        ),
        (
            {"tables": False, "size": 10**16},
            "the tables are not there yet, and a start makes them; the database has 10000.0 TB",
        ),
    ],
)
def test_tables_of_each_age(
    image: Image, capsys: pytest.CaptureFixture[str], facts: dict[str, Any], expected: str
) -> None:
    """What a start would do about them is said."""
    code, lines = saying(image, capsys, **facts)
    assert (code, lines[0]) == (0, f"PostgreSQL, index: PostgreSQL 18.1 answers; {expected}.")


def test_a_newer_schema_and_missing_rights_are_problems(
    image: Image, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each with what to do."""
    code, lines = saying(
        image, capsys, revision=12, lacking=["INSERT on the tables", "CREATE in the schema public"]
    )
    assert code == 78
    assert lines[1:] == [
        "PostgreSQL, index: the schema has revision 12, and this image knows none after 10."
        " Use a newer image, or restore an older backup.",
        "PostgreSQL, index: the user lacks rights: INSERT on the tables, CREATE in the schema public."
        " Grant them to this user.",
        "Orthanc would not work: 2 problems in its configuration (see above).",
    ]


def test_the_program_gets_the_configuration_and_no_secret_as_an_argument(
    image: Image, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each database that would be used is asked, with the configuration on standard input."""
    program(
        image, f'echo "$@" >> {image.root}/arguments; cat > {image.root}/said; echo \'{{"error": "Stop."}}\''
    )
    code, output, errors = checked(image, capsys, ORTHANC__POSTGRESQL__ENABLE_STORAGE="true")
    assert (code, output) == (78, "")
    assert errors.splitlines()[:2] == ["Stop.", "Stop."]
    assert (image.path / "arguments").read_text() == "PostgreSQL index 20\nPostgreSQL storage 20\n"
    given = json.loads((image.path / "said").read_text())
    assert (given["PostgreSQL"]["Host"], given["PostgreSQL"]["Password"]) == ("db", "s3cr3t")


def test_files_in_a_database(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """The table of the storage has no revision."""
    program(image, 'cat > /dev/null; echo \'{"server": "PostgreSQL 18.1", "tables": true, "lacking": null}\'')
    code, output, _ = checked(
        image, capsys, ORTHANC__POSTGRESQL__ENABLE_STORAGE="true", ORTHANC__POSTGRESQL__ENABLE_INDEX="false"
    )
    assert (code, output.splitlines()[0]) == (0, "PostgreSQL, storage: PostgreSQL 18.1 answers.")


def test_a_database_that_does_not_answer(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """The system ends the program after some time."""
    program(image, "kill -ALRM $$")
    code, _, errors = checked(image, capsys)
    assert (code, errors.splitlines()[0]) == (
        78,
        "PostgreSQL, index: the database has not answered within 20 s."
        " Check its address, and the firewalls on the way.",
    )


@pytest.mark.parametrize("text", ["exit 3", "echo '[]'; exit 3", "echo '{'; exit 3"])
def test_a_program_without_an_answer(image: Image, capsys: pytest.CaptureFixture[str], text: str) -> None:
    """Its exit code is told."""
    path = program(image, text)
    code, _, errors = checked(image, capsys)
    assert (code, errors.splitlines()[0]) == (78, f"{path}: it has ended with code 3, and without an answer.")


def test_a_program_that_is_not_there(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """The image may be a derived one, without it."""
    code, _, errors = checked(image, capsys)
    reason = "no such file or directory"
    assert (code, errors.splitlines()[0]) == (78, f"{image.root}{PROGRAM}: it cannot be started ({reason}).")


def test_nothing_is_asked_of_a_wrong_configuration(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """Its problems come first."""
    program(image, "exit 3")
    code, output, errors = checked(image, capsys, ORTHANC__POSTGRESQL__PORT="0")
    assert (code, output) == (78, "")
    assert "exit" not in errors


def test_without_a_database_there_is_nothing_to_ask(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """The configuration alone is checked."""
    assert cli.run(["check", "--connect"], LOCAL, image.root) == 0
    assert capsys.readouterr().out == "The configuration is fine.\n"
    found = image.found(LOCAL)
    assert connecting.wanted(found) == []


def test_connect_belongs_to_check(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """Elsewhere it would promise something."""
    assert cli.run(["print", "--connect"], LOCAL, image.root) == 64
    assert capsys.readouterr().err.startswith("config: 'print --connect' is not one of its commands.")
