"""A failed task ends with a message and an exit code, whatever stopped it."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from invoke.exceptions import Exit

from builder.command import reports_errors
from builder.errors import LockError
from builder.shell import run


def test_a_task_turns_an_error_into_a_message_and_a_code() -> None:
    @reports_errors
    def task() -> None:
        raise LockError("build.lock: is stale")

    with pytest.raises(Exit) as caught:
        task()
    assert (caught.value.message, caught.value.code) == ("error: build.lock: is stale.", 66)


def test_a_task_ends_with_130_on_ctrl_c() -> None:
    @reports_errors
    def task() -> None:
        raise KeyboardInterrupt

    with pytest.raises(Exit) as caught:
        task()
    assert (caught.value.message, caught.value.code) == ("stopped", 130)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_task_ends_what_was_started_when_it_is_stopped(number: signal.Signals, tmp_path: Path) -> None:
    """A build that a CI system cancels must not go on, and tag images, behind its back."""

    @reports_errors
    def task() -> None:
        run(
            [
                "sh",
                "-c",
                'echo $$ >"$1"; sleep 0.3; kill -"$2" $PPID; exec sleep 30',
                "-",
                tmp_path / "pid",
                str(int(number)),
            ]
        )

    before = signal.getsignal(number)
    with pytest.raises(Exit) as caught:
        task()
    assert (caught.value.message, caught.value.code) == ("stopped", 128 + number)
    assert signal.getsignal(number) is before
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_task_leaves_a_signal_that_is_ignored_ignored() -> None:
    """As nohup wants it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        reports_errors(lambda: os.kill(os.getpid(), signal.SIGHUP))()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_task_needs_no_main_thread() -> None:
    with ThreadPoolExecutor() as pool:
        assert pool.submit(reports_errors(lambda: 3)).result() == 3


def test_a_task_lets_results_and_mistakes_of_ours_through() -> None:
    @reports_errors
    def half(number: int) -> float:
        """Halve."""
        return 1 / number

    assert half(2) == 0.5
    assert half.__doc__ == "Halve."
    with pytest.raises(ZeroDivisionError):
        half(0)
