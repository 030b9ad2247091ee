"""The databases that Orthanc is tried with: how its settings name them, and how a test gets one."""

from __future__ import annotations

import json
import secrets
import time
from typing import Any, NamedTuple

from harness.containers import Orthanc
from services.running import Service

DATA = "/var/lib/orthanc/db"


class DatabaseKind(NamedTuple):
    """A database: its service (none where it is a file), its section of the settings, and the plugins' names.

    `driver` is the ODBC driver by which it is reached.
    """

    stage: str
    section: str
    user: str
    plugins: tuple[str, str]
    driver: str = ""

    @property
    def title(self) -> str:
        """Return the section's name in configuration files."""
        return {"POSTGRESQL": "PostgreSQL", "MYSQL": "MySQL", "ODBC": "Odbc"}[self.section]

    @property
    def odbc(self) -> bool:
        """Tell whether Orthanc needs the image with the drivers of ODBC."""
        return bool(self.driver)


ODBC = ("odbc-index", "odbc-storage")
KINDS = {
    "PostgreSQL": DatabaseKind(
        "postgresql", "POSTGRESQL", "postgres", ("postgresql-index", "postgresql-storage")
    ),
    "MySQL": DatabaseKind("mariadb", "MYSQL", "orthanc", ("mysql-index", "mysql-storage")),
    "Odbc on PostgreSQL": DatabaseKind("postgresql", "ODBC", "postgres", ODBC, "PostgreSQL Unicode"),
    "Odbc on MariaDB": DatabaseKind("mariadb", "ODBC", "orthanc", ODBC, "MariaDB Unicode"),
    "Odbc on SQLite": DatabaseKind("", "ODBC", "", ODBC, "SQLite3"),
}
SERVERS = {name: kind for name, kind in KINDS.items() if kind.stage}
"""Those that several servers of Orthanc can share."""


def settings(
    kind: DatabaseKind,
    host: str,
    *,
    storage: bool = False,
    user: str = "",
    password: str = "",
    database: str = "",
) -> dict[str, str]:
    """Return the variables with which Orthanc uses a database."""
    prefix, name = f"ORTHANC__{kind.section}__", database or kind.user
    common = {f"{prefix}ENABLE_STORAGE": str(storage).lower(), "DICOM_WEB_PLUGIN_ENABLED": "true"}
    if kind.odbc:
        text = connection(kind, host, user=user, password=password, database=database)
        return {
            **common,
            f"{prefix}INDEX_CONNECTION_STRING": text,
            f"{prefix}STORAGE_CONNECTION_STRING": text,
        }
    if kind.section == "POSTGRESQL":  # two servers with 50 connections each are more than it takes by default
        common[f"{prefix}USE_DYNAMIC_CONNECTION_POOL"] = "true"
    return {
        **common,
        f"{prefix}HOST": host,
        f"{prefix}DATABASE": name,
        f"{prefix}USERNAME": user or kind.user,
        f"{prefix}PASSWORD": password or kind.user,
    }


def connection(
    kind: DatabaseKind, host: str, *, user: str = "", password: str = "", database: str = ""
) -> str:
    """Return the connection string of ODBC for a database."""
    words = {"Driver": f"{{{kind.driver}}}"}
    if kind.stage:
        words |= {"Server": host, "Database": database or kind.user}
        words |= {"UID": user or kind.user, "PWD": password or kind.user}
    else:
        words |= {"Database": f"{DATA}/{database or 'odbc'}.db"}
    return ";".join(f"{name}={value}" for name, value in words.items())


def sql(service: Service, statement: str, database: str = "") -> list[list[str]]:
    """Run a statement in a database server, as its greatest user, and return the rows as texts."""
    if service.kind.port == 5432:
        given = ["psql", "--no-psqlrc", "-At", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-U", "postgres"]
        given += ["-d", database or "postgres", "-c", statement]
    else:
        given = ["mariadb", "--batch", "--skip-column-names", "-uorthanc", "-porthanc", "-h127.0.0.1"]
        given += [database or "orthanc", "-e", statement]
    done = service.run(*given)
    assert done.code == 0, done.stderr + done.stdout
    return [line.split("\t") for line in done.stdout.splitlines()]


def fresh(service: Service) -> str:
    """Return the name of a new, empty database of the server."""
    name = f"t{secrets.token_hex(4)}"
    utf8 = "" if service.kind.port == 5432 else " CHARACTER SET utf8mb4"
    sql(service, f"CREATE DATABASE {name}{utf8}")
    return name


def eventually(server: Orthanc, timeout: float = 90) -> bool:
    """Tell whether the server answers from its index in time; it is started again if it ended."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        try:
            if not server.running:
                server.container.start()
                server.container.reload()
            if server.get("/statistics", timeout=10).status_code == 200:
                return True
        except Exception:  # it is on its way
            server.container.reload()
        time.sleep(0.2)
    return False


def listed(value: Any) -> str:
    """Return a setting's value as a variable has it."""
    return json.dumps(value)
