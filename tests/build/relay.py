"""A port of this machine that leads to the BuildKit inside a Docker engine, as buildkitd would offer it."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path

UPGRADE = b"POST /grpc HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"


class Relay:
    """Takes connections on the loopback, and asks the engine for BuildKit's own protocol on each."""

    def __init__(self, engine: Path) -> None:
        self._engine = engine
        self._server = socket.create_server(("127.0.0.1", 0))
        self.served = 0
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def address(self) -> str:
        """Return what the driver `remote` of buildx is to be given."""
        return f"tcp://127.0.0.1:{self._server.getsockname()[1]}"

    def close(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for one
        self._server.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                self.served += 1
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as engine, contextlib.suppress(OSError):
            engine.connect(str(self._engine))
            engine.sendall(UPGRADE)
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                more = engine.recv(1)
                if not more:
                    return
                head += more
            if head.startswith(b"HTTP/1.1 101 "):
                back = threading.Thread(target=_copy, args=(engine, client), daemon=True)
                back.start()
                _copy(client, engine)
                back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes from one side until that ends, and then end the other."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
