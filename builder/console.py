"""The output of the toolkit for people: the only module that prints.

Progress and messages go to the standard error stream, results to the standard output. rich draws tables and
the live line; it is imported when the first is drawn, so that what draws none does not wait for it.
"""

from __future__ import annotations

import io
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    import rich.console
    import rich.progress
    import rich.table

REDRAWN = 0.1
"""Seconds between two updates of a live line."""
REPEATED = 5.0
"""Seconds between two lines of progress without a terminal, such as in a log."""

Progress = Callable[[int, int, int, int], None]
"""Receives (bytes done, all bytes, files done, all files) of a fetch, from any thread."""

Rows = Iterable[Sequence[str]]

_UNBOUNDED = 1_000_000
"""Columns of a page that no line is too long for: a log and a script take each row as one line."""
_RULED = "    \n    \n -  \n    \n    \n    \n    \n    \n"
"""The lines of a table, as rich.box.Box has them: one below the head, and no others."""


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
    """Prints on the given streams, from any thread."""

    def __init__(
        self,
        out: TextIO | None = None,
        err: TextIO | None = None,
        *,
        keyboard: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Print on `out` and `err`, and read `keyboard` (default: those of the process, at each call)."""
        self._out, self._err, self._keyboard, self._clock = out, err, keyboard, clock
        self._lock = threading.RLock()
        self._live: rich.progress.Progress | None = None

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

    def table(self, rows: Rows, head: Sequence[str] = ()) -> None:
        """Print `rows` in columns, below `head`: within the width of a terminal, else each as one line."""
        if not self.out.isatty():
            self.show(table(rows, head))
            return
        with self._lock:
            self._erase()
            _page(self.out).print(_grid(rows, head))
            self.out.flush()

    def ask(self, question: str) -> bool:
        """Return the user's answer to a yes-or-no question; no without a terminal."""
        keyboard = self._keyboard or sys.stdin
        if keyboard is None or not (keyboard.isatty() and self.err.isatty()):
            return False
        with self._lock:
            self._erase()
            print(f"{question} [y/N] ", end="", file=self.err, flush=True)
        return keyboard.readline().strip().lower() in ("y", "yes")

    @contextmanager
    def progress(self, title: str) -> Iterator[Progress]:
        """Yield a callback that shows the progress of a fetch; the last line sums it up."""
        meter = _Meter(self, title, self._clock)
        try:
            yield meter
        finally:
            meter.end()

    @contextmanager
    def stage(self, title: str) -> Iterator[None]:
        """Print when the block begins, and how long it took."""
        begun = self._clock()
        self.say(f"{title} …")
        yield
        self.say(f"{title}: {duration(self._clock() - begun)}")

    def closing(
        self, images: Sequence[ImageSummary], stages: Mapping[str, float], lacking: Sequence[str] = ()
    ) -> None:
        """Print the summary of a build: images with sizes and components, times, and what is `lacking`."""
        for number, (rows, head) in enumerate(closing(images, stages)):
            if number:
                self.show("")
            self.table(rows, head)
        if lacking:
            self.show("\n".join(["", "not in the images", "-----------------", *lacking]))

    def draw(self, live: rich.progress.Progress) -> None:
        """Show the current state of the line `live`, until something is printed."""
        with self._lock:
            self._live = live
            live.start()
            live.refresh()

    def _erase(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None


class _Meter:
    """A Progress: a live line on a terminal, else a line every few seconds."""

    def __init__(self, console: Console, title: str, clock: Callable[[], float]) -> None:
        self._report, self._title, self._clock = console, title, clock
        self._live = _line(console.err, title, clock)
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
        if self._live:
            words = self._words(now)
            self._live.update(self._live.task_ids[0], completed=done, total=total or None, words=words)
            self._report.draw(self._live)
        else:
            self._report.say(f"{self._title}: {self._words(now)}")

    def end(self) -> None:
        """Print the summary; nothing when nothing was fetched."""
        if self._last:
            done, _, files, all_files = self._last
            some = f"{files} of {all_files} files" if all_files > 1 else f"{files} of 1 file"
            self._report.say(
                f"{self._title}: {some}, {size(done)} in {duration(self._clock() - self._begun)}"
            )

    def _words(self, now: float) -> str:
        done, total, files, all_files = self._last or (0, 0, 0, 0)
        share = f"{100 * done // total} %, " if total else ""
        speed = size(max(0, done - (self._first or 0)) / max(now - self._begun, 0.001))
        amount = f"{size(done)} of {size(total)}" if total else size(done)
        return f"{share}{amount}, {files} of {all_files} files, {speed}/s"


def _line(stream: TextIO, title: str, clock: Callable[[], float]) -> rich.progress.Progress | None:
    """Return a line to draw again and again, gone at its end, which never wraps; None where none can be."""
    if not stream.isatty():
        return None
    from rich import progress
    from rich.table import Column

    page = _page(stream)
    if page.is_dumb_terminal:
        return None
    columns = (
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(20),
        progress.TextColumn("{task.fields[words]}", markup=False),
        progress.TimeRemainingColumn(table_column=Column(no_wrap=True)),
    )
    live = progress.Progress(
        *columns,
        console=page,
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        get_time=clock,
    )
    live.add_task(title, total=None, words="")
    return live


def _page(stream: TextIO, width: int | None = None) -> rich.console.Console:
    """Return what draws on `stream`, `width` columns wide (default: as the terminal is)."""
    from rich import console

    return console.Console(
        file=stream, width=width, force_terminal=stream.isatty(), markup=False, emoji=False, highlight=False
    )


def _grid(rows: Rows, head: Sequence[str]) -> rich.table.Table:
    """Return `rows` below `head` in columns; what they hold is text, and never an instruction to rich."""
    from rich.box import Box
    from rich.table import Table
    from rich.text import Text

    held = [[Text(str(cell)) for cell in row] for row in rows]
    ruled = Box(_RULED, ascii=True)
    grid = Table(
        box=ruled,
        show_header=bool(head),
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
    )
    for number in range(max((len(row) for row in (head, *held)), default=0)):
        grid.add_column(Text(str(head[number])) if number < len(head) else "", overflow="fold")
    for row in held:
        grid.add_row(*row)
    return grid


def table(rows: Rows, head: Sequence[str] = ()) -> str:
    """Return `rows` in columns of equal width, below `head`; a cell may have several lines."""
    drawn = io.StringIO()
    _page(drawn, _UNBOUNDED).print(_grid(rows, head))
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines()).rstrip("\n")


def closing(
    images: Sequence[ImageSummary], stages: Mapping[str, float]
) -> list[tuple[Sequence[Sequence[str]], Sequence[str]]]:
    """Return the closing tables of a build, each with its head: images, their components, and times."""
    sizes = [("\n".join(image.tags), size(image.size)) for image in images]
    names = list(dict.fromkeys(name for image in images for name in image.components))
    versions = [(name, *(_version(image, name) for image in images)) for name in names]
    times = [(name, duration(seconds)) for name, seconds in stages.items()]
    return [
        (sizes, ("image", "size")),
        (versions, ("component", *(image.tags[0] for image in images))),
        ([*times, ("in all", duration(sum(stages.values())))], ("stage", "time")),
    ]


def size(count: float) -> str:
    """Return a number of bytes as text, with decimal units as in Docker."""
    for unit in ("B", "kB", "MB"):
        if count < 999.5:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 99.95 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def duration(seconds: float) -> str:
    """Return a duration as text: 0.42 s, 12.3 s, 2 min 05 s."""
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s"


def _version(image: ImageSummary, name: str) -> str:
    return image.components.get(name, "-")
