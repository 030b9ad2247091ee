"""What Orthanc would stumble over."""

import os
import stat

import pytest

from startup import plugins
from startup.plugins import SWITCHES
from tests.unit.startup.image import AVAILABLE, Image

ASKING = {"ORTHANC__REMOTE_ACCESS_ALLOWED": "true"}


def test_a_server_without_users_is_refused(image: Image) -> None:
    """Remote access with authentication and without a user: the message has the variables to set."""
    assert image.problems(ASKING) == [
        "RegisteredUsers: Orthanc asks for a password but has no user. Set ORTHANC_PASSWORD for a user named"
        ' orthanc, or ORTHANC__REGISTERED_USERS such as {"alice": "her password"}, or let everybody in with'
        " ORTHANC__AUTHENTICATION_ENABLED=false."
    ]


@pytest.mark.parametrize(
    "environment",
    [
        {"ORTHANC_PASSWORD": "p"},
        {"ORTHANC__REGISTERED_USERS": '{"a": "b"}'},
        {"ORTHANC__REGISTERED_USERS__a": "b"},
        {"ORTHANC__REMOTE_ACCESS_ALLOWED": "false"},
        {"ORTHANC__HTTP_SERVER_ENABLED": "false"},
    ],
)
def test_a_server_with_a_user_or_without_visitors_is_fine(image: Image, environment: dict[str, str]) -> None:
    """Any of these is enough."""
    assert image.found({**ASKING, **environment}).findings == []


@pytest.mark.parametrize(
    ("switch", "given", "missing"),
    [
        ("ODBC_PLUGIN_ENABLED", {}, ["ODBC__INDEX_CONNECTION_STRING"]),
        (
            "ODBC_PLUGIN_ENABLED",
            {"ORTHANC__ODBC__ENABLE_STORAGE": "true"},
            ["ODBC__INDEX_CONNECTION_STRING", "ODBC__STORAGE_CONNECTION_STRING"],
        ),
        (
            "AZURE_BLOB_STORAGE_PLUGIN_ENABLED",
            {},
            ["AZURE_BLOB_STORAGE__CONNECTION_STRING", "AZURE_BLOB_STORAGE__CONTAINER_NAME"],
        ),
        (
            "AWS_S3_STORAGE_PLUGIN_ENABLED",
            {"ORTHANC__AWS_S3_STORAGE__REGION": "r"},
            ["AWS_S3_STORAGE__BUCKET_NAME"],
        ),
        (
            "GOOGLE_CLOUD_STORAGE_PLUGIN_ENABLED",
            {},
            ["GOOGLE_CLOUD_STORAGE__SERVICE_ACCOUNT_FILE", "GOOGLE_CLOUD_STORAGE__BUCKET_NAME"],
        ),
        ("JAVA_PLUGIN_ENABLED", {}, ["JAVA__CLASSPATH", "JAVA__INITIALIZATION_CLASS"]),
        ("JAVA_PLUGIN_ENABLED", {"ORTHANC__JAVA__ENABLED": "false"}, []),
        ("POSTGRESQL_PLUGIN_ENABLED", {"ORTHANC__POSTGRESQL__CONNECTION_URI": "postgresql://h"}, []),
        ("MYSQL_PLUGIN_ENABLED", {"ORTHANC__MYSQL__ENABLE_INDEX": "false"}, []),
    ],
)
def test_placeholders_that_matter_are_problems(
    image: Image, switch: str, given: dict[str, str], missing: list[str]
) -> None:
    """What an enabled plugin needs and nobody gave is named by its variable."""
    for library in SWITCHES[switch].libraries:
        image.file(f"{AVAILABLE}/{library.names[0]}", "")
    said = [each for each in image.problems({switch: "true", **given}) if "is not given" in each]
    assert [f"Set ORTHANC__{name}." for name in missing] == [
        f"Set{each.rpartition('Set')[2]}" for each in said
    ]


def test_a_plugin_that_is_not_in_the_image_is_one_problem(image: Image) -> None:
    """Nothing else is asked of it: neither what it would need, nor whether it would be in another's way."""
    environment = {
        "ODBC_PLUGIN_ENABLED": "true",
        "ORTHANC__ODBC__ENABLE_STORAGE": "true",
        "ORTHANC__ODBC__STORAGE_CONNECTION_STRING": "Driver={none",
        "ORTHANC__POSTGRESQL__HOST": "h",
    }
    assert image.problems(environment) == [
        "Odbc: it is enabled (ODBC_PLUGIN_ENABLED=true) but it is not part of these images yet. Set"
        " ODBC_PLUGIN_ENABLED=false to go without it, or add libOrthancOdbcIndex.so and"
        " libOrthancOdbcStorage.so to /usr/share/orthanc/plugins."
    ]


def test_two_storages_are_a_problem(image: Image) -> None:
    """Orthanc has one storage; plugins without a setting of their own are disabled by their variable."""
    image.file(f"{AVAILABLE}/libOrthancAwsS3Storage.so", "")
    environment = {
        "ORTHANC__POSTGRESQL__HOST": "h",
        "ORTHANC__POSTGRESQL__ENABLE_STORAGE": "true",
        "ORTHANC__AWS_S3_STORAGE__BUCKET_NAME": "b",
        "ORTHANC__AWS_S3_STORAGE__REGION": "r",
    }
    assert image.problems(environment) == [
        "PostgreSQL and AwsS3Storage: Orthanc can have only one storage, and these are enabled."
        " Set ORTHANC__POSTGRESQL__ENABLE_STORAGE=false or AWS_S3_STORAGE_PLUGIN_ENABLED=false."
    ]


def deny(monkeypatch: pytest.MonkeyPatch, *endings: str) -> None:
    """Take all rights from the files with these endings, for whoever runs the test."""
    real = os.access

    def access(path: str, mode: int) -> bool:
        return not path.endswith(endings) and real(path, mode)

    monkeypatch.setattr(os, "access", access)


def test_a_storage_that_cannot_be_written_is_a_problem(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the owner, our own user and the remedy; the same folder is named once."""
    deny(monkeypatch, "/var/lib/orthanc/db")
    folder = image.path / "var/lib/orthanc/db"
    owner = folder.stat()
    user, group = os.getuid(), os.getgid()
    assert [
        f"image default, 'StorageDirectory': the folder /var/lib/orthanc/db cannot be written: it belongs to"
        f" {owner.st_uid}:{owner.st_gid} (mode {stat.S_IMODE(owner.st_mode):o}), and Orthanc runs as"
        f" {user}:{group}. Mount a volume or a folder there that {user}:{group} may write:"
        f" docker run -v orthanc:/var/lib/orthanc/db …"
    ] == image.problems()


@pytest.mark.parametrize("name", ["index", "index-wal", "a0"])
def test_what_another_user_left_in_the_storage_is_a_problem(
    image: Image, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The folder may be written, but not what Orthanc has in it; what is not Orthanc's does not matter."""
    for each in (name, "lost+found", "notes"):
        image.file(f"/var/lib/orthanc/db/{each}", "")
    deny(monkeypatch, f"/{name}", "/lost+found", "/notes")
    (problem,) = image.problems()
    assert f"/var/lib/orthanc/db/{name} cannot be written: it belongs to {os.getuid()}:" in problem
    assert problem.endswith(" may write: docker run -v orthanc:/var/lib/orthanc/db …")


def test_an_index_that_is_not_used_need_not_be_writable(
    image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the index in a database, that in the folder is an old one."""
    image.file("/var/lib/orthanc/db/index", "")
    deny(monkeypatch, "/index")
    assert image.problems({"ORTHANC__POSTGRESQL__HOST": "h"}) == []


def test_a_storage_that_is_not_used_need_not_be_writable(
    image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With index and files in a database the folder does not matter."""
    deny(monkeypatch, "/var/lib/orthanc/db")
    database = {"ORTHANC__POSTGRESQL__HOST": "h", "ORTHANC__POSTGRESQL__ENABLE_STORAGE": "true"}
    assert image.problems(database) == []
    assert len(image.problems({"ORTHANC__POSTGRESQL__HOST": "h"})) == 1


def test_the_folder_of_the_index_is_looked_at_too(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index in a folder of its own must be writable."""
    (image.path / "index").mkdir()
    deny(monkeypatch, "/index")
    (problem,) = image.problems({"ORTHANC__INDEX_DIRECTORY": "/index"})
    assert problem.startswith("ORTHANC__INDEX_DIRECTORY: the folder /index cannot be written: ")


def test_a_storage_may_still_have_to_be_made(image: Image) -> None:
    """A folder that does not exist is fine where it can be made, and a file in its place is not."""
    assert image.problems({"ORTHANC__STORAGE_DIRECTORY": "/var/lib/orthanc/new/one"}) == []
    image.file("/var/file", "")
    assert image.problems({"ORTHANC__STORAGE_DIRECTORY": "/var/file/db"}) == [
        "ORTHANC__STORAGE_DIRECTORY: /var/file is not a folder. Give the path of a folder."
    ]


def test_certificates_must_be_there(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each certificate that is needed is looked for."""
    image.file("/tls/key.pem", "")
    deny(monkeypatch, "/tls/key.pem")
    environment = {
        "ORTHANC__SSL_ENABLED": "true",
        "ORTHANC__SSL_CERTIFICATE": "/tls/no.pem",
        "ORTHANC__SSL_VERIFY_PEERS": "true",
        "ORTHANC__DICOM_TLS_ENABLED": "true",
        "ORTHANC__DICOM_TLS_PRIVATE_KEY": "/tls/key.pem",
    }
    assert [
        "ORTHANC__SSL_CERTIFICATE: the file /tls/no.pem does not exist. Mount it, or correct the path.",
        "ORTHANC__SSL_VERIFY_PEERS: 'SslTrustedClientCertificates' is not given, and 'SslVerifyPeers' is on."
        " Set ORTHANC__SSL_TRUSTED_CLIENT_CERTIFICATES.",
        "ORTHANC__DICOM_TLS_ENABLED: 'DicomTlsCertificate' is not given, and 'DicomTlsEnabled' is on."
        " Set ORTHANC__DICOM_TLS_CERTIFICATE.",
        "ORTHANC__DICOM_TLS_PRIVATE_KEY: the file /tls/key.pem cannot be read."
        f" Make it readable for the user {os.getuid()}.",
        "ORTHANC__DICOM_TLS_ENABLED: 'DicomTlsTrustedCertificates' is not given, and 'DicomTlsEnabled' is on."
        " Set ORTHANC__DICOM_TLS_TRUSTED_CERTIFICATES.",
    ] == image.problems(environment)


def test_certificates_that_are_not_needed_are_not_looked_for(image: Image) -> None:
    """Without TLS, or without a check of the other side, some are not needed."""
    for name, content in (("a.pem", "CERTIFICATE"), ("b.pem", "PRIVATE KEY")):
        image.file(f"/tls/{name}", f"-----BEGIN {content}-----")
    assert image.problems({"ORTHANC__SSL_VERIFY_PEERS": "true"}) == []
    assert (
        image.problems(
            {
                "ORTHANC__DICOM_TLS_ENABLED": "true",
                "ORTHANC__DICOM_TLS_CERTIFICATE": "/tls/a.pem",
                "ORTHANC__DICOM_TLS_PRIVATE_KEY": "/tls/b.pem",
                "ORTHANC__DICOM_TLS_REMOTE_CERTIFICATE_REQUIRED": "false",
            }
        )
        == []
    )


def test_scripts_and_libraries_must_be_there(image: Image) -> None:
    """A path that leads nowhere is found before Orthanc does."""
    environment = {
        "ORTHANC__LUA_SCRIPTS": '["a.lua"]',
        "ORTHANC__PYTHON_SCRIPT": "/b.py",
        "ORTHANC__PLUGINS": '["/c.so", 5]',
    }
    how = "does not exist. Mount it, or correct the path."
    assert [
        f"ORTHANC__LUA_SCRIPTS: the file /etc/orthanc/a.lua {how}",
        f"ORTHANC__PLUGINS: the file /c.so {how}",
        f"ORTHANC__PYTHON_SCRIPT: the file /b.py {how}",
    ] == image.problems(environment)


def test_a_folder_of_plugins_that_is_missing_is_said(image: Image) -> None:
    """Orthanc passes over such a folder; other images' configurations often name one."""
    environment = {"ORTHANC__PLUGINS": '["/usr/local/share/orthanc/plugins"]'}
    assert image.problems(environment) == []
    assert image.warnings(environment) == [
        "ORTHANC__PLUGINS: the folder /usr/local/share/orthanc/plugins does not exist."
        " Mount it, or leave it out."
    ]


@pytest.mark.parametrize("title", ["", "  ", "ABCDEFGHIJKLMNOPQ", "A\\B"])
def test_an_ae_title_that_orthanc_refuses(image: Image, title: str) -> None:
    """It is said before the start, with what to write."""
    image.file("/etc/orthanc/a.json", {"DicomAet": title})
    assert image.problems() == [
        f"/etc/orthanc/a.json, 'DicomAet': '{title}' is not an AE title."
        " Write one to 16 characters, not only blanks and without a backslash."
    ]


def test_trusted_authorities_must_be_there(image: Image) -> None:
    """Without them no HTTPS server would be trusted; an empty path stands for none."""
    given = {"ORTHANC__HTTPS_CA_CERTIFICATES": "/ca.pem"}
    assert image.problems(given) == [
        "ORTHANC__HTTPS_CA_CERTIFICATES: the file /ca.pem does not exist. Mount it, or correct the path."
    ]
    assert image.problems({**given, "ORTHANC__HTTPS_VERIFY_PEERS": "no"}) == []
    assert image.problems({"ORTHANC_JSON": '{"HttpsCACertificates": ""}'}) == []
    image.file("/ca.pem", "x")
    assert image.problems(given) == []


MODALITY = (
    "'it' is not a modality as Orthanc knows them."
    ' Write ["AE title", "host", port], or an object with AET, Host and Port.'
)
PEER = (
    "'it' is not a peer as Orthanc knows them."
    ' Write ["http://host:port/"] or ["http://host:port/", "user", "password"], or an object with Url.'
)


@pytest.mark.parametrize(
    "modality",
    [
        ["P", "h"],
        ["P", "h", "x"],
        ["P", "h", 0],
        ["P", "h", 65535],
        ["P", "h", 104, "Nope"],
        ["P", "h", 104, "Generic", 1],
        [1, "h", 104],
        ["", "h", 104],
        {"AET": "P"},
        {"Host": "h", "Port": 104},
        {"AET": "P", "Host": "h"},
    ],
)
def test_a_modality_that_orthanc_refuses_is_named(image: Image, modality: object) -> None:
    """Orthanc itself ends without saying which one it is."""
    image.file("/etc/orthanc/a.json", {"DicomModalities": {"fine": ["A", "h", 104], "it": modality}})
    assert image.problems() == [f"/etc/orthanc/a.json, 'DicomModalities.it': {MODALITY}"]
    assert image.problems({"ORTHANC__DICOM_MODALITIES_IN_DATABASE": "true"}) == []


@pytest.mark.parametrize(
    "peer", [[], ["http://h", "u"], ["http://h", "u", 5], [""], {"Username": "u"}, {"Url": ""}]
)
def test_a_peer_that_orthanc_refuses_is_named(image: Image, peer: object) -> None:
    """And nothing of it is shown, because there may be a password in it."""
    image.file("/etc/orthanc/a.json", {"OrthancPeers": {"fine": ["http://h"], "it": peer}})
    assert image.problems() == [f"/etc/orthanc/a.json, 'OrthancPeers.it': {PEER}"]
    assert image.problems({"ORTHANC__ORTHANC_PEERS_IN_DATABASE": "true"}) == []


@pytest.mark.parametrize(
    ("key", "server"),
    [
        ("DicomModalities", ["P", "h", "104"]),
        ("DicomModalities", ["P", "h", 104, "Vitrea"]),
        ("DicomModalities", {"AET": "P", "Host": "h", "Port": 104, "AllowGet": True}),
        ("OrthancPeers", ["http://h", "u", ""]),
        ("OrthancPeers", {"Url": "http://h", "Timeout": 5}),
    ],
)
def test_other_servers_in_every_form(image: Image, key: str, server: object) -> None:
    """What Orthanc takes is taken."""
    image.file("/etc/orthanc/a.json", {key: {"it": server}})
    assert image.tree()[key] == {"it": server}


def test_a_long_ae_title_is_fine(image: Image) -> None:
    """Sixteen characters are allowed."""
    assert image.tree({"ORTHANC__DICOM_AET": "ABCDEFGHIJKLMNOP"})["DicomAet"] == "ABCDEFGHIJKLMNOP"


def test_settings_that_do_not_go_together(image: Image) -> None:
    """Combinations that Orthanc refuses are problems."""
    environment = {
        "ORTHANC__PATIENT_LEVEL_ENABLED": "false",
        "ORTHANC__MAXIMUM_PATIENT_COUNT": "5",
        "ORTHANC__OVERWRITE_INSTANCES": "IfChanged",
        "ORTHANC__STORE_MD5_FOR_ATTACHMENTS": "false",
        "ORTHANC_JSON": '{"DatabaseServerIdentifier": ""}',
    }
    assert image.problems(environment) == [
        "ORTHANC__MAXIMUM_PATIENT_COUNT: 'MaximumPatientCount' needs patients, and 'PatientLevelEnabled' is"
        " false. Leave out one of the two.",
        "ORTHANC__OVERWRITE_INSTANCES: 'OverwriteInstances' compares MD5 sums, and"
        " 'StoreMD5ForAttachments' is"
        " false. Set 'StoreMD5ForAttachments' to true.",
        "ORTHANC_JSON, 'DatabaseServerIdentifier': 'DatabaseServerIdentifier' is empty. Give a"
        " name, or leave it"
        " out.",
    ]


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({}, "Ohif needs it"),
        ({"ORTHANC__OHIF__DATA_SOURCE": "dicom-web"}, "Ohif needs it"),
        ({"ORTHANC__DICOM_WEB__ROOT": "/dw/"}, "'DicomWeb' is configured"),
        ({"ORTHANC__OHIF__DATA_SOURCE": "dicom-json"}, "not enabled"),
        ({"OHIF_PLUGIN_ENABLED": "false"}, "not enabled"),
    ],
)
def test_ohif_enables_dicomweb(image: Image, environment: dict[str, str], why: str) -> None:
    """It reads images through it, unless it reads files one by one."""
    image.file(f"{AVAILABLE}/libOrthancOHIF.so", "")
    found = image.found({"OHIF_PLUGIN_ENABLED": "true", **environment})
    assert [str(each) for each in found.findings] == []
    decided = {each.plugin.name: each for each in found.decisions}["DicomWeb"]
    assert (decided.why, f"{AVAILABLE}/libOrthancDicomWeb.so" in plugins.strings(found.tree["Plugins"])) == (
        why,
        decided.enabled,
    )
    assert decided.enabled == (why != "not enabled")


def test_an_absent_viewer_enables_nothing(image: Image) -> None:
    """Only one that is there does."""
    found = image.found({"STONE_WEB_VIEWER_PLUGIN_ENABLED": "true", "MISSING_PLUGINS": "warn"})
    assert "DicomWeb" not in found.tree
    assert [each.why for each in found.decisions if each.plugin.name == "DicomWeb"] == ["not enabled"]


OFF = "it reads images through the plugin DicomWeb, which is off"
JSON = ", or ORTHANC__OHIF__DATA_SOURCE=dicom-json."


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (
            {"OHIF_PLUGIN_ENABLED": "true", "DICOM_WEB_PLUGIN_ENABLED": "false"},
            f"Ohif: {OFF}. Set DICOM_WEB_PLUGIN_ENABLED=true{JSON}",
        ),
        (
            {"OHIF_PLUGIN_ENABLED": "true", "ORTHANC__DICOM_WEB__ENABLE": "false"},
            f"Ohif: {OFF}. Set ORTHANC__DICOM_WEB__ENABLE=true{JSON}",
        ),
        (
            {"STONE_WEB_VIEWER_PLUGIN_ENABLED": "true", "DICOM_WEB_PLUGIN_ENABLED": "false"},
            f"StoneWebViewer: {OFF}. Set DICOM_WEB_PLUGIN_ENABLED=true.",
        ),
    ],
)
def test_a_viewer_without_its_source_of_images_is_refused(
    image: Image, environment: dict[str, str], message: str
) -> None:
    """Whoever switches DicomWeb off is told, and how to go without it where that is possible."""
    for name in ("libOrthancOHIF.so", "libStoneWebViewer.so"):
        image.file(f"{AVAILABLE}/{name}", "")
    assert image.problems(environment) == [message]


def test_settings_beside_the_address_of_a_database(image: Image) -> None:
    """The plugin reads the address alone, so a password beside it would be missed."""
    address = {"ORTHANC__POSTGRESQL__CONNECTION_URI": "postgresql://orthanc@db/orthanc"}
    assert image.tree(address)["PostgreSQL"]["EnableIndex"] is True
    assert image.warnings({**address, "ORTHANC__POSTGRESQL__PASSWORD": "s3cr3t"}) == [
        "ORTHANC__POSTGRESQL__PASSWORD: 'PostgreSQL.Password' has no effect beside"
        " 'PostgreSQL.ConnectionUri'. Leave out one of the two."
    ]
    off = {**address, "ORTHANC__POSTGRESQL__PASSWORD": "s3cr3t", "POSTGRESQL_PLUGIN_ENABLED": "false"}
    assert image.warnings(off) == []
