"""What the image says of a database before Orthanc uses it: `config check --connect`."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from harness.peers import bridge
from services import running
from services.fixtures import Serve
from tests.image.common import mysql
from tests.image.conftest import Run, Start

pytestmark = pytest.mark.inherited

DATABASES = {
    "PostgreSQL": ("postgresql", "postgres", "PostgreSQL 18", 10),
    "MySQL": ("mariadb", "orthanc", "MariaDB 11", 8),
}
"""Service, user (and password and database), server and newest revision of the schema."""


def variables(plugin: str, host: str, **more: str) -> dict[str, str]:
    """Return the variables for index and files in a database on a host."""
    _, user, _, _ = DATABASES[plugin]
    prefix = f"ORTHANC__{plugin.upper()}__"
    given = {
        "HOST": host,
        "DATABASE": user,
        "USERNAME": user,
        "PASSWORD": user,
        "ENABLE_STORAGE": "true",
        **more,
    }
    return {"ORTHANC_PASSWORD": "only-for-tests", **{prefix + name: text for name, text in given.items()}}


@pytest.mark.parametrize("plugin", DATABASES)
def test_a_database_is_described_before_and_after_the_first_start(
    plugin: str, run: Run, start: Start, serve: Serve, client: Any, network: str
) -> None:
    """Nothing is made by asking; afterwards version and revision are those of the newest official plugin."""
    stage, _, version, revision = DATABASES[plugin]
    place = {"environment": variables(plugin, serve(stage).name), **running.on(client, network)}
    for _ in range(2):
        said = run("config", "check", "--connect", **place)
        assert (said.code, said.stderr) == (0, "")
        index, storage, closing = said.stdout.splitlines()
        new = "; the tables are not there yet, and a start makes them; the database has "
        assert (index.startswith(f"{plugin}, index: {version}"), new in index) == (True, True), index
        assert (storage.startswith(f"{plugin}, storage: {version}"), new in storage) == (True, True), storage
        assert closing == "The configuration is fine."
    server = start(place.pop("environment"), timeout=60, **place)
    assert set(server.json("/plugins")) > {f"{plugin.lower()}-index", f"{plugin.lower()}-storage"}
    said = server.run("config", "check", "--connect")
    assert (said.code, said.stderr) == (0, "")
    index, storage, _ = said.stdout.splitlines()
    assert f" answers; the schema has version 6, revision {revision}; the database has " in index
    assert " answers; the database has " in storage


def test_a_wrong_password_is_a_sentence_and_stays_secret(
    run: Run, serve: Serve, client: Any, network: str
) -> None:
    """What the server says, the setting, and never the password."""
    place = variables("PostgreSQL", serve("postgresql").name, PASSWORD="s3cr3t-word")
    said = run("config", "check", "--connect", environment=place, **running.on(client, network))
    assert said.code == 78
    assert "PostgreSQL.Password" in said.stderr
    assert "s3cr3t-word" not in said.stdout + said.stderr


def test_users_of_mysql_8_sign_in(run: Run, client: Any) -> None:
    """The image has what passwords of MySQL 8 need, also where nothing is encrypted but the password."""
    with socket.create_server((bridge(client), 0)) as listening, ThreadPoolExecutor(1) as aside:
        host, port = listening.getsockname()
        told = aside.submit(mysql.password, listening)
        place = variables("MySQL", host, PORT=str(port), PASSWORD="s3cr3t-word", ENABLE_STORAGE="false")
        said = run("config", "check", "--connect", environment=place)
    assert told.result() == (True, "s3cr3t-word")
    assert said.code == 78
    assert "MySQL.Username, MySQL.Password: the server does not let the user" in said.stderr


@pytest.mark.timeout(120)
def test_a_server_that_says_nothing_is_not_waited_for_for_long(run: Run, client: Any) -> None:
    """Something listens there and never answers."""
    with socket.create_server((bridge(client), 0)) as listening:
        host, port = listening.getsockname()
        place = variables("PostgreSQL", host, PORT=str(port), ENABLE_STORAGE="false")
        begun = time.monotonic()
        said = run("config", "check", "--connect", environment=place)
    assert said.code == 78
    assert time.monotonic() - begun < 60
    assert said.stderr.startswith("PostgreSQL")
