"""Files, secrets and variables turned into layers of settings, each with its origin; nothing is merged."""

import os

from startup import convert, jsonc, names, special, substitute
from startup.catalogue import Catalogue
from startup.convert import Conversion, Source
from startup.errors import Finding, UnconvertibleError, UnreadableError, problem, warning
from startup.merge import Layer, Path, layer
from startup.plugins import SWITCHES
from startup.suggest import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FILES = "/etc/orthanc"
SECRETS = "/run/secrets"

LEFT_OUT = "Mount one there with a name that ends in .json, or leave the folder out."
MOUNT = "Docker creates such a folder when the file to mount does not exist: check its path."


class World:
    """Everything outside that the start-up code looks at."""

    __slots__ = ("arguments", "environment", "root")

    def __init__(self, environment: "Mapping[str, str]", root: str = "", arguments: list[str] | None = None):
        self.environment = environment
        self.root = root
        self.arguments = arguments or []


class Variable:
    """A variable that counts: its value, and where that comes from (its name, or the path of a file)."""

    __slots__ = ("name", "origin", "secret", "text")

    def __init__(self, name: str, text: str, origin: str, secret: bool = False) -> None:
        self.name = name
        self.text = text
        self.origin = origin
        self.secret = secret


def contents(world: World, path: str) -> str:
    """Return the text of a file; raise UnreadableError when it has none."""
    try:
        with open(world.root + path, "rb") as file:
            data = file.read()
    except IsADirectoryError:
        raise UnreadableError("it is a folder, not a file") from None
    except FileNotFoundError:
        raise UnreadableError("it does not exist") from None
    except OSError as error:
        raise UnreadableError(f"it cannot be read ({(error.strerror or '').lower()})") from None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableError(f"it is not text in UTF-8 (see line {line})") from None
    if "\0" in text:
        raise UnreadableError("it is not text")
    return text


def json_files(world: World, folder: str) -> tuple[list[str], list[Finding]]:
    """Return the paths of the JSON files of a folder in order of name, and a warning for each near miss."""
    paths: list[str] = []
    findings: list[Finding] = []
    try:
        found = sorted(os.listdir(world.root + folder))
    except FileNotFoundError:
        return [], []
    except OSError as error:
        what = f"the folder cannot be read ({(error.strerror or '').lower()})"
        return [], [problem(folder, what, f"Make it readable for the user {os.getuid()}.")]
    for name in found:
        path = f"{folder}/{name}"
        if name.startswith("."):
            continue
        if name.endswith(".json"):
            paths.append(path)
        elif name.lower().endswith((".json", ".jsonc")):
            findings.append(warning(path, "it is not read", "Give it a name that ends in .json."))
    return paths, findings


def document(
    world: World, catalogue: Catalogue, text: str, source: Source
) -> tuple[Layer | None, list[Finding]]:
    """Return the layer of a JSON document, and what is wrong with it."""
    try:
        tree = jsonc.value(text)
    except UnreadableError as error:
        what = f"it is not valid JSON: {error.what}{error.place()}"
        return None, [problem(source.label, what, "Correct it there.")]
    if not isinstance(tree, dict):
        what = f"it holds {convert.WORDS[type(tree)]} where a configuration is an object"
        return None, [problem(source.label, what, "Put it in braces: { … }.")]
    undefined: list[str] = []
    tree = {key: substituted(value, world.environment, undefined) for key, value in tree.items()}
    conversion = Conversion(catalogue, source)
    conversion.findings += [
        problem(source.label, f"the variable {name} in it is not defined", remedy(name))
        for name in dict.fromkeys(undefined)
    ]
    members = conversion.members((), "", tree)
    return Layer(source.label, members), conversion.findings


def remedy(name: str) -> str:
    """Return what to do about an undefined variable in a file."""
    return f"Define it, give a default as in ${{{name}:-default}}, or write $${{ for a literal ${{."


def substituted(value: object, environment: "Mapping[str, str]", undefined: list[str]) -> object:
    """Return the value with the variables in its texts replaced; undefined ones are added to the list."""
    if isinstance(value, str):
        if "${" not in value:
            return value
        text, missing = substitute.replaced(value, environment)
        undefined += missing
        return text
    if isinstance(value, list):
        return [substituted(item, environment, undefined) for item in value]
    if isinstance(value, dict):
        return {key: substituted(item, environment, undefined) for key, item in value.items()}
    return value


def file(world: World, catalogue: Catalogue, path: str) -> tuple[Layer | None, list[Finding]]:
    """Return the layer of a JSON file, and what is wrong with it."""
    try:
        text = contents(world, path)
    except UnreadableError as error:
        return None, [problem(path, error.what, unreadable_remedy(error.what))]
    return document(world, catalogue, text, Source(path, os.path.dirname(path)))


def unreadable_remedy(what: str) -> str:
    """Return what to do about a file that cannot be read."""
    if "folder" in what:
        return MOUNT
    if "not exist" in what:
        return "Mount it, or correct its path."
    if "cannot be read" in what:
        return f"Make it readable for the user {os.getuid()}."
    return "Save it as plain text in UTF-8."


def files(world: World, catalogue: Catalogue) -> tuple[list[Layer], list[Finding]]:
    """Return the layers of /etc/orthanc, then those of the files and folders among the arguments."""
    paths, findings = json_files(world, FILES)
    for argument in world.arguments:
        if os.path.isdir(world.root + argument):
            more, found = json_files(world, argument.rstrip("/"))
            findings += (
                found
                if more or found
                else [warning(argument, "there is no JSON file in this folder", LEFT_OUT)]
            )
        else:
            more = [argument]
        paths += [path for path in more if path not in paths]
    return read(world, catalogue, paths, findings)


def read(
    world: World, catalogue: Catalogue, paths: list[str], findings: list[Finding]
) -> tuple[list[Layer], list[Finding]]:
    """Return the layers of these files, with what is wrong with them added to the findings."""
    layers = []
    for path in paths:
        found, wrong = file(world, catalogue, path)
        findings += wrong
        if found is not None:
            layers.append(found)
    return layers, findings


def secret_files(world: World, catalogue: Catalogue) -> tuple[list[Layer], list[Finding]]:
    """Return the layers of the JSON files among the secrets; those of other programs are left alone."""
    paths, findings = json_files(world, SECRETS)
    paths = [path for path in paths if not is_foreign(world, catalogue, path)]
    return read(world, catalogue, paths, findings)


def is_foreign(world: World, catalogue: Catalogue, path: str) -> bool:
    """Tell whether a JSON file is an object without any setting, such as the key of a service account."""
    try:
        tree = jsonc.value(contents(world, path))
    except UnreadableError:
        return False
    if not isinstance(tree, dict) or not tree:
        return False
    known = catalogue.children("").values()
    return all(key not in catalogue and not nearest(key, known) for key in tree)


def is_read(name: str) -> bool:
    """Tell whether a variable is one that the start-up code reads."""
    return name.startswith(names.PREFIX) or name in special.SPECIAL or name in SWITCHES


def is_text(text: str) -> bool:
    """Tell whether the value of a variable is text; other bytes arrive as lone surrogates."""
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)


def variables(world: World, catalogue: Catalogue) -> tuple[list[Variable], list[Finding]]:
    """Return the variables that count, those from secret files included, and what is wrong with them.

    A value and a file for the same variable are a problem; a secret of the same name overrides a variable.
    """
    found: list[Variable] = []
    findings: list[Finding] = []
    given: dict[str, str] = {}
    for name in sorted(world.environment):
        text = world.environment[name]
        base = file_base(name, catalogue) if text else None
        if base is not None and not is_value(world, catalogue, name, base):
            each, wrong = only_file(world, base, name, given)
        elif text and is_read(name):
            each, wrong = plain(name, text)
        else:
            continue
        findings += wrong
        found += [each] if each is not None else []
    secrets, wrong = named_secrets(world)
    return found + [each for each in secrets if each.name not in given], findings + wrong


def plain(name: str, text: str) -> tuple[Variable | None, list[Finding]]:
    """Return the variable with the value that it has."""
    if is_text(text):
        return Variable(name, text, name), []
    return None, [problem(name, "its value is not text in UTF-8", "Write it in UTF-8.")]


def only_file(
    world: World, base: str, name: str, given: dict[str, str]
) -> tuple[Variable | None, list[Finding]]:
    """Return the variable ``base`` from the file that ``name`` names, unless it is given another way too."""
    if given.setdefault(base, name) != name or world.environment.get(base):
        other = given[base] if given[base] != name else base
        what = f"{base} is given by {other} and by {name}"
        return None, [problem(name, what, "Keep one of the two.")]
    return from_file(world, base, name, world.environment[name])


def is_value(world: World, catalogue: Catalogue, name: str, base: str) -> bool:
    """Tell whether a variable that could name a secret is an unknown setting whose name ends in Secret.

    So it is when neither the setting nor a secret of this name is known.
    """
    text = world.environment[name]
    if not name.endswith("_SECRET") or base in special.FROM_FILES or text.startswith("/"):
        return False
    known = names.path(base, catalogue)[1] is not None
    return not known and not os.path.exists(f"{world.root}{SECRETS}/{text}")


def special_secrets(world: World) -> dict[str, str]:
    """Return the special variables among the secrets, such as VERBOSE_ENABLED, with their values."""
    found, _ = named_secrets(world)
    wanted = special.SPECIAL.keys() - special.FROM_FILES
    return {each.name: each.text for each in found if each.name in wanted}


SUFFIXES = ("__FILE", "_FILE", "_SECRET")


def file_base(name: str, catalogue: Catalogue) -> str | None:
    """Return the variable whose value is in the file that the variable ``name`` names, or None."""
    for suffix in SUFFIXES:
        if not name.endswith(suffix):
            continue
        base = name.removesuffix(suffix)
        if base in special.FROM_FILES:
            return base
        if base.startswith(names.PREFIX) and base != names.PREFIX and names_file(name, base, catalogue):
            return base
    return None


def names_file(name: str, base: str, catalogue: Catalogue) -> bool:
    """Tell whether ``name`` names the file of ``base``, and is not a setting itself like CertificateFile."""
    _, own = names.path(name, catalogue)
    if own is not None and "*" not in own:
        return False
    _, pattern = names.path(base, catalogue)
    return pattern is not None or own is None


def from_file(world: World, base: str, name: str, text: str) -> tuple[Variable | None, list[Finding]]:
    """Return the variable ``base`` with the content of the file that ``name`` gives as ``text``."""
    path = text if text.startswith("/") else f"{SECRETS}/{text}"
    if name.endswith("_FILE") and not text.startswith("/"):
        path = text if os.path.exists(world.root + text) else path
    return secret(world, base, path, f"{path} ({name})", name)


def secret(
    world: World, name: str, path: str, origin: str, where: str
) -> tuple[Variable | None, list[Finding]]:
    """Return the variable with the content of a file, without one newline at its end."""
    if not os.path.exists(world.root + path):
        what = f"the file {path} does not exist"
        return None, [problem(where, what, "Give the name of a secret in /run/secrets, or a path.")]
    try:
        text = contents(world, path)
    except UnreadableError as error:
        label = where if where == path else f"{where}, {path}"
        return None, [problem(label, error.what, unreadable_remedy(error.what))]
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        return None, [problem(where, f"the file {path} is empty", "Write the value to it.")]
    return Variable(name, text, origin, secret=True), []


def named_secrets(world: World) -> tuple[list[Variable], list[Finding]]:
    """Return the secrets whose file has the name of a variable."""
    found: list[Variable] = []
    findings: list[Finding] = []
    try:
        listing = sorted(os.listdir(world.root + SECRETS))
    except OSError:
        return [], []
    for name in listing:
        path = f"{SECRETS}/{name}"
        if not is_read(name) or os.path.isdir(world.root + path):
            continue
        if "." in name:
            if not name.endswith(".json"):
                what = "it is not read, since its name is not that of a variable"
                findings.append(warning(path, what, f"Name it {name.partition('.')[0]}."))
            continue
        each, wrong = secret(world, name, path, path, path)
        findings += wrong
        if each is not None:
            found.append(each)
    return found, findings


def settings(world: World, catalogue: Catalogue, found: list[Variable]) -> tuple[list[Layer], list[Finding]]:
    """Return the layers of the variables: ORTHANC_JSON, parents before children, secrets last."""
    layers: list[Layer] = []
    findings: list[Finding] = []
    paths: dict[tuple[Path, bool], str] = {}
    for each in sorted(found, key=order):
        if each.name == "ORTHANC_JSON":
            one, wrong = document(world, catalogue, each.text, Source(each.origin))
        else:
            one, wrong = placed(each, catalogue, paths)
        findings += wrong
        layers += [one] if one is not None else []
    return layers, findings


def placed(
    each: Variable, catalogue: Catalogue, paths: dict[tuple[Path, bool], str]
) -> tuple[Layer | None, list[Finding]]:
    """Return the layer of one variable, if it gives a setting that no other variable gives already."""
    path, pattern = place(each, catalogue)
    if path is None:
        return None, []
    if wrong := misnamed(each, path):
        return None, wrong
    other = paths.setdefault((path, each.secret), each.name)
    if other != each.name:
        return None, [problem(each.name, f"it is the same setting as {other}", "Keep one of the two.")]
    return assigned(each, path, pattern, catalogue)


def order(each: Variable) -> tuple[bool, int, int, str]:
    """Return the place of a variable among the others: secrets last, parents before children."""
    if each.name == "ORTHANC_JSON":
        return each.secret, 0, 0, ""
    own = not each.name.startswith(names.PREFIX)
    return (
        each.secret,
        2 if each.name == "ORTHANC_PASSWORD" else 1,
        0 if own else each.name.count("__"),
        each.name,
    )


def place(each: Variable, catalogue: Catalogue) -> tuple[Path | None, str | None]:
    """Return the path of the setting that a variable gives, and its pattern; no path when it gives none."""
    if each.name == "ORTHANC_PASSWORD":
        return ("RegisteredUsers", "orthanc"), "RegisteredUsers.*"
    if each.name == "MALLOC_ARENA_MAX":
        return ("MallocArenaMax",), "MallocArenaMax"
    if each.name.startswith(names.PREFIX):
        return names.path(each.name, catalogue)
    return None, None


def misnamed(each: Variable, path: Path) -> list[Finding]:
    """Return the problem of a name with an empty word in it, which stands for nothing."""
    chosen = names.levels(each.name)
    if len(chosen) > jsonc.DEEPEST:
        return [problem(each.name, "its name has too many levels", "Leave it out: no setting is so deep.")]
    empty = any(not level for level in chosen) or any(not key for key in path)
    odd = any(level.startswith("_") or level.endswith("_") for level in chosen if level not in path)
    if each.name.startswith(names.PREFIX) and (empty or odd):
        what = "its name has an empty word"
        how = "Write two underscores between levels and one between words, as in ORTHANC__DICOM_WEB__ROOT."
        return [problem(each.name, what, how)]
    return []


def assigned(
    each: Variable, path: Path, pattern: str | None, catalogue: Catalogue
) -> tuple[Layer | None, list[Finding]]:
    """Return the layer of one variable, and what is wrong with it."""
    if pattern is None:
        return guess(each, path, catalogue)
    conversion = Conversion(catalogue, Source(each.origin, FILES, path))
    value, there = conversion.value(path, pattern, each.text)
    if there and value == each.text and is_quoted(each, pattern, catalogue):
        what = "the quotes around the value are part of it"
        conversion.findings.append(warning(each.name, what, "Leave them out if they are not meant."))
    return (layer(each.origin, path, value) if there else None), conversion.findings


def is_quoted(each: Variable, pattern: str, catalogue: Catalogue) -> bool:
    """Tell whether a text that is not secret has quotes around it, which are rarely meant."""
    setting = catalogue.setting(pattern)
    text = each.text
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return quoted and setting is not None and "secret" not in setting.marks


def guess(each: Variable, path: Path, catalogue: Catalogue) -> tuple[Layer | None, list[Finding]]:
    """Return the layer of a variable that the catalogue does not know, with a warning."""
    try:
        value = convert.unknown(each.text)
    except UnconvertibleError as error:
        return None, [problem(each.origin, error.what, error.remedy)]
    near = near_name(each.name, catalogue)
    how = f"Did you mean {near}?" if near else f"It is passed on as '{'.'.join(path)}'."
    return layer(each.origin, path, value), [warning(each.origin, "there is no such setting", how)]


def near_name(name: str, catalogue: Catalogue) -> str | None:
    """Return the name of the variable that is nearest to a mistyped one."""
    known = {
        names.variable(tuple(path.split(".")), catalogue): path for path in catalogue.lines if "*" not in path
    }
    return nearest(name, [*known, *special.SPECIAL, *SWITCHES])
