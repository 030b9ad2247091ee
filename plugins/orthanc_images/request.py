"""Requests that order a job: how urgent it is, whether the client waits for it, and why it is refused."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

BAD, NOT_FOUND, FAILED, GATEWAY = 400, 404, 500, 502

_REASONS = {
    BAD: "Bad Request",
    NOT_FOUND: "Not Found",
    FAILED: "Internal Server Error",
    GATEWAY: "Bad Gateway",
}

_SECONDS = 0.1


class RefusedError(Exception):
    """A request that is not carried out: the HTTP status, and the reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Urgency(NamedTuple):
    """How urgent a job is, and whether the client waits for its end."""

    priority: int = 0
    wait: bool = True


def read(body: bytes) -> dict[str, Any]:
    """Return the JSON object in the body of a request.

    Raises:
        RefusedError: it holds none.
    """
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise RefusedError(BAD, "The body is not a JSON object")
    return found


def urgency(found: Mapping[str, Any]) -> Urgency:
    """Return what Priority, Synchronous and Asynchronous say, as in all requests of Orthanc that make a job.

    Raises:
        RefusedError: one of them is of a wrong type.
    """
    priority = found.get("Priority", 0)
    if not isinstance(priority, int) or isinstance(priority, bool):
        raise RefusedError(BAD, "Priority is not a whole number")
    wait = (
        not flag(found, "Asynchronous", False)
        if "Asynchronous" in found
        else flag(found, "Synchronous", True)
    )
    return Urgency(priority, wait)


def flag(found: Mapping[str, Any], name: str, default: bool) -> bool:
    """Return a member that is true or false.

    Raises:
        RefusedError: it is neither.
    """
    value = found.get(name, default)
    if not isinstance(value, bool):
        raise RefusedError(BAD, f"{name} is neither true nor false")
    return value


def answered(module: Any, identifier: str, *, wait: bool) -> dict[str, Any]:
    """Return what the client of a job is answered: where the job is, or its content once it is done.

    Raises:
        RefusedError: the job failed.
    """
    if not wait:
        return {"ID": identifier, "Path": f"/jobs/{identifier}"}
    while True:
        job = json.loads(module.RestApiGet(f"/jobs/{identifier}"))
        if job["State"] == "Success":
            content: dict[str, Any] = job["Content"]
            return content
        if job["State"] == "Failure":
            raise RefusedError(FAILED, job["Content"].get("Failure") or job["ErrorDescription"])
        time.sleep(_SECONDS)


def refuse(output: Any, uri: str, error: RefusedError, method: str = "POST") -> None:
    """Answer as Orthanc does when it refuses a request."""
    body = {
        "HttpError": _REASONS[error.status],
        "HttpStatus": error.status,
        "Message": str(error),
        "Method": method,
        "Uri": uri,
    }
    output.SetHttpHeader("Content-Type", "application/json")
    output.SendHttpStatus(error.status, json.dumps(body, indent=1))
