"""Typed reading of a section of Orthanc's configuration: all its problems at once, each with its place."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any

from orthanc_images.errors import PluginError

PLACEHOLDER = "MUST BE DEFINED"


class Section:
    """A section, the settings that were asked of it, and what is wrong with them.

    Every method returns the value of one setting, or a stand-in for it after noting a problem.
    """

    def __init__(self, place: str, content: object, problems: list[str] | None = None) -> None:
        self.place = place
        self.problems = [] if problems is None else problems
        self._asked: list[str] = []
        if not isinstance(content, Mapping):
            self._wrong("", "not an object", "Write it as {…}")
            content = {}
        self._content: Mapping[str, Any] = content

    def text(self, name: str, default: str = "", *, required: bool = False) -> str:
        """Return a text, without white space at its ends."""
        found = self._value(name, default)
        if not isinstance(found, str):
            self._wrong(name, f"{_kind(found)}, where a text is expected", "Put it in quotes")
            return default
        found = found.strip()
        if required and (not found or found.startswith(PLACEHOLDER)):
            self._wrong(name, "not set", "Set it")
        return "" if found.startswith(PLACEHOLDER) else found

    def flag(self, name: str, default: bool) -> bool:
        """Return true or false."""
        found = self._value(name, default)
        if isinstance(found, bool):
            return found
        self._wrong(name, f"{_kind(found)}, where true or false is expected", "Write true or false")
        return default

    def number(self, name: str, default: int, *, least: int = 1) -> int:
        """Return a whole number of at least `least`."""
        found = self._value(name, default)
        if isinstance(found, int) and not isinstance(found, bool) and found >= least:
            return found
        what = str(found) if isinstance(found, int) and not isinstance(found, bool) else _kind(found)
        self._wrong(name, f"{what}, where a whole number of at least {least} is expected", "Correct it")
        return default

    def choice(self, name: str, allowed: Collection[str], default: str = "") -> str:
        """Return one of the allowed texts, or the default."""
        found = self.text(name, default)
        if found == default or found in allowed:
            return found
        near = difflib.get_close_matches(found.lower(), [item.lower() for item in allowed], 1)
        guess = next((item for item in allowed if near and item.lower() == near[0]), None)
        how = f"Did you mean '{guess}'?" if guess else "Choose one of those"
        self._wrong(name, f"'{found}' is none of {', '.join(allowed)}", how)
        return default

    def texts(self, name: str) -> dict[str, str]:
        """Return texts by their names."""
        found = self._value(name, {})
        if isinstance(found, Mapping) and all(isinstance(item, str) for item in found.values()):
            return dict(found)
        self._wrong(name, "not an object whose values are texts", 'Write it as {"name": "value"}')
        return {}

    def items(self, name: str) -> list[Any]:
        """Return a list."""
        found = self._value(name, [])
        if isinstance(found, list):
            return found
        self._wrong(name, f"{_kind(found)}, where a list is expected", "Write it as […]")
        return []

    def section(self, name: str) -> Section | None:
        """Return the section with that name, if there is one."""
        found = self._value(name, None)
        return None if found is None else Section(f"{self.place}.{name}", found, self.problems)

    def wrong(self, name: str, what: str, how: str) -> None:
        """Note what is wrong with a setting, and what to do."""
        self._wrong(name, what, how)

    def check(self) -> None:
        """Raise PluginError with all problems noted so far, if there are any."""
        if self.problems:
            raise PluginError(" ".join(self.problems))

    def unknown(self) -> list[str]:
        """Return a sentence for each setting that nobody asked for."""
        found = []
        for name in self._content:
            if name not in self._asked:
                near = difflib.get_close_matches(name, self._asked, 1)
                how = f"Did you mean {near[0]}?" if near else "Remove it."
                found.append(f"{self.place}.{name}: there is no such setting. {how}")
        return found

    def _value(self, name: str, default: object) -> object:
        self._asked.append(name)
        found = self._content.get(name)
        return default if found is None else found

    def _wrong(self, name: str, what: str, how: str) -> None:
        place = ".".join(part for part in (self.place, name) if part)
        self.problems.append(f"{place}: {what}. {how}{'' if how.endswith('?') else '.'}")


def _kind(value: object) -> str:
    """Return what a value is, without showing it: it may be secret."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "an object"
