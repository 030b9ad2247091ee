"""Files, secrets and variables turned into layers of settings, each with its origin; nothing is merged."""

import os

from startup import convert, jsonc, names, special, substitute
from startup.catalogue import Catalogue
from startup.convert import Conversion, Source
from startup.errors import Finding, UnconvertibleError, UnreadableError, problem, problems, warning
from startup.merge import Layer, Path, layer
from startup.plugins import SWITCHES, listing
from startup.substitute import Replacement
from startup.suggest import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FILES = "/etc/orthanc"
SECRETS = "/run/secrets"

LEFT_OUT = "Mount one there with a name that ends in .json, or leave the folder out."
MOUNT = "Docker creates such a folder when the file to mount does not exist: check its path."


class World:
    """Everything outside that the start-up code looks at.

    ``used`` holds the variables that documents refer to: whatever their names, they are read.
    """

    __slots__ = ("arguments", "environment", "root", "used")

    def __init__(self, environment: "Mapping[str, str]", root: str = "", arguments: list[str] | None = None):
        self.environment = environment
        self.root = root
        self.arguments = arguments or []
        self.used: set[str] = set()


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
        return [], [problem(folder, what, f"Make it readable for the user {os.getuid()}.", path=())]
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
    world: World, catalogue: Catalogue, text: str, source: Source, only_braces: bool = False
) -> tuple[Layer | None, list[Finding]]:
    """Return the layer of a JSON document, its variables replaced, and what is wrong with it."""
    replaced: Replacement | None = None
    try:
        if "$" in text:
            text = jsonc.uncommented(text.removeprefix("\ufeff"))
            replaced = Replacement(text, world.environment, only_braces)
            world.used |= replaced.names
        tree = jsonc.value(replaced.text if replaced else text)
    except UnreadableError as error:
        return None, [*faults(replaced, source), unparsed(replaced, error, source)]
    if not isinstance(tree, dict):
        if wrong := faults(replaced, source):
            return None, wrong
        what = f"it holds {convert.WORDS[type(tree)]} where a configuration is an object"
        return None, [problem(source.label, what, "Put it in braces: { … }.", path=())]
    findings: list[Finding] = []
    if replaced is not None:
        findings = faults(replaced, source)
        tree = pruned(tree, (), findings) if findings else tree
        findings += kept(replaced, source)
    conversion = Conversion(catalogue, source)
    members = conversion.members((), "", tree)
    findings += conversion.findings
    return Layer(source.label, members, findings), findings


def unparsed(replaced: Replacement | None, error: UnreadableError, source: Source) -> Finding:
    """Return the problem of a document that is not JSON."""
    error = replaced.located(error) if replaced else error
    what = f"it is not valid JSON: {error.what}{error.place()}"
    return problem(source.label, what, "Correct it there.", path=())


def faults(replaced: Replacement | None, source: Source) -> list[Finding]:
    """Return the problem of each variable in a document that cannot be replaced, in their order."""
    found = []
    for fault in replaced.faults if replaced else ():
        assert replaced is not None
        line, column = jsonc.position(replaced.source, fault.index)
        what = f"the variable {fault.name} in line {line}, column {column} {fault.what}"
        found.append(problem(source.label, what, fault.remedy, path=()))
    return found


def kept(replaced: Replacement, source: Source) -> list[Finding]:
    """Return a warning for each ``$`` in a document that seems to be meant for a variable, and stays."""
    found = []
    for index, name in replaced.left:
        line, column = jsonc.position(replaced.source, index)
        if name:
            what = f"${name} in line {line}, column {column} stays as it is, though there is such a variable"
            how = f"Write ${{{name}}} for its value, or \\u0024{name} for this text."
        else:
            what = f"the ${{ in line {line}, column {column} begins no variable and stays as it is"
            how = "Write ${NAME} for a variable, or $${ for this text."
        found.append(warning(source.label, what, how))
    return found


def pruned(tree: dict[str, object], path: Path, findings: list[Finding]) -> dict[str, object]:
    """Return the object without the members that hold a fault; its finding is told the path of one."""
    found: dict[str, object] = {}
    for key, value in tree.items():
        here = (*path, key)
        if numbers := substitute.faults_in(key):
            here = path
        elif isinstance(value, dict):
            found[key] = pruned(value, here, findings)
        elif not (numbers := substitute.faults_in(value)):
            found[key] = value
        for number in numbers:
            if number < len(findings):
                findings[number].path = here
    return found


def file(world: World, catalogue: Catalogue, path: str) -> tuple[Layer | None, list[Finding]]:
    """Return the layer of a JSON file, and what is wrong with it."""
    try:
        text = contents(world, path)
    except UnreadableError as error:
        return None, [problem(path, error.what, unreadable_remedy(error.what), path=())]
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


def secret_folders(world: World) -> tuple[list[str], list[Finding]]:
    """Return /run/secrets and the folders in it, as Kubernetes mounts them, and a warning for closed ones."""
    folders = [SECRETS]
    findings = []
    for name in listing(world.root + SECRETS):
        path = f"{SECRETS}/{name}"
        if name.startswith(".") or name.endswith(".json") or not os.path.isdir(world.root + path):
            continue
        if os.access(world.root + path, os.R_OK | os.X_OK):
            folders.append(path)
        else:
            how = f"Make it readable for the user {os.getuid()}, if it holds anything for Orthanc."
            findings.append(warning(path, "the folder cannot be read", how))
    return folders, findings


def secret_files(world: World, catalogue: Catalogue) -> tuple[list[Layer], list[Finding]]:
    """Return the layers of the JSON files among the secrets; those of other programs are left alone."""
    paths: list[str] = []
    folders, findings = secret_folders(world)
    for folder in folders:
        more, found = json_files(world, folder)
        paths += [path for path in more if not is_foreign(world, catalogue, path)]
        findings += found
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
    return all(key not in catalogue and "$" not in key and not nearest(key, known) for key in tree)


def is_read(name: str) -> bool:
    """Tell whether a variable is one that the start-up code reads."""
    return name.startswith(names.PREFIX) or name in special.SPECIAL or name in SWITCHES


def is_text(text: str) -> bool:
    """Tell whether the value of a variable is text; other bytes arrive as lone surrogates."""
    return text.isascii() or not jsonc.halved(text)


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
            each, wrong = only_file(world, catalogue, base, name, given)
        elif text and is_read(name):
            each, wrong = plain(name, text, catalogue)
        else:
            continue
        findings += wrong
        found += [each] if each is not None else []
    secrets, wrong = named_secrets(world, catalogue)
    return found + [each for each in secrets if each.name not in given], findings + wrong


def plain(name: str, text: str, catalogue: Catalogue) -> tuple[Variable | None, list[Finding]]:
    """Return the variable with the value that it has."""
    if is_text(text):
        return Variable(name, text, name), []
    what = "its value is not text in UTF-8"
    return None, [problem(name, what, "Write it in UTF-8.", path=lost(name, catalogue))]


def lost(name: str, catalogue: Catalogue) -> Path | None:
    """Return the path of the setting that is missing without a variable: empty for ORTHANC_JSON."""
    return () if name == "ORTHANC_JSON" else place(Variable(name, "", name), catalogue)[0]


def only_file(
    world: World, catalogue: Catalogue, base: str, name: str, given: dict[str, str]
) -> tuple[Variable | None, list[Finding]]:
    """Return the variable ``base`` from the file that ``name`` names, unless it is given another way too."""
    if given.setdefault(base, name) != name or world.environment.get(base):
        other = given[base] if given[base] != name else base
        what = f"{base} is given by {other} and by {name}"
        return None, [problem(name, what, "Keep one of the two.", path=lost(base, catalogue))]
    each, wrong = from_file(world, base, name, world.environment[name])
    for finding in wrong:
        finding.path = lost(base, catalogue)
    return each, wrong


def is_value(world: World, catalogue: Catalogue, name: str, base: str) -> bool:
    """Tell whether a variable that could name a secret is an unknown setting whose name ends in Secret.

    So it is when neither the setting nor a secret of this name is known.
    """
    text = world.environment[name]
    if not name.endswith("_SECRET") or base in special.FROM_FILES or text.startswith("/"):
        return False
    known = names.path(base, catalogue)[1] is not None
    return not known and not os.path.exists(world.root + secret_path(world, text))


def secret_path(world: World, name: str) -> str:
    """Return the path of the secret with this name: in /run/secrets itself, else in a folder of it."""
    folders, _ = secret_folders(world)
    paths = [f"{folder}/{name}" for folder in folders]
    return next((path for path in paths if os.path.exists(world.root + path)), f"{SECRETS}/{name}")


def special_secrets(world: World) -> dict[str, str]:
    """Return the special variables among the secrets, such as VERBOSE_ENABLED, with their values."""
    found, _ = named_secrets(world, None)
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
    path = text if text.startswith("/") else secret_path(world, text)
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


def named_secrets(world: World, catalogue: Catalogue | None) -> tuple[list[Variable], list[Finding]]:
    """Return the secrets whose file has the name of a variable; without a catalogue, findings lack paths."""
    found: dict[str, Variable] = {}
    findings: list[Finding] = []
    for path in secret_paths(world):
        name = os.path.basename(path)
        if not is_read(name):
            continue
        if "." in name:
            if not name.endswith(".json"):
                what = "it is not read, since its name is not that of a variable"
                findings.append(warning(path, what, f"Name it {name.partition('.')[0]}."))
            continue
        each, wrong = secret(world, name, path, path, path)
        if name in found:
            each, wrong = (
                None,
                [problem(path, f"{name} is given by {found[name].origin} too", "Keep one of the two.")],
            )
        for finding in wrong:
            finding.path = lost(name, catalogue) if catalogue else None
        findings += wrong
        if each is not None:
            found[name] = each
    return list(found.values()), findings


def secret_paths(world: World) -> list[str]:
    """Return the paths of all secrets, those in folders last."""
    return [
        path
        for folder in secret_folders(world)[0]
        for name in listing(world.root + folder)
        if not name.startswith(".") and not os.path.isdir(world.root + (path := f"{folder}/{name}"))
    ]


def settings(world: World, catalogue: Catalogue, found: list[Variable]) -> tuple[list[Layer], list[Finding]]:
    """Return the layers of the variables: ORTHANC_JSON, parents before children, secrets last."""
    layers: list[Layer] = []
    findings: list[Finding] = []
    paths: dict[tuple[Path, bool], str] = {}
    for each in sorted(found, key=order):
        if each.name == "ORTHANC_JSON":
            one, wrong = whole(world, catalogue, each)
        else:
            one, wrong = placed(each, catalogue, paths)
        findings += wrong
        layers += [one] if one is not None else []
    return layers, findings


def whole(world: World, catalogue: Catalogue, each: Variable) -> tuple[Layer | None, list[Finding]]:
    """Return the layer of ORTHANC_JSON; in it ``$NAME`` stays, which compose files and shells replace."""
    if has_quotes(each.text):
        return None, [problem(each.origin, "the quotes around the value are part of it", BARE, path=())]
    return document(world, catalogue, each.text, Source(each.origin), only_braces=True)


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
) -> tuple[Layer, list[Finding]]:
    """Return the layer of one variable, empty when it cannot be used, and what is wrong with it."""
    inner = None if pattern is not None and is_any(pattern, catalogue) else convert.unquoted(each.text)
    text = each.text if inner is None else inner
    if pattern is None:
        value, there, findings = guess(each, path, text, inner is not None, catalogue)
    else:
        conversion = Conversion(catalogue, Source(each.origin, FILES, path))
        value, there = conversion.value(path, pattern, text)
        findings = conversion.findings
    if inner is not None and not convert.is_protected(each.text, inner):
        findings.append(warning(each.origin, "the quotes around the value are taken off", BARE))
    elif inner is None and has_quotes(text):
        findings = in_quotes(each, path, findings)
    if substitute.holds_reference(each.text):
        what = "variables are not replaced in its value: the ${ stays as it is"
        findings.append(warning(each.origin, what, REPLACED))
    if there:
        return layer(each.origin, path, value, findings), findings
    return Layer(each.origin, {}, findings), findings


BARE = "Leave them out."

REPLACED = (
    f"Write the value itself, put the setting into a file of {FILES}, or write \\u0024{{ in double quotes for"
    " this text."
)


def is_any(pattern: str, catalogue: Catalogue) -> bool:
    """Tell whether a setting takes any JSON value, so that quotes make text of it."""
    setting = catalogue.setting(pattern)
    return setting is not None and setting.kind == "any"


def has_quotes(text: str) -> bool:
    """Tell whether a text has quotes around it, which are rarely meant."""
    word = text.strip()
    return len(word) > 1 and word[0] == word[-1] and word[0] in "\"'"


def in_quotes(each: Variable, path: Path, findings: list[Finding]) -> list[Finding]:
    """Return the findings on a value in quotes that stay; where it cannot be used, they are the reason."""
    what = "the quotes around the value are part of it"
    if problems(findings):
        return [problem(each.origin, what, BARE, path=path)]
    return [*findings, warning(each.origin, what, "Leave them out if they are not meant.")]


def guess(
    each: Variable, path: Path, text: str, is_text: bool, catalogue: Catalogue
) -> tuple[object, bool, list[Finding]]:
    """Return the value of a variable not in the catalogue, whether there is one, and what to say."""
    try:
        value = text if is_text else convert.unknown(text)
    except UnconvertibleError as error:
        return None, False, [problem(each.origin, error.what, error.remedy, path=path)]
    near = near_name(each.name, catalogue)
    how = f"Did you mean {near}?" if near else f"It is passed on as '{'.'.join(path)}'."
    return value, True, [warning(each.origin, "there is no such setting", how)]


def near_name(name: str, catalogue: Catalogue) -> str | None:
    """Return the name of the variable that is nearest to a mistyped one."""
    known = {
        names.variable(tuple(path.split(".")), catalogue): path for path in catalogue.lines if "*" not in path
    }
    return nearest(name, [*known, *special.SPECIAL, *SWITCHES])
