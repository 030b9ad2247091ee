"""Registries are spoken to by their protocol, with Docker's credentials, and nothing secret is shown."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.errors import BuildError, UsageError
from builder.image import registry
from builder.image.oci import MANIFEST
from builder.image.registry import Name, Registry, named
from tests.unit.builder.registries import PASSWORD, USER, Held, serving
from tests.unit.builder.samples import sha256

BLOB = b"blob"
DIGEST = f"sha256:{sha256(BLOB)}"


@pytest.fixture
def held() -> Iterator[Held]:
    with serving() as state:
        yield state


def to(held: Held, **secrets: str) -> Registry:
    """Return a client of the registry that has these credentials and waits for nothing."""
    return Registry(Name(held.host, "some/orthanc"), lambda _: secrets or None, (0.0,))


@pytest.fixture
def blob(tmp_path: Path) -> Path:
    (tmp_path / "blob").write_bytes(BLOB)
    return tmp_path / "blob"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ghcr.io/some/orthanc:26.11.0", Name("ghcr.io", "some/orthanc", "26.11.0")),
        ("127.0.0.1:5000/orthanc", Name("127.0.0.1:5000", "orthanc")),
        ("localhost/orthanc", Name("localhost", "orthanc")),
        ("some/orthanc", Name("docker.io", "some/orthanc")),
        ("orthanc:latest", Name("docker.io", "library/orthanc", "latest")),
        (f"ghcr.io/o:1@{DIGEST}", Name("ghcr.io", "o", "1", DIGEST)),
    ],
)
def test_names_are_read_as_docker_reads_them(text: str, expected: Name) -> None:
    assert named(text) == expected


@pytest.mark.parametrize("text", ["", "ghcr.io/", "ghcr.io/Some", "ghcr.io/o:", "ghcr.io/o@sha256:12", "a b"])
def test_what_is_no_name_is_told(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        named(text)
    assert str(caught.value) == f"{text!r} is not the name of an image. Write it as HOST/NAME:TAG."


def test_a_blob_is_sent_once(held: Held, blob: Path) -> None:
    assert [to(held).put_blob(DIGEST, blob) for _ in range(2)] == [True, False]
    assert to(held).blob(DIGEST) == BLOB
    assert held.changes == ["POST /v2/some/orthanc/blobs/uploads/", "PUT /v2/some/orthanc/blobs/uploads/1"]


def test_manifests_have_names(held: Held) -> None:
    client, content = to(held), b'{"mediaType": "x"}'
    client.put_manifest("26.11.0", content, MANIFEST)
    assert client.resolve("26.11.0") == f"sha256:{sha256(content)}"
    assert client.resolve("other") == ""
    assert client.manifest(f"sha256:{sha256(content)}") == content


@pytest.mark.parametrize("guard", ["basic", "bearer"])
def test_a_registry_that_asks_gets_dockers_credentials(held: Held, blob: Path, guard: str) -> None:
    held.guard = guard
    assert to(held, username=USER, password=PASSWORD).put_blob(DIGEST, blob)
    assert held.blobs == {DIGEST: BLOB}


@pytest.mark.parametrize("guard", ["basic", "bearer"])
@pytest.mark.parametrize("secrets", [{}, {"username": USER, "password": "other-s3cret"}])
def test_a_registry_that_does_not_let_us_in_is_told_without_secrets(
    held: Held, guard: str, secrets: dict[str, str]
) -> None:
    held.guard = guard
    with pytest.raises(BuildError) as caught:
        to(held, **secrets).manifest("latest")
    assert str(caught.value) == (
        f"{held.host}/some/orthanc: the registry refuses GET with 401. Log in with: docker login {held.host}."
    )


def test_trouble_that_passes_is_waited_out(held: Held, blob: Path) -> None:
    held.failures = [503]
    assert to(held).put_blob(DIGEST, blob)


def test_trouble_that_stays_is_told(held: Held) -> None:
    held.failures = [500, 503]
    with pytest.raises(BuildError) as caught:
        to(held).manifest("latest")
    assert str(caught.value) == (
        f"{held.host}/some/orthanc: the registry refuses GET with 503 (come back)."
        " Run the same command again."
    )


def test_a_registry_that_is_not_there_is_told() -> None:
    with pytest.raises(BuildError) as caught:
        Registry(Name("127.0.0.1:9", "orthanc"), delays=()).resolve("latest")
    assert str(caught.value) == (
        "127.0.0.1:9: cannot be reached: NewConnectionError. Check the name and the network."
    )


def test_what_arrives_must_have_its_digest(held: Held) -> None:
    held.blobs[DIGEST] = b"other"
    with pytest.raises(BuildError) as caught:
        to(held).blob(DIGEST)
    assert str(caught.value) == (
        f"{held.host}/some/orthanc: {DIGEST} arrived as sha256:{sha256(b'other')}. Do not use this registry."
    )


def test_credentials_are_not_sent_to_a_place_that_is_not_safe(held: Held) -> None:
    """A realm in plain HTTP on another machine would get the password."""
    client = to(held, username=USER, password=PASSWORD)
    with pytest.raises(BuildError) as caught:
        client._token({"realm": "http://example.org/token"}, (USER, PASSWORD), "")
    assert str(caught.value) == (
        f"{held.host}: asks to send credentials to 'http://example.org/token', which is not HTTPS. "
        "Do not use this registry."
    )


def test_credentials_come_from_dockers_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {"ghcr.io": {"auth": secret}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    found = registry.stored("ghcr.io")
    assert found == {"username": USER, "password": PASSWORD, "email": None, "serveraddress": "ghcr.io"}
    assert registry.stored("example.org") is None


def test_a_broken_store_of_credentials_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"credHelpers": {"ghcr.io": "absent"}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with pytest.raises(
        BuildError, match=r"^ghcr\.io: Docker's credentials cannot be read: .*docker-credential"
    ):
        registry.stored("ghcr.io")
