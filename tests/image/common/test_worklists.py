"""Worklists: made by REST, asked for by modalities, in a folder and in each kind of index."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest
from pynetdicom.sop_class import ModalityWorklistInformationFind  # type: ignore[attr-defined]

from harness import dicom, peers, worklists
from harness.containers import Orthanc
from services import running
from services.fixtures import Serve
from tests.image.common import test_databases
from tests.image.conftest import Start

pytestmark = pytest.mark.inherited

FOLDER = "/var/lib/orthanc/worklists"
ON = {
    "WORKLISTS_PLUGIN_ENABLED": "true",
    "ORTHANC__DICOM_ALWAYS_ALLOW_FIND_WORKLIST": "true",
    # The one of Orthanc's answers.
    "ORTHANC__DEFAULT_ENCODING": "Utf8",
}
MODEL = str(ModalityWorklistInformationFind)
SEED = 20261128
QUERIES = 60
"""So many take ten seconds on each side: pynetdicom waits for every answer."""


def made(server: Orthanc, **tags: Any) -> str:
    """Return the identifier of a worklist that REST has made, for a CT of the first of December."""
    step = {"Modality": "CT", "ScheduledProcedureStepStartDate": "20261201"}
    body = {"Tags": {"ScheduledProcedureStepSequence": [step], **tags}}
    answer = server.post("/worklists/create", json.dumps(body))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["ID"])


def names(server: Orthanc, **keys: str) -> list[str]:
    """Return the names of the patients that a modality finds."""
    found = peers.worklist(server, worklists.asked(**{"PatientName": "", **keys}))
    return sorted(str(one.PatientName) for one in found)


@pytest.mark.timeout(120)
def test_queries_find_what_dcmtk_finds(start: Start, serve: Serve) -> None:
    """The same files and drawn queries give the same worklists here and with wlmscpfs."""
    rnd = random.Random(SEED)
    files = {f"{number:03}.wl": dicom.encoded(worklists.item(rnd, number)) for number in range(40)}
    server = start(
        {**ON, "ORTHANC__CASE_SENSITIVE_PN": "true"},
        files={f"{FOLDER}/{name}": content for name, content in files.items()},
    )
    other = serve("dcmtk", files={f"/worklists/WORKLISTS/{name}": content for name, content in files.items()})
    queries = [worklists.query(rnd) for _ in range(QUERIES)]
    found: list[list[set[str]]] = []
    for place in (server, peers.PeerPlace(other.address, "WORKLISTS")):
        with peers.association(place, [(MODEL, None)]) as link:
            found.append(
                [
                    {str(one.StudyInstanceUID) for one in peers.matches(link, query, MODEL)}
                    for query in queries
                ]
            )
    for query, ours, theirs in zip(queries, *found, strict=True):
        assert ours == theirs, query
    assert sum(map(len, found[0])) > QUERIES


def test_character_sets(start: Start) -> None:
    """A name is found in whatever character set the file and the query are; the answer is readable."""
    files = {}
    for number, (charset, name) in enumerate(
        [("ISO_IR 100", "Müller^Jörg"), ("ISO_IR 144", "Иванов^Пётр"), ("ISO_IR 192", "山田^太郎")]
    ):
        item = worklists.item(random.Random(1), number)
        item.SpecificCharacterSet, item.PatientName = charset, name
        files[f"{FOLDER}/{number}.wl"] = dicom.encoded(item)
    server = start(ON, files=files)
    for wanted in ("MÜLLER*", "иванов^*", "山田*", "??^太郎"):
        assert len(names(server, PatientName=wanted)) == 1, wanted
    assert names(server) == ["Müller^Jörg", "Иванов^Пётр", "山田^太郎"]
    query = worklists.asked(PatientName="Müller*")
    query.SpecificCharacterSet = "ISO_IR 100"
    (found_one,) = peers.worklist(server, query)
    assert str(found_one.PatientName) == "Müller^Jörg"


@pytest.mark.parametrize("kind", ["folder", "SQLite", "PostgreSQL", "MySQL"])
def test_rest_makes_what_modalities_find(
    kind: str, start: Start, serve: Serve, client: Any, network: str
) -> None:
    """Worklists are made, found, replaced, kept over a restart, and go with their stable study."""
    place = dict(ON)
    if kind != "folder":
        place["ORTHANC__WORKLISTS__SAVE_IN_ORTHANC_DATABASE"] = "true"
    if kind in test_databases.DATABASES:
        stage = test_databases.DATABASES[kind][0]
        place.update(test_databases.variables(kind, serve(stage).name))
    times = {"ORTHANC__WORKLISTS__HOUSEKEEPING_INTERVAL": "1", "ORTHANC__STABLE_AGE": "1"}
    server = start({**place, **times}, timeout=60, **running.on(client, network))
    arrived = dicom.ct(patient="worklists")
    one = made(server, PatientName="One^A", StudyInstanceUID=str(arrived.StudyInstanceUID))
    two = made(server, PatientName="山田^太郎", AccessionNumber="A2")
    assert names(server) == ["One^A", "山田^太郎"]
    assert names(server, AccessionNumber="A2") == ["山田^太郎"]
    listed = server.json("/worklists?format=Simplify")
    assert {each["ID"]: each["Tags"]["PatientName"] for each in listed} == {one: "One^A", two: "山田^太郎"}
    full = server.json(f"/worklists/{two}?format=Full")["Tags"]
    assert full["0010,0010"]["Value"] == "山田^太郎"
    assert full["0020,000d"]["Value"]
    step = {"Modality": "MR", "ScheduledProcedureStepStartDate": "20261202"}
    tags = {"PatientName": "Two^B", "ScheduledProcedureStepSequence": [step]}
    assert server.put(f"/worklists/{two}", json.dumps({"Tags": tags})).status_code == 200
    server.stop()
    server.start_again()
    assert names(server) == ["One^A", "Two^B"]
    server.upload(dicom.encoded(arrived))
    end = time.monotonic() + 30
    while names(server) != ["Two^B"]:
        assert time.monotonic() < end, "the worklist outlives its study"
        time.sleep(0.2)
    assert server.delete(f"/worklists/{two}").status_code == 200
    assert server.delete(f"/worklists/{two}").status_code == 404
    assert server.json("/worklists") == []
