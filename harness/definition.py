"""The facts in build.toml about the variants, so that the tests do not repeat them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tomli

DEFINITION: dict[str, Any] = tomli.loads(
    (Path(__file__).resolve().parents[1] / "build.toml").read_text(encoding="utf-8")
)
COMPONENTS: dict[str, dict[str, Any]] = DEFINITION["components"]

BASE = "debian"
"""The name under which components.json lists the system itself."""


def components(variant: str) -> list[str]:
    """Return the names of a variant's components, those of the variant that it extends first."""
    below = extended(variant)
    return [*(components(below) if below else []), *DEFINITION["variants"][variant]["components"]]


def extended(variant: str) -> str:
    """Return the name of the variant that this one extends; empty where it extends none."""
    return str(DEFINITION["variants"][variant].get("extends", ""))


def providers(name: str) -> list[str]:
    """Return the providers that a component may come from, the preferred one first."""
    said = COMPONENTS[name]["provider"]
    return [said] if isinstance(said, str) else said


def sure(variant: str) -> list[str]:
    """Return the components that a variant has wherever it was built: all but those only from upstream."""
    return [name for name in components(variant) if providers(name) != ["upstream"]]


def plugins(names: Iterable[str]) -> list[str]:
    """Return the names of the plugins that the components `names` bring."""
    return [plugin for name in names for plugin in COMPONENTS[name].get("plugins", [])]


def package(name: str) -> str:
    """Return the Debian package whose version is the version of the component."""
    said = COMPONENTS[name]
    return str(said.get("versioned-by", said["packages"][0]))
