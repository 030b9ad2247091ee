"""Answers to browsers: compressed where they take that, kept by them as long as is right."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from orthanc_images import site
from orthanc_images.errors import PluginError
from orthanc_images.site import Site
from tests.unit.plugins.viewers import HASH, TEXT, Output, laid_out


@pytest.fixture
def pages(tmp_path: Path) -> Site:
    return Site("ohif", {"X-Ours": "1"}, laid_out(tmp_path))


def asked(pages: Site, name: str, method: str = "GET", **headers: str) -> Output:
    output = Output()
    lower = {key.replace("_", "-").lower(): value for key, value in headers.items()}
    pages.send(output, pages.file(name), {"method": method, "headers": lower})
    return output


def test_a_file_is_sent_as_it_is_stored(pages: Site) -> None:
    found = asked(pages, "a.12345678.js", accept_encoding="br, gzip;q=0.5")
    assert (found.status, gzip.decompress(found.body)) == (200, TEXT)
    assert found.headers == {
        "X-Ours": "1",
        "ETag": f'"{HASH[:32]}-gzip"',
        "Cache-Control": "max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
        "Content-Encoding": "gzip",
        "Content-Type": "text/javascript",
    }


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip; q=0.00", "*;q=0"])
def test_who_does_not_take_gzip_gets_it_unpacked(pages: Site, accepted: str) -> None:
    found = asked(pages, "index.html", accept_encoding=accepted)
    assert (found.status, found.body, found.headers) == (
        200,
        TEXT,
        {
            "X-Ours": "1",
            "ETag": f'"{HASH[:32]}"',
            "Cache-Control": "no-cache",
            "Vary": "Accept-Encoding",
            "Content-Type": "text/html",
        },
    )


@pytest.mark.parametrize("accepted", ["gzip", "GZIP", "*", "deflate, gzip", "gzip;q=0.001", "gzip;level=0"])
def test_who_takes_gzip(accepted: str) -> None:
    assert site.takes_gzip(accepted)


def test_what_was_not_compressed_is_the_same_for_all(pages: Site) -> None:
    found = asked(pages, "b.png", accept_encoding="gzip")
    assert (found.status, found.body, found.headers["ETag"]) == (200, TEXT, f'"{HASH[:32]}"')
    assert {"Vary", "Content-Encoding"} & set(found.headers) == set()


@pytest.mark.parametrize(
    ("known", "status"),
    [
        (f'"{HASH[:32]}-gzip"', 304),
        (f'"old", W/"{HASH[:32]}-gzip"', 304),
        ("*", 304),
        (f'"{HASH[:32]}"', 200),
        ("", 200),
    ],
)
def test_what_a_browser_has_is_not_sent_again(pages: Site, known: str, status: int) -> None:
    """What it has unpacked is another thing than what is sent compressed."""
    found = asked(pages, "index.html", accept_encoding="gzip", if_none_match=known)
    assert (found.status, found.body == b"") == (status, status == 304)
    assert found.headers["ETag"] == f'"{HASH[:32]}-gzip"'


def test_a_file_that_is_not_there_is_not_found(pages: Site) -> None:
    for name in ("c.js", "index.json", "../secret", ""):
        assert asked(pages, name).status == 404


def test_only_get_is_answered(pages: Site) -> None:
    found = asked(pages, "index.html", "POST")
    assert (found.status, found.headers, found.body) == (405, {"Allow": "GET"}, b"")


def test_a_viewer_that_is_not_in_the_image_is_told(tmp_path: Path) -> None:
    with pytest.raises(PluginError) as caught:
        Site("volview", home=tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/volview: cannot be read: No such file or directory. "
        "Take an image that was built with this viewer."
    )


def test_buttons_that_are_not_in_the_image_are_told(tmp_path: Path) -> None:
    with pytest.raises(PluginError) as caught:
        site.buttons("ohif", tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/viewers/ohif/main.js: cannot be read: No such file or directory. "
        "Take an image that was built with it."
    )


def test_the_entrance_leads_to_the_page() -> None:
    answer: Any = site.entrance("A viewer")
    assert answer.type == "text/html; charset=utf-8"
    assert "<title>A viewer</title>" in answer.read().decode()
    assert 'location.pathname.replace(/\\/*$/, "/index.html")' in answer.read().decode()
