"""Which provider each component comes from on one platform, as the lock has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from builder.spec.lockfile import Bundle, Library, Lock, Wheel
from builder.spec.model import Component, Definition


class Choice:
    """Which provider each component comes from on one platform."""

    def __init__(self, definition: Definition, lock: Lock, platform: str, refused: Mapping[str, str]) -> None:
        self.definition, self.lock, self.platform = definition, lock, platform
        self._refused = refused
        self.packages = lock.packages_by_name(platform)

    def provider(self, component: Component) -> str:
        """Return where `component` comes from; empty when it is not to be had."""
        if component.name not in self._refused:
            return self.lock.provider(component, self.platform)
        others = (one for one in component.providers if one != "upstream")
        return next((one for one in others if self.lock.has(one, component, self.platform)), "")

    def version(self, component: Component) -> str:
        """Return the version of `component`, which must be to be had."""
        provider = self.provider(component)
        if provider == "debian":
            return self.packages[component.versioned_by].version
        if provider == "pypi":
            held = self.lock.wheels[self.platform]
            return next(one.version for one in held if one.component == component.name)
        if provider == "npm":
            return next(one.version for one in self.lock.bundles if one.component == component.name)
        return component.version if provider == "upstream" else self.definition.version

    @property
    def superseded(self) -> frozenset[str]:
        """Return the Debian packages in whose place other providers have something newer."""
        return frozenset(
            package
            for component in self.definition.components_from("debian")
            if self.provider(component) != "debian"
            for package in component.packages
        )

    def wheels(self, variant: str) -> Iterator[Wheel]:
        """Yield the wheels that `variant` adds."""
        for component in self._of(variant, "pypi"):
            yield from (one for one in self.lock.wheels[self.platform] if one.component == component.name)

    def bundles(self, variant: str) -> Iterator[Bundle]:
        """Yield the bundles that `variant` adds."""
        for component in self._of(variant, "npm"):
            yield from (one for one in self.lock.bundles if one.component == component.name)

    def libraries(self, variant: str) -> Iterator[Library]:
        """Yield the precompiled libraries that `variant` adds."""
        for component in self._of(variant, "upstream"):
            yield from self.lock.libraries_of(component.name, self.platform)

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
        """Return why `component` is not to be had."""
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

    def _of(self, variant: str, provider: str) -> Iterator[Component]:
        for name in self.definition.variants[variant].components:
            if self.provider(self.definition.components[name]) == provider:
                yield self.definition.components[name]
