"""What the image says of itself: configuration and labels."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest

from harness.definition import BASE, DEFINITION, sure

PREFIX = "org.opencontainers.image."


@pytest.fixture
def config(facts: dict[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = facts["Config"]
    return settings


@pytest.fixture
def labels(config: dict[str, Any]) -> dict[str, str]:
    return dict(config["Labels"] or {})


def test_runs_as_a_number_or_name_that_is_not_root(config: dict[str, Any]) -> None:
    """The user is orthanc, so that Kubernetes and people see that it is not root."""
    assert config["User"].split(":")[0] in ("orthanc", "999")


def test_environment_speaks_utf8(config: dict[str, Any]) -> None:
    """Python and C programs use UTF-8, and no other variable but PATH is set for them."""
    environment = dict(entry.split("=", 1) for entry in config["Env"])
    path = environment.pop("PATH").split(":")
    assert {"/usr/local/bin", "/usr/sbin", "/usr/bin"} <= set(path)
    assert environment.pop("PYTHONUTF8") == "1"
    assert environment.pop("LANG") == "C.UTF-8"
    assert {name: value for name, value in environment.items() if not name.startswith("SSL_CERT_")} == {}


def test_ports(config: dict[str, Any]) -> None:
    """HTTP and DICOM are exposed."""
    assert {"4242/tcp", "8042/tcp"} == set(config["ExposedPorts"])


def test_no_volume(config: dict[str, Any]) -> None:
    """An anonymous volume would lie over what users mount above it, and their data would be in it."""
    assert not config.get("Volumes")


def test_starts_with_the_start_up_code(config: dict[str, Any]) -> None:
    """The entry point is ours, and no argument is given to it."""
    assert config["Entrypoint"] == ["/docker-entrypoint.sh"]
    assert not config["Cmd"]


def test_stops_by_sigterm(config: dict[str, Any]) -> None:
    """Engines stop it with the signal that Orthanc listens to."""
    assert config["StopSignal"] == "SIGTERM"


def test_health_is_asked_from_the_probe(config: dict[str, Any]) -> None:
    """The HEALTHCHECK calls the probe, without a shell."""
    check = config["Healthcheck"]
    assert check["Test"][0] == "CMD"
    assert "/probes/test-aliveness.py" in check["Test"]
    assert 1_000_000_000 <= check["Timeout"] <= check["Interval"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("title", DEFINITION["title"]), ("licenses", DEFINITION["licences"]), ("source", DEFINITION["source"]),
     ("description", DEFINITION["description"]), ("version", DEFINITION["version"])],
)  # fmt: skip
def test_label_is_what_the_definition_says(labels: dict[str, str], name: str, expected: str) -> None:
    """OCI labels say what the image is."""
    assert expected in labels[PREFIX + name]


@pytest.mark.parametrize("name", ["base.name", "created", "revision"])
def test_label_is_there(labels: dict[str, str], name: str) -> None:
    """OCI labels say where the image comes from."""
    assert labels[PREFIX + name].strip()


def test_creation_is_a_time(labels: dict[str, str]) -> None:
    """The time of creation is in the format of RFC 3339."""
    assert datetime.fromisoformat(labels[PREFIX + "created"]).tzinfo


def test_revision_is_a_commit(labels: dict[str, str]) -> None:
    """The revision is a commit, perhaps with changes on top of it."""
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", labels[PREFIX + "revision"])


def test_components_are_a_label(labels: dict[str, str], contents: dict[str, Any], variant: str) -> None:
    """One label lists each component with its version, as components.json does."""
    said = dict(each.split("=", 1) for each in labels["org.orthanc-images.components"].split())
    assert {each["name"]: each["version"].replace(" ", "@") for each in contents["components"]} == said
    assert set(said) >= {BASE, *sure(variant)}


def test_missing_components_are_a_label(labels: dict[str, str], contents: dict[str, Any]) -> None:
    """One label lists what is not in the image, as components.json does."""
    assert [each["name"] for each in contents["missing"]] == labels["org.orthanc-images.missing"].split()


def test_variant_is_a_label(labels: dict[str, str], variant: str) -> None:
    """The image says which variant it is."""
    assert variant == labels["org.orthanc-images.variant"]
