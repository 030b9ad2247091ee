"""The faults of the images with the same documentation, W1 to W80: none of them may be in ours.

Each test is named after the fault and its docstring says what holds here instead. Faults that lie in the
image (user, packages, build) rather than in the start-up code are tested on the image; those of the probe
and of the reset script beside these.
"""

import os
import stat
from pathlib import Path

import pytest

from startup import hostid, main, new_index
from tests.unit.startup.image import LOCAL, Executed, Image

DATABASE = {
    "ORTHANC_JSON": '{"PostgreSQL": {"Host": "j", "Port": 1, "Username": "j", "Database": "j"}}',
    "ORTHANC__POSTGRESQL__HOST": "e",
    "ORTHANC__POSTGRESQL__PORT": "2",
    "ORTHANC__POSTGRESQL__USERNAME": "e",
    "ORTHANC__POSTGRESQL__DATABASE": "e",
}


@pytest.mark.parametrize("order", [1, -1])
def test_w01_file_order_is_the_order_of_names(image: Image, order: int) -> None:
    """Files are read in order of name, whatever the folder's own order."""
    for number in (10, 20, 30)[::order]:
        image.file(f"/etc/orthanc/{number}-name.json", {"Name": str(number)})
        image.secret(f"{number}-secret.json", {"DicomAet": str(number)})
    tree = image.tree()
    assert (tree["Name"], tree["DicomAet"]) == ("30", "30")


@pytest.mark.parametrize("order", [1, -1])
def test_w02_variables_do_not_depend_on_their_order(image: Image, order: int) -> None:
    """ORTHANC_JSON comes first, then variables, parents before children, whatever the order they come in."""
    both = {**DATABASE, "ORTHANC__DICOM_WEB__ROOT": "/child/", "ORTHANC__DICOM_WEB": '{"Root": "/parent/"}'}
    tree = image.tree(dict(list(both.items())[::order]))
    assert [tree["PostgreSQL"][key] for key in ("Host", "Port", "Username", "Database")] == ["e", 2, "e", "e"]
    assert tree["DicomWeb"]["Root"] == "/child/"


def test_w03_a_broken_file_stops_the_start(image: Image) -> None:
    """A file that is not JSON is a problem with line and column, and no other file stands in for it."""
    image.file("/etc/orthanc/a.json", {"Name": "a"})
    image.file("/etc/orthanc/b.json", '{\n  "Name" "b"\n}')
    assert image.problems() == [
        "/etc/orthanc/b.json: it is not valid JSON: '\"' is not expected in line 2, column 10."
        " Correct it there."
    ]


@pytest.mark.parametrize("text", ['{"a": ["A", "h", 104],}', '{"a": ["A"', "{demo:demo}"])
def test_w04_broken_json_in_a_variable_is_a_problem(image: Image, text: str) -> None:
    """What should be an object and is not never becomes text."""
    for name in ("ORTHANC__DICOM_MODALITIES", "ORTHANC__REGISTERED_USERS"):
        (problem,) = image.problems({name: text})
        assert problem.startswith(f"{name}: it is not valid JSON: ")
        assert " in line 1, column " in problem


def test_w04_json_in_a_variable_may_have_comments(image: Image) -> None:
    """An object with a comment is an object."""
    assert image.tree({"ORTHANC__DICOM_MODALITIES": '{"a": ["A", "h", 104]} // it'})["DicomModalities"] == {
        "a": ["A", "h", 104]
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ORTAHNC__DICOM_AET", "it is not read. Did you mean ORTHANC__DICOM_AET?"),
        ("ORTHANC_DICOM_AET", "it is not read. Did you mean ORTHANC__DICOM_AET?"),
        ("ORTHANC_JOSN", "it is not read. Did you mean ORTHANC_JSON?"),
        ("ORTHANC__JSON", "there is no such setting. Did you mean ORTHANC_JSON?"),
        ("VEBOSE_ENABLED", "it is not read. Did you mean VERBOSE_ENABLED?"),
        ("DICOMWEB_PLUGIN_ENABLED", "it is not read. Did you mean DICOM_WEB_PLUGIN_ENABLED?"),
        (
            "ORTHANC_EXPLORER_2_PLUGIN_ENABLED",
            "it is not read. Did you mean ORTHANC_EXPLORER_2_ENABLED?",
        ),
        (
            "ORTHANC__POSTGRESQL_PASSWORD",
            "there is no such setting. Did you mean ORTHANC__POSTGRESQL__PASSWORD?",
        ),
        ("orthanc__name", "it is not read. Did you mean ORTHANC__NAME?"),
        ("Orthanc_Foo_Bar_Quux", "it is not read. Look at `config list`."),
    ],
)
def test_w05_unknown_names_are_noticed(image: Image, name: str, expected: str) -> None:
    """A name that looks like ours and is not known is a warning with the nearest known one."""
    assert [f"{name}: {expected}"] == image.warnings({name: "true"})
    assert [f"{name}: {expected}"] == image.problems({name: "true", "STRICT_CONFIGURATION": "true"})


def test_w05_names_of_other_programs_are_left_alone(image: Image) -> None:
    """What has nothing to do with us is not mentioned."""
    others = (
        "PATH",
        "HOME",
        "HOSTNAME",
        "LANG",
        "TZ",
        "PYTHONUTF8",
        "http_proxy",
        "AWS_REGION",
        "DEBUG",
        "LOG",
    )
    assert image.warnings(dict.fromkeys(others, "x")) == []


@pytest.mark.parametrize(
    ("name", "text", "path", "expected"),
    [
        ("ORTHANC__MAXIMUM_REQUEST_BODY_SIZE_MB", "5", ("MaximumRequestBodySizeMB",), 5),
        ("ORTHANC__STL__ENABLE_NEXUS", "true", ("STL", "EnableNexus"), True),
        ("ORTHANC__SYNCHRONOUS_CMOVE", "no", ("SynchronousCMove",), False),
        ("ORTHANC__WARNINGS__W003_DECODER_FAILURE", "off", ("Warnings", "W003_DecoderFailure"), False),
    ],
)
def test_w06_natural_names_arrive(
    image: Image, name: str, text: str, path: tuple[str, ...], expected: object
) -> None:
    """Names with runs of capitals or underscores reach their setting."""
    found = image.found({name: text, "STL_PLUGIN_ENABLED": "false"})
    assert found.findings == []
    value: object = found.tree
    for key in path:
        assert isinstance(value, dict)
        value = value[key]
    assert expected == value


@pytest.mark.parametrize("word", ["False", "0", "no", "OFF", "false"])
def test_w07_switches_have_one_grammar(image: Image, word: str) -> None:
    """Every word for no disables a plugin, and an empty variable counts as not set."""
    for text in (word, ""):
        plugins = image.tree({"DICOM_WEB_PLUGIN_ENABLED": text})["Plugins"]
        assert not [path for path in plugins if "DicomWeb" in path]


def test_w07_a_switch_that_is_no_boolean_is_a_problem(image: Image) -> None:
    """Anything else is refused, for every switch alike."""
    how = "is neither true nor false. Write true or false (yes and no, on and off, 1 and 0 also work)."
    names = ("DICOM_WEB_PLUGIN_ENABLED", "VERBOSE_ENABLED", "VERBOSE_STARTUP", "NO_JOBS")
    assert sorted(f"{name}: 'maybe' {how}" for name in names) == sorted(
        image.problems(dict.fromkeys(names, "maybe"))
    )


def test_w07_verbose_accepts_what_switches_accept(image: Image) -> None:
    """VERBOSE_ENABLED=True and =1 are as good as =true."""
    for word in ("True", "1", "yes"):
        _, executed = image.start({**LOCAL, "VERBOSE_ENABLED": word})
        assert executed.line == ["Orthanc", "--verbose", "/tmp/orthanc.json"]


def test_w08_oe2_enabled_points_to_what_is_meant(image: Image) -> None:
    """OE2_ENABLED says what to use; the existing images still read it, so it is a warning."""
    assert image.warnings({"OE2_ENABLED": "false"}) == [
        "OE2_ENABLED: this name is no longer read."
        " Use ORTHANC__ORTHANC_EXPLORER_2__IS_DEFAULT_ORTHANC_UI instead."
    ]


@pytest.mark.parametrize("text", ["pa$$word", "cost$5", "a$b$c", "$TODAY$", "\\$", "$home", "a$"])
def test_w09_dollars_in_files_stay(image: Image, text: str) -> None:
    """A dollar that begins the name of no variable is a dollar."""
    image.file("/etc/orthanc/a.json", {"Name": text})
    assert text == image.tree({"HOME": "/root", "B": "B"})["Name"]


def test_w09_a_dollar_before_a_variable_can_be_written(image: Image) -> None:
    """As its escape, which works in the other images too."""
    image.file("/etc/orthanc/a.json", '{"Name": "\\u0024HOME \\u0024{HOME}"}')
    assert image.tree({"HOME": "/root"})["Name"] == "$HOME ${HOME}"


def test_w09_an_undefined_variable_in_a_file_is_a_problem(image: Image) -> None:
    """A variable that is not there is named, with the ways out."""
    image.file("/etc/orthanc/a.json", {"Name": "${NOPE}", "Locale": "${NOPE}${ALSO}"})
    how = "Define it, give a default as in ${%s:-default}, or write $${ for a literal ${."
    assert [
        f"/etc/orthanc/a.json: the variable {name} in line 1, column {column} is not defined. {how % name}"
        for name, column in (("NOPE", 11), ("NOPE", 32), ("ALSO", 39))
    ] == image.problems()


def test_w10_orthanc_expands_nothing_a_second_time(image: Image) -> None:
    """In what is written for Orthanc no dollar is left that it could replace."""
    assert image.start({**LOCAL, "ORTHANC__NAME": "a${HOME}b", "HOME": "/root"})[0] == 0
    assert "$" not in (image.path / "tmp/orthanc.json").read_text()
    assert image.written()["Name"] == "a${HOME}b"


def test_w11_substituted_text_cannot_break_out(image: Image) -> None:
    """A variable put into a file stays within its string."""
    image.file("/etc/orthanc/a.json", '{"Name": "${FOO}"}')
    foo = 'a","AuthenticationEnabled":false,"x":"'
    tree = image.tree({"FOO": foo, "ORTHANC_PASSWORD": "p", "ORTHANC__REMOTE_ACCESS_ALLOWED": "true"})
    assert (foo, True) == (tree["Name"], tree["AuthenticationEnabled"])


def test_w12_a_secret_that_misses_is_a_problem(image: Image) -> None:
    """A file that does not exist is named."""
    assert image.problems({"ORTHANC__POSTGRESQL__PASSWORD_SECRET": "pgwp"}) == [
        "ORTHANC__POSTGRESQL__PASSWORD_SECRET: the file /run/secrets/pgwp does not exist."
        " Give the name of a secret in /run/secrets, or a path."
    ]


def test_w12_a_secret_may_be_given_by_its_path(image: Image) -> None:
    """A path is as good as a bare name."""
    image.secret("pgpw", "12345678\n")
    for place in ("pgpw", "/run/secrets/pgpw"):
        tree = image.tree({"ORTHANC__POSTGRESQL__HOST": "db", "ORTHANC__POSTGRESQL__PASSWORD_SECRET": place})
        assert tree["PostgreSQL"]["Password"] == "12345678"


def test_w13_names_that_end_in_secret_are_not_swallowed(image: Image) -> None:
    """Variables of other programs are left alone, whatever their ending."""
    assert image.warnings({"OAUTH_CLIENT_SECRET": "s3cr3t"}) == []
    assert "s3cr3t" not in str(image.tree({"OAUTH_CLIENT_SECRET": "s3cr3t"}))


def test_w13_an_unknown_setting_may_end_in_secret(image: Image) -> None:
    """Where neither the setting nor a secret of this name is known, the text is the value."""
    found = image.found({"ORTHANC__MY_PLUGIN__CLIENT_SECRET": "abc"})
    assert found.tree["MyPlugin"] == {"ClientSecret": "abc"}
    assert [str(finding) for finding in found.findings] == [
        "ORTHANC__MY_PLUGIN__CLIENT_SECRET: there is no such setting."
        " It is passed on as 'MyPlugin.ClientSecret'."
    ]


def test_w13_an_unknown_setting_may_come_from_a_secret(image: Image) -> None:
    """Where there is a secret of this name, or a path is given, the value is in the file."""
    image.secret("abc", "value")
    for text in ("abc", "/run/secrets/abc"):
        found = image.found({"ORTHANC__MY_PLUGIN__CLIENT_SECRET": text})
        assert found.tree["MyPlugin"] == {"Client": "value"}
    (problem,) = image.problems({"ORTHANC__MY_PLUGIN__CLIENT_SECRET": "/no"})
    assert problem.startswith("ORTHANC__MY_PLUGIN__CLIENT_SECRET: the file /no does not exist.")


@pytest.mark.parametrize("way", ["name", "secret", "file", "levels"])
def test_w14_password_and_json_may_be_secrets(image: Image, way: str) -> None:
    """ORTHANC_PASSWORD and ORTHANC_JSON can come from files in every way."""
    variables = {"ORTHANC__REMOTE_ACCESS_ALLOWED": "true"}
    for name, content in (("ORTHANC_PASSWORD", "1234\n"), ("ORTHANC_JSON", '{"Name": "n"}')):
        image.secret(name if way == "name" else f"a-{name.lower()}", content)
        if way == "secret":
            variables[f"{name}_SECRET"] = f"a-{name.lower()}"
        if way == "file":
            variables[f"{name}_FILE"] = f"/run/secrets/a-{name.lower()}"
        if way == "levels":
            variables[f"{name}__FILE"] = f"/run/secrets/a-{name.lower()}"
    tree = image.tree(variables)
    assert (tree["Name"], tree["RegisteredUsers"]) == ("n", {"orthanc": "1234"})


def test_w15_json_of_other_programs_is_left_alone(image: Image) -> None:
    """The key of a service account among the secrets is no configuration."""
    keys = (
        "type project_id private_key_id private_key client_email client_id auth_uri token_uri"
        " auth_provider_x509_cert_url client_x509_cert_url universe_domain"
    )
    image.secret("sa.json", dict.fromkeys(keys.split(), "x"))
    image.secret("config.json", {"auths": {}, "credHelpers": {}})
    image.secret("keys.json", {"keys": []})
    assert image.tree().keys() == Image(image.path / "other").tree().keys()


def test_w15_a_mistyped_configuration_among_the_secrets_is_not_taken_for_such(image: Image) -> None:
    """A file whose only key is nearly a setting is read, with its warning."""
    image.secret("mine.json", {"RegistredUsers": {}})
    assert image.warnings() == [
        "/run/secrets/mine.json, 'RegistredUsers': there is no such setting. Did you mean 'RegisteredUsers'?"
    ]


def test_w15_a_broken_json_among_the_secrets_is_a_problem(image: Image) -> None:
    """What is no JSON at all cannot be told apart from a configuration with a mistake."""
    image.secret("mine.json", '{"RegisteredUsers": }')
    assert image.problems() == [
        "/run/secrets/mine.json: it is not valid JSON: '}' is not expected in line 1, column 21."
        " Correct it there."
    ]


def test_w16_a_secret_with_an_ending_is_not_guessed(image: Image) -> None:
    """A secret named like a variable with an ending is a warning."""
    image.secret("ORTHANC__POSTGRESQL__PASSWORD.txt", "p")
    assert image.warnings() == [
        "/run/secrets/ORTHANC__POSTGRESQL__PASSWORD.txt: it is not read, since its name is not"
        " that of a variable."
        " Name it ORTHANC__POSTGRESQL__PASSWORD."
    ]


def test_w16_a_json_secret_is_read_once(image: Image) -> None:
    """A JSON file among the secrets is a configuration and nothing else."""
    image.secret("ORTHANC__REGISTERED_USERS.json", {"RegisteredUsers": {"a": "b"}})
    assert image.tree()["RegisteredUsers"] == {"a": "b"}


@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        (
            "POSTGRESQL_PLUGIN_ENABLED",
            "PostgreSQL: 'PostgreSQL.Host' is not given, and the plugin PostgreSQL is enabled"
            " (POSTGRESQL_PLUGIN_ENABLED=true). Set ORTHANC__POSTGRESQL__HOST.",
        ),
        (
            "MYSQL_PLUGIN_ENABLED",
            "MySQL: 'MySQL.Host' is not given, and the plugin MySQL is enabled"
            " (MYSQL_PLUGIN_ENABLED=true). Set ORTHANC__MYSQL__HOST.",
        ),
    ],
)
def test_w17_placeholders_are_problems(image: Image, switch: str, expected: str) -> None:
    """A database without a host is found before Orthanc starts."""
    assert [expected] == image.problems({switch: "true"})


def test_w18_two_indexes_are_a_problem(image: Image) -> None:
    """Two plugins that both want to be the index are named, with the ways out."""
    assert image.problems({"ORTHANC__POSTGRESQL__HOST": "a", "ORTHANC__MYSQL__HOST": "b"}) == [
        "PostgreSQL and MySQL: Orthanc can have only one index, and these are enabled."
        " Set ORTHANC__POSTGRESQL__ENABLE_INDEX=false or ORTHANC__MYSQL__ENABLE_INDEX=false."
    ]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("ORTHANC__DICOM_AET", "1234", "1234"),
        ("ORTHANC__DICOM_AET", "1E5", "1E5"),
        ("ORTHANC__NAME", "true", "true"),
        ("ORTHANC__HTTP_PORT", "8042", 8042),
        ("ORTHANC__OVERWRITE_INSTANCES", "true", "Always"),
    ],
)
def test_w19_types_are_those_of_the_settings(image: Image, name: str, text: str, expected: object) -> None:
    """Text stays text, numbers become numbers."""
    assert expected in image.tree({name: text}).values()


@pytest.mark.parametrize("text", ['"x"', "8042.0", "NaN", "0x10", "1_000"])
def test_w19_what_is_no_number_is_refused(image: Image, text: str) -> None:
    """A port that is not a whole number is a problem that names the variable."""
    bare = text.strip('"')
    assert [f"ORTHANC__HTTP_PORT: '{bare}' is not a whole number. Write a whole number."] == image.problems(
        {"ORTHANC__HTTP_PORT": text}
    )


@pytest.mark.parametrize("content", ["12345678", "true", "1e5", "{}", "[1]", "null"])
def test_w19_a_secret_stays_text(image: Image, content: str) -> None:
    """A password is text whatever it looks like."""
    image.secret("ORTHANC__POSTGRESQL__PASSWORD", content)
    assert content == image.tree({"ORTHANC__POSTGRESQL__HOST": "db"})["PostgreSQL"]["Password"]


@pytest.mark.parametrize("name", ["HTTP_PORT", "STABLE_AGE", "STORAGE_DIRECTORY", "DICOM_MODALITIES"])
def test_w20_an_empty_variable_is_not_set(image: Image, name: str) -> None:
    """A variable that compose left empty changes nothing."""
    assert image.tree() == image.tree({f"ORTHANC__{name}": ""})


def test_w20_an_empty_secret_is_a_problem(image: Image) -> None:
    """An empty file is not taken for a password, nor passed over."""
    image.secret("ORTHANC__POSTGRESQL__PASSWORD", "\n")
    path = "/run/secrets/ORTHANC__POSTGRESQL__PASSWORD"
    assert [f"{path}: the file {path} is empty. Write the value to it."] == image.problems()


def test_w21_a_disabled_plugin_is_gone(image: Image) -> None:
    """The libraries are named anew at each start, nothing is copied."""
    before = sorted(os.walk(image.path / "usr"))
    for word, expected in (("true", True), ("false", False)):
        image.start({**LOCAL, "DICOM_WEB_PLUGIN_ENABLED": word})
        assert expected == any("DicomWeb" in path for path in image.written()["Plugins"])
    assert before == sorted(os.walk(image.path / "usr"))


def test_w22_relative_paths_start_from_the_file(image: Image) -> None:
    """A relative path in a file starts from the folder of that file, elsewhere from /etc/orthanc."""
    image.file("/etc/orthanc/my.lua", "")
    image.file("/other/your.lua", "")
    image.file("/other/a.json", {"LuaScripts": ["your.lua"]})
    assert image.tree({"ORTHANC__LUA_SCRIPTS": '["my.lua"]'})["LuaScripts"] == ["/etc/orthanc/my.lua"]
    assert image.tree({}, "/other/a.json")["LuaScripts"] == ["/other/your.lua"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"Name": "a", "Name": "b"}', "the key 'Name' is given twice in one object in line 1, column 15"),
        ('{"HttpPort": NaN}', "NaN is not a number in JSON in line 1, column 14"),
        ('{"Name": "a}', "a string begins here and never ends in line 1, column 10"),
    ],
)
def test_w23_duplicates_and_oddities_are_problems(image: Image, content: str, expected: str) -> None:
    """What is doubtful in a file is not read one way or the other."""
    image.file("/etc/orthanc/a.json", content)
    assert [f"/etc/orthanc/a.json: it is not valid JSON: {expected}. Correct it there."] == image.problems()


def test_w24_a_second_password_for_orthanc_is_said(image: Image) -> None:
    """ORTHANC_PASSWORD over another password of the same user is a warning."""
    image.file("/etc/orthanc/a.json", {"RegisteredUsers": {"orthanc": "one"}})
    assert image.warnings({"ORTHANC_PASSWORD": "one"}) == []
    assert image.warnings({"ORTHANC_PASSWORD": "two"}) == [
        "ORTHANC_PASSWORD: it replaces the password of the user 'orthanc' from /etc/orthanc/a.json."
        " Keep one of the two."
    ]


def test_w24_an_empty_password_is_a_problem(image: Image) -> None:
    """A user without a password is refused."""
    assert image.problems({"ORTHANC__REGISTERED_USERS": '{"demo": ""}'}) == [
        "ORTHANC__REGISTERED_USERS, 'RegisteredUsers.demo': the password of the user 'demo' is empty."
        " Give a password."
    ]


@pytest.mark.parametrize(
    ("content", "kind"),
    [("true", "'true'"), ('"abc"', "'abc'"), ('["Root"]', "a list"), ("5", "'5'")],
)
def test_w30_an_object_over_something_else_is_a_problem(image: Image, content: str, kind: str) -> None:
    """A section that is no object is refused by its place; nothing breaks."""
    image.file("/etc/orthanc/a.json", f'{{"DicomWeb": {content}}}')
    how = 'a JSON object such as {"key": "value"}'
    if content == '"abc"':
        wrong = "it is not valid JSON: 'a' is not expected in line 1, column 1"
    else:
        wrong = f"{kind} is not {how}"
    assert [f"/etc/orthanc/a.json, 'DicomWeb': {wrong}. Write {how}."] == image.problems(
        {"ORTHANC__DICOM_WEB__ROOT": "/x/"}
    )


def test_w30_an_object_over_a_single_value_names_both_places(image: Image) -> None:
    """Where the catalogue does not help, the two places are named."""
    image.file("/etc/orthanc/a.json", {"Mine": True})
    assert image.problems({"ORTHANC__MINE__ROOT": "/x"}) == [
        "ORTHANC__MINE__ROOT: 'Mine' is an object here but a single value in /etc/orthanc/a.json."
        " Give it the same form in both places."
    ]


@pytest.mark.parametrize(("content", "kind"), [("[1]", "a list"), ("null", "null"), ("5", "a number")])
def test_w31_a_document_that_is_no_object_is_a_problem(image: Image, content: str, kind: str) -> None:
    """In files, secrets and ORTHANC_JSON alike."""
    image.file("/etc/orthanc/a.json", content)
    image.secret("b.json", content)
    how = f"it holds {kind} where a configuration is an object. Put it in braces: {{ … }}."
    places = ("/etc/orthanc/a.json", "/run/secrets/b.json", "ORTHANC_JSON")
    assert [f"{place}: {how}" for place in places] == image.problems({"ORTHANC_JSON": content})


def test_w32_a_folder_in_place_of_a_file_is_explained(image: Image) -> None:
    """Docker makes a folder where the file to mount is missing."""
    (image.path / "etc/orthanc/orthanc.json").mkdir()
    assert image.problems() == [
        "/etc/orthanc/orthanc.json: it is a folder, not a file."
        " Docker creates such a folder when the file to mount does not exist: check its path."
    ]


def test_w33_a_byte_order_mark_does_no_harm(image: Image) -> None:
    """A file saved by an editor that puts a mark first is read."""
    image.file("/etc/orthanc/a.json", b'\xef\xbb\xbf{"Name": "a"}')
    assert image.tree()["Name"] == "a"


def test_w33_a_file_in_another_encoding_is_explained(image: Image) -> None:
    """A file in Latin-1 is a problem with its line."""
    image.file("/etc/orthanc/a.json", b'{\n"Name": "caf\xe9"}')
    assert image.problems() == [
        "/etc/orthanc/a.json: it is not text in UTF-8 (see line 2). Save it as plain text in UTF-8."
    ]


def test_w34_unrelated_secrets_are_not_opened(image: Image) -> None:
    """Certificates and the like among the secrets are left alone, readable or not."""
    image.secret("cert.p12", b"\x00\xff\xfe")
    (image.path / "run/secrets/kubernetes.io").mkdir()
    (image.path / "run/secrets/dangling").symlink_to("/nowhere")
    assert image.found().findings == []


def test_w34_a_secret_of_ours_must_be_text(image: Image) -> None:
    """A binary file with the name of a variable is a problem."""
    image.secret("ORTHANC__POSTGRESQL__PASSWORD", b"\xff\xfe")
    image.secret("ORTHANC__NAME", b"a\x00b")
    assert image.problems() == [
        "/run/secrets/ORTHANC__NAME: it is not text. Save it as plain text in UTF-8.",
        "/run/secrets/ORTHANC__POSTGRESQL__PASSWORD: it is not text in UTF-8 (see line 1)."
        " Save it as plain text in UTF-8.",
    ]


@pytest.mark.parametrize(
    "name",
    ["ORTHANC__", "ORTHANC__A__", "ORTHANC__DICOM_WEB___ROOT", "ORTHANC__NAME_", "ORTHANC____NAME"],
)
def test_w35_names_with_an_empty_word_are_named(image: Image, name: str) -> None:
    """A slip with underscores is a problem that names the variable."""
    assert [
        f"{name}: its name has an empty word. Write two underscores between levels and one between words,"
        " as in ORTHANC__DICOM_WEB__ROOT."
    ] == image.problems({name: "x"})


@pytest.mark.parametrize("name", ["NAME", "LOCALE", "PLUGINS", "PEERS", "STORAGE_DIR", "HTTP_PORT"])
def test_w36_old_names_do_not_stop_the_start(image: Image, name: str) -> None:
    """A name that other programs set as well has no effect, and a warning tells today's."""
    found = image.found({name: "x"})
    assert [str(each) for each in found.findings if each.fatal] == []
    (warning,) = [str(each) for each in found.findings]
    assert warning.startswith(f"{name}: this name is no longer read. Use ORTHANC__")
    assert image.found().tree == found.tree


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PG_PORT", "tcp://10.0.0.1:5432"),
        ("HTTP_PORT", "tcp://10.0.0.1:80"),
        ("DICOM_PORT", "tcp://10.0.0.1:104"),
        ("ORTHANC_PORT", "tcp://10.0.0.1:8042"),
        ("ORTHANC_SERVICE_HOST", "10.0.0.1"),
        ("ORTHANC_SERVICE_PORT", "8042"),
        ("ORTHANC_SERVICE_PORT_HTTP", "8042"),
        ("ORTHANC_PORT_8042_TCP", "tcp://10.0.0.1:8042"),
        ("ORTHANC_PORT_8042_TCP_ADDR", "10.0.0.1"),
        ("ORTHANC_PORT_8042_TCP_PROTO", "tcp"),
    ],
)
def test_w36_service_links_are_ignored(image: Image, name: str, text: str) -> None:
    """What Kubernetes sets for a service of that name is passed over in silence."""
    assert image.found({name: text}).findings == []


@pytest.mark.parametrize("content", ["5", "null", '"demo:demo"', "[]"])
def test_w37_users_of_another_type_are_a_problem(image: Image, content: str) -> None:
    """RegisteredUsers must be an object, with or without ORTHANC_PASSWORD."""
    image.file("/etc/orthanc/a.json", f'{{"RegisteredUsers": {content}}}')
    for environment in ({}, {"ORTHANC_PASSWORD": "p"}):
        (problem,) = image.problems(environment)
        assert problem.startswith("/etc/orthanc/a.json, 'RegisteredUsers': ")


def test_w38_without_a_web_server_no_user_is_needed(image: Image) -> None:
    """A DICOM-only server starts without users."""
    asking = {"ORTHANC__REMOTE_ACCESS_ALLOWED": "true"}
    assert image.tree({**asking, "ORTHANC__HTTP_SERVER_ENABLED": "false"})["RegisteredUsers"] == {}


def test_w38_with_the_authorization_plugin_no_user_is_needed(image: Image) -> None:
    """Where the plugin's service alone decides who may do what, there need be no user."""
    image.file("/usr/share/orthanc/plugins-available/libOrthancAuthorization.so", "")
    asking = {
        "ORTHANC__REMOTE_ACCESS_ALLOWED": "true",
        "ORTHANC__AUTHENTICATION_ENABLED": "false",
        "ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL": "http://service/",
    }
    assert image.tree(asking)["RegisteredUsers"] == {}


def test_w38_false_in_capitals_is_false(image: Image) -> None:
    """AuthenticationEnabled takes every word for no."""
    assert image.tree({"ORTHANC__AUTHENTICATION_ENABLED": "False"})["AuthenticationEnabled"] is False


def test_w39_a_plugin_of_the_full_image_points_to_it(image: Image) -> None:
    """On the default image the message names the variant that has it, as the image's list says."""
    reason = "it comes with the variant 'full'"
    missing = [{"name": "azure", "plugins": ["AzureBlobStorage"], "reason": reason}]
    image.file("/usr/share/orthanc/components.json", {"variant": "default", "missing": missing})
    (problem,) = image.problems({"AZURE_BLOB_STORAGE_PLUGIN_ENABLED": "true"})
    assert (
        problem
        == "AzureBlobStorage: it is enabled (AZURE_BLOB_STORAGE_PLUGIN_ENABLED=true) but it is not part of"
        " this image, because it comes with the variant 'full'. Set"
        " AZURE_BLOB_STORAGE_PLUGIN_ENABLED=false to go without it, or add libOrthancAzureBlobStorage.so to"
        " /usr/share/orthanc/plugins."
    )


def test_w39_a_plugin_that_was_left_out_says_why(image: Image) -> None:
    """The reason comes from the image's own list of components."""
    missing = [{"name": "transfers", "plugins": ["Transfers"], "reason": "its provider was out of reach."}]
    image.file("/usr/share/orthanc/components.json", {"missing": missing})
    assert image.problems({"TRANSFERS_PLUGIN_ENABLED": "true"}) == [
        "Transfers: it is enabled (TRANSFERS_PLUGIN_ENABLED=true) but it is not part of this"
        " image, because its"
        " provider was out of reach. Set TRANSFERS_PLUGIN_ENABLED=false to go without it, or add"
        " libOrthancTransfers.so to /usr/share/orthanc/plugins."
    ]


@pytest.mark.parametrize("line", [["bash"], ["sh", "-c", "ls /etc/orthanc"], ["Orthanc", "--version"]])
def test_w40_other_programs_run(image: Image, line: list[str]) -> None:
    """What is no option, JSON file or folder is executed as it is."""
    code, executed = image.start({}, *line)
    assert (0, line) == (code, executed.line)


def test_w40_options_and_folders_are_for_orthanc(image: Image) -> None:
    """The arguments of other images' compose files work."""
    code, executed = image.start(LOCAL, "/etc/orthanc", "--verbose")
    assert (code, executed.line) == (0, ["Orthanc", "--verbose", "/tmp/orthanc.json"])
    code, executed = image.start(LOCAL, "/tmp/orthanc.json")
    assert (code, executed.line) == (0, ["Orthanc", "/tmp/orthanc.json"])


def test_w41_all_problems_at_once(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """One start shows every problem, then one closing line, and ends with exit code 78."""
    image.file("/etc/orthanc/a.json", "{")
    environment = {
        "ORTHANC__HTTP_PORT": "x",
        "ORTHANC__A__": "1",
        "NO_JOBS": "maybe",
        "MYSQL_PLUGIN_ENABLED": "yes",
        "FORCE_HOST_ID": "xyz",
    }
    code, executed = image.start(environment)
    said = capsys.readouterr().err.splitlines()
    assert (code, executed.line) == (78, [])
    assert said[-1] == "Orthanc was not started: 5 problems in its configuration (see above)."
    assert len(said) == 8
    assert not [line for line in said if "has no user" in line or "is not given" in line]
    assert not (image.path / "tmp/orthanc.json").exists()


def test_w50_the_written_configuration_is_private(image: Image) -> None:
    """Only its owner may read it."""
    image.start({**LOCAL, "ORTHANC_PASSWORD": "p"})
    assert stat.S_IMODE((image.path / "tmp/orthanc.json").stat().st_mode) == 0o600


def test_w51_verbose_startup_shows_no_secrets(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """Passwords are hidden unless they are asked for."""
    secrets = {"ORTHANC_PASSWORD": "s3cr3t", "ORTHANC__MY_PLUGIN__API_TOKEN": "s3cr3t"}
    image.start({**LOCAL, **secrets, "VERBOSE_STARTUP": "true"})
    said = capsys.readouterr().err
    assert 'RegisteredUsers.orthanc = "(hidden)"  (ORTHANC_PASSWORD)' in said
    assert "s3cr3t" not in said
    image.start({**LOCAL, **secrets, "VERBOSE_STARTUP": "secrets"})
    assert 'RegisteredUsers.orthanc = "s3cr3t"' in capsys.readouterr().err


def test_w53_nothing_but_the_written_files_is_touched(image: Image) -> None:
    """A start writes the configuration, the host id and a note beside a new index: any user can do it."""
    (image.path / "etc/hostid").symlink_to(image.path / "dev/shm/hostid")
    before = set(image.path.rglob("*"))
    image.start({**LOCAL, "DICOM_WEB_PLUGIN_ENABLED": "true"})
    after = set(image.path.rglob("*"))
    note = image.path / "var/lib/orthanc/db" / new_index.NOTE
    assert {image.path / "tmp/orthanc.json", image.path / "dev/shm/hostid", note} == after - before


def test_w55_a_read_only_root_is_enough(image: Image) -> None:
    """Where /tmp cannot be written, /dev/shm takes the configuration; the host id is a link there."""
    (image.path / "tmp").rmdir()
    (image.path / "tmp").write_text("no folder")
    (image.path / "etc/hostid").symlink_to(image.path / "dev/shm/hostid")
    code, executed = image.start(LOCAL)
    assert (code, executed.line) == (0, ["Orthanc", "/dev/shm/orthanc.json"])
    assert sorted(path.name for path in (image.path / "dev/shm").iterdir()) == ["hostid", "orthanc.json"]


def test_w60_the_host_id_is_what_gethostid_reads(image: Image) -> None:
    """The file holds the four bytes of the number, in the order of the machine."""
    image.start({**LOCAL, "FORCE_HOST_ID": "1234abcd"})
    assert (image.path / "etc/hostid").read_bytes() == b"\xcd\xab\x34\x12"


def test_w60_random_host_ids_use_all_bits(image: Image) -> None:
    """Two random host ids differ."""
    found = set()
    for _ in range(4):
        (image.path / "etc/hostid").unlink(missing_ok=True)
        image.start(LOCAL)
        found.add((image.path / "etc/hostid").read_bytes())
    assert len(found) == 4
    assert {hostid.LENGTH} == {len(each) for each in found}


@pytest.mark.parametrize("word", ["false", "False", "0", "no"])
def test_w61_no_host_id_is_made_when_it_is_not_wanted(image: Image, word: str) -> None:
    """The file stays away, rather than holding some text that all containers share."""
    image.start({**LOCAL, "GENERATE_HOST_ID_IF_MISSING": word})
    assert not (image.path / "etc/hostid").exists()


@pytest.mark.parametrize(
    ("text", "expected"), [("ab", b"\xab\0\0\0"), ("0xFF", b"\xff\0\0\0"), ("0", b"\0\0\0\0")]
)
def test_w62_a_short_host_id_is_a_number_too(image: Image, text: str, expected: bytes) -> None:
    """Fewer digits make a smaller number, and always four bytes."""
    image.start({**LOCAL, "FORCE_HOST_ID": text})
    assert expected == (image.path / "etc/hostid").read_bytes()


@pytest.mark.parametrize("text", ["xyz", "123456789", "12 34", "-1"])
def test_w62_what_is_no_host_id_is_a_problem(
    image: Image, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Anything but one to eight hexadecimal digits is refused."""
    assert image.start({**LOCAL, "FORCE_HOST_ID": text})[0] == 78
    assert (
        f"FORCE_HOST_ID: '{text}' is not a host id. Write one to eight hexadecimal digits."
        in capsys.readouterr().err
    )


def test_w74_sigterm_ends_the_start_at_once(image: Image, tmp_path: Path) -> None:
    """A script that hangs does not keep a container that is being stopped."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - the other process
        os.dup2(writer, 1)
        main.start(
            [],
            {**LOCAL, "BEFORE_ORTHANC_STARTUP_SCRIPT": "sh -c 'echo go; exec sleep 60'"},
            image.root,
            Executed(),
        )
        os._exit(1)
    os.read(reader, 2)
    os.kill(child, 15)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 143


def test_w76_enabling_a_plugin_copies_nothing(image: Image) -> None:
    """Libraries are handed to Orthanc by their path."""
    assert image.tree({"DICOM_WEB_PLUGIN_ENABLED": "true"})["Plugins"] == [
        "/usr/share/orthanc/plugins/",
        "/usr/share/orthanc/plugins-available/libOrthancDicomWeb.so",
        "/usr/share/orthanc/plugins-available/libOrthancGdcm.so",
    ]


def test_w77_the_configuration_is_replaced_whole(image: Image) -> None:
    """A new file takes the place of the old one, which a reader may still hold open."""
    image.start({**LOCAL, "ORTHANC__NAME": "one"})
    with (image.path / "tmp/orthanc.json").open() as old:
        image.start({**LOCAL, "ORTHANC__NAME": "two"})
        assert '"one"' in old.read()
    assert image.written()["Name"] == "two"
    assert [path.name for path in (image.path / "tmp").iterdir()] == ["orthanc.json"]


def test_w78_a_normal_start_says_nothing(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """No folder is handed to Orthanc that does not exist, and nothing but the heading is printed."""
    components = {"name": "orthanc", "variant": "full", "version": "26.11.0"}
    image.file("/usr/share/orthanc/components.json", components)
    image.file("/etc/orthanc/orthanc.json", {})
    image.secret("ORTHANC__NAME", "n")
    image.secret("ORTHANC__DICOM_AET", "n")
    for folder in ("present", "absent"):
        if folder == "absent":
            (image.path / "usr/share/orthanc/plugins").rmdir()
        assert image.start({"ORTHANC_PASSWORD": "p", "DICOM_WEB_PLUGIN_ENABLED": "true"})[0] == 0
        assert folder == (
            "present" if "/usr/share/orthanc/plugins/" in image.written()["Plugins"] else "absent"
        )
    heading = (
        "Image orthanc 26.11.0, variant full, plugins: DicomWeb, Gdcm.\n"
        "Configuration from /etc/orthanc/orthanc.json, 2 variables, 2 secrets.\n"
    )
    assert capsys.readouterr() == ("", heading * 2)


def test_w79_the_script_may_write_configuration_files(image: Image) -> None:
    """What it puts in /etc/orthanc is read after it has run, even when there was no configuration before."""
    folder = image.path / "etc/orthanc"
    script = image.path / "fetch.sh"
    script.write_text(f'#!/bin/sh\necho \'{{"RegisteredUsers": {{"a": "b"}}}}\' > {folder}/late.json\n')
    script.chmod(0o755)
    code, _ = image.start({"BEFORE_ORTHANC_STARTUP_SCRIPT": str(script)})
    assert (code, image.written()["RegisteredUsers"]) == (0, {"a": "b"})
