"""Which provider each component comes from on one platform, as the lock has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from builder.spec.artifact import Artifact
from builder.spec.component import PROVIDERS, SYSTEM, Component
from builder.spec.lockfile import Lock
from builder.spec.model import Definition


class Choice:
    """Which provider each component comes from on one platform."""

    def __init__(
        self,
        definition: Definition,
        lock: Lock,
        platform: str,
        refused: Mapping[str, str],
        told: Mapping[str, str] | None = None,
    ) -> None:
        """Note which components are `refused`, and why, and which version others give of themselves."""
        self.definition, self.lock, self.platform = definition, lock, platform
        self._refused, self._told = refused, told or {}

    def provider(self, component: Component) -> str:
        """Return where `component` comes from; empty when it is not available."""
        if component.name not in self._refused:
            return self.lock.provider(component, self.platform)
        others = (one for one in component.providers if not PROVIDERS[one].precompiled)
        return next((one for one in others if self.lock.has(one, component, self.platform)), "")

    def held(self, component: Component) -> tuple[Artifact, ...]:
        """Return the locked files of `component`, which must be available; none for one of this repository.

        Of Debian packages, it is the one that gives the component its version.
        """
        held = self.lock.held(self.provider(component), component, self.platform)
        version = self._told.get(component.name)
        return tuple(replace(one, version=version) for one in held) if version else held

    def version(self, component: Component) -> str:
        """Return the version of `component`, which must be available."""
        return next((one.version for one in self.held(component)), self.definition.version)

    def artifacts(self, layer: str) -> Iterator[Artifact]:
        """Yield the files that `layer` adds: packages, and of a variant those of its components.

        Packages that other providers replace by something newer are left out.
        """
        superseded = self._superseded()
        for package in self.lock.layers[self.platform][layer]:
            if package.name not in superseded:
                yield package
        variant = self.definition.variants.get(layer)
        components = [self.definition.components[name] for name in variant.components] if variant else []
        for provider in (name for name in PROVIDERS if name != SYSTEM):
            for component in components:
                if self.provider(component) == provider:
                    yield from self.held(component)

    def _superseded(self) -> frozenset[str]:
        return frozenset(
            package
            for component in self.definition.components_from(SYSTEM)
            if self.provider(component) != SYSTEM
            for package in component.packages
        )

    def lack(self, component: Component, variant: str) -> str:
        """Return why `component` is not in the image of `variant`; empty when it is."""
        if not self.provider(component):
            return self.reason(component)
        variants = self.definition.variants
        homes = [name for name in variants if component in self.definition.components_of(name)]
        if variant in homes:
            return ""
        return f"it comes with the variant {homes[0]!r}" if homes else "no variant includes it"

    def reason(self, component: Component) -> str:
        """Return why `component` is not available."""
        if component.name in self._refused:
            return self._refused[component.name]
        absence = self.lock.absence(component.name, self.platform)
        if absence is not None:
            return str(absence)
        if self.platform not in self.definition.upstream.platforms:
            return (
                f"Orthanc's download site has it for {' and '.join(self.definition.upstream.platforms)} only"
            )
        return "build.lock has no file for it"
