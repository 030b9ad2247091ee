"""Values as people may see them: whatever is secret, or sounds like it, is hidden."""

from startup.catalogue import Catalogue
from startup.merge import Path

HIDDEN = "(hidden)"

TELLING = ("PASSWORD", "PASSWD", "SECRET", "TOKEN", "CREDENTIAL", "APIKEY", "PRIVATEKEY", "PASSPHRASE", "PIN")


def is_secret(path: Path, catalogue: Catalogue) -> bool:
    """Whether the value at a path must not be seen.

    What the catalogue knows it says itself; elsewhere the name decides.
    """
    pattern = ""
    for number, key in enumerate(path):
        below = catalogue.child(pattern, key)
        if below is None:
            return any(sounds_secret(key) for key in path[number:])
        setting = catalogue.setting(below)
        if setting is not None and "secret" in setting.marks:
            return True
        pattern = below
    return False


def sounds_secret(key: str) -> bool:
    """Whether a key that is not in the catalogue is named like a secret."""
    word = key.upper().replace("_", "").replace("-", "")
    return any(word.endswith(end) for end in TELLING)


def masked(value: object, path: Path, catalogue: Catalogue, hidden: bool = False) -> object:
    """The value at a path with everything secret in it hidden; the keys of objects stay."""
    hidden = hidden or (bool(path) and is_secret(path, catalogue))
    if isinstance(value, dict):
        return {key: masked(item, (*path, key), catalogue, hidden) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item, path, catalogue, hidden) for item in value]
    return HIDDEN if hidden and value is not None else value
