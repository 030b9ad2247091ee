"""The jobs that import series: each one is downloaded, verified as a whole, and only then given to Orthanc.

A step takes a second at most, since a pause and the end of Orthanc wait for it. What Orthanc has of a series
already is not asked for again: so a job goes on where it was after a restart, and after a failure.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from typing import Any

from orthanc_images.api import Api
from orthanc_images.native import DONE, FAILED, MORE
from orthanc_images.tcia.archive import Archive, DamagedError
from orthanc_images.tcia.cart import Series, series_of
from orthanc_images.tcia.download import DiskError, Download
from orthanc_images.tcia.service import ArchiveService, ServiceError

JOB = "TciaImportJob"
"""The type of these jobs, as Orthanc shows it; the official plugin's is the same."""

STEP = 0.5
"""Seconds after which a step ends."""

TRIES = 3
"""So often a series is tried when its download fails or brings what is damaged."""

PAUSE = 2.0
"""Seconds before a series is tried again."""

PATIENCE = 5.0
"""Seconds that the end of Orthanc waits for the downloads at hand."""


class ImportedError(Exception):
    """Orthanc does not take what was downloaded, and why."""


class Importer:
    """The jobs of Orthanc that import series; see `native.Jobs` for the methods."""

    def __init__(self, api: Api, service: ArchiveService, folder: str) -> None:
        self._api, self._service, self._folder = api, service, folder
        self._numbers = itertools.count(1)
        self._jobs: dict[int, Work] = {}

    def add(self, series: tuple[Series, ...], *, permissive: bool = False) -> int:
        """Return the number of a new job; a permissive one goes on after a series that cannot be had."""
        number = next(self._numbers)
        self._jobs[number] = Work(self._api, self._service, self._folder, series, permissive)
        return number

    def restore(self, saved: str) -> int:
        """Return the number of the job that goes on with what was saved; 0 when that is none of these."""
        try:
            found = json.loads(saved)
            series = [series_of(one) for one in found["Series"]]
        except (ValueError, KeyError, TypeError):
            return 0
        known = tuple(one for one in series if one)
        if not known or len(known) != len(series):
            return 0
        return self.add(known, permissive=found.get("Permissive") is True)

    def end(self, job: int) -> None:
        """Forget the job."""
        self._jobs.pop(job).stop()

    def progress(self, job: int) -> float:
        """Return which share is done: of the series, and of the one at hand."""
        return self._jobs[job].progress()

    def describe(self, job: int, *, saved: bool) -> str:
        """Return the series with their sums, and what failed; or what to go on with."""
        found = self._jobs[job]
        return json.dumps(found.saved() if saved else found.shown())

    def step(self, job: int) -> int:
        """Go on for a while; see `native.DONE`, `native.MORE` and `native.FAILED`."""
        return self._jobs[job].step()

    def stop(self, job: int) -> None:
        """Give up the download at hand."""
        self._jobs[job].stop()

    def reset(self, job: int) -> None:
        """Go back to the first series."""
        self._jobs[job].reset()

    def close(self) -> None:
        """Give up all downloads, and wait for a while until they have ended."""
        end = time.monotonic() + PATIENCE
        for one in list(self._jobs.values()):
            one.close(max(0.0, end - time.monotonic()))


class Work:
    """One job: its series, how far it is, and what failed."""

    def __init__(
        self, api: Api, service: ArchiveService, folder: str, series: tuple[Series, ...], permissive: bool
    ) -> None:
        self._api, self._service, self._folder = api, service, folder
        self._series, self._permissive = series, permissive
        self._done, self._within = 0, 0.0
        self._failures: list[str] = []
        self._failed = False
        self._running: Iterator[None] | None = None
        self._download: Download | None = None

    def saved(self) -> dict[str, Any]:
        """Return what the official plugin saves; one more member where it matters."""
        found: dict[str, Any] = {"Series": [one.saved() for one in self._series]}
        return found | {"Permissive": True} if self._permissive else found

    def shown(self) -> dict[str, Any]:
        """Return what a user sees."""
        size = sum(one.size for one in self._series)
        found: dict[str, Any] = {
            "Series": [one.saved() for one in self._series],
            "SeriesCount": len(self._series),
            "SeriesDone": self._done,
            "InstancesCount": sum(one.instances for one in self._series),
            "Size": str(size),
            "SizeMB": size // (1 << 20),
        }
        if self._failures:
            found["Failures"] = list(self._failures)
        if self._failed:
            found["Failure"] = self._failures[-1]
        return found

    def progress(self) -> float:
        """Return which share is done."""
        return (self._done + self._within) / len(self._series)

    def step(self) -> int:
        """Go on for a while; see `native.DONE`, `native.MORE` and `native.FAILED`."""
        end = time.monotonic() + STEP
        if self._running is None:
            self._running = self._run()
        try:
            while time.monotonic() < end:
                next(self._running)
        except StopIteration:
            return DONE
        except Exception as error:  # Orthanc must be told, whatever it is
            self._note(error)
            self._failed = True
            self._running = None
            return FAILED
        return MORE

    def stop(self) -> None:
        """Give up the series at hand: what Orthanc has of it stays, and the rest is downloaded again."""
        if self._running is not None:
            self._running.close()  # type: ignore[attr-defined] # it is a generator
            self._running = None
        self._within = 0.0

    def reset(self) -> None:
        """Go back to the first series."""
        self.stop()
        self._done, self._failures, self._failed = 0, [], False

    def close(self, seconds: float) -> None:
        """Give up the download at hand, and wait for a while until it has noticed."""
        if self._download is not None:
            self._download.join(seconds)

    def _run(self) -> Iterator[None]:
        while self._done < len(self._series):
            try:
                yield from self._import(self._series[self._done])
            except (ServiceError, DamagedError, ImportedError) as error:
                if not self._permissive:
                    raise
                self._note(error)
            self._done, self._within = self._done + 1, 0.0

    def _note(self, error: Exception) -> None:
        """Keep why a series failed, and tell Orthanc's log."""
        known = (ServiceError, DamagedError, ImportedError, DiskError)
        what = str(error) if isinstance(error, known) else repr(error)
        self._failures.append(f"series {self._series[self._done].uid}: {what}")
        self._api.error(f"Tcia: {self._failures[-1]}")

    def _import(self, series: Series) -> Iterator[None]:
        """Import a series, unless Orthanc has it; try again what may only be a bad moment of the network."""
        if series.instances and self._present(series) >= series.instances:
            return
        attempt = 0
        while True:
            attempt += 1
            try:
                yield from self._try(series)
            except (ServiceError, DamagedError) as error:
                if 400 <= getattr(error, "status", 0) < 500:
                    how = "See that the cart is right, and that anybody may have this series"
                    raise type(error)(f"{error}. {how}") from error
                if attempt == TRIES:
                    raise type(error)(
                        f"{error}. It was tried {TRIES} times: run the job again later"
                    ) from error
                self._api.warning(f"Tcia: series {series.uid}: {error}. It is tried again")
            else:
                return
            yield from waited(PAUSE)

    def _try(self, series: Series) -> Iterator[None]:
        """Download a series, verify all of it, and give it to Orthanc."""
        self._within = 0.0
        try:
            with Download(self._service, series, self._folder) as download:
                self._download = download
                while not download.ended(STEP / 5):
                    self._within = min(0.5, download.received / series.size / 2) if series.size else 0.0
                    yield
                archive = Archive(download.file, download.limit)
                yield from archive.verified()
                least = max(series.instances, 1)
                if len(archive.instances) < least:
                    what = f"it has {len(archive.instances)} instances, where {least} are expected"
                    raise DamagedError(what)
                self._within = 0.5
                yield from self._store(series, archive)
        except DamagedError as error:
            raise DamagedError(f"the archive of the service cannot be used: {error}") from error
        finally:
            self._download = None

    def _store(self, series: Series, archive: Archive) -> Iterator[None]:
        """Give each instance to Orthanc, of which the first one is looked at before."""
        for at, name in enumerate(archive.instances):
            content = archive.content(name)
            if at == 0 and (uid := self._series_in(content, name)) != series.uid:
                raise DamagedError(f"{name!r} is of another series, {uid}")
            try:
                self._api.module.RestApiPost("/instances", content)
            except self._api.module.OrthancException as error:
                how = "See Orthanc's log; what it has taken stays"
                raise ImportedError(f"Orthanc does not take {name!r}: {error}. {how}") from error
            self._within = 0.5 + (at + 1) / len(archive.instances) / 2
            yield

    def _series_in(self, content: bytes, name: str) -> str:
        """Return the UID of the series of an instance."""
        module = self._api.module
        try:
            tags = json.loads(
                module.DicomBufferToJson(
                    content, module.DicomToJsonFormat.SHORT, module.DicomToJsonFlags.NONE, 0
                )
            )
        except module.OrthancException as error:
            raise DamagedError(f"{name!r} is no DICOM file: {error}") from error
        return str(tags.get("0020,000e", ""))

    def _present(self, series: Series) -> int:
        """Return how many instances of a series Orthanc has."""
        query = {"Level": "Instance", "Query": {"SeriesInstanceUID": series.uid}}
        found = json.loads(self._api.module.RestApiPost("/tools/count-resources", json.dumps(query).encode()))
        return int(found["Count"])


def waited(seconds: float) -> Iterator[None]:
    """Wait in pieces."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(STEP / 5)
        yield
