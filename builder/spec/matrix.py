"""The images to build, as the matrix of a workflow: each variant on each platform, and a machine for it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from builder.console import table
from builder.spec.model import PLATFORMS, Definition

RUNNERS = {"linux/amd64": "ubuntu-24.04", "linux/arm64": "ubuntu-24.04-arm"}


def rows(definition: Definition) -> list[Mapping[str, str]]:
    """Return one row per image: `variant`, `platform`, `runner` (a machine of GitHub's) and `name`."""
    return [
        {
            "variant": variant,
            "platform": platform,
            "runner": RUNNERS[platform],
            "name": f"{variant}-{PLATFORMS[platform]}",
        }
        for variant in definition.variants
        for platform in definition.platforms
    ]


def output(definition: Definition) -> str:
    """Return the matrix as an output of a step in a workflow of GitHub, which is one line."""
    return f"matrix={json.dumps({'include': rows(definition)})}"


def described(definition: Definition) -> str:
    """Return the matrix as a table."""
    found = rows(definition)
    return table([tuple(row.values()) for row in found], tuple(found[0]))
