"""The last step: Orthanc's command line, and the process becoming Orthanc."""

import os

from startup import folders
from startup.convert import BOOLEAN, boolean
from startup.errors import (
    EXIT_NOT_EXECUTABLE,
    EXIT_NOT_FOUND,
    Finding,
    StartupError,
    UnconvertibleError,
    problem,
    warning,
)
from startup.special import BOOLEANS
from startup.suggest import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Execute = Callable[[str, list[str], Mapping[str, str]], None]

ORTHANC = "Orthanc"

KINDS = "Give options of Orthanc, JSON files, folders, the command config, or a program that is here."

FLAGS = (
    ("NO_JOBS", "--no-jobs"),
    ("LOGS_THREADNAMES_IN_CONTEXT", "--logs-thread-names-in-context"),
)


VALUED = ("--config", "--advanced-config", "--openapi", "--cheatsheet", "--logdir", "--logfile")

QUIET_HEADERS = "--verbose-http"
"""The log of HTTP stays below --trace, which writes each header, Authorization with its password included."""

CATEGORIES = ("generic", "plugins", "http", "sqlite", "dicom", "jobs", "lua")

OPTIONS = (
    *VALUED,
    "--help",
    "--version",
    "--errors",
    "--upgrade",
    "--no-jobs",
    "--verbose",
    "--trace",
    "--logs-no-thread",
    "--logs-no-context",
    "--logs-thread-names-in-context",
    *(f"--verbose-{category}" for category in CATEGORIES),
    *(f"--trace-{category}" for category in CATEGORIES),
)


def strange(options: list[str]) -> list[Finding]:
    """Return a warning for each option that Orthanc does not have and would silently ignore."""
    found = []
    for option in options:
        name = option.partition("=")[0]
        if name not in OPTIONS:
            near = nearest(name, OPTIONS)
            how = f"Did you mean {near}?" if near else "See the option --help for all."
            found.append(warning(name, "Orthanc has no such option", how))
    return found


def flag(environment: "Mapping[str, str]", name: str, default: bool = False) -> bool:
    """Tell whether a variable is on; return its default when it is empty or invalid (see ``checked``)."""
    try:
        return boolean(environment.get(name) or ("true" if default else "false"))
    except UnconvertibleError:
        return default


def checked(environment: "Mapping[str, str]", root: str) -> list[Finding]:
    """Return the problems with the variables that become options of Orthanc."""
    findings = []
    for name in BOOLEANS:
        findings += misread(name, environment.get(name, ""))
    verbosity = environment.get("VERBOSE_STARTUP", "")
    if verbosity.strip().lower() != "secrets":
        findings += misread("VERBOSE_STARTUP", verbosity)
    return findings + tolerance(environment) + logs(environment, root)


def tolerant(environment: "Mapping[str, str]") -> bool:
    """Tell whether plugins that are enabled and absent are only worth a warning."""
    return environment.get("MISSING_PLUGINS", "").strip().lower() == "warn"


def tolerance(environment: "Mapping[str, str]") -> list[Finding]:
    """Return the problem of MISSING_PLUGINS when it is neither warn nor refuse."""
    text = environment.get("MISSING_PLUGINS", "")
    if text.strip().lower() in ("", "warn", "refuse"):
        return []
    return [problem("MISSING_PLUGINS", f"'{text}' is neither warn nor refuse", "Write warn or refuse.")]


def misread(name: str, text: str) -> list[Finding]:
    """Return the problem of a switch that is neither on nor off."""
    try:
        boolean(text or "false")
    except UnconvertibleError as error:
        return [problem(name, error.what, BOOLEAN)]
    return []


def logs(environment: "Mapping[str, str]", root: str) -> list[Finding]:
    """Return the problems with the place of Orthanc's log."""
    folder, file = environment.get("LOGDIR"), environment.get("LOGFILE")
    if folder and file:
        return [problem("LOGDIR", "LOGFILE is set too", "Keep one of the two.")]
    return log_folder("LOGDIR", folder or "", root) + log_place("LOGFILE", file or "", root)


def logged(options: list[str], root: str) -> list[Finding]:
    """Return the problems with a log that the container's arguments place; Orthanc would crash."""
    found = []
    for option in options:
        name, _, path = option.partition("=")
        if name == "--logdir":
            found += log_folder(name, path, root)
        elif name == "--logfile":
            found += log_place(name, path, root)
    return found


def log_folder(name: str, folder: str, root: str) -> list[Finding]:
    """Return the problem of a folder for logs that does not exist or cannot be written."""
    if folder and not os.path.isdir(root + folder):
        how = f"Mount a volume there: docker run -v logs:{folder} …"
        return [problem(name, f"the folder {folder} does not exist", how)]
    found = folders.unwritable(name, folder, root) if folder else None
    return [found] if found is not None else []


def log_place(name: str, file: str, root: str) -> list[Finding]:
    """Return the problem of a log file that cannot be written."""
    if not file:
        return []
    path = log_file(file, root)
    if os.path.exists(root + path) and not os.access(root + path, os.W_OK):
        return [folders.foreign(name, path, root + path, os.path.dirname(path), root)]
    return log_folder(name, os.path.dirname(path) or "/", root)


def log_file(path: str, root: str) -> str:
    """Return the log file for LOGFILE: in a folder it is orthanc.log."""
    if path.endswith("/") or os.path.isdir(root + path):
        return f"{path.rstrip('/')}/orthanc.log"
    return path


def arguments(environment: "Mapping[str, str]", root: str, options: list[str], path: str) -> list[str]:
    """Return Orthanc's command line. The verbosity comes first, because it resets the options before it."""
    line = [ORTHANC]
    if flag(environment, "TRACE_ENABLED"):
        line += ["--trace", QUIET_HEADERS]
    elif flag(environment, "VERBOSE_ENABLED"):
        line.append("--verbose")
    line += [option for name, option in FLAGS if flag(environment, name)]
    if environment.get("LOGDIR"):
        line.append(f"--logdir={environment['LOGDIR']}")
    elif environment.get("LOGFILE"):
        line.append(f"--logfile={log_file(environment['LOGFILE'], root)}")
    return [*line, *options, path]


def become(execute: "Execute", line: list[str], environment: "Mapping[str, str]") -> None:
    """Turn this process into another program; raise StartupError when it cannot."""
    try:
        execute(line[0], line, environment)
    except FileNotFoundError:
        raise StartupError(
            EXIT_NOT_FOUND, f"{line[0]}: there is no such program in this image. {KINDS}"
        ) from None
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise StartupError(
            EXIT_NOT_EXECUTABLE,
            f"{line[0]}: it cannot be started ({reason}). Make it executable, or name another program.",
        ) from None
