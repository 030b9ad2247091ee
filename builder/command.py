"""The border between Invoke and the toolkit: an error becomes a message and an exit code."""

from __future__ import annotations

import functools
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import ParamSpec, TypeVar

from invoke.exceptions import Exit

from builder.errors import BuildError

P = ParamSpec("P")
R = TypeVar("R")

INTERRUPTED = 130
SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class _Stopped(BaseException):
    """Somebody ends this process by the signal `number`."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let signals that would end this process at once raise _Stopped: what it started then ends with it."""
    ours = [one for one in SIGNALS if signal.getsignal(one) is signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        ours = []  # only that one may set handlers, and only that one is interrupted

    def stop(number: int, _: FrameType | None) -> None:
        raise _Stopped(number)

    for one in ours:
        signal.signal(one, stop)
    try:
        yield
    finally:
        for one in ours:
            signal.signal(one, signal.SIG_DFL)


def reports_errors(function: Callable[P, R]) -> Callable[P, R]:
    """Return `function` so that a BuildError leaves it as a message and an exit code, not as a traceback.

    It goes below Invoke's `@task`; Invoke prints the message on stderr. Ctrl-C ends with 130, other signals
    with 128 and their number.
    """

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with _stoppable():
                return function(*args, **kwargs)
        except BuildError as error:
            raise Exit(f"error: {error}", error.exit_code) from error
        except KeyboardInterrupt:
            raise Exit("stopped", INTERRUPTED) from None
        except _Stopped as signalled:
            raise Exit("stopped", 128 + signalled.number) from None

    return guarded
