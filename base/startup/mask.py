"""Values as people may see them: whatever is secret, or sounds like it, is hidden."""

from startup.catalogue import Catalogue
from startup.merge import Path
from startup.suggest import nearest

HIDDEN = "(hidden)"

TELLING = (
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "CREDENTIAL",
    "APIKEY",
    "ACCESSKEY",
    "PRIVATEKEY",
    "CONNECTIONSTRING",
    "CONNECTIONURI",
)
ENDINGS = ("TOKEN", "TOKENS", "PIN", "PWD")


def is_secret(path: Path, catalogue: Catalogue) -> bool:
    """Tell whether the value at a path must not be seen.

    What the catalogue knows it says itself; elsewhere the name decides, mistyped ones included.
    """
    pattern = ""
    for number, key in enumerate(path):
        below = catalogue.child(pattern, key)
        if below is None:
            return any(map(sounds_secret, path[number:])) or resembles_secret(pattern, key, catalogue)
        setting = catalogue.setting(below)
        if setting is not None and "secret" in setting.marks:
            return True
        pattern = below
    return False


def sounds_secret(key: str) -> bool:
    """Tell whether a key that is not in the catalogue is named like a secret."""
    word = key.upper().replace("_", "").replace("-", "")
    return word.endswith(ENDINGS) or any(part in word for part in TELLING)


def resembles_secret(pattern: str, key: str, catalogue: Catalogue) -> bool:
    """Tell whether a key that is not in the catalogue is most likely a mistyped secret."""
    near = nearest(key, catalogue.children(pattern).values())
    setting = catalogue.setting(f"{pattern}.{near}".removeprefix(".")) if near else None
    return setting is not None and "secret" in setting.marks


def without_login(text: str) -> str:
    """Return the text with user and password of an address in it hidden."""
    scheme, mark, rest = text.partition("://")
    server, slash, path = rest.partition("/")
    login, at_, host = server.rpartition("@")
    return f"{scheme}{mark}{HIDDEN}{at_}{host}{slash}{path}" if login else text


def masked(value: object, path: Path, catalogue: Catalogue, hidden: bool = False) -> object:
    """Return the value at a path with everything secret in it hidden; the keys of objects stay."""
    hidden = hidden or (bool(path) and is_secret(path, catalogue))
    if isinstance(value, dict):
        return {key: masked(item, (*path, key), catalogue, hidden) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item, path, catalogue, hidden) for item in value]
    if hidden and value is not None:
        return HIDDEN
    return without_login(value) if isinstance(value, str) else value
