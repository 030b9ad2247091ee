"""The pages at the address of Orthanc Explorer 2 in a real browser: what people do there, and who may."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pydicom
import pytest
from pydicom.data import get_testdata_file
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from harness import browser, certificates, dicom, viewers
from harness.browser import Browser
from harness.containers import LABEL, LOGIN, Orthanc
from harness.explorer import DESKTOP, NAMES, ORIGIN, PHONE, ROOT, findings, opened, shows, study, text
from services import running
from services.fixtures import Serve, Services
from tests.image.conftest import Start

pytestmark = pytest.mark.inherited

SCRIPT = "/etc/orthanc-tests/authorization.py"

STAND_IN = {SCRIPT: (ROOT / "harness/authorization.py").read_text(encoding="utf-8")}

MAIL = {"Url": "http://127.0.0.1:8042/mail/", "Username": LOGIN[0], "Password": LOGIN[1]}


def authorized(**ui: Any) -> dict[str, str]:
    """Return the environment of a server whose users have permissions; see harness/authorization.py."""
    settings = {
        "PythonScript": SCRIPT,
        "Authorization": {"WebServiceUserProfileUrl": "http://none", "EnableAuditLogs": True},
        "DicomModalities": {"self": ["ORTHANC", "127.0.0.1", 4242]},
        "OrthancExplorer2": {
            "Theme": "auto",
            "UiOptions": ui,
            "Emails": {"Server": MAIL},
            "Inbox": {"Enable": True, "Title": "Send us images"},
        },
    }
    switches = {"AUTHORIZATION_PLUGIN_ENABLED": "false", "PYTHON_PLUGIN_ENABLED": "true"}
    return {"ORTHANC_JSON": json.dumps(settings), **switches}


PAGES = {
    "": "Studies: 5",
    "upload": "Drop files",
    "jobs": "Archive",
    "settings": "orthanc-explorer-2",
    "settings-metrics": "orthanc_up_time_s",
    "settings-labels": "Save",
    "settings-permissions": "radiology",
    "worklists": "Doe, Jane",
    "audit-logs": "delete",
    "filtered-studies?source-type=dicom&remote-source=self": "It answers.",
    "filtered-studies?PatientName=*nobody*": "No study fits.",
    "inbox.html": "Send us images",
    "token-landing.html": "This link is not valid.",
    "retrieve-and-view.html": "The address lacks the study.",
    "nothing": "There is no page named nothing.",
}
"""Each page, with words of it."""

LOOKS = {
    "desktop-light": (DESKTOP, False),
    "desktop-dark": (DESKTOP, True),
    "phone-light": (PHONE, False),
    "phone-dark": (PHONE, True),
}


def filled(orthanc: Orthanc) -> str:
    """Upload studies, one with a film and a document, and return its identifier; leave a job behind."""
    for number, name in enumerate(NAMES):
        study(orthanc, name, number)
    orthanc.session.headers["token"] = "admin"
    film = Path(str(get_testdata_file("examples_ybr_color.dcm"))).read_bytes()
    identifier = str(orthanc.upload(film)["ParentStudy"])
    document = "data:application/pdf;base64," + base64.b64encode(PDF).decode()
    body = {"Parent": identifier, "Tags": {"Modality": "DOC"}, "Content": document}
    assert orthanc.post("/tools/create-dicom", json=body).status_code == 200
    orthanc.post(f"/studies/{identifier}/archive", json={"Synchronous": False})
    return identifier


PRESS = """
[...document.querySelectorAll('main button')].find((one) => one.innerText === arguments[0]).click()
"""

PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj
trailer<</Root 1 0 R>>
"""


@pytest.mark.timeout(400)
@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_for_everybody(
    start: Start, client: docker.DockerClient, network: str, services: Services, look: str
) -> None:
    """Light and dark, on a phone and a desktop: axe finds nothing, and no request fails or goes elsewhere."""
    orthanc = start(authorized(), files=STAND_IN, **running.on(client, network, "orthanc"))
    orthanc.session.headers["token"] = "admin"
    identifier = filled(orthanc)
    size, dark = LOOKS[look]
    with opened(services("chromium"), size, dark=dark) as window:
        window.open("/ui/app/?token=admin")
        # The next address has the token only once this page has kept it.
        shows(window, PAGES[""])
        found = {}
        for page, words in PAGES.items():
            window.open(f"/ui/app/{page}")
            shows(window, words)
            found[page] = findings(window)
            assert window.run("return innerWidth") == size[0], f"{page} is wider than the screen"
        window.open("/ui/app/")
        shows(window, "Doe, Jane")
        if size == PHONE:
            window.shown(".menu").click()
            shows(window, "Settings")
        else:
            window.shown(".row button.quiet").click()
            shows(window, "Instances: 1")
        viewers.kept(window, f"explorer-list-{look}")
        found["opened"] = findings(window)
        window.open(f"/ui/app/study?id={identifier}")
        shows(window, "Series: 2")
        for one in window.driver.find_elements(By.CSS_SELECTOR, "details.series > summary"):
            window.run("arguments[0].click()", one)
        window.until(lambda: window.run("return !!document.querySelector('.preview iframe')"), "the document")
        window.until(lambda: window.run("return !!document.querySelector('.preview img')"), "the picture")
        found["study"] = findings(window)
        viewers.kept(window, f"explorer-study-{look}")
        for button in ("Modify", "Anonymize", "Labels", "Send", "Merge", "Add a series", "Delete"):
            window.run(PRESS, button)
            window.until(lambda: window.run("return !!document.querySelector('dialog[open]')"), button)
            found[button] = findings(window)
            window.shown("dialog").send_keys(Keys.ESCAPE)
        assert {page: problems for page, problems in found.items() if problems} == {}


@pytest.mark.timeout(400)
def test_a_user_sees_what_the_permissions_allow(
    start: Start, client: docker.DockerClient, network: str, services: Services
) -> None:
    """Nothing is offered, and nothing asked for, that the server would refuse."""
    orthanc = start(authorized(), files=STAND_IN, **running.on(client, network, "orthanc"))
    orthanc.session.headers["token"] = "admin"
    study(orthanc, NAMES[0], 0)
    with opened(services("chromium")) as window:
        window.open("/ui/app/?token=viewer")
        shows(window, "Doe, Jane")
        shows(window, "Vic")
        for words in ("Upload", "DICOM modalities", "Settings", "Jobs", "Audit logs", "Permissions"):
            assert words not in text(window)
        window.click_text("Doe, Jane")
        shows(window, "Patient ID")
        window.until(lambda: window.run(LOADED), "the image")
        assert window.run(BUTTONS) == ["Download as ZIP"]
        assert orthanc.delete("/studies/none", headers={"token": "viewer"}).status_code == 403


BUTTONS = (
    "return [...document.querySelector('.actions').querySelectorAll('button')].map((one) => one.innerText)"
)

LOADED = "const one = document.querySelector('.preview img'); return !!one && one.naturalWidth === 128"


@pytest.mark.timeout(400)
def test_whoever_is_nobody_is_told_so(
    start: Start, client: docker.DockerClient, network: str, services: Services
) -> None:
    """Without a token, the list says what to do; the page asks for nothing else."""
    orthanc = start(authorized(), files=STAND_IN, **running.on(client, network, "orthanc"))
    orthanc.session.headers["token"] = "admin"
    study(orthanc, NAMES[0], 0)
    with opened(services("chromium")) as window:
        window.open("/ui/app/")
        shows(window, "You do not have the right to do this.")
        assert "Doe" not in text(window)
        assert findings(window) == []
        asked = [one.url.removeprefix(ORIGIN) for one in window.requests()]
        assert {one for one in asked if not one.startswith("/ui/") and "favicon" not in one} == {"/system"}


@pytest.mark.timeout(400)
def test_links_are_sent_by_e_mail_as_the_user_has_written_it(
    start: Start, client: docker.DockerClient, network: str, services: Services
) -> None:
    ui = {"EnableShares": True, "EnableSharesByEmail": True, "ShareEmailContentTemplate": "usual"}
    orthanc = start(authorized(**ui), files=STAND_IN, **running.on(client, network, "orthanc"))
    orthanc.session.headers["token"] = "admin"
    identifier = study(orthanc, "Doe^Jane<b>", 0)
    with opened(services("chromium")) as window:
        window.open(f"/ui/app/study?id={identifier}&token=admin")
        window.click_text("Share")
        window.click_text("Make a link")
        window.click_text("Write an e-mail")
        window.until(lambda: window.run("return !!document.querySelector('.editor')"), "the text")
        assert findings(window) == []
        window.shown("[type=email]").send_keys("b@example.org")
        editor = window.shown(".editor")
        editor.send_keys(Keys.CONTROL, Keys.END)
        editor.send_keys(" Regards")
        window.click_text("Send the link by e-mail")
        shows(window, "Sent to b@example.org.")
    (mail,) = orthanc.get("/mail/all").json()
    assert mail["destination-email"] == "b@example.org"
    assert mail["email-content"].startswith(
        "<p>Dear <b>colleague</b>, see Doe^Jane&lt;b&gt;: http://orthanc:8042/ui/app/"
    )
    assert "Regards" in mail["email-content"]


@pytest.mark.timeout(400)
def test_a_patients_studies_are_modified_together_and_nothing_is_lost(
    start: Start, client: docker.DockerClient, network: str, services: Services
) -> None:
    """Nobody gets two names under one ID, and what keeps its identifiers is still there afterwards."""
    orthanc = start({"ORTHANC__OVERWRITE_INSTANCES": "true"}, **running.on(client, network, "orthanc"))
    first, _ = study(orthanc, "Doe^Jane", 0, "P1"), study(orthanc, "Doe^Jane", 1, "P1")
    study(orthanc, "Roe^Richard", 2, "P2")

    def change(window: Browser, label: str, value: str, mode: str) -> None:
        window.click_text("Modify")
        place = f'//dialog//label[normalize-space(text())="{label}"]/input'
        field = window.shown(place)
        field.clear()
        field.send_keys(value)
        window.run(CHOOSE, mode)
        window.run("document.querySelector('dialog form').requestSubmit()")

    with opened(services("chromium")) as window:
        window.open(f"/ui/app/study?id={first}")
        shows(window, "Patient ID")
        change(window, "Patient's name", "Doe^Anne", KEEP)
        shows(window, "The patient has other studies, which are changed too")
        assert findings(window) == []
        window.click_text("Change all studies")
        shows(window, "The modification is done.")
        assert names(orthanc) == ["Doe^Anne", "Doe^Anne", "Roe^Richard"]

        window.open(f"/ui/app/study?id={first}")
        shows(window, "Patient ID")
        change(window, "Patient ID", "P2", KEEP)
        shows(window, "There is a patient with this ID already")
        window.click_text("Give the study to this patient")
        shows(window, "The modification is done.")
        assert names(orthanc) == ["Doe^Anne", "Roe^Richard", "Roe^Richard"]

        series = orthanc.get("/series?expand").json()[0]
        window.open(f"/ui/app/study?id={series['ParentStudy']}")
        shows(window, "Patient ID")
        window.run("document.querySelector('.series .actions').id = 'of-series'")
        window.run(MODIFY_SERIES)
        field = window.shown("//dialog//label[contains(., 'Series description')]/input")
        field.send_keys(" changed")
        window.run(CHOOSE, KEEP)
        window.run("document.querySelector('dialog form').requestSubmit()")
        shows(window, "The modification is done.")
        assert len(orthanc.get("/instances").json()) == 3


KEEP = "Replace the original, with its DICOM identifiers"

CHOOSE = """
[...document.querySelectorAll('dialog label')].find((one) => one.innerText.trim() === arguments[0]).click()
"""

MODIFY_SERIES = """
[...document.querySelectorAll('#of-series button')].find((one) => one.innerText === 'Modify').click()
"""


def names(orthanc: Orthanc) -> list[str]:
    """Return the name of the patient of each study, sorted."""
    return sorted(one["PatientMainDicomTags"]["PatientName"] for one in orthanc.get("/studies?expand").json())


@pytest.mark.timeout(400)
def test_with_a_button_for_the_search_filters_wait_for_it(
    start: Start, client: docker.DockerClient, network: str, services: Services
) -> None:
    settings = {"OrthancExplorer2": {"UiOptions": {"StudyListSearchMode": "search-button"}}}
    orthanc = start({"ORTHANC_JSON": json.dumps(settings)}, **running.on(client, network, "orthanc"))
    for number, name in enumerate(NAMES):
        study(orthanc, name, number)
    with opened(services("chromium")) as window:
        window.open("/ui/app/")
        shows(window, "Studies: 4")
        window.run("document.querySelector('.heads .checks input[type=checkbox]').click()")
        window.shown("input[aria-label*='name']").send_keys("doe", Keys.TAB)
        assert "?" not in window.address()
        window.click_text("Search")
        window.until(lambda: "ModalitiesInStudy=CR" in window.address(), "the modality in the address")
        assert "PatientName=*doe*" in window.address()
        shows(window, "No study fits.")


@pytest.fixture
def volume(client: docker.DockerClient) -> Iterator[str]:
    """Yield the name of a volume of the engine."""
    made = client.volumes.create(labels={LABEL: "volume"})
    yield made.name
    made.remove()


@pytest.mark.timeout(400)
def test_on_a_server_that_cannot_be_written_to_studies_are_shown(
    volume: str, start: Start, client: docker.DockerClient, network: str, services: Services
) -> None:
    mounted = {volume: {"bind": "/var/lib/orthanc/db", "mode": "rw"}}
    first = start(volumes=mounted)
    study(first, NAMES[0], 0)
    first.stop()
    start({"ORTHANC__READ_ONLY": "true"}, volumes=mounted, **running.on(client, network, "orthanc"))
    with opened(services("chromium")) as window:
        window.open("/ui/app/")
        shows(window, "Studies: 1")
        assert "Upload" not in text(window)
        window.click_text("Doe, Jane")
        window.until(lambda: window.run(LOADED), "the image")
        assert not {"Delete", "Modify", "Labels"} & set(window.run(BUTTONS))


@pytest.mark.timeout(400)
def test_the_pages_work_with_https(
    start: Start, client: docker.DockerClient, network: str, services: Services
) -> None:
    settings = {
        "ORTHANC__SSL_ENABLED": "true",
        "ORTHANC__SSL_CERTIFICATE": "/run/tests/server.pem",
    }
    files = {"/run/tests/server.pem": certificates.server("orthanc")}
    on = running.on(client, network, "orthanc")
    orthanc = start(settings, files=files, scheme="https", verify=False, **on)
    study(orthanc, NAMES[0], 0)
    with opened(services("chromium"), origin="https://orthanc:8042") as window:
        window.open("/ui/app/")
        window.click_text("Doe, Jane")
        window.until(lambda: window.run(LOADED), "the image")


@pytest.mark.timeout(400)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_people_work_with_studies(
    start: Start, client: docker.DockerClient, network: str, services: Services, size: tuple[int, int]
) -> None:
    """They find, open, look at, label and delete studies; axe has nothing to say on any page."""
    orthanc = start({}, **running.on(client, network, "orthanc"))
    for number, name in enumerate(NAMES):
        study(orthanc, name, number)
    with opened(services("chromium"), size) as window:
        window.open("/ui/app/")
        shows(window, "Studies: 4")
        shows(window, "Yamada, Tarou · 山田, 太郎")
        assert findings(window) == []
        viewers.kept(window, f"explorer-list-{size[0]}")

        field = window.shown("input[aria-label*='name']")
        window.run("arguments[0].focus()", field)
        field.send_keys("doe")
        shows(window, "Studies: 1")
        assert "PatientName=*doe*" in window.address()
        window.driver.back()
        shows(window, "Studies: 4")

        rows = window.shown(".rows")
        rows.send_keys(Keys.HOME, Keys.ARROW_DOWN, Keys.ENTER)
        window.until(lambda: "study?id=" in window.address(), "the page of the second study")
        shows(window, "Patient ID")
        window.until(lambda: window.run(LOADED), "the image")
        assert findings(window) == []
        viewers.kept(window, f"explorer-study-{size[0]}")

        window.click_text("Labels")
        window.shown("dialog input").send_keys("urgent", Keys.ENTER)
        window.until(lambda: orthanc.get("/tools/labels").json() == ["urgent"], "the label")
        assert findings(window) == []
        window.shown("dialog").send_keys(Keys.ESCAPE)

        window.click_text("Delete")
        shows(window, "This deletes 1 from the server for good:")
        window.click_text("Delete for good")
        window.until(lambda: len(orthanc.get("/studies").json()) == 3, "the deletion")
        shows(window, "Studies: 3")


@pytest.mark.timeout(400)
def test_people_choose_series_and_plan_the_next_study(
    start: Start, client: docker.DockerClient, network: str, services: Services
) -> None:
    """They delete those that they have chosen; with the last one the study is gone."""
    orthanc = start({"WORKLISTS_PLUGIN_ENABLED": "true"}, **running.on(client, network, "orthanc"))
    identifier = slices(orthanc, 1, 1, 1)
    with opened(services("chromium")) as window:
        window.open(f"/ui/app/study?id={identifier}")
        shows(window, "Series: 3")
        for place in (0, 1):
            window.run("document.querySelectorAll('.choice > input')[arguments[0]].click()", place)
        shows(window, "Selected: 2")
        assert findings(window) == []
        viewers.kept(window, "explorer-series")
        window.run(PRESS_BULK, "Delete")
        shows(window, "This deletes 2 from the server for good:")
        window.click_text("Delete for good")
        shows(window, "Series: 1")
        assert len(orthanc.get("/series").json()) == 1

        window.click_text("Worklist for this patient")
        window.until(lambda: window.run("return !!document.querySelector('dialog form')"), "the form")
        assert findings(window) == []
        window.run("document.querySelector('dialog form').requestSubmit()")
        shows(window, "The worklist was created.")
        (worklist,) = orthanc.get("/worklists").json()
        assert (worklist["Tags"]["PatientID"], worklist["Tags"]["PatientName"]) == ("P0", "Doe^Jane")
        study_tags = orthanc.get(f"/studies/{identifier}").json()["MainDicomTags"]
        assert worklist["Tags"]["StudyInstanceUID"] != study_tags["StudyInstanceUID"]

        window.run("document.querySelector('.series > summary').click()")
        window.click(".series .actions button.danger")
        window.click_text("Delete for good")
        shows(window, "No study fits.")
        bad = [one for one in window.requests() if one.status >= 400]
        assert {one.status for one in bad} == {404}
        assert "404" in window.said()


@pytest.mark.timeout(200)
def test_people_are_told_what_a_nifti_file_needs(
    start: Start, client: docker.DockerClient, network: str, services: Services
) -> None:
    """Nothing is asked of Neuro that it would refuse; a series that it takes is downloaded."""
    orthanc = start({"NEURO_PLUGIN_ENABLED": "true"}, **running.on(client, network, "orthanc"))
    thick, empty = dicom.mr(), dicom.mr(patient="MR-2")
    empty.SliceThickness = ""
    with opened(services("chromium")) as window:
        for one in (empty, thick):
            study_id = orthanc.upload(dicom.encoded(one))["ParentStudy"]
            window.open(f"/ui/app/study?id={study_id}")
            window.requests()
            window.click_text("Download as NIfTI")
            if one is empty:
                shows(window, "This cannot become a NIfTI file.")
                assert not any("/nifti" in asked.url for asked in window.requests())
        window.until(lambda: any("/nifti" in asked.url for asked in window.requests()), "the download")


@pytest.mark.timeout(400)
def test_people_choose_instances_and_see_their_jobs(
    start: Start, client: docker.DockerClient, network: str, services: Services
) -> None:
    """They send and delete what they have chosen; the side bar has their jobs, after a reload, too."""
    settings = {"DicomModalities": {"self": ["ORTHANC", "127.0.0.1", 4242]}}
    orthanc = start({"ORTHANC_JSON": json.dumps(settings)}, **running.on(client, network, "orthanc"))
    identifier = slices(orthanc, 4)
    with opened(services("chromium")) as window:
        window.open(f"/ui/app/study?id={identifier}")
        window.click_text("Choose instances")
        window.run("document.querySelector('.picker .bulk input').click()")
        shows(window, "Selected: 4")
        window.run("document.querySelectorAll('.pick input')[1].click()")
        shows(window, "Selected: 3")
        window.run("document.querySelectorAll('.pick button')[3].click()")
        shows(window, "Instance 4 of 4")
        assert findings(window) == []
        viewers.kept(window, "explorer-instances")
        window.run(PRESS_BULK, "Send")
        window.run("document.querySelector('dialog footer .main').click()")
        shows(window, "Everything was sent.")
        (job,) = orthanc.get("/jobs?expand").json()
        assert (job["Type"], job["Content"]["InstancesCount"]) == ("DicomModalityStore", 3)
        window.shown("dialog").send_keys(Keys.ESCAPE)
        window.until(lambda: window.run(MINE) == ["DicomModalityStore", "done"], "the job")
        window.driver.refresh()
        window.until(lambda: window.run(MINE) == ["DicomModalityStore", "done"], "the job again")
        assert findings(window) == []
        window.click_text("Clear those that have ended")
        window.until(lambda: "My jobs" not in text(window), "no job")

        window.click_text("Choose instances")
        for place in (0, 2):
            window.run("document.querySelectorAll('.pick input')[arguments[0]].click()", place)
        window.run(PRESS_BULK, "Delete")
        window.click_text("Delete for good")
        window.until(lambda: len(orthanc.get("/instances").json()) == 2, "the deletion")
        shows(window, "of 2")


MINE = "return document.querySelector('.mine ul')?.innerText.trim().split(/\\s+/)"

PRESS_BULK = """
[...document.querySelectorAll('.bulk button')].find((one) => one.innerText === arguments[0]).click()
"""


def slices(orthanc: Orthanc, *counts: int) -> str:
    """Upload a study with series of so many instances each, and return its Orthanc identifier."""
    dataset = pydicom.dcmread(viewers.path())
    dataset.PatientName, dataset.PatientID = "Doe^Jane", "P0"
    for series, count in enumerate(counts):
        dataset.SeriesInstanceUID, dataset.SeriesNumber = f"1.2.3.{series}", series + 1
        for number in range(count):
            dataset.SOPInstanceUID, dataset.InstanceNumber = f"1.2.3.{series}.{number}", number + 1
            dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
            with io.BytesIO() as file:
                pydicom.dcmwrite(file, dataset, enforce_file_format=True)
                identifier = str(orthanc.upload(file.getvalue())["ParentStudy"])
    return identifier


@pytest.mark.timeout(400)
def test_the_newest_studies_are_shown_without_extended_find(
    start: Start, client: docker.DockerClient, network: str, services: Services, serve: Serve
) -> None:
    """As the log of changes has them: a proxy makes this index one that cannot put them in order."""
    settings = {"OrthancExplorer2": {"UiOptions": {"StudyListContentIfNoSearch": "most-recents"}}}
    orthanc = start({"ORTHANC_JSON": json.dumps(settings)}, **running.on(client, network, "orthanc"))
    for number, name in enumerate(NAMES):
        study(orthanc, name, number)
    nginx = (ROOT / "services/nginx/nginx.conf").read_text(encoding="utf-8")
    without = (
        "location / { proxy_set_header Accept-Encoding ''; sub_filter_once off; sub_filter_types *;"
        " sub_filter 'HasExtendedFind\" : true' 'HasExtendedFind\" : false';"
        " sub_filter 'HasExtendedFind&quot;:true' 'HasExtendedFind&quot;:false';"
    )
    serve("nginx", name="proxy", files={"/service/nginx.conf": nginx.replace("location / {", without)})
    with opened(services("chromium"), origin="http://proxy") as window:
        window.open("/ui/app/")
        shows(window, "Studies: 4")
        shown = window.run("return [...document.querySelectorAll('.row a')].map((one) => one.innerText)")
        assert shown[0] == "Иванов, Иван"
        assert shown[-1] == "Doe, Jane"
        asked = [one.url.removeprefix("http://proxy") for one in window.requests()]
        assert "/changes?last" in asked
        assert "/tools/find" not in asked


@pytest.mark.timeout(400)
def test_people_upload_files(
    start: Start, client: docker.DockerClient, network: str, services: Services
) -> None:
    """What is no DICOM is reported by its name; what has come is linked."""
    orthanc = start({}, **running.on(client, network, "orthanc"))
    with opened(services("chromium")) as window:
        window.open("/ui/app/upload")
        shows(window, "Drop files")
        assert findings(window) == []
        content = base64.b64encode(Path(viewers.path()).read_bytes()).decode()
        window.run(DROP, content)
        shows(window, "2 of 2 files.")
        shows(window, "Failed: 1.")
        shows(window, "odd.txt")
        assert len(orthanc.get("/instances").json()) == 1
        window.until(
            lambda: window.run("return document.querySelectorAll('main li a').length") == 1, "the link"
        )
        bad = [one for one in window.requests() if one.status >= 400]
        assert [one.url.removeprefix(ORIGIN) for one in bad] == ["/instances"]
        assert "400" in window.said()


DROP = """
const bytes = Uint8Array.from(atob(arguments[0]), (one) => one.charCodeAt(0));
const files = new DataTransfer();
files.items.add(new File([bytes], "ct.dcm"));
files.items.add(new File(["no DICOM"], "odd.txt"));
const input = document.querySelector("input[type=file]");
input.files = files.files;
input.dispatchEvent(new Event("change", { bubbles: true }));
"""


@pytest.mark.timeout(400)
def test_every_other_page_opens(
    start: Start, client: docker.DockerClient, network: str, services: Services
) -> None:
    """Jobs, settings, metrics, a modality, the inbox and a link that is not valid; in each language, too."""
    modalities = {"DicomModalities": {"self": ["ORTHANC", "127.0.0.1", 4242]}}
    settings = {"ORTHANC_JSON": json.dumps({**modalities, "OrthancExplorer2": {"Inbox": {"Enable": True}}})}
    orthanc = start(settings, **running.on(client, network, "orthanc"))
    study(orthanc, NAMES[0], 0)
    with opened(services("chromium")) as window:
        for page, words in (
            ("jobs", "There are no jobs."),
            ("settings", "orthanc-explorer-2"),
            ("settings-metrics", "orthanc_up_time_s"),
            ("inbox.html", "Send images"),
            ("nothing", "There is no page named nothing."),
        ):
            window.open(f"/ui/app/{page}")
            shows(window, words)
            assert findings(window) == [], page
        window.open("/ui/app/filtered-studies?source-type=dicom&remote-source=self")
        window.click_text("Search")
        shows(window, "Doe, Jane")
        assert findings(window) == []
        for code, words in (("de", "Studien"), ("ja", "検査"), ("fr", "Examens")):
            window.run("localStorage.setItem('orthanc-explorer-language', arguments[0])", code)
            window.open("/ui/app/")
            shows(window, words)


@pytest.mark.timeout(400)
def test_the_pages_work_behind_a_prefix(
    start: Start, client: docker.DockerClient, network: str, services: Services, serve: Serve
) -> None:
    orthanc = start({}, **running.on(client, network, "orthanc"))
    study(orthanc, NAMES[0], 0)
    nginx = (ROOT / "services/nginx/nginx.conf").read_text(encoding="utf-8")
    there = nginx.replace("location / {", "location /pacs/ {")
    there = there.replace("proxy_pass $orthanc;", "rewrite ^/pacs(/.*)$ $1 break; proxy_pass $orthanc;")
    serve("nginx", name="proxy", files={"/service/nginx.conf": there})
    with viewers.signed_in(services("chromium"), "http://proxy/pacs") as window:
        window.open("/ui/app/index.html")
        shows(window, "Doe, Jane")
        window.click_text("Doe, Jane")
        shows(window, "Patient ID")
        assert browser.wrong(window.requests(), "http://proxy/pacs") == []
