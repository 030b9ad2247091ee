"""The documents, or parts of them, that are made from the definition, the lock and the start-up code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from builder.build import bake
from builder.console import Console
from builder.docs import configuration, rooms
from builder.errors import BuildError
from builder.markdown import markdown_table
from builder.spec import lockfile, model, versions
from builder.spec.choice import Choice
from builder.spec.component import Component
from builder.spec.lockfile import Lock
from builder.spec.model import Definition
from startup import catalogue

ROOT = Path(__file__).parents[2]

_PART = re.compile(
    r"(?P<start><!-- made by ./inv docs: (?P<name>\S+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL
)


def command(root: Path, console: Console, *, check: bool = False) -> None:
    """Write the made parts of the documents below `root`, or only `check` that they are up to date.

    Raises:
        BuildError: when they are not, with `check`.
    """
    definition = model.load(root / model.FILE)
    found = stale(root, definition, lockfile.current(root / lockfile.FILE, definition), write=not check)
    if check and found:
        raise BuildError(f"docs: {', '.join(found)}: not up to date", remedy="Write them with: ./inv docs")
    console.say(f"docs: {', '.join(found) or 'nothing'} {'to write' if check else 'written'}")


def plugins(definition: Definition, lock: Lock) -> str:
    """Return the table of the plugins in the images, and the list of those that are not, with the reason."""
    return versions.markdown(versions.entries(definition, lock))


def variants(definition: Definition, lock: Lock) -> str:
    """Return the table of the variants: image, what it is for, and its components."""
    choices = [Choice(definition, lock, platform, {}) for platform in definition.platforms]
    rows = []
    for variant in definition.variants.values():
        names = [
            f"{one.name} {found}"
            for one in definition.components_of(variant.name)
            if (found := _versions(one, choices))
        ]
        tag = f"`{definition.name}:{definition.version}{variant.suffix}`"
        rows.append((variant.name, tag, variant.summary, ", ".join(names)))
    return markdown_table(("variant", "image", "what it is for", "components"), rows)


def filled(text: str, parts: Mapping[str, str], where: str) -> str:
    """Return `text` with the content between its marks replaced by the `parts` of those names.

    Raises:
        BuildError: when a mark names an unknown part.
    """

    def part(match: re.Match[str]) -> str:
        if match["name"] not in parts:
            known = ", ".join(sorted(parts))
            raise BuildError(f"{where}: no part is called {match['name']!r}", remedy=f"Known parts: {known}")
        return f"{match['start']}\n{parts[match['name']]}\n{match['end']}"

    return _PART.sub(part, text)


def stale(root: Path, definition: Definition, lock: Lock, write: bool = False) -> list[str]:
    """Return the documents below `root` whose made parts are not up to date; with `write`, update them."""
    parts = {
        "plugins": plugins(definition, lock),
        "rooms": rooms.described(ROOT),
        "variants": variants(definition, lock),
    }
    wanted = {
        path: filled(path.read_text(encoding="utf-8"), parts, str(path.relative_to(root)))
        for path in [*root.glob("*.md"), *root.glob("docs/*.md"), *root.glob("variants/*/*.md")]
    }
    wanted[root / configuration.DOCUMENT] = configuration.text(catalogue.load())
    wanted[root / bake.RENDERED] = bake.rendered(definition, lock, ROOT)
    found = sorted(
        path
        for path, text in wanted.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    )
    for path in found if write else ():
        path.parent.mkdir(exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8")
    return [str(path.relative_to(root)) for path in found]


def _versions(component: Component, choices: Sequence[Choice]) -> str:
    """Return the version of `component`, or those of the platforms; empty where it is not available."""
    found = [versions.released(one.version(component)) for one in choices if one.provider(component)]
    return " or ".join(dict.fromkeys(found))
