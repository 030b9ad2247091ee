"""Which plugin is in which variant and platform, its version and provider, and why others are missing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from builder import console
from builder.markdown import markdown_table
from builder.spec.choice import Choice
from builder.spec.lockfile import Lock
from builder.spec.model import PLATFORMS, Definition
from builder.spec.planning import Plan
from startup.plugins import PLUGINS

NOBODY = "no provider of these images has it"

_REVISION = re.compile(r"^\d+:|[+~-](?:dfsg|ds|really).*$|-[^-]+$")


@dataclass(frozen=True)
class Entry:
    """One plugin in one variant on one platform; without a version, the image lacks it for the `reason`."""

    plugin: str
    switch: str
    variant: str
    platform: str
    component: str = ""
    version: str = ""
    provider: str = ""
    reason: str = ""

    def __str__(self) -> str:
        """Return version and provider, or a dash."""
        return f"{self.version} ({self.provider})" if self.version else "—"


def entries(definition: Definition, lock: Lock) -> tuple[Entry, ...]:
    """Return an entry for each plugin in the documentation of Orthanc's images, variant and platform."""
    choices = {platform: Choice(definition, lock, platform, {}) for platform in definition.platforms}
    return tuple(
        _entry(choices[platform], plugin.name, plugin.switch, variant, platform)
        for plugin in PLUGINS
        for variant in definition.variants
        for platform in definition.platforms
    )


def released(version: str) -> str:
    """Return `version` as the plugin's makers have it, without Debian's epoch and revision."""
    return _REVISION.sub("", version)


def table(found: Sequence[Entry]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the head and the rows of a table: one row per plugin, one column per variant and platform."""
    columns = list(dict.fromkeys((one.variant, one.platform) for one in found))
    cells = {(one.plugin, one.variant, one.platform): str(one) for one in found}
    names = dict.fromkeys(one.plugin for one in found)
    head = ("plugin", *(f"{variant}, {PLATFORMS[platform]}" for variant, platform in columns))
    return head, [(name, *(cells[name, *column] for column in columns)) for name in names]


def described(found: Sequence[Entry]) -> str:
    """Return the table, followed by the reasons why some plugins are in no image."""
    head, rows = table(found)
    reasons = [f"{', '.join(names)}: {reason}" for reason, names in absences(found).items()]
    return "\n".join([console.table(rows, head), *reasons])


def as_json(found: Iterable[Entry]) -> str:
    """Return the entries as a JSON list of objects."""
    return json.dumps([asdict(one) for one in found], indent=1)


def markdown(found: Sequence[Entry]) -> str:
    """Return a table of all plugins, followed by the reasons why some are in no image."""
    rows = []
    for plugin in PLUGINS:
        held = [one for one in found if one.plugin == plugin.name and one.version]
        switch = f"`{plugin.switch}`{' (on by default)' if plugin.by_default and held else ''}"
        homes = ", ".join(dict.fromkeys(one.variant for one in held)) or "none"
        rows.append((plugin.name, switch, _sources(held, found) if held else "", homes))
    head = ("plugin", "variable that enables it", "version (provider)", "variants")
    reasons = [f"- {', '.join(names)}: {reason}" for reason, names in absences(found).items()]
    return "\n".join([markdown_table(head, rows), "", "Why some are in none:", "", *reasons])


def absences(found: Sequence[Entry]) -> dict[str, list[str]]:
    """Return the plugins that no variant has, by reason, with the platforms if it differs between them."""
    reasons: dict[str, dict[str, str]] = {}
    for one in found:
        reasons.setdefault(one.plugin, {})[one.platform] = one.reason  # the last variant has most
    present = {one.plugin for one in found if one.version}
    grouped: dict[str, list[str]] = {}
    for plugin, by_platform in reasons.items():
        if plugin not in present:
            grouped.setdefault(_joined(by_platform), []).append(plugin)
    return grouped


def lacking(plan: Plan) -> list[str]:
    """Return what no image of `plan` has, a line for each reason: plugins, and components without plugins."""
    present = {name for image in plan.images for part in image.parts for name in (part.name, *part.plugins)}
    reasons = {
        name: one.reason
        for image in plan.images
        for one in image.missing
        for name in one.plugins or (one.name,)
    }
    reasons = {plugin.name: NOBODY for plugin in PLUGINS} | reasons
    grouped: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        if name not in present:
            grouped.setdefault(reason, []).append(name)
    return [f"{', '.join(names)}: {reason}" for reason, names in grouped.items()]


def _entry(choice: Choice, plugin: str, switch: str, variant: str, platform: str) -> Entry:
    definition = choice.definition
    homes = (one for one in definition.components.values() if plugin in one.plugins)
    component = next(homes, None)
    if component is None:
        return Entry(plugin, switch, variant, platform, reason=NOBODY)
    reason = choice.lack(component, variant)
    if reason:
        return Entry(plugin, switch, variant, platform, component.name, reason=reason)
    version, provider = released(choice.version(component)), choice.provider(component)
    return Entry(plugin, switch, variant, platform, component.name, version, provider)


def _sources(held: Sequence[Entry], found: Sequence[Entry]) -> str:
    """Return version and provider, with the platforms if they differ between them."""
    platforms: dict[str, list[str]] = {}
    for one in held:
        platforms.setdefault(str(one), []).append(PLATFORMS[one.platform])
    everywhere = {PLATFORMS[one.platform] for one in found}
    if len(platforms) == 1 and {*next(iter(platforms.values()))} == everywhere:
        return next(iter(platforms))
    return ", ".join(f"{source} on {' and '.join(dict.fromkeys(on))}" for source, on in platforms.items())


def _joined(by_platform: Mapping[str, str]) -> str:
    """Return the one reason, or that of each platform."""
    if len({*by_platform.values()}) == 1:
        return next(iter(by_platform.values()))
    return "; ".join(f"on {PLATFORMS[platform]}, {reason}" for platform, reason in by_platform.items())
