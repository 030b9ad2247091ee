"""The whole way from the sources to the configuration of Orthanc, as one value."""

import os

from startup import (
    bundled_plugins,
    launch,
    loader,
    new_index,
    plugins,
    sources,
    unknown_variables,
    validate,
)
from startup.catalogue import Catalogue
from startup.configured import Configured
from startup.errors import Finding, problems
from startup.merge import Layer, Merged, Path, Value, at, merged, settled
from startup.sources import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

IMAGE = "image default"
DEFAULT_FOLDER = f"{plugins.FOLDER}/"

DEFAULTS: dict[str, object] = {
    "StorageDirectory": "/var/lib/orthanc/db",
    "RemoteAccessAllowed": True,
    "AuthenticationEnabled": True,
    "RegisteredUsers": {},
    "HttpsCACertificates": "/etc/ssl/certs/ca-certificates.crt",
    "Plugins": [DEFAULT_FOLDER],
}

PERFORMANCE: dict[str, object] = {
    "MaximumStorageCacheSize": 128,
    "StorageMemoryCapacity": 512,
    "DicomParserMemoryCapacity": 256,
    "DicomParserCacheSize": 256,
    "TranscoderMemoryCapacity": 256,
    "TranscoderCacheSize": 256,
    "SequentialDicomReaderWindowCapacity": 128,
    "SequentialDicomReaderWindowSize": 4,
}
"""What Orthanc takes anyway, but with a line of its log for each that is not given."""

OPTIONAL_FOLDER = "/run/orthanc/plugins"
"""A folder of plugins that is loaded as well when it is there."""


def image(root: str) -> Layer:
    """Return the layer of the image's own defaults."""
    if not os.path.isdir(root + OPTIONAL_FOLDER):
        return Layer(IMAGE, DEFAULTS)
    return Layer(IMAGE, {**DEFAULTS, "Plugins": [DEFAULT_FOLDER, OPTIONAL_FOLDER]})


def performance(tree: dict[str, object]) -> Layer:
    """Return the layer of the settings that Orthanc would choose by itself and speak of, given the others."""
    found = dict(PERFORMANCE)
    jobs = tree.get("ConcurrentJobs", 2)
    if "LoaderThreads" not in tree and "ZipLoaderThreads" not in tree and isinstance(jobs, int) and jobs > 0:
        found["StorageLoaderThreadsCount"] = min(max(jobs, 4), 50)
        threads = tree.get("StorageLoaderThreadsCount", found["StorageLoaderThreadsCount"])
        found["SequentialDicomReaderThreadsCount"] = threads
    return Layer(IMAGE, found)


class User:
    """What the user gives: layers, weakest first, plugin switches, findings, and where it all comes from."""

    __slots__ = ("findings", "layers", "sources", "switched")

    def __init__(
        self, layers: list[Layer], switched: dict[str, bool], findings: list[Finding], sources: list[str]
    ) -> None:
        self.layers = layers
        self.switched = switched
        self.findings = findings
        self.sources = sources


class Configuration:
    """The settings for Orthanc with their history, the decisions on the plugins, and all findings.

    `written` has the folders in which Orthanc keeps files and index; `sources` says in words where the
    configuration comes from; `note` is the path of a note on a new index that has yet to be written.
    """

    __slots__ = ("decisions", "findings", "merged", "note", "plugin_index", "sources", "written")

    def __init__(
        self,
        merged: Merged,
        decisions: list[plugins.Decision],
        plugin_index: plugins.PluginIndex,
        findings: list[Finding],
        written: list[str],
        sources: list[str],
        note: str,
    ) -> None:
        self.note = note
        self.written = written
        self.sources = sources
        self.merged = merged
        self.decisions = decisions
        self.plugin_index = plugin_index
        self.findings = findings

    @property
    def tree(self) -> dict[str, object]:
        """Return the settings."""
        return self.merged.tree

    def history(self) -> dict[Path, list[Value]]:
        """Return the values that each setting was given; the last is the one that Orthanc gets."""
        history = dict(self.merged.history)
        for path in (("Plugins",), *bundled_plugins.SETTINGS):
            value, given = at(self.tree, path), history.get(path, [])
            if value is not None and (not given or value != given[-1].value):
                history[path] = [*given, Value("enabled plugins", value)]
        return history


def user(world: World, catalogue: Catalogue) -> User:
    """Return what the user gives; a problem of a value that a later source overrides is a warning."""
    from_files, findings = sources.files(world, catalogue)
    from_secrets, more = sources.secret_files(world, catalogue)
    variables, wrong = sources.variables(world, catalogue)
    assigned, bad = sources.settings(world, catalogue, variables)
    switched, odd = plugins.switches({each.name: each.text for each in variables})
    layers = [*from_files, *from_secrets, *assigned]
    documents = [each.origin for each in (*from_files, *from_secrets)]
    return User(
        layers,
        switched,
        settled([*findings, *more, *wrong, *bad, *odd], layers),
        [*documents, *counted(variables)],
    )


def counted(variables: list[sources.Variable]) -> list[str]:
    """Return in words how many variables and secrets there are; ORTHANC_JSON by its name."""
    others = [each for each in variables if each.name != "ORTHANC_JSON"]
    secret = sum(each.secret for each in others)
    words = ["ORTHANC_JSON"] * (len(variables) - len(others))
    for count, one, more in (
        (len(others) - secret, "1 variable", "variables"),
        (secret, "1 secret", "secrets"),
    ):
        words += [one if count == 1 else f"{count} {more}"] if count else []
    return words


def configuration(world: World, catalogue: Catalogue) -> Configuration:
    """Return the configuration: merge the sources, decide on the plugins, merge again with defaults."""
    given = user(world, catalogue)
    findings, own_defaults = given.findings, image(world.root)
    users = merged([own_defaults, *given.layers])
    folders = plugins.strings(users.tree.get("Plugins"))
    plugin_index = plugins.PluginIndex(world.root, folders)
    decisions = plugins.present(plugins.decided(users.tree, given.switched), plugin_index)
    decisions = plugins.accompanied(decisions, users.tree, plugin_index)
    defaults = [Layer(f"default of {name}", tree) for name, tree in plugins.defaults(decisions, users.tree)]
    usual = performance(users.tree)
    if any(each.enabled and each.plugin.is_object_store for each in decisions):
        from startup import object_stores

        defaults += object_stores.layers(decisions, plugin_index, users.tree, usual.tree)
    begun = new_index.found(decisions, plugin_index, users.tree)
    result = merged([own_defaults, usual, *defaults, *begun.layers, *given.layers])
    tolerant = launch.tolerant(world.environment)
    chosen = plugins.chosen(decisions, result.tree, plugin_index, tolerant)
    findings += unknown_variables.found(world, catalogue) + result.findings + chosen.findings
    lost = [each.path for each in problems(findings) if each.path is not None]
    case = Configured(result, decisions, catalogue, world.root, chosen.absent, lost, tolerant)
    findings += validate.findings(case)
    if case.is_here("Odbc"):
        from startup import odbc

        findings += odbc.findings(case, world.environment)
    own = list(plugin_index.own.values())
    findings += loader.findings(own, chosen.libraries, world.root, world.environment)
    findings += launch.checked(world.environment, world.root)
    native = bundled_plugins.native(chosen.bundled)
    result.tree["Plugins"] = [*native, *existing(folders, world.root), *chosen.libraries]
    if chosen.bundled:
        findings += bundled_plugins.findings(result, chosen.bundled)
        result.tree.update(bundled_plugins.settings(result.tree, chosen.bundled, decisions))
    written = list(validate.written(case).values())
    findings = strict(findings, world.environment)
    return Configuration(result, decisions, plugin_index, findings, written, given.sources, begun.note)


def existing(folders: list[str], root: str) -> list[str]:
    """Return the user's own folders and libraries, without the image's folder if it has been removed."""
    return [path for path in folders if path != DEFAULT_FOLDER or os.path.isdir(root + path)]


def strict(findings: list[Finding], environment: "Mapping[str, str]") -> list[Finding]:
    """Return the findings, all of them problems when the configuration is to be strict."""
    if launch.flag(environment, "STRICT_CONFIGURATION"):
        return [Finding(each.where, each.what, each.remedy) for each in findings]
    return findings
