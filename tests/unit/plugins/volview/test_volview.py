"""VolView is served, with its buttons, unless that is off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orthanc_images import volview
from orthanc_images.api import Api
from orthanc_images.errors import PluginError
from tests.unit.plugins.viewers import TEXT, Server, laid_out, scripts


def started(home: Path, **configuration: Any) -> Server:
    server = Server()
    pages = scripts(home / "web", "volview")
    volview.start(Api(server), configuration, "VolView", laid_out(home, "volview"), pages)
    return server


def test_the_page_and_its_files_are_served(tmp_path: Path) -> None:
    server = started(tmp_path)
    assert server.get("/volview/(.*)", "index.html").body == TEXT
    assert server.get("/volview/(.*)", "none").status == 404
    assert b"<title>VolView</title>" in server.get("/volview").body
    assert server.page == "buttons('volview', IS_DICOM_WEB);\n"


def test_it_is_off_when_its_section_says_so(tmp_path: Path) -> None:
    server = started(tmp_path, VolView={"Enable": False})
    assert (server.routes, server.page) == ({}, "")
    assert server.lines == ["I VolView is off, as VolView.Enable says"]


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ([], "VolView: not an object. Write it as {…}."),
        ({"Enable": "no"}, "VolView.Enable: a text, where true or false is expected. Write true or false."),
    ],
)
def test_a_wrong_setting_is_told(tmp_path: Path, section: object, message: str) -> None:
    with pytest.raises(PluginError) as caught:
        started(tmp_path, VolView=section)
    assert str(caught.value) == message
