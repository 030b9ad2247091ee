"""Typed access to TOML tables: every mistake is recorded with its place, and reading continues."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import tomli

from builder.errors import Problem

T = TypeVar("T", str, int)

_NAMES = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}


class Notes:
    """The problems found so far in one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def add(self, place: str, what: str, remedy: str = "") -> None:
        """Record one problem at `place`, a dotted path inside the file."""
        self.problems.append(Problem(f"{self.file}: {place}" if place else self.file, what, remedy))


def document(path: Path, notes: Notes) -> Table | None:
    """Return the root table of the TOML file at `path`, or None after recording why it cannot be read."""
    try:
        data = tomli.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        notes.add("", "does not exist", f"Put it at {path}")
    except (OSError, UnicodeDecodeError, tomli.TOMLDecodeError) as error:
        notes.add("", f"cannot be read: {error}", "Correct the file")
    else:
        return Table(data, "", notes)
    return None


def guess(word: str, known: Iterable[str]) -> str:
    """Return 'Perhaps you meant …' with the most similar of `known`, else the list of them all."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"Perhaps you meant {near[0]!r}"
    return "Known: " + ", ".join(names) if names else "There is none: leave it out"


class Table:
    """One TOML table; its getters record what is wrong and return a neutral value of the right type."""

    def __init__(self, data: Mapping[str, Any], place: str, notes: Notes) -> None:
        self._data = data
        self._asked: set[str] = set()
        self.place = place
        self.notes = notes

    def at(self, key: str) -> str:
        """Return the dotted path of `key`."""
        return f"{self.place}.{key}" if self.place else key

    def text(self, key: str, default: str | None = None) -> str:
        """Return the text at `key`; an empty text counts as a mistake."""
        value = self._scalar(key, str, default, "")
        if key in self._data and value == "" and isinstance(self._data[key], str):
            self.notes.add(self.at(key), "is empty", "Give it a value, or remove the line")
        return value

    def integer(self, key: str, default: int | None = None) -> int:
        """Return the whole number at `key`."""
        return self._scalar(key, int, default, 0)

    def choice(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """Return the text at `key`, which must be one of `allowed`."""
        value, known = self.text(key, default), tuple(allowed)
        if value and value not in known:
            self.notes.add(self.at(key), f"{value!r} is not known", guess(value, known))
        return value

    def choices(self, key: str, allowed: Iterable[str]) -> tuple[str, ...]:
        """Return the texts at `key`, a list or one alone, each of which must be one of `allowed`."""
        if not isinstance(self._data.get(key), list):
            one = self.choice(key, allowed)
            return (one,) if one else ()
        found, known = self.texts(key), tuple(allowed)
        for value in found:
            if value not in known:
                self.notes.add(self.at(key), f"{value!r} is not known", guess(value, known))
        return found

    def texts(self, key: str, default: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return the list of texts at `key`, recording entries of another type and repeated ones.

        Without a default, an empty list counts as a mistake.
        """
        value = self._value(key, list, None if default is None else list(default), [])
        if default is None and self._data.get(key) == []:
            self.notes.add(self.at(key), "is empty", "Give it at least one entry")
        good = []
        for number, entry in enumerate(value):
            place = f"{self.at(key)}[{number}]"
            if not isinstance(entry, str):
                self.notes.add(place, f"is {_kind(entry)}", f"Make it {_NAMES[str]}")
            elif not entry:
                self.notes.add(place, "is empty", "Give it a value, or remove it")
            elif entry in good:
                self.notes.add(place, f"{entry!r} is listed twice", "Remove one of them")
            else:
                good.append(entry)
        return tuple(good)

    def table(self, key: str, required: bool = True) -> Table:
        """Return the table at `key`, empty when it is missing; any other type is recorded as one problem."""
        wrong = key in self._data and not isinstance(self._data[key], dict)
        value = self._value(key, dict, None if required else {}, {})
        return Table(value, self.at(key), Notes(self.notes.file) if wrong else self.notes)

    def tables(self, key: str, required: bool = True) -> Iterator[tuple[str, Table]]:
        """Yield name and table of each table below `key`."""
        parent = self.table(key, required)
        for name in parent.names():
            yield name, parent.table(name)

    def rows(self, key: str) -> Iterator[Table]:
        """Yield the tables of the list at `key`."""
        for number, row in enumerate(self._value(key, list, [], [])):
            place = f"{self.at(key)}[{number}]"
            if isinstance(row, dict):
                yield Table(row, place, self.notes)
            else:
                self.notes.add(place, f"is {_kind(row)}", "Make it a table")

    def names(self) -> tuple[str, ...]:
        """Return the keys in the order of the file."""
        return tuple(self._data)

    def done(self, allowed: Iterable[str] = ()) -> None:
        """Record every key that was not read and is not `allowed`, with the most similar known one."""
        known = self._asked.union(allowed)
        for key in self._data:
            if key not in known:
                self.notes.add(self.at(key), "is not a known key", guess(key, known))

    def _scalar(self, key: str, kind: type[T], default: T | None, neutral: T) -> T:
        value = self._value(key, kind, default, neutral)
        return kind(value)

    def _value(self, key: str, kind: type[Any], default: Any, neutral: Any) -> Any:
        self._asked.add(key)
        if key not in self._data:
            if default is None:
                self.notes.add(self.at(key), "is missing", f"Add it: {_NAMES[kind]}")
                return neutral
            return default
        value = self._data[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.notes.add(self.at(key), f"is {_kind(value)}", f"Make it {_NAMES[kind]}")
            return neutral
        return value


def _kind(value: object) -> str:
    return _NAMES.get(type(value), f"a {type(value).__name__}")
