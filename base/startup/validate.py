"""What Orthanc would stumble over, found before it starts."""

import os

from startup import access, folders, ports, values
from startup.configured import Configured
from startup.convert import whole
from startup.errors import Finding, problem, warning
from startup.merge import at
from startup.plugins import (
    FOLDER,
    PLACEHOLDERS,
    PLUGINS,
    Plugin,
    companion,
    listing,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

AET_LENGTH = 16


def findings(case: Configured) -> list[Finding]:
    """Return everything that is wrong with a complete configuration."""
    return [
        *access.findings(case),
        *placeholders(case),
        *ungiven(case),
        *rivals(case),
        *unread(case),
        *storage(case),
        *certificates(case),
        *scripts(case),
        *titles(case),
        *others(case, ("DicomModalities",), is_modality, MODALITY),
        *others(case, ("OrthancPeers",), is_peer, PEER),
        *(others(case, ("DicomWeb", "Servers"), is_peer, PEER) if case.is_here("DicomWeb") else ()),
        *locales(case),
        *combinations(case),
        *unread_addresses(case),
        *values.findings(case),
        *ports.findings(case.merged, case.catalogue, case.root),
    ]


def placeholders(case: Configured) -> list[Finding]:
    """Return the problems of settings that an enabled plugin needs and that nobody gave."""
    found = []
    for name, each in case.enabled.items():
        section = each.plugin.sections[0]
        for key in each.plugin.defaults() if case.is_here(name) else ():
            path = (section, key)
            if at(case.tree, path) in PLACEHOLDERS and matters(case, path) and not case.is_lost(*path):
                what = f"'{section}.{key}' is not given, and the plugin {name} is enabled ({each.why})"
                found.append(problem(name, what, f"Set {case.variable(*path)}."))
    return found


def ungiven(case: Configured) -> list[Finding]:
    """Return the problems of settings that the catalogue calls required and that are missing or empty."""
    found = []
    for name, each in case.enabled.items():
        section = each.plugin.sections[0]
        for key in case.catalogue.children(section).values() if case.is_here(name) else ():
            setting = case.catalogue.setting(f"{section}.{key}")
            assert setting is not None
            needed = "required" in setting.marks and matters(case, (section, key))
            if needed and at(case.tree, (section, key)) in (None, "", []):
                what = f"'{setting.path}' is not given, and the plugin {name} is enabled ({each.why})"
                found.append(problem(name, what, f"Set {case.variable(section, key)}."))
    return found


def matters(case: Configured, path: tuple[str, str]) -> bool:
    """Tell whether a plugin reads a setting, given the others."""
    section, key = path
    if key == "Host":
        used = case.on(section, "EnableIndex") or case.on(section, "EnableStorage")
        return used and not at(case.tree, (section, "ConnectionUri"))
    if key.endswith("ConnectionString") and section == "Odbc":
        return case.on(section, "EnableIndex" if key.startswith("Index") else "EnableStorage")
    if section == "Java":
        return case.on("Java", "Enabled")
    return True


def active(case: Configured, place: str) -> list[Plugin]:
    """Return the enabled plugins that are Orthanc's index or storage, given their settings."""
    found = []
    for each in case.enabled.values():
        key = None if case.goes_without(each.plugin.name) else each.plugin.marks.get(place)
        if key is not None and (not key or case.on(each.plugin.sections[0], key)):
            found.append(each.plugin)
    return found


def rivals(case: Configured) -> list[Finding]:
    """Return the problems of plugins that want the same place: Orthanc has one index and one storage."""
    found = []
    for place in ("index", "storage"):
        rival = [plugin for plugin in active(case, place) if case.is_here(plugin.name)]
        if len(rival) < 2:
            continue
        off = " or ".join(f"{way_off(case, plugin, place)}=false" for plugin in rival)
        both = " and ".join(plugin.name for plugin in rival)
        what = f"Orthanc can have only one {place}, and these are enabled"
        found.append(problem(both, what, f"Set {off}."))
    return found


def way_off(case: Configured, plugin: Plugin, place: str) -> str:
    """Return the variable that keeps a plugin from being Orthanc's index or storage."""
    key = plugin.marks[place]
    return case.variable(plugin.sections[0], key) if key else plugin.switch


def unread(case: Configured) -> list[Finding]:
    """Return the problems of viewers without the plugin through which they read images."""
    found = []
    for name, each in case.enabled.items():
        other = companion(each.plugin, case.tree) if case.is_here(name) else ""
        if not other or (case.is_here(other) and case.on(other, "Enable")):
            continue
        what = f"it reads images through the plugin {other}, which is off"
        switch = next(plugin.switch for plugin in PLUGINS if plugin.name == other)
        how = f"Set {case.variable(other, 'Enable') if other in case.enabled else switch}=true"
        how += f", or {case.variable('OHIF', 'DataSource')}=dicom-json." if name == "Ohif" else "."
        found.append(problem(name, what, how))
    return found


def storage(case: Configured) -> list[Finding]:
    """Return the problems of the folders that Orthanc must write to and cannot."""
    found = [unwritable(case, key, path) for key, path in written(case).items()]
    return [finding for finding in found if finding is not None]


def written(case: Configured) -> dict[str, str]:
    """Return the folders that Orthanc writes its files and its index to, by the setting of each."""
    folder = at(case.tree, ("StorageDirectory",))
    index = at(case.tree, ("IndexDirectory",)) or folder
    wanted = {}
    plugins = active(case, "storage")
    if not plugins or any("storage-directory" in plugin.marks for plugin in plugins):
        wanted["StorageDirectory"] = folder
    if not active(case, "index"):
        wanted["IndexDirectory" if index != folder else "StorageDirectory"] = index
    return {key: path for key, path in wanted.items() if isinstance(path, str)}


def unwritable(case: Configured, key: str, path: str) -> Finding | None:
    """Return the problem of a folder that Orthanc can neither write nor make, or of a file in it."""
    where = case.place((key,))
    found = folders.unwritable(where, path, case.root)
    real = case.root + path
    if found is not None or not os.path.isdir(real):
        return found
    indexed = not active(case, "index")
    for name in listing(real):
        if is_orthancs(name, indexed) and not os.access(f"{real}/{name}", os.W_OK):
            return folders.foreign(where, f"{path}/{name}", f"{real}/{name}", path, case.root)
    return None


def is_orthancs(name: str, indexed: bool) -> bool:
    """Tell whether Orthanc gives this name to a folder of its files, or to an index that it has in a file."""
    return (indexed and name.startswith("index")) or (len(name) == 2 and not name.strip("0123456789abcdef"))


FILES = (
    ("SslCertificate", "SslEnabled"),
    ("SslTrustedClientCertificates", "SslVerifyPeers"),
    ("DicomTlsCertificate", "DicomTlsEnabled"),
    ("DicomTlsPrivateKey", "DicomTlsEnabled"),
    ("DicomTlsTrustedCertificates", "DicomTlsEnabled"),
)

PEM = (
    ("CERTIFICATE", ("SslCertificate", "DicomTlsCertificate"), "Write the certificate there."),
    ("PRIVATE KEY", ("SslCertificate", "DicomTlsPrivateKey"), "Write the key there, below any certificate."),
)
"""What a file must have, in the settings where it must, and what to do if it has not."""


def certificates(case: Configured) -> list[Finding]:
    """Return the problems of certificates that are needed and cannot be read."""
    found = []
    for key, needed_by in FILES:
        path = at(case.tree, (key,))
        tls = key != "SslTrustedClientCertificates" or case.on("SslEnabled")
        if not case.on(needed_by) or not tls or optional(case, key):
            continue
        if not isinstance(path, str) or not path:
            what = f"'{key}' is not given, and '{needed_by}' is on"
            found.append(problem(case.place((needed_by,)), what, f"Set {case.variable(key)}."))
        else:
            found += missing(case, (key,), path) or keyless(case, key, path)
    return found + authorities(case)


def keyless(case: Configured, key: str, file: str) -> list[Finding]:
    """Return the problem of a file of a server's certificate or key that has not what it is for."""
    with open(case.root + file, encoding="utf-8", errors="replace") as stream:
        text = stream.read()
    for wanted, keys, how in PEM:
        if key in keys and wanted not in text:
            return [problem(case.place((key,)), f"the file {file} has no {wanted.lower()} in PEM", how)]
    return []


def authorities(case: Configured) -> list[Finding]:
    """Return the problem of a list of trusted authorities that a user gave and that is not there."""
    path = at(case.tree, ("HttpsCACertificates",))
    given = len(case.merged.history.get(("HttpsCACertificates",), [])) > 1
    if not given or not isinstance(path, str) or at(case.tree, ("HttpsVerifyPeers",)) is False:
        return []
    return missing(case, ("HttpsCACertificates",), path) if path else []


def optional(case: Configured, key: str) -> bool:
    """Tell whether Orthanc can do without a certificate."""
    return (
        key == "DicomTlsTrustedCertificates"
        and at(case.tree, ("DicomTlsRemoteCertificateRequired",)) is False
    )


def missing(case: Configured, path: tuple[str, ...], file: str) -> list[Finding]:
    """Return the problem of a file that does not exist or cannot be read."""
    wrong = values.unreadable(case.root, file)
    return [] if wrong is None else [problem(case.place(path), *wrong)]


def scripts(case: Configured) -> list[Finding]:
    """Return the problems of scripts, libraries and folders of libraries that do not exist."""
    found = []
    for key in ("LuaScripts", "Plugins"):
        paths = at(case.tree, (key,))
        for path in paths if isinstance(paths, list) else []:
            if isinstance(path, str) and not is_folder(case, key, path):
                found += no_folder(case, path) if is_lost(case, key, path) else missing(case, (key,), path)
    for place in (("PythonScript",), ("Python", "Path")):
        script = at(case.tree, place)
        if "Python" in case.enabled and isinstance(script, str) and script:
            found += missing(case, place, script)
    return found


def is_folder(case: Configured, key: str, path: str) -> bool:
    """Tell whether a path among the plugins is a folder, which Orthanc searches, or the image's own."""
    return key == "Plugins" and (os.path.isdir(case.root + path) or path == f"{FOLDER}/")


def is_lost(case: Configured, key: str, path: str) -> bool:
    """Tell whether a path among the plugins leads nowhere and is not that of a library."""
    return key == "Plugins" and not path.endswith(".so") and not os.path.exists(case.root + path)


def no_folder(case: Configured, path: str) -> list[Finding]:
    """Return a warning for a missing folder of plugins, which Orthanc would ignore too."""
    what = f"the folder {path} does not exist"
    return [warning(case.place(("Plugins",)), what, "Mount it, or leave it out.")]


def titles(case: Configured) -> list[Finding]:
    """Return the problem of an AE title that Orthanc refuses."""
    title = at(case.tree, ("DicomAet",))
    if not isinstance(title, str) or (title.strip() and len(title) <= AET_LENGTH and "\\" not in title):
        return []
    how = f"Write one to {AET_LENGTH} characters, not only blanks and without a backslash."
    return [problem(case.place(("DicomAet",)), f"'{title}' is not an AE title", how)]


MODALITY = 'Write ["AE title", "host", port], or an object with AET, Host and Port.'
PEER = 'Write ["http://host:port/"] or ["http://host:port/", "user", "password"], or an object with Url.'
PORTS = range(1, 65535)


KINDS = {"DicomModalities": "modality", "OrthancPeers": "peer", "Servers": "DICOMweb server"}


def others(
    case: Configured, path: tuple[str, ...], is_right: "Callable[[Configured, object], bool]", how: str
) -> list[Finding]:
    """Return the problems of other servers whose description Orthanc would refuse without naming them."""
    servers = at(case.tree, path)
    if not isinstance(servers, dict) or case.on(*path[:-1], f"{path[-1]}InDatabase"):
        return []
    kind = KINDS[path[-1]]
    return [
        problem(case.place((*path, name)), f"'{name}' is not a {kind} as Orthanc knows them", how)
        for name, server in servers.items()
        if not is_right(case, server)
    ]


def is_modality(case: Configured, server: object) -> bool:
    """Tell whether a value describes a DICOM modality."""
    if isinstance(server, dict):
        title, host, port, *rest = (server.get(key) for key in ("AET", "Host", "Port"))
    elif isinstance(server, list) and len(server) in (3, 4):
        title, host, port, *rest = server
    else:
        return False
    known = case.catalogue.setting("DicomModalities.*.Manufacturer")
    assert known is not None
    named = is_word(title) and is_word(host) and whole(port) in PORTS
    return named and all(maker in known.allowed for maker in rest)


def is_peer(_case: Configured, server: object) -> bool:
    """Tell whether a value describes another Orthanc."""
    if isinstance(server, dict):
        return is_word(server.get("Url"))
    return isinstance(server, list) and len(server) in (1, 3) and is_word(server[0]) and all_text(server)


def is_word(value: object) -> bool:
    """Tell whether a value is a text that is not empty."""
    return isinstance(value, str) and bool(value)


def all_text(values: list[object]) -> bool:
    """Tell whether all of the values are texts."""
    return all(isinstance(value, str) for value in values)


def locales(case: Configured) -> list[Finding]:
    """Return a warning for a locale that is not in the image, without which Orthanc goes on."""
    name = at(case.tree, ("Locale",))
    if not isinstance(name, str) or not name:
        return []
    import _locale  # only where it is asked for

    former = _locale.setlocale(_locale.LC_ALL)
    try:
        _locale.setlocale(_locale.LC_ALL, name)
    except (_locale.Error, ValueError):  # type: ignore[attr-defined] # known to the module locale only
        what = f"this image has no locale '{name}', and Orthanc goes on without it"
        return [warning(case.place(("Locale",)), what, "Write en_US.UTF-8 or C.UTF-8, or leave it out.")]
    finally:
        _locale.setlocale(_locale.LC_ALL, former)
    return []


def combinations(case: Configured) -> list[Finding]:
    """Return the problems of settings that do not go together."""
    found = []
    if at(case.tree, ("PatientLevelEnabled",)) is False:
        for key in ("MaximumStorageSize", "MaximumPatientCount"):
            if at(case.tree, (key,)):
                what = f"'{key}' needs patients, and 'PatientLevelEnabled' is false"
                found.append(problem(case.place((key,)), what, "Leave out one of the two."))
    if (
        at(case.tree, ("OverwriteInstances",)) == "IfChanged"
        and at(case.tree, ("StoreMD5ForAttachments",)) is False
    ):
        what = "'OverwriteInstances' compares MD5 sums, and 'StoreMD5ForAttachments' is false"
        found.append(
            problem(case.place(("OverwriteInstances",)), what, "Set 'StoreMD5ForAttachments' to true.")
        )
    ciphers, version = (
        at(case.tree, (key,)) for key in ("DicomTlsCiphersAccepted", "DicomTlsMinimumProtocolVersion")
    )
    if case.on("DicomTlsEnabled") and ciphers and not version:
        what = "'DicomTlsCiphersAccepted' is given without 'DicomTlsMinimumProtocolVersion'"
        place = case.place(("DicomTlsCiphersAccepted",))
        found.append(problem(place, what, "Give both, or leave out both."))
    if case.is_here("Authorization"):
        level, others_ = (
            at(case.tree, ("Authorization", key)) for key in ("CheckedLevel", "UncheckedLevels")
        )
        if level and others_:
            what = "'CheckedLevel' is given beside 'UncheckedLevels'"
            place = case.place(("Authorization", "CheckedLevel"))
            found.append(problem(place, what, "Leave out one of the two."))
    if at(case.tree, ("DatabaseServerIdentifier",)) == "":
        what = "'DatabaseServerIdentifier' is empty"
        found.append(
            problem(case.place(("DatabaseServerIdentifier",)), what, "Give a name, or leave it out.")
        )
    return found


IN_URI = ("Host", "Port", "Database", "Username", "Password", "EnableSsl", "ApplicationName")
"""The settings of PostgreSQL that are part of ConnectionUri where that is given."""


def unread_addresses(case: Configured) -> list[Finding]:
    """Return a warning for each given setting of PostgreSQL in whose place ConnectionUri is read."""
    if not case.is_here("PostgreSQL") or not at(case.tree, ("PostgreSQL", "ConnectionUri")):
        return []
    found = []
    for key in IN_URI:
        given = case.merged.history.get(("PostgreSQL", key), [])
        if given and "default" not in given[-1].origin:
            what = f"'PostgreSQL.{key}' has no effect beside 'PostgreSQL.ConnectionUri'"
            found.append(warning(case.place(("PostgreSQL", key)), what, "Leave out one of the two."))
    return found
