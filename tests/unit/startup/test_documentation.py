"""What the documentation of the images says about start-up, sentence by sentence.

Each test is named after the sentence it holds the images to. What the page says about the build, the tags and
the content of the images is tested there.
"""

import json
from pathlib import Path

import pytest

from startup import names, plugins
from tests.unit.startup.image import AVAILABLE, CATALOGUE, LOCAL, Image
from tests.unit.startup.rule import by_rule

SAMPLE = {
    "Name": "orthanc-file-in-env-var",
    "PostgreSQL": {"Host": "index-db", "Password": "pg-password"},
    "RegisteredUsers": {"demo": "demo"},
}


@pytest.mark.parametrize(
    ("path", "variable", "sample", "expected"),
    [
        ("StableAge", "ORTHANC__STABLE_AGE", "30", 30),
        ("DicomWeb.Root", "ORTHANC__DICOM_WEB__ROOT", "/dicom-web/", "/dicom-web/"),
        (
            "DicomWeb.Servers",
            "ORTHANC__DICOM_WEB__SERVERS",
            '{"sample": [ "http://127.0.0.1/dicom-web/"]}',
            {"sample": ["http://127.0.0.1/dicom-web/"]},
        ),
    ],
)
def test_any_part_of_the_configuration_can_be_given_by_a_variable(
    image: Image, path: str, variable: str, sample: str, expected: object
) -> None:
    """The three samples of the page."""
    value: object = image.tree({variable: sample})
    for key in path.split("."):
        assert isinstance(value, dict)
        value = value[key]
    assert expected == value
    assert by_rule(tuple(path.split("."))) == variable


def test_verbose_startup_shows_the_configuration(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """VERBOSE_STARTUP=true shows what has been provided to Orthanc."""
    image.start({**LOCAL, "ORTHANC__NAME": "n", "VERBOSE_STARTUP": "true"})
    said = capsys.readouterr().err.splitlines()
    assert 'Name = "n"  (ORTHANC__NAME)' in said
    assert 'StorageDirectory = "/var/lib/orthanc/db"  (image default)' in said


@pytest.mark.parametrize(
    ("variable", "text", "option"),
    [
        ("VERBOSE_ENABLED", "true", "--verbose"),
        ("TRACE_ENABLED", "true", "--trace --verbose-http"),
        ("NO_JOBS", "true", "--no-jobs"),
        ("LOGDIR", "/logs", "--logdir=/logs"),
        ("LOGFILE", "/logs", "--logfile=/logs/orthanc.log"),
        ("LOGFILE", "/logs/", "--logfile=/logs/orthanc.log"),
        ("LOGFILE", "/logs/mine.txt", "--logfile=/logs/mine.txt"),
        ("LOGS_THREADNAMES_IN_CONTEXT", "true", "--logs-thread-names-in-context"),
    ],
)
def test_a_special_variable_starts_orthanc_with_an_option(
    image: Image, variable: str, text: str, option: str
) -> None:
    """Each special variable gives the option that the page promises."""
    (image.path / "logs").mkdir()
    code, executed = image.start({**LOCAL, variable: text})
    assert (0, ["Orthanc", *option.split(), "/tmp/orthanc.json"]) == (code, executed.line)


def test_malloc_arena_max_controls_memory(image: Image) -> None:
    """MALLOC_ARENA_MAX stays as it is and becomes Orthanc's own setting, which would override it."""
    _, executed = image.start({**LOCAL, "MALLOC_ARENA_MAX": "10"})
    assert executed.environment["MALLOC_ARENA_MAX"] == "10"
    assert image.written()["MallocArenaMax"] == 10


def test_orthanc_json_passes_a_root_configuration(image: Image) -> None:
    """The sample of the page: a whole configuration in one variable, comments allowed."""
    tree = image.tree({"ORTHANC_JSON": json.dumps(SAMPLE) + " // that is all"})
    assert (tree["Name"], tree["RegisteredUsers"]) == ("orthanc-file-in-env-var", {"demo": "demo"})
    assert (tree["PostgreSQL"]["Host"], tree["PostgreSQL"]["Password"]) == ("index-db", "pg-password")


def test_a_script_runs_before_orthanc(image: Image, tmp_path: Path) -> None:
    """BEFORE_ORTHANC_STARTUP_SCRIPT is a command line; it runs once."""
    log = tmp_path / "log"
    command = f"sh -c 'echo ran >> {log}'"
    assert image.start({**LOCAL, "BEFORE_ORTHANC_STARTUP_SCRIPT": command, "PATH": "/usr/bin:/bin"})[0] == 0
    assert log.read_text() == "ran\n"


def test_a_missing_host_id_is_made_by_default(image: Image) -> None:
    """If /etc/hostid is missing, it is filled with a random number."""
    image.start(LOCAL)
    first = (image.path / "etc/hostid").read_bytes()
    image.start(LOCAL)
    assert (4, first) == (len(first), (image.path / "etc/hostid").read_bytes())


def test_the_host_id_can_be_forced(image: Image) -> None:
    """FORCE_HOST_ID replaces a host id that is there."""
    image.file("/etc/hostid", b"1234")
    image.start({**LOCAL, "FORCE_HOST_ID": "01020304"})
    assert (image.path / "etc/hostid").read_bytes() == b"\x04\x03\x02\x01"


def test_configuration_files_are_stored_in_etc_orthanc(image: Image) -> None:
    """Every JSON file in the folder counts."""
    image.file("/etc/orthanc/orthanc.json", '{\n  // comment\n  "Name": "file" /* here too */\n}')
    assert image.tree()["Name"] == "file"


def test_configuration_files_can_be_secrets(image: Image) -> None:
    """A JSON file among the secrets is a configuration."""
    image.secret("orthanc.secret.json", SAMPLE)
    assert image.tree()["RegisteredUsers"] == {"demo": "demo"}


def test_a_secret_with_the_name_of_a_variable_is_that_variable(image: Image) -> None:
    """The sample of the page: the password of the database as a secret."""
    image.secret("ORTHANC__POSTGRESQL__PASSWORD", "0815\n")
    image.secret("DICOM_WEB_PLUGIN_ENABLED", "true\n")
    tree = image.tree(
        {"ORTHANC__POSTGRESQL__HOST": "index-db", "ORTHANC__REGISTERED_USERS": '{"demo": "demo"}\n'}
    )
    assert tree["PostgreSQL"]["Password"] == "0815"
    assert f"{AVAILABLE}/libOrthancDicomWeb.so" in tree["Plugins"]


def test_a_special_variable_can_be_a_secret_too(image: Image) -> None:
    """Any variable of the images can, the special ones among them."""
    image.secret("VERBOSE_ENABLED", "true\n")
    image.secret("ORTHANC_PASSWORD", "p")
    code, executed = image.start({})
    assert (code, executed.line) == (0, ["Orthanc", "--verbose", "/tmp/orthanc.json"])
    assert "ORTHANC_PASSWORD" not in executed.environment


def test_the_latest_source_overwrites_the_first(image: Image) -> None:
    """Files, JSON secrets, ORTHANC_JSON, variables, secret variables: each wins over those before."""
    found = []
    image.file("/etc/orthanc/a.json", {"Name": "file"})
    found.append(image.tree()["Name"])
    image.file("/extra/b.json", {"Name": "argument"})
    found.append(image.tree({}, "/extra")["Name"])
    image.secret("a.json", {"Name": "secret file"})
    found.append(image.tree({}, "/extra")["Name"])
    environment = {"ORTHANC_JSON": '{"Name": "document"}'}
    found.append(image.tree(environment, "/extra")["Name"])
    environment["ORTHANC__NAME"] = "variable"
    found.append(image.tree(environment, "/extra")["Name"])
    image.secret("ORTHANC__NAME", "secret variable")
    found.append(image.tree(environment, "/extra")["Name"])
    assert found == [
        "file",
        "argument",
        "secret file",
        "document",
        "variable",
        "secret variable",
    ]


def test_settings_that_are_not_defined_get_defaults(image: Image) -> None:
    """The non-standard defaults of the page, as they are there."""
    expected = {
        "StorageDirectory": "/var/lib/orthanc/db",
        "RemoteAccessAllowed": True,
        "AuthenticationEnabled": True,
        "HttpsCACertificates": "/etc/ssl/certs/ca-certificates.crt",
    }
    tree = image.tree({"ORTHANC__REMOTE_ACCESS_ALLOWED": "", "ORTHANC_PASSWORD": "p"})
    assert expected == {key: tree[key] for key in expected}
    assert tree["Plugins"][0] == "/usr/share/orthanc/plugins/"


GIVEN = {
    "PostgreSQL.Host": "h",
    "MySQL.Host": "h",
    "Odbc.IndexConnectionString": "DSN=i",
    "AzureBlobStorage.ConnectionString": "AccountName=c",
    "AzureBlobStorage.ContainerName": "n",
    "AwsS3Storage.BucketName": "b",
    "AwsS3Storage.Region": "r",
    "GoogleCloudStorage.ServiceAccountFile": "/account.json",
    "GoogleCloudStorage.BucketName": "b",
    "Java.Classpath": "/c",
    "Java.InitializationClass": "C",
    "OHIF.DataSource": "dicom-json",
    "Indexer.Folders": "/tmp",
    "Authorization.WebServiceRootUrl": "http://service/",
}

TABLE: dict[str, tuple[str, dict[str, object]]] = {
    "Authorization": ("AUTHORIZATION_PLUGIN_ENABLED", {}),
    "ConnectivityChecks": ("CONNECTIVITY_CHECKS_PLUGIN_ENABLED", {}),
    "DicomWeb": ("DICOM_WEB_PLUGIN_ENABLED", {"DicomWeb": {"Enable": True}}),
    # Throttling is 4 there, and RestrictTransferSyntaxes those of JPEG 2000. Ours has one worker for each
    # processor, 4 at least, and every transfer syntax is its own.
    "Gdcm": ("GDCM_PLUGIN_ENABLED", {"BuiltinDecoderTranscoderOrder": "Disabled"}),
    "OrthancWebViewer": ("ORTHANC_WEB_VIEWER_PLUGIN_ENABLED", {}),
    "StoneWebViewer": ("STONE_WEB_VIEWER_PLUGIN_ENABLED", {}),
    "OsimisWebViewerBasic": ("OSIMIS_WEB_VIEWER1_PLUGIN_ENABLED", {}),
    "OsimisWebViewerBasicAlpha": ("OSIMIS_WEB_VIEWER1_ALPHA_PLUGIN_ENABLED", {}),
    "PostgreSQL": (
        "POSTGRESQL_PLUGIN_ENABLED",
        {
            "PostgreSQL": {
                "EnableIndex": True,
                "EnableStorage": False,
                "Port": 5432,
                "Host": "HOST MUST BE DEFINED",
                "Database": "postgres",
                "Username": "postgres",
                "Password": "postgres",
                "EnableSsl": False,
                "Lock": False,
                # Ours: with fifty connections kept open each, a second server would find none left.
                "UseDynamicConnectionPool": True,
            }
        },
    ),
    "MySQL": (
        "MYSQL_PLUGIN_ENABLED",
        {
            "MySQL": {
                "EnableIndex": True,
                "EnableStorage": False,
                "Port": 3306,
                "Host": "HOST MUST BE DEFINED",
                "Database": "mysql",
                "Username": "root",
                "Password": "mysql",
                "Lock": False,
            }
        },
    ),
    "Python": ("PYTHON_PLUGIN_ENABLED", {}),
    "ServeFolders": ("SERVE_FOLDERS_PLUGIN_ENABLED", {}),
    "Transfers": ("TRANSFERS_PLUGIN_ENABLED", {}),
    "Worklists": (
        "WORKLISTS_PLUGIN_ENABLED",
        {"Worklists": {"Enable": True, "Database": "/var/lib/orthanc/worklists"}},
    ),
    "Housekeeper": ("HOUSEKEEPER_PLUGIN_ENABLED", {"Housekeeper": {"Enable": True}}),
    "DelayedDeletion": ("DELAYED_DELETION_PLUGIN_ENABLED", {"DelayedDeletion": {"Enable": True}}),
    "MultitenantDicom": ("MULTITENANT_DICOM_PLUGIN_ENABLED", {}),
    "Wsi": ("WSI_PLUGIN_ENABLED", {}),
    "Odbc": (
        "ODBC_PLUGIN_ENABLED",
        {
            "Odbc": {
                "EnableIndex": True,
                "EnableStorage": False,
                "IndexConnectionString": "MUST BE DEFINED",
                "StorageConnectionString": "MUST BE DEFINED",
            }
        },
    ),
    "Tcia": ("TCIA_PLUGIN_ENABLED", {"Tcia": {"Enable": True}}),
    "Indexer": ("INDEXER_PLUGIN_ENABLED", {"Indexer": {"Enable": True}}),
    "Neuro": ("NEURO_PLUGIN_ENABLED", {"Neuro": {"Enable": True}}),
    "AzureBlobStorage": (
        "AZURE_BLOB_STORAGE_PLUGIN_ENABLED",
        {
            "AzureBlobStorage": {
                "ConnectionString": "MUST BE DEFINED BY YOU",
                "ContainerName": "MUST BE DEFINED BY YOU",
            }
        },
    ),
    "AwsS3Storage": (
        "AWS_S3_STORAGE_PLUGIN_ENABLED",
        {"AwsS3Storage": {"BucketName": "MUST BE DEFINED BY YOU", "Region": "MUST BE DEFINED BY YOU"}},
    ),
    "GoogleCloudStorage": (
        "GOOGLE_CLOUD_STORAGE_PLUGIN_ENABLED",
        {
            "GoogleCloudStorage": {
                "ServiceAccountFile": "MUST BE DEFINED BY YOU",
                "BucketName": "MUST BE DEFINED BY YOU",
            }
        },
    ),
    "OrthancExplorer2": (
        "ORTHANC_EXPLORER_2_ENABLED",
        {"OrthancExplorer2": {"Enable": True, "IsDefaultOrthancUI": False}},
    ),
    "VolView": ("VOLVIEW_PLUGIN_ENABLED", {}),
    "Ohif": ("OHIF_PLUGIN_ENABLED", {}),
    "STL": ("STL_PLUGIN_ENABLED", {}),
}

BEYOND: dict[str, tuple[str, dict[str, object]]] = {
    "Java": (
        "JAVA_PLUGIN_ENABLED",
        {
            "Java": {
                "Enabled": True,
                "Classpath": "MUST BE DEFINED BY YOU",
                "InitializationClass": "MUST BE DEFINED BY YOU",
            }
        },
    ),
    "AdvancedStorage": ("ADVANCED_STORAGE_PLUGIN_ENABLED", {"AdvancedStorage": {"Enable": True}}),
    "Education": ("EDUCATION_PLUGIN_ENABLED", {"Education": {"Enabled": True}}),
    "PixelsMasker": ("PIXELS_MASKER_PLUGIN_ENABLED", {"PixelsMasker": {"Enable": True}}),
}

VIEWERS = ("OrthancWebViewer", "OsimisWebViewerBasic", "OsimisWebViewerBasicAlpha")

BY_NAME = {plugin.name: plugin for plugin in plugins.PLUGINS}


def test_the_table_of_plugins_is_complete() -> None:
    """The 29 plugins of the page, and four more."""
    assert (len(TABLE), len(BEYOND)) == (29, 4)
    assert sorted({**TABLE, **BEYOND}) == sorted(BY_NAME)
    assert len(plugins.SWITCHES) == len(plugins.PLUGINS)


def add_libraries(image: Image, name: str) -> list[str]:
    """Put the libraries of a plugin into the image; their paths."""
    return [image.file(f"{AVAILABLE}/{library.names[0]}", "") for library in BY_NAME[name].libraries]


def given(name: str) -> dict[str, str]:
    """Variables for what a plugin cannot do without."""
    return {
        names.variable(tuple(path.split(".")), CATALOGUE): text
        for path, text in GIVEN.items()
        if path.partition(".")[0] in BY_NAME[name].sections
    }


@pytest.mark.parametrize("name", [*TABLE, *BEYOND])
def test_a_plugin_is_enabled_by_its_variable(image: Image, name: str) -> None:
    """The variable of the table enables the plugin, with the defaults of the table."""
    switch, defaults = {**TABLE, **BEYOND}[name]
    paths = add_libraries(image, name)
    found = image.found({switch: "true"})
    loaded = found.tree["Plugins"]
    assert isinstance(loaded, list)
    expected = [path for path in paths if not path.endswith("Storage.so") or len(paths) == 1]
    assert [path for path in expected if path not in loaded] == []
    assert defaults == {section: found.tree[section] for section in defaults}


@pytest.mark.parametrize("name", [*TABLE, *BEYOND])
def test_a_plugin_is_enabled_by_its_section(image: Image, name: str) -> None:
    """A setting in its section enables a plugin, but for the viewers that share a section."""
    (path, *_) = add_libraries(image, name)
    section = BY_NAME[name].sections[0]
    image.file("/account.json", "{}")
    image.file("/etc/orthanc/a.json", {section: {}})
    loaded = image.tree(given(name))["Plugins"]
    assert (name not in VIEWERS) == (path in loaded)


@pytest.mark.parametrize("name", [*TABLE, *BEYOND])
def test_a_plugin_is_disabled_by_its_variable(image: Image, name: str) -> None:
    """With false, not even its section enables a plugin."""
    (path, *_) = add_libraries(image, name)
    image.file("/etc/orthanc/a.json", {BY_NAME[name].sections[0]: {}})
    assert path not in image.tree({**given(name), BY_NAME[name].switch: "false"})["Plugins"]


@pytest.mark.parametrize("name", ["Gdcm", "OrthancExplorer2"])
def test_two_plugins_are_enabled_by_default(image: Image, name: str) -> None:
    """Gdcm and OrthancExplorer2, as the page notes."""
    (path,) = add_libraries(image, name)
    assert path in image.tree()["Plugins"]
    assert {"Gdcm", "OrthancExplorer2"} == {each.name for each in plugins.PLUGINS if each.by_default}


def test_a_default_plugin_that_is_absent_is_left_out_quietly(image: Image) -> None:
    """Orthanc Explorer 2 is on by default; an image that lacks it configures nothing of it."""
    assert "OrthancExplorer2" not in image.tree()


@pytest.mark.parametrize("section", sorted({each for plugin in plugins.PLUGINS for each in plugin.sections}))
def test_the_sections_of_the_table_are_those_of_the_catalogue(section: str) -> None:
    """Plugins are enabled by the sections that they really read, OHIF and WholeSlideImaging among them."""
    assert section in CATALOGUE


@pytest.mark.parametrize("key", ["PythonScript", "PythonVerbose"])
def test_python_is_enabled_by_its_keys_at_the_root(image: Image, key: str) -> None:
    """The Python plugin reads keys outside of its section too."""
    image.file("/etc/orthanc/s.py", "")
    text = {"PythonScript": "s.py", "PythonVerbose": "true"}[key]
    assert f"{AVAILABLE}/libOrthancPython.so" in image.tree({by_rule((key,)): text})["Plugins"]
