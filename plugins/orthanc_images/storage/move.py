"""Jobs that move files between the two places: an instance a step, each file written before it is removed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from orthanc_images.native import DONE, FAILED, MORE
from orthanc_images.storage.area import Log
from orthanc_images.storage.content import MissingError, StorageError
from orthanc_images.storage.keys import Attachment
from orthanc_images.storage.place import Place
from orthanc_images.storage.rest import Rest, UnknownError

JOB = "MoveStorage"
"""The type of these jobs, as Orthanc shows it."""

Resources = dict[str, list[str]]
"""Identifiers of resources by their levels, as the user gave them."""


class Order(NamedTuple):
    """What a job moves where: resources as given, the name of the target, and the instances of them all."""

    content: Resources
    target: str
    instances: tuple[str, ...]

    def saved(self) -> str:
        """Return the order as JSON, as the official plugins save it."""
        return json.dumps(
            {"Content": self.content, "TargetStorage": self.target, "Instances": list(self.instances)}
        )


def restored(saved: str) -> Order | None:
    """Return the order in a saved text; None when it holds none."""
    try:
        found = json.loads(saved)
        return Order(found["Content"], found["TargetStorage"], tuple(found["Instances"]))
    except (ValueError, KeyError, TypeError):
        return None


class _Job:
    """An order, how many instances are done, and why it failed if it did."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.done = 0
        self.failure = ""


class Mover:
    """The jobs of Orthanc that move files between these places; see `native.Jobs` for the methods."""

    def __init__(self, plugin: str, places: Mapping[str, Place], rest: Rest, log: Log) -> None:
        self._plugin = plugin
        self._places = places
        self._rest = rest
        self._log = log
        self._numbers = itertools.count(1)
        self._jobs: dict[int, _Job] = {}

    def add(self, order: Order) -> int:
        """Return the number of a new job."""
        number = next(self._numbers)
        self._jobs[number] = _Job(order)
        return number

    def restore(self, saved: str) -> int:
        """Return the number of the job that begins again with what was saved; 0 for those of others."""
        order = restored(saved)
        return self.add(order) if order is not None and order.target in self._places else 0

    def end(self, job: int) -> None:
        """Forget the job."""
        self._jobs.pop(job, None)

    def progress(self, job: int) -> float:
        """Return which share of the instances is done."""
        found = self._jobs[job]
        return found.done / len(found.order.instances) if found.order.instances else 1.0

    def describe(self, job: int, *, saved: bool) -> str:
        """Return the resources as given, and why the job failed if it did; or the order to save."""
        found = self._jobs[job]
        if saved:
            return found.order.saved()
        shown: dict[str, Any] = dict(found.order.content)
        return json.dumps(shown | {"Failure": found.failure} if found.failure else shown)

    def stop(self, job: int) -> None:
        """Give up nothing: each step is done as a whole."""

    def reset(self, job: int) -> None:
        """Go back to the first instance."""
        self._jobs[job].done, self._jobs[job].failure = 0, ""

    def step(self, job: int) -> int:
        """Move the next instance; see `native.DONE`, `native.MORE` and `native.FAILED`."""
        found = self._jobs[job]
        if found.done >= len(found.order.instances):
            return DONE
        instance = found.order.instances[found.done]
        try:
            self._move(instance, found.order.target)
        except Exception as error:  # Orthanc must be told, whatever it is
            found.failure = f"instance {instance}: {error}"
            self._log.error(f"{self._plugin}: error while moving to {found.order.target}, {found.failure}")
            return FAILED
        found.done += 1
        return MORE if found.done < len(found.order.instances) else DONE

    def _move(self, instance: str, target: str) -> None:
        """Move all files of an instance. One that is deleted meanwhile is gone from both places."""
        try:
            attachments = self._rest.attachments(instance)
        except UnknownError:
            return
        source = next(name for name in self._places if name != target)
        for attachment in attachments:
            self._move_one(attachment, self._places[source], self._places[target])
        try:
            self._rest.get(f"/instances/{instance}/attachments")
        except UnknownError:
            for attachment in attachments:
                self._places[target].remove(attachment)

    def _move_one(self, attachment: Attachment, source: Place, target: Place) -> None:
        """Move a file, byte by byte as it is; encrypted files stay as they are."""
        try:
            stored = source.open(attachment)
        except MissingError as error:
            if target.has(attachment):
                return
            raise StorageError(f"the file {attachment.uuid} is in neither place") from error
        target.write(attachment, stored)
        source.remove(attachment)
        self._log.info(f"{self._plugin}: moved attachment {attachment.uuid} to {target.name}")
