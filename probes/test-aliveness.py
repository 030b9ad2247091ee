#!/usr/bin/python3 -IS
"""Exit code 0 when Orthanc and its database answer, else 1 with the reason on standard output.

The probe asks for the newest change (GET /changes?last), which Orthanc cannot answer without its database.
Address, user, password and certificates are those of the configuration that Orthanc was started with (the one
on its command line, whoever started it), so no option is needed. It gives up after 5 seconds.

    --user USER           the user to log in with (default: the first one of the configuration)
    --pwd PASSWORD        the password of this user (default: the one in the configuration)
    --http_port PORT      the port (default: HttpPort of the configuration)
    --http_scheme SCHEME  http or https (default: https when SslEnabled is on)
    --certfile FILE       a client certificate (PEM), for servers that ask for one
    --keyfile FILE        its private key, when it is in a file of its own
    --keypwd PASSWORD     the password of the private key
    --timeout SECONDS     when to give up

Where the HTTP server is off, there is nothing to ask: the exit code is 0. The certificate of the server is
compared with the configured one, so that a password is never sent to anything else. Where the server asks for
a client certificate and none was given, a refusal for that reason counts as a sign of life.
"""

import os
import sys

if sys.path[:1] != ["/usr/lib/orthanc-image"]:
    sys.path.insert(0, "/usr/lib/orthanc-image")

import _socket
from binascii import b2a_base64
from time import monotonic

from startup import jsonc
from startup.errors import UnreadableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Iterator, Mapping

    Connection = _socket.socket | socket.socket

PROCESSES = "/proc"
CONFIGURATIONS = ("/tmp/orthanc.json", "/dev/shm/orthanc.json")
OPTIONS = ("user", "pwd", "http_port", "http_scheme", "certfile", "keyfile", "keypwd", "timeout")
TIMEOUT = 5.0
LONGEST = 64
REFUSED = ("401", "403")


class ProbeError(Exception):
    """The reason why Orthanc does not count as alive."""


class MistakenError(ProbeError):
    """The same, when it is not Orthanc that answers."""


class AnsweredError(Exception):
    """The reason why Orthanc counts as alive although it was not asked for its database."""


def options(arguments: list[str]) -> dict[str, str]:
    """Return the options by name, from ``--name value`` and ``--name=value``; raise ProbeError for others."""
    found: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.removeprefix("--").partition("=")
        if not argument.startswith("--") or name not in OPTIONS:
            raise ProbeError(f"unknown option '{argument}'. Known are --{', --'.join(OPTIONS)}.")
        found[name] = value if equals else given(name, rest)
    return found


def given(name: str, rest: "Iterator[str]") -> str:
    """Return the value after an option; raise ProbeError when there is none."""
    value = next(rest, None)
    if value is None:
        raise ProbeError(f"--{name}: it needs a value")
    return value


def configuration(root: str) -> dict[str, object]:
    """Return the configuration that Orthanc was started with; raise ProbeError when it cannot be read."""
    failure = "there is no configuration of a running Orthanc"
    for path in (*named(root), *CONFIGURATIONS):
        try:
            return read(root, path)
        except FileNotFoundError:
            continue
        except (OSError, UnreadableError) as error:
            failure = f"{path} cannot be read ({error})"
    raise ProbeError(failure)


def named(root: str) -> list[str]:
    """Return the file or folder on the command line of Orthanc, where it names one itself.

    Orthanc is the first process, unless something else has started it; the one that was started first counts.
    """
    try:
        numbers = sorted(int(name) for name in os.listdir(root + PROCESSES) if name.isdecimal())
    except OSError:
        return []
    for number_ in numbers:
        try:
            with open(f"{root}{PROCESSES}/{number_}/cmdline", "rb") as file:
                words = file.read().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if os.path.basename(words[0]) == "Orthanc":
            return [word for word in words[1:] if word and not word.startswith("-")][-1:]
    return []


def read(root: str, path: str) -> dict[str, object]:
    """Return the settings in a file, or in all JSON files of a folder as Orthanc joins them."""
    if os.path.isdir(root + path):
        names = sorted(name for name in os.listdir(root + path) if name.endswith(".json"))
        joined: dict[str, object] = {}
        for name in names:
            joined.update(read(root, f"{path.rstrip('/')}/{name}"))
        return joined
    with open(root + path, encoding="utf-8") as file:
        found = jsonc.value(file.read())
    if not isinstance(found, dict):
        raise UnreadableError("it holds no object")
    return found


class Target:
    """Where to ask, and as whom."""

    def __init__(self, found: "Mapping[str, object]", given: "Mapping[str, str]") -> None:
        scheme = given.get("http_scheme") or ("https" if found.get("SslEnabled") is True else "http")
        if scheme not in ("http", "https"):
            raise ProbeError(f"--http_scheme: '{scheme}' is neither http nor https")
        self.secure = scheme == "https"
        self.port = number(given.get("http_port") or found.get("HttpPort") or 8042, "--http_port")
        self.timeout = number(given.get("timeout") or TIMEOUT, "--timeout")
        self.deadline = monotonic() + self.timeout
        self.address = bound(found.get("HttpBindAddresses"))
        self.certificate = text(found.get("SslCertificate"))
        self.verifies = found.get("SslVerifyPeers") is True
        self.client = (given.get("certfile", ""), given.get("keyfile", ""), given.get("keypwd", ""))
        self.authorization = credentials(found, given)
        plugins = found.get("Plugins")
        names = plugins if isinstance(plugins, list) else []
        section = "Authorization" in found
        self.delegates = section or any("libOrthancAuthorization" in str(name) for name in names)


def number(value: object, name: str) -> float:
    """Return the positive number in an option; raise ProbeError when it is something else."""
    try:
        found = float(str(value))
    except ValueError:
        found = 0.0
    if not 0 < found < 65536:
        raise ProbeError(f"{name}: '{value}' is not a positive number.")
    return found


def text(value: object) -> str:
    """Return the value if it is text, else nothing."""
    return value if isinstance(value, str) else ""


def bound(addresses: object) -> str:
    """Return the address to connect to: the loopback, unless the server listens elsewhere only."""
    listening = [str(address) for address in addresses] if isinstance(addresses, list) else []
    if not listening or any(address in ("0.0.0.0", "127.0.0.1") for address in listening):
        return "127.0.0.1"
    return "::1" if listening[0] == "::" else listening[0]


def credentials(found: "Mapping[str, object]", given: "Mapping[str, str]") -> str:
    """Return the value of the Authorization header, or nothing when no user is known."""
    users = found.get("RegisteredUsers")
    registered = users if isinstance(users, dict) else {}
    user = given.get("user") or next(iter(registered), "")
    if not user:
        return ""
    password = given["pwd"] if "pwd" in given else str(registered.get(user, ""))
    return "Basic " + b2a_base64(f"{user}:{password}".encode(), newline=False).decode()


def question(target: Target) -> bytes:
    """Return the HTTP request."""
    lines = ["GET /changes?last HTTP/1.1", f"Host: {target.address}", "Connection: close"]
    if target.authorization:
        lines.append(f"Authorization: {target.authorization}")
    return "\r\n".join([*lines, "", ""]).encode()


def plain_status(target: Target) -> str:
    """Return the HTTP status of the answer, over a plain connection."""
    family = _socket.AF_INET6 if ":" in target.address else _socket.AF_INET
    connection = _socket.socket(family, _socket.SOCK_STREAM)
    connection.settimeout(target.timeout)
    connection.connect((target.address, int(target.port)))
    connection.sendall(question(target))
    return status(connection, target)


def status(connection: "Connection", target: Target) -> str:
    """Return the status in the first line of an HTTP answer; raise ProbeError or OSError when there is none.

    The answer is read to its end, because Orthanc logs an error when a client leaves before that.
    """
    answer = b""
    while piece := received(connection, target):
        answer += piece[: LONGEST - len(answer)]
    words = answer.split(b" ", 2)
    if len(words) < 3 or not words[0].startswith(b"HTTP/"):
        raise ProbeError("the answer is not HTTP")
    return words[1].decode("ascii", "replace")


def received(connection: "Connection", target: Target) -> bytes:
    """Return the next piece of the answer, empty at its end; raise TimeoutError when it comes too late."""
    left = target.deadline - monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    connection.settimeout(left)
    return connection.recv(4096)


def secure_status(target: Target) -> str:
    """Return the same over TLS, with the certificate of the server compared before anything is sent."""
    import socket
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    identify(context, target)
    with socket.create_connection((target.address, int(target.port)), target.timeout) as connection:
        try:
            with context.wrap_socket(connection) as tunnel:
                compare(tunnel.getpeercert(binary_form=True), target)
                tunnel.sendall(question(target))
                return status(tunnel, target)
        except (ssl.SSLError, ConnectionError, ProbeError) as error:
            if target.verifies and not target.client[0] and not isinstance(error, MistakenError):
                raise AnsweredError(
                    "it asks for a client certificate (give --certfile to ask more)"
                ) from None
            raise


def identify(context: "ssl.SSLContext", target: Target) -> None:
    """Load the client certificate; where one is asked for and none given, try that of the server."""
    certificate, key, password = target.client
    if certificate:
        try:
            context.load_cert_chain(certificate, key or None, password)
        except OSError as error:
            files = f"{certificate} and {key}" if key else certificate
            raise ProbeError(f"--certfile: {files} cannot be used ({error})") from None
    elif target.verifies and target.certificate:
        context.load_cert_chain(target.certificate)


def compare(shown: bytes | None, target: Target) -> None:
    """Raise MistakenError when the certificate that the server shows is not in the configured file."""
    import ssl

    begin, end = ssl.PEM_HEADER, ssl.PEM_FOOTER
    with open(target.certificate, encoding="utf-8") as file:
        blocks = file.read().split(begin)[1:]
    known = [ssl.PEM_cert_to_DER_cert(begin + block.partition(end)[0] + end) for block in blocks]
    if shown not in known:
        raise MistakenError(f"the server shows another certificate than {target.certificate}")


def verdict(code: str, target: Target) -> str:
    """Return words for a status that is a sign of life; raise ProbeError for all others."""
    if code == "200":
        return "Orthanc and its database answer"
    if code in REFUSED and target.delegates:
        return f"Orthanc answers {code}: its Authorization plugin does not let the probe in"
    if code in REFUSED:
        raise ProbeError(f"Orthanc answers {code}: user or password are wrong (see --user and --pwd)")
    raise ProbeError(f"Orthanc answers {code}")


def probe(arguments: list[str], root: str) -> str:
    """Return words for a sign of life; raise ProbeError, AnsweredError or OSError for less than that."""
    given = options(arguments)
    found = configuration(root)
    if found.get("HttpServerEnabled") is False:
        return "the HTTP server of Orthanc is off"
    target = Target(found, given)
    return verdict(secure_status(target) if target.secure else plain_status(target), target)


def main(arguments: list[str], root: str = "") -> int:
    """Return the exit code; the reason goes to standard output."""
    try:
        message, code = probe(arguments, root), 0
    except AnsweredError as answer:
        message, code = f"Orthanc answers, but {answer}", 0
    except ProbeError as failure:
        message, code = str(failure), 1
    except OSError as error:
        message, code = f"Orthanc does not answer ({error})", 1
    sys.stdout.write(f"{message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
