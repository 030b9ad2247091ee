"""The ports that Orthanc listens to: two servers cannot share one, and low ones need a right."""

import os

from startup import names
from startup.catalogue import Catalogue
from startup.errors import Finding, problem
from startup.merge import Merged, at

UNPRIVILEGED = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
STATUS = "/proc/self/status"
BIND = 1 << 10
"""CAP_NET_BIND_SERVICE of capabilities(7)."""

SERVERS = (("HttpPort", "HttpServerEnabled", 8042), ("DicomPort", "DicomServerEnabled", 4242))


def findings(merged: Merged, catalogue: Catalogue, root: str) -> list[Finding]:
    """Return the problems of the ports of the servers that are on."""
    used = {}
    for key, switch, default in SERVERS:
        value = at(merged.tree, (key,))
        port = default if value is None else value
        if at(merged.tree, (switch,)) is not False and isinstance(port, int):
            used[key] = port
    return shared(used, merged, catalogue) + low(used, merged, catalogue, root)


def shared(used: dict[str, int], merged: Merged, catalogue: Catalogue) -> list[Finding]:
    """Return the problem of HTTP and DICOM on one port."""
    if len(used) < 2 or len(set(used.values())) == 2:
        return []
    where = merged.origin(("DicomPort",)) or merged.origin(("HttpPort",))
    variables = " or ".join(names.variable((key,), catalogue) for key in used)
    what = f"HttpPort and DicomPort are both {used['HttpPort']}"
    return [problem(where, what, f"Set {variables} to another port.")]


def low(used: dict[str, int], merged: Merged, catalogue: Catalogue, root: str) -> list[Finding]:
    """Return the problems of ports that the current user must not listen to."""
    first = number(root + UNPRIVILEGED)
    if first is None or not any(0 < port < first for port in used.values()) or may_bind(root):
        return []
    usual = {key: default for key, _, default in SERVERS}
    return [
        problem(
            merged.origin((key,)) or names.variable((key,), catalogue),
            f"'{key}' is {port}, and the user {os.getuid()} must not listen below {first} here",
            f"Publish another one under that number (docker run -p {port}:{usual[key]} …),"
            " or run with --sysctl net.ipv4.ip_unprivileged_port_start=0.",
        )
        for key, port in used.items()
        if 0 < port < first
    ]


def number(path: str) -> int | None:
    """Return the number in a file; None where it cannot be read."""
    try:
        with open(path, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return None


def may_bind(root: str) -> bool:
    """Tell whether Orthanc will have the capability to listen to low ports once it is started.

    A program that root starts keeps what is effective; that of another user has what is ambient.
    """
    wanted = "CapEff:" if os.getuid() == 0 else "CapAmb:"
    try:
        with open(root + STATUS, encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith(wanted):
                    return bool(int(line.split()[1], 16) & BIND)
    except OSError:
        pass
    return False
