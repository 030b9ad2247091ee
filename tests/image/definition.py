"""What build.toml says of the variants, so that the tests write no fact of it down again."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

DEFINITION: dict[str, Any] = tomllib.loads(
    (Path(__file__).resolve().parents[2] / "build.toml").read_text(encoding="utf-8")
)
COMPONENTS: dict[str, dict[str, Any]] = DEFINITION["components"]

BASE = "debian"
"""The name under which components.json lists the system itself."""


def components(variant: str) -> list[str]:
    """The names of a variant's components, those of the variant that it extends first."""
    said = DEFINITION["variants"][variant]
    inherited = components(said["extends"]) if "extends" in said else []
    return [*inherited, *said["components"]]


def plugins(variant: str) -> set[str]:
    """The names of the plugins that a variant's components bring."""
    return {plugin for name in components(variant) for plugin in COMPONENTS[name].get("plugins", [])}


def package(name: str) -> str:
    """The Debian package whose version is the version of the component."""
    said = COMPONENTS[name]
    return str(said.get("versioned-by", said["packages"][0]))
