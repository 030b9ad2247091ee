"""The providers by their names in build.toml: each is a module here, of that name."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from builder.sources.provider import Provider
from builder.spec.component import PROVIDERS


def of(name: str) -> Provider:
    """Return the provider that build.toml calls `name`."""
    found: Provider = import_module(f"{__package__}.{name}").PROVIDER
    return found


def every() -> Iterator[Provider]:
    """Yield all providers, in the order in which the lock and the plan have them."""
    return map(of, PROVIDERS)
