"""The user's own script, BEFORE_ORTHANC_STARTUP_SCRIPT, which runs before Orthanc starts."""

import os

from startup.errors import (
    EXIT_CONFIGURATION,
    EXIT_NOT_EXECUTABLE,
    EXIT_NOT_FOUND,
    Finding,
    StartupError,
    problem,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "BEFORE_ORTHANC_STARTUP_SCRIPT"
NO_PROGRAM = 8
"""ENOEXEC of errno(3): neither a program nor a script that names one."""


def command(environment: "Mapping[str, str]") -> list[str]:
    """Return the words of the command, quotes respected; none when no script is wanted."""
    text = environment.get(VARIABLE, "")
    if not text:
        return []
    import shlex

    try:
        return shlex.split(text)
    except ValueError:
        message = f"{VARIABLE}: a quote in it is never closed. Close it."
        raise StartupError(EXIT_CONFIGURATION, message) from None


def spawned(words: list[str], environment: "Mapping[str, str]") -> int:
    """Return the process of the command; a script whose first line names no program runs under bash."""
    try:
        return os.posix_spawnp(words[0], words, environment)
    except OSError as error:
        if error.errno != NO_PROGRAM:
            raise
        if has_windows_lines(words[0]):
            raise FileNotFoundError from None
    return os.posix_spawnp("bash", ["bash", *words], environment)


def has_windows_lines(path: str) -> bool:
    """Tell whether the first line of a file ends as those of Windows do."""
    try:
        with open(path, "rb") as file:
            return file.readline(512).endswith(b"\r\n")
    except OSError:
        return False


def lost(environment: "Mapping[str, str]", root: str) -> list[Finding]:
    """Return the problem of a script that is not there, for a check that does not run it."""
    for word in environment.get(VARIABLE, "").split()[:1]:
        if word.startswith("/") and not os.path.exists(root + word):
            return [problem(VARIABLE, f"there is no '{word}'", "Mount the script, or correct its path.")]
    return []


def run(words: list[str], environment: "Mapping[str, str]") -> None:
    """Run the command to its end; raise StartupError when it cannot start, or with its exit code."""
    try:
        child = spawned(words, environment)
    except FileNotFoundError:
        if has_windows_lines(words[0]):
            message = (
                f"{VARIABLE}: '{words[0]}' has the line ends of Windows (CRLF), so its first line names no"
                f" program. Convert it: sed -i 's/\\r$//' {words[0]}"
            )
            raise StartupError(EXIT_NOT_FOUND, message) from None
        message = f"{VARIABLE}: there is no '{words[0]}'. Mount the script, or correct its path."
        raise StartupError(EXIT_NOT_FOUND, message) from None
    except OSError as error:
        reason = (error.strerror or "").lower()
        message = f"{VARIABLE}: '{words[0]}' cannot be run ({reason}). Make it executable."
        raise StartupError(EXIT_NOT_EXECUTABLE, message) from None
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code:
        code = 128 - code if code < 0 else code
        message = f"{VARIABLE}: '{words[0]}' ended with exit code {code}. Orthanc was not started."
        raise StartupError(code, message)
