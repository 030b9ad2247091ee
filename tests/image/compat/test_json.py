"""JSON nested deeply in the body of a request: it is read, walked through and freed by recursion."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from harness import dicom
from harness.containers import Orthanc

pytestmark = pytest.mark.inherited

DEPTHS = [62, 120, 250, 1_000, 1_000_000]
"""Of what is nested. DICOM allows 63 sequences, jsoncpp 256 levels of arrays and objects."""


def arrays(depth: int) -> str:
    """Return [[[…]]]."""
    return "[" * depth + "]" * depth


def objects(depth: int) -> str:
    """Return {"a": {"a": …}}."""
    return '{"a":' * depth + "0" + "}" * depth


def sequences(depth: int) -> str:
    """Return nested content sequences, as Orthanc writes tags."""
    return '{"ContentSequence":[' * depth + '{"TextValue":"leaf"}' + "]}" * depth


BODIES: dict[str, tuple[str, Callable[[int], str]]] = {
    "find-arrays": ("/tools/find", arrays),
    "find-objects": ("/tools/find", objects),
    "find-query": ("/tools/find", lambda depth: f'{{"Level":"Study","Query":{sequences(depth)}}}'),
    "create": ("/tools/create-dicom", lambda depth: f'{{"Tags":{sequences(depth)}}}'),
    "modify": ("/instances/{id}/modify", lambda depth: f'{{"Replace":{sequences(depth)}}}'),
    "anonymize": ("/instances/{id}/anonymize", lambda depth: f'{{"Replace":{sequences(depth)}}}'),
    "modify-series": (
        "/series/{series}/modify",
        lambda depth: f'{{"Replace":{sequences(depth)},"Force":true}}',
    ),
    "remove": ("/series/{series}/modify", lambda depth: f'{{"Remove":{arrays(depth)}}}'),
    "archive": ("/series/{series}/archive", arrays),
    "bulk": ("/tools/bulk-content", objects),
}


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("name", BODIES)
def test_depth(server: Orthanc, name: str, depth: int) -> None:
    """Whatever is nested in the body, there is an answer, and no crash."""
    said = server.upload(dicom.encoded(dicom.ct(1, patient="JSON", size=8)))
    path, body = BODIES[name]
    answer = server.post(
        path.format(id=said["ID"], series=said["ParentSeries"]),
        body(depth),
        headers={"Content-Type": "application/json"},
        timeout=60,
    )
    assert answer.status_code in {200, 400, 500}
    if depth >= 1_000:
        assert answer.status_code == 500  # "Exceeded stackLimit in readValue()"


def test_what_is_created_is_kept_up_to_the_limit_of_files(server: Orthanc) -> None:
    """An instance made from JSON obeys the limit of files that are uploaded."""
    kept = server.post("/tools/create-dicom", json.dumps({"Tags": json.loads(sequences(63))}))
    assert kept.status_code == 200, kept.text
    refused = server.post("/tools/create-dicom", json.dumps({"Tags": json.loads(sequences(65))}))
    assert refused.status_code == 400, refused.text
