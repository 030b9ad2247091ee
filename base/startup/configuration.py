"""The whole way from the sources to the configuration of Orthanc, as one value."""

import os

from startup import bundled_plugins, launch, loader, plugins, sources, unknown_variables, validate
from startup.catalogue import Catalogue
from startup.errors import Finding
from startup.merge import Layer, Merged, Path, Value, at, merged
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


class Configuration:
    """The settings for Orthanc with their history, the decisions on the plugins, and all findings.

    `written` has the folders in which Orthanc keeps files and index.
    """

    __slots__ = ("decisions", "findings", "merged", "plugin_index", "written")

    def __init__(
        self,
        merged: Merged,
        decisions: list[plugins.Decision],
        plugin_index: plugins.PluginIndex,
        findings: list[Finding],
        written: list[str],
    ) -> None:
        self.written = written
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


def user_layers(world: World, catalogue: Catalogue) -> tuple[list[Layer], dict[str, bool], list[Finding]]:
    """Return the layers of the user, weakest first, the plugin switches, and the problems with them."""
    from_files, findings = sources.files(world, catalogue)
    from_secrets, more = sources.secret_files(world, catalogue)
    variables, wrong = sources.variables(world, catalogue)
    assigned, bad = sources.settings(world, catalogue, variables)
    switched, odd = plugins.switches({each.name: each.text for each in variables})
    return [*from_files, *from_secrets, *assigned], switched, [*findings, *more, *wrong, *bad, *odd]


def configuration(world: World, catalogue: Catalogue) -> Configuration:
    """Return the configuration: merge the sources, decide on the plugins, merge again with defaults."""
    layers, switched, findings = user_layers(world, catalogue)
    users = merged([Layer(IMAGE, DEFAULTS), *layers])
    folders = plugins.strings(users.tree.get("Plugins"))
    plugin_index = plugins.PluginIndex(world.root, folders)
    decisions = plugins.present(plugins.decided(users.tree, switched), plugin_index)
    defaults = [Layer(f"default of {name}", tree) for name, tree in plugins.defaults(decisions)]
    result = merged([Layer(IMAGE, DEFAULTS), *defaults, *layers])
    chosen = plugins.chosen(decisions, result.tree, plugin_index)
    findings += unknown_variables.found(world, catalogue) + result.findings + chosen.findings
    case = validate.Configured(result, decisions, catalogue, world.root, chosen.absent)
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
    return Configuration(result, decisions, plugin_index, strict(findings, world.environment), written)


def existing(folders: list[str], root: str) -> list[str]:
    """Return the user's own folders and libraries, without the image's folder if it has been removed."""
    return [path for path in folders if path != DEFAULT_FOLDER or os.path.isdir(root + path)]


def strict(findings: list[Finding], environment: "Mapping[str, str]") -> list[Finding]:
    """Return the findings, all of them problems when the configuration is to be strict."""
    if launch.flag(environment, "STRICT_CONFIGURATION"):
        return [Finding(each.where, each.what, each.remedy) for each in findings]
    return findings
