"""Running other programs: the only module that starts processes."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from builder.errors import ShellError

LAST_LINES = 20
NOT_FOUND = 127
TIMED_OUT = 124
GRACE = 5.0
"""Seconds for a program to end in after SIGTERM, and for its streams to be read to their ends."""

OnLine = Callable[[str], None]


@dataclass(frozen=True)
class Completed:
    """The result of a program: its output, its errors and its exit code."""

    stdout: str
    stderr: str
    code: int


class Runner(Protocol):
    """Anything that runs a program as `run` does; tests pass one that runs nothing."""

    def __call__(
        self,
        argv: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        input: str | None = None,  # noqa: A002 # the name that subprocess uses
        check: bool = True,
        capture: bool = True,
        on_line: OnLine | None = None,
        timeout: float | None = None,
    ) -> Completed:
        """Run `argv` and return its result."""


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    input: str | None = None,  # noqa: A002 # the name that subprocess uses
    check: bool = True,
    capture: bool = True,
    on_line: OnLine | None = None,
    timeout: float | None = None,
) -> Completed:
    """Run `argv`, wait for its end and return its output.

    `env` is added to the environment of this process. `on_line` gets each line of both streams as it comes.
    With `capture=False` and no `on_line`, the program inherits our streams. Raises ShellError when it does
    not exist, runs longer than `timeout` seconds, or (with `check`) exits with another code than 0.
    """
    words = [str(word) for word in argv]
    pipe = subprocess.PIPE if capture or on_line else None
    turn = threading.Lock()
    with _started(words, cwd, env, input, pipe) as process:
        streams = {
            name: _Stream(name, getattr(process, name), on_line, turn) for name in ("stdout", "stderr")
        }
        feeder = _Feeder(process.stdin, input)
        late = not _ended(process, timeout)
        feeder.join(GRACE)
        texts = {name: stream.text() for name, stream in streams.items()}
    completed = Completed(texts["stdout"], texts["stderr"], TIMED_OUT if late else process.returncode)
    if late:
        raise _failure(words, f"was stopped after {timeout:g} s", completed)
    if check and completed.code != 0:
        raise _failure(words, _ending(completed.code), completed)
    return completed


def which(name: str, path: str | None = None) -> str | None:
    """Return the first executable `name` on `path` (default: PATH), or None."""
    return shutil.which(name, path=path)


def every(name: str, path: str | None = None) -> tuple[str, ...]:
    """Return all executables `name` on `path` (default: PATH), in its order."""
    folders = (path if path is not None else os.environ.get("PATH", "")).split(os.pathsep)
    found = (shutil.which(name, path=folder) for folder in folders if folder)
    return tuple(dict.fromkeys(item for item in found if item))


def spawn(argv: Sequence[str | Path], *, log: Path, cwd: Path = Path("/")) -> int:
    """Start `argv` as a service that outlives us, with its output in `log`, and return its pid."""
    words = [str(word) for word in argv]
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            process = subprocess.Popen(
                words,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                close_fds=True,
            )
    except OSError as error:
        raise ShellError(f"{words[0]}: cannot be started: {error.strerror or error}") from error
    return process.pid


class _Stream:
    """Reads one stream to its end in a thread of its own, so that neither stream can block the other."""

    def __init__(
        self, name: str, stream: IO[str] | None, on_line: OnLine | None, turn: threading.Lock
    ) -> None:
        self._turn = turn
        self._lines: list[str] = []
        self._error: Exception | None = None
        self._thread: threading.Thread | None = None
        if stream is not None:
            self._thread = threading.Thread(target=self._read, args=(stream, on_line), name=name, daemon=True)
            self._thread.start()

    def _read(self, stream: IO[str], on_line: OnLine | None) -> None:
        with stream:
            for line in stream:
                self._lines.append(line)
                if on_line and not self._error:
                    self._tell(on_line, line.rstrip("\r\n"))

    def _tell(self, on_line: OnLine, line: str) -> None:
        try:
            with self._turn:  # one line at a time, whichever stream it comes from
                on_line(line)
        except Exception as error:  # raised again by text(): a full pipe would block the program
            self._error = error

    def text(self) -> str:
        """Return everything read; a grandchild may keep the stream open, so the wait is short."""
        if self._thread:
            self._thread.join(GRACE)
        if self._error:
            raise self._error
        return "".join(self._lines)


class _Feeder:
    """Writes `text` to a program's standard input, which may close it at any time."""

    def __init__(self, stream: IO[str] | None, text: str | None) -> None:
        self._thread: threading.Thread | None = None
        if stream is not None:
            self._thread = threading.Thread(target=self._write, args=(stream, text or ""), daemon=True)
            self._thread.start()

    @staticmethod
    def _write(stream: IO[str], text: str) -> None:
        try:
            with stream:
                stream.write(text)
        except (BrokenPipeError, ValueError):
            return  # the program closed its input: that is an error only if its exit code says so

    def join(self, seconds: float) -> None:
        """Wait until everything is written."""
        if self._thread:
            self._thread.join(seconds)


@contextmanager
def _started(
    words: list[str],
    cwd: Path | None,
    env: Mapping[str, str] | None,
    text: str | None,
    pipe: int | None,
) -> Iterator[subprocess.Popen[str]]:
    try:
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env={**os.environ, **env} if env is not None else None,
            stdin=subprocess.PIPE if text is not None else subprocess.DEVNULL if pipe else None,
            stdout=pipe,
            stderr=pipe,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
    except FileNotFoundError as error:
        if cwd is not None and not cwd.is_dir():
            raise ShellError(f"{words[0]}: the folder {str(cwd)!r} does not exist") from error
        raise _error(
            f"{words[0]}: no such program", NOT_FOUND, remedy="Install it, or put it on the PATH"
        ) from error
    except OSError as error:
        raise ShellError(f"{words[0]}: cannot be started: {error.strerror or error}") from error
    try:
        yield process
    except BaseException:
        _stop(process)
        raise


def _ended(process: subprocess.Popen[str], timeout: float | None) -> bool:
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        _stop(process)
        return False
    return True


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


def _failure(words: list[str], what: str, completed: Completed) -> ShellError:
    output = completed.stderr if completed.stderr.strip() else completed.stdout
    lines = deque((line for line in output.splitlines() if line.strip()), maxlen=LAST_LINES)
    return _error(f"{shlex.join(words)}: {what}", completed.code, details=lines)


def _error(message: str, code: int, *, details: Iterable[str] = (), remedy: str | None = None) -> ShellError:
    error = ShellError(message, details=details, remedy=remedy)
    error.code = code
    return error
