"""What the plugin Authorization makes of its settings: which entry decides, and which ones are wrong.

A program of the images says so. It has the plugin's own code, and the library of its regular expressions.
"""

import os

from startup import jsonc, write
from startup.errors import UnreadableError
from startup.merge import at
from startup.plugins import GUARD, NATIVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

PROGRAM = f"{NATIVE}/authorization-explain"

TABLES = ("Permissions", "ExtraPermissions")

USUAL = "defaults.json["
"""How the program begins the place of an entry of the plugin's own table."""

TOKEN_BODY = '{"token-key": …, "token-value": …}'


def said(root: str, tree: object, *words: str) -> dict[str, object]:
    """Return what the program says of a configuration; nothing where it is not in the image."""
    program = root + PROGRAM
    if not os.path.exists(program):
        return {}
    try:
        facts = jsonc.value(answer([program, *words], write.text(tree)))
    except (OSError, UnreadableError):
        facts = None
    return facts if isinstance(facts, dict) else {"error": f"{program}: it has ended without an answer."}


def answer(argv: list[str], text: str) -> str:
    """Return what a program writes that has a text as its standard input."""
    given = os.memfd_create("given")
    taken, writable = os.pipe()
    with os.fdopen(taken, encoding="utf-8", errors="replace") as output:
        try:
            os.write(given, text.encode())
            os.lseek(given, 0, os.SEEK_SET)
            actions = [(os.POSIX_SPAWN_DUP2, given, 0), (os.POSIX_SPAWN_DUP2, writable, 1)]
            child = os.posix_spawn(argv[0], argv, {}, file_actions=actions)
        finally:
            os.close(given)
            os.close(writable)
        found = output.read()
    os.waitpid(child, 0)
    return found


def wrong(root: str, setting: str, rules: list[object]) -> "Iterator[tuple[int, str]]":
    """Return the number and the fault of each rule whose pattern is no regular expression."""
    found = said(root, {GUARD: {setting: rules}}).get("wrong")
    for item in found if isinstance(found, list) else ():
        yield item[1], item[2]


def lines(facts: "Mapping[str, object]", method: str, path: str) -> list[str]:
    """Return in words what decides about a request, and who would be asked what."""
    return [f"{method} {path}", *(f"  {line}" for line in described(facts, method))]


def described(facts: "Mapping[str, object]", method: str) -> "Iterator[str]":
    """Yield the lines about a request."""
    if "path" not in facts:
        yield "refused: the path could be taken for another one, and nobody is asked"
        return
    if "unchecked" in facts:
        yield f"let through: '{facts['unchecked']}' is unchecked, and nobody is asked"
        return
    entry = facts.get("entry")
    if isinstance(entry, dict):
        needed = " or ".join(entry["permissions"]) or "none"
        yield f"decided by {placed(entry)}"
        yield f"permission: {needed}"
        yield from known(facts)
    else:
        yield "decided by no entry of the table: no permission lets it through"
    yield f"resources: {'; '.join(map(resource, texts(facts, 'targets'))) or 'none'}"
    yield f"levels that are checked: {', '.join(texts(facts, 'checked')) or 'none'}"
    validation = facts.get("validation")
    if validation:
        yield f"otherwise asked: POST {validation}, for each token ({tokens(facts)}),"
        yield f'  whether it opens each of these levels: {{"method": "{method.lower()}", "level": …}}'
    if facts.get("search"):
        yield "otherwise let through with any token: the answer is cut down to what the token opens"
    yield "otherwise refused"


def placed(entry: "Mapping[str, object]") -> str:
    """Return where an entry is, and its pattern."""
    place = str(entry["place"])
    if place.startswith(USUAL):
        place = f"entry {place.removeprefix(USUAL).rstrip(']')} of the usual table"
    return f"{place}: {entry['method']} {entry['pattern']}"


def known(facts: "Mapping[str, object]") -> "Iterator[str]":
    """Yield who has the permission that an entry wants, and who else is asked."""
    for user in texts(facts, "users"):
        labels = user["labels"]
        which = "any resource" if "*" in labels else f"what has a label of {', '.join(labels) or 'none'}"
        yield f"user {user['name']}: {which}"
    if facts.get("profile"):
        whose = f"whose each token is ({tokens(facts)}; without one, the anonymous)"
        yield f"asked: POST {facts['profile']}, {whose}: {TOKEN_BODY}"


def tokens(facts: "Mapping[str, object]") -> str:
    """Return where a token may come from, in words."""
    headers = [f"header {name}" for name in texts(facts, "headers")]
    arguments = [f"argument {name}" for name in texts(facts, "arguments")]
    return ", ".join([*headers, *arguments]) or "no setting says where one may be"


def resource(target: "Mapping[str, object]") -> str:
    """Return a resource in words."""
    level = target["level"]
    if level == "system":
        return f"the path {target['id']} itself (level system)"
    uids = texts(target, "uids")
    which = f"with the UIDs {', '.join(uids)}" if uids else target["id"]
    return f"{'resource of any level' if level == 'any' else level} {which}"


def texts(facts: "Mapping[str, object]", name: str) -> "list[Any]":
    """Return a list of the facts, whose shape is the program's."""
    found = facts.get(name)
    return found if isinstance(found, list) else []


def explained(root: str, tree: object, method: str, path: str) -> dict[str, object]:
    """Return the facts about a request, or what prevents that as `error`."""
    keys = (GUARD, "RegisteredUsers", "AuthenticationEnabled", "RemoteAccessAllowed", "DicomWeb")
    facts = said(root, {key: at(tree, (key,)) for key in keys if at(tree, (key,)) is not None}, method, path)
    return facts or {"error": f"{PROGRAM}: it is not in this image."}
