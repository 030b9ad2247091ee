"""What is wrong with ODBC connection strings, such as a driver that is not there, and connections in vain."""

import os

from startup.errors import Finding, problem, warning
from startup.merge import at
from startup.plugins import PLACEHOLDERS
from startup.suggest import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from startup.configured import Configured

INDEX = "IndexConnectionString"
STRINGS = (("EnableIndex", INDEX), ("EnableStorage", "StorageConnectionString"))
SOURCES = ("dsn", "filedsn")


class UnmatchedError(Exception):
    """A connection string with a brace that is opened and never closed."""


def findings(case: "Configured", environment: "Mapping[str, str]") -> list[Finding]:
    """Return the problems of the connection strings that the plugin Odbc would use, without showing them."""
    found = []
    for switch, key in STRINGS:
        path = ("Odbc", key)
        text = at(case.tree, path)
        if case.on("Odbc", switch) and isinstance(text, str) and text not in PLACEHOLDERS:
            found += [problem(case.place(path), *each) for each in wrong(text, case.root, environment)]
            found += crowded(case, text) if key == INDEX else []
    return found


def crowded(case: "Configured", text: str) -> list[Finding]:
    """Return a warning about more connections than one to an SQLite index, which gains nothing from them."""
    path = ("Odbc", "IndexConnectionsCount")
    count = at(case.tree, path)
    try:
        driver = attributes(text).get("driver", "")
    except UnmatchedError:
        return []
    if not isinstance(count, int) or count < 2 or "sqlite" not in driver.lower():
        return []
    what = f"{count} connections to an SQLite file are no quicker than one, as it has one writer"
    return [warning(case.place(path), what, "Leave it out.")]


def wrong(text: str, root: str, environment: "Mapping[str, str]") -> list[tuple[str, str]]:
    """Return what is wrong with a connection string, and what to do, if anything."""
    try:
        given = attributes(text)
    except UnmatchedError:
        return [("a brace { of the connection string is never closed", "Close it with }.")]
    driver = given.get("driver", "")
    if driver:
        return lost(driver, root, environment)
    if any(given.get(key) for key in SOURCES):
        return []
    how = "Begin it with Driver={ODBC Driver 18 for SQL Server}, for example."
    return [("the connection string names neither a Driver nor a DSN", how)]


def lost(driver: str, root: str, environment: "Mapping[str, str]") -> list[tuple[str, str]]:
    """Return what is wrong with a driver given by name or path, and what to do, if anything."""
    if "/" in driver:
        if os.path.isfile(root + driver):
            return []
        return [(f"the ODBC driver {driver} does not exist", "Mount it, or correct the path.")]
    file = registry(environment)
    known = drivers(root + file)
    if driver.lower() in [name.lower() for name in known]:
        return []
    return [(f"the ODBC driver '{driver}' is not registered in {file}", remedy(driver, known))]


def remedy(driver: str, known: list[str]) -> str:
    """Return the driver that is most likely meant, or all that there are."""
    if not known:
        return "None is registered: use an image that has one, such as the variant full, or register yours."
    near = nearest(driver, known) or (known[0] if len(known) == 1 else "")
    return f"Did you mean '{near}'?" if near else f"Registered are: {', '.join(known)}."


def registry(environment: "Mapping[str, str]") -> str:
    """Return the file in which unixODBC looks for drivers."""
    folder = environment.get("ODBCSYSINI") or "/etc"
    return os.path.join(folder, environment.get("ODBCINSTINI") or "odbcinst.ini")


def drivers(path: str) -> list[str]:
    """Return the names of the drivers that a file registers; none where it is not there."""
    if not os.path.isfile(path):
        return []
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = [line.strip() for line in file]
    names = [line[1:-1].strip() for line in lines if line.startswith("[") and line.endswith("]")]
    return [name for name in names if name.upper() != "ODBC"]


def attributes(text: str) -> dict[str, str]:
    """Return the attributes of a connection string by their names in lower case; the first of each counts.

    A value between braces may hold anything, and a closing brace twice. Raise UnmatchedError without one.
    """
    found: dict[str, str] = {}
    while text:
        key, _, text = text.lstrip("; \t\n").partition("=")
        value, text = braced(text.lstrip()[1:]) if text.lstrip().startswith("{") else plain(text)
        if key.strip():
            found.setdefault(key.strip().lower(), value)
    return found


def plain(text: str) -> tuple[str, str]:
    """Return a value without braces, and what follows it."""
    value, _, rest = text.partition(";")
    return value.strip(), rest


def braced(text: str) -> tuple[str, str]:
    """Return a value whose opening brace has been read, and what follows it; raise UnmatchedError."""
    value = ""
    while True:
        part, brace, text = text.partition("}")
        if not brace:
            raise UnmatchedError
        if not text.startswith("}"):
            return value + part, text.partition(";")[2]
        value, text = value + part + "}", text[1:]
