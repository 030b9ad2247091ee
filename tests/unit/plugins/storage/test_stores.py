"""The three stores: from a section of the configuration to requests, and from answers to sentences."""

import base64
import hashlib
import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import obstore
import pytest

from orthanc_images.errors import PluginError
from orthanc_images.section import Section
from orthanc_images.storage import azure, google, probe, s3
from orthanc_images.storage.container import Account, authorization, made
from orthanc_images.storage.content import StorageError
from orthanc_images.storage.endpoint import Endpoint, parsed
from orthanc_images.storage.keys import Keys
from orthanc_images.storage.objects import Objects
from orthanc_images.storage.store import Patience, StoreSettings, certificates
from tests.unit.plugins.storage.answering import Answering, answering, error
from tests.unit.plugins.storage.places import DICOM

KEY = base64.b64encode(b"a key of the storage account").decode()
QUICK = Patience(2, 5, 0, 1)

Read = Callable[[Section, Mapping[str, Any]], StoreSettings]


def store(read: Read, content: dict[str, Any], configuration: dict[str, Any] | None = None) -> StoreSettings:
    section = Section(PLUGINS[read], content)
    found = read(section, configuration or {})
    assert section.problems == []
    return found


def problems(read: Read, content: dict[str, Any], configuration: dict[str, Any] | None = None) -> list[str]:
    section = Section(PLUGINS[read], content)
    read(section, configuration or {})
    return section.problems


PLUGINS: dict[Read, str] = {
    s3.read: "AwsS3Storage",
    azure.read: "AzureBlobStorage",
    google.read: "GoogleCloudStorage",
}


def on_s3(url: str, **more: Any) -> StoreSettings:
    """The bucket b of an account, with the bucket in the path."""
    content: dict[str, Any] = {
        "BucketName": "b",
        "Region": "eu-west-1",
        "AccessKey": "AKIA",
        "SecretKey": "a secret key",
    }
    content |= {"Endpoint": url, "VirtualAddressing": False, "MaxRetries": 0, **more}
    return store(s3.read, content)


def on_azure(url: str, **more: Any) -> StoreSettings:
    connection = f"AccountName=acc;AccountKey={KEY};BlobEndpoint={url}/acc"
    return store(azure.read, {"ConnectionString": connection, "ContainerName": "c", **more})


@pytest.fixture
def on_google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., StoreSettings]:
    """A bucket of an account whose key file names the address, and needs no token."""
    monkeypatch.delenv(google.EMULATOR, raising=False)
    path = tmp_path / "account.json"

    def made(url: str, **more: Any) -> StoreSettings:
        account = {"gcs_base_url": url, "disable_oauth": True, "client_email": "a", "private_key": ""}
        path.write_text(json.dumps({**account, "private_key_id": ""}))
        return store(google.read, {"ServiceAccountFile": str(path), "BucketName": "b", **more})

    return made


def sent(found: StoreSettings, answers: Answering) -> tuple[str, str, dict[str, str]]:
    """The request that stores a small file."""
    with_patience = found.connect(QUICK)
    obstore.put(
        with_patience, "k", b"x", attributes=dict(found.transfer.attributes), tags=dict(found.transfer.tags)
    )
    return answers.requests[-1]


def test_a_file_goes_to_s3_with_its_class_and_tags() -> None:
    with answering((200, "")) as answers:
        found = on_s3(answers.url, StorageClass="STANDARD_IA", Tags={"site": "north", "kind": "ct"})
        method, path, headers = sent(found, answers)
    assert (method, path, headers["x-amz-storage-class"]) == ("PUT", "/b/k", "STANDARD_IA")
    assert sorted(headers["x-amz-tagging"].split("&")) == ["kind=ct", "site=north"]
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIA/")
    assert "/eu-west-1/s3/aws4_request" in headers["authorization"]
    assert headers["x-amz-content-sha256"] == hashlib.sha256(b"x").hexdigest()


def test_a_token_of_the_environment_is_not_that_of_the_configured_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of another account")
    with answering((200, "")) as answers:
        _, _, headers = sent(on_s3(answers.url), answers)
    assert "x-amz-security-token" not in headers


def test_the_keys_of_the_environment_are_used_without_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "FROMENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "also")
    with answering((200, "")) as answers:
        _, _, headers = sent(on_s3(answers.url, AccessKey="", SecretKey=""), answers)
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=FROMENV/")


@pytest.mark.parametrize(
    ("content", "url"),
    [
        ({}, "https://b.s3.eu-west-1.amazonaws.com"),
        ({"Region": "cn-north-1"}, "https://b.s3.cn-north-1.amazonaws.com.cn"),
        ({"VirtualAddressing": False}, "https://s3.eu-west-1.amazonaws.com"),
        ({"Endpoint": "http://minio:9000/"}, "http://b.minio:9000"),
        ({"Endpoint": "minio:9000", "VirtualAddressing": False}, "https://minio:9000"),
        ({"Endpoint": "http://10.0.0.1:9000"}, "http://10.0.0.1:9000"),
    ],
)
def test_the_bucket_stands_in_the_host_or_in_the_path(content: dict[str, Any], url: str) -> None:
    found = store(s3.read, {"BucketName": "b", "Region": "eu-west-1", **content})
    assert found.where == f"the bucket 'b' at {url}"


def test_times_and_parts_are_those_of_the_section() -> None:
    default = on_s3("http://h", MaxRetries=10)
    assert default.patience == Patience(30, 1200, 10, 25)
    assert (default.transfer.part, default.transfer.at_once) == (8 * 1024 * 1024, 8)
    times = {"ConnectTimeout": 3, "ConnectionTimeout": 9, "RequestTimeout": 70, "MaxConnections": 4}
    manager = {"UseTransferManager": True, "TransferPoolSize": 3, "TransferBufferSize": 6}
    found = on_s3("http://h", **times, **manager)
    assert found.patience == Patience(3, 70, 0, 4)
    assert (found.transfer.part, found.transfer.at_once) == (6 * 1024 * 1024, 3)
    assert on_s3("http://h", ConnectionTimeout=9).patience.connect == 9
    assert on_s3("http://h", EnableAwsSdkLogs=True).notes == (
        "AwsS3Storage.EnableAwsSdkLogs: has no effect, as the AWS library is not used here.",
    )


def test_what_is_wrong_with_the_section_of_s3_is_said_at_once() -> None:
    content: dict[str, Any] = {
        "Endpoint": "ftp://h",
        "AccessKey": "A",
        "StorageClass": "standard",
        "Tags": {"a": 1},
    }
    content |= {"UseTransferManager": True, "TransferBufferSize": 4}
    assert sorted(problems(s3.read, content)) == [
        "AwsS3Storage.AccessKey: set without SecretKey."
        " Set both, or none to use the credentials of the machine.",
        "AwsS3Storage.BucketName: not set. Set it.",
        "AwsS3Storage.Endpoint: not the address of a service."
        " Write it as https://host:port/, or leave it out for Amazon's.",
        "AwsS3Storage.Region: not set. Set it.",
        f"AwsS3Storage.StorageClass: 'standard' is none of {', '.join(s3.CLASSES)}. Did you mean 'STANDARD'?",
        'AwsS3Storage.Tags: not an object whose values are texts. Write it as {"name": "value"}.',
        "AwsS3Storage.TransferBufferSize: smaller than a part may be. Set it to at least 5.",
    ]


@pytest.mark.parametrize(
    ("status", "text", "sentence"),
    [
        (
            404,
            error("NoSuchBucket"),
            "BucketName: there is no bucket 'b' at {url}. Make it, or correct the name.",
        ),
        (
            400,
            error("InvalidBucketName"),
            "BucketName: the store says that 'b' is not a valid bucket name. Correct it.",
        ),
        (403, error("InvalidAccessKeyId"), "AccessKey: the store does not know this key. Correct it."),
        (403, error("SignatureDoesNotMatch"), "SecretKey: it does not belong to the access key. Correct it."),
        (
            400,
            error("ExpiredToken"),
            "AccessKey: the credentials of the environment are no longer valid. Renew them.",
        ),
        (
            400,
            error("AuthorizationHeaderMalformed", "the region is wrong; expecting 'us-east-2'"),
            "Region: the bucket 'b' is not in 'eu-west-1'. Set it to 'us-east-2'.",
        ),
        (
            400,
            error("IllegalLocationConstraintException"),
            "Region: the bucket 'b' is not in 'eu-west-1'. Set it to the region of the bucket.",
        ),
        (
            301,
            error("PermanentRedirect"),
            "Region: the bucket 'b' is not in 'eu-west-1'. Set it to the region of the bucket.",
        ),
    ],
)
def test_what_s3_refuses_ends_the_start(status: int, text: str, sentence: str) -> None:
    with answering((status, text)) as answers, pytest.raises(PluginError) as raised:
        probe.look(on_s3(answers.url))
    assert str(raised.value) == f"AwsS3Storage.{sentence.format(url=answers.url)}"


def test_a_store_that_lists_its_files_is_in_order(on_google: Callable[..., StoreSettings]) -> None:
    """Nothing is written."""
    listing = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
    with answering((200, listing)) as answers:
        for found in (on_s3(answers.url), on_google(answers.url)):
            seen = probe.look(found)
            assert (seen.warning, seen.error) == ("", "")
    assert {method for method, _, _ in answers.requests} == {"GET"}


def test_a_store_without_the_right_to_list_is_a_warning(on_google: Callable[..., StoreSettings]) -> None:
    with answering((403, error("AccessDenied", "No."))) as answers:
        for found in (on_s3(answers.url), on_google(answers.url)):
            seen = probe.look(found)
            assert seen.error == ""
            assert seen.warning.startswith(
                f"{found.plugin}: {found.where} does not let us list its files: AccessDenied: No, for GET"
            )
            assert seen.warning.endswith(
                "Grant the right to list it, or ignore this if files can be written and read."
            )


def test_a_store_that_is_away_does_not_keep_orthanc_from_starting() -> None:
    with answering((200, "")) as answers:
        pass
    seen = probe.look(on_s3(answers.url))
    assert seen.error == (
        f"AwsS3Storage.Endpoint: the bucket 'b' at {answers.url} does not answer: "
        f"HTTP error: error sending request (Connection refused), for GET {answers.url}/b."
        " Files can be neither stored nor read until it answers."
    )


def test_a_busy_store_is_asked_again() -> None:
    """Throttling and faults of the store are tried again until they pass."""
    with answering((503, error("SlowDown")), (500, ""), (429, ""), (200, "")) as answers:
        found = on_s3(answers.url, MaxRetries=5)
        obstore.put(found.connect(found.patience), "k", b"x")
    assert [method for method, _, _ in answers.requests] == ["PUT"] * 4


def test_a_container_is_made_when_it_is_missing() -> None:
    """The request is signed as Azure documents it; the text that is signed stands here."""
    listing = "<EnumerationResults><Blobs/></EnumerationResults>"
    with answering((404, error("ContainerNotFound")), (201, ""), (200, listing)) as answers:
        seen = probe.look(on_azure(answers.url))
    method, path, headers = answers.requests[1]
    assert (method, path) == ("PUT", "/acc/c?restype=container")
    text = (
        f"PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:{headers['x-ms-date']}\nx-ms-version:{headers['x-ms-version']}\n"
        "/acc/acc/c\nrestype:container"
    )
    command = [
        "openssl",
        "dgst",
        "-sha256",
        "-mac",
        "HMAC",
        "-macopt",
        f"hexkey:{base64.b64decode(KEY).hex()}",
    ]
    signed = subprocess.run(
        [*command, "-binary"], input=text.encode(), capture_output=True, check=True
    ).stdout
    assert headers["authorization"] == f"SharedKey acc:{base64.b64encode(signed).decode()}"
    where = f"the container 'c' at {answers.url}/acc"
    assert (seen.warning, seen.error) == (f"AzureBlobStorage: {where} was made. See that it is private.", "")


def test_the_signature_has_the_form_of_azure() -> None:
    account = Account("acc", Endpoint("https", "acc.blob.core.windows.net"), KEY)
    headers = {"Content-Length": "0", "x-ms-date": "d", "x-ms-version": "v"}
    assert authorization(account, "/c", headers) != authorization(account, "/d", headers)


def test_a_container_that_cannot_be_made_ends_the_start() -> None:
    refusal = error("AuthorizationPermissionMismatch")
    with (
        answering((404, error("ContainerNotFound")), (403, refusal)) as answers,
        pytest.raises(PluginError) as raised,
    ):
        probe.look(on_azure(answers.url))
    assert str(raised.value) == (
        f"AzureBlobStorage.CreateContainerIfNotExists: the container 'c' could not be made: 403 {refusal}."
        " Make it by hand, and set CreateContainerIfNotExists to false."
    )


@pytest.mark.parametrize(
    ("status", "text", "sentence"),
    [
        (
            404,
            error("ContainerNotFound"),
            "ContainerName: there is no container 'c' at {url}/acc."
            " Make it, or set CreateContainerIfNotExists to true.",
        ),
        (
            400,
            error("InvalidResourceName"),
            "ContainerName: the store says that 'c' is not a valid container name. Correct it.",
        ),
        (
            403,
            error("AuthenticationFailed"),
            "ConnectionString: Azure refuses the key or signature for the account 'acc'."
            " Correct it, and see whether the account lets this machine in.",
        ),
    ],
)
def test_what_azure_refuses_ends_the_start(status: int, text: str, sentence: str) -> None:
    with answering((status, text)) as answers, pytest.raises(PluginError) as raised:
        probe.look(on_azure(answers.url, CreateContainerIfNotExists=False))
    assert str(raised.value) == f"AzureBlobStorage.{sentence.format(url=answers.url)}"


def test_a_signature_stands_for_the_key() -> None:
    """It goes into the address of each request, and makes the container too."""
    listing = "<EnumerationResults><Blobs/></EnumerationResults>"
    with answering((404, error("ContainerNotFound")), (201, ""), (200, listing)) as answers:
        connection = f"BlobEndpoint={answers.url}/acc;SharedAccessSignature=?sv=2022-11-02&sig=abc%3D"
        found = store(azure.read, {"ConnectionString": connection, "ContainerName": "c"})
        assert probe.look(found).error == ""
    assert answers.requests[1][:2] == ("PUT", "/acc/c?restype=container&sv=2022-11-02&sig=abc%3D")
    assert "authorization" not in answers.requests[1][2]
    assert ["sig=abc%3D" in path for _, path, _ in answers.requests] == [True] * 3


def test_a_machine_without_an_identity_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without key and signature, the library asks the machine, which nobody can make a container with."""
    monkeypatch.delenv(google.EMULATOR, raising=False)
    on_machine = {
        azure.read: store(azure.read, {"ConnectionString": "AccountName=acc", "ContainerName": "c"}),
        google.read: store(google.read, {"BucketName": "b"}),
        s3.read: store(s3.read, {"BucketName": "b", "Region": "r"}),
    }
    here = "and this machine has no"
    sentences = {
        azure.read: f"ConnectionString: it has no AccountKey, {here} identity for Azure. Add one.",
        google.read: f"ServiceAccountFile: not set, {here} credentials for Google. Set it.",
        s3.read: f"AccessKey: not set, {here} credentials for S3. Set AccessKey and SecretKey.",
    }
    silent = OSError("error sending request for url (http://169.254.169.254/metadata)")
    assert {read: found.explain(silent) for read, found in on_machine.items()} == sentences
    assert [found.explain(OSError("another")) for found in on_machine.values()] == [None] * 3
    repair = on_machine[azure.read].repair
    assert repair is not None
    assert not repair()
    on_machine[azure.read].connect(QUICK)


@pytest.fixture
def authority(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for the loopback that signs itself, and its key."""
    certificate, key = tmp_path / "tls.pem", tmp_path / "tls.key"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += ["-subj", "/CN=store", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


def test_a_container_is_made_through_tls(authority: tuple[Path, Path]) -> None:
    """Only where the authority of the store is trusted."""
    with answering((201, ""), tls=authority) as answers:
        address = parsed(answers.url)
        assert address is not None
        account = Account("acc", address, KEY)
        assert made(account, "c", authority[0].read_bytes())
        with pytest.raises(StorageError) as raised:
            made(account, "c", None)
    assert str(raised.value).startswith(f"{answers.url} cannot be reached ([SSL: CERTIFICATE_VERIFY_FAILED]")
    assert [path for _, path, _ in answers.requests] == ["/c?restype=container"]


def test_authorities_are_given_to_the_client() -> None:
    assert Patience().client(plain=False, certificates=b"PEM")["root_certificate"] == b"PEM"
    assert "root_certificate" not in Patience().client(plain=False, certificates=None)


def test_what_the_library_itself_refuses_ends_the_start(tmp_path: Path) -> None:
    """Before the store is asked anything; the key is not shown."""
    path = tmp_path / "account.json"
    path.write_text(json.dumps({"private_key": "no such key", "private_key_id": "", "client_email": "a"}))
    with pytest.raises(PluginError) as raised:
        probe.look(store(google.read, {"ServiceAccountFile": str(path), "BucketName": "b"}))
    assert str(raised.value).startswith("GoogleCloudStorage.ServiceAccountFile: ")
    assert str(raised.value).endswith(" Correct it.")
    assert "no such key" not in str(raised.value)


def test_an_address_that_is_none_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Google is asked then, and never without TLS."""
    config: dict[str, str] = {}
    assert not google._plain("ftp://store", config)  # type: ignore[arg-type] # its only keys are texts
    assert config == {}


@pytest.mark.parametrize("operation", ["open", "has", "remove", "read_into"])
def test_what_a_store_refuses_is_an_error(operation: str) -> None:
    """It is never taken for a file that is not there."""
    with answering((403, error("AccessDenied", "No."))) as answers:
        found = on_s3(answers.url)
        place = Objects(found.connect(QUICK), Keys(), found.transfer, found.secrets)
        arguments = (0, memoryview(bytearray(3))) if operation == "read_into" else ()
        with pytest.raises(StorageError) as raised:
            getattr(place, operation)(DICOM, *arguments)
    assert f" {answers.url}/b/{DICOM.uuid}.dcm" in str(raised.value)


def test_a_file_is_not_removed_with_a_bucket_that_is_not_there(
    on_google: Callable[..., StoreSettings],
) -> None:
    """Where only the file is missing, that is as good as removed."""
    with answering((404, error("NoSuchKey")), (404, error("NoSuchBucket"))) as answers:
        found = on_google(answers.url)
        place = Objects(found.connect(QUICK), Keys(), found.transfer, found.secrets)
        place.remove(DICOM)
        with pytest.raises(StorageError) as raised:
            place.remove(DICOM)
    assert str(raised.value).startswith("NoSuchBucket: said the store, for DELETE ")


def test_a_connection_that_ends_midway_is_an_error() -> None:
    with answering((200, "x" * 100)) as answers:
        answers.lacking = 50
        found = on_s3(answers.url)
        place = Objects(found.connect(QUICK), Keys(), found.transfer, found.secrets)
        stored = place.open(DICOM)
        assert stored.size == 150
        with pytest.raises(StorageError):
            list(stored.parts())


def test_a_file_goes_to_azure_with_its_tier() -> None:
    with answering((201, "")) as answers:
        method, path, headers = sent(on_azure(answers.url, AccessTier="Cool"), answers)
    assert (method, path, headers["x-ms-access-tier"]) == ("PUT", "/acc/c/k", "Cool")
    assert headers["authorization"].startswith("SharedKey acc:")


@pytest.mark.parametrize(
    ("connection", "url"),
    [
        (
            f"DefaultEndpointsProtocol=https;AccountName=acc;AccountKey={KEY}",
            "https://acc.blob.core.windows.net",
        ),
        (
            f" AccountName=acc ;AccountKey={KEY};EndpointSuffix=core.chinacloudapi.cn;",
            "https://acc.blob.core.chinacloudapi.cn",
        ),
        (
            "BlobEndpoint=https://acc.example.org/;SharedAccessSignature=sv=1&sig=x%3D",
            "https://acc.example.org",
        ),
        ("UseDevelopmentStorage=true", "http://127.0.0.1:10000/devstoreaccount1"),
    ],
)
def test_connection_strings_are_understood(connection: str, url: str) -> None:
    found = store(azure.read, {"ConnectionString": connection, "ContainerName": "c"})
    assert found.where == f"the container 'c' at {url}"


@pytest.mark.parametrize(
    ("connection", "problem"),
    [
        ("", "not set. Set it."),
        (
            "hello",
            "it names no storage account."
            " Copy the connection string of the storage account, which begins as AccountName=….",
        ),
        ("AccountName=a;AccountKey=abc", "its AccountKey is not base64. Copy the whole connection string."),
    ],
)
def test_what_is_no_connection_string_is_refused(connection: str, problem: str) -> None:
    found = problems(azure.read, {"ConnectionString": connection, "ContainerName": "c", "AccessTier": "Hot"})
    assert found == [f"AzureBlobStorage.ConnectionString: {problem}"]


def test_a_file_goes_to_google(on_google: Callable[..., StoreSettings]) -> None:
    with answering((200, "")) as answers:
        method, path, _ = sent(on_google(answers.url), answers)
    assert (method, path) == ("PUT", "/b/k")


def test_the_emulator_of_google_is_found_as_its_own_libraries_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering((200, "")) as answers:
        monkeypatch.setenv(google.EMULATOR, answers.url.removeprefix("http://"))
        found = store(google.read, {"BucketName": "b"})
        method, path, headers = sent(found, answers)
    assert (method, path) == ("PUT", "/b/k")
    assert headers["authorization"] == "Bearer none"


@pytest.mark.parametrize(
    ("status", "text", "sentence"),
    [
        (404, error("NoSuchBucket"), "BucketName: there is no bucket 'b'. Make it, or correct the name."),
        (401, error("x"), "ServiceAccountFile: Google does not accept the account in {path}. Renew it."),
    ],
)
def test_what_google_refuses_ends_the_start(
    on_google: Callable[..., StoreSettings], tmp_path: Path, status: int, text: str, sentence: str
) -> None:
    with answering((status, text)) as answers, pytest.raises(PluginError) as raised:
        probe.look(on_google(answers.url))
    path = tmp_path / "account.json"
    assert str(raised.value) == f"GoogleCloudStorage.{sentence.format(path=path)}"


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"private_key"'])
def test_what_is_no_key_file_is_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "key.json"
    what = (
        "is not the JSON key of a service account. Make a key for the account in Google's console, as JSON."
    )
    if content is None:
        what = "cannot be read (No such file or directory). Mount it."
    else:
        path.write_text(content)
    assert problems(google.read, {"ServiceAccountFile": str(path), "BucketName": "b"}) == [
        f"GoogleCloudStorage.ServiceAccountFile: the file {path} {what}"
    ]


def test_authorities_are_read_from_the_file_of_the_core(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    section = Section("S", {})
    assert certificates({}, section) is None
    path.write_text("-----BEGIN CERTIFICATE-----\n")
    assert certificates({"HttpsCACertificates": str(path)}, section) == b"-----BEGIN CERTIFICATE-----\n"
    assert section.problems == []
    path.write_text("nothing")
    assert certificates({"HttpsCACertificates": str(path)}, section) is None
    path.unlink()
    assert certificates({"HttpsCACertificates": str(path)}, section) is None
    assert section.problems == [
        f"HttpsCACertificates: the file {path} holds no certificate in PEM. Correct it.",
        f"HttpsCACertificates: the file {path} cannot be read (No such file or directory). Correct the path.",
    ]


@pytest.mark.parametrize(
    "text", ["", "http://", "ftp://h", "http://u@h", "http://h:x", "http://h?q=1", "http://[::"]
)
def test_what_is_no_address_is_none(text: str) -> None:
    assert parsed(text) is None


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("h", "https://h"),
        ("h:9/", "https://h:9"),
        ("http://h/a/", "http://h/a"),
        ("http://[::1]:9", "http://[::1]:9"),
    ],
)
def test_addresses_are_read(text: str, url: str) -> None:
    found = parsed(text)
    assert found is not None
    assert found.url == url
