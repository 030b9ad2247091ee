"""The parts of the documents that are made from the definition, the lock and the start-up code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from builder import configuration_docs
from builder.configuration_docs import table
from builder.errors import BuildError
from builder.lock import Lock
from builder.model import Component, Definition
from startup import catalogue
from startup.plugins import PLUGINS

_PART = re.compile(
    r"(?P<start><!-- made by ./inv docs: (?P<name>\S+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL
)


def plugins(definition: Definition, lock: Lock) -> str:
    """Return the table of all documented plugins: variable, version and provider, and where they are."""
    homes = {plugin: one for one in definition.components.values() for plugin in one.plugins}
    rows = []
    for plugin in PLUGINS:
        component = homes.get(plugin.name)
        switch = f"`{plugin.switch}`" + (" (on by default)" if plugin.by_default and component else "")
        if component is None:
            rows.append((plugin.name, switch, "", "not in these images yet"))
            continue
        source = f"{_version(component, definition, lock)} ({component.providers[0]})"
        rows.append((plugin.name, switch, source, _variants(definition, component)))
    return table(("plugin", "variable that enables it", "version (provider)", "variants"), rows)


def variants(definition: Definition, lock: Lock) -> str:
    """Return the table of the variants: image, what it is for, and its components."""
    rows = []
    for variant in definition.variants.values():
        names = [
            f"{one.name} {_version(one, definition, lock)}" for one in definition.components_of(variant.name)
        ]
        tag = f"`{definition.name}:{definition.version}{variant.suffix}`"
        rows.append((variant.name, tag, variant.summary, ", ".join(names)))
    return table(("variant", "image", "what it is for", "components"), rows)


def filled(text: str, parts: Mapping[str, str], where: str) -> str:
    """Return `text` with what stands between its marks replaced by the `parts` of those names.

    Raises:
        BuildError: when a mark names a part that there is not.
    """

    def part(match: re.Match[str]) -> str:
        if match["name"] not in parts:
            known = ", ".join(sorted(parts))
            raise BuildError(f"{where}: there is no part {match['name']!r}", remedy=f"Known are {known}")
        return f"{match['start']}\n{parts[match['name']]}\n{match['end']}"

    return _PART.sub(part, text)


def stale(root: Path, definition: Definition, lock: Lock, write: bool = False) -> list[str]:
    """Return the documents below `root` whose made parts are not up to date; with `write`, mend them."""
    parts = {"plugins": plugins(definition, lock), "variants": variants(definition, lock)}
    wanted = {
        path: filled(path.read_text(encoding="utf-8"), parts, str(path.relative_to(root)))
        for path in [*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("variants/*/*.md")]
    }
    wanted[root / configuration_docs.DOCUMENT] = configuration_docs.text(catalogue.load())
    found = sorted(
        path
        for path, text in wanted.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    )
    for path in found if write else ():
        path.parent.mkdir(exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8")
    return [str(path.relative_to(root)) for path in found]


def _version(component: Component, definition: Definition, lock: Lock) -> str:
    """Return the locked version of `component`, without Debian's revision."""
    for layers in lock.packages.values():
        for package in (one for layer in layers.values() for one in layer):
            if package.name == component.versioned_by:
                return re.sub(r"^\d+:|[+~-](?:dfsg|ds|really).*$|-[^-]+$", "", package.version)
    for wheel in (one for wheels in lock.wheels.values() for one in wheels):
        if wheel.component == component.name:
            return wheel.version
    for bundle in lock.bundles:
        if bundle.component == component.name:
            return bundle.version
    return definition.version


def _variants(definition: Definition, component: Component) -> str:
    return ", ".join(name for name in definition.variants if component in definition.components_of(name))
