"""A database that Orthanc cannot use ends the start with one sentence that names the setting."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import docker
import pytest

from harness.containers import Orthanc
from services import running
from services.fixtures import Services, Tool
from services.running import Service
from tests.image.conftest import Start
from tests.system.conftest import Figure
from tests.system.databases import SERVERS, DatabaseKind, fresh, settings, sql

SECRET = "not-the-password"


class Trouble(NamedTuple):
    """What is wrong: what is done to a database of the server before the start, by the name of the database.

    It returns what Orthanc is told in another way than it should be. `used` tells whether Orthanc has used
    the database before.
    """

    act: Callable[[Service, str, bool], dict[str, str]]
    used: bool = False


def wrongly_told(_service: Service, _database: str, _odbc: bool) -> dict[str, str]:
    """Leave the database alone, and tell another password."""
    return {"password": SECRET}


def misnamed(_service: Service, _database: str, _odbc: bool) -> dict[str, str]:
    """Leave the database alone, and name another one, which is not there."""
    return {"database": "nowhere"}


def weakened(service: Service, database: str, _odbc: bool) -> dict[str, str]:
    """Make a user who may connect, and not make tables."""
    user = f"weak{database}"
    if service.kind.port == 5432:
        sql(service, f"CREATE USER {user} PASSWORD 'weak'")
    else:
        sql(service, f"CREATE USER {user}@'%' IDENTIFIED BY 'weak'")
        sql(service, f"GRANT SELECT ON {database}.* TO {user}@'%'")
    return {"user": user, "password": "weak"}


def western(service: Service, database: str, _odbc: bool) -> dict[str, str]:
    """Make a database that has no room for most of the world's letters."""
    sql(service, f"CREATE DATABASE western{database} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    return {"database": f"western{database}"}


def without_a_column(service: Service, database: str, _odbc: bool) -> dict[str, str]:
    """Take away a column that the plugin needs."""
    sql(service, "ALTER TABLE AttachedFiles DROP COLUMN uncompressedHash", database)
    return {}


def without_a_table(service: Service, database: str, _odbc: bool) -> dict[str, str]:
    """Take away a table that the plugin needs."""
    sql(service, "DROP TABLE ServerProperties", database)
    return {}


def newer(service: Service, database: str, odbc: bool) -> dict[str, str]:
    """Write the revision that a plugin of the future may have."""
    number = 1 if odbc else 4  # the plugin Odbc of others has no revision, only a version
    sql(service, f"UPDATE GlobalProperties SET value = '99' WHERE property = {number}", database)
    return {}


TROUBLES = {
    "wrong password": Trouble(wrongly_told),
    "no such database": Trouble(misnamed),
    "no rights": Trouble(weakened),
    "wrong encoding": Trouble(western),
    "a missing column": Trouble(without_a_column, used=True),
    "a missing table": Trouble(without_a_table, used=True),
    "a newer revision": Trouble(newer, used=True),
}


def cases() -> list[tuple[str, str]]:
    """Return each trouble of each database; only PostgreSQL has databases of other encodings."""
    return [
        (name, trouble)
        for name, kind in SERVERS.items()
        for trouble in TROUBLES
        if trouble != "wrong encoding" or kind.stage == "postgresql"
    ]


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("name", "trouble"), cases())
def test_refused(
    name: str,
    trouble: str,
    services: Services,
    start: Start,
    tool: Tool,
    client: docker.DockerClient,
    network: str,
    figure: Figure,
) -> None:
    """Orthanc ends, and its log has one sentence that names the setting, and no secret."""
    kind, case = SERVERS[name], TROUBLES[trouble]
    service = services(kind.stage)
    database = fresh(service)
    options = {**running.on(client, network), **({"image": tool("odbc")} if kind.odbc else {})}
    if case.used:
        first: Orthanc = start(settings(kind, service.name, database=database), timeout=60, **options)
        first.stop()
    told = {"database": database, **case.act(service, database, kind.odbc)}
    server = start(wrong(kind, service.name, told), wait=False, **options)
    assert server.wait_for_exit(90) not in (0, 137, 139)
    log = server.logs()
    said = re.findall(rf"\.cc:\d+\] ({kind.title}(?:\.\w+)?(?:(?:,| and) {kind.title}\.\w+)*: [^\n]+)", log)
    said = [one for one in said if "Trying again" not in one]
    assert len(set(said)) == 1, "\n".join(said) or log[-3000:]
    assert case.used or said[0].startswith(f"{kind.title}."), said
    assert SECRET not in log
    figure("said", said[0])


def wrong(kind: DatabaseKind, host: str, told: dict[str, str]) -> dict[str, str]:
    """Return the variables of a set-up that does not work, and that does not wait for long."""
    given = settings(
        kind,
        host,
        password=told.get("password", ""),
        user=told.get("user", ""),
        database=told["database"],
    )
    prefix = f"ORTHANC__{kind.section}__"
    return {
        **given,
        f"{prefix}MAXIMUM_CONNECTION_RETRIES": "1",
        f"{prefix}CONNECTION_RETRY_INTERVAL": "1",
    }
