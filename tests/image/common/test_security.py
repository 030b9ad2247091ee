"""What nobody gets to see or do who should not: files, secrets, routes, ciphers."""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Iterator

import docker
import pytest
from testinfra.host import Host

from tests.image.conftest import Start

PRIVATE = re.compile(
    rb"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{60}"
)
"""A private key in PEM: the words alone are in many programs."""


def members(client: docker.DockerClient, image: str) -> Iterator[tuple[str, bytes]]:
    """Yield each file of each layer of the image, by its path, with its content."""
    saved = io.BytesIO(b"".join(client.images.get(image).save()))
    with tarfile.open(fileobj=saved) as archive:
        listed = archive.extractfile("manifest.json")
        assert listed is not None
        for name in json.load(listed)[0]["Layers"]:
            with tarfile.open(fileobj=archive.extractfile(name)) as layer:
                for entry in layer:
                    file = layer.extractfile(entry) if entry.isreg() else None
                    if file is not None:
                        yield entry.name, file.read()


@pytest.mark.timeout(180)
def test_no_layer_holds_a_private_key_or_a_trace(client: docker.DockerClient, image: str) -> None:
    """No layer, also not one below another, holds a private key, a history of a shell, or a cache."""
    seen, bad = 0, []
    for path, content in members(client, image):
        seen += 1
        if PRIVATE.search(content) or re.search(r"_history$|\.pyc\.\d+$|^var/(cache|log)/.", path):
            bad.append(path)
    assert seen > 2000
    assert bad == []


def test_configuration_is_unreadable_for_others(start: Start) -> None:
    """Another user in the container, also one of group 0, cannot read the generated configuration."""
    server = start()
    for user in ("4321:4321", "4321:0"):
        code, _ = server.container.exec_run(["cat", "/tmp/orthanc.json"], user=user)
        assert code == 1
    assert server.run("cat", "/tmp/orthanc.json").code == 0


def test_world_writable_folders_are_sticky(root_host: Host) -> None:
    """No file may be changed by everybody."""
    assert root_host.check_output("find / -xdev -type f -perm -0002 -not -path '/proc/*'") == ""
