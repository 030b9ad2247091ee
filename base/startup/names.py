"""From the path of a setting to the name of its variable, and back through the catalogue."""

from startup.catalogue import Catalogue, normal

PREFIX = "ORTHANC__"

SPELLINGS = {
    "PostgreSQL": "POSTGRESQL",
    "MySQL": "MYSQL",
    "OrthancExplorer2": "ORTHANC_EXPLORER_2",
    "EnableNIfTI": "ENABLE_NIFTI",
}


def spelt(key: str) -> str:
    """Return one level of a name: ``_`` only where a word begins, so that MD5 and CA stay whole."""
    pieces = []
    for i, c in enumerate(key):
        after = key[i + 1 : i + 2]
        if i and c.isupper() and key[i - 1] != "_" and (not key[i - 1].isupper() or after.islower()):
            pieces.append("_")
        pieces.append(c)
    return "".join(pieces).upper().replace("-", "_")


def variable(path: tuple[str, ...], catalogue: Catalogue) -> str:
    """Return the name to show for a setting, with the keys that a user chose as they are."""
    pattern = ""
    pieces: list[str] = []
    for key in path:
        child = catalogue.child(pattern, key) if pattern is not None else None
        chosen = child is not None and child.rpartition(".")[2] == "*"
        pieces.append(key if chosen else SPELLINGS.get(key) or spelt(key))
        pattern = child or f"{pattern}.?"
    return PREFIX + "__".join(pieces)


def levels(name: str) -> list[str]:
    """Return the levels of a variable's name, without its prefix."""
    return name.removeprefix(PREFIX).split("__")


def guessed(level: str) -> str:
    """Return the key for one level, by the rule read backwards: ``STABLE_AGE`` becomes ``StableAge``."""
    return "".join(word[:1] + word[1:].lower() for word in level.split("_"))


def path(name: str, catalogue: Catalogue) -> tuple[tuple[str, ...], str | None]:
    """Return the path that a variable's name stands for, and its pattern (None: not in the catalogue)."""
    parts = levels(name)
    found = reached("", parts, catalogue)
    if found is not None:
        return found
    known: tuple[str, ...] = ()
    for count in range(len(parts) - 1, 0, -1):
        above = reached("", parts[:count], catalogue)
        if above is not None:
            known = above[0]
            break
    return (*known, *(guessed(part) for part in parts[len(known) :])), None


def reached(pattern: str, parts: list[str], catalogue: Catalogue) -> tuple[tuple[str, ...], str] | None:
    """Return the path and the pattern at the end of these levels, below a pattern; None when there is none.

    A key that holds a ``_`` itself may span several levels, since the rule writes ``__`` for it.
    """
    children = catalogue.children(pattern)
    word = ""
    for count, part in enumerate(parts, 1):
        word += normal(part)
        if len(word) > catalogue.longest:
            break
        key = children.get(word)
        if key is None or (count > 1 and "_" not in key):
            continue
        below = f"{pattern}.{key}" if pattern else key
        rest = step(below, key, parts[count:], catalogue)
        if rest is not None:
            return rest
    if "*" in children and parts[0]:
        return chosen(f"{pattern}.*", parts, catalogue)
    return None


def step(
    pattern: str, key: str, parts: list[str], catalogue: Catalogue
) -> tuple[tuple[str, ...], str] | None:
    """Return the same, with one key already found."""
    if not parts:
        return (key,), pattern
    rest = reached(pattern, parts, catalogue)
    return None if rest is None else ((key, *rest[0]), rest[1])


def chosen(pattern: str, parts: list[str], catalogue: Catalogue) -> tuple[tuple[str, ...], str] | None:
    """Return the same for a key that the user chose: it is taken letter by letter.

    Where such keys have settings of their own, the next level is one of these; elsewhere what follows
    belongs to the key.
    """
    if catalogue.children(pattern):
        return step(pattern, parts[0], parts[1:], catalogue)
    return ("__".join(parts),), pattern
