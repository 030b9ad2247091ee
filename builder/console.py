"""What the toolkit says to a person: the only module that prints.

Progress and messages go to the standard error stream, results to the standard output.
"""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

REDRAWN = 0.1
"""Seconds between two pictures of a live line."""
REPEATED = 5.0
"""Seconds between two lines of progress where nobody watches, such as in a log."""

Progress = Callable[[int, int, int, int], None]
"""Gets (bytes done, bytes in all, files done, files in all) of what is being fetched, from any thread."""


@dataclass(frozen=True)
class ImageSummary:
    """One built image, for the closing table: its tags, size in bytes, and components with their versions."""

    tags: Sequence[str]
    size: int
    components: Mapping[str, str]


@dataclass
class Clock:
    """The seconds that each stage took, in the order of the stages."""

    stages: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time of the block to the stage `name`."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.stages[name] = self.stages.get(name, 0.0) + time.monotonic() - start


class Console:
    """Says things, from any thread, on the given streams."""

    def __init__(
        self,
        out: TextIO | None = None,
        err: TextIO | None = None,
        *,
        keyboard: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Speak on `out` and `err` and hear `keyboard` (default: those of the process, at each call)."""
        self._out, self._err, self._keyboard, self._clock = out, err, keyboard, clock
        self._lock = threading.RLock()
        self._live = False

    @property
    def out(self) -> TextIO:
        """Return the stream for results."""
        return self._out or sys.stdout

    @property
    def err(self) -> TextIO:
        """Return the stream for progress and messages."""
        return self._err or sys.stderr

    def say(self, line: str) -> None:
        """Print one line of progress."""
        with self._lock:
            self._erase()
            print(line, file=self.err, flush=True)

    def show(self, text: str) -> None:
        """Print a result."""
        with self._lock:
            self._erase()
            print(text, file=self.out, flush=True)

    def table(self, rows: Iterable[Sequence[str]], head: Sequence[str] = ()) -> None:
        """Print `rows` in columns, below `head`."""
        self.show(table(rows, head))

    def ask(self, question: str) -> bool:
        """Return a person's answer to a question of yes or no; no where nobody can be asked."""
        keyboard = self._keyboard or sys.stdin
        if keyboard is None or not (keyboard.isatty() and self.err.isatty()):
            return False
        with self._lock:
            self._erase()
            print(f"{question} [y/N] ", end="", file=self.err, flush=True)
        return keyboard.readline().strip().lower() in ("y", "yes")

    @contextmanager
    def progress(self, title: str) -> Iterator[Progress]:
        """Yield a callback that shows how far a fetch is; the last line says what it came to."""
        meter = _Meter(self, title, self._clock)
        try:
            yield meter
        finally:
            meter.end()

    @contextmanager
    def stage(self, title: str) -> Iterator[None]:
        """Say when the block begins, and how long it took when it is done."""
        begun = self._clock()
        self.say(f"{title} …")
        yield
        self.say(f"{title}: {duration(self._clock() - begun)}")

    def closing(
        self, images: Sequence[ImageSummary], stages: Mapping[str, float], lacking: Sequence[str] = ()
    ) -> None:
        """Print what a build came to: images with sizes and components, times, and what is `lacking`."""
        self.show(closing(images, stages, lacking))

    def draw(self, line: str) -> None:
        """Show `line` in the place of the last one drawn, until something is printed."""
        with self._lock:
            self._erase()
            self.err.write(line[: shutil.get_terminal_size().columns - 1])
            self.err.flush()
            self._live = True

    def _erase(self) -> None:
        if self._live:
            self.err.write("\r\x1b[K")
            self._live = False


class _Meter:
    """A Progress: a live line on a terminal, else a line every few seconds."""

    def __init__(self, console: Console, title: str, clock: Callable[[], float]) -> None:
        self._report, self._title, self._clock = console, title, clock
        self._live = console.err.isatty()
        self._begun = self._told = clock()
        self._first: int | None = None
        self._last: tuple[int, int, int, int] | None = None

    def __call__(self, done: int, total: int, files: int, all_files: int) -> None:
        now = self._clock()
        if self._first is None:
            self._first = done
        self._last = (done, total, files, all_files)
        if now - self._told < (REDRAWN if self._live else REPEATED):
            return
        self._told = now
        (self._report.draw if self._live else self._report.say)(self._line(now))

    def end(self) -> None:
        """Say what it came to; nothing when nothing was fetched."""
        if self._last:
            done, _, files, all_files = self._last
            some = f"{files} of {all_files} files" if all_files > 1 else f"{files} of 1 file"
            self._report.say(
                f"{self._title}: {some}, {size(done)} in {duration(self._clock() - self._begun)}"
            )

    def _line(self, now: float) -> str:
        done, total, files, all_files = self._last or (0, 0, 0, 0)
        share = f"{100 * done // total} %, " if total else ""
        speed = size(max(0, done - (self._first or 0)) / max(now - self._begun, 0.001))
        amount = f"{size(done)} of {size(total)}" if total else size(done)
        return f"{self._title}: {share}{amount}, {files} of {all_files} files, {speed}/s"


def table(rows: Iterable[Sequence[str]], head: Sequence[str] = ()) -> str:
    """Return `rows` in columns of equal width, below `head`; a cell may have several lines."""
    cells = [[str(cell).split("\n") for cell in row] for row in ([head] if head else [])]
    cells += [[str(cell).split("\n") for cell in row] for row in rows]
    count = max((len(row) for row in cells), default=0)
    widths = [
        max((len(line) for row in cells if len(row) > column for line in row[column]), default=0)
        for column in range(count)
    ]
    lines = []
    for number, row in enumerate(cells):
        for index in range(max((len(cell) for cell in row), default=1)):
            texts = (cell[index] if index < len(cell) else "" for cell in row)
            lines.append("  ".join(text.ljust(width) for text, width in zip(texts, widths, strict=False)))
        if head and number == 0:
            lines.append("  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)


def closing(images: Sequence[ImageSummary], stages: Mapping[str, float], lacking: Sequence[str] = ()) -> str:
    """Return the closing table of a build, and below it what the images lack, a line for each reason."""
    named = ["\n".join(image.tags) for image in images]
    parts = [
        table(
            [(name, size(image.size)) for name, image in zip(named, images, strict=True)], ("image", "size")
        )
    ]
    names = list(dict.fromkeys(name for image in images for name in image.components))
    head = ("component", *(image.tags[0] for image in images))
    parts.append(table([(name, *(_version(image, name) for image in images)) for name in names], head))
    times = [(name, duration(seconds)) for name, seconds in stages.items()]
    parts.append(table([*times, ("in all", duration(sum(stages.values())))], ("stage", "time")))
    if lacking:
        parts.append("\n".join(["not in the images", "-----------------", *lacking]))
    return "\n\n".join(parts)


def size(count: float) -> str:
    """Return a number of bytes in words, with decimal units as Docker has them."""
    for unit in ("B", "kB", "MB"):
        if count < 999.5:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 99.95 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def duration(seconds: float) -> str:
    """Return a time in words: 0.42 s, 12.3 s, 2 min 05 s."""
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s"


def _version(image: ImageSummary, name: str) -> str:
    return image.components.get(name, "-")
