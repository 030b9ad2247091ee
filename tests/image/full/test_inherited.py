"""Full is default and a little more: why tests with the mark `inherited` are not repeated on it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import docker
import pytest

from builder.engine.client import Engine
from builder.engine.saved import saved
from builder.hashing import stream_hash
from builder.image import layers
from builder.spec import labels

ADDED = (
    r"etc/(odbc(inst)?\.ini|ODBCDataSources)",
    r"opt/microsoft(/.*)?|opt",
    r"usr/bin/(isql|iusql|odbcinst)",
    r"usr/lib/[^/]+/libodbcinst\.so\.2(\.0\.0)?",
    r"usr/share/doc/(libodbcinst2|msodbcsql18|odbcinst|unixodbc|unixodbc-common)(/.*)?",
    r"usr/share/orthanc/left-out/full",
    r"var/lib/dpkg/info/(libodbcinst2|odbcinst|unixodbc|unixodbc-common)[:.].*",
)
"""All that full adds: the driver of SQL Server, and unixODBC, which only the tests of ODBC read."""

LISTS: dict[str, Callable[[bytes], set[str]]] = {
    "etc/ld.so.cache": lambda text: {*re.findall(r"/usr/[\w./+-]+", text.decode("latin-1"))},
    "usr/share/orthanc/components.json": lambda text: {
        json.dumps(one) for one in json.loads(text)["components"]
    },
    "var/lib/dpkg/status": lambda text: {*text.decode().strip().split("\n\n")},
}
"""What full has an edition of its own of, and the entries of that."""


class Content(NamedTuple):
    """What an image holds at a path: mode, owner, target of a link, and a hash; of a list, the bytes."""

    mode: int
    owner: tuple[int, int]
    target: str
    digest: str
    list: bytes


Files = dict[str, Content]


@pytest.fixture(scope="module")
def below(request: pytest.FixtureRequest) -> str:
    """Return the image that the one under test extends, which has just been tested."""
    name = request.config.getoption("--extends")
    if not name:
        pytest.skip("nothing is left to the tests of default in this run")
    return str(name)


@pytest.fixture(scope="module")
def files(engine: Engine, image: str, below: str) -> Files:
    """Return what the image under test holds."""
    assert below
    return dict(held(engine, image))


@pytest.fixture(scope="module")
def before(engine: Engine, below: str) -> Files:
    """Return what the image below holds."""
    return dict(held(engine, below))


def held(engine: Engine, image: str) -> Iterator[tuple[str, Content]]:
    """Yield what each layer of an image holds, the lowest first, with marks for what it deletes."""
    with saved(engine, image) as found:
        for name in found.layers:
            with found.opened(name) as source, layers.opened(source) as archive:
                for entry in archive:
                    file = archive.extractfile(entry) if entry.isreg() or entry.islnk() else None
                    listed = file.read() if file and entry.name in LISTS else b""
                    digest = stream_hash(file) if file and not listed else ""
                    owner = (entry.uid, entry.gid)
                    yield entry.name, Content(entry.mode, owner, entry.linkname, digest, listed)


def test_nothing_of_default_is_changed(files: Files, before: Files) -> None:
    """Every file and folder of default is in full, to the byte, but for three lists."""
    changed = {name for name, content in before.items() if files.get(name) != content}
    assert changed == set(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_full_has_all_that_it_had(files: Files, before: Files, name: str) -> None:
    """Full's own entries come on top of those of default, but for libraries that default has left out."""
    earlier, now = (LISTS[name](one[name].list) for one in (before, files))
    absent = {one for one in earlier if one.startswith("/") and one.removeprefix("/") not in before}
    assert len(earlier - absent) > 20
    assert earlier - absent < now


def test_what_is_added_is_nothing_that_other_tests_read(files: Files, before: Files) -> None:
    """Neither settings, plugins nor Python packages; and nothing is deleted, which would be an entry too."""
    added = files.keys() - before.keys()
    assert sorted(name for name in added if not any(re.fullmatch(one, name) for one in ADDED)) == []
    assert [one for one in ADDED if not any(re.fullmatch(one, name) for name in added)] == []


def test_a_container_of_full_starts_as_one_of_default(
    client: docker.DockerClient, image: str, below: str
) -> None:
    """The same user, entry point, variables, ports, probe and signal: only the labels differ."""
    first, second = (dict(client.images.get(name).attrs["Config"]) for name in (below, image))
    assert first.pop("Labels")[labels.VARIANT] == "default"
    assert second.pop("Labels")[labels.VARIANT] == "full"
    assert first == second
