"""The tags that a new SQLite index gets beside Orthanc's own."""

import json

import pytest

from startup import new_index
from tests.unit.startup.image import LOCAL, Image

WEB = {"DICOM_WEB_PLUGIN_ENABLED": "true"}
FOLDER = "/var/lib/orthanc/db"
NOTE = f"{FOLDER}/{new_index.NOTE}"


def tags(image: Image, given: dict[str, str]) -> object:
    """Return the tags that Orthanc would be told."""
    return image.found(given).tree.get("ExtraMainDicomTags")


def test_a_new_index_gets_what_dicomweb_tells(image: Image) -> None:
    """Neither a missing file nor an empty one is an index."""
    assert tags(image, WEB) == new_index.TAGS
    image.file(f"{FOLDER}/index", "")
    assert tags(image, WEB) == new_index.TAGS
    history = image.found(WEB).history()
    (value,) = history[("ExtraMainDicomTags", "Instance")]
    assert value.origin == "default for a new index, as DicomWeb is enabled"


def test_an_index_that_is_there_stays_as_it_is(image: Image) -> None:
    """What was stored in it does not have the tags."""
    image.file(f"{FOLDER}/index", "SQLite")
    assert tags(image, WEB) is None
    assert image.found(WEB).note == ""


def test_an_index_elsewhere(image: Image) -> None:
    """IndexDirectory says where; a folder that cannot be looked into may have one."""
    given = {"ORTHANC__INDEX_DIRECTORY": "/index", **WEB}
    assert tags(image, given) == new_index.TAGS
    assert image.found(given).note == f"/index/{new_index.NOTE}"
    image.file("/index", "a file")
    assert tags(image, given) is None


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"ORTHANC__EXTRA_MAIN_DICOM_TAGS": "{}", **WEB},
        {"ORTHANC__READ_ONLY": "true", **WEB},
        {"ORTHANC__POSTGRESQL__HOST": "db", **WEB},
        {"ORTHANC__MYSQL__HOST": "db", "ORTHANC__MYSQL__ENABLE_INDEX": "true", **WEB},
        {"ORTHANC__STORAGE_DIRECTORY": '""', **WEB},
    ],
)
def test_where_it_does_not_apply(image: Image, given: dict[str, str]) -> None:
    """Without DICOMweb, with an index elsewhere, or where the user has decided."""
    assert tags(image, given) in (None, {})


def test_tags_of_the_user(image: Image) -> None:
    """Any of them takes the place of all of ours."""
    given = {"ORTHANC__EXTRA_MAIN_DICOM_TAGS__STUDY": '["StationName"]', **WEB}
    assert tags(image, given) == {"Study": ["StationName"]}


def test_a_database_that_only_keeps_files(image: Image) -> None:
    """The index is in SQLite then."""
    given = {"ORTHANC__POSTGRESQL__HOST": "db", "ORTHANC__POSTGRESQL__ENABLE_INDEX": "false", **WEB}
    assert tags(image, given) == new_index.TAGS


def test_a_library_of_the_user(image: Image) -> None:
    """It may be an index that nobody knows of, and no file tells whether that one is new."""
    image.file("/usr/share/orthanc/plugins/libMine.so", "")
    assert tags(image, WEB) is None


def test_the_note_keeps_the_tags(image: Image) -> None:
    """The next start finds an index, with or without DICOMweb, and a later image may have other tags."""
    assert image.start({**LOCAL, **WEB})[0] == 0
    assert json.loads((image.path / NOTE[1:]).read_text()) == new_index.TAGS
    image.file(f"{FOLDER}/index", "SQLite")
    assert tags(image, WEB) == new_index.TAGS
    assert tags(image, {}) == new_index.TAGS
    assert tags(image, {"ORTHANC__POSTGRESQL__HOST": "db"}) is None
    image.file(NOTE, {"Instance": ["Rows"]})
    found = image.found({})
    assert found.tree["ExtraMainDicomTags"] == {"Instance": ["Rows"]}
    (value,) = found.history()[("ExtraMainDicomTags", "Instance")]
    assert value.origin == f"default for a new index, kept in {NOTE}"


@pytest.mark.parametrize("content", [b"\xff", "[]", "no JSON"])
def test_a_note_that_is_damaged(image: Image, content: bytes | str) -> None:
    """It counts as none."""
    image.file(f"{FOLDER}/index", "SQLite")
    image.file(NOTE, content)
    assert tags(image, WEB) is None


def test_a_check_writes_no_note(image: Image) -> None:
    """Nor does a start that fails."""
    assert image.start({**LOCAL, **WEB, "ORTHANC__HTTP_PORT": "0"})[0] != 0
    assert image.found(WEB).note == NOTE
    assert not (image.path / NOTE[1:]).exists()


def test_a_note_that_cannot_be_written(image: Image) -> None:
    """Orthanc does not start: the next start would not know what the index was begun with."""
    (image.path / f"{NOTE[1:]}.new").mkdir()
    (problem,) = new_index.remember(NOTE, image.root)
    assert str(problem) == (
        f"{NOTE}: it cannot be written (is a directory). Correct that, or set"
        " ORTHANC__EXTRA_MAIN_DICOM_TAGS={} to go without the tags that it is about."
    )
