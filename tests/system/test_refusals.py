"""A database that Orthanc cannot use ends the start with one sentence that names the setting."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import docker
import pytest

from harness.containers import Orthanc
from services import running
from services.fixtures import Serve, Tool
from services.running import Service
from tests.image.conftest import Start
from tests.system.conftest import Figure
from tests.system.databases import SERVERS, DatabaseKind, settings, sql

SECRET = "not-the-password"


class Trouble(NamedTuple):
    """What is wrong: what happens to the database before the start, and how Orthanc is set up.

    `used` tells whether Orthanc has used the database before.
    """

    act: Callable[[Service, bool], None]
    used: bool = False
    database: str = ""
    user: str = ""
    password: str = ""


def nothing(_database: Service, _odbc: bool) -> None:
    """Leave the database alone."""


def weakened(database: Service, _odbc: bool) -> None:
    """Make a user who may connect, and not make tables."""
    if database.kind.port == 5432:
        sql(database, "CREATE USER weak PASSWORD 'weak'")
    else:
        sql(database, "CREATE USER weak@'%' IDENTIFIED BY 'weak'")
        sql(database, "GRANT SELECT ON orthanc.* TO weak@'%'")


def western(database: Service, _odbc: bool) -> None:
    """Make a database that has no room for most of the world's letters."""
    sql(database, "CREATE DATABASE western ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")


def without_a_column(database: Service, _odbc: bool) -> None:
    """Take away a column that the plugin needs."""
    sql(database, "ALTER TABLE AttachedFiles DROP COLUMN uncompressedHash")


def without_a_table(database: Service, _odbc: bool) -> None:
    """Take away a table that the plugin needs."""
    sql(database, "DROP TABLE ServerProperties")


def newer(database: Service, odbc: bool) -> None:
    """Write the revision that a plugin of the future may have."""
    number = 1 if odbc else 4  # the plugin Odbc of others has no revision, only a version
    sql(database, f"UPDATE GlobalProperties SET value = '99' WHERE property = {number}")


TROUBLES = {
    "wrong password": Trouble(nothing, password=SECRET),
    "no such database": Trouble(nothing, database="nowhere"),
    "no rights": Trouble(weakened, user="weak", password="weak"),
    "wrong encoding": Trouble(western, database="western"),
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
    serve: Serve,
    start: Start,
    tool: Tool,
    client: docker.DockerClient,
    network: str,
    figure: Figure,
) -> None:
    """Orthanc ends, and its log has one sentence that names the setting, and no secret."""
    kind, case = SERVERS[name], TROUBLES[trouble]
    database = serve(kind.stage)
    options = {**running.on(client, network), **({"image": tool("odbc")} if kind.odbc else {})}
    if case.used:
        first: Orthanc = start(settings(kind, database.name), timeout=60, **options)
        first.stop()
    case.act(database, kind.odbc)
    server = start(wrong(kind, database.name, case), wait=False, **options)
    assert server.wait_for_exit(90) not in (0, 137, 139)
    log = server.logs()
    said = re.findall(rf"\.cc:\d+\] ({kind.title}(?:\.\w+)?(?:(?:,| and) {kind.title}\.\w+)*: [^\n]+)", log)
    said = [one for one in said if "Trying again" not in one]
    assert len(set(said)) == 1, "\n".join(said) or log[-3000:]
    assert case.used or said[0].startswith(f"{kind.title}."), said
    assert SECRET not in log
    figure("said", said[0])


def wrong(kind: DatabaseKind, host: str, case: Trouble) -> dict[str, str]:
    """Return the variables of a set-up that does not work, and that does not wait for long."""
    given = settings(kind, host, password=case.password, database=case.database, user=case.user)
    prefix = f"ORTHANC__{kind.section}__"
    return {
        **given,
        f"{prefix}MAXIMUM_CONNECTION_RETRIES": "1",
        f"{prefix}CONNECTION_RETRY_INTERVAL": "1",
    }
