"""Every compose file of examples/ starts, does what it is there for, and stops."""

from __future__ import annotations

import base64
import json
import re
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import numpy as np
import pytest
import requests
from pydicom.data import get_testdata_file
from pynetdicom import AE
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from builder.engine.client import Engine
from harness import containers, dicom, models, peers, tcia, worklists
from harness.archive import REST, Ledger
from harness.containers import Orthanc
from services.fixtures import Tool
from tests.system.compose import EXAMPLES, STAGES, Project, override
from tests.system.conftest import Figure

pytestmark = pytest.mark.timeout(400)

Example = Callable[[str], Project]


@pytest.fixture
def example(
    engine: Engine, client: docker.DockerClient, image: str, tool: Tool, tmp_path: Path
) -> Iterator[Example]:
    """Yield a function that starts an example, by the name of its folder; all is gone after the test."""
    begun: list[Project] = []

    def begin(name: str) -> Project:
        source = (EXAMPLES / name / "compose.yaml").read_text()
        images = {
            variable: tool(stage) if variable in source else "-" for variable, (stage, _) in STAGES.items()
        }
        variables = {"ORTHANC_IMAGE": image, **images}
        if "ODBC_IMAGE" in source:  # there already, so that compose does not build it
            variables["ODBC_IMAGE"] = tool("odbc")
        project = Project(engine, f"orthanc-tests-{secrets.token_hex(4)}", EXAMPLES / name, variables)
        project.files.append(override(project, tmp_path))
        begun.append(project)
        project.compose("up", "--detach", "--wait", "--wait-timeout", "200")
        return project

    yield begin
    for project in begun:
        project.compose("down", "--volumes", "--timeout", "0", check=False)  # some services ignore SIGTERM


def stored(project: Project, patient: str, **options: Any) -> tuple[str, bytes]:
    """Return an instance that the example has taken: Orthanc's identifier, and the file."""
    content = dicom.encoded(dicom.ct(patient=patient))
    answer = project.request("POST", "/instances", data=content, **options)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["ID"]), content


def kept(project: Project, patient: str) -> None:
    """Return the example takes an instance, and has it after it was stopped and started again."""
    identifier, content = stored(project, patient)
    project.compose("stop", "--timeout", "10")
    assert exit_codes(project, "orthanc") == {0}
    project.compose("up", "--detach", "--wait", "--wait-timeout", "200")
    assert project.request("GET", f"/instances/{identifier}/file").content == content


def exit_codes(project: Project, service: str) -> set[int]:
    """Return the exit codes of the containers of a service, which have ended."""
    listed = project.compose("ps", "--all", "--format", "json", service).splitlines()
    return {int(json.loads(line)["ExitCode"]) for line in listed}


def test_all_examples_are_listed_and_tested() -> None:
    """README.md has a line for each folder, and a test here starts it."""
    folders = {path.parent.name for path in EXAMPLES.glob("*/compose.yaml")}
    listed = set(re.findall(r"\]\(([\w-]+)/compose\.yaml\)", (EXAMPLES / "README.md").read_text()))
    started = set(re.findall(r'example\("([\w-]+)"\)', Path(__file__).read_text()))
    assert folders == listed
    assert folders == {*started, *STORES}


def test_single(example: Example) -> None:
    """One server with the fewest rights keeps what it is given; strangers get nothing."""
    project = example("single")
    kept(project, "single")
    assert project.request("GET", "/system", auth=None).status_code == 401
    assert project.request("GET", "/dicom-web/studies").status_code == 200


def test_postgresql(example: Example) -> None:
    """The index is in PostgreSQL, behind a password of its own, and survives a restart of all."""
    project = example("postgresql")
    assert "postgresql-index" in project.request("GET", "/plugins").json()
    kept(project, "postgresql")


def test_odbc(example: Example) -> None:
    """Index and files are in the database, by way of the driver, and survive a restart of all."""
    project = example("odbc")
    assert {"odbc-index", "odbc-storage"} <= set(project.request("GET", "/plugins").json())
    kept(project, "odbc")


def test_secrets(example: Example, client: docker.DockerClient) -> None:
    """Users and passwords come from files, and docker inspect shows none of them."""
    project = example("secrets")
    assert "postgresql-index" in project.request("GET", "/plugins").json()
    kept(project, "secrets")
    for identifier in project.compose("ps", "--quiet").split():
        assert "change-me" not in json.dumps(client.api.inspect_container(identifier))


def test_https(example: Example, tmp_path: Path) -> None:
    """HTTPS and DICOM answer those who show a certificate, and nobody else."""
    project = example("https")
    for name in ("authority.pem", "client.pem"):
        project.compose("cp", f"orthanc:/certificates/{name}", str(tmp_path / name))
    authority, client = str(tmp_path / "authority.pem"), str(tmp_path / "client.pem")
    stored(project, "https", scheme="https", verify=authority, cert=client)
    with pytest.raises(requests.ConnectionError):
        project.request("GET", "/system", scheme="https", verify=authority)
    assert echoed(project, authority, client)
    assert not echoed(project, authority, None)


def echoed(project: Project, authority: str, certificate: str | None) -> bool:
    """Tell whether the DICOM server takes an association over TLS from a client with this certificate."""
    context = ssl.create_default_context(cafile=authority)
    if certificate:
        context.load_cert_chain(certificate)
    entity = AE(ae_title="TESTER")
    entity.acse_timeout = entity.network_timeout = 10
    entity.add_requested_context(Verification)
    host, port = project.address(port=4242)
    link = entity.associate(host, port, tls_args=(context, "localhost"))
    well = link.is_established and link.send_c_echo().Status == 0
    if link.is_established:
        link.release()
    return bool(well)


def test_exchange(example: Example) -> None:
    """What the gateway gets is in the archive, comes back by C-MOVE, and over HTTP to a peer."""
    project = example("exchange")
    gateway: dict[str, Any] = {"service": "gateway"}
    archive: dict[str, Any] = {"service": "archive"}
    identifier, _ = stored(project, "exchange", **gateway)
    path = f"/instances/{identifier}"
    assert eventually(project, path, **archive)
    study = {"StudyInstanceUID": dicom.ct(patient="exchange").StudyInstanceUID}
    wish = {"Level": "Study", "Resources": [study], "TargetAet": "GATEWAY"}
    for sender, route, body in (
        (gateway, "/modalities/archive/move", json.dumps(wish)),
        (archive, "/peers/gateway/store", identifier),
    ):
        assert project.request("DELETE", path, **gateway).status_code == 200
        answer = project.request("POST", route, data=body, **sender)
        assert answer.status_code == 200, answer.text
        assert eventually(project, path, **gateway)


def test_transfers(example: Example) -> None:
    """A study is pushed to the branch by the main site, and fetched from it: the files are the same."""
    project = example("transfers")
    main: dict[str, Any] = {"service": "main"}
    branch: dict[str, Any] = {"service": "branch"}
    assert project.request("GET", "/transfers/peers", **main).json() == {"branch": "installed"}
    assert project.request("GET", "/transfers/peers", **branch).json() == {"main": "bidirectional"}
    identifier, content = stored(project, "transfers", **main)
    path = f"/instances/{identifier}"
    wish = {"Resources": [{"Level": "Instance", "ID": identifier}], "Compression": "gzip"}
    for sender, receiver, peer in ((main, branch, "branch"), (branch, main, "main")):
        answer = project.request("POST", "/transfers/send", json={**wish, "Peer": peer}, **sender)
        assert answer.status_code == 200, answer.text
        assert ("RemoteJob" in answer.json()) == (peer == "main")
        assert eventually(project, path, **receiver)
        assert project.request("GET", f"{path}/file", **receiver).content == content
        assert project.request("DELETE", path, **sender).status_code == 200


def test_worklists(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scanner finds what REST made for it, and no more of it once the study has arrived."""
    monkeypatch.setenv("STABLE_AGE", "1")
    monkeypatch.setenv("HOUSEKEEPING_INTERVAL", "1")
    project = example("worklists")
    arrived = dicom.ct(patient="worklists")
    for station, study in (("CT1", str(arrived.StudyInstanceUID)), ("CT2", "2.25.1")):
        step = {
            "Modality": "CT",
            "ScheduledProcedureStepStartDate": "20261201",
            "ScheduledStationAETitle": station,
        }
        tags = {
            "PatientName": "山田^太郎",
            "StudyInstanceUID": study,
            "ScheduledProcedureStepSequence": [step],
        }
        answer = project.request("POST", "/worklists/create", data=json.dumps({"Tags": tags}))
        assert answer.status_code == 200, answer.text
    place = peers.PeerPlace(project.address(port=4242), "WORKLISTS")
    wanted = worklists.asked(StudyInstanceUID="", PatientName="山田*")
    (found,) = peers.worklist(place, wanted, "CT1")
    assert found.StudyInstanceUID == arrived.StudyInstanceUID
    assert str(found.PatientName) == "山田^太郎"
    stored(project, "worklists")
    end = time.monotonic() + 60
    while peers.worklist(place, wanted, "CT1"):
        assert time.monotonic() < end, "the worklist outlives its study"
        time.sleep(0.5)
    assert len(project.request("GET", "/worklists").json()) == 1


def test_authorization(example: Example) -> None:
    """Each user may do what the file says: the reader sees a study once it has the label."""
    project = example("authorization")
    sent = project.request(
        "POST", "/instances", data=dicom.encoded(dicom.ct(patient="auth")), auth=("scanner", "change-me")
    )
    assert sent.status_code == 200, sent.text
    path = f"/studies/{sent.json()['ParentStudy']}"

    def seen() -> list[int]:
        users = ("orthanc", "reader", "scanner", "stranger")
        return [project.request("GET", path, auth=(user, "change-me")).status_code for user in users]

    assert seen() == [200, 403, 403, 401]
    assert project.request("PUT", f"{path}/labels/teaching", auth=("reader", "change-me")).status_code == 403
    assert project.request("PUT", f"{path}/labels/teaching").status_code == 200
    assert seen() == [200, 200, 403, 401]


def test_connectivity_checks(example: Example) -> None:
    """The branch is up in all three ways until it is stopped, and the scanner is down; so say the metrics."""
    project = example("connectivity-checks")
    hospital: dict[str, Any] = {"service": "hospital"}

    def states() -> dict[tuple[str, str], bool]:
        status = project.request("GET", "/connectivity-checks/status", **hospital).json()
        return {(kind, name): one["Up"] for kind, servers in status.items() for name, one in servers.items()}

    branch = [("Modalities", "branch"), ("Peers", "branch"), ("DicomWebServers", "branch")]
    scanner = ("Modalities", "scanner")
    assert states() == {**dict.fromkeys(branch, True), scanner: False}
    project.compose("stop", "--timeout", "10", "branch")
    end = time.monotonic() + 60
    while states() != dict.fromkeys([*branch, scanner], False):
        assert time.monotonic() < end, "the branch is still up"
        time.sleep(1)
    metrics = project.request("GET", "/tools/metrics-prometheus", **hospital).text
    for kind in ("modality", "peer", "dicom_web"):
        assert f'orthanc_connectivity_up{{kind="{kind}",name="branch"}} 0 ' in metrics


def test_stl(example: Example) -> None:
    """A region and a volume become models, which are still there after a restart."""
    project = example("stl")
    source = dicom.encoded(models.structures({"Ball": models.ball(30)}))
    stored = project.request("POST", "/instances", data=source).json()
    voxels = np.pad(np.ones((8, 10, 12)), 4)
    uri = f"data:application/octet-stream;base64,{base64.b64encode(models.nifti(voxels)).decode()}"
    asked = {
        "encode-rtstruct": {"Instance": stored["ID"], "RoiNames": ["Ball"], "Resolution": 96},
        "encode-nifti": {"Nifti": uri, "ParentStudy": stored["ParentStudy"], "Resolution": 96},
    }
    made = [project.request("POST", f"/stl/{name}", json=body).json()["ID"] for name, body in asked.items()]
    project.compose("restart", "--timeout", "20")
    project.compose("up", "--detach", "--wait", "--wait-timeout", "200")
    ball, box = (models.mesh(project.request("GET", f"/instances/{one}/stl").content) for one in made)
    assert ball.is_watertight
    assert ball.volume == pytest.approx(models.volume(models.ball(30)), rel=0.01)
    assert box.is_watertight
    assert box.volume == pytest.approx(models.independent(voxels, (1, 1, 1)), rel=0.02)


def test_tcia(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cart is imported from a stand-in for the archive; a job that a restart ends goes on afterwards."""
    with tcia.running() as archive:
        monkeypatch.setenv("TCIA_URL", archive.url)
        project = example("tcia")
        found = []
        for patient in ("A", "B"):
            one = dicom.ct(patient=patient, study=patient)
            found.append(archive.add([dicom.encoded(one)], str(one.SeriesInstanceUID), patient=patient))
        archive.moods[found[1].uid] = "silent"
        text = base64.b64encode(tcia.cart(found).encode()).decode()
        body = {"Type": "NbiaClientSpreadsheet", "Content": text, "Asynchronous": True}
        job = project.request("POST", "/tcia/import", json=body).json()
        tcia.until(lambda: archive.asked.total() == 2)
        project.compose("restart", "--timeout", "20")
        archive.moods.clear()
        project.compose("up", "--detach", "--wait", "--wait-timeout", "200")
        tcia.until(lambda: project.request("GET", job["Path"]).json()["State"] == "Success")
        listed = project.request("GET", "/patients?expand").json()
    assert sorted(one["MainDicomTags"]["PatientID"] for one in listed) == ["A", "B"]
    assert sorted(archive.asked.values()) == [1, 2]


def test_pixels_masker(example: Example) -> None:
    """A study is anonymized without the rows in which a name might be."""
    project = example("pixels-masker")
    _, content = stored(project, "BURNT")
    (study,) = project.request("GET", "/studies").json()
    region = {"MaskType": "Fill", "FillValue": 0, "RegionType": "2D", "Origin": [0, 0], "End": [64, 20]}
    body = {"MaskPixelData": {"Regions": [region]}, "KeepSource": False}
    path = f"/plugins/pixels-masker/studies/{study}/anonymize"
    answer = project.request("POST", path, json=body)
    assert answer.status_code == 200, answer.text
    (made,) = project.request("GET", "/instances").json()
    masked = dicom.decoded(project.request("GET", f"/instances/{made}/file").content).pixel_array
    there = dicom.decoded(content).pixel_array.copy()
    there[:20] = 0
    assert (masked == there).all()


def real_files() -> dict[str, bytes]:
    """Return DICOM files of pydicom's own tests, by name."""
    names = ("CT_small.dcm", "MR_small.dcm", "rtplan.dcm", "JPEG2000.dcm", "waveform_ecg.dcm")
    return {name: Path(get_testdata_file(name)).read_bytes() for name in names}  # type: ignore[arg-type]


def file_names(project: Project, folder: str) -> list[str]:
    """Return the paths of the files in a folder of the server's container."""
    return sorted(project.compose("exec", "orthanc", "find", folder, "-type", "f").splitlines())


def all_indexed(project: Project, count: int) -> list[str]:
    """Return the instances of the server, as soon as there are so many."""
    end = time.monotonic() + 60
    while True:
        found: list[str] = project.request("GET", "/instances").json()
        if len(found) == count:
            return found
        assert time.monotonic() < end, found
        time.sleep(0.5)


def test_advanced_storage(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files have names for people, move between disks, and a folder is indexed where it is."""
    files = real_files()
    folder = tmp_path / "dicom"
    folder.mkdir()
    folder.chmod(0o755)
    monkeypatch.setenv("DICOM_FOLDER", str(folder))
    project = example("advanced-storage")
    sent = project.request("POST", "/instances", data=files["CT_small.dcm"]).json()
    route = f"/instances/{sent['ID']}/attachments/dicom/info"
    info = project.request("GET", route).json()
    place = "/1CT1/2004/01/19 e+1/1/000001 "
    assert info["Path"] == f"/var/lib/orthanc/db/disk2{place}{info['Uuid']}.dcm"
    assert (info["StorageId"], info["IsOwnedByOrthanc"], info["IsIndexed"]) == ("2", True, False)
    moved = {"Resources": [sent["ParentStudy"]], "TargetStorageId": "1"}
    answer = project.request("POST", "/plugins/advanced-storage/move-storage", json=moved)
    assert answer.status_code == 200, answer.text
    assert project.request("GET", route).json()["Path"].startswith("/var/lib/orthanc/db/disk1/1CT1/")
    (folder / "mr.dcm").write_bytes(files["MR_small.dcm"])
    (folder / "notes.txt").write_text("nothing")
    (indexed,) = set(all_indexed(project, 2)) - {sent["ID"]}
    assert project.request("GET", f"/instances/{indexed}/file").content == files["MR_small.dcm"]
    project.compose("restart", "--timeout", "20")
    project.compose("up", "--detach", "--wait", "--wait-timeout", "200")
    assert project.request("GET", f"/instances/{sent['ID']}/file").content == files["CT_small.dcm"]
    (folder / "mr.dcm").unlink()
    all_indexed(project, 1)
    assert project.request("DELETE", f"/instances/{sent['ID']}").status_code == 200
    end = time.monotonic() + 30
    while project.request("GET", "/plugins/advanced-storage/status").json()["FilesPendingDeletion"]:
        assert time.monotonic() < end, "files are not deleted"
        time.sleep(0.2)
    assert [path for path in file_names(project, "/var/lib/orthanc/db") if "/disk" in path] == []


def test_adoption(
    example: Example, client: docker.DockerClient, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files of an old server on SQLite are in a new one on PostgreSQL, where they were."""
    files = real_files()
    volume = client.volumes.create(f"orthanc-tests-{secrets.token_hex(5)}")
    monkeypatch.setenv("OLD_VOLUME", str(volume.name))
    try:
        options: dict[str, Any] = {"volumes": {volume.name: {"bind": "/var/lib/orthanc/db", "mode": "rw"}}}
        old = containers.launch(client, image, containers.USERS, **options)
        try:
            old.wait_until_ready()
            known = {old.upload(content)["ID"]: content for content in files.values()}
            old.stop()
        finally:
            old.remove()
        project = example("adoption")
        before = file_names(project, "/old")
        assert set(all_indexed(project, len(files))) == set(known)
        for identifier, content in known.items():
            assert project.request("GET", f"/instances/{identifier}/file").content == content
        assert file_names(project, "/old") == before
        assert file_names(project, "/var/lib/orthanc/db") == []
        gone = next(iter(known))
        path = project.request("GET", f"/instances/{gone}/attachments/dicom/info").json()["Path"]
        assert project.request("DELETE", f"/instances/{gone}").status_code == 200
        assert set(before) - set(file_names(project, "/old")) == {path}
        project.compose("restart", "--timeout", "20")
        project.compose("up", "--detach", "--wait", "--wait-timeout", "200")
        assert set(all_indexed(project, len(files) - 1)) == set(known) - {gone}
        project.compose("down", "--timeout", "5")
    finally:
        volume.remove(force=True)


STORES = {
    "storage-s3": "AWS S3 Storage",
    "storage-azure": "Azure Blob Storage",
    "storage-google": "Google Cloud Storage",
}


@pytest.mark.parametrize("name", STORES)
def test_stores(name: str, example: Example) -> None:
    """Files go to the store and come back, with their plugin and nothing on the disk but the index."""
    project = example(name)
    assert STORES[name] in project.request("GET", "/plugins").json()
    identifier, content = stored(project, name)
    assert project.request("GET", f"/instances/{identifier}/file").content == content
    listed = project.compose("exec", "orthanc", "find", "/var/lib/orthanc/db", "-type", "f").split()
    assert listed
    assert [path for path in listed if "/index" not in path] == []
    project.compose("stop", "--timeout", "10", "orthanc")
    assert exit_codes(project, "orthanc") == {0}
    project.compose("up", "--detach", "--wait", "--wait-timeout", "200")
    assert project.request("GET", f"/instances/{identifier}/file").content == content


def eventually(project: Project, path: str, timeout: float = 30, **options: Any) -> bool:
    """Tell whether a resource is there, or will be soon."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if project.request("GET", path, **options).status_code == 200:
            return True
        time.sleep(0.2)
    return False


class Proxied(Orthanc):
    """The servers of an example, through its proxy."""

    def __init__(self, container: Any) -> None:
        super().__init__(container)
        self.session.auth = ("orthanc", "change-me")

    @property
    def url(self) -> str:
        """Return the root of the REST API, without a slash at its end."""
        host, port = self.address("80/tcp")
        return f"http://{host}:{port}"


class Reader:
    """Reads a file as often as it can, until the end, and notes each answer's status, 0 for none."""

    def __init__(self, server: Orthanc, path: str, content: bytes) -> None:
        self.server, self.path, self.content = server, path, content
        self.statuses: list[int] = []
        self.wrong = 0

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read in a thread of its own, for as long as the context lasts."""
        stop = threading.Event()
        thread = threading.Thread(target=self._read, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(90)

    def _read(self, stop: threading.Event) -> None:
        while not stop.wait(0.02):
            try:
                answer = self.server.get(self.path, timeout=20)
            except requests.RequestException:
                self.statuses.append(0)
                continue
            self.statuses.append(answer.status_code)
            self.wrong += answer.status_code == 200 and answer.content != self.content


def members(project: Project, client: docker.DockerClient, service: str) -> list[Any]:
    """Return the containers of a service, running or not, in the order of their numbers."""
    found = project.compose("ps", "--all", "--quiet", service).split()
    return sorted((client.containers.get(one) for one in found), key=lambda one: str(one.name))


def addresses(container: Any) -> set[str]:
    """Return the addresses of a container in its networks."""
    container.reload()
    return {one["IPAddress"] for one in container.attrs["NetworkSettings"]["Networks"].values()}


def healthy(container: Any, timeout: float = 60) -> None:
    """Start a container that has ended, and return once it is healthy."""
    container.start()
    container.reload()
    end = time.monotonic() + timeout
    while container.attrs["State"].get("Health", {}).get("Status") != "healthy":
        assert time.monotonic() < end, f"{container.name}: not healthy within {timeout} s"
        time.sleep(0.2)
        container.reload()


@contextmanager
def occupied(client: docker.DockerClient, container: Any) -> Iterator[None]:
    """Take the place of an ended container in its network, so that it comes back with another address."""
    (network,) = container.attrs["NetworkSettings"]["Networks"]
    other = containers.create(
        client, container.image.id, ["60"], {"entrypoint": ["sleep"], "network": network}
    )
    other.start()
    try:
        yield
    finally:
        other.remove(force=True)


def test_scale(example: Example, client: docker.DockerClient, figure: Figure) -> None:
    """Under load, either server may be stopped or killed and come back elsewhere: nothing is lost.

    What was sent comes back whichever server is asked, and hardly a request is refused.
    """
    project = example("scale")
    (proxy,) = members(project, client, "proxy")
    first, second = members(project, client, "orthanc")
    server, ledger = Proxied(proxy), Ledger()
    content = dicom.encoded(dicom.ct(patient="scale"))
    reader = Reader(server, f"/instances/{server.upload(content)['ID']}/file", content)
    before = addresses(first)
    with ledger.load(server, REST, clients=2), reader.reading():
        ledger.grow(20)
        first.stop(timeout=10)
        ledger.grow(20)
        with occupied(client, first):
            healthy(first)
        assert not before & addresses(first)
        second.kill()
        ledger.grow(20)
        healthy(second)
        first.stop(timeout=10)
        ledger.grow(20)
    assert first.wait()["StatusCode"] == 0
    healthy(first)
    assert ledger.lost(server) == []
    refused = len(reader.statuses) - reader.statuses.count(200)
    figure("instances acknowledged", len(ledger.kept))
    figure("instances lost", 0)
    figure("sends refused", ledger.refused)
    figure("reads", len(reader.statuses))
    figure("reads refused", refused)
    assert reader.wrong == 0
    assert set(reader.statuses) <= {200, 502, 503, 504}
    assert refused <= len(reader.statuses) // 20
    assert ledger.refused <= len(ledger.kept) // 20
