"""The host id: four bytes in /etc/hostid, which DCMTK puts into the identifiers that it makes.

Without that file the C library asks a name server, which can take 40 s for each identifier.
"""

import os

from startup.convert import boolean
from startup.errors import Finding, UnconvertibleError, problem, warning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "/etc/hostid"
LENGTH = 4
FORCE = "FORCE_HOST_ID"
GENERATE = "GENERATE_HOST_ID_IF_MISSING"


def wanted(environment: "Mapping[str, str]") -> tuple[bytes | None, list[Finding]]:
    """Return the forced host id as the bytes that gethostid reads, or None; and the problems with it."""
    text = environment.get(FORCE, "").strip().lower().removeprefix("0x")
    if not text:
        return None, []
    if len(text) > 2 * LENGTH or not all(c in "0123456789abcdef" for c in text):
        what = f"'{environment[FORCE]}' is not a host id"
        return None, [problem(FORCE, what, "Write one to eight hexadecimal digits.")]
    return int(text, 16).to_bytes(LENGTH, "little"), []


def generates(environment: "Mapping[str, str]") -> bool:
    """Tell whether a missing host id is to be generated."""
    try:
        return boolean(environment.get(GENERATE) or "true")
    except UnconvertibleError:
        return False


def settled(environment: "Mapping[str, str]", root: str) -> list[Finding]:
    """Write the host id if it is forced or missing; return what prevented that."""
    identifier, findings = wanted(environment)
    if identifier is None:
        if findings or not generates(environment) or exists(root + FILE):
            return findings
        identifier = os.urandom(LENGTH)
    try:
        put(root + FILE, identifier)
    except OSError as error:
        reason = (error.strerror or "").lower()
        if forced := environment.get(FORCE):
            how = "Run the container with a file system that can be written, or mount this file."
            return [problem(FORCE, f"the host id {forced} cannot be written to {FILE} ({reason})", how)]
        how = f"Mount a file of {LENGTH} bytes there, or set {GENERATE}=false if name look-ups are fast."
        return [warning(FILE, f"it is missing and cannot be written ({reason})", how)]
    return []


def exists(path: str) -> bool:
    """Tell whether there is a host id that gethostid will read."""
    try:
        with open(path, "rb") as file:
            return len(file.read(LENGTH)) == LENGTH
    except OSError:
        return False


def put(path: str, identifier: bytes) -> None:
    """Write the host id, through a link if the file is one."""
    with open(path, "wb") as file:
        file.write(identifier)
