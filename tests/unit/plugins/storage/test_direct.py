"""What the native part is told, so that it reads objects itself, and when it is not."""

import base64
import json
import os
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from orthanc_images.section import Section
from orthanc_images.storage import azure, direct, google, options, roles, s3
from orthanc_images.storage.content import Clear, Stored
from orthanc_images.storage.direct import Credentials, Renewal, Route, SharedBudget, begin
from orthanc_images.storage.encryption import EncryptedFile, Keyring, MasterKey, unsealed
from orthanc_images.storage.endpoint import Endpoint, parsed
from orthanc_images.storage.keys import LEGACY, Attachment, Keys
from orthanc_images.storage.options import Options
from orthanc_images.storage.store import StoreSettings
from tests.unit.plugins.storage.answering import answering

VECTORS = Path(__file__).parents[4] / "plugins/native/tests/storage"
UUID = "4b1bc8f5-1f5b-4c36-a0b7-8e3d2a8a0a11"
KEY = base64.b64encode(bytes(range(64))).decode()
PLAIN = Options(Keys(), options.DISABLED, None)


class Native:
    """Stands in for the native part, and keeps what it was told."""

    def __init__(self, *, takes: bool = True) -> None:
        self.takes = takes
        self.settings: dict[str, Any] = {}
        self.renewed: list[dict[str, Any]] = []
        self.amounts: list[int] = []

    def read_directly(self, settings: str) -> bool:
        self.settings = json.loads(settings)
        return self.takes

    def renew(self, credentials: str) -> bool:
        self.renewed.append(json.loads(credentials))
        return True

    def take(self, size: int) -> None:
        self.amounts.append(size)

    def give(self, size: int) -> None:
        self.amounts.append(-size)


def rows(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((VECTORS / name).read_text("utf-8"))["rows"]
    return found


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if re.match(r"(?i)AWS_|AZURE_|GOOGLE_|SSL_CERT_|STORAGE_EMULATOR_HOST|\w+_PROXY$", name):
            monkeypatch.delenv(name)


def on_s3(**more: Any) -> StoreSettings:
    section: dict[str, Any] = {"BucketName": "b", "Region": "eu-west-1", "AccessKey": "A", "SecretKey": "S"}
    return s3.read(Section("AwsS3Storage", section | more), {})


def on_azure(connection: str, **more: Any) -> StoreSettings:
    section = {"ConnectionString": connection, "ContainerName": "c", **more}
    return azure.read(Section("AzureBlobStorage", section), {})


def on_google(folder: Path, account: Mapping[str, Any] | None, **more: Any) -> StoreSettings:
    section: dict[str, Any] = {"BucketName": "b", **more}
    if account is not None:
        path = folder / "account.json"
        path.write_text(json.dumps(account))
        section["ServiceAccountFile"] = str(path)
    return google.read(Section("GoogleCloudStorage", section), {})


def told(store: StoreSettings, shared: Options = PLAIN) -> dict[str, Any]:
    native = Native()
    begun = begin(native, store, shared, print)
    assert begun.words == "read directly"
    return native.settings


def reason(store: StoreSettings, shared: Options = PLAIN) -> str:
    native = Native()
    begun = begin(native, store, shared, print)
    assert (native.settings, begun.budget, begun.renew) == ({}, None, None)
    return begun.words.removeprefix("read by way of Python: ")


@pytest.mark.parametrize("row", rows("names.json"))
def test_both_parts_give_an_object_the_same_name(row: dict[str, Any]) -> None:
    """The native part has the same rows in its tests."""
    keys = Keys(row["root"], row["structure"], row["encrypted"])
    assert keys.key(Attachment(UUID, row["type"])) == row["name"]
    assert direct.prefix(keys) == row["prefix"]


@pytest.mark.parametrize("row", rows("sealed.json"))
def test_both_parts_read_the_same_encrypted_files(row: dict[str, Any]) -> None:
    file, memory = bytes.fromhex(row["file"]), bytearray(len(row["content"]) // 2)
    keys = {row["number"]: bytes.fromhex(row["key"])}
    unsealed(Stored(len(file), iter([file])), keys, lambda _: memoryview(memory))
    assert memory.hex() == row["content"]
    again = EncryptedFile(Clear(memoryview(memory)), MasterKey(1, bytes(32)))
    assert again.size == len(file)


def test_the_settings_are_those_of_the_section() -> None:
    found = told(on_s3(ConnectTimeout=3, RequestTimeout=70, MaxConnections=4))
    assert found == {
        "plugin": "AwsS3Storage",
        "address": "https://b.s3.eu-west-1.amazonaws.com",
        "host": "b.s3.eu-west-1.amazonaws.com",
        "slashes": True,
        "file": direct.AUTHORITIES,
        "authorities": "",
        "connect": 3,
        "request": 70,
        "pause": direct.PAUSE,
        "connections": 4,
        "prefix": "",
        "legacy": False,
        "encrypted": False,
        "keys": {},
        "limit": 0,
        "credentials": {
            "kind": "s3",
            "region": "eu-west-1",
            "access": "A",
            "secret": "S",
            "token": "",
            "until": 0,
        },
    }


@pytest.mark.parametrize(
    ("section", "address", "host"),
    [
        ({"Endpoint": "http://minio:9000/"}, "http://b.minio:9000", "b.minio:9000"),
        ({"Endpoint": "http://minio:80/x", "VirtualAddressing": False}, "http://minio:80/x/b", "minio"),
        ({"Endpoint": "https://Minio:443", "VirtualAddressing": False}, "https://Minio:443/b", "minio"),
        ({"Endpoint": "http://[::1]:9000"}, "http://[::1]:9000/b", "[::1]:9000"),
    ],
)
def test_the_bucket_of_s3_stands_in_the_host_or_in_the_path(
    section: dict[str, Any], address: str, host: str
) -> None:
    found = told(on_s3(**section))
    assert (found["address"], found["host"]) == (address, host)


def test_keys_of_the_environment_come_with_their_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "E")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "F")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "T")
    assert told(on_s3())["credentials"]["token"] == ""
    found = told(on_s3(AccessKey="", SecretKey=""))["credentials"]
    assert (found["access"], found["secret"], found["token"]) == ("E", "F", "T")


def test_encrypted_files_need_keys_and_a_budget() -> None:
    keyring = Keyring(MasterKey(2, b"k" * 32), {1: bytes(32), 2: b"k" * 32}, 77)
    shared = Options(Keys("a/b/", LEGACY, encrypted=True), options.DISABLED, keyring)
    native = Native()
    begun = begin(native, on_s3(), shared, print)
    found = native.settings
    assert (found["keys"], found["limit"]) == ({"1": "00" * 32, "2": "6b" * 32}, 77)
    assert (found["prefix"], found["legacy"], found["encrypted"]) == ("a/b/", True, True)
    assert isinstance(begun.budget, SharedBudget)
    with begun.budget.taken(5):
        assert native.amounts == [5]
    assert native.amounts == [5, -5]


def test_authorities_stand_beside_those_of_the_system(tmp_path: Path) -> None:
    system = tmp_path / "system.pem"
    system.write_text("system")
    store = on_s3()._replace(authorities=b"ours")
    assert isinstance(store.route, Route)
    found = json.loads(direct.settings(store, store.route, PLAIN, Credentials({}), str(system)))
    assert found["authorities"] == "system\nours"
    with pytest.raises(OSError, match="nowhere"):
        direct.settings(store, store.route, PLAIN, Credentials({}), "/nowhere")
    plain = on_s3(Endpoint="http://h")._replace(authorities=b"ours")
    assert told(plain)["authorities"] == ""


def test_azure_takes_a_signature_or_a_key() -> None:
    found = told(on_azure(f"AccountName=acc;AccountKey={KEY}"))
    assert found["address"] == "https://acc.blob.core.windows.net/c"
    assert found["credentials"] == {"kind": "shared-key", "account": "acc", "key": KEY, "until": 0}
    signature = "?sv=2024&sig=a%2Bb%3D"
    found = told(on_azure(f"BlobEndpoint=http://h:1/acc;SharedAccessSignature={signature}"))
    assert found["address"] == "http://h:1/acc/c"
    assert found["credentials"] == {"kind": "query", "query": signature[1:], "until": 0}
    assert reason(on_azure("AccountName=acc;SharedAccessSignature=a b")) == (
        "the signature has unusual characters"
    )
    assert reason(on_azure("AccountName=acc")) == "the credentials are those of the machine"


def key_of(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8
    return private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def test_google_takes_what_a_service_account_signs_itself(tmp_path: Path) -> None:
    private = rsa.generate_private_key(65537, 2048)
    account = {"client_email": "e@x", "private_key_id": "1", "private_key": key_of(private)}
    found = told(on_google(tmp_path, account))
    assert (found["address"], found["slashes"]) == ("https://storage.googleapis.com/b", False)
    assert found["credentials"]["kind"] == "bearer"
    credentials = google.signed(account, 1000.5)
    assert credentials.until == 1000.5 + 3300
    head, said, signature = credentials.content["token"].split(".")
    decoded = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (head, said)]
    assert decoded == [
        {"typ": "JWT", "alg": "RS256", "kid": "1"},
        {
            "iss": "e@x",
            "sub": "e@x",
            "scope": "https://www.googleapis.com/auth/cloud-platform",
            "iat": 1000,
            "exp": 4600,
        },
    ]
    proof = base64.urlsafe_b64decode(signature + "==")
    private.public_key().verify(proof, f"{head}.{said}".encode(), PKCS1v15(), SHA256())


def test_an_emulator_of_google_needs_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account = {"private_key": "", "gcs_base_url": "http://h:1", "disable_oauth": True}
    found = told(on_google(tmp_path, account))
    assert (found["address"], found["credentials"]["token"]) == ("http://h:1/b", "")
    monkeypatch.setenv(google.EMULATOR, "e:2")
    found = told(on_google(tmp_path, account))
    assert (found["address"], found["credentials"]["token"]) == ("http://e:2/b", "none")


def test_other_accounts_of_google_are_left_to_python(tmp_path: Path) -> None:
    machine = "the credentials are those of a user or of the machine"
    assert reason(on_google(tmp_path, None)) == machine
    assert reason(on_google(tmp_path, {"type": "authorized_user", "private_key": ""})) == machine
    assert reason(on_google(tmp_path, {"private_key": "none"})) == "the key of the account cannot sign"
    other = key_of(ec.generate_private_key(ec.SECP256R1()))
    assert reason(on_google(tmp_path, {"private_key": other})) == "the key of the account cannot sign"
    assert (
        reason(on_google(tmp_path, {"private_key": "", "gcs_base_url": "ftp://h"})) == "its address is none"
    )
    assert reason(on_google(tmp_path, None, BucketName="b/c")) == "its name has unusual characters"


@pytest.mark.parametrize(
    ("section", "shared", "why"),
    [
        ({"ReadDirectly": False}, PLAIN, "ReadDirectly is false"),
        ({}, PLAIN._replace(hybrid=options.TO_OBJECTS), "files may be in the file system, too"),
        ({}, PLAIN._replace(keys=Keys("a//b")), "RootPath has unusual characters"),
        ({}, PLAIN._replace(keys=Keys("a/../b")), "RootPath has unusual characters"),
        ({}, PLAIN._replace(keys=Keys("a\nb")), "RootPath has unusual characters"),
        ({"BucketName": "b c"}, PLAIN, "its name has unusual characters"),
        ({"Endpoint": "http://h/ä"}, PLAIN, "its name has unusual characters"),
        ({"Endpoint": "http://hä"}, PLAIN, "its host has unusual characters"),
    ],
)
def test_python_reads_what_is_not_the_plain_case(section: dict[str, Any], shared: Options, why: str) -> None:
    assert reason(on_s3(**section), shared) == why


def test_python_reads_where_the_native_part_takes_no_settings(tmp_path: Path) -> None:
    begun = begin(Native(takes=False), on_s3(), PLAIN, print)
    assert begun == direct.Begun("read by way of Python: the native part does not take the settings")

    def broken() -> Credentials:
        raise ValueError("no credentials")

    route = Route(Endpoint("http", "h"), broken)
    assert reason(on_s3()._replace(route=route)) == "no credentials"
    assert reason(StoreSettings("P", "w", "a", on_s3().connect, str)) == "not known"


@pytest.mark.parametrize(
    ("environment", "url", "why"),
    [
        ({}, "https://h", ""),
        ({"P_KNOWN": "x", "P_EMPTY": ""}, "https://h", ""),
        ({"P_B": "x", "p_a": "x"}, "https://h", "the variable P_A is set"),
        ({"SSL_CERT_FILE": "x"}, "https://h", "the variable SSL_CERT_FILE is set"),
        ({"SSL_CERT_DIR": "x"}, "http://h", ""),
        ({"https_proxy": "x"}, "https://h", "there is a proxy (HTTPS_PROXY)"),
        ({"https_proxy": "x"}, "http://h", ""),
        ({"ALL_PROXY": "x"}, "http://h:80", "there is a proxy (ALL_PROXY)"),
        ({"HTTP_PROXY": "x", "NO_PROXY": "a, H"}, "http://h:80", ""),
        ({"HTTP_PROXY": "x", "NO_PROXY": "*"}, "http://h", ""),
        ({"HTTP_PROXY": "x", "NO_PROXY": ".site"}, "http://h.site", ""),
        ({"HTTP_PROXY": "x", "NO_PROXY": "ite,"}, "http://h.site", "there is a proxy (HTTP_PROXY)"),
        ({"HTTP_PROXY": "x", "NO_PROXY": "0.1"}, "http://10.0.0.1", "there is a proxy (HTTP_PROXY)"),
    ],
)
def test_what_the_environment_says_of_requests_is_left_to_python(
    environment: dict[str, str], url: str, why: str
) -> None:
    address = parsed(url)
    assert address is not None
    assert direct.obstacle(address, ("b",), environment, "P_", ("P_KNOWN",)) == why


def test_credentials_are_renewed_when_they_have_ended_and_by_one_thread() -> None:
    now, made, native = [0.0], [0], Native()
    inside: list[Callable[[], None]] = []

    def credentials() -> Credentials:
        made[0] += 1
        for act in inside:
            act()
        return Credentials({"token": made[0]}, now[0] + 100)

    renewal = Renewal(native, Route(Endpoint("http", "h"), credentials), print, clock=lambda: now[0])
    renewal.renew()
    renewal.first()
    now[0] = 99
    renewal.renew()
    assert native.renewed == []
    now[0] = 100

    def elsewhere() -> None:
        other = threading.Thread(target=renewal.renew)
        other.start()
        other.join()

    inside.append(elsewhere)
    renewal.renew()
    assert native.renewed == [{"token": 2, "until": 200}]


def test_credentials_without_an_end_are_not_renewed() -> None:
    native = Native()
    begun = begin(native, on_s3(), PLAIN, print)
    assert begun.renew is not None
    begun.renew()
    assert native.renewed == []


def test_credentials_that_cannot_be_had_are_asked_for_a_minute_later() -> None:
    now, native, lines = [100.0], Native(), list[str]()
    answers: list[Credentials | ValueError] = [
        Credentials({}, 50),
        ValueError("no keys"),
        Credentials({"token": 3}, 900),
    ]

    def credentials() -> Credentials:
        found = answers.pop(0)
        if isinstance(found, ValueError):
            raise found
        return found

    store = on_s3()._replace(route=Route(Endpoint("http", "h"), credentials))
    begun = begin(native, store, PLAIN, lines.append)
    assert begun.renew is not None
    begun.renew()
    assert lines == ["AwsS3Storage: files are read by way of Python for the time being: no keys"]
    begun.renew()
    assert len(answers) == 1
    renewal = Renewal(native, Route(Endpoint("http", "h"), credentials), lines.append, clock=lambda: now[0])
    answers[:0] = [Credentials({}, 100), ValueError("no keys")]
    renewal.first()
    renewal.renew()
    now[0] = 159
    renewal.renew()
    assert native.renewed == []
    now[0] = 160
    renewal.renew()
    assert native.renewed == [{"token": 3, "until": 900}]


JSON_KEYS = json.dumps(
    {"AccessKeyId": "A", "SecretAccessKey": "S", "Token": "T", "Expiration": "2026-11-29T10:00:00Z"}
)
XML_KEYS = (
    "<R><AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken>"
    "<Expiration>2026-11-29T10:00:00Z</Expiration></R>"
)
ROLE = {"kind": "s3", "region": "r", "access": "A", "secret": "S", "token": "T"}
UNTIL = 1795946400 - 300


def test_the_role_of_a_machine_gives_keys() -> None:
    with answering((200, "secret"), (200, "role\n"), (200, JSON_KEYS)) as answers:
        found = roles.credentials("r", {"AWS_METADATA_ENDPOINT": answers.url}, None)
    assert (found.content, found.until) == (ROLE, UNTIL)
    base = "/latest/meta-data/iam/security-credentials/"
    paths = [(method, path) for method, path, _ in answers.requests]
    assert paths == [("PUT", "/latest/api/token"), ("GET", base), ("GET", f"{base}role")]
    assert answers.requests[0][2]["x-aws-ec2-metadata-token-ttl-seconds"] == "600"
    assert [said["x-aws-ec2-metadata-token"] for _, _, said in answers.requests[1:]] == ["secret"] * 2


def test_the_role_of_a_container_gives_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("secret\n")
    with answering((200, JSON_KEYS)) as answers:
        environment = {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{answers.url}/keys?x=1",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(tmp_path / "token"),
        }
        assert roles.credentials("r", environment, None) == Credentials(ROLE, UNTIL)
        monkeypatch.setattr(roles, "_TASK", answers.url)
        environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/task"
        assert roles.credentials("r", environment, None) == Credentials(ROLE, UNTIL)
    (_, whole, headers), (_, below, _) = answers.requests
    assert (whole, headers["authorization"], below) == ("/keys?x=1", "secret", "/task")


def test_a_token_of_somebody_else_gives_keys(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret\n")
    environment = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"), "AWS_ROLE_ARN": "arn:role"}
    with answering((200, XML_KEYS)) as answers:
        environment["AWS_ENDPOINT_URL_STS"] = answers.url
        assert roles.credentials("r", environment, None) == Credentials(ROLE, UNTIL)
    assert answers.requests[0][:2] == ("POST", "/")


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ((404, ""), r"127\.0\.0\.1:\d+ answers with status 404"),
        ((200, "{}"), "'AccessKeyId'"),
        ((200, "nonsense"), "Expecting value.*"),
    ],
)
def test_a_role_without_keys_is_an_error(answer: tuple[int, str], what: str) -> None:
    with answering(answer) as answers, pytest.raises(roles.RoleError) as raised:
        roles.credentials("r", {"AWS_METADATA_ENDPOINT": answers.url}, None)
    assert re.fullmatch(rf"the keys of the role cannot be had \({what}\)", str(raised.value))


def test_an_answer_without_keys_is_an_error_too(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret")
    environment = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"), "AWS_ROLE_ARN": "arn:role"}
    with answering((200, "<R/>")) as answers, pytest.raises(roles.RoleError, match="index out of range"):
        roles.credentials("r", {**environment, "AWS_ENDPOINT_URL_STS": answers.url}, None)


def test_a_role_is_asked_for_at_the_service_that_is_trusted(tmp_path: Path) -> None:
    """Nobody answers there; with authorities or without, TLS is what is spoken."""
    (tmp_path / "token").write_text("secret")
    environment = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"), "AWS_ROLE_ARN": "arn:role"}
    environment["AWS_ENDPOINT_URL_STS"] = "https://127.0.0.1:1"
    for authorities in (None, b"nothing"):
        with pytest.raises(roles.RoleError, match="cannot be had"):
            roles.credentials("r", environment, authorities)


def test_a_bucket_without_keys_is_reached_by_a_role(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering((200, "secret"), (200, "role"), (200, JSON_KEYS)) as answers:
        monkeypatch.setenv("AWS_METADATA_ENDPOINT", answers.url)
        found = told(on_s3(AccessKey="", SecretKey="", Region="r"))
        assert found["credentials"] == {**ROLE, "until": UNTIL}
        assert "cannot be had" in reason(on_s3(AccessKey="", SecretKey=""))
