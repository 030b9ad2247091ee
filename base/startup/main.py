"""The start of a container: what its arguments ask for, and the order of things until Orthanc runs."""

import _signal  # type: ignore[import-not-found]
import os
import sys

from startup import (
    catalogue,
    configuration,
    convert,
    folders,
    heading,
    hostid,
    launch,
    log,
    new_index,
    script,
    sources,
    write,
)
from startup.errors import (
    EXIT_CONFIGURATION,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_TERMINATED,
    EXIT_USAGE,
    Finding,
    StartupError,
    problem,
    problems,
)
from startup.sources import FILES, World
from startup.special import PATHS, TUNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from startup.launch import Execute

GENERATED = tuple(f"{folder}/{write.NAME}" for folder in write.PLACES)

ASKING = ("--help", "--version", "--errors", "--config", "--advanced-config", "--openapi", "--cheatsheet")


NAMES = ("Orthanc", "orthanc")
"""How commands of other images name the program; here its arguments are those of the image itself."""


class Invocation:
    """What the container's arguments ask for: a program, or Orthanc with options and more files."""

    __slots__ = ("options", "paths", "program")

    def __init__(self, program: list[str], options: list[str], paths: list[str]) -> None:
        self.program = program
        self.options = options
        self.paths = paths


def request(arguments: list[str], root: str) -> Invocation:
    """Return the request that the arguments make.

    Options are for Orthanc, JSON files and folders are more configuration; anything else is a program.
    """
    arguments = [argument for argument in arguments if argument]
    if arguments and os.path.basename(arguments[0]) in NAMES and not os.path.isdir(root + arguments[0]):
        arguments = arguments[1:]
    if arguments and not is_for_orthanc(arguments[0], root):
        return Invocation(arguments, [], [])
    options, named = sorted_out(arguments)
    if any(option.partition("=")[0] in ASKING for option in options):
        return Invocation([launch.ORTHANC, *options], [], [])
    for path in named:
        if not is_for_orthanc(path, root):
            message = f"{path}: it is neither an option, a JSON file nor a folder. {launch.KINDS}"
            raise StartupError(EXIT_USAGE, message)
    paths = [path if path.startswith("/") else convert.normalised(f"{os.getcwd()}/{path}") for path in named]
    return Invocation([], options, [path for path in paths if path not in (*GENERATED, FILES, f"{FILES}/")])


def sorted_out(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return the options, each in one word with its value, and the other arguments."""
    options: list[str] = []
    others: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument not in launch.VALUED:
            (options if argument.startswith("-") else others).append(argument)
            continue
        value = next(rest, None)
        if value is None:
            raise StartupError(EXIT_USAGE, f"{argument}: it needs a value. Write {argument}=VALUE.")
        options.append(f"{argument}={value}")
    return options, others


def is_for_orthanc(argument: str, root: str) -> bool:
    """Tell whether an argument is an option, a JSON file or a folder."""
    return argument.startswith("-") or argument.endswith(".json") or os.path.isdir(root + argument)


def react(signal: int, _frame: object) -> None:
    """End at once; what a script has started ends with the container."""
    os._exit(EXIT_TERMINATED if signal == _signal.SIGTERM else EXIT_INTERRUPTED)


def start(arguments: list[str], environment: "Mapping[str, str]", root: str, execute: "Execute") -> int:
    """Return the exit code, when the process has not become Orthanc or another program."""
    _signal.signal(_signal.SIGTERM, react)
    _signal.signal(_signal.SIGINT, react)
    try:
        wanted = request(arguments, root)
        if wanted.program[:1] == ["config"]:
            from startup import cli

            return cli.run(wanted.program[1:], environment, root)
        if wanted.program:
            launch.become(execute, wanted.program, environment)
            return EXIT_OK
        return orthanc(wanted, environment, root, execute)
    except StartupError as stop:
        say([stop.message])
        return stop.code


def orthanc(wanted: Invocation, environment: "Mapping[str, str]", root: str, execute: "Execute") -> int:
    """Start Orthanc: read, run the user's script, check, write, become; return the exit code otherwise."""
    environment = {**environment, **sources.special_secrets(World(environment, root))}
    world = World(environment, root, wanted.paths)
    known = catalogue.load()
    found = configuration.configuration(world, known)
    owned: list[Finding] = []
    if launch.flag(environment, folders.FIX):
        owned = folders.given([*found.written, *filter(None, [environment.get("LOGDIR")])], root)
        found = configuration.configuration(world, known)
    words = script.command(environment)
    earlier = ""
    if words:
        if not problems(found.findings):
            earlier = write.for_orthanc(found.tree)
            stored(earlier, root)
        script.run(words, environment)
        found = configuration.configuration(world, known)
    more = owned + launch.strange(wanted.options) + launch.logged(wanted.options, root)
    more += hostid.settled(environment, root)
    findings = found.findings + configuration.strict(more, environment)
    text = write.for_orthanc(found.tree)
    path = ""
    if not problems(findings):
        path, wrong = kept(root) if text == earlier else stored(text, root)
        findings += wrong + (new_index.remember(found.note, root) if found.note else [])
    say([*heading.lines(found, root), *log.lines(findings)])
    verbose(found, environment, known)
    if problems(findings):
        return EXIT_CONFIGURATION
    say(folders.lost(found.written, root))
    line = launch.arguments(environment, root, wanted.options, path)
    launch.become(execute, line, inherited(environment, wanted.paths, found.tree))
    return EXIT_OK


def verbose(
    found: configuration.Configuration, environment: "Mapping[str, str]", known: catalogue.Catalogue
) -> None:
    """Print the configuration with the origin of each value, when VERBOSE_STARTUP asks for it."""
    wish = environment.get("VERBOSE_STARTUP", "").strip().lower()
    if wish == "secrets" or launch.flag({"wish": wish}, "wish"):
        from startup import explain

        say(explain.lines(found, known, show=wish == "secrets"))


def kept(root: str) -> tuple[str, list[Finding]]:
    """Return the path of the configuration written before the user's script, which may have changed it."""
    return next(path for path in GENERATED if os.path.exists(root + path)), []


def stored(text: str, root: str) -> tuple[str, list[Finding]]:
    """Return the path of the written configuration, or the problem that it cannot be written."""
    try:
        return write.written(root, text), []
    except OSError as error:
        reason = (error.strerror or "").lower()
        what = f"the configuration cannot be written to {' or '.join(write.PLACES)} ({reason})"
        return "", [problem(write.PLACES[0], what, "Mount a tmpfs there (docker run --tmpfs /tmp).")]


def inherited(
    environment: "Mapping[str, str]", paths: list[str], tree: "Mapping[str, object]"
) -> dict[str, str]:
    """Return the environment of Orthanc: this one, with the files that the container's arguments named.

    Where the index is to stay as it is, what tunes it (docs/sqlite.md) finds the word false there.
    """
    found = {**environment, PATHS: ":".join(paths)} if paths else dict(environment)
    if tree.get("ReadOnly") is True or not launch.flag(environment, TUNING, default=True):
        found[TUNING] = "false"
    return found


def say(lines: list[str]) -> None:
    """Write lines to standard error."""
    for line in lines:
        sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main() -> int:
    """Return the exit code of the container's entry point."""
    return start(sys.argv[1:], os.environ, "", os.execvpe)
