"""unixODBC and the Microsoft ODBC driver for SQL Server."""

from __future__ import annotations

import configparser
import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from testinfra.host import Host

from harness import peers
from harness.containers import HOST
from tests.image.conftest import Run

DRIVER = "ODBC Driver 18 for SQL Server"
PLACE = "/opt/microsoft/msodbcsql18"
PRELOGIN = 0x12
"""The first byte of the first packet of a client of SQL Server ([MS-TDS] 2.2.3.1.1)."""


class Listener:
    """A port that keeps the first packet of each client and hangs up."""

    def __init__(self, address: str) -> None:
        self.packets: list[bytes] = []
        self.socket = socket.create_server((address, 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self) -> None:
        """Keep packets until the socket is closed."""
        while True:
            try:
                link, _ = self.socket.accept()
            except OSError:
                return
            with link, contextlib.suppress(OSError):
                link.settimeout(10)
                self.packets.append(link.recv(4096))


@pytest.fixture
def listener(client: Any) -> Iterator[Listener]:
    """Yield a port of this machine that stands where SQL Server would be."""
    listening = Listener(peers.bridge(client))
    yield listening
    listening.socket.shutdown(socket.SHUT_RDWR)
    listening.socket.close()
    listening.thread.join(timeout=5)


def registered(host: Host) -> configparser.RawConfigParser:
    """Return the drivers that unixODBC knows."""
    parser = configparser.RawConfigParser()
    parser.read_string(host.file("/etc/odbcinst.ini").content_string)
    return parser


def library(host: Host) -> str:
    """Return the driver's library, as odbcinst.ini names it."""
    return registered(host)[DRIVER]["Driver"]


def test_driver_manager_knows_the_driver(host: Host) -> None:
    """The driver manager lists the driver under the name that connection strings use, and no other driver."""
    code = (
        "import ctypes; names = ctypes.create_string_buffer(4096); size = ctypes.c_ushort();"
        "library = ctypes.CDLL('libodbcinst.so.2');"
        "assert library.SQLGetInstalledDrivers(names, 4096, ctypes.byref(size));"
        "print(names.raw[:size.value].decode().split(chr(0))[:-1])"
    )
    assert f"[{DRIVER!r}]" == host.check_output("python3 -c %s", code)
    assert registered(host).sections() == [DRIVER]


def test_driver_is_at_its_standard_place(host: Host) -> None:
    """The registered library lies where Microsoft's own package puts it, and only root can change it."""
    path = library(host)
    assert path.startswith(f"{PLACE}/lib64/libmsodbcsql-18.")
    file = host.file(path)
    assert file.is_file
    assert (file.user, file.mode & 0o022) == ("root", 0)


def test_driver_finds_its_libraries(host: Host) -> None:
    """Each dependency of the driver is in the image."""
    said = host.run("ldd -r %s", library(host))
    assert said.rc == 0
    assert "not found" not in said.stdout
    assert "undefined symbol" not in said.stderr


def test_driver_finds_its_messages(host: Host) -> None:
    """The resource file with the driver's texts lies where the driver looks for it."""
    assert host.file(f"{PLACE}/share/resources/en_US/msodbcsqlr18.rll").is_file


def test_licence_is_there(host: Host) -> None:
    """The licence terms of the driver are in the image, readable by everyone."""
    (licence,) = host.check_output(
        f"find {PLACE} /usr/share/doc/msodbcsql18 -iname '*licen*' -type f"
    ).split()
    text = host.file(licence).content_string
    assert "MICROSOFT" in text
    assert "ODBC DRIVER" in text.upper()


def test_driver_is_a_component_with_a_version(contents: dict[str, Any]) -> None:
    """components.json says which release of the driver it is."""
    versions = {each["name"]: each["version"] for each in contents["components"]}
    assert versions["msodbcsql18"].startswith("18.")
    assert versions["unixodbc"]


def isql(run: Run, port: int, *, encrypt: str = "no", **options: Any) -> str:
    """Return all that isql says while it tries to reach a SQL Server at this port of our machine."""
    server = f"SERVER=tcp:{HOST},{port};UID=sa;PWD=secret"
    connection = f"DRIVER={{{DRIVER}}};{server};Encrypt={encrypt};LoginTimeout=5"
    said = run("isql", "-v", "-k", connection, **options)
    assert said.code != 0
    return said.stdout + said.stderr


def test_driver_loads_and_talks_to_a_server(run: Run, listener: Listener) -> None:
    """The driver, loaded by isql, opens the pre-login of SQL Server and says in words that nobody answers."""
    said = isql(run, listener.port)
    assert listener.packets, said
    assert listener.packets[0][0] == PRELOGIN
    assert f"[Microsoft][{DRIVER}]" in said
    assert "Can't open lib" not in said


def encryption(packet: bytes) -> int:
    """Return what a pre-login says of encryption: 0 for the login only, 1 for all ([MS-TDS] 2.2.6.5)."""
    payload = packet[8:]
    for place in range(0, len(payload), 5):
        if payload[place] == 1:
            return payload[int.from_bytes(payload[place + 1 : place + 3], "big")]
    raise AssertionError(f"no option of encryption in {packet!r}")


@pytest.mark.parametrize(("encrypt", "asked"), [("no", 0), ("yes", 1)])
def test_pre_login_offers_tls(run: Run, listener: Listener, encrypt: str, asked: int) -> None:
    """The driver offers TLS in the pre-login, for the login alone or for all, as the string says."""
    isql(run, listener.port, encrypt=encrypt)
    assert encryption(listener.packets[0]) == asked


def test_strict_encryption_begins_with_tls(run: Run, listener: Listener) -> None:
    """With Encrypt=strict (TDS 8) the first bytes are those of a TLS handshake, before any pre-login."""
    isql(run, listener.port, encrypt="strict")
    assert listener.packets[0][:2] == bytes((0x16, 3))


def test_driver_works_with_a_read_only_root(run: Run, listener: Listener) -> None:
    """The driver needs to write nowhere, and no right."""
    isql(run, listener.port, read_only=True, cap_drop=["ALL"], user="12345:0")
    assert listener.packets[0][0] == PRELOGIN
