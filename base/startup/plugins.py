"""The plugins: what enables each one, which libraries it has, and its defaults in these images."""

import os

from startup import jsonc
from startup.convert import BOOLEAN, boolean
from startup.errors import Finding, UnconvertibleError, UnreadableError, problem, warning
from startup.merge import at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = "/usr/share/orthanc/plugins"
AVAILABLE = "/usr/share/orthanc/plugins-available"
COMPONENTS = "/usr/share/orthanc/components.json"

BUNDLING = ("tree", "npm")
"""The providers of the bundled plugins: those that the images bring themselves."""

NATIVE = "/usr/lib/orthanc-image/native"
"""Where the libraries of bundled plugins are: plugins in C++, and the native parts of those in Python."""

MAKERS = {
    "debian": "Debian's version",
    "upstream": "Orthanc's own library, version",
    **dict.fromkeys(BUNDLING, "of these images, version"),
}
"""Whose a plugin is, in words, by the provider of its component."""

PLACEHOLDERS = ("HOST MUST BE DEFINED", "MUST BE DEFINED", "MUST BE DEFINED BY YOU")
"""The defaults of settings without which a plugin cannot work, and which only the user can know."""

CODECS: dict[str, object] = {"BuiltinDecoderTranscoderOrder": "Disabled"}
"""What Orthanc is told where a plugin has the codecs for every image: not to decode what that one refuses."""

GUARD = "Authorization"
"""The plugin that may keep strangers out in place of Orthanc's own passwords."""

TABLE = __file__.removesuffix("plugins.py") + "plugins.table"


class PluginLibrary:
    """A library of a plugin: its file names (any one will do), and the setting that must be on to load it."""

    __slots__ = ("names", "needs")

    def __init__(self, words: str) -> None:
        names, _, needs = words.partition("(")
        self.names = names.split("/")
        self.needs = needs.rstrip(")")


class Plugin:
    """One line of the table of plugins, read no further than is asked for: most plugins are not enabled."""

    __slots__ = ("_defaults", "_libraries", "_marks", "name", "native", "package", "sections", "switch")

    def __init__(self, line: str) -> None:
        fields = map(str.strip, line.split("|", 7))
        name, switch, sections, self._libraries, self._marks, package, native, self._defaults = fields
        self.name = name
        self.switch = switch
        self.sections = sections.split()
        self.package = package
        self.native = native

    @property
    def libraries(self) -> list[PluginLibrary]:
        """Return its libraries; it needs all of them."""
        return [PluginLibrary(words) for words in self._libraries.split()]

    @property
    def titles(self) -> list[str]:
        """Return the names under which Orthanc lists its native libraries in these images, in their order."""
        return self.native.split(", ") if self.native else []

    @property
    def marks(self) -> dict[str, str]:
        """Return its marks with their values, which are empty where the table gives none."""
        return {mark: value for mark, _, value in (word.partition("=") for word in self._marks.split())}

    @property
    def by_default(self) -> bool:
        """Tell whether it is enabled unless its variable says otherwise."""
        return "default" in self._marks.split()

    @property
    def by_section(self) -> bool:
        """Tell whether its section enables it."""
        return "variable-only" not in self._marks.split()

    @property
    def is_object_store(self) -> bool:
        """Tell whether it keeps files in an object store: it is a storage, whatever its settings."""
        return "storage" in self._marks.split()

    def defaults(self) -> dict[str, object]:
        """Return the settings in its section that these images give it."""
        found = jsonc.value(self._defaults) if self._defaults else {}
        assert isinstance(found, dict)
        return found


def read(table: str) -> list[Plugin]:
    """Return the plugins in a table."""
    return [Plugin(line) for line in table.split("\n") if line and line[0] != "#"]


with open(TABLE, encoding="utf-8") as file:
    PLUGINS = read(file.read())

SWITCHES = {plugin.switch: plugin for plugin in PLUGINS}

PYTHON = SWITCHES["PYTHON_PLUGIN_ENABLED"].libraries[0]


class Decision:
    """Whether a plugin is enabled, and what decided it."""

    __slots__ = ("enabled", "explicit", "plugin", "why")

    def __init__(self, plugin: Plugin, enabled: bool, explicit: bool, why: str) -> None:
        self.plugin = plugin
        self.enabled = enabled
        self.explicit = explicit
        self.why = why


def switches(variables: "Mapping[str, str]") -> tuple[dict[str, bool], list[Finding]]:
    """Return the plugin switches among the variables, and the problems with them."""
    found: dict[str, bool] = {}
    findings: list[Finding] = []
    for name, text in variables.items():
        if name in SWITCHES:
            try:
                found[name] = boolean(text)
            except UnconvertibleError as error:
                section = SWITCHES[name].sections[0]
                findings.append(problem(name, error.what, BOOLEAN, path=(section,)))
    return found, findings


def decided(tree: dict[str, object], switched: "Mapping[str, bool]") -> list[Decision]:
    """Return the decision on each plugin: its variable first, then its section, then its default."""
    return [decision(plugin, tree, switched) for plugin in PLUGINS]


def decision(plugin: Plugin, tree: dict[str, object], switched: "Mapping[str, bool]") -> Decision:
    """Return the decision on one plugin."""
    if plugin.switch in switched:
        enabled = switched[plugin.switch]
        return Decision(plugin, enabled, True, f"{plugin.switch}={'true' if enabled else 'false'}")
    section = next((section for section in plugin.sections if section in tree), None)
    if section and plugin.by_section:
        return Decision(plugin, True, True, f"'{section}' is configured")
    if plugin.by_default:
        return Decision(plugin, True, False, "by default")
    return Decision(plugin, False, False, "not enabled")


def defaults(decisions: list[Decision], tree: dict[str, object]) -> list[tuple[str, dict[str, object]]]:
    """Return the default settings of each enabled plugin, by its name, as trees; `tree` has the user's."""
    found: list[tuple[str, dict[str, object]]] = []
    for plugin in (each.plugin for each in decisions if each.enabled):
        section, given = plugin.sections[0], plugin.defaults()
        own: dict[str, object] = {section: given} if given else {}
        if "codecs" in plugin.marks and at(tree, (section, "Enable")) is not False:
            own |= CODECS
        if own:
            found.append((plugin.name, own))
    return found


class PluginIndex:
    """The plugins at hand: the image's libraries, those of the user, and the bundled ones."""

    __slots__ = ("_parts", "available", "own", "root")

    def __init__(self, root: str, own: list[str]) -> None:
        self.root = root
        self._parts: dict[str, dict[str, object]] | None = None
        self.available = {name: f"{AVAILABLE}/{name}" for name in listing(root + AVAILABLE)}
        self.own: dict[str, str] = {}
        for place in own:
            for name in listing(root + place):
                if ".so" in name:
                    self.own[name] = f"{place.rstrip('/')}/{name}"
            if os.path.isfile(root + place):
                self.own[os.path.basename(place)] = place

    def library(self, library: PluginLibrary) -> str | None:
        """Return the path of a library, a user's own first, or None when there is none."""
        for paths in (self.own, self.available):
            for name in library.names:
                if name in paths:
                    return paths[name]
        return None

    def part(self, plugin: Plugin) -> dict[str, object]:
        """Return the component of this image that brings a plugin; empty when none does."""
        if self._parts is None:
            parts = items(components(self.root).get("components"))
            self._parts = {name: part for part in parts for name in strings(part.get("plugins"))}
        return self._parts.get(plugin.name, {})

    def is_bundled(self, plugin: Plugin) -> bool:
        """Tell whether a plugin is one that this image brings itself, in Python or C++."""
        return self.part(plugin).get("provider") in BUNDLING

    def whose(self, plugin: Plugin) -> str:
        """Return in words who made a plugin that is here, and its version; empty when nothing says so."""
        if any(name in self.own for library in plugin.libraries for name in library.names):
            return "yours"
        part = self.part(plugin)
        version = str(part.get("version")).partition("+")[0].partition("-")[0]
        maker = MAKERS.get(str(part.get("provider")), "")
        return f"{maker} {version}" if maker else ""


def listing(folder: str) -> list[str]:
    """Return the names in a folder, sorted; none when it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def native_library(library: PluginLibrary) -> str:
    """Return the path of a library that these images bring themselves."""
    return f"{NATIVE}/{library.names[0]}"


def needed(plugin: Plugin, tree: dict[str, object]) -> list[PluginLibrary]:
    """Return the libraries of a plugin that the configuration calls for."""
    section = plugin.sections[0]
    return [
        library
        for library in plugin.libraries
        if not library.needs or at(tree, (section, library.needs)) is True
    ]


def present(decisions: list[Decision], index: PluginIndex) -> list[Decision]:
    """Return the decisions, without the plugins that are on by default and not in the image."""
    return [
        each
        if each.explicit or not each.enabled or is_here(each.plugin, index)
        else Decision(each.plugin, False, False, "on by default, but not part of this image")
        for each in decisions
    ]


def companion(plugin: Plugin, tree: dict[str, object]) -> str:
    """Return the name of the plugin through which a plugin reads images; empty when it needs none.

    OHIF reads them itself with one of its data sources.
    """
    by_itself = at(tree, (plugin.sections[0], "DataSource")) == "dicom-json"
    return "" if by_itself else plugin.marks.get("with", "")


def accompanied(decisions: list[Decision], tree: dict[str, object], index: PluginIndex) -> list[Decision]:
    """Return the decisions, with the plugins enabled that others need and on which nobody has decided."""
    needed_by = {
        companion(each.plugin, tree): each.plugin.name
        for each in decisions
        if each.enabled and is_here(each.plugin, index)
    }
    return [
        Decision(each.plugin, True, False, f"{needed_by[each.plugin.name]} needs it")
        if each.plugin.name in needed_by and not each.explicit and is_here(each.plugin, index)
        else each
        for each in decisions
    ]


class Chosen:
    """What to load: libraries, and bundled plugins in Python; what is absent, and what else is wrong."""

    __slots__ = ("absent", "bundled", "findings", "libraries")

    def __init__(self) -> None:
        self.absent: list[str] = []
        self.libraries: list[str] = []
        self.bundled: list[Plugin] = []
        self.findings: list[Finding] = []

    def take(self, path: str, index: PluginIndex) -> None:
        """Choose a library, unless it is the user's own, which Orthanc finds, or chosen already."""
        if path not in index.own.values() and path not in self.libraries:
            self.libraries.append(path)


def chosen(
    decisions: list[Decision], tree: dict[str, object], index: PluginIndex, tolerant: bool = False
) -> Chosen:
    """Return what to load beside the user's own libraries, and the problems of plugins that are absent.

    They are warnings if absent plugins are tolerated, except for one that guards the server.
    """
    result = Chosen()
    for each in decisions:
        if not each.enabled:
            continue
        wanted = needed(each.plugin, tree)
        found = [index.library(library) for library in wanted]
        if None in found and index.is_bundled(each.plugin):
            if each.plugin.package:
                result.bundled.append(each.plugin)
                continue
            found = [path or native_library(library) for path, library in zip(found, wanted, strict=True)]
        for path in found:
            if path is not None:
                result.take(path, index)
        if None in found:
            result.absent.append(each.plugin.name)
            result.findings.append(
                unguarded(each, index.root)
                if guarded(tree, each.plugin)
                else absent(each, index.root, tolerant)
            )
    if result.bundled:
        carry(result, index)
    return result


def carry(result: Chosen, index: PluginIndex) -> None:
    """Choose the library of Python, which these bundled plugins are written for."""
    python = index.library(PYTHON)
    if python is not None:
        result.take(python, index)
        return
    names = " and ".join(plugin.name for plugin in result.bundled)
    what = f"{PYTHON.names[0]} is missing, and {names} cannot work without it"
    result.findings.append(problem("Python", what, f"Leave it in {AVAILABLE}."))


def is_here(plugin: Plugin, index: PluginIndex) -> bool:
    """Tell whether all libraries of a plugin are at hand, or it is a bundled one."""
    return all(index.library(library) for library in plugin.libraries) or index.is_bundled(plugin)


def absent(each: Decision, root: str, tolerated: bool = False) -> Finding:
    """Return the problem of an enabled plugin that the image does not have; a warning if it is tolerated."""
    plugin = each.plugin
    reason, remedy = absence(plugin, root)
    what = f"it is enabled ({each.why}) but {reason}"
    return (
        warning(plugin.name, f"{what}; Orthanc starts without it", "")
        if tolerated
        else problem(plugin.name, what, remedy)
    )


def guarded(tree: dict[str, object], plugin: Plugin) -> bool:
    """Tell whether a plugin keeps strangers out of the server, because Orthanc asks for no password."""
    open_ = at(tree, ("AuthenticationEnabled",)) is False and at(tree, ("RemoteAccessAllowed",)) is True
    return plugin.name == GUARD and open_ and at(tree, ("HttpServerEnabled",)) is not False


def unguarded(each: Decision, root: str) -> Finding:
    """Return the problem of an absent plugin without which everybody could enter."""
    reason, remedy = absence(each.plugin, root)
    library = remedy.partition(", or add ")[2]
    what = f"it is enabled ({each.why}) and guards this server, but {reason}"
    return problem(
        each.plugin.name,
        what,
        "Without it everybody could enter: set ORTHANC__AUTHENTICATION_ENABLED=true, give users (such as"
        f" ORTHANC_PASSWORD) and set {each.plugin.switch}=false, or add {library}",
    )


def absence(plugin: Plugin, root: str) -> tuple[str, str]:
    """Return why a plugin is not in the image, and what to do about it."""
    off = f"Set {plugin.switch}=false to go without it"
    names = " and ".join(library.names[0] for library in plugin.libraries)
    remedy = f"{off}, or add {names} to {FOLDER}."
    for missing in items(components(root).get("missing")):
        if plugin.name == missing.get("name") or plugin.name in strings(missing.get("plugins")):
            reason = str(missing.get("reason")).rstrip(".")
            return f"it is not part of this image, because {reason}", remedy
    return "it is not part of these images yet", remedy


def components(root: str) -> dict[str, object]:
    """Return what the image says about its own components; empty when it says nothing."""
    try:
        with open(root + COMPONENTS, encoding="utf-8") as file:
            found = jsonc.value(file.read())
    except (OSError, UnreadableError):
        return {}
    return found if isinstance(found, dict) else {}


def items(value: object) -> list[dict[str, object]]:
    """Return the objects in a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def strings(value: object) -> list[str]:
    """Return the texts in a list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
