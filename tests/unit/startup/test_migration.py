"""What changes for a configuration that was made for one of the existing images."""

import io
from collections.abc import Mapping

import pytest

from startup import cli, migration
from startup.sources import World
from tests.unit.startup.image import CATALOGUE, LOCAL, Image

COMPONENTS = "/usr/share/orthanc/components.json"

USER = (
    'user: those images run as root, this one as uid 999. Start once with user "0:0" and'
    " ORTHANC_FIX_OWNERSHIP=true to give the storage to uid 999."
)
MODE = (
    "/tmp/orthanc.json: everybody in the container could read it, with its passwords; only its owner can now."
    " Let programs that need it run as the same user."
)
EXPLORER = "OrthancExplorer2: it was enabled by default there, and is not in this image."

ALWAYS = [USER, MODE, EXPLORER]

NO_EXPLORER = {"ORTHANC_EXPLORER_2_ENABLED": "false"}


def changes(image: Image, environment: Mapping[str, str], former: str = "orthancteam") -> list[str]:
    """The changes, without those that concern every configuration."""
    world = World(environment, image.root)
    heading, *lines = migration.lines(former, world, image.found(environment), CATALOGUE)
    assert heading == f"Coming from {migration.IMAGES[former]}, this changes:"
    return [line.removeprefix("- ") for line in lines if line.removeprefix("- ") not in ALWAYS]


def check(image: Image, *words: str) -> tuple[int, str]:
    """The exit code of ``config check``, and what it says."""
    output = io.StringIO()
    code = cli.run(["check", *words], LOCAL, image.root, (io.StringIO(), output))
    return code, output.getvalue()


def test_check_lists_the_changes_below_its_result(image: Image) -> None:
    """The check is the same, and what changes for every configuration follows."""
    expected = [
        "The configuration is fine.",
        "Coming from orthancteam/orthanc, this changes:",
        f"- {USER}",
        f"- {MODE}",
        f"- {EXPLORER}",
    ]
    code, output = check(image, "--from", "orthancteam")
    assert (0, expected) == (code, output.splitlines())


@pytest.mark.parametrize("words", [["--from"], ["--from", "nowhere"], ["from", "osimis"]])
def test_other_images_are_refused(image: Image, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The usage names those that are known."""
    assert check(image, *words) == (64, "")
    assert "--from orthancteam, osimis or\n" in capsys.readouterr().err


def test_only_check_compares(image: Image) -> None:
    """The other commands have no such option."""
    assert cli.run(["print", "--from", "osimis"], LOCAL, image.root, (io.StringIO(), io.StringIO())) == 64


def test_passwords_are_not_in_the_log_any_more(image: Image) -> None:
    """The start-up log hides them, and the trace has no headers."""
    assert changes(image, {"VERBOSE_STARTUP": "true", "TRACE_ENABLED": "true"}) == [
        "VERBOSE_STARTUP: it printed the configuration with its passwords; they are hidden now."
        " Set it to secrets where they must be seen.",
        "TRACE_ENABLED: headers of HTTP, which hold passwords, are not in the log."
        " Give the container the option --trace to have them.",
    ]


def test_an_empty_word_switched_the_log_on(image: Image) -> None:
    """It counts as not set."""
    assert changes(image, {"VERBOSE_STARTUP": ""}) == [
        "VERBOSE_STARTUP: it printed the configuration with its passwords; an empty variable counts as not"
        " set now. Set it to secrets where they must be seen."
    ]


def test_only_true_was_true(image: Image) -> None:
    """Other words for it switched nothing on."""
    environment = {"VERBOSE_ENABLED": "Yes", "NO_JOBS": "true", "LOGS_THREADNAMES_IN_CONTEXT": "0"}
    assert changes(image, environment) == [
        "VERBOSE_ENABLED: 'Yes' did nothing there, and is true here. Write true or false."
    ]


def test_only_false_was_false_for_plugins(image: Image) -> None:
    """Everything else enabled them; what is wrong altogether is a problem of the check."""
    environment = {
        "DICOM_WEB_PLUGIN_ENABLED": "False",
        "MYSQL_PLUGIN_ENABLED": "",
        "PYTHON_PLUGIN_ENABLED": "perhaps",
        "WSI_PLUGIN_ENABLED": "true",
        "NEURO_PLUGIN_ENABLED": "false",
    }
    assert changes(image, environment) == [
        "DICOM_WEB_PLUGIN_ENABLED: 'False' enabled DicomWeb there, and does not here."
        " Write DICOM_WEB_PLUGIN_ENABLED=true if the plugin is needed.",
        "MYSQL_PLUGIN_ENABLED: '' enabled MySQL there, and does not here."
        " Write MYSQL_PLUGIN_ENABLED=true if the plugin is needed.",
    ]


def test_empty_variables_count_as_not_set(image: Image) -> None:
    """They made settings empty."""
    assert changes(image, {"ORTHANC__NAME": "", "ORTHANC__": "", "OTHER": ""}) == [
        "ORTHANC__NAME: an empty variable made the setting an empty text there, and counts as not set here."
        " Leave it out."
    ]


def test_types_are_not_guessed(image: Image) -> None:
    """Only the values are listed whose type was another; passwords are not shown."""
    image.secret("ORTHANC__POSTGRESQL__PASSWORD", "12345678\n\n")
    image.secret("ORTHANC__POSTGRESQL__USERNAME.txt", "1")
    environment = {
        "ORTHANC__DICOM_AET": "1234",
        "ORTHANC__DICOM_SERVER_ENABLED": "True",
        "ORTHANC__HTTP_PORT": "8042",
        "ORTHANC__STABLE_AGE": "x",
        "ORTHANC__MINE__OWN": "1",
        "ORTHANC__DICOM_MODALITIES": "{}",
        "ORTHANC__OVERWRITE_INSTANCES": "true",
        "ORTHANC__POSTGRESQL__HOST": "db",
    }
    assert changes(image, environment) == [
        "ORTHANC__DICOM_AET: '1234' was taken for a number there, and is text here.",
        "ORTHANC__DICOM_SERVER_ENABLED: 'True' was taken for text there, and is true or false here.",
        "ORTHANC__POSTGRESQL__PASSWORD: the value (not shown) was taken for a number there, and is text"
        " here.",
    ]


def test_what_counts_no_longer_depends_on_names(image: Image) -> None:
    """A variable wins over ORTHANC_JSON, and the last file over the others; equal values do not matter."""
    image.file("/etc/orthanc/10.json", {"DicomAet": "A", "Name": "n"})
    image.file("/etc/orthanc/20.json", {"DicomAet": "B", "Name": "n"})
    image.secret("a.json", {"StableAge": 1})
    image.secret("b.json", {"StableAge": 2})
    environment = {
        "ORTHANC_JSON": '{"PostgreSQL": {"Host": "a", "Port": 5432}}',
        "ORTHANC__POSTGRESQL__HOST": "b",
        "ORTHANC__POSTGRESQL__PORT": "5432",
    }
    assert changes(image, environment) == [
        "PostgreSQL.Host: ORTHANC_JSON and ORTHANC__POSTGRESQL__HOST give it; their names decided there which"
        " one counts, here it is the last. Keep one of them.",
        "DicomAet: /etc/orthanc/10.json and /etc/orthanc/20.json give it; there was no order there, here the"
        " last one counts. Keep one of them.",
        "StableAge: /run/secrets/a.json and /run/secrets/b.json give it; there was no order there, here the"
        " last one counts. Keep one of them.",
    ]


def test_relative_paths_start_elsewhere(image: Image) -> None:
    """Wherever they are written; files that cannot be read are problems of the check."""
    image.file("/etc/orthanc/a.json", {"LuaScripts": ["a.lua", "/b.lua"], "DicomWeb": {}, "Other": {"x": 1}})
    image.file("/etc/orthanc/b.json", b"\xff")
    image.file("/etc/orthanc/note.txt", "")
    image.file("/etc/orthanc/c.json/inner", "")
    environment = {
        "ORTHANC__SSL_CERTIFICATE": "server.pem",
        "ORTHANC__TEMPORARY_DIRECTORY": "",
        "ORTHANC__MINE": "x",
    }
    assert [line for line in changes(image, environment) if "started" in line] == [
        "/etc/orthanc/a.json, 'LuaScripts': 'a.lua' started from /tmp there, and from /etc/orthanc here."
        " Write the whole path.",
        "ORTHANC__SSL_CERTIFICATE: 'server.pem' started from /tmp there, and from /etc/orthanc here."
        " Write the whole path.",
    ]


def test_sections_enable_more_plugins(image: Image) -> None:
    """Unless the variable says so anyway."""
    document = '{"WholeSlideImaging": {"EnableIIIF": true}, "OHIF": {}, "DicomWeb": {}}'
    environment = {"ORTHANC_JSON": document, "OHIF_PLUGIN_ENABLED": "true"}
    assert changes(image, environment) == [
        "WholeSlideImaging: this section enables the plugin Wsi here, which took its variable there."
        " Set WSI_PLUGIN_ENABLED=false to go without it."
    ]


def test_defaults_of_plugins_that_differ(image: Image) -> None:
    """Only where nothing else is given."""
    image.file("/usr/share/orthanc/plugins-available/libOrthancExplorer2.so", "")
    expected = [
        "OrthancExplorer2.IsDefaultOrthancUI: its default is false here and was true there."
        " Set ORTHANC__ORTHANC_EXPLORER_2__IS_DEFAULT_ORTHANC_UI to have it otherwise.",
        "Worklists.Database: its default is /var/lib/orthanc/worklists here and was not given there."
        " Set ORTHANC__WORKLISTS__DATABASE to have it otherwise.",
    ]
    assert changes(image, {"WORKLISTS_PLUGIN_ENABLED": "true"}) == expected
    given = {"ORTHANC__WORKLISTS__DATABASE": "/var/lib/orthanc/db", **NO_EXPLORER}
    assert changes(image, given) == []


@pytest.mark.parametrize("value", ["true", "false"])
def test_a_plugin_that_is_named_is_left_to_the_check(image: Image, value: str) -> None:
    """It is a problem when it is on and absent, and nothing to tell when it is off."""
    environment = {"ORTHANC_EXPLORER_2_ENABLED": value}
    lines = migration.lines(
        "orthancteam", World(environment, image.root), image.found(environment), CATALOGUE
    )
    assert lines[1:] == [f"- {USER}", f"- {MODE}"]


def test_plugins_of_another_make(image: Image) -> None:
    """Those that the images bring themselves, whoever made the others."""
    parts = [
        {"name": "aws-s3", "provider": "tree", "version": "26.11.0", "plugins": ["AwsS3Storage"]},
        {"name": "azure", "provider": "tree", "version": "26.11.0", "plugins": ["AzureBlobStorage"]},
        {"name": "postgresql", "provider": "upstream", "version": "10.3", "plugins": ["PostgreSQL"]},
    ]
    image.file(COMPONENTS, {"components": parts})
    environment = {
        "ORTHANC__AWS_S3_STORAGE__BUCKET_NAME": "b",
        "ORTHANC__AWS_S3_STORAGE__REGION": "r",
        "ORTHANC__POSTGRESQL__HOST": "db",
    }
    assert changes(image, environment) == [
        "AwsS3Storage: it is these images' own implementation (26.11.0), with the official settings."
        " See docs/migrating.md for what to try.",
    ]


def test_own_folders_leave_the_plugins_of_the_image(image: Image) -> None:
    """The setting Plugins replaced them."""
    assert changes(image, {"ORTHANC__PLUGINS": '["/usr/share/orthanc/plugins"]'}) == [
        "Plugins: it replaced the folders of the images' own plugins there; the enabled ones are loaded here."
    ]


def test_host_ids_are_numbers(image: Image) -> None:
    """A given one, and the one that all containers had."""
    assert changes(image, {"FORCE_HOST_ID": "12345678", "GENERATE_HOST_ID_IF_MISSING": "false"}) == [
        "FORCE_HOST_ID: only its first four characters counted there; it is a hexadecimal number here."
        " Generated DICOM identifiers get another middle part.",
        "GENERATE_HOST_ID_IF_MISSING: all containers had the same host id there; here none is made."
        " Leave it out to have one made.",
    ]


def test_the_script_runs_earlier(image: Image) -> None:
    """So what it writes is read."""
    image.file("/s.sh", "#!/bin/sh\n")
    assert changes(image, {"BEFORE_ORTHANC_STARTUP_SCRIPT": "/s.sh"}) == [
        "BEFORE_ORTHANC_STARTUP_SCRIPT: it ran when the configuration was final; it runs before that here,"
        " and may write to /etc/orthanc."
    ]


def test_secrets_of_other_programs_are_left_alone(image: Image) -> None:
    """They were merged into the configuration."""
    image.secret("account.json", {"type": "service_account", "project_id": "p"})
    image.secret("orthanc.json", {"Name": "n"})
    image.file("/etc/orthanc/a.json", {"type": "service_account"})
    assert changes(image, {}) == [
        "/run/secrets/account.json: it became part of the configuration there; it is left alone here, since"
        " no setting is in it."
    ]


def test_the_usual_user_of_osimis_is_gone(image: Image) -> None:
    """Unless somebody is registered, or nobody is asked."""
    asked = {"ORTHANC__REMOTE_ACCESS_ALLOWED": "true"}
    assert changes(image, asked, "osimis") == [
        "RegisteredUsers: without any user, orthanc could enter there with the password orthanc, and nobody"
        " can here. Set ORTHANC_PASSWORD."
    ]
    assert changes(image, {**asked, "ORTHANC_PASSWORD": "p"}, "osimis") == []
    assert changes(image, LOCAL, "osimis") == []


def test_variables_and_plugins_of_jodogne(image: Image) -> None:
    """No variable was read, and each plugin was loaded."""
    for library in (image.path / "usr/share/orthanc/plugins-available").iterdir():
        if library.name not in ("libOrthancDicomWeb.so", "libOrthancGdcm.so", "libOrthancWSI.so"):
            library.unlink()
    plugins = "plugins: each one that is there is loaded there; these are in this image and not enabled: "
    assert changes(
        image, {"ORTHANC__NAME": "n", "DICOM_WEB_PLUGIN_ENABLED": "true", "HOME": "/"}, "jodogne"
    ) == [
        "DICOM_WEB_PLUGIN_ENABLED: those images read no variables; this one does.",
        "ORTHANC__NAME: those images read no variables; this one does.",
        f"{plugins}Wsi. Enable those you need, such as WSI_PLUGIN_ENABLED=true.",
    ]
    image.file("/etc/orthanc/a.json", {"DicomWeb": {}, "WholeSlideImaging": {}})
    assert changes(image, {}, "jodogne") == []
