"""Connection strings for ODBC, checked before Orthanc starts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from startup import odbc
from tests.unit.startup.image import AVAILABLE, Image

SERVER_18 = "ODBC Driver 18 for SQL Server"
REGISTERED = (
    f"[ODBC]\nTrace=no\n\n[{SERVER_18}]\nDriver=/opt/microsoft/driver.so\n\n[PostgreSQL Unicode]\nDriver=p\n"
)
INDEX = "ORTHANC__ODBC__INDEX_CONNECTION_STRING"


@pytest.fixture
def full(image: Image) -> Image:
    """An image with the plugin Odbc and two drivers."""
    image.file(f"{AVAILABLE}/libOrthancOdbcIndex.so", "")
    image.file(f"{AVAILABLE}/libOrthancOdbcStorage.so", "")
    image.file("/etc/odbcinst.ini", REGISTERED)
    image.file("/opt/mine.so", "")
    return image


def problems(image: Image, connection: str, **more: str) -> list[str]:
    """What is said of the index's connection string."""
    return image.problems({"ODBC_PLUGIN_ENABLED": "true", INDEX: connection, **more})


@pytest.mark.parametrize(
    "connection",
    [
        f"Driver={{{SERVER_18}}};Server=tcp:db,1433;UID=sa;PWD={{a;}}}}b}}",
        f"DRIVER={SERVER_18};Server=db",
        f" ; driver = {{{SERVER_18.lower()}}} ; Server=db",
        "PWD={Driver=none};Driver=postgresql unicode",
        "Driver=/opt/mine.so;Server=db",
        "DSN=orthanc;UID=sa",
        "FILEDSN=/etc/my.dsn",
    ],
)
def test_a_driver_that_is_registered_is_fine(full: Image, connection: str) -> None:
    """By name in any case, with or without braces, by path, or through a data source."""
    assert problems(full, connection) == []


@pytest.mark.parametrize(
    ("connection", "said"),
    [
        (
            "Driver={ODBC Driver 17 for SQL Server};Server=db;PWD=secret",
            "the ODBC driver 'ODBC Driver 17 for SQL Server' is not registered in /etc/odbcinst.ini."
            f" Did you mean '{SERVER_18}'?",
        ),
        (
            "Driver=FreeTDS;Server=db",
            "the ODBC driver 'FreeTDS' is not registered in /etc/odbcinst.ini."
            f" Registered are: {SERVER_18}, PostgreSQL Unicode.",
        ),
        (
            "Driver=/opt/yours.so",
            "the ODBC driver /opt/yours.so does not exist. Mount it, or correct the path.",
        ),
        (
            "Server=db;UID=sa;PWD=secret",
            "the connection string names neither a Driver nor a DSN."
            f" Begin it with Driver={{{SERVER_18}}}, for example.",
        ),
        (
            f"Driver={{{SERVER_18};PWD=secret",
            "a brace { of the connection string is never closed. Close it with }.",
        ),
    ],
)
def test_a_driver_that_is_not_there_is_a_problem(full: Image, connection: str, said: str) -> None:
    """The message has the driver that is most likely meant, and no secret."""
    assert problems(full, connection) == [f"{INDEX}: {said}"]


def test_the_only_driver_is_the_guess(full: Image) -> None:
    """Where there is one driver only, it is the one that is meant."""
    full.file("/etc/odbcinst.ini", f"[{SERVER_18}]\n")
    assert problems(full, "Driver=FreeTDS") == [
        f"{INDEX}: the ODBC driver 'FreeTDS' is not registered in /etc/odbcinst.ini."
        f" Did you mean '{SERVER_18}'?"
    ]


def test_an_image_without_drivers_says_so(full: Image) -> None:
    """Nothing is registered: the remedy is another image."""
    (full.path / "etc/odbcinst.ini").unlink()
    assert problems(full, "Driver=FreeTDS") == [
        f"{INDEX}: the ODBC driver 'FreeTDS' is not registered in /etc/odbcinst.ini."
        " None is registered: use an image that has one, such as the variant full, or register yours."
    ]


def test_drivers_may_be_registered_elsewhere(full: Image) -> None:
    """ODBCSYSINI and ODBCINSTINI lead to another file, as for unixODBC."""
    full.file("/site/drivers.ini", "[Mine]\n")
    assert problems(full, "Driver=Mine", ODBCSYSINI="/site", ODBCINSTINI="drivers.ini") == []


def test_only_what_is_used_is_checked(full: Image) -> None:
    """The files' connection string does not matter while the files are elsewhere; then it does."""
    storage = {"ORTHANC__ODBC__STORAGE_CONNECTION_STRING": "Driver=None"}
    assert problems(full, "DSN=orthanc", **storage) == []
    said = problems(full, "DSN=orthanc", **storage, ORTHANC__ODBC__ENABLE_STORAGE="true")
    assert [each.partition(":")[0] for each in said] == ["ORTHANC__ODBC__STORAGE_CONNECTION_STRING"]


def test_placeholders_are_said_once(full: Image) -> None:
    """A connection string that nobody gave is one problem, not two."""
    said = full.problems({"ODBC_PLUGIN_ENABLED": "true"})
    assert [each.partition(" is ")[0] for each in said] == ["Odbc: 'Odbc.IndexConnectionString'"]


COUNT = "ORTHANC__ODBC__INDEX_CONNECTIONS_COUNT"


def test_many_connections_to_sqlite_are_in_vain(full: Image) -> None:
    """Measured: eight are no quicker than one. A server gains from them, and a data source may be one."""
    full.file("/etc/odbcinst.ini", f"{REGISTERED}[SQLite3]\nDriver=s\n")
    given = {"ODBC_PLUGIN_ENABLED": "true", INDEX: "Driver={SQLite3};Database=/index"}
    assert full.warnings({**given, COUNT: "8"}) == [
        f"{COUNT}: 8 connections to an SQLite file are no quicker than one, as it has one writer."
        " Leave it out."
    ]
    assert full.warnings(given) == full.warnings({**given, COUNT: "1"}) == []
    for other in ("Driver=/opt/mine.so", "DSN=orthanc", "Driver={SQLite3"):
        assert full.warnings({**given, INDEX: other, COUNT: "8"}) == []


NAMES = st.text("abcdefghij ", min_size=1).map(str.strip).filter(bool)


@given(st.dictionaries(NAMES, st.text()))
def test_braces_keep_any_value(values: dict[str, str]) -> None:
    """What is written between braces, with closing braces twice, comes back as it was."""
    text = ";".join(f"{key}={{{value.replace('}', '}}')}}}" for key, value in values.items())
    assert odbc.attributes(text) == values


@given(st.text("{}=; aD"))
def test_any_text_comes_to_an_end(text: str) -> None:
    """No text makes the reader loop or fail in another way."""
    try:
        odbc.attributes(text)
    except odbc.UnmatchedError:
        assert "{" in text
