"""The health probe, against servers that answer, refuse, lie or keep silent."""

import contextlib
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from harness import certificates

ROOT = Path(__file__).parents[3]
PROBE = ROOT / "probes" / "test-aliveness.py"


def loaded() -> ModuleType:
    """Return the probe as a module."""
    module = ModuleType("aliveness")
    exec(compile(PROBE.read_text(), PROBE, "exec"), module.__dict__)
    return module


aliveness = loaded()

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Server:
    """A server on the loopback that gives one answer to each client, and keeps their questions."""

    def __init__(self, answer: bytes | None, context: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.context = context
        self.questions: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        """Answer until the listener is closed."""
        while not self.closing.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self.talk(connection)
                except (OSError, ssl.SSLError):
                    continue

    def talk(self, connection: socket.socket) -> None:
        """Hear one question and answer it; without an answer, wait until the server is closed."""
        stream = self.context.wrap_socket(connection, server_side=True) if self.context else connection
        self.questions.append(stream.recv(4096).decode("latin-1"))
        if self.answer is None:
            self.closing.wait(20)
        else:
            stream.sendall(self.answer)
            stream.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Stop serving."""
        self.closing.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)


Serve = Callable[..., Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers that end with the test."""
    servers: list[Server] = []

    def start(answer: bytes | None = OK, context: ssl.SSLContext | None = None) -> Server:
        servers.append(Server(answer, context))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


class Container:
    """A root folder with the configuration of a running Orthanc."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.capsys = capsys
        (root / "tmp").mkdir()

    def configure(self, **settings: Any) -> None:
        """Write the configuration."""
        (self.root / "tmp/orthanc.json").write_text(json.dumps(settings))

    def probe(self, *arguments: str) -> tuple[int, str]:
        """Return the exit code and the words of the probe."""
        code = aliveness.main(list(arguments), str(self.root))
        return code, self.capsys.readouterr().out.strip()


@pytest.fixture
def container(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Container:
    """Return a container without a configuration yet."""
    return Container(tmp_path, capsys)


def test_the_database_is_asked_with_the_configured_user(container: Container, serve: Serve) -> None:
    """The probe asks for the newest change, as the first user of the configuration."""
    server = serve()
    container.configure(HttpPort=server.port, RegisteredUsers={"a": "b:c", "d": "e"})
    assert container.probe() == (0, "Orthanc and its database answer")
    (question,) = server.questions
    assert question.splitlines() == [
        "GET /changes?last HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: close",
        "Authorization: Basic YTpiOmM=",
        "",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--user"], "--user: it needs a value"),
        (["--http_port", "80", "--pwd"], "--pwd: it needs a value"),
        (["--http_scheme", "ftp"], "--http_scheme: 'ftp' is neither http nor https"),
        (
            ["--http_scheme=https", "--certfile", "/no.pem"],
            "--certfile: /no.pem cannot be used ([Errno 2] No such file or directory)",
        ),
        (
            ["--http_scheme=https", "--certfile", "/no.pem", "--keyfile", "/k.pem"],
            "--certfile: /no.pem and /k.pem cannot be used ([Errno 2] No such file or directory)",
        ),
    ],
)
def test_options_that_make_no_sense_are_said(container: Container, arguments: list[str], said: str) -> None:
    """The reason is the option, not Orthanc."""
    container.configure(HttpPort=1)
    assert container.probe(*arguments) == (1, said)


def test_without_users_no_password_is_sent(container: Container, serve: Serve) -> None:
    """Where authentication is off, the question has no credentials."""
    server = serve()
    container.configure(HttpPort=server.port)
    assert container.probe()[0] == 0
    assert "Authorization" not in server.questions[0]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--user", "d"], "ZDpl"),
        (["--user=d", "--pwd=x"], "ZDp4"),
        (["--user", "z", "--pwd", "p"], "ejpw"),
        (["--user", "z"], "ejo="),
    ],
)
def test_the_user_can_be_given(
    container: Container, serve: Serve, arguments: list[str], expected: str
) -> None:
    """A user of the configuration needs no password on the command line."""
    server = serve()
    container.configure(HttpPort=server.port, RegisteredUsers={"a": "b", "d": "e"})
    assert container.probe(*arguments)[0] == 0
    assert f"Authorization: Basic {expected}" in server.questions[0]


def test_the_port_can_be_given(container: Container, serve: Serve) -> None:
    """The options go before the configuration."""
    server = serve()
    container.configure(HttpPort=1, SslEnabled=True)
    assert container.probe("--http_port", str(server.port), "--http_scheme", "http")[0] == 0


def test_w72_without_a_web_server_there_is_nothing_to_ask(container: Container) -> None:
    """A DICOM-only Orthanc is no failure."""
    container.configure(HttpServerEnabled=False)
    assert container.probe() == (0, "the HTTP server of Orthanc is off")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 500 Oops\r\n\r\n", "Orthanc answers 500"),
        (
            b"HTTP/1.1 401 Unauthorized\r\n\r\n",
            "Orthanc answers 401: user or password are wrong (see --user and --pwd)",
        ),
        (b"SSH-2.0-OpenSSH\r\n", "the answer is not HTTP"),
        (b"", "the answer is not HTTP"),
    ],
)
def test_other_answers_are_failures(container: Container, serve: Serve, answer: bytes, expected: str) -> None:
    """Exit code 1 with the reason."""
    container.configure(HttpPort=serve(answer).port)
    assert container.probe() == (1, expected)


@pytest.mark.parametrize("settings", [{"Authorization": {}}, {"Plugins": ["/x/libOrthancAuthorization.so"]}])
def test_a_refusal_of_the_authorization_plugin_is_a_sign_of_life(
    container: Container, serve: Serve, settings: dict[str, object]
) -> None:
    """Where a plugin decides, the probe cannot know a user that it lets in."""
    container.configure(HttpPort=serve(b"HTTP/1.1 403 Forbidden\r\n\r\n").port, **settings)
    assert container.probe() == (
        0,
        "Orthanc answers 403: its Authorization plugin does not let the probe in",
    )


def test_an_answer_in_pieces_is_read(container: Container) -> None:
    """The first line may come letter by letter."""
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(4096)
            for letter in b"HTTP/1.1 200 OK\r\n":
                connection.sendall(bytes([letter]))
                time.sleep(0.01)

    thread = threading.Thread(target=drip)
    thread.start()
    container.configure(HttpPort=listener.getsockname()[1])
    assert container.probe()[0] == 0
    thread.join()
    listener.close()


def test_the_answer_is_read_to_its_end(container: Container) -> None:
    """Orthanc would log an error if the probe left before the last byte."""
    listener = socket.create_server(("127.0.0.1", 0))
    left_early: list[OSError] = []

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            try:
                connection.sendall(OK)
                time.sleep(0.1)
                connection.sendall(b"x" * 100_000)
            except OSError as error:
                left_early.append(error)

    thread = threading.Thread(target=answer)
    thread.start()
    container.configure(HttpPort=listener.getsockname()[1])
    assert container.probe()[0] == 0
    thread.join()
    listener.close()
    assert left_early == []


def test_w70_a_silent_server_is_given_up(container: Container, serve: Serve) -> None:
    """A server that accepts and never answers costs no more than the timeout."""
    container.configure(HttpPort=serve(None).port)
    start = time.monotonic()
    assert container.probe("--timeout", "0.3") == (1, "Orthanc does not answer (timed out)")
    assert time.monotonic() - start < 3


def test_w70_a_slow_server_is_given_up_as_a_whole(container: Container) -> None:
    """The timeout is for the whole answer, not for each piece of it."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            while not done.is_set():
                try:
                    connection.sendall(b"x")
                except OSError:
                    return
                time.sleep(0.1)

    thread = threading.Thread(target=drip)
    thread.start()
    container.configure(HttpPort=listener.getsockname()[1])
    assert container.probe("--timeout", "0.5") == (1, "Orthanc does not answer (timed out)")
    done.set()
    thread.join()
    listener.close()


def test_nobody_there(container: Container) -> None:
    """A refused connection is a failure."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    container.configure(HttpPort=port)
    assert container.probe() == (1, "Orthanc does not answer ([Errno 111] Connection refused)")


def test_w71_proxies_are_not_used(
    container: Container, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The probe asks Orthanc itself, whatever proxy the container has."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    container.configure(HttpPort=serve().port)
    assert container.probe()[0] == 0


class Tls:
    """The certificates of a server that speaks HTTPS."""

    def __init__(self, folder: Path) -> None:
        self.own = folder / "server.pem"
        self.own.write_bytes(certificates.server("orthanc.example"))
        self.other = folder / "other.pem"
        self.other.write_bytes(certificates.server("orthanc.example"))

    def context(self, certificate: Path, client: Path | None = None) -> ssl.SSLContext:
        """Return the server's side; with ``client``, a certificate from the other side is asked for."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        if client is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(client)
        return context


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    """Return two certificates for the same name."""
    return Tls(tmp_path)


def secured(server: Server, tls: Tls, **settings: Any) -> dict[str, Any]:
    """Return the configuration of a server that speaks HTTPS."""
    users = {"RegisteredUsers": {"a": "b"}}
    return {"HttpPort": server.port, "SslEnabled": True, "SslCertificate": str(tls.own), **users, **settings}


def test_https_with_the_configured_certificate(container: Container, serve: Serve, tls: Tls) -> None:
    """The name in the certificate does not matter, the certificate itself does."""
    server = serve(OK, tls.context(tls.own))
    container.configure(**secured(server, tls))
    assert container.probe() == (0, "Orthanc and its database answer")


def test_w56_no_password_for_another_server(container: Container, serve: Serve, tls: Tls) -> None:
    """A server with another certificate gets no password, and the probe fails."""
    server = serve(OK, tls.context(tls.other))
    container.configure(**secured(server, tls))
    code, said = container.probe()
    assert (code, said) == (1, f"the server shows another certificate than {tls.own}")
    assert [question for question in server.questions if question] == []


def test_https_with_a_client_certificate(container: Container, serve: Serve, tls: Tls) -> None:
    """A certificate given on the command line is shown."""
    server = serve(OK, tls.context(tls.own, client=tls.other))
    container.configure(**secured(server, tls, SslVerifyPeers=True))
    assert container.probe("--certfile", str(tls.other)) == (0, "Orthanc and its database answer")
    assert container.probe("--certfile", str(tls.other), "--keyfile", str(tls.other))[0] == 0


def test_https_with_the_servers_own_certificate_as_the_clients(
    container: Container, serve: Serve, tls: Tls
) -> None:
    """Where the server trusts its own certificate, no option is needed."""
    server = serve(OK, tls.context(tls.own, client=tls.own))
    container.configure(**secured(server, tls, SslVerifyPeers=True))
    assert container.probe() == (0, "Orthanc and its database answer")


def test_a_refused_client_certificate_is_a_sign_of_life(container: Container, serve: Serve, tls: Tls) -> None:
    """A server that asks for a certificate and gets none that it trusts is alive."""
    server = serve(OK, tls.context(tls.own, client=tls.other))
    container.configure(**secured(server, tls, SslVerifyPeers=True))
    assert container.probe() == (
        0,
        "Orthanc answers, but it asks for a client certificate (give --certfile to ask more)",
    )


def test_a_certificate_that_is_given_must_do(container: Container, serve: Serve, tls: Tls) -> None:
    """A certificate of one's own that the server does not take is a failure."""
    server = serve(OK, tls.context(tls.own, client=tls.other))
    container.configure(**secured(server, tls, SslVerifyPeers=True))
    assert container.probe("--certfile", str(tls.own))[0] == 1


def test_https_where_there_is_none(container: Container, serve: Serve, tls: Tls) -> None:
    """A server that does not speak TLS is a failure."""
    container.configure(**secured(serve(), tls))
    assert container.probe()[0] == 1


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--frobnicate", "1"], "unknown option '--frobnicate'. Known are --user, --pwd, --http_port,"),
        (["user"], "unknown option 'user'. Known are --user,"),
        (["--http_port", "x"], "--http_port: 'x' is not a positive number."),
        (["--http_port", "99999"], "--http_port: '99999' is not a positive number."),
        (["--timeout=0"], "--timeout: '0' is not a positive number."),
    ],
)
def test_options_that_make_no_sense(container: Container, arguments: list[str], expected: str) -> None:
    """Exit code 1 with the reason."""
    container.configure()
    code, said = container.probe(*arguments)
    assert code == 1
    assert said.startswith(expected)


def test_no_configuration(container: Container) -> None:
    """Before Orthanc has started there is nothing to ask."""
    assert container.probe() == (1, "there is no configuration of a running Orthanc")


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_configuration_that_makes_no_sense(container: Container, content: str) -> None:
    """A broken file is a failure."""
    (container.root / "tmp/orthanc.json").write_text(content)
    assert container.probe()[0] == 1


def test_the_configuration_may_be_in_shared_memory(container: Container, serve: Serve) -> None:
    """Where /tmp cannot be written, the configuration is in /dev/shm."""
    (container.root / "dev/shm").mkdir(parents=True)
    (container.root / "dev/shm/orthanc.json").write_text(json.dumps({"HttpPort": serve().port}))
    assert container.probe()[0] == 0


def process(container: Container, number: int, *words: str) -> None:
    """Return a process of the container, with this command line."""
    folder = container.root / "proc" / str(number)
    folder.mkdir(parents=True)
    (folder / "cmdline").write_bytes(b"\0".join(word.encode() for word in (*words, "")))


def test_the_configuration_is_that_of_orthancs_command_line(container: Container, serve: Serve) -> None:
    """A launcher of a user starts Orthanc with other files; the probe follows it."""
    port = serve().port
    (container.root / "etc/orthanc").mkdir(parents=True)
    (container.root / "etc/orthanc/a.json").write_text('{"HttpPort": 1, "Name": "a"}')
    (container.root / "etc/orthanc/b.json").write_text(f'{{"HttpPort": {port} /* mine */}}')
    (container.root / "etc/orthanc/notes.txt").write_text("no")
    (container.root / "proc/self").mkdir(parents=True)
    process(container, 1, "/bin/bash", "start.sh")
    process(container, 7, "/usr/sbin/Orthanc", "--verbose", "/etc/orthanc/")
    process(container, 12, "Orthanc", "/other.json")
    assert container.probe()[0] == 0


def test_a_process_that_ends_meanwhile_is_passed_over(container: Container, serve: Serve) -> None:
    (container.root / "proc/3").mkdir(parents=True)
    (container.root / "tmp/orthanc.json").write_text(json.dumps({"HttpPort": serve().port}))
    process(container, 4, "Orthanc")
    assert container.probe()[0] == 0


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        ([], "127.0.0.1"),
        (None, "127.0.0.1"),
        (["0.0.0.0"], "127.0.0.1"),
        (["10.0.0.5"], "10.0.0.5"),
        (["10.0.0.5", "127.0.0.1"], "127.0.0.1"),
        (["::"], "::1"),
    ],
)
def test_where_to_ask(addresses: object, expected: str) -> None:
    """The loopback, unless the server listens elsewhere only."""
    assert aliveness.bound(addresses) == expected


def test_it_costs_little() -> None:
    """As a program, the probe of a plain server imports nothing heavy."""
    program = f"""
import sys
sys.path[:0] = ["/usr/lib/orthanc-image", {str(ROOT / "base")!r}]
sys.argv = ["probe", "--timeout", "1"]
import importlib.machinery
try:
    importlib.machinery.SourceFileLoader("__main__", {str(PROBE)!r}).exec_module(sys.modules["__main__"])
except SystemExit:
    print(*sorted(sys.modules))
"""
    result = subprocess.run(
        [sys.executable, "-BIS", "-c", program], check=True, capture_output=True, text=True
    )
    *_, modules = result.stdout.splitlines()
    heavy = {
        "argparse",
        "enum",
        "http",
        "json",
        "re",
        "signal",
        "socket",
        "ssl",
        "typing",
        "urllib",
        "base64",
    }
    assert heavy & set(modules.split()) == set()
