"""The native part of a plugin (plugins/native/storage/ or tcia/), which Orthanc loads before Python.

Python's own RegisterStorageArea3 copies each file once more on its way in and out, and Orthanc's Python
module 7.1 has no function that makes a job. So both go through this library, which hands Orthanc's calls on
to Python, on Orthanc's own threads, and Orthanc's memory with them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import c_char_p, c_float, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from typing import Any, Protocol

from orthanc_images.errors import PluginError

FOLDER = "/usr/lib/orthanc-image/native"

DONE = 1
"""What a function returns that did its work, and a job that has no step left."""
MORE = 2
"""What a job returns that has further steps."""
FAILED = 0

_READ, _WRITE = 0x100, 0x200

_CREATE = ctypes.CFUNCTYPE(c_int32, c_char_p, c_int32, c_void_p, c_uint64)
_RANGE = ctypes.CFUNCTYPE(c_int32, c_char_p, c_int32, c_uint64, c_void_p, c_uint64)
_WHOLE = ctypes.CFUNCTYPE(c_int32, c_char_p, c_int32, c_void_p)
_REMOVE = ctypes.CFUNCTYPE(c_int32, c_char_p, c_int32)

_END = ctypes.CFUNCTYPE(None, c_int64)
_PROGRESS = ctypes.CFUNCTYPE(c_float, c_int64)
_DESCRIBE = ctypes.CFUNCTYPE(c_int32, c_int64, c_int32, c_void_p)
_STEP = ctypes.CFUNCTYPE(c_int32, c_int64)
_STOP = ctypes.CFUNCTYPE(None, c_int64)
_RESTORE = ctypes.CFUNCTYPE(c_int64, c_char_p)

_REGISTERED: list[object] = []
"""All functions that libraries have. Orthanc calls them until its end, so nothing may ever take them away:
what only a `Native` held was in a circle of references, and Python's collector freed it in the end."""

_view = ctypes.pythonapi.PyMemoryView_FromMemory
_view.argtypes = (c_void_p, ctypes.c_ssize_t, ctypes.c_int)
_view.restype = ctypes.py_object


class NativeArea(Protocol):
    """What stores and finds the files of Orthanc. Each method returns whether it did its work."""

    def create(self, uuid: str, kind: int, content: memoryview) -> bool:
        """Store a file."""

    def read(self, uuid: str, kind: int, start: int, target: memoryview) -> bool:
        """Fill `target` with the bytes of a file from `start` on."""

    def whole(self, uuid: str, kind: int, allocate: Callable[[int], memoryview]) -> bool:
        """Put a whole file into the memory that `allocate` returns for its size; it may be called once."""

    def remove(self, uuid: str, kind: int) -> bool:
        """Remove a file."""


class Jobs(Protocol):
    """The jobs that Orthanc knows of, each by a number above 0."""

    def end(self, job: int) -> None:
        """Forget the job."""

    def progress(self, job: int) -> float:
        """Return which share of the job is done, from 0 to 1."""

    def describe(self, job: int, *, saved: bool) -> str:
        """Return what a user sees of the job, or what goes into the database to go on with; both in JSON."""

    def step(self, job: int) -> int:
        """Do the next step; return DONE after the last one, MORE before, FAILED when it did not work."""

    def stop(self, job: int) -> None:
        """Give up what is under way: the job was paused or cancelled, or has ended."""

    def reset(self, job: int) -> None:
        """Go back to the first step."""

    def restore(self, saved: str) -> int:
        """Return the number of the job that goes on with what was saved; 0 when that is not one of ours."""


class Native:
    """The library of one plugin."""

    def __init__(self, plugin: str, *, folder: str = FOLDER, report: Callable[[str], None]) -> None:
        """Open it, as Orthanc has; `report` is told what should never happen.

        Raises:
            PluginError: it is not there.
        """
        self._plugin = plugin
        self._report = report
        path = f"{folder}/libOrthanc{plugin}.so"
        try:
            self._library = ctypes.CDLL(path)
        except OSError as error:
            raise PluginError(
                f"{plugin}: {path} cannot be loaded ({error}). Leave it in the image."
            ) from error
        self._library.orthanc_images_answer.argtypes = (c_void_p, c_char_p, c_uint32)
        self._library.orthanc_images_submit.argtypes = (c_int64, c_int32, c_char_p, c_uint64)

    def store(self, area: NativeArea, *, ranges: bool) -> None:
        """Have Orthanc keep its files in `area`, and read them in ranges or as a whole."""

        def create(uuid: bytes, kind: int, content: int | None, size: int) -> bool:
            return area.create(uuid.decode(), kind, view(content, size))

        def read(uuid: bytes, kind: int, start: int, target: int | None, size: int) -> bool:
            return area.read(uuid.decode(), kind, start, view(target, size, writable=True))

        def whole(uuid: bytes, kind: int, sink: int) -> bool:
            return area.whole(uuid.decode(), kind, lambda size: self._allocated(sink, size))

        def remove(uuid: bytes, kind: int) -> bool:
            return area.remove(uuid.decode(), kind)

        self._library.orthanc_images_allocate.restype = c_void_p
        self._library.orthanc_images_allocate.argtypes = (c_void_p, c_uint64)
        if ranges:
            self._register(
                "orthanc_images_store_in_ranges", (_CREATE, create), (_RANGE, read), (_REMOVE, remove)
            )
        else:
            self._register(
                "orthanc_images_store_whole", (_CREATE, create), (_WHOLE, whole), (_REMOVE, remove)
            )

    def read_directly(self, settings: str) -> bool:
        """Have the library of a store read objects itself, before it asks Python; false when it cannot."""
        found: int = self._library.orthanc_images_read_directly(settings.encode())
        return found == DONE

    def renew(self, credentials: str) -> bool:
        """Have it go on with other credentials; the log says what is wrong with them."""
        found: int = self._library.orthanc_images_renew(credentials.encode())
        return found == DONE

    def take(self, size: int) -> None:
        """Wait until so many bytes of encrypted files may be on their way; other threads of Python go on."""
        self._library.orthanc_images_take(c_uint64(size))

    def give(self, size: int) -> None:
        """Give them back."""
        self._library.orthanc_images_give(c_uint64(size))

    def work_by(self, kind: str, jobs: Jobs) -> None:
        """Have Orthanc go on with the jobs of this type that it saved, and know those that are submitted."""

        def describe(job: int, saved: int, answer: int) -> int:
            text = jobs.describe(job, saved=bool(saved)).encode()
            done: int = self._library.orthanc_images_answer(answer, text, len(text))
            return done

        def reset(job: int) -> int:
            jobs.reset(job)
            return DONE

        self._register(
            "orthanc_images_work_by",
            (_END, jobs.end),
            (_PROGRESS, jobs.progress),
            (_DESCRIBE, describe),
            (_STEP, jobs.step),
            (_STOP, jobs.stop),
            (_STEP, reset),
            (_RESTORE, lambda saved: jobs.restore(saved.decode())),
            before=(kind.encode(),),
        )

    def submit(self, job: int, priority: int) -> str:
        """Have Orthanc do the job; return the identifier that it gave to it.

        Raises:
            RuntimeError: Orthanc took no job.
        """
        identifier = ctypes.create_string_buffer(64)
        if self._library.orthanc_images_submit(job, priority, identifier, len(identifier)) != DONE:
            raise RuntimeError("Orthanc did not take the job")
        return identifier.value.decode()

    def _allocated(self, sink: int, size: int) -> memoryview:
        address = self._library.orthanc_images_allocate(sink, size)
        if not address:
            raise MemoryError(f"there is no memory for {size} bytes")
        return view(address, size, writable=True)

    def _register(
        self, name: str, *functions: tuple[Any, Callable[..., Any]], before: tuple[bytes, ...] = ()
    ) -> None:
        """Hand functions to the library after other arguments, each within what catches all that it raises.

        What a callback of ctypes raises is lost, and Orthanc would go on with whatever lies in the result.
        """
        wrapped = [kind(self._caught(function)) for kind, function in functions]
        _REGISTERED.extend(wrapped)
        if getattr(self._library, name)(*before, *wrapped) != DONE:
            how = "Let the start-up code of the image choose the order of the plugins."
            raise PluginError(f"{self._plugin}: Orthanc did not load its library before Python's. {how}")

    def _caught(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            try:
                return function(*arguments)
            except BaseException as error:  # see _register
                self._report(f"{self._plugin}: an error that nobody expected: {error!r}")
                return FAILED

        return call


def view(address: int | None, size: int, *, writable: bool = False) -> memoryview:
    """Return memory of Orthanc's as Python has memory; it is there for as long as Orthanc's call lasts."""
    if not address:
        return memoryview(b"")
    found: memoryview = _view(address, size, _WRITE if writable else _READ)
    return found
