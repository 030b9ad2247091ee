"""Jobs: what is imported, what is not asked for again, and what happens when something is wrong."""

from __future__ import annotations

import errno
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from harness.tcia import until
from orthanc_images.native import DONE, FAILED, MORE
from orthanc_images.tcia import download, jobs
from orthanc_images.tcia.cart import Series, series_of
from tests.unit.plugins.tcia.world import World, instance, world

__all__ = ["world"]


def ordered(*held: Any) -> tuple[Series, ...]:
    found = [series_of(one.order()) for one in held]
    return tuple(one for one in found if one)


def asked(world: World) -> int:
    """Return how often archives of series were asked for."""
    return sum(count for call, count in world.archive.asked.items() if call.startswith("getImage"))


def test_series_are_imported(world: World) -> None:
    first, second = world.held("1.1"), world.held("1.2", 1)
    job = world.importer.add(ordered(first, second))
    assert world.importer.progress(job) == 0
    assert world.run(job) == DONE
    assert (world.server.count("1.1"), world.server.count("1.2")) == (3, 1)
    assert world.importer.progress(job) == 1
    shown = world.shown(job)
    assert [one["SeriesInstanceUID"] for one in shown.pop("Series")] == ["1.1", "1.2"]
    size = first.size + second.size
    assert shown == {
        "SeriesCount": 2, "SeriesDone": 2, "InstancesCount": 4, "Size": str(size), "SizeMB": 0,
    }  # fmt: skip
    assert list(world.folder.iterdir()) == []


def test_what_orthanc_has_is_not_asked_for_again(world: World) -> None:
    series = ordered(world.held("1.1"), world.held("1.2"))
    world.server.stored["1.1"] = {instance("1.1", number) for number in range(3)}
    world.server.stored["1.2"] = {instance("1.2", 0)}
    assert world.run(world.importer.add(series)) == DONE
    assert dict(world.archive.asked) == {"getImageWithMD5Hash?SeriesInstanceUID=1.2": 1}
    assert world.server.count("1.2") == 3


def test_a_series_of_unknown_length_is_always_asked_for(world: World) -> None:
    world.held("1.1")
    job = world.importer.add((Series("1.1"),))
    assert (world.run(job), world.run(world.importer.add((Series("1.1"),)))) == (DONE, DONE)
    assert asked(world) == 2


def test_a_service_without_hashes_is_asked_in_the_other_way(world: World) -> None:
    world.archive.moods["1.1"] = "plain"
    assert world.run(world.importer.add(ordered(world.held("1.1")))) == DONE
    assert world.server.count("1.1") == 3


@pytest.mark.parametrize(
    ("mood", "message"),
    [
        ("damaged", "the archive of the service cannot be used: '00000001.dcm' in it is damaged"),
        ("text", "the archive of the service cannot be used: '00000001.dcm' is no DICOM file"),
        ("hash", "the archive of the service cannot be used: '00000001.dcm' is not as md5hashes.csv says"),
        (
            "outside",
            "the archive of the service cannot be used: it has a file outside of itself, '../../etc/passwd'",
        ),
        ("short", "the archive of the service cannot be used: it has 2 instances, where 3 are expected"),
        ("other", "the archive of the service cannot be used: '00000001.dcm' is of another series, 9.9"),
        (
            "cut",
            "the archive of the service cannot be used: it is no ZIP file, or not all of it has arrived",
        ),
        (
            "away",
            "ARCHIVE/getImageWithMD5Hash?SeriesInstanceUID=1.1: the service answers 503: Service Unavailable",
        ),
    ],
)
def test_what_the_service_does_wrong_is_tried_again_and_then_told(
    world: World, mood: str, message: str
) -> None:
    """Nothing of the series is imported, and no file is left."""
    world.archive.moods["1.1"] = mood
    job = world.importer.add(ordered(world.held("1.1"), world.held("9.9")))
    assert world.run(job) == FAILED
    assert world.failure(job) == f"series 1.1: {message}. It was tried 3 times: run the job again later"
    assert asked(world) == 3
    assert world.server.stored == {}
    assert list(world.folder.iterdir()) == []
    assert [line[:2] for line in world.server.lines] == ["W ", "W ", "E "]


def test_an_answer_that_ends_early_is_told(world: World) -> None:
    world.archive.moods["1.1"] = "truncated"
    job = world.importer.add(ordered(world.held("1.1")))
    assert world.run(job) == FAILED
    start = "series 1.1: ARCHIVE/getImageWithMD5Hash?SeriesInstanceUID=1.1: the answer ended after "
    assert world.failure(job).startswith(start)


def test_a_bad_moment_does_no_harm(world: World) -> None:
    world.archive.moods["1.1"] = "damaged"
    world.archive.once.add("1.1")
    job = world.importer.add(ordered(world.held("1.1")))
    assert world.run(job) == DONE
    assert world.server.count("1.1") == 3
    assert "Failures" not in world.shown(job)


def test_it_is_waited_before_the_next_try(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "PAUSE", 0.2)
    monkeypatch.setattr(jobs, "STEP", 0.05)
    world.archive.moods["1.1"] = "away"
    world.archive.once.add("1.1")
    begun = time.monotonic()
    assert world.run(world.importer.add(ordered(world.held("1.1")))) == DONE
    assert time.monotonic() - begun > 0.2


def test_what_nobody_may_have_is_asked_for_once(world: World) -> None:
    job = world.importer.add((Series("1.5", "Unknown"),))
    assert world.run(job) == FAILED
    assert world.failure(job) == (
        "series 1.5: ARCHIVE/getImageWithMD5Hash?SeriesInstanceUID=1.5: the service answers 400: "
        "The user has not been granted the access to image with given SeriesInstanceUID,1.5. "
        "Please contact System Admin.. "
        "See that the cart is right, and that anybody may have this series"
    )
    assert asked(world) == 1


def test_an_endless_answer_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """At twice the size that was told and a bit, or at what any archive may have."""
    monkeypatch.setattr(download, "SPARE", 1 << 20)
    monkeypatch.setattr(download, "LARGEST", 2 << 20)
    monkeypatch.setattr(jobs, "TRIES", 1)
    world.archive.moods["1.1"] = "endless"
    held = world.held("1.1")
    job = world.importer.add(ordered(held))
    assert world.run(job) == FAILED
    more = f"the archive has more than {2 * held.size + (1 << 20)} bytes, where {held.size} were told"
    assert world.failure(job) == f"series 1.1: {more}. It was tried 1 times: run the job again later"
    job = world.importer.add((Series("1.1"),))
    assert world.run(job) == FAILED
    assert "the archive has more than 2097152 bytes, which is too much" in world.failure(job)


def test_a_permissive_job_goes_on(world: World) -> None:
    world.archive.moods["1.1"] = "short"
    series = ordered(world.held("1.1"), world.held("1.2"))
    job = world.importer.add(series, permissive=True)
    assert world.run(job) == DONE
    assert world.server.count("1.2") == 3
    assert len(world.shown(job)["Failures"]) == 1
    assert "Failure" not in world.shown(job)


def test_a_job_that_failed_is_done_again_from_where_it_was(world: World) -> None:
    world.archive.moods["1.2"] = "short"
    job = world.importer.add(ordered(world.held("1.1"), world.held("1.2")))
    assert world.run(job) == FAILED
    world.archive.moods.clear()
    world.archive.asked.clear()
    world.importer.reset(job)
    assert world.importer.progress(job) == 0
    assert world.run(job) == DONE
    assert dict(world.archive.asked) == {"getImageWithMD5Hash?SeriesInstanceUID=1.2": 1}
    assert "Failures" not in world.shown(job)


def test_a_job_goes_on_after_a_restart(world: World) -> None:
    """What Orthanc has saved is what the official plugin saves."""
    series = ordered(world.held("1.1"), world.held("1.2"))
    saved = world.importer.describe(world.importer.add(series), saved=True)
    assert json.loads(saved) == {"Series": [one.saved() for one in series]}
    world.server.stored["1.1"] = {instance("1.1", number) for number in range(3)}
    again = World(world.archive, world.folder)
    again.server = world.server
    job = world.importer.restore(saved)
    assert world.run(job) == DONE
    assert asked(world) == 1


def test_a_permissive_job_stays_one_after_a_restart(world: World) -> None:
    job = world.importer.add((Series("1.1"),), permissive=True)
    saved = world.importer.describe(job, saved=True)
    assert world.importer.describe(world.importer.restore(saved), saved=True) == saved


@pytest.mark.parametrize("saved", ["", "[]", "{}", '{"Series": []}', '{"Series": [{}]}', '{"Series": 5}'])
def test_what_others_saved_is_left_to_them(world: World, saved: str) -> None:
    assert world.importer.restore(saved) == 0


def test_a_job_that_is_paused_gives_up_its_download(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins again with the series at hand."""
    monkeypatch.setattr(jobs, "STEP", 0.05)
    world.archive.moods["1.1"] = "slow"
    world.archive.once.add("1.1")
    job = world.importer.add(ordered(world.held("1.1")))
    assert world.importer.step(job) == MORE
    until(lambda: world.importer.step(job) == MORE and world.importer.progress(job) > 0)
    assert 0 < world.importer.progress(job) <= 0.5
    world.importer.stop(job)
    assert world.importer.progress(job) == 0
    assert world.run(job) == DONE
    assert (asked(world), world.server.count("1.1")) == (2, 3)
    world.importer.stop(job)
    world.importer.end(job)
    with pytest.raises(KeyError):
        world.importer.progress(job)


def test_the_end_of_orthanc_waits_for_downloads_to_notice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "STEP", 0.05)
    world.archive.moods["1.1"] = "endless"
    job = world.importer.add((Series("1.1"),))
    idle = world.importer.add((Series("1.2"),))
    assert world.importer.step(job) == MORE
    begun = time.monotonic()
    world.importer.close()
    assert time.monotonic() - begun < 2
    sent = world.archive.sent
    time.sleep(0.2)
    assert world.archive.sent - sent < 1 << 22
    assert world.importer.progress(idle) == 0


def test_what_orthanc_does_not_take_is_told(world: World) -> None:
    world.server.refuses = True
    job = world.importer.add(ordered(world.held("1.1")))
    assert world.run(job) == FAILED
    assert world.failure(job) == (
        "series 1.1: Orthanc does not take '00000001.dcm': Full storage. "
        "See Orthanc's log; what it has taken stays"
    )
    assert asked(world) == 1


def test_what_orthanc_cannot_read_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "TRIES", 1)
    world.archive.add([bytes(128) + b"DICM"], "1.1")
    job = world.importer.add((Series("1.1"),))
    assert world.run(job) == FAILED
    assert "'00000001.dcm' is no DICOM file: Bad file format" in world.failure(job)


def test_a_disk_without_room_is_told_at_once(world: World) -> None:
    """By the size that was told, before anything is asked for, and also in a permissive job."""
    huge = Series("1.1", instances=1, size=1 << 60)
    job = world.importer.add((huge,), permissive=True)
    assert world.run(job) == FAILED
    assert world.failure(job) == (
        f"series 1.1: {world.folder}: has no room for {1 << 60} bytes. "
        "Make room there, or set TemporaryDirectory to another folder."
    )
    assert asked(world) == 0


def test_a_disk_that_gets_full_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        """A file that takes nothing."""

        def write(self, _: bytes) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        def close(self) -> None:
            """Do nothing."""

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Full())
    job = world.importer.add(ordered(world.held("1.1")))
    assert world.run(job) == FAILED
    assert world.failure(job) == (
        f"series 1.1: {world.folder}: No space left on device. "
        "Make room there, or set TemporaryDirectory to another folder."
    )


def test_a_folder_that_is_not_there_is_told(world: World) -> None:
    work = jobs.Importer(world.api, world.service, "/nowhere")
    job = work.add((Series("1.1"),))
    assert work.step(job) == FAILED
    assert json.loads(work.describe(job, saved=False))["Failure"] == (
        "series 1.1: /nowhere: no file can be made there: No such file or directory. "
        "Make room there, or set TemporaryDirectory to another folder."
    )


def test_a_container_without_a_folder_for_temporary_files_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    work = jobs.Importer(world.api, world.service, "")
    job = work.add((Series("1.1"),))
    assert work.step(job) == FAILED
    assert json.loads(work.describe(job, saved=False))["Failure"] == (
        "series 1.1: the folder for temporary files: no file can be made there: "
        "No usable temporary directory found in ['/tmp']. "
        "Make room there, or set TemporaryDirectory to another folder."
    )


def test_an_unforeseen_error_fails_the_job(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> None:
        raise KeyError("oops")

    monkeypatch.setattr(world.service, "archive", broken)
    job = world.importer.add(ordered(world.held("1.1")))
    assert world.run(job) == FAILED
    assert world.failure(job) == "series 1.1: KeyError('oops')"


def test_a_download_is_given_up_before_it_ends(world: World, tmp_path: Path) -> None:
    """Its file is closed by whoever is last."""
    world.archive.moods["1.1"] = "endless"
    with download.Download(world.service, Series("1.1"), str(tmp_path)) as one:
        until(lambda: one.received > 0)
    until(lambda: one.file.closed)
    with download.Download(world.service, Series("1.5"), "") as two:
        until(two._ended.is_set)
    assert two.file.closed
