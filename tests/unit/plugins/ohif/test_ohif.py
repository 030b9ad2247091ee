"""OHIF is served as its settings say, and told where Orthanc is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from orthanc_images import ohif
from orthanc_images.api import Api
from orthanc_images.errors import PluginError
from orthanc_images.ohif import options, settings
from tests.unit.plugins.viewers import TEXT, Server, laid_out, scripts

FILES, STUDY = "/ohif/(.*)", "/studies/([0-9a-f-]+)/ohif-dicom-json"
DOCUMENT, VIDEO = "/instances/([0-9a-f-]+)/ohif-pdf", "/instances/([0-9a-f-]+)/ohif-video"


def started(home: Path, server: Server | None = None, **configuration: Any) -> Server:
    found = server or Server()
    ohif.start(Api(found), configuration, "Ohif", laid_out(home), scripts(home / "web"))
    return found


def test_the_page_is_served_for_each_way_to_open_a_study(tmp_path: Path) -> None:
    server = started(tmp_path)
    for name in ("viewer", "tmtv", "segmentation", "microscopy", "index.html"):
        found = server.get(FILES, name)
        assert (found.status, found.body) == (200, TEXT)
        assert found.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert server.get(FILES, "other").status == 404
    assert b"<title>OHIF</title>" in server.get("/ohif").body


def test_the_buttons_know_how_ohif_reads(tmp_path: Path) -> None:
    assert started(tmp_path / "a").page == "buttons('ohif', true);\n"
    other = started(tmp_path / "b", OHIF={"DataSource": "dicom-json"})
    assert other.page == "buttons('ohif', false);\n"


def test_a_study_is_described(tmp_path: Path) -> None:
    server = started(tmp_path, Server({"i": {"0020,000d": "1.2"}}))
    found = server.get(STUDY, "s")
    assert (found.status, found.headers) == (200, {"Content-Type": "application/json"})
    assert json.loads(found.body)["studies"][0]["StudyInstanceUID"] == "1.2"
    assert server.get(STUDY, "none").status == 404
    assert server.get(STUDY, "s", method="POST").headers == {"Allow": "GET"}


def test_a_document_may_lie_in_the_page(tmp_path: Path) -> None:
    """The page admits only what says that it shares nothing with other origins."""
    server = started(tmp_path, Server({"i": {}}))
    found = server.get(DOCUMENT, "i")
    assert (found.status, found.body) == (200, b"%PDF")
    assert found.headers == {**ohif.ISOLATED, "Content-Type": "application/pdf"}
    assert server.get(DOCUMENT, "none").status == 404
    assert server.get(DOCUMENT, "i", method="PUT").status == 405


@pytest.mark.parametrize(
    ("header", "status", "content", "told"),
    [
        ("", 200, b"0123456789", None),
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=7-99", 206, b"789", "bytes 7-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=-", 200, b"0123456789", None),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("items=0-1", 200, b"0123456789", None),
    ],
)
def test_a_video_is_sent_in_the_parts_that_are_asked_for(
    tmp_path: Path, header: str, status: int, content: bytes, told: str | None
) -> None:
    server = started(tmp_path, Server({"i": {}}))
    server.videos["i"] = b"0123456789"
    got = server.get(VIDEO, "i", headers={"range": header} if header else {})
    assert (got.status, got.body, got.headers.get("Content-Range")) == (status, content, told)
    assert got.headers["Accept-Ranges"] == "bytes"


def test_where_there_is_no_video_nothing_is_sent(tmp_path: Path) -> None:
    server = started(tmp_path, Server({"i": {}}))
    assert server.get(VIDEO, "i").status == 404
    assert server.get(VIDEO, "i", method="POST").headers == {"Allow": "GET"}


def test_files_are_prepared_as_they_arrive_where_that_helps(tmp_path: Path) -> None:
    """With dicom-web nobody would read what is prepared."""
    assert started(tmp_path / "a", OHIF={"DataSource": "dicom-json"}).changed is not None
    assert started(tmp_path / "b").changed is None
    assert started(tmp_path / "c", OHIF={"DataSource": "dicom-json", "Preload": False}).changed is None


def script(home: Path, **configuration: Any) -> str:
    found = started(home, **configuration).get(FILES, "app-config.js")
    assert found.headers["Content-Type"] == "text/javascript; charset=utf-8"
    return found.body.decode()


def test_ohif_is_told_to_read_through_dicomweb(tmp_path: Path) -> None:
    """Wherever the page is, DICOMweb is found from there."""
    text = script(tmp_path, DicomWeb={"Root": "/my/web/"})
    assert text.startswith("// What OHIF is told")
    assert "window.config.routerBasename = here;" in text
    assert 'const dicomWeb = root + "my/web";' in text
    assert text.count(": dicomWeb,") == 3
    assert 'window.config.defaultDataSourceName = "dicomweb";' in text
    assert "showStudyList = false" not in text


def test_ohif_is_told_to_read_files_one_by_one(tmp_path: Path) -> None:
    """Then it cannot list studies."""
    text = script(tmp_path, OHIF={"DataSource": "dicom-json", "RouterBasename": "/pacs/ohif"})
    assert 'window.config.routerBasename = "/pacs/ohif/";' in text
    assert "dataSourcesModule.dicomjson" in text
    assert "dicomWeb" not in text
    assert "window.config.showStudyList = false;" in text


def test_the_users_part_comes_first(tmp_path: Path) -> None:
    file = tmp_path / "mine.js"
    file.write_text("window.config = { mine: 1 };\n\n")
    text = script(tmp_path / "home", OHIF={"UserConfiguration": str(file)})
    assert text.startswith("window.config = { mine: 1 };\n\n(function () {")


def test_parentheses_and_braces_of_what_is_made_are_in_pairs() -> None:
    for source in (options.DICOM_WEB, options.DICOM_JSON):
        made = settings.text(options.read({"OHIF": {"DataSource": source}}))
        bare = re.sub(r'"[^"]*"|//.*', "", made)
        assert all(bare.count(one) == bare.count(other) for one, other in ("()", "{}", "[]"))


@pytest.mark.parametrize("value", ["/", "/ohif", "/ohif/", "/a-b/c_d.e~f/%C3%BC+"])
def test_paths_of_ohif_end_with_a_slash(value: str) -> None:
    assert options.read({"OHIF": {"RouterBasename": value}}).basename == value.rstrip("/") + "/"


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("on", "OHIF: not an object. Write it as {…}."),
        (
            {"DataSource": "dicomweb"},
            "OHIF.DataSource: 'dicomweb' is none of dicom-web, dicom-json. Did you mean 'dicom-web'?",
        ),
        ({"Preload": 1}, "OHIF.Preload: a number, where true or false is expected. Write true or false."),
        (
            {"RouterBasename": "ohif"},
            "OHIF.RouterBasename: 'ohif' is not the path of a page. Write it as '/ohif/', or leave it out.",
        ),
        (
            {"RouterBasename": '/"+x+"'},
            "OHIF.RouterBasename: '/\"+x+\"' is not the path of a page. "
            "Write it as '/ohif/', or leave it out.",
        ),
        (
            {"UserConfiguration": 5},
            "OHIF.UserConfiguration: a number, where a text is expected. Put it in quotes.",
        ),
        (
            {"UserConfiguration": "/none.js"},
            "OHIF.UserConfiguration: /none.js cannot be read: No such file or directory. "
            "Mount it, and let user 999 or group 0 read it.",
        ),
        (
            {"UserConfiguration": "{folder}/latin1.js"},
            "OHIF.UserConfiguration: {folder}/latin1.js is not text in UTF-8. Save it as such.",
        ),
        (
            {"UserConfiguration": "{folder}/other.js"},
            "OHIF.UserConfiguration: {folder}/other.js does not set window.config. "
            "Begin it with window.config = { … }.",
        ),
        (
            {"DataSource": "files", "Preload": "no"},
            "OHIF.DataSource: 'files' is none of dicom-web, dicom-json. Choose one of those. "
            "OHIF.Preload: a text, where true or false is expected. Write true or false.",
        ),
    ],
)
def test_a_wrong_setting_is_told(tmp_path: Path, section: Any, message: str) -> None:
    (tmp_path / "latin1.js").write_bytes("// Zoë\nwindow.config = {}".encode("latin-1"))
    (tmp_path / "other.js").write_text("window.other = {}")
    if isinstance(section, dict):
        section = {
            key: value.replace("{folder}", str(tmp_path)) if isinstance(value, str) else value
            for key, value in section.items()
        }
    with pytest.raises(PluginError) as caught:
        options.read({"OHIF": section})
    assert str(caught.value) == message.replace("{folder}", str(tmp_path))
