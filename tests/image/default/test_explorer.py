"""The routes of the pages at the address of Orthanc Explorer 2, and what they answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.image.conftest import Start

pytestmark = pytest.mark.inherited


def explorer(**settings: Any) -> dict[str, str]:
    """Return the environment of a server with these settings of the pages."""
    return {"ORTHANC__ORTHANC_EXPLORER_2": json.dumps(settings)} if settings else {}


def test_the_root_leads_to_the_pages_where_that_is_wanted(start: Start) -> None:
    """With the arguments of the address, and whatever the root is."""
    orthanc = start(explorer(IsDefaultOrthancUI=True, Root="/a/b/"))
    answer = orthanc.get("/?token=x%20y", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (307, "a/b/app/index.html?token=x%20y")
    assert 'data-up="../../../"' in orthanc.get("/a/b/app/index.html").text
    assert orthanc.get("/a/b/app", allow_redirects=False).headers["Location"] == "index.html"
    assert orthanc.get("/a/b/index.html", allow_redirects=False).headers["Location"] == "app/index.html"


def test_the_pages_are_on_by_default_beside_the_former_ones(start: Start) -> None:
    orthanc = start({})
    assert orthanc.get("/", allow_redirects=False).headers["Location"].endswith("app/explorer.html")
    assert orthanc.get("/plugins").json().count("orthanc-explorer-2") == 1
    about = orthanc.get("/plugins/orthanc-explorer-2").json()
    assert (about["Version"], about["RootUri"]) == ("1.14.1", "../ui/app/")
    assert "/ui/app/index.html" in orthanc.get("/plugins/explorer.js").text


def test_files_are_compressed_kept_and_guarded(start: Start) -> None:
    """Nobody gets them twice, nothing else runs in them, and what is none is not there."""
    orthanc = start({})
    page = orthanc.get("/ui/app/index.html")
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy
    script = orthanc.get("/ui/app/assets/main.js", headers={"Accept-Encoding": "gzip"})
    assert (script.headers["Content-Encoding"], script.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert script.headers["Cache-Control"] == "no-cache"
    again = orthanc.get("/ui/app/assets/main.js", headers={"If-None-Match": script.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = orthanc.get("/ui/app/assets/main.js", headers={"Accept-Encoding": "identity"})
    assert ("Content-Encoding" in plain.headers, plain.text) == (False, script.text)
    assert orthanc.get("/ui/app/assets/none.js").status_code == 404
    assert orthanc.get("/ui/app/worklists").text == page.text
    assert orthanc.post("/ui/app/index.html").status_code == 405
    assert orthanc.get("/ui/app/customizable/custom-logo").status_code == 404


def test_other_programs_read_the_configuration(start: Start) -> None:
    """As they do with the official plugin; what is secret is not in it."""
    secret = {"Emails": {"Server": {"Url": "http://mail", "Password": "hidden"}}}
    ui = {"EnableShares": True, "MaxStudiesDisplayed": 7, "EnableAnonimization": False}
    answer = start(explorer(UiOptions=ui, CustomTitle="Ours", **secret)).get("/ui/api/configuration")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "hidden" not in answer.text
    said = answer.json()
    assert said["CustomTitle"] == "Ours"
    options = said["UiOptions"]
    assert (options["EnableShares"], options["MaxStudiesDisplayed"], options["PageLoadSize"]) == (True, 7, 50)
    assert options["EnableAnonymization"] is False
    assert options["EnableOpenInOhifViewer3"] is False
    assert said["Tokens"] == {
        "InstantLinksValidity": 200,
        "ShareType": "stone-viewer-publication",
        "RequiredForLinks": False,
    }
    assert said["Plugins"]["orthanc-explorer-2"]["Enabled"] is True
    assert "explorer.js" not in said["Plugins"]


def test_before_the_login_little_is_told(start: Start) -> None:
    keycloak = {"Enable": True, "Url": "http://login:8080/x", "Realm": "r", "ClientId": "c"}
    orthanc = start(explorer(Keycloak=keycloak, Inbox={"Enable": True, "Title": "Send"}))
    said = orthanc.get("/ui/api/pre-login-configuration").json()
    assert (said["Keycloak"]["Realm"], said["Inbox"]["Title"]) == ("r", "Send")
    assert said["TokensLandingOptions"] is None
    policy = orthanc.get("/ui/app/index.html").headers["Content-Security-Policy"]
    assert "connect-src 'self' http://login:8080;" in policy


def test_on_a_server_that_cannot_be_written_to_nothing_is_offered_that_writes(start: Start) -> None:
    orthanc = start({"ORTHANC__READ_ONLY": "true"})
    options = orthanc.get("/ui/api/configuration").json()["UiOptions"]
    assert not any(options[one] for one in ("EnableUpload", "EnableDeleteResources", "EnableEditLabels"))
    assert options["EnableStudyList"]


def test_they_can_be_off(start: Start) -> None:
    orthanc = start({"ORTHANC_EXPLORER_2_ENABLED": "false"})
    assert orthanc.get("/ui/app/index.html").status_code == 404


def test_the_users_own_style_and_logo_are_shown(start: Start) -> None:
    files = {"/etc/looks/my.css": "h1 { color: teal; }", "/etc/looks/my.svg": "<svg/>"}
    settings = explorer(CustomCssPath="/etc/looks/my.css", CustomLogoPath="/etc/looks/my.svg", Theme="dark")
    orthanc = start(settings, files=files)
    style = orthanc.get("/ui/app/customizable/custom.css")
    assert style.text == ":root { color-scheme: dark; }\nh1 { color: teal; }"
    logo = orthanc.get("/ui/app/customizable/custom-logo")
    assert (logo.text, logo.headers["Content-Type"]) == ("<svg/>", "image/svg+xml")
    assert orthanc.get("/ui/api/configuration").json()["HasCustomLogo"] is True
