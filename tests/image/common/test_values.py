"""Wrong values: what the check of the configuration lets pass does not end Orthanc."""

from __future__ import annotations

import json
from pathlib import Path

import docker
import pytest

from harness import containers

TRIAL = Path(__file__).with_name("trial.py")


@pytest.mark.timeout(180)
def test_what_passes_the_check_starts(client: docker.DockerClient, image: str) -> None:
    """Each setting with wrong values of its type: either the check refuses them, or Orthanc starts.

    Not covered: plugins that need a server to start (trial.py), and values that need others beside them.
    """
    said = containers.output(
        client, image, ["python3", "/trial.py"], files={"/trial.py": TRIAL.read_text()}, timeout=150
    )
    assert said.code == 0, said.stderr
    tried = [json.loads(line) for line in said.stdout.splitlines()]
    states = {state for state, _, _, _ in tried}
    assert [(path, value, end) for state, path, value, end in tried if state == "ended"] == []
    assert {"refused", "started"} <= states
