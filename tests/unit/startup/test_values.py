"""Values of the right type that Orthanc ends with."""

import locale
import os

import pytest

from tests.unit.startup.image import AVAILABLE, Image

LIBRARIES = (
    "libOrthancOHIF.so",
    "libOrthancExplorer2.so",
    "libOrthancAwsS3Storage.so",
    "libOrthancAzureBlobStorage.so",
    "libOrthancIndexer.so",
    "libOrthancAuthorization.so",
    "libOrthancTcia.so",
    "libAdvancedStorage.so",
)
NAME = "cannot be the name of a server. Write letters without accents, digits, - and _ only."
TAG = "is not a DICOM tag. Write a name such as StudyDate, or numbers such as 0008,0020."
DEFINITION = (
    "it does not define a DICOM tag."
    ' Write [VR, name, least, most, private creator], such as ["LO", "MyTag", 1, 1, "ME"].'
)
ATTACHMENT = 'it is not the number of an attachment. Write 1024 to 65535, or [1024, "MIME type"].'
SERVER = (
    "an item of its list is not a DICOM server."
    ' Write objects such as {"AET": "A", "Port": 104, "Labels": ["a"]}.'
)
RULE = (
    "an item of its list is not a rule."
    ' Write lists of a method, a pattern and permissions, such as ["get", "^/a$", "view|all"].'
)
TEXTS = 'its list has an item that is not text, or is empty. Write a list such as ["a", "b"].'
SYNTAX = "is not a transfer syntax that Orthanc knows. Write a UID such as 1.2.840.10008.1.2.1."
KEY = 'Write it as [1, "/run/secrets/master.key"], with a number of its own and the file of the key.'
BUCKET = {"BucketName": "b", "Region": "r"}
DICOM_TLS = {
    "DicomTlsCertificate": "/my.pem",
    "DicomTlsPrivateKey": "/my.pem",
    "DicomTlsTrustedCertificates": "/my.pem",
}
GONE = "does not exist. Mount it, or correct the path."
SCHEME = "Write one such as {PatientID}/{UUID}{.ext}."
KEYWORD = "Write a DICOM tag such as {PatientID}, {UUID}, {OrthancStudyID} or {.ext}."
FUNCTION = "Write {01(UUID)}, {23(UUID)}, {split(StudyDate)} or {pad6(InstanceNumber)}."


@pytest.fixture(autouse=True)
def _libraries(image: Image) -> None:
    """The plugins that these settings are of."""
    for name in LIBRARIES:
        image.file(f"{AVAILABLE}/{name}", "")
    image.file("/my.pem", "CERTIFICATE PRIVATE KEY")
    image.file("/my.key", "")
    image.file("/usr/share/dcmtk/dicom.dic", "# x\n(0008,0020)\tDA\tStudyDate\t1\tDICOM\n")


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"DicomModalities": {"a b": ["A", "h", 104]}}, f"'DicomModalities': 'a b' {NAME}"),
        ({"OrthancPeers": {"é": ["http://h"]}}, f"'OrthancPeers': 'é' {NAME}"),
        (
            {"RegisteredUsers": {"a:b": "p"}},
            "'RegisteredUsers': 'a:b' cannot be the name of a user. Write it without a colon.",
        ),
        (
            {"ExtraMainDicomTags": {"Frame": ["Rows"]}},
            "'ExtraMainDicomTags': there is no 'Frame' in 'ExtraMainDicomTags'."
            " Known are: Patient, Study, Series, Instance.",
        ),
        (
            {"DicomWeb": {"Servers": {"a": {"Username": "u"}}}},
            "'DicomWeb.Servers.a': 'a' is not a DICOMweb server as Orthanc knows them. Write"
            ' ["http://host:port/"] or ["http://host:port/", "user", "password"], or an object with Url.',
        ),
        (
            {"ServeFolders": {"a": "/nowhere"}},
            f"'ServeFolders.a': the folder /nowhere {GONE}",
        ),
        (
            {"DicomTlsEnabled": True, **DICOM_TLS, "DicomTlsCiphersAccepted": ["A"]},
            "'DicomTlsCiphersAccepted': 'DicomTlsCiphersAccepted' is given without"
            " 'DicomTlsMinimumProtocolVersion'. Give both, or leave out both.",
        ),
        (
            {"MySQL": {"Host": "h", "Database": "my db"}},
            "'MySQL.Database': 'my db' cannot be the name of a database."
            " Write letters, digits, $ and _ only.",
        ),
        (
            {"AzureBlobStorage": {"ConnectionString": "c", "ContainerName": "n"}},
            "'AzureBlobStorage.ConnectionString': it names no storage account. Copy the connection string of"
            " the storage account, which begins as AccountName=…",
        ),
        (
            {"AwsS3Storage": {"BucketName": "a/b", "Region": "r"}},
            "'AwsS3Storage.BucketName': 'a/b' cannot be the name of a bucket or a container."
            " Write letters, digits, . and - only.",
        ),
        (
            {"AwsS3Storage": {**BUCKET, "Endpoint": "ftp://h"}},
            "'AwsS3Storage.Endpoint': 'ftp://h' is not an address of the web. Write it as https://host:port/.",
        ),
        (
            {"AwsS3Storage": {**BUCKET, "RootPath": "/a"}},
            "'AwsS3Storage.RootPath': it begins with a slash, and names in a store do not."
            " Leave the slash out.",
        ),
        (
            {"AwsS3Storage": {**BUCKET, "AccessKey": "a"}},
            "'AwsS3Storage': 'AccessKey' is given without 'SecretKey'."
            " Give 'SecretKey' too, or leave out 'AccessKey'.",
        ),
        (
            {"AwsS3Storage": {**BUCKET, "StorageEncryption": {"Enable": True}}},
            f"'AwsS3Storage.StorageEncryption': 'MasterKey' is not given. {KEY}",
        ),
        (
            {"AwsS3Storage": {**BUCKET, "StorageEncryption": {"MasterKey": [1, "/no.key"]}}},
            f"'AwsS3Storage.StorageEncryption.MasterKey': the file /no.key {GONE}",
        ),
        (
            {
                "AwsS3Storage": {
                    **BUCKET,
                    "StorageEncryption": {
                        "MasterKey": [1, "/my.key"],
                        "PreviousMasterKeys": [["2", "/my.key"]],
                    },
                }
            },
            "'AwsS3Storage.StorageEncryption.PreviousMasterKeys': it is not the number and the file of a key."
            f" {KEY}",
        ),
        (
            {"OrthancPeers": {"a": {"Url": "http://h", "Password": "p"}}},
            "'OrthancPeers.a': 'Password' is given without 'Username'."
            " Give 'Username' too, or leave out 'Password'.",
        ),
        (
            {"OrthancPeers": {"a": {"Url": "http://h", "Mine": []}}},
            "'OrthancPeers.a.Mine': it is a list or an object. Write text.",
        ),
        (
            {
                "DicomWeb": {
                    "Servers": {"a": {"Url": "h", "CertificateFile": "/no", "CertificateKeyFile": "/tmp"}}
                }
            },
            f"'DicomWeb.Servers.a.CertificateFile': the file /no {GONE}",
        ),
        ({"IngestTranscoding": "1.2.3"}, f"'IngestTranscoding': '1.2.3' {SYNTAX}"),
        ({"ExtraMainDicomTags": {"Study": ["studydate"]}}, f"'ExtraMainDicomTags.Study': 'studydate' {TAG}"),
        ({"Dictionary": {"0009,1001": ["LO", "N"]}}, f"'Dictionary.0009,1001': {DEFINITION}"),
        ({"Dictionary": {"0009,1001": ["lo", "N", 1, 1, "C"]}}, f"'Dictionary.0009,1001': {DEFINITION}"),
        (
            {"Dictionary": {"zz": ["LO", "N", 1, 1, "C"]}},
            "'Dictionary': 'zz' is not a DICOM tag in numbers. Write it as 0009,1001.",
        ),
        ({"UserContentType": {"a": 5}}, f"'UserContentType.a': {ATTACHMENT}"),
        ({"UserContentType": {"a": [1024, 5]}}, f"'UserContentType.a': {ATTACHMENT}"),
        (
            {"Pkcs11": {"Module": "p.so"}},
            "'Pkcs11': the Orthanc of these images is built without 'Pkcs11'. Leave it out.",
        ),
        (
            {"HttpBindAddresses": ["localhost"]},
            "'HttpBindAddresses': 'localhost' is not an IP address. Write one such as 127.0.0.1 or ::1.",
        ),
        (
            {"Housekeeper": {"Schedule": {"Monday": ["6"]}}},
            "'Housekeeper.Schedule.Monday': '6' is not a span of hours."
            ' Write hours such as "0-6" or "20-24".',
        ),
        ({"MultitenantDicom": {"Servers": [{"AET": "A"}]}}, f"'MultitenantDicom.Servers': {SERVER}"),
        ({"AcceptedSopClasses": [5]}, f"'AcceptedSopClasses': {TEXTS}"),
        (
            {"Tcia": {"BaseUrl": ""}},
            "'Tcia.BaseUrl': '' is not the address of a service."
            " Write it as https://host:port/path, or leave it out.",
        ),
        *(
            (
                {"AdvancedStorage": {"NamingScheme": scheme}, "OverwriteInstances": mode},
                f"'AdvancedStorage.NamingScheme': {what}",
            )
            for scheme, mode, what in (
                ("", False, f"it is not the path of a file in a storage. {SCHEME}"),
                ("/{UUID}", False, f"it is not the path of a file in a storage. {SCHEME}"),
                ("{UUID", False, "a brace is not closed. Write } after each keyword."),
                ("../{UUID}", False, "a name in it is empty, or only dots. Leave it out."),
                ("a//{UUID}", False, "a name in it is empty, or only dots. Leave it out."),
                (
                    "a:b{UUID}",
                    False,
                    "'a:b' has a character that no name should have. Leave it out: } \\ < > : \" | ? *.",
                ),
                ("{Nothing}{UUID}", False, f"there is no keyword {{Nothing}}. {KEYWORD}"),
                ("{upper(UUID)}", False, f"{{upper(UUID)}} does not fit. {FUNCTION}"),
                ("{pad99(StudyDate)}{UUID}", False, f"{{pad99(StudyDate)}} does not fit. {FUNCTION}"),
                (
                    "{StudyDate}",
                    False,
                    "two files could get the same name. Add {UUID}, or the identifiers of patient, study,"
                    " series and instance.",
                ),
                ("{OrthancInstanceID}", "Always", "two files could get the same name. Add {UUID}."),
            )
        ),
        (
            {
                "AdvancedStorage": {
                    "MultipleStorages": {"Storages": {"a": "/tmp"}, "CurrentWriteStorage": "b"}
                }
            },
            "'AdvancedStorage.MultipleStorages': 'b' is not one of its Storages (a)."
            " Name one of these, or add it.",
        ),
        (
            {"AdvancedStorage": {"MultipleStorages": {"Storages": {"a": "/no/where"}}}},
            f"'AdvancedStorage.MultipleStorages': the folder /no/where of 'a' {GONE}",
        ),
        (
            {"AdvancedStorage": {"MultipleStorages": {"Storages": {"a": ""}}}},
            "'AdvancedStorage.MultipleStorages': a storage has no name or no folder."
            " Write the folder of each, by its name.",
        ),
        (
            {"AdvancedStorage": {"OtherAttachmentsPrefix": "../x"}},
            "'AdvancedStorage.OtherAttachmentsPrefix': '../x' leaves the storage."
            " Write the name of a folder, such as other.",
        ),
        (
            {"AdvancedStorage": {"Indexer": {"Enable": True}}},
            "'AdvancedStorage.Indexer': 'Folders' is not given, and it is on. Name the folders to index.",
        ),
        (
            {"AdvancedStorage": {"Indexer": {"Enable": True, "Folders": ["/no"]}}},
            f"'AdvancedStorage.Indexer.Folders': the folder /no {GONE}",
        ),
        (
            {"AdvancedStorage": {"Indexer": {"Enable": True, "Folders": "/var/lib"}}},
            "'AdvancedStorage.Indexer.Folders': the folder /var/lib overlaps with the storage"
            " /var/lib/orthanc/db. Index a folder outside of it.",
        ),
        (
            {
                "AdvancedStorage": {
                    "Indexer": {
                        "Enable": True,
                        "Folders": ["/tmp"],
                        "ParsedExtensions": ["a"],
                        "SkippedExtensions": ["b"],
                    }
                }
            },
            "'AdvancedStorage.Indexer': 'ParsedExtensions' and 'SkippedExtensions' are both given."
            " Give only one of both, and leave the other empty.",
        ),
        (
            {"Indexer": {"Folders": ["/var/lib/orthanc/db"]}},
            "'Indexer.Folders': the folder /var/lib/orthanc/db overlaps with the storage /var/lib/orthanc/db."
            " Index a folder outside of it.",
        ),
        ({"DicomWeb": {"Root": ""}}, "'DicomWeb.Root': it is empty. Give a value, or leave it out."),
        ({"Worklists": {"Database": "/no"}}, f"'Worklists.Database': the folder /no {GONE}"),
        ({"DelayedDeletion": {"Path": "/no/a"}}, f"'DelayedDeletion.Path': the folder /no {GONE}"),
        (
            {"OHIF": {"RouterBasename": "ohif", "DataSource": "dicom-json"}},
            "'OHIF.RouterBasename': 'ohif' is not the path of a page. Write it as '/ohif/', or leave it out.",
        ),
        (
            {"OrthancExplorer2": {"Root": "/my-ui"}},
            "'OrthancExplorer2.Root': '/my-ui' does not begin and end with a slash. Write it as '/ui/'.",
        ),
        (
            {
                "Authorization": {
                    "WebService": "http://h/",
                    "CheckedLevel": "study",
                    "UncheckedLevels": ["Series"],
                }
            },
            "'Authorization.CheckedLevel': 'CheckedLevel' is given beside 'UncheckedLevels'."
            " Leave out one of the two.",
        ),
        *(
            ({"Authorization": {"WebService": "http://h/", key: [rule]}}, f"'Authorization.{key}': {RULE}")
            for key in ("Permissions", "ExtraPermissions")
            for rule in (5, ["get", "^/a$"], ["get", "^/a$", 1], ["patch", "^/a$", ""])
        ),
        (
            {"Authorization": {"WebService": "http://h/", "UncheckedFolders": [5]}},
            f"'Authorization.UncheckedFolders': {TEXTS}",
        ),
    ],
)
def test_a_value_that_orthanc_refuses(image: Image, document: dict[str, object], problem: str) -> None:
    """It is named before the start, with its place and what to write."""
    image.file("/tmp/x", "")
    image.file("/etc/orthanc/a.json", document)
    said = [each for each in image.problems() if "CertificateKeyFile'" not in each]
    assert said == [f"/etc/orthanc/a.json, {problem}"]


@pytest.mark.parametrize(
    "document",
    [
        {"ExtraMainDicomTags": {"Study": ["StudyDate", "0018,0015", "00180015", "0018-0015", "Mine"]}},
        {"ExternalDictionaries": ["/mine.dic"], "ExtraMainDicomTags": {"Study": ["Theirs"]}},
        {"UserContentType": {"a": [1024, "text/plain"], "b": 1025}},
        {"HttpBindAddresses": ["127.0.0.1", "::1", "[::1]"]},
        {"Housekeeper": {"Schedule": {"Monday": ["0-6"]}}},
        {"MultitenantDicom": {"Servers": [{"AET": "A", "Port": 104, "Labels": []}]}},
        {"AcceptedTransferSyntaxes": "1.2.*", "IngestTranscoding": "1.2.840.10008.1.2.4.90"},
        {
            "OHIF": {"RouterBasename": "/ohif/", "DataSource": "dicom-json"},
            "OrthancExplorer2": {"Root": "/x/"},
        },
        {"DelayedDeletion": {"Path": "/tmp/a"}},
        {"AzureBlobStorage": {"ConnectionString": "a=b; AccountName=c", "ContainerName": "n"}},
        {
            "AwsS3Storage": {
                **BUCKET,
                "Endpoint": "http://h:1/",
                "RootPath": "a/b",
                "StorageEncryption": {"Enable": False},
            }
        },
        {"AwsS3Storage": {**BUCKET, "Endpoint": "h", "StorageEncryption": {"MasterKey": [1, "/my.key"]}}},
        {
            "Authorization": {"WebService": "http://h/", "UncheckedLevels": ["study"]},
            "StorageDirectory": None,
        },
        {"Authorization": {"WebService": "http://h/", "CheckedLevel": "Study"}},
        {"Authorization": {"WebService": "http://h/", "Permissions": [["GET", "^/a$", "", "a remark"]]}},
        {
            "AdvancedStorage": {
                "NamingScheme": "{PatientID}/{split(StudyDate)}/{pad6(StudyDate)}/{01(UUID)}/{UUID}{.ext}",
                "MultipleStorages": {"Storages": {"a": "/var/lib/a"}, "CurrentWriteStorage": "a"},
                "OtherAttachmentsPrefix": "other/files",
                "Indexer": {"Enable": True, "Folders": ["/tmp"], "SkippedExtensions": [".txt"]},
            },
            "ExternalDictionaries": ["/mine.dic"],
        },
        {
            "AdvancedStorage": {
                "NamingScheme": "{OrthancPatientID}/{OrthancStudyID}/{OrthancSeriesID}/{OrthancInstanceID}",
                "Indexer": {"Enable": False, "Folders": ["/no"]},
            }
        },
        {"AdvancedStorage": {"NamingScheme": "OrthancDefault"}},
        {"Indexer": {"Folders": ["/tmp"], "Enable": True}},
        {"Tcia": {"BaseUrl": "http://archive:8080/nbia-api/services/v4/"}},
        {"Education": {"OpenSlideLibrary": "libopenslide.so.0"}, "EDUCATION": 1},
    ],
)
def test_a_value_that_orthanc_takes(image: Image, document: dict[str, object]) -> None:
    """Is no problem."""
    image.file("/mine.dic", "")
    image.file("/etc/orthanc/a.json", {"Dictionary": {"0009,1001": ["LO", "Mine", 1, 1, "C"]}, **document})
    document.pop("StorageDirectory", None)
    assert [
        each for each in image.problems() if "StorageDirectory" not in each and "Education" not in each
    ] == []


@pytest.mark.parametrize(
    ("name", "known"), [("", True), ("C", True), ("C.UTF-8", True), ("xx_YY", False), ("C\0", False)]
)
def test_a_locale_that_is_not_in_the_image_is_a_warning(image: Image, name: str, known: bool) -> None:
    """Orthanc goes on without it, and the locale of this process stays."""
    before = locale.setlocale(locale.LC_ALL)
    image.file("/etc/orthanc/a.json", {"Locale": name})
    message = (
        f"/etc/orthanc/a.json, 'Locale': this image has no locale '{name}', and Orthanc goes on without it."
        " Write en_US.UTF-8 or C.UTF-8, or leave it out."
    )
    assert image.warnings() == ([] if known else [message])
    assert before == locale.setlocale(locale.LC_ALL)


def test_levels_in_the_singular(image: Image) -> None:
    """The plugin takes them so, in any case; Orthanc gets the plural."""
    levels = {"UncheckedLevels": ["study", "Series", "PATIENTS"]}
    image.file("/etc/orthanc/a.json", {"Authorization": levels})
    assert image.found().tree["Authorization"] == {"UncheckedLevels": ["studies", "series", "patients"]}


def test_files_and_folders_must_be_readable(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    """And writable where something is made in them."""
    image.file("/a/dictionary", "")
    image.file(
        "/etc/orthanc/a.json",
        {
            "ExternalDictionaries": ["/a/dictionary"],
            "Worklists": {"Database": "/a"},
            "DelayedDeletion": {"Path": "/a/new"},
        },
    )
    monkeypatch.setattr(os, "access", lambda path, _mode: "/root/a" not in path)
    user = os.getuid()
    place = "/etc/orthanc/a.json, "
    assert sorted(image.problems()) == sorted(
        [
            f"{place}'ExternalDictionaries': the file /a/dictionary cannot be read."
            f" Make it readable for the user {user}.",
            f"{place}'Worklists.Database': the folder /a cannot be read."
            f" Make it readable for the user {user}.",
            f"{place}'DelayedDeletion.Path': /a cannot be written. Make it writable for the user {user}.",
        ]
    )


def test_the_storage_for_new_files_must_be_writable(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no other one."""
    image.file("/a/x", "")
    several = {"Storages": {"new": "/a", "old": "/a"}, "CurrentWriteStorage": "new"}
    image.file("/etc/orthanc/a.json", {"AdvancedStorage": {"MultipleStorages": several}})
    monkeypatch.setattr(os, "access", lambda path, _mode: not path.endswith("/a"))
    assert image.problems() == [
        "/etc/orthanc/a.json, 'AdvancedStorage.MultipleStorages': the folder /a of 'new', which is for new"
        f" files, cannot be written. Make it writable for the user {os.getuid()}."
    ]


def test_two_storages_at_once(image: Image) -> None:
    """What to turn off is named."""
    document = {"AdvancedStorage": {}, "Indexer": {"Folders": ["/tmp"]}}
    image.file("/tmp/x", "")
    image.file("/etc/orthanc/a.json", document)
    assert image.problems() == [
        "Indexer and AdvancedStorage: Orthanc can have only one storage, and these are enabled."
        " Set ORTHANC__INDEXER__ENABLE=false or ORTHANC__ADVANCED_STORAGE__ENABLE=false."
    ]


def test_what_is_required_is_asked_for(image: Image) -> None:
    """The catalogue says so."""
    assert image.problems({"INDEXER_PLUGIN_ENABLED": "true", "DELAYED_DELETION_PLUGIN_ENABLED": "false"}) == [
        "Indexer: 'Indexer.Folders' is not given, and the plugin Indexer is enabled"
        " (INDEXER_PLUGIN_ENABLED=true). Set ORTHANC__INDEXER__FOLDERS."
    ]


def test_a_certificate_without_its_key(image: Image) -> None:
    """The web server wants both in one file."""
    image.file("/c.pem", "-----BEGIN CERTIFICATE-----")
    given = {"ORTHANC__SSL_ENABLED": "true", "ORTHANC__SSL_CERTIFICATE": "/c.pem"}
    assert image.problems(given) == [
        "ORTHANC__SSL_CERTIFICATE: the file /c.pem has no private key in PEM."
        " Write the key there, below any certificate."
    ]


@pytest.mark.parametrize(("jobs", "threads"), [(2, 4), (10, 10), (100, 50)])
def test_the_threads_follow_the_jobs(image: Image, jobs: int, threads: int) -> None:
    """As they would in Orthanc by itself."""
    tree = image.tree({"ORTHANC__CONCURRENT_JOBS": str(jobs)})
    assert (tree["StorageLoaderThreadsCount"], tree["SequentialDicomReaderThreadsCount"]) == (
        threads,
        threads,
    )
    assert "StorageLoaderThreadsCount" not in image.tree({"ORTHANC__CONCURRENT_JOBS": "0"})


def test_absent_plugins_may_be_tolerated(image: Image) -> None:
    """With one warning each; a word that is not known is a problem."""
    given = {"MISSING_PLUGINS": "warn", "STONE_WEB_VIEWER_PLUGIN_ENABLED": "true"}
    assert image.problems(given) == []
    assert image.warnings(given) == [
        "StoneWebViewer: it is enabled (STONE_WEB_VIEWER_PLUGIN_ENABLED=true)"
        " but it is not part of these images yet; Orthanc starts without it."
    ]
    assert image.problems({"MISSING_PLUGINS": "no"}) == [
        "MISSING_PLUGINS: 'no' is neither warn nor refuse. Write warn or refuse."
    ]


def test_without_an_absent_storage_the_folder_of_the_files_is_checked(image: Image) -> None:
    """Orthanc keeps files and index in the folder then."""
    given = {"ADVANCED_STORAGE_PLUGIN_ENABLED": "true", "ORTHANC__STORAGE_DIRECTORY": "/etc/hosts/files"}
    image.file("/etc/hosts", "")
    assert "StorageDirectory" not in " ".join(image.problems({**given, "ORTHANC__INDEX_DIRECTORY": "/tmp"}))
    index = {"MISSING_PLUGINS": "warn", "ORTHANC__INDEX_DIRECTORY": "/tmp"}
    (said,) = image.problems({**given, **index})
    assert said.startswith("ORTHANC__STORAGE_DIRECTORY: ")


@pytest.mark.parametrize("tolerance", ["warn", "refuse"])
def test_a_missing_guard_is_never_switched_off(image: Image, tolerance: str) -> None:
    """Without passwords, the server would be open to everybody."""
    (image.path / f"{AVAILABLE[1:]}/libOrthancAuthorization.so").unlink()
    given = {
        "MISSING_PLUGINS": tolerance,
        "AUTHORIZATION_PLUGIN_ENABLED": "true",
        "ORTHANC__REMOTE_ACCESS_ALLOWED": "true",
        "ORTHANC__AUTHENTICATION_ENABLED": "false",
    }
    assert image.problems(given) == [
        "Authorization: it is enabled (AUTHORIZATION_PLUGIN_ENABLED=true) and guards this server, but it is"
        " not part of these images yet. Without it everybody could enter: set"
        " ORTHANC__AUTHENTICATION_ENABLED=true, give users (such as ORTHANC_PASSWORD) and set"
        " AUTHORIZATION_PLUGIN_ENABLED=false, or add libOrthancAuthorization.so to"
        " /usr/share/orthanc/plugins."
    ]
