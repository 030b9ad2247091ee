"""`POST /move-storage`: orders to move files, from what users send to what they are answered."""

from __future__ import annotations

import json
import time
from typing import Any, NamedTuple

from orthanc_images.storage.move import Mover, Order, Resources
from orthanc_images.storage.native import Native
from orthanc_images.storage.place import FILES, OBJECTS
from orthanc_images.storage.rest import Rest, UnknownError

ROUTE = "/move-storage"

BAD, NOT_FOUND, FAILED = 400, 404, 500

_REASONS = {BAD: "Bad Request", NOT_FOUND: "Not Found", FAILED: "Internal Server Error"}

_SECONDS = 0.1


class RefusedError(Exception):
    """A request that is not carried out: the HTTP status, and the reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class RequestOptions(NamedTuple):
    """What a user asks for: which resources go where, how urgent that is, and whether to wait for it."""

    resources: list[str]
    target: str
    priority: int = 0
    wait: bool = True


def wish(body: bytes) -> RequestOptions:
    """Return what the JSON object in the body of a request asks for.

    Raises:
        RefusedError: it is not such an object.
    """
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise RefusedError(BAD, "The body is not a JSON object")
    resources, target = found.get("Resources"), found.get("TargetStorage")
    if not isinstance(resources, list) or not all(isinstance(item, str) for item in resources):
        raise RefusedError(BAD, "Resources is not a list of Orthanc identifiers")
    if target not in (FILES, OBJECTS):
        raise RefusedError(BAD, f'TargetStorage is neither "{FILES}" nor "{OBJECTS}"')
    priority = found.get("Priority", 0)
    if not isinstance(priority, int) or isinstance(priority, bool):
        raise RefusedError(BAD, "Priority is not a whole number")
    wait = (
        not _flag(found, "Asynchronous", False)
        if "Asynchronous" in found
        else _flag(found, "Synchronous", True)
    )
    return RequestOptions(resources, target, priority, wait)


def _flag(found: dict[str, Any], name: str, default: bool) -> bool:
    value = found.get(name, default)
    if not isinstance(value, bool):
        raise RefusedError(BAD, f"{name} is neither true nor false")
    return value


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
            _refuse(output, uri, error)
        except Exception as error:  # a traceback is no answer
            self._rest.api.error(f"{uri}: {error!r}")
            _refuse(output, uri, RefusedError(FAILED, "Orthanc's log says why"))
        else:
            output.AnswerBuffer(answer, "application/json")

    def _done(self, asked: RequestOptions) -> dict[str, Any]:
        """Have Orthanc move the files; return the job, or what it moved once that is done."""
        number = self._mover.add(self._ordered(asked))
        identifier = self._native.submit(number, asked.priority)
        if not asked.wait:
            return {"ID": identifier, "Path": f"/jobs/{identifier}"}
        while (job := self._rest.get(f"/jobs/{identifier}"))["State"] not in ("Success", "Failure"):
            time.sleep(_SECONDS)
        if job["State"] == "Failure":
            raise RefusedError(FAILED, job["Content"].get("Failure") or job["ErrorDescription"])
        content: dict[str, Any] = job["Content"]
        return content

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


def _refuse(output: Any, uri: str, error: RefusedError) -> None:
    """Answer as Orthanc does when it refuses a request."""
    body = {
        "HttpError": _REASONS[error.status],
        "HttpStatus": error.status,
        "Message": str(error),
        "Method": "POST",
        "Uri": uri,
    }
    output.SetHttpHeader("Content-Type", "application/json")
    output.SendHttpStatus(error.status, json.dumps(body, indent=1))
