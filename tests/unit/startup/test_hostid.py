"""The host id."""

from pathlib import Path

import pytest

from startup import hostid


@pytest.fixture
def root(tmp_path: Path) -> str:
    """A root folder with an empty /etc."""
    (tmp_path / "etc").mkdir()
    return str(tmp_path)


def test_a_host_id_that_is_there_stays(root: str) -> None:
    """Four bytes or more are what gethostid reads."""
    Path(root, "etc/hostid").write_bytes(b"abcdef")
    assert hostid.settled({}, root) == []
    assert Path(root, "etc/hostid").read_bytes() == b"abcdef"


def test_a_host_id_that_is_too_short_is_replaced(root: str) -> None:
    """Less than four bytes would send gethostid to the name server."""
    Path(root, "etc/hostid").write_bytes(b"ab")
    assert hostid.settled({}, root) == []
    assert len(Path(root, "etc/hostid").read_bytes()) == 4


def test_a_host_id_that_cannot_be_written(tmp_path: Path) -> None:
    """A forced one is a problem, a missing one a warning; both say what can be done."""
    (forced,) = hostid.settled({"FORCE_HOST_ID": "1"}, str(tmp_path))
    (missing,) = hostid.settled({}, str(tmp_path))
    assert (
        str(forced)
        == "FORCE_HOST_ID: the host id 1 cannot be written to /etc/hostid (no such file or directory)."
        " Run the container with a file system that can be written, or mount this file."
    )
    assert (
        str(missing)
        == "/etc/hostid: it is missing and cannot be written (no such file or directory). Mount a"
        " file of 4 bytes"
        " there, or set GENERATE_HOST_ID_IF_MISSING=false if name look-ups are fast."
    )
    assert (forced.fatal, missing.fatal) == (True, False)


def test_a_wish_that_makes_no_sense_makes_no_host_id(root: str) -> None:
    """The wrong word is a problem elsewhere; here nothing is done."""
    assert hostid.settled({"GENERATE_HOST_ID_IF_MISSING": "maybe"}, root) == []
    assert not Path(root, "etc/hostid").exists()
