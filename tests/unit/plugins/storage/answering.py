"""A store that gives one answer to everything, and keeps what it was asked."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Answering:
    """What is answered, status by status (the last one again and again), and the requests that came."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.url = ""
        self.lacking = 0
        """How many bytes of each answer do not come before the connection ends."""

    def next(self) -> tuple[int, str]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def answering(*answers: tuple[int, str], tls: tuple[Path, Path] | None = None) -> Iterator[Answering]:
    """Have a store on a port of the loopback, which answers so; `tls` are its certificate and its key."""
    found = Answering(*answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            found.requests.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
            status, text = found.next()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text) + found.lacking))
            self.send_header("ETag", '"0"')
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(text.encode())
            self.close_connection = self.close_connection or found.lacking > 0

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer  # noqa: N815 # the names of http.server

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    found.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def error(code: str, message: str = "said the store") -> str:
    """An error as S3, Azure and Google write it."""
    return f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
