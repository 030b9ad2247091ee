"""Gives the check and Orthanc, inside a container, wrong values of each setting; prints what they say.

One line for each value, as JSON: state, path, value, what Orthanc said. The states are: `started`, both take
it, or the check warns of what Orthanc reports and goes on with; `agreed`, both refuse it; `ended`, only
Orthanc refuses it; `alone`, only the check does.
"""

import copy
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, "/usr/lib/orthanc-image")

from startup import catalogue, configuration, plugins, write
from startup.errors import problems
from startup.sources import World

CATALOGUE = catalogue.load()

WRONG: dict[str, tuple[object, ...]] = {
    "bool": ("maybe",),
    "int": (-1, 0, 2**31),
    "enum": ("nonsense",),
    "string": ("", "no such é/thing"),
    "list": (["nonsense"], [5], [{}]),
    "texts": (["nonsense"], [5]),
    "object": ({"a b./é": 5}, {"x": []}),
    "record": ([], {"x": "y"}),
    "any": (5, []),
}

FOR_BROWSERS = ("AdvancedOptions", "Inbox", "Keycloak", "Tokens", "UiOptions")
"""What the web pages are handed as it is, and Orthanc does not read."""

PEM, KEY, FOLDER = "/trial.pem", "/trial.key", "/tmp/trial"
SERVICE, MASTER, SCRIPT = f"{FOLDER}/account.json", f"{FOLDER}/master.key", f"{FOLDER}/script.py"

SERVER = {"Url": "http://localhost:1/"}
HTTPS = {"SslEnabled": True, "SslCertificate": PEM}
CLIENTS = {**HTTPS, "SslVerifyPeers": True, "SslTrustedClientCertificates": PEM}
DICOM_TLS = {
    "DicomTlsEnabled": True,
    "DicomTlsCertificate": PEM,
    "DicomTlsPrivateKey": PEM,
    "DicomTlsTrustedCertificates": PEM,
}
NOBODY = {"Host": "localhost", "Port": 1, "MaximumConnectionRetries": 0}
BUCKET = {
    "BucketName": "b",
    "Region": "r",
    "Endpoint": "http://localhost:1",
    "AccessKey": "a",
    "SecretKey": "s",
    "MaxRetries": 0,
}
ENCRYPTION = {"MasterKey": [1, MASTER]}
ACCOUNT = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;BlobEndpoint=http://localhost:1/a"
AUTHORIZATION = {"WebServiceUserProfileUrl": "http://localhost:1"}

BESIDE: dict[str, dict[str, object]] = {
    "Ssl": HTTPS,
    "SslTrustedClientCertificates": CLIENTS,
    "DicomTls": DICOM_TLS,
    "DicomModalities.*.": {"DicomModalities": {"it": {"AET": "IT", "Host": "localhost", "Port": 104}}},
    "OrthancPeers.*.": {"OrthancPeers": {"it": SERVER}},
    "DicomWeb.Servers.*.": {"DicomWeb": {"Servers": {"it": SERVER}}},
    "ServeFolders.": {"ServeFolders": {"Folders": {"other": FOLDER}}},
    "ServeFolders.*": {"ServeFolders": {"other": FOLDER}},
    "OHIF.Preload": {"OHIF": {"DataSource": "dicom-json"}},
    "Authorization": {"Authorization": AUTHORIZATION},
    "Authorization.CheckedLevel": {"Authorization": {**AUTHORIZATION, "UncheckedLevels": ["studies"]}},
    "Authorization.Users": {"RegisteredUsers": {"it": "Sunday-7"}, "Authorization": AUTHORIZATION},
    "Authorization.Users.*.": {
        "RegisteredUsers": {"it": "Sunday-7"},
        "Authorization": {**AUTHORIZATION, "Users": {"it": {"Permissions": ["all"]}}},
    },
    "Python": {"PythonScript": SCRIPT},
    "MySQL.SslCACertificates": {"MySQL": {**NOBODY, "UnixSocket": "", "EnableSsl": True}},
    "PostgreSQL": {"PostgreSQL": NOBODY},
    "MySQL": {"MySQL": {**NOBODY, "UnixSocket": ""}},
    "AwsS3Storage": {"AwsS3Storage": BUCKET},
    "AwsS3Storage.StorageEncryption.": {"AwsS3Storage": {**BUCKET, "StorageEncryption": ENCRYPTION}},
    "AzureBlobStorage": {"AzureBlobStorage": {"ConnectionString": ACCOUNT, "ContainerName": "c"}},
    "GoogleCloudStorage": {"GoogleCloudStorage": {"ServiceAccountFile": SERVICE, "BucketName": "b"}},
}
"""What a setting needs beside it to be read, by the longest beginning of its path."""

TOGETHER: list[tuple[str, object, dict[str, object]]] = [
    ("SslEnabled", True, {}),
    ("SslVerifyPeers", True, HTTPS),
    ("DicomTlsEnabled", True, {}),
    ("DicomPort", 8042, {"HttpPort": 8042}),
    ("OverwriteInstances", "IfChanged", {"StoreMD5ForAttachments": False}),
    ("MaximumPatientCount", 1, {"PatientLevelEnabled": False}),
    ("MaximumStorageSize", 1, {"PatientLevelEnabled": False}),
    ("OrthancPeers.*.CertificateFile", PEM, {"OrthancPeers": {"it": SERVER}}),
    ("DicomWeb.Servers.*.CertificateFile", PEM, {"DicomWeb": {"Servers": {"it": SERVER}}}),
    ("OrthancPeers.*.Password", "p", {"OrthancPeers": {"it": SERVER}}),
    ("DicomTlsCiphersAccepted", ["ECDHE-RSA-AES128-GCM-SHA256"], DICOM_TLS),
    ("AwsS3Storage.StorageEncryption.Enable", True, {"AwsS3Storage": BUCKET}),
]
"""Values that are right by themselves, and wrong with what is beside them, or with what is not."""

PATIENCE = 60
NOISE = ("Plugin invoking unknown service",)
"""Errors that Orthanc logs whatever the configuration is."""
UNREACHED = ("connection refused", "can't connect", "does not answer", "currently not available")
"""What is said of a database or a store that is not there, by which time the configuration has been read."""

OTHER_STORES = ("AzureBlobStorage", "GoogleCloudStorage")
"""Stores whose common settings are read by the same code as those of AwsS3Storage, and tried there."""


class Case(NamedTuple):
    """A value to try: its place, what is beside it, and what the check makes of both."""

    path: str
    value: object
    beside: dict[str, object]
    checked: configuration.Configuration

    @property
    def owner(self) -> str:
        """Return the plugin that reads it, or Orthanc."""
        return CATALOGUE.components[self.path]

    @property
    def document(self) -> dict[str, object]:
        """Return the configuration that a user would give."""
        given = united(self.beside, document(self.path, self.value))
        assert isinstance(given, dict)
        return given


def beside(path: str) -> dict[str, object]:
    """Return the settings that the one at this path needs beside it."""
    found = max((start for start in BESIDE if path.startswith(start)), key=len, default="")
    return BESIDE.get(found, {})


def united(below: object, above: object) -> object:
    """Return the objects laid over each other; what is no object replaces what is below."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return copy.deepcopy(above)
    keys = dict.fromkeys([*below, *above])
    return {key: united(below.get(key), above[key]) if key in above else below[key] for key in keys}


def document(path: str, value: object) -> dict[str, object]:
    """Return a configuration with this value at this path."""
    tree = value
    for key in reversed(path.split(".")):
        tree = {"it" if key == "*" else key: tree}
    assert isinstance(tree, dict)
    return tree


def found(owner: str, given: object) -> configuration.Configuration:
    """Return the configuration that the image makes of a document, with the owner of the setting enabled."""
    variables = {"ORTHANC__REMOTE_ACCESS_ALLOWED": "false", "ORTHANC_JSON": json.dumps(given)}
    for plugin in plugins.PLUGINS:
        if plugin.name == owner or plugin.by_default:
            variables[plugin.switch] = str(plugin.name == owner)
    return configuration.configuration(World(variables, ""), CATALOGUE)


def errors(log: Path) -> list[str]:
    """Return the errors in the log that are about the configuration."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line[:1] == "E"]
    return [line for line in lines if not any(words in line for words in NOISE)]


def said(tree: dict[str, object], path: str, number: int, refused: bool) -> str:
    """Return the exit code and the last error of Orthanc with this configuration; empty when it starts well.

    Of a configuration that the check has refused, any error says enough.
    """
    folder = Path(f"/tmp/trial-{number}")
    folder.mkdir()
    own: dict[str, object] = {"HttpPort": 20000 + number, "DicomPort": 30000 + number}
    own.update(StorageDirectory=str(folder), IndexDirectory=str(folder))
    tree.update({key: value for key, value in own.items() if key != path})
    if path == "DicomPort":
        tree["HttpPort"] = tree["DicomPort"]
    (folder / "orthanc.json").write_text(write.for_orthanc(tree))
    log = folder / "log"
    with log.open("w") as stream:
        process = subprocess.Popen(["Orthanc", str(folder / "orthanc.json")], stderr=stream)
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if "Orthanc has started" in log.read_text(errors="replace"):
            time.sleep(0.1)
            break
        if refused and errors(log):
            break
        time.sleep(0.03)
    code = process.poll()
    process.kill()
    process.wait()
    wrong = errors(log)
    if any(words in line.lower() for line in wrong for words in UNREACHED):
        return ""
    return "" if code is None and not wrong else f"{code} {wrong[-1] if wrong else ''}"


def trial(case: Case, number: int) -> tuple[str, str, object, str]:
    """Return what comes of one value."""
    refused = bool(problems(case.checked.findings))
    tree = united(found(case.owner, case.beside).tree, case.document) if refused else case.checked.tree
    assert isinstance(tree, dict)
    words = said(tree, case.path, number, refused)
    warned = bool(case.checked.findings) and words.startswith("None")
    taken = "started" if not words or warned else "ended"
    return (("agreed" if words else "alone") if refused else taken), case.path, case.value, words


def work(cases: list[tuple[int, Case]]) -> None:
    """Try the cases until there are none left."""
    while True:
        try:
            number, case = cases.pop()
        except IndexError:
            return
        sys.stdout.write(json.dumps(trial(case, number)) + "\n")


def case(path: str, value: object, near: dict[str, object]) -> Case:
    """Return a value to try, with what the check makes of it."""
    return Case(path, value, near, found(CATALOGUE.components[path], united(near, document(path, value))))


def is_tried(path: str) -> bool:
    """Tell whether a setting is read by something in the image that is not the code of another one too.

    Where arguments name plugins, it must be read by one of them.
    """
    store, _, key = path.partition(".")
    if store == "OrthancExplorer2" and key.partition(".")[0] in FOR_BROWSERS:
        return False
    owner, only = CATALOGUE.components[path], sys.argv[1:] or HERE
    return (
        owner in HERE
        and owner in only
        and (store not in OTHER_STORES or f"AwsS3Storage.{key}" not in CATALOGUE)
    )


def cases() -> list[Case]:
    """Return the wrong values of all settings, and those that are wrong together with others.

    Of those which the check refuses, one for each setting: each is a start of Orthanc.
    """
    chosen = [case(*each) for each in TOGETHER if is_tried(each[0])]
    for path in filter(is_tried, CATALOGUE.lines):
        setting = CATALOGUE.setting(path)
        assert setting is not None
        tried = [case(path, value, beside(path)) for value in WRONG[setting.kind]]
        wrong = [each for each in tried if problems(each.checked.findings)]
        chosen += [each for each in tried if each not in wrong[1:]]
    return chosen


INDEX = plugins.PluginIndex("", [plugins.FOLDER])
HERE = ["Orthanc", *(each.name for each in plugins.PLUGINS if plugins.is_here(each, INDEX))]

Path(FOLDER).mkdir()
Path(SCRIPT).write_text("")
Path(MASTER).write_text("A" * 43 + "=\n")
Path(SERVICE).write_text(
    json.dumps({"private_key": Path(KEY).read_text(), "private_key_id": "1", "client_email": "a@example.com"})
)
queue = list(enumerate(cases()))
threads = [threading.Thread(target=work, args=(queue,)) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
