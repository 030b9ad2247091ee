"""`POST /move-storage`: orders to move files, from what users send to what they are answered."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from orthanc_images.native import Native
from orthanc_images.request import (
    BAD,
    FAILED,
    NOT_FOUND,
    RefusedError,
    Urgency,
    answered,
    read,
    refuse,
    urgency,
)
from orthanc_images.storage.move import Mover, Order, Resources
from orthanc_images.storage.place import FILES, OBJECTS
from orthanc_images.storage.rest import Rest, UnknownError

ROUTE = "/move-storage"


class RequestOptions(NamedTuple):
    """What a user asks for: which resources go where, how urgent that is, and whether to wait for it."""

    resources: list[str]
    target: str
    urgency: Urgency = Urgency()


def wish(body: bytes) -> RequestOptions:
    """Return what the JSON object in the body of a request asks for.

    Raises:
        RefusedError: it is not such an object.
    """
    found = read(body)
    resources, target = found.get("Resources"), found.get("TargetStorage")
    if not isinstance(resources, list) or not all(isinstance(item, str) for item in resources):
        raise RefusedError(BAD, "Resources is not a list of Orthanc identifiers")
    if target not in (FILES, OBJECTS):
        raise RefusedError(BAD, f'TargetStorage is neither "{FILES}" nor "{OBJECTS}"')
    return RequestOptions(resources, target, urgency(found))


class MoveHandler:
    """Where requests to move files are taken."""

    def __init__(self, mover: Mover, native: Native, rest: Rest) -> None:
        self._mover = mover
        self._native = native
        self._rest = rest

    def answer(self, output: Any, uri: str, **request: Any) -> None:
        """Answer a request, as Orthanc's Python module hands it over."""
        if request["method"] != "POST":
            output.SendMethodNotAllowed("POST")
            return
        try:
            answer = json.dumps(self._done(wish(request["body"])), indent=1)
        except RefusedError as error:
            refuse(output, uri, error)
        except Exception as error:  # a traceback is no answer
            self._rest.api.error(f"{uri}: {error!r}")
            refuse(output, uri, RefusedError(FAILED, "Orthanc's log says why"))
        else:
            output.AnswerBuffer(answer, "application/json")

    def _done(self, asked: RequestOptions) -> dict[str, Any]:
        """Have Orthanc move the files; return the job, or what it moved once that is done."""
        number = self._mover.add(self._ordered(asked))
        identifier = self._native.submit(number, asked.urgency.priority)
        return answered(self._rest.api.module, identifier, wait=asked.urgency.wait)

    def _ordered(self, asked: RequestOptions) -> Order:
        """Return the order behind a wish, with the instances of all its resources, each once."""
        content: Resources = {}
        instances: dict[str, None] = {}
        for resource in asked.resources:
            try:
                level = self._rest.level(resource) if resource else ""
                found = self._rest.instances(level, resource) if level else []
            except UnknownError:
                level = ""
            if not level:
                raise RefusedError(NOT_FOUND, f"There is no resource '{resource}'")
            content.setdefault(level, []).append(resource)
            instances.update(dict.fromkeys(found))
        return Order(content, asked.target, tuple(instances))
