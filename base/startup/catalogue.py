"""Every setting that Orthanc and its plugins know: name, type, default, allowed values and secrecy.

The facts are in ``settings.table``, one setting a line, beside this module. A ``*`` in a path stands for a
key that users choose, such as the name of a modality.
"""

TABLE = __file__.removesuffix("catalogue.py") + "settings.table"


class Setting:
    """One line of the table."""

    __slots__ = ("allowed", "default", "kind", "marks", "path", "since", "summary")

    def __init__(self, path: str, line: str) -> None:
        kind, marks, default, since, summary = (field.strip() for field in line.split(" |", 4))
        self.path = path
        self.kind, _, allowed = kind.partition("(")
        self.allowed = tuple(allowed.rstrip(")").split(",")) if allowed else ()
        self.marks = tuple(marks.split())
        self.default = default
        self.since = since
        self.summary = summary

    @property
    def limits(self) -> tuple[int, int] | None:
        """Return the smallest and the largest number allowed, where the table gives a range."""
        if self.kind != "int" or not self.allowed or ".." not in self.allowed[0]:
            return None
        smallest, _, largest = self.allowed[0].partition("..")
        return int(smallest), int(largest)

    @property
    def replacement(self) -> str | None:
        """Return the path that replaces a deprecated setting ('' for none); None for other settings."""
        return self.path_of("deprecated")

    @property
    def successor(self) -> str | None:
        """Return the path that replaces a setting which nothing reads any more ('' for none), or None."""
        return self.path_of("former")

    def path_of(self, wanted: str) -> str | None:
        """Return the path that a mark holds, empty when it holds none; None without this mark."""
        for mark in self.marks:
            name, _, path = mark.partition("=")
            if name == wanted:
                return path
        return None


def normal(key: str) -> str:
    """Return the key without the differences that a variable's name cannot carry: case, ``_`` and ``-``."""
    return key.upper().replace("_", "").replace("-", "")


class Catalogue:
    """All settings, found by path or by the name of a variable."""

    def __init__(self, table: str) -> None:
        self.lines: dict[str, str] = {}
        self.components: dict[str, str] = {}
        component = ""
        for line in table.split("\n"):
            if not line or line[0] == "#":
                continue
            if line[0] == "[":
                component = line[1:-1]
                continue
            path, _, rest = line.partition(" | ")
            self.lines[path] = rest
            self.components[path] = component
        self.families: dict[str, dict[str, str]] = {}
        self.longest = 0

    def __contains__(self, path: str) -> bool:
        return path in self.lines

    def setting(self, pattern: str) -> Setting | None:
        """Return the setting with this path (``*`` for a chosen key); None when there is none."""
        line = self.lines.get(pattern)
        return None if line is None else Setting(pattern, line)

    def child(self, pattern: str, key: str) -> str | None:
        """Return the pattern of the key below the pattern: its own, else that of a chosen key, else None."""
        for name in (key, "*"):
            path = f"{pattern}.{name}" if pattern else name
            if path in self.lines:
                return path
        return None

    def pattern(self, path: tuple[str, ...]) -> str | None:
        """Return the pattern of a path of keys, or None when it is not a known setting."""
        found: str | None = ""
        for key in path:
            found = self.child(found, key) if found is not None else None
        return found

    def known(self, path: tuple[str, ...]) -> Setting | None:
        """Return the setting at a path of keys, or None when it is not a known one."""
        pattern = self.pattern(path)
        return self.setting(pattern) if pattern else None

    def children(self, pattern: str) -> dict[str, str]:
        """Return the keys below a pattern by their normal form; a chosen key has the form ``*``."""
        if not self.families:
            for path in self.lines:
                parent, _, key = path.rpartition(".")
                self.families.setdefault(parent, {})[normal(key)] = key
                self.longest = max(self.longest, len(key))
        return self.families.get(pattern, {})


def load() -> Catalogue:
    """Return the catalogue of the image."""
    with open(TABLE, encoding="utf-8") as file:
        return Catalogue(file.read())
