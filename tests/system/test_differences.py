"""Orthanc with its own SQLite index, and with ours: the same content, the same requests, the same answers.

`HYPOTHESIS_PROFILE=thorough` tries many more, other ones each time. Of the requests of the protocol, Orthanc
1.13.0 never sends to an index like ours, which can do FIND: GET_ALL_PUBLIC_IDS_WITH_LIMITS, LOOKUP_RESOURCES,
LOOKUP_RESOURCE_AND_PARENT and GET_CHANGES; the unit tests of the native code send those.
"""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import docker
import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, example, given
from hypothesis import strategies as st

from services import running
from services.fixtures import Services, Tool
from tests.image.conftest import Start
from tests.system.conftest import Figure
from tests.system.databases import KINDS, fresh, listed, settings
from tests.system.differential import content
from tests.system.differential.content import Identity, Request, Tags
from tests.system.differential.sides import Pair, called

SCRIPT = Path(__file__).with_name("differential") / "script.py"
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
PATIENTS = 4
"""How many patients a server keeps in the test of histories, which have six."""
QUIET = hypothesis.settings(
    deadline=None,
    database=None,
    derandomize=not THOROUGH,
    print_blob=False,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)

Begin = Callable[..., Pair]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Return the name of each database."""
    return str(request.param)


@pytest.fixture
def begin(
    kind: str, start: Start, services: Services, tool: Tool, client: docker.DockerClient, network: str
) -> Begin:
    """Return a function that starts both servers, on an empty index each."""

    def both(environment: dict[str, str]) -> Pair:
        of = KINDS[kind]
        common = {
            "PYTHON_PLUGIN_ENABLED": "true",
            "ORTHANC__PYTHON_SCRIPT": "/proof/script.py",
            "ORTHANC__STABLE_AGE": "100000",
            "ORTHANC__MAXIMUM_STORAGE_CACHE_SIZE": "0",
            "ORTHANC__DICOM_MODALITIES_IN_DATABASE": "true",
            "ORTHANC__LOG_EXPORTED_RESOURCES": "true",
            "ORTHANC__DICOM_ALWAYS_ALLOW_STORE": "true",
            "ORTHANC__USER_METADATA": listed({"named": 1026}),
            "ORTHANC__USER_CONTENT_TYPE": listed({"report": 1025}),
            **environment,
        }
        service = services(of.stage) if of.stage else None
        host, database = (service.name, fresh(service)) if service else ("", "")
        options: dict[str, Any] = {"files": {"/proof/script.py": SCRIPT.read_text(encoding="utf-8")}}
        if of.odbc:
            options["image"] = tool("odbc")
        reference = start(common, wait=False, **options)
        given = {**common, **settings(of, host, database=database)}
        ours = start(given, wait=False, **options, **running.on(client, network))
        for server in (reference, ours):
            server.wait_until_ready(60)
        assert of.plugins[0] in ours.plugins()
        return Pair(reference, ours, kind)

    return both


def hospital() -> list[Request]:
    """Return the requests that make a content with all that is searched for, always the same."""
    chance, made = Random("hospital"), []
    pick = chance.choice
    places = [
        Identity(patient, study, series, number)
        for patient in range(content.SHAPE[0])
        for study in range(2)
        for series in range(2)
        for number in range(3)
        if (patient, study) < (1, 1) or chance.random() < 0.6
    ]
    for place in places:
        made.append(
            content.stored(
                place,
                Tags(
                    pick(content.TEXTS),
                    pick(content.DATES),
                    pick(content.DATES),
                    pick(content.TEXTS),
                    pick(content.TEXTS),
                    pick(content.MODALITIES),
                    pick(content.TEXTS),
                    pick(content.TEXTS)[:16],
                    pick(content.NUMBERS),
                    pick(content.NUMBERS),
                    pick(content.TEXTS),
                ),
            )
        )
    for place in places:
        for level, name in enumerate(content.LEVELS):
            at = f"/{name}/{place.public(level)}"
            if chance.random() < 0.3:
                made.append(Request("label", "PUT", f"{at}/labels/{pick(content.LABELS)}"))
            if chance.random() < 0.3:
                value = pick(content.TEXTS).encode()
                made.append(Request("metadata", "PUT", f"{at}/metadata/{pick(content.METADATA)}", value))
            if chance.random() < 0.1:
                made.append(
                    Request(
                        "attachment", "PUT", f"{at}/attachments/{pick(content.ATTACHMENTS)}", b"\0" * level
                    )
                )
    return made


@pytest.mark.timeout(300)
def test_queries(begin: Begin, figure: Figure) -> None:
    """Thousands of searches, lists, counts and look-ups in one content have the answers of SQLite."""
    pair = begin({})
    pair.compare(hospital())
    pair.compare_all()
    stored, pair.reached = pair.asked, {}

    @hypothesis.settings(QUIET, max_examples=1500 if THOROUGH else 60)
    @given(st.lists(content.reading, min_size=30, max_size=30))
    def ask(requests: list[Request]) -> None:
        pair.compare(requests)

    ask()
    figure("queries", pair.asked - stored)
    figure("differences", 0)
    missing = {
        "find",
        "count",
        "resource",
        "relatives",
        "detail",
        "list",
        "changes",
        "changes to",
        "last change",
        "exports",
        "statistics",
        "labels",
        "bulk content",
        "lookup",
    } - set(pair.reached)
    assert missing == set()


@pytest.mark.timeout(400)
def test_histories(begin: Begin, figure: Figure) -> None:
    """What is written, changed, recycled and deleted leaves what it leaves with SQLite, step by step."""
    pair = begin(
        {
            "ORTHANC__MAXIMUM_PATIENT_COUNT": str(PATIENTS),
            "ORTHANC__OVERWRITE_INSTANCES": "true",
            "ORTHANC__CHECK_REVISIONS": "true",
        }
    )

    @hypothesis.settings(QUIET, max_examples=1000 if THOROUGH else 60)
    @given(content.history())
    @example(content.tour())
    def live(requests: list[Request]) -> None:
        pair.both("clear")
        pair.compare(requests)
        pair.compare_all()

    live()
    figure("requests", pair.asked)
    figure("differences", 0)
    assert sorted(WRITTEN - set(pair.reached)) == []


WRITTEN = {
    "store",
    "delete",
    "bulk delete",
    "set metadata",
    "delete metadata",
    "add label",
    "remove label",
    "attach",
    "detach",
    "compress",
    "uncompress",
    "protect",
    "modify",
    "anonymize",
    "reconstruct",
    "modality",
    "forget modality",
    "export",
    "clear changes",
    "clear exports",
    *(
        f"plugin: {name}"
        for name in (
            "store",
            "value",
            "forget",
            "pairs",
            "enqueue",
            "dequeue",
            "length",
            "reserve",
            "acknowledge",
            "prop",
            "props",
            "custom",
            "customize",
            "stray",
        )
    ),
}
"""What the histories must have done at least once, with success."""


AUDITS = (
    ("alice", 1, "study", "view", b'{"page": 1}'),
    ("bob", 0, "patient'", "delete", b"\0\xff"),
    ("Alice", 3, "instance", "view", b""),
)
"""User, level, resource, action and data of audit logs."""


@pytest.mark.timeout(120)
def test_audit_logs(kind: str, begin: Begin) -> None:
    """Audit logs of plugins are kept, and found by each argument; SQLite has none to compare with."""
    side = begin({}).sides[1]
    for user, level, resource, action, data in AUDITS:
        side.raw(called("audit", user, level, resource, action, b64encode(data).decode()))
    route = f"/plugins/{KINDS[kind].title.lower()}/audit-logs"

    def users(query: str) -> list[str]:
        status, _, body = side.raw(Request("", "GET", f"{route}?{query}"))
        assert status == 200, body
        return [one["UserId"] for one in json.loads(body)]

    assert users("") == ["alice", "bob", "Alice"]
    assert users("user-id=alice") == ["alice"]
    assert users("action=view") == ["alice", "Alice"]
    assert users("resource-id=patient%27") == ["bob"]
    assert users("since=1&limit=1") == ["bob"]
    assert users("from-timestamp=2100-01-01T00:00:00Z") == []
    assert users("to-timestamp=2100-01-01T00:00:00Z") == ["alice", "bob", "Alice"]
    shown = json.loads(side.raw(Request("", "GET", f"{route}?log-data-format=json"))[2])
    assert shown[0]["JsonLogData"] == {"page": 1}
    assert (shown[0]["ResourceType"], shown[1]["ResourceType"]) == ("Study", "Patient")
    assert shown[1]["Base64LogData"] == b64encode(b"\0\xff").decode()
