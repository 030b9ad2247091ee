"""Two servers with one index and one bucket, a user's own script beside the plugin, and large files."""

from __future__ import annotations

import textwrap
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from harness import dicom
from harness.containers import Orthanc
from harness.stores import AnyBucket
from services.fixtures import Services
from tests.image.default.conftest import Keep

MEGABYTE = 1 << 20


def test_two_servers_share_index_and_bucket(bucket: AnyBucket, services: Services, keep: Keep) -> None:
    """What one of two servers stores at the same time, each reads and removes."""
    database = services("postgresql")
    made = database.run("createdb", "--username=postgres", bucket.name.replace("-", "_"))
    assert made.code == 0, made.stderr
    index = {
        "PostgreSQL": {
            "Host": database.name,
            "Database": bucket.name.replace("-", "_"),
            "Username": "postgres",
            "Password": "postgres",
        }
    }
    servers = [keep(bucket, Name=name, **index) for name in ("one", "two")]

    def store(number: int) -> tuple[str, bytes]:
        content = dicom.encoded(dicom.ct(number, patient="cluster"))
        return servers[number % 2].upload(content)["ID"], content

    with ThreadPoolExecutor(4) as pool:
        sent = dict(pool.map(store, range(20)))
    for server in servers:
        assert set(sent) == set(server.json("/instances"))
        assert sent == {one: server.get(f"/instances/{one}/file").content for one in sent}
    (study,) = servers[0].json("/studies")
    servers[1].delete(f"/studies/{study}").raise_for_status()
    assert (servers[0].json("/instances"), bucket.stored.names()) == ([], set())


SCRIPT = textwrap.dedent(
    """
    import orthanc
    import words

    def greet(output, uri, **request):
        output.AnswerBuffer(words.GREETING, "text/plain")

    orthanc.RegisterRestCallback("/greet", greet)
    orthanc.RegisterOnStoredInstanceCallback(lambda dicom, one: orthanc.LogWarning("the script saw " + one))
    """
)


def test_users_script_works_beside_it(bucket: AnyBucket, keep: Keep) -> None:
    """A script of the user adds a route, imports from its folder, and hears of instances in the store."""
    files: dict[str, bytes | str] = {
        "/etc/orthanc/scripts/site.py": "",
        "/etc/orthanc/scripts/mine.py": SCRIPT,
        "/etc/orthanc/scripts/words.py": 'GREETING = "Grüezi"',
    }
    server = keep(bucket, files=files, PythonScript="/etc/orthanc/scripts/mine.py")
    assert server.get("/greet").content.decode() == "Grüezi"
    instance = server.upload(dicom.encoded(dicom.ct(patient="script")))["ID"]
    server.wait_for_log(f"the script saw {instance}")
    assert len(bucket.stored.names()) == 1


def peak(server: Orthanc) -> int:
    """Return the most memory that Orthanc has ever had, in bytes."""
    lines = server.read("/proc/1/status").decode().splitlines()
    (found,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(found) * 1024


def test_large_file_takes_little_more_memory_than_on_disk(bucket: AnyBucket, keep: Keep, start: Any) -> None:
    """A file of 200 MB goes in parts: it takes less than a copy of it more than on the disk."""
    dataset = dicom.ultrasound(1, patient="large")
    dataset.Rows, dataset.Columns, dataset.NumberOfFrames = 1024, 1024, 200
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    del dataset.PlanarConfiguration
    dataset.PixelData = np.random.default_rng(2).bytes(200 * MEGABYTE)
    content = dicom.encoded(dataset)
    peaks = []
    for server in (start({"ORTHANC__MAXIMUM_STORAGE_CACHE_SIZE": "0"}), keep(bucket)):
        instance = server.upload(content)["ID"]
        with server.get(f"/instances/{instance}/file", timeout=120) as read:
            assert content == read.content
        peaks.append(peak(server))
    assert peaks[1] - peaks[0] < 150 * MEGABYTE
