"""The plugins: what enables each one, which libraries it has, and its defaults in these images."""

import os

from startup import jsonc
from startup.convert import BOOLEAN, boolean
from startup.errors import Finding, UnconvertibleError, UnreadableError, problem
from startup.merge import at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = "/usr/share/orthanc/plugins"
AVAILABLE = "/usr/share/orthanc/plugins-available"
COMPONENTS = "/usr/share/orthanc/components.json"

OURS = ("tree", "npm")
"""The providers of the plugins that are written in Python, and belong to the images."""

NO_HOST = "HOST MUST BE DEFINED"
NOT_DEFINED = "MUST BE DEFINED"
NOT_BY_YOU = "MUST BE DEFINED BY YOU"
PLACEHOLDERS = (NO_HOST, NOT_DEFINED, NOT_BY_YOU)


class Library:
    """A library of a plugin: its file names (any one will do), and the setting that must be on to load it."""

    __slots__ = ("names", "needs")

    def __init__(self, *names: str, needs: str = "") -> None:
        self.names = names
        self.needs = needs


class Plugin:
    """One line of the table of plugins."""

    __slots__ = ("by_default", "by_section", "defaults", "libraries", "name", "sections", "switch")

    def __init__(
        self,
        name: str,
        switch: str,
        sections: tuple[str, ...],
        *libraries: Library,
        defaults: "Mapping[str, object] | None" = None,
        by_section: bool = True,
        by_default: bool = False,
    ) -> None:
        self.name = name
        self.switch = switch
        self.sections = sections
        self.libraries = libraries
        self.defaults = defaults or {}
        self.by_section = by_section
        self.by_default = by_default


def simple(
    name: str, switch: str, section: str, library: str, defaults: "Mapping[str, object] | None" = None
) -> Plugin:
    """A plugin with one section and one library."""
    return Plugin(name, switch, (section,), Library(library), defaults=defaults)


def database(name: str, switch: str, library: str, defaults: "Mapping[str, object]") -> Plugin:
    """A plugin with one library for the index and one for the storage."""
    index = Library(f"lib{library}Index.so", needs="EnableIndex")
    storage = Library(f"lib{library}Storage.so", needs="EnableStorage")
    return Plugin(name, switch, (name,), index, storage, defaults=defaults)


def viewer(name: str, switch: str, library: str) -> Plugin:
    """A viewer that shares the section WebViewer with others, so that only its variable enables it."""
    return Plugin(name, switch, ("WebViewer",), Library(library), by_section=False)


ON = {"Enable": True}

PYTHON = Library("libOrthancPython.so")

JPEG_2000 = [f"1.2.840.10008.1.2.4.{number}" for number in (90, 91, 92, 93)]

PLUGINS = (
    simple("Authorization", "AUTHORIZATION_PLUGIN_ENABLED", "Authorization", "libOrthancAuthorization.so"),
    simple(
        "ConnectivityChecks",
        "CONNECTIVITY_CHECKS_PLUGIN_ENABLED",
        "ConnectivityChecks",
        "libConnectivityChecks.so",
    ),
    simple("DicomWeb", "DICOM_WEB_PLUGIN_ENABLED", "DicomWeb", "libOrthancDicomWeb.so", ON),
    Plugin(
        "Gdcm",
        "GDCM_PLUGIN_ENABLED",
        ("Gdcm",),
        Library("libOrthancGdcm.so"),
        defaults={"Throttling": 4, "RestrictTransferSyntaxes": JPEG_2000},
        by_default=True,
    ),
    viewer("OrthancWebViewer", "ORTHANC_WEB_VIEWER_PLUGIN_ENABLED", "libOrthancWebViewer.so"),
    simple("StoneWebViewer", "STONE_WEB_VIEWER_PLUGIN_ENABLED", "StoneWebViewer", "libStoneWebViewer.so"),
    viewer("OsimisWebViewerBasic", "OSIMIS_WEB_VIEWER1_PLUGIN_ENABLED", "libOsimisWebViewer.so"),
    viewer(
        "OsimisWebViewerBasicAlpha", "OSIMIS_WEB_VIEWER1_ALPHA_PLUGIN_ENABLED", "libOsimisWebViewerAlpha.so"
    ),
    database(
        "PostgreSQL",
        "POSTGRESQL_PLUGIN_ENABLED",
        "OrthancPostgreSQL",
        {
            "EnableIndex": True,
            "EnableStorage": False,
            "Port": 5432,
            "Host": NO_HOST,
            "Database": "postgres",
            "Username": "postgres",
            "Password": "postgres",
            "EnableSsl": False,
            "Lock": False,
        },
    ),
    database(
        "MySQL",
        "MYSQL_PLUGIN_ENABLED",
        "OrthancMySQL",
        {
            "EnableIndex": True,
            "EnableStorage": False,
            "Port": 3306,
            "Host": NO_HOST,
            "Database": "mysql",
            "Username": "root",
            "Password": "mysql",
            "Lock": False,
        },
    ),
    Plugin(
        "Python",
        "PYTHON_PLUGIN_ENABLED",
        ("Python", "PythonScript", "PythonVerbose"),
        PYTHON,
    ),
    simple("ServeFolders", "SERVE_FOLDERS_PLUGIN_ENABLED", "ServeFolders", "libServeFolders.so"),
    simple("Transfers", "TRANSFERS_PLUGIN_ENABLED", "Transfers", "libOrthancTransfers.so"),
    Plugin(
        "Worklists",
        "WORKLISTS_PLUGIN_ENABLED",
        ("Worklists",),
        Library("libOrthancWorklists.so", "libModalityWorklists.so"),
        defaults={"Enable": True, "Database": "/var/lib/orthanc/worklists"},
    ),
    simple("Housekeeper", "HOUSEKEEPER_PLUGIN_ENABLED", "Housekeeper", "libHousekeeper.so", ON),
    simple(
        "DelayedDeletion", "DELAYED_DELETION_PLUGIN_ENABLED", "DelayedDeletion", "libDelayedDeletion.so", ON
    ),
    simple(
        "MultitenantDicom", "MULTITENANT_DICOM_PLUGIN_ENABLED", "MultitenantDicom", "libMultitenantDicom.so"
    ),
    simple("Wsi", "WSI_PLUGIN_ENABLED", "WholeSlideImaging", "libOrthancWSI.so"),
    database(
        "Odbc",
        "ODBC_PLUGIN_ENABLED",
        "OrthancOdbc",
        {
            "EnableIndex": True,
            "EnableStorage": False,
            "IndexConnectionString": NOT_DEFINED,
            "StorageConnectionString": NOT_DEFINED,
        },
    ),
    simple("Tcia", "TCIA_PLUGIN_ENABLED", "Tcia", "libOrthancTcia.so", ON),
    simple("Indexer", "INDEXER_PLUGIN_ENABLED", "Indexer", "libOrthancIndexer.so", ON),
    simple("Neuro", "NEURO_PLUGIN_ENABLED", "Neuro", "libOrthancNeuro.so", ON),
    simple(
        "AzureBlobStorage",
        "AZURE_BLOB_STORAGE_PLUGIN_ENABLED",
        "AzureBlobStorage",
        "libOrthancAzureBlobStorage.so",
        {"ConnectionString": NOT_BY_YOU, "ContainerName": NOT_BY_YOU},
    ),
    simple(
        "AwsS3Storage",
        "AWS_S3_STORAGE_PLUGIN_ENABLED",
        "AwsS3Storage",
        "libOrthancAwsS3Storage.so",
        {"BucketName": NOT_BY_YOU, "Region": NOT_BY_YOU},
    ),
    simple(
        "GoogleCloudStorage",
        "GOOGLE_CLOUD_STORAGE_PLUGIN_ENABLED",
        "GoogleCloudStorage",
        "libOrthancGoogleCloudStorage.so",
        {"ServiceAccountFile": NOT_BY_YOU, "BucketName": NOT_BY_YOU},
    ),
    Plugin(
        "OrthancExplorer2",
        "ORTHANC_EXPLORER_2_ENABLED",
        ("OrthancExplorer2",),
        Library("libOrthancExplorer2.so"),
        defaults={"Enable": True, "IsDefaultOrthancUI": False},
        by_default=True,
    ),
    simple("VolView", "VOLVIEW_PLUGIN_ENABLED", "VolView", "libOrthancVolView.so"),
    simple("Ohif", "OHIF_PLUGIN_ENABLED", "OHIF", "libOrthancOHIF.so"),
    simple("STL", "STL_PLUGIN_ENABLED", "STL", "libOrthancSTL.so"),
    simple(
        "Java",
        "JAVA_PLUGIN_ENABLED",
        "Java",
        "libOrthancJava.so",
        {"Enabled": True, "Classpath": NOT_BY_YOU, "InitializationClass": NOT_BY_YOU},
    ),
    simple(
        "AdvancedStorage", "ADVANCED_STORAGE_PLUGIN_ENABLED", "AdvancedStorage", "libAdvancedStorage.so", ON
    ),
    simple("Education", "EDUCATION_PLUGIN_ENABLED", "Education", "libOrthancEducation.so", {"Enabled": True}),
    simple("PixelsMasker", "PIXELS_MASKER_PLUGIN_ENABLED", "PixelsMasker", "libOrthancPixelsMasker.so", ON),
)

SWITCHES = {plugin.switch: plugin for plugin in PLUGINS}


class Decision:
    """Whether a plugin is enabled, and what decided it."""

    __slots__ = ("enabled", "explicit", "plugin", "why")

    def __init__(self, plugin: Plugin, enabled: bool, explicit: bool, why: str) -> None:
        self.plugin = plugin
        self.enabled = enabled
        self.explicit = explicit
        self.why = why


def switches(variables: "Mapping[str, str]") -> tuple[dict[str, bool], list[Finding]]:
    """The plugin switches among the variables, and the problems with them."""
    found: dict[str, bool] = {}
    findings: list[Finding] = []
    for name, text in variables.items():
        if name in SWITCHES:
            try:
                found[name] = boolean(text)
            except UnconvertibleError as error:
                findings.append(problem(name, error.what, BOOLEAN))
    return found, findings


def decided(tree: dict[str, object], switched: "Mapping[str, bool]") -> list[Decision]:
    """The decision on each plugin: its variable first, then its section, then its default."""
    return [decision(plugin, tree, switched) for plugin in PLUGINS]


def decision(plugin: Plugin, tree: dict[str, object], switched: "Mapping[str, bool]") -> Decision:
    """The decision on one plugin."""
    if plugin.switch in switched:
        enabled = switched[plugin.switch]
        return Decision(plugin, enabled, True, f"{plugin.switch}={'true' if enabled else 'false'}")
    section = next((section for section in plugin.sections if section in tree), None)
    if section and plugin.by_section:
        return Decision(plugin, True, True, f"'{section}' is configured")
    if plugin.by_default:
        return Decision(plugin, True, False, "by default")
    return Decision(plugin, False, False, "not enabled")


def defaults(decisions: list[Decision]) -> list[tuple[str, dict[str, object]]]:
    """The default settings of each enabled plugin, by its name, as trees."""
    return [
        (each.plugin.name, {each.plugin.sections[0]: dict(each.plugin.defaults)})
        for each in decisions
        if each.enabled and each.plugin.defaults
    ]


class Shelf:
    """The plugins at hand: the image's libraries, those of the user, and the image's plugins in Python."""

    __slots__ = ("_ours", "available", "own", "root")

    def __init__(self, root: str, own: list[str]) -> None:
        self.root = root
        self._ours: list[str] | None = None
        self.available = {name: f"{AVAILABLE}/{name}" for name in listing(root + AVAILABLE)}
        self.own: dict[str, str] = {}
        for place in own:
            for name in listing(root + place):
                if ".so" in name:
                    self.own[name] = f"{place.rstrip('/')}/{name}"
            if os.path.isfile(root + place):
                self.own[os.path.basename(place)] = place

    def library(self, library: Library) -> str | None:
        """The path of a library, a user's own first, or None when there is none."""
        for shelf in (self.own, self.available):
            for name in library.names:
                if name in shelf:
                    return shelf[name]
        return None

    def is_ours(self, plugin: Plugin) -> bool:
        """Whether a plugin is one that this image has in Python instead of as a library."""
        if self._ours is None:
            parts = items(components(self.root).get("components"))
            self._ours = [
                name
                for part in parts
                if part.get("provider") in OURS
                for name in strings(part.get("plugins"))
            ]
        return plugin.name in self._ours


def listing(folder: str) -> list[str]:
    """The names in a folder, sorted; none when it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def needed(plugin: Plugin, tree: dict[str, object]) -> list[Library]:
    """The libraries of a plugin that the configuration calls for."""
    section = plugin.sections[0]
    return [
        library
        for library in plugin.libraries
        if not library.needs or at(tree, (section, library.needs)) is True
    ]


def present(decisions: list[Decision], shelf: Shelf) -> list[Decision]:
    """The decisions, without the plugins that are on by default and not in the image."""
    return [
        each
        if each.explicit or not each.enabled or is_here(each.plugin, shelf)
        else Decision(each.plugin, False, False, "on by default, but not part of this image")
        for each in decisions
    ]


class Chosen:
    """What is to be loaded: libraries, and the plugins of ours; what is not here, and what else is wrong."""

    __slots__ = ("absent", "findings", "libraries", "ours")

    def __init__(self) -> None:
        self.absent: list[str] = []
        self.libraries: list[str] = []
        self.ours: list[str] = []
        self.findings: list[Finding] = []

    def take(self, path: str, shelf: Shelf) -> None:
        """Choose a library, unless it is the user's own, which Orthanc finds, or chosen already."""
        if path not in shelf.own.values() and path not in self.libraries:
            self.libraries.append(path)


def chosen(decisions: list[Decision], tree: dict[str, object], shelf: Shelf) -> Chosen:
    """What is to be loaded beside the user's own libraries, and the problems of plugins that are not here."""
    result = Chosen()
    for each in decisions:
        if not each.enabled:
            continue
        found = [shelf.library(library) for library in needed(each.plugin, tree)]
        if None in found and shelf.is_ours(each.plugin):
            result.ours.append(each.plugin.name)
            continue
        for path in found:
            if path is not None:
                result.take(path, shelf)
        if None in found:
            result.absent.append(each.plugin.name)
            result.findings.append(absent(each, shelf.root))
    if result.ours:
        carry(result, shelf)
    return result


def carry(result: Chosen, shelf: Shelf) -> None:
    """Choose the library of Python, which the plugins of ours are written for."""
    python = shelf.library(PYTHON)
    if python is not None:
        result.take(python, shelf)
        return
    what = f"{PYTHON.names[0]} is not here, and {' and '.join(result.ours)} cannot do without it"
    result.findings.append(problem("Python", what, f"Leave it in {AVAILABLE}."))


def is_here(plugin: Plugin, shelf: Shelf) -> bool:
    """Whether all libraries of a plugin are at hand, or it is one of ours."""
    return all(shelf.library(library) for library in plugin.libraries) or shelf.is_ours(plugin)


def absent(each: Decision, root: str) -> Finding:
    """The problem of an enabled plugin that the image does not have."""
    plugin = each.plugin
    reason, remedy = absence(plugin, root)
    return problem(plugin.name, f"it is enabled ({each.why}) but {reason}", remedy)


def absence(plugin: Plugin, root: str) -> tuple[str, str]:
    """Why a plugin is not in the image, and what to do about it."""
    off = f"Set {plugin.switch}=false to go without it"
    names = " and ".join(library.names[0] for library in plugin.libraries)
    remedy = f"{off}, or add {names} to {FOLDER}."
    for missing in items(components(root).get("missing")):
        if plugin.name == missing.get("name") or plugin.name in strings(missing.get("plugins")):
            reason = str(missing.get("reason")).rstrip(".")
            return f"it is not part of this image, because {reason}", remedy
    return "it is not part of these images yet", remedy


def components(root: str) -> dict[str, object]:
    """What the image says about its own components; empty when it says nothing."""
    try:
        with open(root + COMPONENTS, encoding="utf-8") as file:
            found = jsonc.value(file.read())
    except (OSError, UnreadableError):
        return {}
    return found if isinstance(found, dict) else {}


def items(value: object) -> list[dict[str, object]]:
    """The objects in a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def strings(value: object) -> list[str]:
    """The texts in a list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
