"""The seam to the native part: what Orthanc hands over through C arrives in Python, and the reverse."""

import ctypes
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from orthanc_images.errors import PluginError
from orthanc_images.native import DONE, FAILED, MORE, Native


class Function:
    """A function of a library, which ctypes gives types to."""

    def __init__(self, act: Callable[..., int]) -> None:
        self.act = act

    def __call__(self, *arguments: Any) -> int:
        return self.act(*arguments)


class Library:
    """Stands in for the library: it keeps the callbacks, and gives memory."""

    def __init__(self, answer: int = DONE) -> None:
        self.answer = answer
        self.given: dict[str, tuple[Any, ...]] = {}
        self.memory = ctypes.create_string_buffer(100)
        self.answers: list[bytes] = []
        self.orthanc_images_allocate = Function(
            lambda _, size: 0 if size > 100 else ctypes.addressof(self.memory)
        )
        self.orthanc_images_answer = Function(self.take)
        self.orthanc_images_submit = Function(self.submit)
        for name in ("store_in_ranges", "store_whole", "work_by", "read_directly", "renew", "take", "give"):
            setattr(self, f"orthanc_images_{name}", self.keeper(name))

    def keeper(self, name: str) -> Callable[..., int]:
        def keep(*callbacks: Any) -> int:
            self.given[name] = callbacks
            return self.answer

        return keep

    def take(self, _: int, text: bytes, size: int) -> int:
        assert size == len(text)
        self.answers.append(text)
        return DONE

    def submit(self, job: int, priority: int, identifier: Any, size: int) -> int:
        identifier.value = f"job {job}, {priority}, {size}".encode()
        return self.answer


class Area:
    """Answers with what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.fails = False

    def create(self, uuid: str, kind: int, content: memoryview) -> bool:
        if self.fails:
            raise KeyError("oops")
        self.asked.append((uuid, kind, bytes(content)))
        return True

    def read(self, uuid: str, kind: int, start: int, target: memoryview) -> bool:
        self.asked.append((uuid, kind, start, len(target)))
        target[:] = b"z" * len(target)
        return True

    def whole(self, uuid: str, kind: int, allocate: Callable[[int], memoryview]) -> bool:
        allocate(200 if self.fails else 3)[:] = b"abc"
        return True

    def remove(self, uuid: str, kind: int) -> bool:
        self.asked.append((uuid, kind))
        return False


class Jobs:
    """One job with two steps."""

    def __init__(self) -> None:
        self.ended: list[int] = []

    def end(self, job: int) -> None:
        self.ended.append(job)

    def progress(self, job: int) -> float:
        return 0.25

    def describe(self, job: int, *, saved: bool) -> str:
        return "säved" if saved else "shown"

    def step(self, job: int) -> int:
        return MORE

    def stop(self, job: int) -> None:
        self.ended.append(10 * job)

    def reset(self, job: int) -> None:
        self.ended.append(-job)

    def restore(self, saved: str) -> int:
        return 7 if saved == "säved" else 0


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, lines: list[str]) -> Callable[..., tuple[Native, Library]]:
    def open_(answer: int = DONE) -> tuple[Native, Library]:
        library = Library(answer)
        monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
        return Native("AwsS3Storage", report=lines.append), library

    return open_


Opened = Callable[..., tuple[Native, Library]]


def test_orthancs_memory_is_used_and_not_copied(opened: Opened) -> None:
    found, library = opened()
    area = Area()
    found.store(area, ranges=True)
    create, read, remove = library.given["store_in_ranges"]
    memory = ctypes.create_string_buffer(b"content")
    assert create(b"u", 1, ctypes.addressof(memory), 7) == DONE
    assert create(b"u", 1, None, 0) == DONE
    assert read(b"u", 3, 5, ctypes.addressof(memory), 3) == DONE
    assert memory.value == b"zzztent"
    assert remove(b"u", 1) == FAILED
    assert area.asked == [("u", 1, b"content"), ("u", 1, b""), ("u", 3, 5, 3), ("u", 1)]


def test_whole_files_get_memory_of_their_size(opened: Opened, lines: list[str]) -> None:
    found, library = opened()
    area = Area()
    found.store(area, ranges=False)
    _, whole, _ = library.given["store_whole"]
    assert whole(b"u", 1, 1) == DONE
    assert library.memory.value == b"abc"
    area.fails = True
    assert whole(b"u", 1, 1) == FAILED
    what = "MemoryError('there is no memory for 200 bytes')"
    assert lines == [f"AwsS3Storage: an error that nobody expected: {what}"]


def test_an_unforeseen_error_is_never_a_success(opened: Opened, lines: list[str]) -> None:
    found, library = opened()
    area = Area()
    area.fails = True
    found.store(area, ranges=True)
    assert library.given["store_in_ranges"][0](b"u", 1, None, 0) == FAILED
    assert lines == ["AwsS3Storage: an error that nobody expected: KeyError('oops')"]


def test_what_the_library_reads_itself_is_told_in_json(opened: Opened) -> None:
    found, library = opened()
    assert found.read_directly('{"ä": 1}')
    assert found.renew("{}")
    found.take(2**40)
    found.give(3)
    assert [library.given[name] for name in ("read_directly", "renew")] == [('{"ä": 1}'.encode(),), (b"{}",)]
    assert [library.given[name][0].value for name in ("take", "give")] == [2**40, 3]
    found, _ = opened(FAILED)
    assert not found.read_directly("{}")
    assert not found.renew("{}")


def test_jobs_are_described_stepped_and_restored(opened: Opened) -> None:
    found, library = opened()
    jobs = Jobs()
    found.work_by("Kind", jobs)
    kind, end, progress, describe, step, stop, reset, restore = library.given["work_by"]
    assert kind == b"Kind"
    assert (progress(1), step(1), reset(1)) == (0.25, MORE, DONE)
    assert (describe(1, 0, 0), describe(1, 1, 0)) == (DONE, DONE)
    assert library.answers == [b"shown", "säved".encode()]
    assert (restore("säved".encode()), restore(b"x")) == (7, 0)
    stop(5)
    end(1)
    assert jobs.ended == [-1, 50, 1]
    assert found.submit(7, -2) == "job 7, -2, 64"


def test_a_library_that_orthanc_has_not_begun_is_an_error(opened: Opened) -> None:
    found, _ = opened(FAILED)
    with pytest.raises(PluginError) as raised:
        found.store(Area(), ranges=True)
    assert str(raised.value) == (
        "AwsS3Storage: Orthanc did not load its library before Python's."
        " Let the start-up code of the image choose the order of the plugins."
    )
    with pytest.raises(RuntimeError, match=r"^Orthanc did not take the job$"):
        found.submit(1, 0)


def test_a_missing_library_is_an_error() -> None:
    with pytest.raises(PluginError) as raised:
        Native("AwsS3Storage", folder="/nowhere", report=print)
    path = "/nowhere/libOrthancAwsS3Storage.so"
    assert str(raised.value).startswith(f"AwsS3Storage: {path} cannot be loaded (")
    assert str(raised.value).endswith("Leave it in the image.")


def test_what_was_registered_stays_although_nobody_holds_it(opened: Opened) -> None:
    """Orthanc calls it until its end: Python's collector must not free it with the circle that it was in."""
    area = Area()
    held, library = opened()
    held.store(area, ranges=True)
    create, *_ = library.given.pop("store_in_ranges")
    callback = weakref.ref(create)
    del held, create, _
    gc.collect()
    assert callback() is not None
