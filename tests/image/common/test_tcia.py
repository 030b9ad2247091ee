"""Tcia: series of a stand-in, imported by the page, by carts, and by jobs that outlive a restart."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator
from typing import Any

import docker
import pytest

from harness import dicom, tcia
from harness.browser import Browser
from harness.containers import Orthanc
from harness.explorer import DESKTOP, PHONE, findings, opened, shows, text
from harness.tcia import Held, TciaService, cart, until
from services import running
from services.fixtures import Services
from tests.image.conftest import Start

pytestmark = pytest.mark.inherited

SHEET = "NbiaClientSpreadsheet"

WIDTHS = "return [innerWidth, document.documentElement.scrollWidth <= innerWidth]"


@pytest.fixture
def archive() -> Iterator[TciaService]:
    """Yield the stand-in, with two patients in one collection and one in another."""
    with tcia.running() as service:
        yield service


def held(archive: TciaService, patient: str, series: str, count: int = 3, collection: str = "LUNG") -> Held:
    """Give the archive a series of CT slices."""
    made = [dicom.ct(number, patient=patient, study=patient, series=series) for number in range(1, count + 1)]
    return archive.add(
        [dicom.encoded(one) for one in made],
        str(made[0].SeriesInstanceUID),
        collection=collection,
        patient=patient,
        study=str(made[0].StudyInstanceUID),
    )


def environment(archive: TciaService, **more: str) -> dict[str, str]:
    return {"TCIA_PLUGIN_ENABLED": "true", "ORTHANC__TCIA__BASE_URL": archive.url, **more}


def imported(orthanc: Orthanc, **body: Any) -> Any:
    """Return what POST /tcia/import answers, whatever its status."""
    return orthanc.post("/tcia/import", json.dumps(body)).json()


def choose(window: Browser, collection: str) -> None:
    """Choose a collection, as soon as there are some."""
    shows(window, collection)
    change = "const one = document.querySelector('select'); one.value = arguments[0]; "
    window.run(change + "one.dispatchEvent(new Event('change'))", collection)


def count(orthanc: Orthanc) -> int:
    """Return how many instances there are."""
    return int(orthanc.json("/statistics")["CountInstances"])


def job(orthanc: Orthanc, identifier: str) -> dict[str, Any]:
    """Return a job of Orthanc."""
    found: dict[str, Any] = orthanc.json(f"/jobs/{identifier}")
    return found


def test_carts_of_both_generations_are_imported(start: Start, archive: TciaService) -> None:
    """Byte for byte, and each series once."""
    orthanc = start(environment(archive))
    series = [held(archive, "A", "one"), held(archive, "B", "two", 1)]
    for former, some in ((False, series[:1]), (True, series)):
        content = base64.b64encode(cart(some, former=former).encode()).decode()
        answer = imported(orthanc, Type=SHEET, Content=content)
        assert answer["SeriesDone"] == len(some)
    stored = {orthanc.get(f"/instances/{one}/file").content for one in orthanc.json("/instances")}
    assert stored == {content for one in series for content in one.files}
    calls = [f"getImageWithMD5Hash?SeriesInstanceUID={one.uid}" for one in series]
    assert dict(archive.asked) == dict.fromkeys(calls, 1)
    (patient,) = [one for one in answer["Series"] if one["PatientID"] == "B"]
    assert orthanc.json(f"/patients/{patient['OrthancID']}")["MainDicomTags"]["PatientID"] == "B"


def test_a_job_goes_on_after_a_restart(start: Start, archive: TciaService) -> None:
    """A stop does not wait for the archive, no file is left, and what was imported is not asked for again."""
    orthanc = start(environment(archive), volumes=["/var/lib/orthanc/db"])
    first, second = held(archive, "A", "one"), held(archive, "A", "two")
    archive.moods[second.uid] = "silent"
    begun = imported(orthanc, Type="Series", Content=[first.order(), second.order()], Asynchronous=True)
    until(lambda: count(orthanc) == 3 and archive.asked.total() == 2)
    assert job(orthanc, begun["ID"])["State"] == "Running"
    assert orthanc.stop(20) < 15
    archive.moods.clear()
    orthanc.start_again()
    until(lambda: job(orthanc, begun["ID"])["State"] == "Success")
    assert count(orthanc) == 6
    assert archive.asked[f"getImageWithMD5Hash?SeriesInstanceUID={first.uid}"] == 1
    assert orthanc.run("find", "/tmp", "-type", "f").stdout == "/tmp/orthanc.json\n"


def test_a_job_is_paused_and_cancelled_while_the_archive_hangs(start: Start, archive: TciaService) -> None:
    orthanc = start(environment(archive))
    one = held(archive, "A", "one")
    archive.moods[one.uid] = "silent"
    identifier = imported(orthanc, Type="Series", Content=[one.order()], Asynchronous=True)["ID"]
    until(lambda: archive.asked.total() == 1)
    orthanc.post(f"/jobs/{identifier}/pause", "").raise_for_status()
    until(lambda: job(orthanc, identifier)["State"] == "Paused")
    archive.moods.clear()
    orthanc.post(f"/jobs/{identifier}/resume", "").raise_for_status()
    until(lambda: job(orthanc, identifier)["State"] == "Success")
    assert count(orthanc) == 3


def test_what_is_wrong_is_told_and_imports_nothing(start: Start, archive: TciaService) -> None:
    """A cart with mistakes, a series that is not there, an archive with a path outside."""
    orthanc = start(environment(archive))
    text_ = base64.b64encode(b"Collection,PatientID\n").decode()
    answer = imported(orthanc, Type=SHEET, Content=text_)
    assert (answer["HttpStatus"], answer["Message"]) == (
        400,
        "Invalid TCIA cart, missing column: SeriesInstanceUID. Export the cart again, as a spreadsheet (CSV)",
    )
    one = held(archive, "A", "one")
    answer = imported(orthanc, Type="Series", Content=[{**one.order(), "SeriesInstanceUID": "1.2.3"}])
    assert "The user has not been granted the access" in answer["Message"]
    archive.moods[one.uid] = "outside"
    begun = imported(orthanc, Type="Series", Content=[one.order()], Asynchronous=True)
    until(lambda: job(orthanc, begun["ID"])["State"] == "Failure")
    assert "'../../etc/passwd'" in job(orthanc, begun["ID"])["Content"]["Failure"]
    assert count(orthanc) == 0
    archive.moods.clear()
    orthanc.post(f"/jobs/{begun['ID']}/resubmit", "").raise_for_status()
    until(lambda: job(orthanc, begun["ID"])["State"] == "Success")
    assert count(orthanc) == 3


def test_a_wrong_address_ends_the_start(start: Start) -> None:
    environment = {"TCIA_PLUGIN_ENABLED": "true", "ORTHANC__TCIA__BASE_URL": "nbia"}
    orthanc = start(environment, wait=False)
    assert orthanc.wait_for_exit() == 78
    assert (
        "ORTHANC__TCIA__BASE_URL: 'nbia' is not the address of a service. Write it as https://"
        in orthanc.logs()
    )


def test_it_may_be_off(start: Start) -> None:
    """Then the plugin is loaded, and offers nothing."""
    orthanc = start({"TCIA_PLUGIN_ENABLED": "true", "ORTHANC__TCIA__ENABLE": "false"})
    assert orthanc.get("/tcia/app/index.html").status_code == 404
    assert "RootUri" not in orthanc.json("/plugins/tcia")


@pytest.mark.timeout(400)
def test_page(
    start: Start, archive: TciaService, client: docker.DockerClient, network: str, services: Services
) -> None:
    """Series of a patient are chosen and imported: on a phone and a desktop, light and dark."""
    held(archive, "A1", "one")
    held(archive, "A1", "two")
    held(archive, "B2", "three", collection="A & B")
    orthanc = start(environment(archive), **running.on(client, network, "orthanc"))
    with opened(services("chromium")) as window:
        for size, dark in itertools.product((DESKTOP, PHONE), (False, True)):
            window.look(size, dark=dark)
            window.open("/tcia/app/index.html")
            choose(window, "LUNG")
            window.click("details > summary")
            window.click("thead input")
            shows(window, "Selected: 2")
            assert findings(window) == []
            assert window.run(WIDTHS) == [size[0], True]
        window.click_text("Import the selected series")
        shows(window, "done")
        shows(window, "2 / 2")
        assert count(orthanc) == 6
        assert findings(window) == []
        choose(window, "A & B")
        shows(window, "B2")
        assert "A1 · O" not in text(window)
        held(archive, "C3", "four", collection="BRAIN")
        window.click_text("Ask the archive again")
        shows(window, "BRAIN")
        window.open("/app/explorer.html")
        window.click_text("The Cancer Imaging Archive")
        window.until(lambda: window.address() == "/tcia/app/index.html", "the page of Tcia")
