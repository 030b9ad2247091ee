"""The ``config`` command: the same configuration as at the start of the container, for people."""

import os
import sys

from startup import (
    catalogue,
    configuration,
    explain,
    jsonc,
    listing,
    log,
    mask,
    migration,
    names,
    plugins,
    script,
    sources,
    special,
    translate,
    write,
)
from startup.convert import Conversion, Source
from startup.errors import (
    EXIT_CONFIGURATION,
    EXIT_OK,
    EXIT_USAGE,
    Finding,
    StartupError,
    UnreadableError,
    problems,
)
from startup.merge import at
from startup.sources import World
from startup.special import PATHS
from startup.suggest import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

    from startup.catalogue import Catalogue

USAGE = """\
usage: config COMMAND

  check [--from IMAGE] [--connect]
                               say what is wrong with the configuration; with --from orthancteam, osimis or
                               jodogne also what changes when it was made for one of their images; with
                               --connect also what the databases say: version, tables, rights, size
  print [--show-secrets]       print the final configuration as JSON
  explain [NAME] [--show-secrets]
                               say where each setting comes from and what it overrode; with the path or the
                               variable of a setting (DicomWeb.Root, ORTHANC__DICOM_WEB__ROOT), all about it
  list [WORDS]                 list the known settings with their variables, or those that match all words
  authorization METHOD PATH
                               say what the plugin Authorization would do with a request, such as
                               GET /system: which entry of its table decides, and who is asked what
  plugins                      list the plugins: which are in this image, which are enabled, and why
  from-json                    turn an orthanc.json on standard input into variables for a compose file
  to-json [--show-secrets]     turn variables on standard input (NAME=value or NAME: "value"), or those of
                               this container, into an orthanc.json
  write                        rewrite the file that Orthanc loads, as POST /tools/reset does

Exit codes: 0 for success, 78 for a configuration with problems, 64 for a command, a setting or words that do
not exist.
"""

FIRST_PROCESS = "/proc/1/environ"
SHOW = "--show-secrets"
CONNECT = "--connect"


class Call:
    """One call of the command: its words, whether secrets are shown, and the world around it.

    ``connect`` tells whether databases are asked.
    """

    __slots__ = ("catalogue", "connect", "input", "output", "show", "words", "world")

    def __init__(self, arguments: list[str], world: World, streams: "tuple[TextIO, TextIO]") -> None:
        self.show = SHOW in arguments
        self.connect = CONNECT in arguments
        self.words = [argument for argument in arguments if argument not in (SHOW, CONNECT)]
        self.world = world
        self.catalogue: Catalogue = catalogue.load()
        self.input, self.output = streams

    def say(self, lines: list[str]) -> None:
        """Write lines to standard output."""
        for line in lines:
            self.output.write(f"{line}\n")

    def configuration(self) -> configuration.Configuration:
        """Return the configuration as it would be at a start."""
        return configuration.configuration(self.world, self.catalogue)


def complain(findings: list[Finding], closing: str = "Orthanc would not start") -> int:
    """Write the findings to standard error; return the exit code that they lead to."""
    for line in log.lines(findings, closing):
        sys.stderr.write(f"{line}\n")
    return EXIT_CONFIGURATION if problems(findings) else EXIT_OK


def check(call: Call) -> int:
    """Say what is wrong with the configuration."""
    found = call.configuration()
    findings = found.findings + script.lost(call.world.environment, call.world.root)
    code = complain(findings)
    if code == EXIT_OK and call.connect:
        from startup import connecting

        answers = connecting.said(found, call.world.environment)
        call.say(answers.lines)
        code = complain(answers.findings, "Orthanc would not work")
    if code == EXIT_OK:
        count = "1 warning" if len(findings) == 1 else f"{len(findings)} warnings"
        fine = f"Orthanc would start, with {count} (see above)." if findings else "The configuration is fine."
        call.say([fine])
    return code


def print_(call: Call) -> int:
    """Print the final configuration."""
    found = call.configuration()
    tree = found.tree if call.show else mask.masked(found.tree, (), call.catalogue)
    call.say([write.text(tree)])
    return complain(found.findings)


def explain_(call: Call) -> int:
    """Say where each setting comes from, or all about one."""
    found = call.configuration()
    if not call.words:
        call.say(explain.lines(found, call.catalogue, call.show))
        return complain(found.findings)
    codes = [explained(word, found, call) for word in call.words]
    return max(codes)


def explained(word: str, found: configuration.Configuration, call: Call) -> int:
    """Describe one setting or variable; return EXIT_USAGE when it does not exist."""
    if word in special.SPECIAL and word not in ("ORTHANC_PASSWORD", "MALLOC_ARENA_MAX"):
        call.say(explain.special_variable(word, call.world.environment, call.show))
        return EXIT_OK
    if word in plugins.SWITCHES:
        states = listing.plugin_states(found, call.world.root)
        name = plugins.SWITCHES[word].name
        call.say(listing.plugin_lines([state for state in states if state[0] == name]))
        return EXIT_OK
    place = path(word, call.catalogue)
    if call.catalogue.known(place) is None and at(found.tree, place) is None:
        near = suggested(word, call.catalogue)
        remedy = f"Did you mean {near}?" if near else "See config list for all."
        sys.stderr.write(f"{word}: there is no such setting, and none is given. {remedy}\n")
        return EXIT_USAGE
    call.say(explain.setting(place, found, call.catalogue, call.show))
    return EXIT_OK


def suggested(word: str, known: "Catalogue") -> str | None:
    """Return the setting or variable that a mistyped one most likely means."""
    if word.upper() == word:
        return sources.near_name(word, known)
    return nearest(word, known.lines)


def path(word: str, known: "Catalogue") -> tuple[str, ...]:
    """Return the path that a word means: that of a variable, or a path in any case."""
    word = sources.file_base(word, known) or word
    if word == "ORTHANC_PASSWORD":
        return ("RegisteredUsers", "orthanc")
    if word == "MALLOC_ARENA_MAX":
        return ("MallocArenaMax",)
    if word.startswith(names.PREFIX):
        return names.path(word, known)[0]
    exact = tuple(word.split("."))
    if known.pattern(exact):
        return exact
    name = names.PREFIX + "__".join(exact)
    found, pattern = names.path(name, known)
    return found if pattern else exact


def list_(call: Call) -> int:
    """List the known settings."""
    found = listing.settings(call.catalogue, call.words)
    call.say(found)
    if found:
        return EXIT_OK
    sys.stderr.write(f"config list: no setting matches '{' '.join(call.words)}'. Try fewer or other words.\n")
    return EXIT_USAGE


def plugins_(call: Call) -> int:
    """List the plugins."""
    found = call.configuration()
    call.say(listing.plugin_lines(listing.plugin_states(found, call.world.root)))
    return EXIT_OK


def authorization_(call: Call) -> int:
    """Say what the plugin Authorization would do with a request."""
    from startup import authorization

    found = call.configuration()
    code = complain(found.findings)
    if code != EXIT_OK:
        return code
    if not any(each.enabled for each in found.decisions if each.plugin.name == plugins.GUARD):
        call.say(["The plugin Authorization is not enabled: it decides about no request."])
        return EXIT_OK
    method, path = call.words
    tree = mask.masked(found.tree, (), call.catalogue)
    facts = authorization.explained(call.world.root, tree, method.upper(), path)
    if "error" in facts:
        sys.stderr.write(f"config authorization: {facts['error']}\n")
        return EXIT_CONFIGURATION
    call.say(authorization.lines(facts, method.upper(), path))
    return EXIT_OK


def from_json(call: Call) -> int:
    """Turn a JSON document into variables."""
    try:
        tree = jsonc.value(call.input.read())
    except UnreadableError as error:
        raise StartupError(
            EXIT_CONFIGURATION,
            f"standard input: it is not valid JSON: {error.what}{error.place()}. Correct it there.",
        ) from None
    if not isinstance(tree, dict):
        raise StartupError(
            EXIT_CONFIGURATION, "standard input: a configuration is a JSON object. Put it in braces: { … }."
        )
    conversion = Conversion(call.catalogue, Source("standard input"))
    tree = conversion.members((), "", tree)
    call.say(translate.compose(translate.variables(tree, call.catalogue)))
    return complain(conversion.findings, "The document is not valid")


def to_json(call: Call) -> int:
    """Turn variables into a JSON document."""
    given = translate.environment("" if call.input.isatty() else call.input.read())
    world = World(given or call.world.environment, call.world.root)
    tree, findings = translate.tree(world, call.catalogue)
    shown = tree if given or call.show else mask.masked(tree, (), call.catalogue)
    call.say([write.text(shown)])
    return complain(findings, "The variables are not valid")


def write_(call: Call) -> int:
    """Write the file that Orthanc loads again."""
    found = call.configuration()
    code = complain(found.findings, "The configuration was not written")
    if code == EXIT_OK:
        write.written(call.world.root, write.for_orthanc(found.tree))
    return code


COMMANDS: "Mapping[str, Callable[[Call], int]]" = {
    "check": check,
    "print": print_,
    "explain": explain_,
    "list": list_,
    "authorization": authorization_,
    "plugins": plugins_,
    "from-json": from_json,
    "to-json": to_json,
    "write": write_,
}

HELP = ("--help", "-h", "help")
ALONE = ("check", "print", "plugins", "from-json", "to-json", "write")


def run(
    arguments: list[str],
    environment: "Mapping[str, str]",
    root: str = "",
    streams: "tuple[TextIO, TextIO] | None" = None,
) -> int:
    """Return the exit code of ``config`` with these arguments."""
    command, *rest = arguments or ["--help"]
    output = streams[1] if streams else sys.stdout
    if command in HELP or (command in COMMANDS and any(word in HELP[:2] for word in rest)):
        output.write(USAGE)
        return EXIT_OK
    environment = {**environment, **sources.special_secrets(World(environment, root))}
    world = World(environment, root, named(environment, root))
    former, rest = migration.origin(command, rest)
    call = Call(rest, world, streams or (sys.stdin, sys.stdout))
    misplaced = (call.words and command in ALONE) or (call.connect and command != "check")
    misplaced = misplaced or (command == "authorization" and len(call.words) != 2)
    if command not in COMMANDS or misplaced:
        sys.stderr.write(f"config: '{' '.join(arguments)}' is not one of its commands.\n\n{USAGE}")
        return EXIT_USAGE
    try:
        code = COMMANDS[command](call)
        if former:
            call.say(migration.lines(former, world, call.configuration(), call.catalogue))
        return code
    except StartupError as stop:
        sys.stderr.write(f"{stop.message}\n")
        return stop.code


def named(environment: "Mapping[str, str]", root: str) -> list[str]:
    """Return the files and folders that the container's arguments named, from its first process."""
    paths = environment.get(PATHS, "")
    if not paths:
        try:
            with open(root + FIRST_PROCESS, encoding="utf-8", errors="replace") as file:
                variables = file.read().split("\0")
        except OSError:
            variables = []
        for variable in variables:
            if variable.startswith(f"{PATHS}="):
                paths = variable.partition("=")[2]
    return [path for path in paths.split(":") if path]


def main() -> int:
    """Return the exit code of the command."""
    return run(sys.argv[1:], os.environ)
