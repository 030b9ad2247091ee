"""What changes for a configuration that was made for one of the existing images, line by line.

What keeps it from starting is not repeated here: that is what ``config check`` reports anyway. The other
images are described in docs/migrating.md.
"""

from startup import jsonc, names, plugins
from startup.configuration import IMAGE
from startup.convert import WORDS, boolean, quoted
from startup.errors import Finding, UnconvertibleError, UnreadableError, warning
from startup.launch import flag
from startup.merge import Value, at
from startup.sources import FILES, SECRETS, World, is_foreign

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from startup.catalogue import Catalogue, Setting
    from startup.configuration import Configuration

IMAGES = {
    "orthancteam": "orthancteam/orthanc",
    "osimis": "osimis/orthanc",
    "jodogne": "jodogne/orthanc and jodogne/orthanc-plugins",
}

OPTION = "--from"

FLAGS = ("VERBOSE_ENABLED", "TRACE_ENABLED", "NO_JOBS", "LOGS_THREADNAMES_IN_CONTEXT")

SECTIONS = ("OHIF", "StoneWebViewer", "WholeSlideImaging")
"""The sections that enable their plugin here and did not there."""

DEFAULTS = {
    ("OrthancExplorer2", "IsDefaultOrthancUI"): "true",
    ("Worklists", "Database"): "not given",
}
"""The defaults of plugins that those images give otherwise, in words."""


class Case:
    """A configuration, the world that it came from, and the image that it was made for."""

    __slots__ = ("catalogue", "found", "image", "world")

    def __init__(self, image: str, world: World, found: "Configuration", catalogue: "Catalogue") -> None:
        self.image = image
        self.world = world
        self.found = found
        self.catalogue = catalogue

    @property
    def environment(self) -> "Mapping[str, str]":
        """Return the variables."""
        return self.world.environment

    def is_here(self, plugin: plugins.Plugin) -> bool:
        """Tell whether a plugin is in this image."""
        return plugins.is_here(plugin, self.found.plugin_index)

    def settings(self) -> "Iterator[tuple[str, str]]":
        """Return the variables that give settings, with their values."""
        return ((name, text) for name, text in sorted(self.environment.items()) if is_setting(name))

    def secrets(self) -> "Iterator[tuple[str, str]]":
        """Return the secrets that give settings, with their texts."""
        for name in plugins.listing(self.world.root + SECRETS):
            if is_setting(name) and "." not in name:
                yield name, read(f"{self.world.root}{SECRETS}/{name}").strip("\n")

    def setting(self, name: str) -> "tuple[tuple[str, ...], Setting | None]":
        """Return the path that a variable stands for, and its setting when it is a known one."""
        path, pattern = names.path(name, self.catalogue)
        return path, self.catalogue.setting(pattern) if pattern else None


def is_setting(name: str) -> bool:
    """Tell whether a variable gives one setting."""
    return name.startswith(names.PREFIX) and name != names.PREFIX


def origin(command: str, words: list[str]) -> tuple[str, list[str]]:
    """Return the name after ``check --from``, or nothing, and the words that are left."""
    if command == "check" and len(words) == 2 and words[0] == OPTION and words[1] in IMAGES:
        return words[1], []
    return "", words


def lines(former: str, world: World, found: "Configuration", catalogue: "Catalogue") -> list[str]:
    """Return what changes for a configuration that was made for one of the existing images, in words."""
    case = Case(IMAGES[former], world, found, catalogue)
    changes = [change for rule in RULES[former] for change in rule(case)]
    return [f"Coming from {case.image}, this changes:", *(f"- {change}" for change in changes)]


def user(_: Case) -> list[Finding]:
    """Return that the server does not run as root."""
    how = 'Start once with user "0:0" and ORTHANC_FIX_OWNERSHIP=true to give the storage to uid 999.'
    return [warning("user", "those images run as root, this one as uid 999", how)]


def mode(_: Case) -> list[Finding]:
    """Return that the file made for Orthanc is not for everybody."""
    what = "everybody in the container could read it, with its passwords; only its owner can now"
    return [warning("/tmp/orthanc.json", what, "Let programs that need it run as the same user.")]


def exact(case: Case) -> list[Finding]:
    """Return the variables that only the exact word true switched on."""
    found = []
    for name in FLAGS:
        text = case.environment.get(name, "")
        if text != "true" and flag(case.environment, name):
            what = f"'{text}' did nothing there, and is true here"
            found.append(warning(name, what, "Write true or false."))
    return found


def log(case: Case) -> list[Finding]:
    """Return what is not in the log any more: passwords."""
    found = []
    text = case.environment.get("VERBOSE_STARTUP")
    if text in ("", "true"):
        what = "it printed the configuration with its passwords; "
        what += "they are hidden now" if text else "an empty variable counts as not set now"
        found.append(warning("VERBOSE_STARTUP", what, "Set it to secrets where they must be seen."))
    if flag(case.environment, "TRACE_ENABLED"):
        what = "headers of HTTP, which hold passwords, are not in the log"
        found.append(warning("TRACE_ENABLED", what, "Give the container the option --trace to have them."))
    return found


def switches(case: Case) -> list[Finding]:
    """Return the plugin switches that were on there, as everything but false was, and are off here."""
    found = []
    for name, plugin in plugins.SWITCHES.items():
        text = case.environment.get(name)
        if text is None or text == "false" or is_on(text):
            continue
        what = f"'{text}' enabled {plugin.name} there, and does not here"
        found.append(warning(name, what, f"Write {name}=true if the plugin is needed."))
    return found


def is_on(text: str) -> bool:
    """Tell whether a switch is on, or wrong, which is reported as such."""
    try:
        return bool(text) and boolean(text)
    except UnconvertibleError:
        return True


def empty(case: Case) -> list[Finding]:
    """Return the empty variables, which count as not set."""
    what = "an empty variable made the setting an empty text there, and counts as not set here"
    return [warning(name, what, "Leave it out.") for name, text in case.settings() if not text]


def guesses(case: Case) -> list[Finding]:
    """Return the variables whose value had another type there, since those images guess it."""
    found = []
    for name, text in (*case.settings(), *case.secrets()):
        path, setting = case.setting(name)
        if not text or setting is None or setting.kind not in ("bool", "int", "string"):
            continue
        there, here = WORDS[type(guessed(text))], WORDS.get(type(at(case.found.tree, path)))
        if here in ("true or false", "a number", "text") and there != here:
            what = f"{quoted(setting, text)} was taken for {there} there, and is {here} here"
            found.append(warning(name, what, ""))
    return found


def guessed(text: str) -> object:
    """Return the value that those images read in a text: JSON where it is such, else the text."""
    try:
        return jsonc.value(text)
    except UnreadableError:
        return text


def precedence(case: Case) -> list[Finding]:
    """Return the settings that several variables give, or several files of one folder."""
    found = []
    for path, values in case.found.merged.history.items():
        given = [each for each in values if each.origin in case.environment]
        if differ(given):
            what = f"{listed(given)} give it; their names decided there which one counts, here it is the last"
            found.append(warning(".".join(path), what, "Keep one of them."))
        for folder in (FILES, SECRETS):
            given = [each for each in values if is_in(each.origin, folder)]
            if differ(given):
                what = f"{listed(given)} give it; there was no order there, here the last one counts"
                found.append(warning(".".join(path), what, "Keep one of them."))
    return found


def differ(values: list[Value]) -> bool:
    """Tell whether the values of a setting are not all the same."""
    return any(each.value != values[0].value for each in values)


def listed(values: list[Value]) -> str:
    """Return the origins of values in words."""
    return " and ".join(dict.fromkeys(each.origin for each in values))


def is_in(path: str, folder: str) -> bool:
    """Tell whether a path is that of a JSON file in a folder."""
    return path.startswith(f"{folder}/") and path.endswith(".json")


def relative(case: Case) -> list[Finding]:
    """Return the relative paths, which started from the folder of the file that was made."""
    return [
        warning(where, f"'{path}' started from /tmp there, and from {folder} here", "Write the whole path.")
        for where, setting, value, folder in given(case)
        if "path" in setting.marks
        for path in ([value] if isinstance(value, str) else plugins.strings(value))
        if path and not path.startswith("/")
    ]


def given(case: Case) -> "Iterator[tuple[str, Setting, object, str]]":
    """Return each known setting as it is written: its place, itself, its value, the folder of its source."""
    for label, folder, text in documents(case):
        tree = guessed(text)
        for path, setting, value in members("", tree, case.catalogue):
            yield f"{label}, '{path}'", setting, value, folder
    for name, text in case.settings():
        _, known = case.setting(name)
        if known is not None:
            yield name, known, guessed(text), FILES


def documents(case: Case) -> "Iterator[tuple[str, str, str]]":
    """Return the JSON documents: label, folder and text of each."""
    for folder in (FILES, SECRETS):
        for name in plugins.listing(case.world.root + folder):
            path = f"{folder}/{name}"
            if is_in(path, folder):
                yield path, folder, read(case.world.root + path)
    yield "ORTHANC_JSON", FILES, case.environment.get("ORTHANC_JSON", "")


def read(path: str) -> str:
    """Return the text of a file, or none when it has none, which is reported as such."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError):
        return ""


def members(pattern: str, tree: object, known: "Catalogue") -> "Iterator[tuple[str, Setting, object]]":
    """Return each known setting below a pattern, with its path and its value."""
    for key, value in tree.items() if isinstance(tree, dict) else ():
        child = known.child(pattern, key)
        setting = known.setting(child) if child else None
        if child and setting is not None:
            yield child, setting, value
            yield from members(child, value, known)


def sections(case: Case) -> list[Finding]:
    """Return the plugins that their section enables here and did not there."""
    return [
        warning(
            each.plugin.sections[0],
            f"this section enables the plugin {each.plugin.name} here, which took its variable there",
            f"Set {each.plugin.switch}=false to go without it.",
        )
        for each in case.found.decisions
        if each.enabled and each.plugin.sections[0] in SECTIONS and each.plugin.switch not in case.environment
    ]


def defaults(case: Case) -> list[Finding]:
    """Return the defaults of enabled plugins that are others here."""
    found = []
    here = [each.plugin.sections[0] for each in case.found.decisions if case.is_here(each.plugin)]
    for path, there in DEFAULTS.items():
        if path[0] in here and case.found.merged.origin(path).startswith("default of "):
            what = f"its default is {jsonc_word(at(case.found.tree, path))} here and was {there} there"
            how = f"Set {names.variable(path, case.catalogue)} to have it otherwise."
            found.append(warning(".".join(path), what, how))
    return found


def jsonc_word(value: object) -> str:
    """Return a simple value as it is written in JSON, text without quotes."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def absent(case: Case) -> list[Finding]:
    """Return the plugins that were on by default and that this image does not have."""
    return [
        warning(each.plugin.name, "it was enabled by default there, and is not in this image", "")
        for each in case.found.decisions
        if each.plugin.by_default and not each.explicit and not case.is_here(each.plugin)
    ]


def implementations(case: Case) -> list[Finding]:
    """Return the enabled plugins that are not the official ones."""
    found = []
    parts = plugins.items(plugins.components(case.world.root).get("components"))
    for each in case.found.decisions:
        name = each.plugin.name
        part = next((part for part in parts if name in plugins.strings(part.get("plugins"))), {})
        if each.enabled and part.get("provider") in plugins.BUNDLING:
            version = part.get("version")
            what = f"it is these images' own implementation ({version}), with the official settings"
            found.append(warning(name, what, "See docs/migrating.md for what to try."))
    return found


def folders(case: Case) -> list[Finding]:
    """Return that the images' own plugins are loaded whatever the setting Plugins says."""
    values = case.found.merged.history.get(("Plugins",), [])
    if values[-1:] and values[-1].origin != IMAGE:
        what = "it replaced the folders of the images' own plugins there; the enabled ones are loaded here"
        return [warning("Plugins", what, "")]
    return []


def host(case: Case) -> list[Finding]:
    """Return the host ids that come out otherwise."""
    found = []
    if case.environment.get("FORCE_HOST_ID"):
        what = "only its first four characters counted there; it is a hexadecimal number here"
        found.append(warning("FORCE_HOST_ID", what, "Generated DICOM identifiers get another middle part."))
    if not flag(case.environment, "GENERATE_HOST_ID_IF_MISSING", default=True):
        what = "all containers had the same host id there; here none is made"
        found.append(warning("GENERATE_HOST_ID_IF_MISSING", what, "Leave it out to have one made."))
    return found


def script(case: Case) -> list[Finding]:
    """Return that the script may write configuration files."""
    if not case.environment.get("BEFORE_ORTHANC_STARTUP_SCRIPT"):
        return []
    what = "it ran when the configuration was final; it runs before that here, and may write to /etc/orthanc"
    return [warning("BEFORE_ORTHANC_STARTUP_SCRIPT", what, "")]


def foreign(case: Case) -> list[Finding]:
    """Return the JSON secrets of other programs, which are not merged into the configuration."""
    what = "it became part of the configuration there; it is left alone here, since no setting is in it"
    return [
        warning(label, what, "")
        for label, folder, _ in documents(case)
        if folder == SECRETS and is_foreign(case.world, case.catalogue, label)
    ]


def usual(case: Case) -> list[Finding]:
    """Return that there is no user with a well-known password."""
    tree = case.found.tree
    asked = tree.get("AuthenticationEnabled") is True and tree.get("RemoteAccessAllowed") is True
    if not asked or tree.get("RegisteredUsers"):
        return []
    what = "without any user, orthanc could enter there with the password orthanc, and nobody can here"
    return [warning("RegisteredUsers", what, "Set ORTHANC_PASSWORD.")]


def former(case: Case) -> list[Finding]:
    """Return the variables that did nothing in images that read none."""
    known = ("ORTHANC_JSON", "ORTHANC_PASSWORD", *plugins.SWITCHES)
    given_ = [name for name in sorted(case.environment) if is_setting(name) or name in known]
    return [warning(name, "those images read no variables; this one does", "") for name in given_]


def every(case: Case) -> list[Finding]:
    """Return the plugins that are in the image and not enabled, where the other loads all it has."""
    off = [each.plugin for each in case.found.decisions if not each.enabled and case.is_here(each.plugin)]
    if not off:
        return []
    listing = ", ".join(each.name for each in off)
    what = f"each one that is there is loaded there; these are in this image and not enabled: {listing}"
    return [warning("plugins", what, f"Enable those you need, such as {off[0].switch}=true.")]


GENERATED: "tuple[Callable[[Case], list[Finding]], ...]" = (
    user,
    mode,
    log,
    exact,
    switches,
    empty,
    guesses,
    precedence,
    relative,
    sections,
    defaults,
    absent,
    implementations,
    folders,
    host,
    script,
    foreign,
)

RULES: "Mapping[str, tuple[Callable[[Case], list[Finding]], ...]]" = {
    "orthancteam": GENERATED,
    "osimis": (*GENERATED, usual),
    "jodogne": (user, former, every, implementations, usual),
}
