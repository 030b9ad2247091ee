"""The plugin Authorization in the image: users of the configuration or of a service, and what each may do."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import docker
import pytest

from harness import authority, dicom
from harness.authority import PROFILES, SHARE, Authority
from harness.containers import HTTP_PORT, Orthanc
from services import running
from services.fixtures import Serve
from tests.image.conftest import Start

pytestmark = pytest.mark.inherited

PASSWORDS = {name: f"{name}-Sunday-7" for name in ("alice", "bob", "carol", "eve")}

SECTION = {
    "CheckedLevel": "studies",
    "StandardConfigurations": ["orthanc-explorer-2"],
    "Users": {
        "alice": {"Permissions": ["all"]},
        "bob": {"Permissions": ["view"], "AuthorizedLabels": ["teaching"]},
        "carol": {"Permissions": ["upload"]},
    },
}

SETTINGS = {"RegisteredUsers": PASSWORDS, "AuthenticationEnabled": True, "Authorization": SECTION}


@pytest.fixture
def orthanc(start: Start) -> Orthanc:
    """Return a server whose users the configuration knows; eve is registered, and may do nothing."""
    environment = {
        "AUTHORIZATION_PLUGIN_ENABLED": "true",
        "DICOM_WEB_PLUGIN_ENABLED": "true",
        "ORTHANC_JSON": json.dumps(SETTINGS),
    }
    return start(environment)


def study(orthanc: Orthanc, name: str) -> dict[str, Any]:
    """Return what alice gets for a new study of this name."""
    made = dicom.instance(
        "1.2.840.10008.5.1.4.1.1.2", patient="P1", study=name, series="S", number=1, modality="CT"
    )
    answer = orthanc.post("/instances", dicom.encoded(made), auth=("alice", PASSWORDS["alice"]))
    return {**answer.json(), "uid": str(made.StudyInstanceUID)}


def test_each_kind_of_user_has_his_own_answers(orthanc: Orthanc) -> None:
    """Permissions and labels decide, and no other form of a path leads around them."""
    one, other = study(orthanc, "one"), study(orthanc, "other")
    mine, theirs = one["ParentStudy"], other["ParentStudy"]
    label = f"/studies/{mine}/labels/teaching"
    assert orthanc.put(label, "", auth=("alice", PASSWORDS["alice"])).status_code == 200

    def status(path: str, user: str, method: str = "GET", **options: Any) -> int:
        answer = orthanc.request(method, path, auth=(user, PASSWORDS[user]), **options)
        return int(answer.status_code)

    seen = {
        path: [status(path, user) for user in PASSWORDS]
        for path in (
            "/system",
            "/studies",
            f"/studies/{mine}/",
            f"/studies/{theirs}",
            f"/patients/{one['ParentPatient']}/archive",
            f"/dicom-web/studies/{other['uid']}/metadata",
            "/STUDIES",
            "/webdav/",
            "/app/explorer.html",
        )
    }
    assert seen == {
        "/system": [200, 200, 403, 403],
        "/studies": [200, 403, 403, 403],
        f"/studies/{mine}/": [200, 200, 403, 403],
        f"/studies/{theirs}": [200, 403, 403, 403],
        f"/patients/{one['ParentPatient']}/archive": [200, 403, 403, 403],
        f"/dicom-web/studies/{other['uid']}/metadata": [200, 403, 403, 403],
        "/STUDIES": [403, 403, 403, 403],
        "/webdav/": [403, 403, 403, 403],
        "/app/explorer.html": [403, 403, 403, 403],
    }
    assert status(f"/studies/{mine}?_method=DELETE", "bob") == 403
    assert status(f"/studies/{theirs}", "bob", "DELETE") == 403
    search = {"Level": "Study", "Query": {}}
    answers = [
        orthanc.request("POST", "/tools/find", auth=(user, PASSWORDS[user]), json=search)
        for user in PASSWORDS
    ]
    assert [sorted(answer.json()) if answer.ok else answer.status_code for answer in answers] == [
        sorted([mine, theirs]),
        [mine],
        403,
        403,
    ]
    profile = orthanc.get("/auth/user/profile", auth=("bob", PASSWORDS["bob"]))
    assert profile.json() == {
        "name": "bob",
        "permissions": ["view"],
        "authorized-labels": ["teaching"],
        "groups": [],
        "user-id": "bob",
    }


TABLE = json.loads(
    (Path(__file__).parents[3] / "plugins/native/authorization/defaults.json").read_text(encoding="utf-8")
)

OPEN = ("/ui/app/", "/ui/landing/")
"""The folders that orthanc-explorer-2 leaves unchecked; its resources, and the one by which tests wait."""
UNCHECKED = ("/", "/ui/api/pre-login-configuration", "/ui/api/configuration", "/auth/user/profile", "/system")

SINGLE = (
    r"/(patients|studies|series|instances)/[a-f0-9-]+(/.*)?",
    r"/(web-viewer/series|web-viewer/is-stable-series|wsi/pyramids|wsi/tiles)/[a-f0-9-]+(/.*)?",
    r"/web-viewer/instances/[a-z0-9]+-[a-f0-9-]+_[0-9]+",
    r"/dicom-web/studies/[.0-9]+(/(series|metadata|instances|rendered|thumbnail))?",
    r"/dicom-web/studies/[.0-9]+/series/[.0-9]+(/(instances|rendered|thumbnail|metadata))?",
    r"/dicom-web/studies/[.0-9]+/series/[.0-9]+/instances/[.0-9]+"
    r"(/(frames/.*|rendered|thumbnail|metadata|bulk/.*))?",
)
"""What SINGLE_RESOURCE_PATTERNS stands for, of the viewers that the images have."""

ROUTES = [
    line.split()
    for line in (Path(__file__).parent / "authorization.routes").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


class Site(NamedTuple):
    """A server whose users a service knows, and two studies of one patient; one of them is the reader's."""

    orthanc: Orthanc
    authority: Authority
    mine: dict[str, str]
    other: dict[str, str]

    def answer(self, method: str, path: str, token: str) -> tuple[int, bytes]:
        """Return the status and the body of what a request is answered, which is sent as it is."""
        connection = http.client.HTTPConnection(*self.orthanc.address(HTTP_PORT), timeout=30)
        connection.request(method, path, headers={"Token": token} if token else {})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content

    def status(self, method: str, path: str, token: str) -> int:
        """Return the status of a request, sent as it is."""
        return self.answer(method, path, token)[0]


@pytest.fixture
def site(start: Start) -> Iterator[Site]:
    """Yield a server with all the plugins that answer requests."""
    switches = ("AUTHORIZATION", "DICOM_WEB", "TRANSFERS", "WORKLISTS", "OHIF", "VOLVIEW", "WSI")
    with authority.running() as service:
        section = {
            "WebServiceRootUrl": service.url,
            "TokenHttpHeaders": ["Token"],
            "TokenGetArguments": ["token"],
            "StandardConfigurations": ["orthanc-explorer-2"],
            "UncheckedResources": ["/system"],
            "CheckedLevel": "studies",
        }
        settings = {
            "AuthenticationEnabled": False,
            "Authorization": section,
            "WebDavEnabled": True,
            "OHIF": {"DataSource": "dicom-json"},
        }
        server = start({
            **{f"{name}_PLUGIN_ENABLED": "true" for name in switches},
            "ORTHANC_WEB_VIEWER_PLUGIN_ENABLED": "true",
            "PIXELS_MASKER_PLUGIN_ENABLED": "true",
            "ORTHANC_JSON": json.dumps(settings),
        })  # fmt: skip
        mine, other = (stored(server, name) for name in ("one", "other"))
        label = f"/studies/{mine['study']}/labels/teaching"
        server.put(label, "", headers={"Token": "boss"}).raise_for_status()
        service.shared = {mine["uid"]}
        yield Site(server, service, mine, other)


def stored(orthanc: Orthanc, name: str) -> dict[str, str]:
    """Return the identifiers of a new study."""
    made = dicom.ct(patient="P1", study=name, series=name)
    answer = orthanc.post("/instances", dicom.encoded(made), headers={"Token": "boss"}).json()
    names = {"patient": "ParentPatient", "study": "ParentStudy", "series": "ParentSeries", "instance": "ID"}
    return {**{name: answer[key] for name, key in names.items()}, "uid": str(made.StudyInstanceUID)}


def needed(method: str, path: str) -> set[str] | None:
    """Return the permissions of the first entry that fits; None when none does."""
    for verb, pattern, permissions in TABLE:
        patterns = SINGLE if pattern == "SINGLE_RESOURCE_PATTERNS" else [pattern]
        fits = (re.fullmatch(one.replace("DICOM_WEB_ROOT", "dicom-web"), path) for one in patterns)
        if verb == method.lower() and any(fits):
            return set(filter(None, permissions.split("|")))
    return None


def lets(method: str, path: str, token: str, whose: str) -> bool:
    """Return what the documentation says; `whose` is "mine", "other", "patient" or nothing."""
    path = path.rstrip("/") or "/"
    if method == "GET" and (path in UNCHECKED or f"{path}/".startswith(OPEN)):
        return True
    wanted = needed(method, path)
    profile = PROFILES.get(token, authority.NOBODY)
    if wanted is not None and (not wanted or wanted & set(profile["permissions"])):
        lists = method == "GET" and path in ("/patients", "/studies", "/series", "/instances")
        sends = path.endswith("/stow")
        if "*" in profile["authorized-labels"] or (whose in ("", "mine") and not lists and not sends):
            return True
    return token == SHARE and whose == "mine"


@pytest.mark.timeout(240)
def test_every_route_for_each_kind_of_user(site: Site) -> None:
    """A second reading of the documentation agrees with what each of them is answered."""
    cases = []
    for method, template in ROUTES:
        named = [("mine", site.mine), ("other", site.other)] if "{" in template else [("", site.mine)]
        for whose, ids in named:
            subject = "patient" if "{patient}" in template else whose
            cases.append((method, template.format(**ids), subject, template))
    wrong = []
    for method, path, whose, template in cases:
        for token in ("", "wrong", "reader", "boss", SHARE):
            expected = lets(method, path, token, whose)
            if method != "GET" and expected:
                continue
            if (site.status(method, path, token) == 403) == expected:
                wrong.append((method, template, whose, token, expected))
    assert wrong == []
    assert len(site.authority.asked) < 400, "answers of the service are not kept"


@pytest.mark.timeout(120)
def test_no_form_of_a_path_leads_around_the_judge(site: Site) -> None:
    """The same study stays closed under other names, and so does what no entry knows."""
    other = site.other["study"]
    for token in ("", "wrong", "reader", SHARE):
        for path in (
            f"/studies/{other}",
            f"//studies/{other}",
            f"/studies//{other}",
            f"/studies/{other}//",
            f"/studies/{other}/",
            f"/Studies/{other}",
            f"/studies/{other.upper()}",
            f"/%73tudies/{other}",
            f"/studies/%2e%2e/studies/{other}",
            f"/studies%2f{other}",
            f"/studies/{other}%2farchive",
            f"/studies/{other}%252farchive",
            f"/studies/{other}%00/archive",
            f"/ui/app/../../studies/{other}",
            f"/ui/app/%2e%2e/%2e%2e/studies/{other}",
            f"/ui/app/..%2f..%2fstudies/{other}",
            f"/system/../studies/{other}",
            f"/system/..%2fstudies/{other}",
            f"/ui/app\\..\\..\\studies\\{other}",
            f"/webdav/by-uids/{site.other['uid']}/",
            f"/dicom-web/studies/{site.other['uid']}/",
            f"/dicom-web//studies/{site.other['uid']}",
            f"/dicom-web/studies/?StudyInstanceUID={site.mine['uid']}&0020000D={site.other['uid']}",
            f"/tools/create-archive?resources={site.mine['study']},{other}",
            f"/tools/create-archive?resources={site.mine['study']}&resources={other}",
        ):
            status, content = site.answer("GET", path, token)
            # DICOMweb's search is answered with what the user may see, or with 500 where it was refused.
            allowed = (200, 403, 500) if path.startswith("/dicom-web/studies/?") else (301, 400, 403, 404)
            assert status in allowed, (path, token)
            assert site.other["uid"].encode() not in content, (path, token)
    for path in (
        f"/studies/{site.mine['study']}?_method=DELETE",
        f"/studies/{site.mine['study']}?method=DELETE",
    ):
        site.status("GET", path, "reader")
    connection = http.client.HTTPConnection(*site.orthanc.address(HTTP_PORT), timeout=30)
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        for method in ("GET", "POST"):
            path = f"/studies/{site.mine['study']}"
            connection.request(method, path, headers={"Token": "reader", header: "DELETE"})
            connection.getresponse().read()
    for method in ("PROPFIND", "OPTIONS", "HEAD", "MKCOL", "PATCH", "TRACE"):
        for path in ("/webdav/", f"/studies/{other}"):
            assert site.status(method, path, "reader") in (400, 403, 405, 501), (method, path)
    studies = site.orthanc.get("/studies", headers={"Token": "boss"}).json()
    assert sorted(studies) == sorted([site.mine["study"], other])


@pytest.mark.timeout(120)
def test_a_service_in_any_mood_opens_nothing(site: Site) -> None:
    """Nonsense, an answer without end, silence and absence refuse in time, with a line that says why."""
    path = f"/studies/{site.mine['study']}"
    assert site.status("GET", path, "reader") == 200

    def refused(token: str) -> float:
        began = time.monotonic()
        assert site.status("GET", path, token) == 403
        return time.monotonic() - began

    reasons = {
        "garbage": 'has no "validity"',
        "endless": "the answer has more than 1048576 bytes",
        "silent": "there is no answer",
    }
    for number, (mood, reason) in enumerate(reasons.items()):
        site.authority.mood = mood
        assert refused(f"token-{number}") < 13
        site.orthanc.wait_for_log(reason)
        lines = [
            line for line in site.orthanc.logs().splitlines() if " is refused: " in line and reason in line
        ]
        assert len(lines) == 1, site.orthanc.logs()
        assert lines[0].count(f"GET {path} is refused") == 1
    assert site.authority.sent < 100_000_000
    assert f"token-{0}" not in site.orthanc.logs()
    # Whoever is known still is, until that is over.
    assert site.status("GET", path, "reader") == 200
    site.authority.shutdown()
    site.authority.server_close()
    assert refused("token-away") < 13


def test_the_command_says_what_decides(site: Site) -> None:
    """`config authorization` names the entry, and a wrong expression is found before the start."""
    said = site.orthanc.run("config", "authorization", "GET", f"/studies/{site.mine['study']}/archive")
    assert (said.code, said.stderr) == (0, "")
    assert "of the usual table: GET SINGLE_RESOURCE_PATTERNS" in said.stdout
    assert f"resources: study {site.mine['study']}" in said.stdout
    assert f"asked: POST {site.authority.url}/user/get-profile" in said.stdout
    rules = 'ORTHANC__AUTHORIZATION__EXTRA_PERMISSIONS=[["get", "^/(a$", "x"]]'
    wrong = site.orthanc.run("env", rules, "config", "check")
    assert wrong.code == 78
    assert "the pattern '^/(a$' is no regular expression (missing closing parenthesis" in wrong.stderr


def test_tokens_are_made_read_and_used(site: Site) -> None:
    """The routes below /auth ask the service; searches and bulk routes keep to what is the user's."""

    def ask(method: str, path: str, token: str, body: object = None) -> tuple[int, Any]:
        answer = site.orthanc.request(method, path, json=body, headers={"Token": token})
        return answer.status_code, answer.json() if answer.ok and answer.content else None

    mine, other = site.mine, site.other
    wish = {"Resources": [{"OrthancId": mine["study"], "DicomUid": mine["uid"], "Level": "study"}]}
    assert ask("PUT", "/auth/tokens/ohif-viewer-publication", "boss", wish) == (
        200,
        {"Token": SHARE, "Url": None},
    )
    assert ask("PUT", "/auth/tokens/ohif-viewer-publication", "reader", wish)[0] == 403
    decoded = {"TokenKey": "token", "TokenValue": SHARE}
    assert ask("POST", "/auth/tokens/decode", "", decoded) == (
        200,
        {
            "TokenType": "ohif-viewer-publication",
            "ResourcesDicomIds": [mine["uid"]],
            "ResourcesOrthancIds": [],
        },
    )
    assert ask("POST", "/auth/tokens/decode", "", {**decoded, "TokenValue": "x"})[1]["ErrorCode"] == "invalid"
    assert ask("PUT", "/auth/settings/roles", "boss", {"a": 1})[1]["told"] == {"a": 1, "server-id": None}
    assert "admin-permissions" in ask("GET", "/auth/settings/permissions", "boss")[1]
    found = {
        token: ask("POST", "/tools/find", token, {"Level": "Study", "Query": {}})
        for token in ("boss", "reader")
    }
    assert found["boss"] == (200, sorted(found["boss"][1], key=found["boss"][1].index))
    assert (sorted(found["boss"][1]), found["reader"]) == (
        sorted([mine["study"], other["study"]]),
        (200, [mine["study"]]),
    )
    searched = site.orthanc.get("/dicom-web/studies", headers={"Token": SHARE}).json()
    assert [each["0020000D"]["Value"] for each in searched] == [[mine["uid"]]]
    both = {"Resources": [mine["study"], other["study"]]}
    assert ask("POST", "/tools/bulk-delete", "labeller", both)[0] == 403
    assert ask("POST", "/tools/bulk-delete", "reader", {"Resources": [mine["study"]]})[0] == 403
    assert ask("POST", "/tools/bulk-delete", "labeller", {"Resources": [mine["study"]]})[0] == 200
    assert ask("GET", "/studies", "boss") == (200, [other["study"]])


def test_who_did_what_is_kept_in_the_index(
    start: Start, serve: Serve, client: docker.DockerClient, network: str
) -> None:
    """With PostgreSQL, uploads, labels and deletions are logged with the name that the service knows."""
    database = {
        "Host": serve("postgresql").name,
        **dict.fromkeys(("Database", "Username", "Password"), "postgres"),
    }
    with authority.running() as service:
        section = {
            "WebServiceRootUrl": service.url,
            "TokenHttpHeaders": ["Token"],
            "UncheckedResources": ["/system"],
            "EnableAuditLogs": True,
        }
        environment = {
            "AUTHORIZATION_PLUGIN_ENABLED": "true",
            "ORTHANC__AUTHENTICATION_ENABLED": "false",
            "ORTHANC__AUTHORIZATION": json.dumps(section),
            "ORTHANC__POSTGRESQL": json.dumps(database),
        }
        server = start(environment, timeout=60, **running.on(client, network))
        made = stored(server, "one")
        boss = {"Token": "boss"}
        server.put(f"/studies/{made['study']}/labels/teaching", "", headers=boss).raise_for_status()
        server.get(f"/studies/{made['study']}/archive", headers=boss).raise_for_status()
        server.delete(f"/studies/{made['study']}", headers=boss).raise_for_status()
        assert server.get("/auth/audit-logs", headers={"Token": "reader"}).status_code == 403
        logs = server.get("/auth/audit-logs", headers=boss).json()
        seen = [(each["Action"], each["ResourceId"], each["UserId"], each["UserName"]) for each in logs]
        done = [
            (action, "study") for action in ("added-label", "deleted-study", "download", "uploaded-instance")
        ]
        assert set(seen) == {
            (action, made[level], "boss", "name of boss")
            for action, level in (*done, ("deleted-parent-patient", "patient"))
        }
        table = server.get("/auth/audit-logs?format=csv", headers=boss).text.splitlines()
        assert table[0] == "Timestamp;UserId;UserName;ResourceId;Action;JsonLogData;Base64LogData"
        assert len(table) == len(logs) + 1
