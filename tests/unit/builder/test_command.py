"""A failed task ends with a message and an exit code, whatever stopped it."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import tomli
from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.loader import FilesystemLoader

from builder import command
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


def test_in_an_environment_for_builds_other_commands_are_told_how_to_complete_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def test(_: Context) -> str:
        return "done"

    def build(_: Context) -> None:
        importlib.import_module("cramjam_of_nobody")

    tested, built = command.task()(test), command.task()(build)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    (tmp_path / "requirements.build.lock").touch()
    said = "error: {}: .venv only has what a build needs. Run ./inv --list, which completes it."
    for task, name in ((tested, "test"), (built, "cramjam_of_nobody")):
        with pytest.raises(Exit) as caught:
            task(Context())
        assert (caught.value.message, caught.value.code) == (said.format(name), 64)
    (tmp_path / "requirements.lock").touch()
    assert tested(Context()) == "done"
    with pytest.raises(ModuleNotFoundError):
        built(Context())


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


TASKS = Path(__file__).parents[3]


Ended = Callable[..., tuple[int, str]]


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ended:
    """The exit code of the command line with some words, and all that it printed."""

    def called(*words: str) -> tuple[int, str]:
        monkeypatch.chdir(TASKS)
        monkeypatch.setattr(sys, "path", [*sys.path])
        monkeypatch.setattr(sys, "argv", ["./inv", *words])
        with pytest.raises(SystemExit) as end:
            command.main()
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out + printed.err

    return called


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("biuld",), "biuld: there is no such command. Perhaps you meant 'build'."),
        (
            ("build", "--varint", "full"),
            "build: there is no option --varint. Perhaps you meant '--variant'.",
        ),
        (("build", "--varint=full"), "build: there is no option --varint. Perhaps you meant '--variant'."),
        (("--help", "biuld"), "biuld: there is no such command. Perhaps you meant 'build'."),
        (("--lsit",), "there is no option --lsit. Perhaps you meant '--list'."),
    ],
)
def test_what_is_mistyped_is_guessed(ended: Ended, words: tuple[str, ...], message: str) -> None:
    assert ended(*words) == (64, f"error: {message}\n")


def test_an_option_without_its_value_is_explained(ended: Ended) -> None:
    code, text = ended("build", "--variant")
    assert (code, text.count("\n")) == (64, 1)
    assert text.endswith("./inv --help COMMAND lists the options of a command.\n")


def test_the_version_is_that_of_the_project() -> None:
    """It is asked for as ./inv asks."""
    version = tomli.loads((TASKS / "build.toml").read_text())["version"]
    done = run([sys.executable, "-m", "builder.command", "--version"], cwd=TASKS)
    assert done.stdout == f"orthanc-images {version}\n"


def test_a_letter_means_the_same_for_every_command() -> None:
    """Such as -y, which is --yes wherever it is."""
    module, _ = FilesystemLoader(start=str(TASKS)).load("tasks")
    letters: dict[str, set[str]] = {}
    for found in Collection.from_module(module).tasks.values():
        for argument in found.get_arguments():
            for name in argument.names:
                if len(name) == 1:
                    letters.setdefault(name, set()).add(argument.name)
    assert letters == {letter: {name} for name, letter in command.SHORT.items()}
