"""The script of both servers: what a plugin can ask of the index, and a storage area that keeps count.

POST /proof takes a list: the name of a function below, and its arguments. Bytes come and go as base64. The
answer is what the function returned, or {"error": code} of Orthanc.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orthanc

FOLDER = Path("/tmp/files")
MARK = b"\x00\xff'\\"
"""Bytes that no text may hold, before the hash that is kept with each file as its custom data."""

faults: list[str] = []
changed: dict[str, bytes] = {}
"""Custom data that was set afterwards, by the uuid of the attachment."""
lock = threading.Lock()


def _custom(uuid: str) -> bytes:
    with lock:
        if uuid in changed:
            return changed[uuid]
    return MARK + hashlib.sha1((FOLDER / uuid).read_bytes()).digest()


def _checked(act: str, uuid: str, given: bytes) -> None:
    if given != _custom(uuid):
        faults.append(f"{act} {uuid}: custom data {given!r}, not {_custom(uuid)!r}")


def create(uuid: str, _type: int, _compression: int, content: bytes, _instance: Any) -> tuple[int, bytes]:
    """Keep a file; its custom data is a hash of it."""
    (FOLDER / uuid).write_bytes(content)
    return orthanc.ErrorCode.SUCCESS, _custom(uuid)


def read(uuid: str, _type: int, start: int, size: int, custom: bytes) -> tuple[int, bytes]:
    """Return a part of a file, and note whether the index still has its custom data."""
    _checked("read", uuid, custom)
    with (FOLDER / uuid).open("rb") as file:
        file.seek(start)
        return orthanc.ErrorCode.SUCCESS, file.read(size)


def remove(uuid: str, _type: int, custom: bytes) -> int:
    """Remove a file, and note whether the index still had its custom data."""
    if not (FOLDER / uuid).exists():
        faults.append(f"remove {uuid}: there is no such file")
        return int(orthanc.ErrorCode.SUCCESS)
    _checked("remove", uuid, custom)
    (FOLDER / uuid).unlink()
    return int(orthanc.ErrorCode.SUCCESS)


def _text(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _origin(front: bool) -> Any:
    return orthanc.QueueOrigin.FRONT if front else orthanc.QueueOrigin.BACK


reserved: dict[str, list[int]] = {}
"""The numbers of the values that were reserved, by queue, in their order."""


def store(name: str, key: str, value: str) -> None:
    """Put a value into a store."""
    orthanc.StoreKeyValue(name, key, base64.b64decode(value))


def value(name: str, key: str) -> str | None:
    """Return a value of a store."""
    return _text(orthanc.GetKeyValue(name, key))


def forget(name: str, key: str) -> None:
    """Take a key out of a store."""
    orthanc.DeleteKeyValue(name, key)


def pairs(name: str) -> list[tuple[str, str | None]]:
    """Return all of a store, in its order."""
    found, rows = [], orthanc.CreateKeysValuesIterator(name)
    while rows.Next():
        found.append((rows.GetKey(), _text(rows.GetValue())))
    return found


def enqueue(name: str, value: str) -> None:
    """Put a value into a queue."""
    orthanc.EnqueueValue(name, base64.b64decode(value))


def dequeue(name: str, front: bool) -> str | None:
    """Take a value out of a queue."""
    return _text(orthanc.DequeueValue(name, _origin(front)))


def length(name: str) -> int:
    """Return the length of a queue."""
    return int(orthanc.GetQueueSize(name))


def reserve(name: str, front: bool, seconds: int) -> str | None:
    """Reserve a value of a queue, and remember its number."""
    found = orthanc.ReserveQueueValue(name, _origin(front), seconds)
    if found[0] is None:
        return None
    reserved.setdefault(name, []).append(found[1])
    return _text(found[0])


def acknowledge(name: str, which: int) -> None:
    """Acknowledge the value that was reserved first, second …; one that is not there where none was."""
    numbers = reserved.get(name, [])
    orthanc.AcknowledgeQueueValue(name, numbers[which] if which < len(numbers) else 1 << 40)


def prop(number: int, value: str) -> None:
    """Set a property of all servers."""
    orthanc.SetGlobalProperty(number, value)


def props(number: int) -> str:
    """Return a property of all servers."""
    return str(orthanc.GetGlobalProperty(number, "(default)"))


def _uuid(uri: str) -> str:
    return str(json.loads(orthanc.RestApiGet(f"{uri}/info"))["Uuid"])


def custom(uri: str) -> str | None:
    """Return the custom data of an attachment."""
    return _text(orthanc.GetAttachmentCustomData(_uuid(uri)))


def customize(uri: str, value: str) -> None:
    """Replace the custom data of an attachment."""
    uuid = _uuid(uri)
    orthanc.SetAttachmentCustomData(uuid, base64.b64decode(value))
    with lock:
        changed[uuid] = base64.b64decode(value)


def stray(value: str) -> None:
    """Replace the custom data of an attachment that is not there."""
    orthanc.SetAttachmentCustomData("no-such-attachment", base64.b64decode(value))


def audit(user: str, level: int, resource: str, action: str, data: str) -> None:
    """Write an audit log."""
    orthanc.EmitAuditLog("proof", user, level, resource, action, base64.b64decode(data))


def found() -> dict[str, Any]:
    """Return what the storage area noted, and how many files it has."""
    return {"faults": faults, "files": len(list(FOLDER.iterdir()))}


def clear(stores: list[str], queues: list[str], properties: list[int]) -> None:
    """Empty these stores and queues, and these properties."""
    for name in stores:
        for key, _ in pairs(name):
            forget(name, key)
    for name in queues:
        for number in reserved.pop(name, []):
            try:
                orthanc.AcknowledgeQueueValue(name, number)
            except orthanc.OrthancException:
                continue  # it is gone, or is dequeued below
        while orthanc.GetQueueSize(name):
            dequeue(name, True)
    for number in properties:
        prop(number, "")
    faults.clear()


FUNCTIONS: dict[str, Callable[..., Any]] = {
    one.__name__: one
    for one in (store, value, forget, pairs, enqueue, dequeue, length, reserve, acknowledge, prop, props,
                custom, customize, stray, audit, found, clear)
}  # fmt: skip


def proof(output: Any, _uri: str, **request: Any) -> None:
    """Answer POST /proof."""
    name, *arguments = json.loads(request["body"])
    try:
        answer = FUNCTIONS[name](*arguments)
    except orthanc.OrthancException as error:
        answer = {"error": error.args[0]}
    output.AnswerBuffer(json.dumps(answer), "application/json")


FOLDER.mkdir(exist_ok=True)
orthanc.RegisterStorageArea3(create, read, remove)
orthanc.RegisterRestCallback("/proof", proof)
