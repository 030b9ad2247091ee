"""What people do to a running server: watch its health, stop it, change its image, look into its log."""

from __future__ import annotations

import contextlib
import time

import pytest
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from harness import dicom, peers
from harness.archive import REST, STORE, STOW, Ledger
from harness.containers import Orthanc
from startup.errors import EXIT_CONFIGURATION
from tests.image.conftest import Start
from tests.system.conftest import Figure

QUICK = {"interval": 500_000_000, "timeout": 1_000_000_000, "retries": 2}
"""A health check that is asked twice a second, in nanoseconds; two failures in a row are enough."""


GRACE = 10
"""The seconds that docker stop gives by default."""


def waited(server: Orthanc, health: str, timeout: float = 30) -> float:
    """Return the seconds until the container's health is as wanted."""
    began = time.monotonic()
    while server.state["Health"]["Status"] != health:
        assert time.monotonic() - began < timeout, f"not {health}: {server.state['Health']}"
        time.sleep(0.1)
    return round(time.monotonic() - began, 1)


@pytest.mark.timeout(120)
def test_health_follows_the_server(start: Start, figure: Figure) -> None:
    """A frozen server becomes unhealthy, and healthy again when it goes on; it is the same one."""
    server = start(init=True, healthcheck=QUICK)
    figure("seconds until healthy", waited(server, "healthy"))
    server.run("sh", "-c", "kill -STOP -1")  # all but the first process
    figure("seconds until unhealthy", waited(server, "unhealthy"))
    server.run("sh", "-c", "kill -CONT -1")
    figure("seconds until healthy again", waited(server, "healthy"))
    assert server.get("/system").status_code == 200


@pytest.mark.timeout(120)
@pytest.mark.parametrize("clients", [1, 4])
def test_stop_under_load(clients: int, start: Start, figure: Figure) -> None:
    """Docker stop amid REST, C-STORE, STOW-RS and idle clients ends in its grace with 0, losing nothing."""
    server = start({"DICOM_WEB_PLUGIN_ENABLED": "true"})
    ledger = Ledger()
    with contextlib.ExitStack() as idle, ledger.load(server, REST, STORE, STOW, clients=clients):
        for _ in range(3):
            idle.enter_context(peers.association(server, [(Verification, None)]))
        ledger.grow(30)
        seconds = server.stop(timeout=GRACE)
    assert server.exit_code == 0
    server.start_again(60)
    assert ledger.lost(server) == []
    figure("seconds to stop", round(seconds, 1))
    figure("instances acknowledged", len(ledger.kept))
    figure("sends refused or cut", ledger.refused)
    figure("instances lost", 0)


@pytest.mark.timeout(120)
def test_reset_under_load(start: Start, figure: Figure) -> None:
    """After a reset amid REST and C-STORE the same process soon serves again, and nothing is lost."""
    server = start()
    ledger, process = Ledger(), server.process
    with ledger.load(server, REST, STORE, clients=3):
        ledger.grow(30)
        server.post("/tools/reset", data="")
        began = time.monotonic()
        while server.logs().count("Orthanc has started") < 2:
            assert time.monotonic() - began < GRACE + 10
            time.sleep(0.1)
        figure("seconds to start again", round(time.monotonic() - began, 1))
        ledger.grow(10)
    assert server.process == process
    assert ledger.lost(server) == []
    figure("instances acknowledged", len(ledger.kept))
    figure("sends refused or cut", ledger.refused)
    figure("instances lost", 0)


@pytest.mark.timeout(90)
def test_health_by_default(start: Start, figure: Figure) -> None:
    """With the health check as the image has it, nothing added, a server becomes healthy."""
    server = start()
    figure("seconds until healthy", waited(server, "healthy", 60))


@pytest.mark.timeout(180)
def test_volume_changes_its_image(
    volume: str, start: Start, image: str, variant: str, figure: Figure
) -> None:
    """A volume goes from the default image to this one and back: each serves what the other has stored."""
    assert variant != "default", "this test needs an image that extends the default one"
    default = image.removesuffix(f"-{variant}")
    volumes = {volume: {"bind": "/var/lib/orthanc/db", "mode": "rw"}}
    ledger = Ledger()
    for tag in (default, image, default):
        server = start(image=tag, volumes=volumes)
        assert ledger.lost(server) == []
        ledger.fill(server, 10)
        server.stop()
        assert server.exit_code == 0
    figure("instances kept", len(ledger.kept))


@pytest.mark.timeout(90)
def test_logs_go_to_a_folder(volume: str, start: Start) -> None:
    """With LOGDIR, Orthanc's log is in files there, across restarts, and ours stays on standard error."""
    options = {"volumes": {volume: {"bind": "/logs", "mode": "rw"}}}
    first = start(user="0:0", arguments=["chmod", "777", "/logs"], wait=False, **options)
    assert first.wait_for_exit() == 0
    server = start({"LOGDIR": "/logs", "VERBOSE_ENABLED": "true"}, **options)
    server.container.stop()
    server.start_again()
    files = server.run("sh", "-c", "ls /logs/Orthanc.log.* | wc -l; cat /logs/Orthanc.log.*").stdout
    assert files.count("Orthanc has started") == 2
    assert "Orthanc has started" not in server.logs()


LOGS = {
    "LOGDIR: the folder /logs does not exist. Mount a volume there: docker run -v logs:/logs …": {},
    "Mount it as: docker run --tmpfs /logs:uid=999,gid=999 …, or in a compose file": {
        "tmpfs": {"/logs": "mode=0755,uid=0"}
    },
}
"""What is said of a folder for logs to how it is mounted."""


@pytest.mark.parametrize("words", LOGS)
def test_logs_that_cannot_be_written(start: Start, words: str) -> None:
    """A LOGDIR that is missing, or of somebody else, is named, and Orthanc is not started."""
    server = start({"LOGDIR": "/logs"}, wait=False, **LOGS[words])
    assert server.wait_for_exit() == EXIT_CONFIGURATION
    assert words in server.logs()


@pytest.mark.timeout(60)
def test_names_over_dicom(start: Start) -> None:
    """With DefaultEncoding Utf8, a name in four scripts is the same through C-STORE, C-FIND and C-GET."""
    tester = '{"tester": ["TESTER", "localhost", 104]}'
    server = start({"ORTHANC__DICOM_MODALITIES": tester, "ORTHANC__DEFAULT_ENCODING": "Utf8"})
    instance = dicom.ct(patient="letters")
    assert peers.store(server, [instance, dicom.mr(patient="other")]) == [0, 0]
    wanted = peers.query("STUDY", PatientName=dicom.NAME, PatientID="", SpecificCharacterSet="ISO_IR 192")
    found = [match for match in peers.find(server, wanted) if match.PatientID == "letters"]
    assert [str(match.PatientName) for match in found] == [dicom.NAME]
    back = peers.get(server, peers.query("STUDY", StudyInstanceUID=instance.StudyInstanceUID))
    assert [str(one.PatientName) for one in back.values()] == [dicom.NAME]


@pytest.mark.timeout(90)
@pytest.mark.parametrize("zone", ["Europe/Brussels", "Asia/Kolkata"])
def test_times_and_letters(start: Start, zone: str) -> None:
    """Orthanc's clock follows TZ, and a name in four scripts is the same through REST, DICOMweb and files."""
    server = start({"TZ": zone, "DICOM_WEB_PLUGIN_ENABLED": "true"})
    local, clock = server.get("/tools/now-local").text[:13], server.run("date", "+%Y%m%dT%H%M").stdout.strip()
    assert local == clock
    instance = dicom.ct(patient=f"zone-{zone[:4]}")
    said = server.upload(dicom.encoded(instance))
    tags = server.json(f"/instances/{said['ID']}/simplified-tags")
    assert tags["PatientName"] == dicom.NAME
    (study,) = server.json(f"/dicom-web/studies?PatientID={instance.PatientID}")
    name = study["00100010"]["Value"][0]
    assert "=".join(name[part] for part in ("Alphabetic", "Ideographic")) == dicom.NAME
    file = dicom.decoded(server.get(f"/instances/{said['ID']}/file").content)
    assert str(file.PatientName) == dicom.NAME
