"""The ``config`` command."""

import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from startup import cli
from tests.unit.startup.image import AVAILABLE, LOCAL, Image

SECRETS = {"ORTHANC_PASSWORD": "s3cr3t", "ORTHANC__POSTGRESQL__HOST": "db", "ORTHANC__MY__API_KEY": "s3cr3t"}


class Terminal:
    """Runs the command and keeps what it says."""

    def __init__(self, image: Image, capsys: pytest.CaptureFixture[str]) -> None:
        self.image = image
        self.capsys = capsys

    def __call__(
        self, *arguments: str, environment: Mapping[str, str] = LOCAL, said: str = ""
    ) -> tuple[int, str, str]:
        output = io.StringIO()
        code = cli.run(list(arguments), environment, self.image.root, (io.StringIO(said), output))
        return code, output.getvalue(), self.capsys.readouterr().err


@pytest.fixture
def config(image: Image, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """The command in an image."""
    return Terminal(image, capsys)


def test_check_says_that_all_is_fine(config: Terminal) -> None:
    """Exit code 0 and one line."""
    assert config("check") == (0, "The configuration is fine.\n", "")


def test_check_does_not_say_so_after_warnings(config: Terminal) -> None:
    """A warning may be about the very thing that is missing."""
    variables = {**LOCAL, "ORTAHNC__NAME": "x"}
    said = "Warning: ORTAHNC__NAME: it is not read. Did you mean ORTHANC__NAME?\n"
    fine = "Orthanc would start, with 1 warning (see above).\n"
    assert config("check", environment=variables) == (0, fine, said)
    _, fine, said = config("check", environment={**variables, "VEBOSE_ENABLED": "1"})
    assert (fine, said.count("\n")) == ("Orthanc would start, with 2 warnings (see above).\n", 2)


def test_check_says_what_is_wrong(config: Terminal) -> None:
    """Exit code 78 and the problems on standard error."""
    code, output, said = config("check", environment={**LOCAL, "ORTHANC__HTTP_PORT": "x"})
    assert (code, output) == (78, "")
    assert (
        said == "ORTHANC__HTTP_PORT: 'x' is not a whole number. Write a whole number.\n"
        "Orthanc would not start: 1 problem in its configuration (see above).\n"
    )


def test_print_hides_secrets(config: Terminal) -> None:
    """The configuration comes as JSON, with everything secret hidden."""
    code, output, _ = config("print", environment={**LOCAL, **SECRETS})
    found = json.loads(output)
    assert code == 0
    assert "s3cr3t" not in output
    assert (found["RegisteredUsers"], found["PostgreSQL"]["Host"]) == ({"orthanc": "(hidden)"}, "db")


def test_print_shows_secrets_when_asked(config: Terminal) -> None:
    """With --show-secrets it is what Orthanc gets, dollars as they are."""
    _, output, _ = config("print", "--show-secrets", environment={**LOCAL, "ORTHANC_PASSWORD": "${x}\\u0024"})
    assert json.loads(output)["RegisteredUsers"] == {"orthanc": "${x}\\u0024"}


def test_print_prints_also_when_there_are_problems(config: Terminal) -> None:
    """Problems go to standard error, with exit code 78."""
    code, output, said = config("print", environment={"ORTHANC__NAME": "n"})
    assert (code, json.loads(output)["Name"]) == (78, "n")
    assert said.startswith("RegisteredUsers: Orthanc asks for a password but has no user.")


def test_explain_tells_where_each_value_comes_from(config: Terminal) -> None:
    """A line for each setting: its value, its origin, and what it overrode."""
    config.image.file("/etc/orthanc/a.json", {"Name": "one", "DicomModalities": {"p": ["A", "h", 1]}})
    environment = {**LOCAL, **SECRETS, "ORTHANC_JSON": '{"Name": "two"}', "ORTHANC__NAME": "three"}
    code, output, _ = config("explain", environment=environment)
    lines = output.splitlines()
    assert code == 0
    assert (
        'Name = "three"  (ORTHANC__NAME; over "two" from ORTHANC_JSON; over "one" from /etc/orthanc/a.json)'
        in lines
    )
    assert 'DicomModalities.p = [ "A", "h", 1 ]  (/etc/orthanc/a.json)' in lines
    assert 'RegisteredUsers.orthanc = "(hidden)"  (ORTHANC_PASSWORD)' in lines
    assert 'My.ApiKey = "(hidden)"  (ORTHANC__MY__API_KEY)' in lines
    assert 'BuiltinDecoderTranscoderOrder = "Disabled"  (default of Gdcm)' in lines
    assert "AuthenticationEnabled = true  (image default)" in lines
    assert (
        f'Plugins = [ "/usr/share/orthanc/plugins/", "{AVAILABLE}/libOrthancGdcm.so",'
        f' "{AVAILABLE}/libOrthancPostgreSQLIndex.so" ]'
        '  (enabled plugins; over [ "/usr/share/orthanc/plugins/" ] from image default)' in lines
    )


@pytest.mark.parametrize("word", ["MaximumPduLength", "maximumpdulength", "ORTHANC__MAXIMUM_PDU_LENGTH"])
def test_explain_tells_all_about_one_setting(config: Terminal, word: str) -> None:
    """By path in any case, or by variable."""
    code, output, _ = config("explain", word, environment={**LOCAL, "ORTHANC__MAXIMUM_PDU_LENGTH": "5000"})
    assert code == 0
    assert output.splitlines() == [
        "MaximumPduLength = 5000  (ORTHANC__MAXIMUM_PDU_LENGTH)",
        "  meaning: Largest PDU in bytes",
        "  type: whole number",
        "  default: 16384",
        "  allowed: 4096..131072",
        "  since: 1.9.0",
        "  of: Orthanc",
        "  variable: ORTHANC__MAXIMUM_PDU_LENGTH",
    ]


def test_explain_shows_plugins_as_they_are_given(config: Terminal) -> None:
    """Where no library is added, the folders of the user are all there is."""
    _, output, _ = config("explain", "Plugins", environment={**LOCAL, "GDCM_PLUGIN_ENABLED": "false"})
    assert output.splitlines()[0] == 'Plugins = [ "/usr/share/orthanc/plugins/" ]  (image default)'


def test_explain_knows_what_is_not_set_or_not_known(config: Terminal) -> None:
    """Deprecated and unknown settings are told as such; a path of a section shows what is in it."""
    _, output, _ = config(
        "explain",
        "RejectSopClasses",
        "LoaderThreads",
        "BlobStorage",
        "Mine.Own",
        "DicomWeb",
        "RegisteredUsers",
        "PythonScript",
        environment={**LOCAL, "ORTHANC__MINE__OWN": "1", "DICOM_WEB_PLUGIN_ENABLED": "true"},
    )
    lines = output.splitlines()
    assert "RejectSopClasses is not set" in lines
    assert "  deprecated: use RejectedSopClasses" in lines
    assert "  deprecated: it has no effect" in lines
    assert "  deprecated: use AzureBlobStorage" in lines
    assert "Mine.Own = 1  (ORTHANC__MINE__OWN)" in lines
    assert "  Neither Orthanc nor a plugin of the catalogue has a setting of this name." in lines
    assert "DicomWeb.Enable = true  (default of DicomWeb)" in lines
    assert "  type: JSON object, secret" in lines
    assert "  type: text, path" in lines


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("DicomWeb.Rot", "Did you mean DicomWeb.Root?"),
        ("ORTHANC__DICOMWEB_ROOT", "Did you mean ORTHANC__DICOM_WEB__ROOT?"),
        ("VEBOSE_ENABLED", "Did you mean VERBOSE_ENABLED?"),
        ("Frobnication", "See config list for all."),
        ("", "See config list for all."),
    ],
)
def test_explain_does_not_pass_over_an_unknown_name(config: Terminal, word: str, near: str) -> None:
    """Exit code 64 and the nearest name; what else was asked is answered."""
    code, output, said = config("explain", word, "StableAge")
    assert code == 64
    assert said == f"{word}: there is no such setting, and none is given. {near}\n"
    assert output.startswith("StableAge is not set\n")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("VERBOSE_ENABLED", 'VERBOSE_ENABLED = "yes"'),
        ("NO_JOBS", "NO_JOBS is not set"),
        ("ORTHANC_JSON", 'ORTHANC_JSON = "(hidden)"'),
        ("ORTHANC_PASSWORD", 'RegisteredUsers.orthanc = "(hidden)"  (ORTHANC_PASSWORD)'),
        ("ORTHANC_PASSWORD_FILE", 'RegisteredUsers.orthanc = "(hidden)"  (ORTHANC_PASSWORD)'),
        ("MALLOC_ARENA_MAX", "MallocArenaMax = 3  (MALLOC_ARENA_MAX)"),
        ("ORTHANC__STABLE_AGE_SECRET", "StableAge = 7  (ORTHANC_JSON)"),
        ("GDCM_PLUGIN_ENABLED", "Gdcm  enabled    by default  [GDCM_PLUGIN_ENABLED]"),
    ],
)
def test_explain_knows_every_variable(config: Terminal, word: str, expected: str) -> None:
    """Special variables, switches and the names for files are explained too."""
    environment = {
        "VERBOSE_ENABLED": "yes",
        "ORTHANC_JSON": '{"StableAge": 7}',
        "ORTHANC_PASSWORD": "s3cr3t",
        "MALLOC_ARENA_MAX": "3",
    }
    code, output, said = config("explain", word, environment=environment)
    assert (code, said) == (0, "")
    assert output.splitlines()[0] == expected


def test_list_says_that_nothing_matches(config: Terminal) -> None:
    """Exit code 64 and a reason, not silence."""
    assert config("list", "no", "suchword") == (
        64,
        "",
        "config list: no setting matches 'no suchword'. Try fewer or other words.\n",
    )


def test_list_lists_every_setting(config: Terminal) -> None:
    """A line for each, with the variable, the path, the default and the meaning."""
    code, output, _ = config("list")
    assert code == 0
    assert "ORTHANC__STABLE_AGE  StableAge (default: 60)  When a resource counts as complete" in output
    assert "ORTHANC__LIMIT_JOBS  LimitJobs (without effect)  How many jobs might be under way" in output
    assert (
        "ORTHANC__REGISTERED_USERS__<name>  RegisteredUsers.*  Password of this user" in output.splitlines()
    )
    assert len(output.splitlines()) > 700


@pytest.mark.parametrize("words", [["dicomweb", "root"], ["DICOM_WEB__ROOT"], ["ORTHANC__DICOM_WEB__ROOT"]])
def test_list_finds_words(config: Terminal, words: list[str]) -> None:
    """All words must match, in any spelling."""
    _, output, _ = config("list", *words)
    assert (
        'ORTHANC__DICOM_WEB__ROOT  DicomWeb.Root (default: "/dicom-web/")  Path of DICOMweb'
        in output.splitlines()
    )
    assert len(output.splitlines()) < 10


def test_list_knows_meanings(config: Terminal) -> None:
    """A word may be in the meaning of a setting."""
    _, output, _ = config("list", "prometheus")
    assert (output.splitlines()) == [
        "ORTHANC__METRICS_ENABLED  MetricsEnabled (default: true)  Offer metrics for Prometheus"
    ]


def test_plugins_says_what_is_here_and_enabled(config: Terminal) -> None:
    """Each plugin is enabled, available or absent, with the reason and its variable."""
    config.image.file(
        "/usr/share/orthanc/components.json",
        {
            "components": [
                {"name": "dicomweb", "provider": "debian", "version": "1.24+dfsg-1", "plugins": ["DicomWeb"]},
                {"name": "wsi", "provider": "upstream", "version": "4.0", "plugins": ["Wsi"]},
                {"name": "odbc", "provider": "tree", "version": "26.11.0", "plugins": ["Odbc"]},
            ],
            "missing": [{"name": "ohif", "plugins": ["Ohif"], "reason": "its bundle is not in the lock"}],
        },
    )
    config.image.file("/usr/share/orthanc/plugins/libOrthancNeuro.so", b"\x7fELF")
    code, output, _ = config(
        "plugins",
        environment={**LOCAL, "DICOM_WEB_PLUGIN_ENABLED": "true", "TCIA_PLUGIN_ENABLED": "true"},
    )
    found = {line.split()[0]: " ".join(line.split()[1:]) for line in output.splitlines()}
    assert code == 0
    chosen = ("DicomWeb", "Gdcm", "Wsi", "Odbc", "Neuro", "Transfers", "Ohif", "Tcia")
    assert {name: found[name] for name in chosen} == {
        "DicomWeb": "enabled DICOM_WEB_PLUGIN_ENABLED=true [DICOM_WEB_PLUGIN_ENABLED]"
        " (Debian's version 1.24)",
        "Gdcm": "enabled by default [GDCM_PLUGIN_ENABLED]",
        "Wsi": "available not enabled [WSI_PLUGIN_ENABLED] (Orthanc's own library, version 4.0)",
        "Odbc": "available not enabled [ODBC_PLUGIN_ENABLED] (of these images, version 26.11.0)",
        "Neuro": "available not enabled [NEURO_PLUGIN_ENABLED] (yours)",
        "Transfers": "absent it is not part of these images yet [TRANSFERS_PLUGIN_ENABLED]",
        "Ohif": "absent it is not part of this image, because its bundle is not in the lock"
        " [OHIF_PLUGIN_ENABLED]",
        "Tcia": "absent enabled (TCIA_PLUGIN_ENABLED=true), but it is not part of these images yet"
        " [TCIA_PLUGIN_ENABLED]",
    }


def test_from_json_makes_variables(config: Terminal) -> None:
    """Lines for a compose file; what no variable can express stays in ORTHANC_JSON."""
    document = {
        "Name": 'a "b" $c',
        "HttpPort": 80,
        "RegisteredUsers": {"demo": "1234"},
        "PostgreSQL": {"Host": "db"},
        "Mine": {"key": "${x}"},
        "OverwriteInstances": True,
    }
    code, output, said = config("from-json", said=json.dumps(document))
    assert code == 0
    assert output.splitlines() == [
        'ORTHANC__NAME: "a \\"b\\" $$c"',
        'ORTHANC__HTTP_PORT: "80"',
        'ORTHANC__REGISTERED_USERS: "{ \\"demo\\": \\"1234\\" }"',
        'ORTHANC__POSTGRESQL__HOST: "db"',
        'ORTHANC__OVERWRITE_INSTANCES: "Always"',
        'ORTHANC_JSON: "{ \\"Mine\\": { \\"key\\": \\"\\\\u0024{x}\\" } }"',
    ]
    assert said == "Warning: standard input, 'Mine': there is no such setting. It is passed on as it is.\n"


def test_from_json_and_back(config: Terminal) -> None:
    """What from-json makes, to-json takes back."""
    document = {"Name": "$", "Mine": {"key": "${x}"}, "DicomWeb": {"Servers": {"s": ["u"]}, "Ssl": False}}
    _, lines, _ = config("from-json", said=json.dumps(document))
    code, output, _ = config("to-json", said=lines)
    assert (0, document) == (code, json.loads(output))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "{",
            "standard input: it is not valid JSON: the text ends too early in line 1, column 2."
            " Correct it there.\n",
        ),
        ("[]", "standard input: a configuration is a JSON object. Put it in braces: { … }.\n"),
    ],
)
def test_from_json_refuses_what_is_no_configuration(config: Terminal, said: str, expected: str) -> None:
    """Exit code 78 and the reason."""
    assert (78, "", expected) == config("from-json", said=said)


def test_from_json_says_what_is_wrong_in_it(config: Terminal) -> None:
    """A value that does not fit is a problem here too."""
    code, output, said = config("from-json", said='{"HttpPort": "x"}')
    assert (code, output) == (78, "")
    assert "standard input, 'HttpPort': 'x' is not a whole number. Write a whole number.\n" in said


@pytest.mark.parametrize(
    "said",
    [
        "ORTHANC__NAME=a b\nORTHANC__HTTP_PORT=80\n",
        "environment:\n  ORTHANC__NAME: a b\n  ORTHANC__HTTP_PORT: 80\n",
        "  # comment\n  - ORTHANC__NAME=a b\n  - ORTHANC__HTTP_PORT=80\n",
        "ORTHANC__NAME: 'a b'\nORTHANC__HTTP_PORT: \"80\"\n",
    ],
)
def test_to_json_reads_env_and_compose_files(config: Terminal, said: str) -> None:
    """Both forms of variables, with and without quotes."""
    code, output, _ = config("to-json", said=said)
    assert (code, json.loads(output)) == (0, {"Name": "a b", "HttpPort": 80})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("nonsense", "standard input, line 1: it is not NAME=value. Write one variable a line.\n"),
        ('A=1\nB: "x', "standard input, line 2: a string begins here and never ends. Correct it there.\n"),
    ],
)
def test_to_json_refuses_other_lines(config: Terminal, said: str, expected: str) -> None:
    """The line is named."""
    assert (78, "", expected) == config("to-json", said=said)


def test_to_json_of_the_container(config: Terminal) -> None:
    """Without input, the variables of the container are taken, secrets hidden unless asked for."""
    environment = {"ORTHANC__NAME": "n", "ORTHANC_PASSWORD": "p"}
    _, output, _ = config("to-json", environment=environment)
    assert json.loads(output) == {"Name": "n", "RegisteredUsers": {"orthanc": "(hidden)"}}
    _, output, _ = config("to-json", "--show-secrets", environment=environment)
    assert json.loads(output)["RegisteredUsers"] == {"orthanc": "p"}


def test_write_writes_for_orthanc(config: Terminal) -> None:
    """The file is made anew, as a reset needs it; what the container's arguments named is read again."""
    config.image.file("/more.json", {"DicomAet": "MORE"})
    environment = {**LOCAL, "ORTHANC__NAME": "n", "ORTHANC_STARTUP_PATHS": "/more.json"}
    assert config("write", environment=environment) == (0, "", "")
    assert (config.image.written()["Name"], config.image.written()["DicomAet"]) == ("n", "MORE")


def test_write_leaves_the_file_when_there_are_problems(config: Terminal) -> None:
    """The old configuration stays, and the problems are said."""
    config("write")
    code, _, said = config("write", environment={**LOCAL, "ORTHANC__HTTP_PORT": "x"})
    assert code == 78
    assert said.endswith("The configuration was not written: 1 problem in its configuration (see above).\n")
    assert "HttpPort" not in config.image.written()


def test_a_running_container_remembers_its_arguments(config: Terminal) -> None:
    """``docker exec … config`` reads the files that the container was started with."""
    config.image.file("/proc/1/environ", "A=1\0ORTHANC_STARTUP_PATHS=/more.json\0B=2\0")
    config.image.file("/more.json", {"DicomAet": "MORE"})
    assert json.loads(config("print")[1])["DicomAet"] == "MORE"


@pytest.mark.parametrize("arguments", [["frobnicate"], ["check", "this"], ["print", "it"]])
def test_other_commands_are_refused(config: Terminal, arguments: list[str]) -> None:
    """Exit code 64 and the usage."""
    code, output, said = config(*arguments)
    assert (code, output) == (64, "")
    assert said.startswith(
        f"config: '{' '.join(arguments)}' is not one of its commands.\n\nusage: config COMMAND"
    )


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_usage_on_request(config: Terminal, arguments: list[str]) -> None:
    """Without a command, or when asked, the command explains itself."""
    assert config(*arguments) == (0, cli.USAGE, "")


def test_every_command_is_in_the_usage() -> None:
    """The usage names all commands."""
    assert [name for name in cli.COMMANDS if f"\n  {name} " not in cli.USAGE] == []


def test_the_command_reads_the_real_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As a program it takes its arguments from the command line."""
    monkeypatch.setattr("sys.argv", ["config", "help"])
    assert cli.main() == 0


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_helps(config: Terminal, command: str) -> None:
    """--help after any command prints what there is."""
    assert config(command, "--help") == (0, cli.USAGE, "")


def test_check_looks_for_the_script(config: Terminal) -> None:
    """The start finds by itself that it is not there."""
    name = "BEFORE_ORTHANC_STARTUP_SCRIPT"
    message = (
        f"{name}: there is no '/no.sh'. Mount the script, or correct its path.\n"
        "Orthanc would not start: 1 problem in its configuration (see above).\n"
    )
    assert config("check", environment={**LOCAL, name: "/no.sh -x"}) == (78, "", message)
    config.image.file("/yes.sh", "")
    assert config("check", environment={**LOCAL, name: "/yes.sh"})[0] == 0
