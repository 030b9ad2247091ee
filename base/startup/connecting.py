"""What the databases of a configuration say when somebody asks: server, tables, rights and size.

A program of the images asks them, with the drivers of the plugins; it is ended when there is no answer.
"""

from startup import jsonc, write
from startup.errors import Finding, UnreadableError, problem
from startup.merge import at
from startup.plugins import NATIVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from startup.configuration import Configuration

PROGRAM = f"{NATIVE}/database-check"

PLUGINS = ("PostgreSQL", "MySQL", "Odbc")
"""The plugins whose databases can be asked; their sections have the same names."""

PURPOSES = (("index", "EnableIndex"), ("storage", "EnableStorage"))

SECONDS = 20
"""How long one database may take to answer."""

UNITS = ("bytes", "kB", "MB", "GB", "TB")


class Said:
    """What the databases said: a line for each, and what is wrong."""

    __slots__ = ("findings", "lines")

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.findings: list[Finding] = []


def said(found: "Configuration", environment: "Mapping[str, str]") -> Said:
    """Return what the databases of the enabled plugins say."""
    result = Said()
    text = write.for_orthanc(found.tree)
    for plugin, purpose in wanted(found):
        argv = [found.plugin_index.root + PROGRAM, plugin, purpose, str(SECONDS)]
        place = f"{plugin}, {purpose}"
        facts = answer(argv, text, environment)
        if "error" in facts:
            result.findings.append(Finding("", str(facts["error"]).rstrip("."), ""))
        elif facts:
            result.lines.append(f"{place}: {described(facts, purpose)}.")
            result.findings += wrong(place, facts)
        else:
            what = f"the database has not answered within {SECONDS} s"
            result.findings.append(problem(place, what, "Check its address, and the firewalls on the way."))
    return result


def wanted(found: "Configuration") -> list[tuple[str, str]]:
    """Return plugin and purpose of each database that Orthanc would use."""
    enabled = [each.plugin.name for each in found.decisions if each.enabled]
    return [
        (plugin, purpose)
        for plugin in PLUGINS
        if plugin in enabled
        for purpose, switch in PURPOSES
        if at(found.tree, (plugin, switch)) is True
    ]


def described(facts: dict[str, object], purpose: str) -> str:
    """Return in words what is there: the server, the tables with their revision, and the size."""
    words = [f"{facts.get('server')} answers"]
    if facts.get("tables") is not True:
        words.append("the tables are not there yet, and a start makes them")
    elif purpose == "index" and "version" in facts:
        words.append(f"the schema has version {facts['version']}, {state(facts)}")
    size = facts.get("size")
    if isinstance(size, int):
        words.append(f"the database has {measured(size)}")
    return "; ".join(words)


def state(facts: dict[str, object]) -> str:
    """Return in words the revision of a schema, and what a start would do about it."""
    revision, newest = facts.get("revision"), facts.get("newest")
    if not isinstance(revision, int):
        return f"and no revision; a start upgrades it to {newest}"
    if isinstance(newest, int) and revision < newest:
        return f"revision {revision}; a start upgrades it to {newest}"
    return f"revision {revision}"


def wrong(place: str, facts: dict[str, object]) -> list[Finding]:
    """Return the problems of a database that answers: a newer schema, and missing rights."""
    found = []
    revision, newest = facts.get("revision"), facts.get("newest")
    if isinstance(revision, int) and isinstance(newest, int) and revision > newest:
        what = f"the schema has revision {revision}, and this image knows none after {newest}"
        found.append(problem(place, what, "Use a newer image, or restore an older backup."))
    lacking = facts.get("lacking")
    if isinstance(lacking, list) and lacking:
        what = f"the user lacks rights: {', '.join(map(str, lacking))}"
        found.append(problem(place, what, "Grant them to this user."))
    return found


def measured(size: int) -> str:
    """Return a number of bytes in words, such as 8.5 MB."""
    number, unit = float(size), 0
    while number >= 1000 and unit < len(UNITS) - 1:
        number, unit = number / 1000, unit + 1
    return f"{number:.1f} {UNITS[unit]}" if unit else f"{size} bytes"


def answer(argv: list[str], text: str, environment: "Mapping[str, str]") -> dict[str, object]:
    """Return what the program says of one database; nothing when it was ended before it had an answer."""
    import subprocess
    from signal import SIGALRM

    try:
        done = subprocess.run(
            argv, input=text, stdout=subprocess.PIPE, env=environment, encoding="utf-8", check=False
        )
    except OSError as error:
        return {"error": f"{argv[0]}: it cannot be started ({(error.strerror or '').lower()})"}
    if done.returncode == -SIGALRM:
        return {}
    try:
        facts = jsonc.value(done.stdout)
    except UnreadableError:
        facts = {}
    if isinstance(facts, dict) and facts:
        return facts
    return {"error": f"{argv[0]}: it has ended with code {done.returncode}, and without an answer"}
