"""Values of the right type that Orthanc ends with, or does nothing with: the marks of the catalogue."""

import os

from startup.convert import whole
from startup.errors import Finding, problem
from startup.merge import at
from startup.plugins import PLACEHOLDERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from startup.catalogue import Setting
    from startup.configured import Configured
    from startup.merge import Path

    Wrong = tuple[str, str]
    Rule = Callable[[object, "Setting", Configured], "Iterator[Wrong]"]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
HEXADECIMAL = "0123456789abcdefABCDEF"

SYNTAX = "1.2.840.10008.1.2"
SYNTAXES = (
    *("", ".1", ".1.99", ".2", ".5", ".6.1", ".6.2"),
    *(f".4.{number}" for number in (*range(50, 67), 70, 80, 81, *range(90, 96), *range(100, 107))),
)
"""The transfer syntaxes that every version of Orthanc 1.13 knows, below that of implicit little endian."""

REPRESENTATIONS = (
    "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV"
)
DICTIONARIES = ("/usr/share/dcmtk/dicom.dic", "/usr/share/dcmtk/private.dic")

PAIRS = (
    ("Password", "Username"),
    ("CertificateFile", "CertificateKeyFile"),
    ("CertificateKeyFile", "CertificateFile"),
    ("AccessKey", "SecretKey"),
    ("SecretKey", "AccessKey"),
)
"""Properties of another server or of a store, and what each one needs."""


def findings(case: "Configured") -> list[Finding]:
    """Return the problems of the settings that Orthanc and the enabled plugins read."""
    sections = {each.plugin.sections[0]: name for name, each in case.enabled.items()}
    found: list[Finding] = []
    for key, value in case.tree.items():
        owner = case.catalogue.components.get(key, "")
        if owner in ("", "Orthanc", "Python") or case.is_here(sections.get(key, "")):
            found += checked(case, (key,), value)
    return found


def checked(case: "Configured", path: "Path", value: object) -> list[Finding]:
    """Return the problems of a setting and of those below it."""
    setting = case.catalogue.known(path)
    if setting is None or value is None:
        return []
    found = [
        problem(case.place(path), what, how)
        for mark in setting.marks
        if mark in RULES
        for what, how in RULES[mark](value, setting, case)
    ]
    for key, item in value.items() if isinstance(value, dict) else ():
        found += checked(case, (*path, key), item)
    return found


def texts(value: object) -> list[str]:
    """Return the texts that a value is or has, all but empty ones and those that stand for one to give."""
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, str) and item and item not in PLACEHOLDERS]


def words(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell what in a list is no text."""
    for item in value if isinstance(value, list) else ():
        if not isinstance(item, str) or not item:
            yield "its list has an item that is not text, or is empty", 'Write a list such as ["a", "b"].'
            return


def filled(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that a value is empty."""
    if value == "":
        yield "it is empty", "Give a value, or leave it out."


def file(value: object, _setting: "Setting", case: "Configured") -> "Iterator[Wrong]":
    """Tell which file is not there or cannot be read."""
    for path in texts(value):
        wrong = unreadable(case.root, path)
        if wrong is not None:
            yield wrong


def unreadable(root: str, path: str) -> "Wrong | None":
    """Return what is wrong with a file that does not exist or cannot be read, and what to do about it."""
    if not os.path.isfile(root + path):
        return f"the file {path} does not exist", "Mount it, or correct the path."
    if not os.access(root + path, os.R_OK):
        return f"the file {path} cannot be read", f"Make it readable for the user {os.getuid()}."
    return None


def folder(value: object, _setting: "Setting", case: "Configured") -> "Iterator[Wrong]":
    """Tell which folder is not there or cannot be read."""
    for path in texts(value):
        if not os.path.isdir(case.root + path):
            yield f"the folder {path} does not exist", "Mount it, or correct the path."
        elif not os.access(case.root + path, os.R_OK | os.X_OK):
            yield f"the folder {path} cannot be read", f"Make it readable for the user {os.getuid()}."


def in_folder(value: object, _setting: "Setting", case: "Configured") -> "Iterator[Wrong]":
    """Tell that a file or folder cannot be made where it is to be."""
    for path in texts(value):
        parent = os.path.dirname(path.rstrip("/")) or "/"
        place = path if os.path.exists(case.root + path) else parent
        if not os.path.isdir(case.root + parent):
            yield f"the folder {parent} does not exist", "Mount it, or correct the path."
        elif not os.access(case.root + place, os.W_OK):
            yield f"{place} cannot be written", f"Make it writable for the user {os.getuid()}."


def names(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell which key Orthanc does not take as the name of a server."""
    for name in value if isinstance(value, dict) else ():
        if any(character not in LETTERS + DIGITS + "-_" for character in name):
            yield (
                f"'{name}' cannot be the name of a server",
                "Write letters without accents, digits, - and _ only.",
            )


def users(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell which key cannot be the name of a user."""
    for name in value if isinstance(value, dict) else ():
        if ":" in name:
            yield f"'{name}' cannot be the name of a user", "Write it without a colon."


def closed(value: object, setting: "Setting", case: "Configured") -> "Iterator[Wrong]":
    """Tell which key there is none of."""
    known = case.catalogue.children(setting.path).values()
    for key in value if isinstance(value, dict) else ():
        if key not in known:
            yield f"there is no '{key}' in '{setting.path}'", f"Known are: {', '.join(known)}."


def simple(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that a property has several values."""
    if isinstance(value, (list, dict)):
        yield "it is a list or an object", "Write text."


def credentials(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that half of what another server asks for is missing."""
    given = value if isinstance(value, dict) else {}
    for key, needed in PAIRS:
        if given.get(key) and not given.get(needed):
            yield f"'{key}' is given without '{needed}'", f"Give '{needed}' too, or leave out '{key}'."


def account(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that a connection string of Azure names no storage account."""
    names = [part.partition("=")[0].strip().lower() for part in str(value).split(";")]
    wanted = ("accountname", "blobendpoint", "usedevelopmentstorage")
    if value and value not in PLACEHOLDERS and not any(name in wanted for name in names):
        how = "Copy the connection string of the storage account, which begins as AccountName=…"
        yield "it names no storage account", how


def web(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that an address is not one of the web."""
    scheme, colon, rest = str(value).strip().rpartition("://")
    if (colon and scheme.lower() not in ("http", "https")) or not rest.isascii() or " " in rest:
        yield f"'{value}' is not an address of the web", "Write it as https://host:port/."


def http(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that an address does not begin with http:// or https://, or has more than a path."""
    scheme, _, rest = str(value).partition("://")
    if scheme.lower() not in ("http", "https") or rest[:1] in ("", "/", ":") or set(rest) & set("?# "):
        yield (
            f"'{value}' is not the address of a service",
            "Write it as https://host:port/path, or leave it out.",
        )


def store_path(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that what names in a store begin with is the path of a file."""
    if str(value).startswith("/"):
        yield "it begins with a slash, and names in a store do not", "Leave the slash out."


def bucket(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that a text cannot be the name of a bucket or a container."""
    text = str(value)
    if text not in PLACEHOLDERS and any(character not in LETTERS + DIGITS + "-._:" for character in text):
        yield (
            f"'{text}' cannot be the name of a bucket or a container",
            "Write letters, digits, . and - only.",
        )


def identifier(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that a text cannot be the name of a database."""
    if any(character not in LETTERS + DIGITS + "$_" for character in str(value)):
        yield f"'{value}' cannot be the name of a database", "Write letters, digits, $ and _ only."


MASTER_KEY = 'Write it as [1, "/run/secrets/master.key"], with a number of its own and the file of the key.'


def encryption(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that files are to be encrypted without a key."""
    if isinstance(value, dict) and value.get("Enable") is not False and "MasterKey" not in value:
        yield "'MasterKey' is not given", MASTER_KEY


def master_key(value: object, setting: "Setting", case: "Configured") -> "Iterator[Wrong]":
    """Tell that a list is not the number and the file of a key, or that the file is not there."""
    number, path, *more = value if isinstance(value, list) and len(value) > 1 else (None, None)
    if (
        more
        or not isinstance(path, str)
        or isinstance(number, bool)
        or not isinstance(number, int)
        or number < 0
    ):
        yield "it is not the number and the file of a key", MASTER_KEY
    else:
        yield from file(path, setting, case)


def master_keys(value: object, setting: "Setting", case: "Configured") -> "Iterator[Wrong]":
    """Tell the same of each item of a list."""
    for item in value if isinstance(value, list) else ():
        yield from master_key(item, setting, case)


def unsupported(_value: object, setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that Orthanc has been built without what a setting is for."""
    yield f"the Orthanc of these images is built without '{setting.path}'", "Leave it out."


def syntax(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that a text is not a transfer syntax."""
    text = str(value)
    if not text.startswith(SYNTAX) or text.removeprefix(SYNTAX) not in SYNTAXES:
        yield f"'{text}' is not a transfer syntax that Orthanc knows", f"Write a UID such as {SYNTAX}.1."


def attachment(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that a value is not the number of an attachment, or that and a MIME type."""
    number, *rest = value if isinstance(value, list) and value else [value]
    fits = isinstance(number, int) and 1024 <= number <= 65535
    if not fits or len(rest) > 1 or not all(isinstance(each, str) for each in rest):
        yield "it is not the number of an attachment", 'Write 1024 to 65535, or [1024, "MIME type"].'


def hours(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell which item of a list is no span of hours."""
    for item in value if isinstance(value, list) else ():
        first, dash, last = str(item).partition("-")
        if not dash or not all(hour.isdecimal() and int(hour) <= 24 for hour in (first, last)):
            yield f"'{item}' is not a span of hours", 'Write hours such as "0-6" or "20-24".'


def addresses(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell which item of a list is no address of the internet protocol."""
    for item in value if isinstance(value, list) else ():
        if not is_address(str(item)):
            yield f"'{item}' is not an IP address", "Write one such as 127.0.0.1 or ::1."


def is_address(text: str) -> bool:
    """Tell whether a text looks like an address of IPv4 or IPv6."""
    parts = text.split(".")
    if len(parts) == 4 and all(part.isdecimal() and int(part) < 256 for part in parts):
        return True
    inner = text.removeprefix("[").removesuffix("]")
    return ":" in inner and not inner.strip(HEXADECIMAL + ":.")


def page(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that a text is not the path of a page."""
    text = str(value)
    if text and (not text.startswith("/") or any(c not in LETTERS + DIGITS + "/._~%+-" for c in text)):
        yield f"'{text}' is not the path of a page", "Write it as '/ohif/', or leave it out."


def root(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that a path has not its two slashes."""
    if len(str(value)) < 2 or not str(value).startswith("/") or not str(value).endswith("/"):
        yield f"'{value}' does not begin and end with a slash", "Write it as '/ui/'."


def servers(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that one of several DICOM servers lacks what it needs."""
    for item in value if isinstance(value, list) else ():
        given = item if isinstance(item, dict) else {}
        if not all(given.get(key) for key in ("AET", "Port")) or not isinstance(given.get("Labels"), list):
            yield (
                "an item of its list is not a DICOM server",
                'Write objects such as {"AET": "A", "Port": 104, "Labels": ["a"]}.',
            )
            return


def permissions(value: object, setting: "Setting", case: "Configured") -> "Iterator[Wrong]":
    """Tell which rules of the plugin Authorization are none."""
    rules = value if isinstance(value, list) else []
    for item in rules:
        given = item[:3] if isinstance(item, list) else []
        good = len(given) == 3 and all(isinstance(part, str) for part in given)
        if not good or given[0].lower() not in ("get", "post", "put", "delete"):
            yield (
                "an item of its list is not a rule",
                'Write lists of a method, a pattern and permissions, such as ["get", "^/a$", "view|all"].',
            )
            return
    from startup import authorization

    for number, what in authorization.wrong(case.root, setting.path.rpartition(".")[2], rules):
        fault, _, remedy = what.rpartition(". ")
        yield f"the pattern '{rules[number][1]}' {fault}", remedy


def naming_scheme(value: object, _setting: "Setting", case: "Configured") -> "Iterator[Wrong]":
    """Tell what is wrong with a scheme that files are named by."""
    from startup import layout

    known = keywords(case)
    mode = at(case.tree, ("OverwriteInstances",))
    overwrites = mode is True or (isinstance(mode, str) and mode not in ("Never", ""))
    wrong = layout.scheme(str(value), overwrites, lambda name: not known or name in known)
    if wrong is not None:
        yield wrong


def storages(_value: object, _setting: "Setting", case: "Configured") -> "Iterator[Wrong]":
    """Tell what is wrong with the storages of AdvancedStorage."""
    from startup import layout

    yield from layout.storages(case)


def indexing(value: object, setting: "Setting", case: "Configured") -> "Iterator[Wrong]":
    """Tell what is wrong with the folders that are indexed."""
    from startup import layout

    *section, last = setting.path.split(".")
    if isinstance(value, dict):
        yield from layout.indexing(case, (*section, last))
    else:
        yield from layout.indexed(case, tuple(section), texts(value))


def inside(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that a folder is not one within another."""
    parts = str(value).rstrip("/").split("/")
    if value and any(part in ("", ".", "..") for part in parts):
        yield f"'{value}' leaves the storage", "Write the name of a folder, such as other."


def tags(value: object, _setting: "Setting", case: "Configured") -> "Iterator[Wrong]":
    """Tell which item of a list is no DICOM tag."""
    known: frozenset[str] | None = None
    for item in value if isinstance(value, list) else ():
        if is_number(str(item)):
            continue
        known = known if known is not None else keywords(case)
        if not isinstance(item, str) or not item or (known and item not in known):
            yield (
                f"'{item}' is not a DICOM tag",
                "Write a name such as StudyDate, or numbers such as 0008,0020.",
            )


def is_number(text: str) -> bool:
    """Tell whether a text is a group and an element in hexadecimal digits."""
    digits = text[:4] + text[5:] if text[4:5] in (",", "-") else text
    return len(digits) == 8 and all(digit in HEXADECIMAL for digit in digits)


def keywords(case: "Configured") -> frozenset[str]:
    """Return the names of the tags that are known; empty when a user's own dictionaries may name any."""
    if at(case.tree, ("ExternalDictionaries",)):
        return frozenset()
    found = []
    for path in DICTIONARIES:
        if os.path.isfile(case.root + path):
            with open(case.root + path, encoding="utf-8", errors="replace") as lines:
                found += [line.split("\t")[2] for line in lines if line[:1] == "(" and line.count("\t") > 2]
    own = at(case.tree, ("Dictionary",))
    for entry in own.values() if found and isinstance(own, dict) else ():
        found += [str(entry[1])] if isinstance(entry, list) and len(entry) > 1 else []
    return frozenset(found)


def tag_definition(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell that a list does not define a tag."""
    entry = value if isinstance(value, list) else []
    fields: list[object] = [*entry, *("", "", 0, 0, "")[len(entry) :]]
    vr, name, least, most, creator, *more = fields
    low, high = whole(least) or 0, whole(most) or 0
    fits = str(vr) in REPRESENTATIONS.split() and name and isinstance(name, str) and isinstance(creator, str)
    if more or not fits or low < 1 or (high and high < low):
        how = 'Write [VR, name, least, most, private creator], such as ["LO", "MyTag", 1, 1, "ME"].'
        yield "it does not define a DICOM tag", how


def definitions(value: object, _setting: "Setting", _case: "Configured") -> "Iterator[Wrong]":
    """Tell which key of the dictionary is not a tag in numbers."""
    for key in value if isinstance(value, dict) else ():
        if not is_number(key):
            yield f"'{key}' is not a DICOM tag in numbers", "Write it as 0009,1001."


RULES: "dict[str, Rule]" = {
    "account": account,
    "addresses": addresses,
    "attachment": attachment,
    "bucket": bucket,
    "closed": closed,
    "credentials": credentials,
    "definitions": definitions,
    "encryption": encryption,
    "file": file,
    "filled": filled,
    "folder": folder,
    "hours": hours,
    "http": http,
    "identifier": identifier,
    "in-folder": in_folder,
    "indexing": indexing,
    "inside": inside,
    "master-key": master_key,
    "master-keys": master_keys,
    "names": names,
    "naming-scheme": naming_scheme,
    "page": page,
    "permissions": permissions,
    "root": root,
    "servers": servers,
    "simple": simple,
    "storages": storages,
    "store-path": store_path,
    "tag-definition": tag_definition,
    "tags": tags,
    "transfer-syntax": syntax,
    "unsupported": unsupported,
    "users": users,
    "web": web,
    "words": words,
}
