"""The plugin Authorization in the image: users of the configuration, and what each kind of them may do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness import dicom
from harness.containers import Orthanc
from tests.image.conftest import Start

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
