"""The border between Invoke and the toolkit: the command line, and errors as messages with exit codes."""

from __future__ import annotations

import functools
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, ParamSpec, TypeVar, cast

from invoke.exceptions import Exit, ParseError
from invoke.program import Program
from invoke.tasks import Task

from builder.errors import BuildError, UsageError
from builder.reading import guess

P = ParamSpec("P")
R = TypeVar("R")

ROOT = Path(__file__).resolve().parent.parent
INTERRUPTED = 130
SIGNALS = (signal.SIGTERM, signal.SIGHUP)
SHORT = {
    "check": "c",
    "image": "i",
    "output": "o",
    "platform": "p",
    "system": "s",
    "unit": "u",
    "variant": "v",
    "yes": "y",
}
"""The options that have a letter of their own, which means the same for every command."""

FEW = frozenset({"build", "bundle", "doctor", "lock"})
"""The commands for which the dependencies of the project in pyproject.toml are enough."""

_UNKNOWN = re.compile(r"No idea what '(?P<word>.*)' is!")


class _Stopped(BaseException):
    """This process is asked to end by the signal `number`."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def _stoppable() -> Iterator[None]:
    """Raise _Stopped on signals that would end this process at once, so that its children are ended too."""
    ours = [one for one in SIGNALS if signal.getsignal(one) is signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        ours = []  # Python allows handlers in the main thread only, and runs them there

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
    """Return `function` wrapped so that a BuildError becomes a message and an exit code, not a traceback.

    Invoke prints the message on stderr. Ctrl-C ends with 130, other signals with 128 plus their number.
    """

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with _stoppable():
                return function(*args, **kwargs)
        except ModuleNotFoundError as error:
            if not _for_builds_only():
                raise
            raise Exit(f"error: {_incomplete(str(error.name))}", UsageError.exit_code) from error
        except BuildError as error:
            raise Exit(f"error: {error}", error.exit_code) from error
        except KeyboardInterrupt:
            raise Exit("stopped", INTERRUPTED) from None
        except _Stopped as signalled:
            raise Exit("stopped", 128 + signalled.number) from None

    return guarded


def _for_builds_only() -> bool:
    """Tell whether ./inv has made the environment for builds, and not completed it."""
    stamps = [Path(sys.prefix) / name for name in ("requirements.build.lock", "requirements.lock")]
    return [stamp.exists() for stamp in stamps] == [True, False]


def _incomplete(what: str) -> UsageError:
    return UsageError(
        f"{what}: .venv only has what a build needs", remedy="Run ./inv --list, which completes it"
    )


class CommandTask(Task[Callable[..., Any]]):
    """A task whose options have the letters of `SHORT`, and no others."""

    def arg_opts(self, name: str, default: str, taken_names: Set[str]) -> dict[str, Any]:
        """Return what Invoke needs to know about the option `name`."""
        options = super().arg_opts(name, default, cast("set[str]", taken_names))
        long = options["names"][0]
        options["names"] = [long, SHORT[long]] if long in SHORT else [long]
        return options


def task(
    name: str | None = None,
    *,
    help: Mapping[str, str] | None = None,  # noqa: A002 # Invoke's word
    iterable: tuple[str, ...] = (),
) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that makes a function a task of Invoke, whose errors become messages.

    `help` has a sentence for each option, and `iterable` the options that may be repeated.
    """

    def made(function: Callable[..., Any]) -> Any:
        @functools.wraps(function)
        def complete(*args: Any, **kwargs: Any) -> Any:
            if own not in FEW and _for_builds_only():
                raise _incomplete(own)
            return function(*args, **kwargs)

        own = name or function.__name__
        return CommandTask(
            reports_errors(complete),
            name=name,
            help=dict(help or {}),
            iterable=list(iterable),
            auto_shortflags=False,
        )

    return made


class CommandLine(Program):
    """Invoke's command line with this project's name and version, and errors that say what was meant."""

    def parse_core(self, argv: list[str] | None) -> None:
        """Parse the options before the first command; raises Exit with a guess for one that is unknown."""
        with self._explained():
            super().parse_core(argv)

    def parse_tasks(self) -> None:
        """Parse commands and their options; raises Exit with a guess for one that is unknown."""
        with self._explained():
            super().parse_tasks()

    def parse_cleanup(self) -> None:
        """Answer what needs no command, such as --help; raises Exit with a guess for an unknown command."""
        with self._explained():
            super().parse_cleanup()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except ParseError as error:
            raise Exit(f"error: {self._mistake(error)}", UsageError.exit_code) from error

    def _mistake(self, error: ParseError) -> UsageError:
        found = _UNKNOWN.fullmatch(str(error))
        if not found:
            return UsageError(str(error), remedy="./inv --help COMMAND lists the options of a command")
        word = found["word"]
        if not word.startswith("-"):
            return UsageError(f"{word}: there is no such command", remedy=guess(word, self._commands()))
        name = error.context.name if error.context else None
        flags = error.context.flags if error.context else self.initial_context.flags
        known = [flag for flag in flags if flag.startswith("--")]
        where = f"{name}: " if name else ""
        return UsageError(f"{where}there is no option {word}", remedy=guess(word.partition("=")[0], known))

    def _commands(self) -> list[str]:
        return list(self.collection.task_names) if hasattr(self, "collection") else []


def main() -> None:
    """Run the command line of this project with the words that the process was given."""
    from builder.spec import model  # noqa: PLC0415 # only for the version

    version = model.load(ROOT / model.FILE).version if "--version" in sys.argv[1:] else None
    CommandLine(name="orthanc-images", binary="./inv", binary_names=["./inv"], version=version).run()


if __name__ == "__main__":
    main()
