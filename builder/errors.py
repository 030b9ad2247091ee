"""Errors as values, with everything that the user needs to act on them.

Every error of the toolkit is a `BuildError`: a message, details, a remedy and an exit code.

| exit code | error             | meaning                                                                  |
| --------- | ----------------- | ------------------------------------------------------------------------ |
| 0         |                   | done                                                                     |
| 1         | `BuildError`      | any other failure, such as a failed test or check                        |
| 64        | `UsageError`      | the command line asks for something that does not exist                  |
| 65        | `DefinitionError` | build.toml, or another file written by hand, is wrong                    |
| 66        | `LockError`       | build.lock is missing, stale or damaged                                  |
| 69        | `EngineError`     | no usable container engine                                               |
| 70        | `ShellError`      | a program that the toolkit started failed                                |
| 73        | `StoreError`      | a file cannot be written, in the store or out/: full disk, no permission |
| 74        | `FetchError`      | a file could not be fetched, or is not what the lock says                |
| 77        | `ConsentError`    | the user has to agree first: to a licence or an installation             |
| 130       | KeyboardInterrupt | stopped with Ctrl-C                                                      |
| 129, 143  |                   | stopped by SIGHUP or SIGTERM                                             |

The numbers follow sysexits.h where it has a fitting one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class BuildError(Exception):
    """A failure with its parts: what is wrong, details line by line, what to do, and the exit code."""

    exit_code: int = 1

    def __init__(
        self,
        message: str,
        *,
        details: Iterable[str] = (),
        remedy: str | None = None,
        exit_code: int | None = None,
    ) -> None:
        """Keep the parts; `exit_code` replaces the one of the class."""
        super().__init__(message)
        self.message = message
        self.details = tuple(details)
        self.remedy = remedy
        if exit_code is not None:
            self.exit_code = exit_code

    def __str__(self) -> str:
        """Return the message, the details below it, and the remedy last."""
        if not self.details:
            return sentence(self.message, self.remedy)
        lines = [self.message.rstrip(".:") + ":", *("  " + line for line in self.details)]
        if self.remedy:
            lines.append(sentence(self.remedy))
        return "\n".join(lines)


class UsageError(BuildError):
    """The command line asks for something that does not exist."""

    exit_code = 64


class DefinitionError(BuildError):
    """A file written by hand, such as build.toml, is wrong."""

    exit_code = 65


class LockError(BuildError):
    """build.lock is missing, stale or damaged."""

    exit_code = 66


class EngineError(BuildError):
    """There is no container engine that the toolkit can use."""

    exit_code = 69


class ShellError(BuildError):
    """A program that the toolkit started is missing, failed or took too long; `code` is its own exit code."""

    exit_code = 70
    code: int = 1


class StoreError(BuildError):
    """A file cannot be written, in the store or below out/."""

    exit_code = 73


class FetchError(BuildError):
    """A file could not be fetched, or is not what the lock says."""

    exit_code = 74


class ConsentError(BuildError):
    """The user has to agree first."""

    exit_code = 77


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: where it is, what is wrong, and what to do."""

    where: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        """Return `where: what. remedy.` on one line."""
        return sentence(f"{self.where}: {self.what}", self.remedy)


class Problems(BuildError):  # noqa: N818 # named after what it holds
    """All problems of one file at once, in the order in which they were found."""

    exit_code = DefinitionError.exit_code

    def __init__(
        self,
        problems: Sequence[Problem],
        *,
        remedy: str | None = None,
        exit_code: int | None = None,
    ) -> None:
        """Keep `problems`, of which there must be at least one."""
        if not problems:
            raise ValueError("no problem to report")
        self.problems = tuple(problems)
        if len(problems) == 1:
            super().__init__(str(problems[0]), remedy=remedy, exit_code=exit_code)
        else:
            count = f"{len(problems)} problems"
            super().__init__(count, details=map(str, problems), remedy=remedy, exit_code=exit_code)


def sentence(what: str, remedy: str | None = None) -> str:
    """Return `what` and `remedy` as sentences: one full stop at the end of each, no more."""
    parts = (part.strip() for part in (what, remedy or ""))
    return " ".join(part if part.endswith((".", "!", "?")) else part + "." for part in parts if part)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn disk errors in the block into a StoreError, at the file that they name or at `place`."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{error.filename or place}: cannot be written: {error.strerror or error}",
            remedy="Free some space, or correct its permissions",
        ) from error
