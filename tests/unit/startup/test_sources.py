"""Files, secrets and variables turned into layers."""

import os

import pytest

from startup import sources
from startup.errors import UnreadableError
from startup.merge import at
from startup.sources import World
from tests.unit.startup.image import CATALOGUE, Image


def test_json_files_only(image: Image) -> None:
    """Names that end in .json count, hidden files and others do not; near misses are said."""
    for name in ("a.json", ".hidden.json", "b.JSON", "c.jsonc", "cert.pem", "d.lua", "e.json.bak"):
        image.file(f"/etc/orthanc/{name}", "{}")
    (image.path / "etc/orthanc/sub").mkdir()
    paths, findings = sources.json_files(World({}, image.root), "/etc/orthanc")
    assert paths == ["/etc/orthanc/a.json"]
    assert [str(each) for each in findings] == [
        "/etc/orthanc/b.JSON: it is not read. Give it a name that ends in .json.",
        "/etc/orthanc/c.jsonc: it is not read. Give it a name that ends in .json.",
    ]


def test_no_folder_no_files(image: Image) -> None:
    """A folder that is missing holds nothing; one that cannot be read is a problem."""
    image.file("/etc/file", "")
    assert sources.json_files(World({}, image.root), "/nowhere") == ([], [])
    paths, (finding,) = sources.json_files(World({}, image.root), "/etc/file")
    assert paths == []
    assert (
        f"/etc/file: the folder cannot be read (not a directory)."
        f" Make it readable for the user {os.getuid()}." == str(finding)
    )


def test_a_file_that_cannot_be_read_is_a_problem(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy names our own user."""
    image.file("/etc/orthanc/a.json", "{}")
    real = open

    def refuse(path: str, *arguments: object, **options: object) -> object:
        if path.endswith("a.json"):
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("builtins.open", refuse)
    assert [
        "/etc/orthanc/a.json: it cannot be read (permission denied)."
        f" Make it readable for the user {os.getuid()}."
    ] == image.problems()


def test_more_files_by_argument(image: Image) -> None:
    """A JSON file and a folder named by arguments are read after /etc/orthanc, each file once."""
    image.file("/etc/orthanc/z.json", {"Name": "etc"})
    image.file("/more/a.json", {"Name": "more", "DicomAet": "A"})
    image.file("/one.json", {"DicomAet": "B"})
    tree = image.tree({}, "/more", "/one.json", "/more/a.json")
    assert (tree["Name"], tree["DicomAet"]) == ("more", "B")


def test_a_missing_file_by_argument_is_a_problem(image: Image) -> None:
    """A path that does not exist is said."""
    assert image.problems({}, "/no.json") == [
        "/no.json: it does not exist. Mount it, or correct its path.",
    ]


def test_a_folder_by_argument_without_configuration_is_said(image: Image) -> None:
    """Nothing would be read from it in silence."""
    image.file("/more/a.txt", "x")
    image.file("/odd/a.JSON", "x")
    assert image.warnings({}, "/more", "/odd") == [
        "/more: there is no JSON file in this folder. Mount one there with a name that ends in .json, or"
        " leave the folder out.",
        "/odd/a.JSON: it is not read. Give it a name that ends in .json.",
    ]


def test_substitution_reaches_every_string(image: Image) -> None:
    """Variables are replaced in lists and objects too, and the result is converted to the setting's type."""
    image.file(
        "/etc/orthanc/a.json",
        {
            "HttpPort": "${PORT}",
            "DicomModalities": {"p": ["${AET}", "h", 1]},
            "Name": "${N:-x}",
            "StableAge": 5,
        },
    )
    tree = image.tree({"PORT": "80", "AET": "A"})
    assert (tree["HttpPort"], tree["DicomModalities"]["p"], tree["Name"]) == (80, ["A", "h", 1], "x")


def test_substitution_in_orthanc_json(image: Image) -> None:
    """A document in a variable is a document, but ``$NAME`` is left to compose files and shells."""
    found = image.found({"ORTHANC_JSON": '{"Name": "${V}$V$W", "DicomAet": "\\u0024V"}', "V": "v"})
    assert (found.tree["Name"], found.tree["DicomAet"]) == ("v$V$W", "$V")
    assert [str(each) for each in found.findings] == [
        "ORTHANC_JSON: $V in line 1, column 15 stays as it is, though there is such a variable."
        " Write ${V} for its value, or \\u0024V for this text."
    ]


def test_substitution_in_keys_and_without_quotes(image: Image) -> None:
    """In files and secrets, as in the other images."""
    image.file("/etc/orthanc/a.json", '{"HttpPort": ${PORT}, /* ${NO} */ "RegisteredUsers": ${USERS}}')
    image.secret("b.json", '{"RegisteredUsers": {"${ADMIN}": "$PW"}, "${KEY}": 1 // ${NO}\n}')
    variables = {"PORT": "80", "USERS": '{"a": "b"}', "ADMIN": "root", "PW": "p", "KEY": "StableAge"}
    tree = image.tree(variables)
    assert (tree["HttpPort"], tree["StableAge"]) == (80, 1)
    assert tree["RegisteredUsers"] == {"a": "b", "root": "p"}


def test_a_variable_that_a_document_refers_to_may_have_any_name(image: Image) -> None:
    """It is read, so neither an old name nor one that looks like ours is said."""
    image.file("/etc/orthanc/a.json", '{"Name": "${PG_HOST}", "DicomAet": "$ORTHANC_AET"}')
    variables = {
        "PG_HOST": "a",
        "ORTHANC_AET": "b",
        "ORTHANC_LOGO": "c",
        "ORTHANC_JSON": '{"Locale": "${LOCALE}"}',
    }
    assert len(image.found(variables).findings) == 2
    assert image.tree({**variables, "ORTHANC_LOGO": "", "LOCALE": "C"})["Locale"] == "C"


def test_a_brace_that_begins_no_variable_is_said(image: Image) -> None:
    """It stays, with a warning that tells its place."""
    image.file("/etc/orthanc/a.json", '{\n"Name": "${NAME%x}"}')
    assert image.warnings() == [
        "/etc/orthanc/a.json: the ${ in line 2, column 10 begins no variable and stays as it is."
        " Write ${NAME} for a variable, or $${ for this text."
    ]


def test_a_variable_that_cannot_be_replaced_is_one_problem(image: Image) -> None:
    """With its place; the setting is left out, so that nothing else is said of it."""
    image.file(
        "/etc/orthanc/a.json",
        '{"HttpPort": ${NO},\n "RegisteredUsers": {"a": "${PW:?the secret is missing}", "${WHO}": "b"},\n'
        ' "DicomModalities": {"p": ["P", "${HOST}", 104]}, "Name": "n", "StableAge": ${EMPTY}}',
    )
    found = image.found({"EMPTY": "", "ORTHANC__REMOTE_ACCESS_ALLOWED": "true"})
    how = "Define it, give a default as in ${%s:-default}, or write $${ for a literal ${."
    place = "/etc/orthanc/a.json: the variable"
    assert [str(each) for each in found.findings] == [
        f"{place} NO in line 1, column 14 is not defined. {how % 'NO'}",
        f"{place} PW in line 2, column 28 is not defined. The secret is missing.",
        f"{place} WHO in line 2, column 60 is not defined. {how % 'WHO'}",
        f"{place} HOST in line 3, column 34 is not defined. {how % 'HOST'}",
        f"{place} EMPTY in line 3, column 77 is empty. Give it a value, or leave the setting out.",
    ]
    assert found.tree["Name"] == "n"


def test_a_document_that_is_a_variable(image: Image) -> None:
    """It may be the whole configuration, and is one problem when it cannot be replaced."""
    image.file("/etc/orthanc/a.json", "${CONFIGURATION}")
    assert image.tree({"CONFIGURATION": '{"Name": "n"}'})["Name"] == "n"
    assert image.problems() == [
        "/etc/orthanc/a.json: the variable CONFIGURATION in line 1, column 1 is not defined. Define it, give"
        " a default as in ${CONFIGURATION:-default}, or write $${ for a literal ${."
    ]


def test_a_mark_in_a_document_is_text(image: Image) -> None:
    """What looks like the mark of a variable that cannot be replaced does no harm."""
    image.file("/etc/orthanc/a.json", '{"Name": "\\u00009\\u0000", "Locale": "${NO}"}')
    assert len(image.problems()) == 1


def test_a_mistake_in_a_document_with_variables_has_its_place(image: Image) -> None:
    """The place is that in the file, and the variables are said as well."""
    image.file("/etc/orthanc/a.json", '{"Name": "${LONG}${NO}" "x": 1}')
    (first, second) = image.problems({"LONG": "x" * 50})
    assert first.startswith("/etc/orthanc/a.json: the variable NO in line 1, column 18 is not defined.")
    assert second == (
        "/etc/orthanc/a.json: it is not valid JSON: '\"' is not expected in line 1, column 25."
        " Correct it there."
    )


def test_secrets_in_folders_are_read(image: Image) -> None:
    """As Kubernetes mounts them: folders with links to folders whose names begin with a dot."""
    for name, content in (("ORTHANC__DICOM_AET", "A\n"), ("a.json", '{"StableAge": 5}'), ("pw", "p")):
        image.secret(f"orthanc/..2026/{name}", content)
        (image.path / "run/secrets/orthanc" / name).symlink_to(f"..data/{name}")
    (image.path / "run/secrets/orthanc/..data").symlink_to("..2026")
    image.secret("kubernetes.io/serviceaccount/ORTHANC__NAME", "too deep")
    image.secret("z.json", {"StableAge": 4})
    tree = image.tree({"ORTHANC__NAME_FILE": "pw", "ORTHANC__REGISTERED_USERS__a_SECRET": "orthanc/pw"})
    assert (tree["DicomAet"], tree["StableAge"], tree["Name"]) == ("A", 5, "p")
    assert tree["RegisteredUsers"] == {"a": "p"}


def test_a_secret_that_is_there_twice_is_a_problem(image: Image) -> None:
    """Neither is preferred."""
    for folder in ("", "one/", "two/"):
        image.secret(f"{folder}ORTHANC__NAME", "n")
    assert image.problems() == [
        f"/run/secrets/{folder}/ORTHANC__NAME: ORTHANC__NAME is given by /run/secrets/ORTHANC__NAME too."
        " Keep one of the two."
        for folder in ("one", "two")
    ]


def test_a_folder_of_secrets_that_is_closed_is_said(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be another program's."""
    image.secret("closed/ORTHANC__NAME", "n")
    monkeypatch.setattr(os, "access", lambda path, _mode: not path.endswith("closed"))
    assert image.warnings() == [
        f"/run/secrets/closed: the folder cannot be read. Make it readable for the user {os.getuid()}, if it"
        " holds anything for Orthanc."
    ]


def test_a_wrong_value_that_is_overridden_is_a_warning(image: Image) -> None:
    """It has no effect, and the warning says what overrides it."""
    image.file("/etc/orthanc/a.json", '{"HttpPort": "x", "Name": "${NO:?none}", "DicomWeb": {"Ssl": "x"}}')
    image.file("/etc/orthanc/b.json", {"HttpPort": "y", "StableAge": "z"})
    image.secret("ORTHANC__HTTP_PORT", "80")
    found = image.found({"ORTHANC__NAME": "n", "ORTHANC__DICOM_WEB__SSL": "yes", "ORTHANC__STABLE_AGE": "q"})
    assert (found.tree["HttpPort"], found.tree["Name"], at(found.tree, ("DicomWeb", "Ssl"))) == (
        80,
        "n",
        True,
    )
    over = "but /run/secrets/ORTHANC__HTTP_PORT overrides it. Write a whole number."
    assert [repr(each) for each in found.findings] == [
        repr(
            "/etc/orthanc/a.json: the variable NO in line 1, column 28 is not defined, but ORTHANC__NAME"
            " overrides it. None."
        ).join(("Warning(", ")")),
        f"Warning(\"/etc/orthanc/a.json, 'HttpPort': 'x' is not a whole number, {over}\")",
        "Warning(\"/etc/orthanc/a.json, 'DicomWeb.Ssl': 'x' is not true or false, but"
        ' ORTHANC__DICOM_WEB__SSL overrides it. Write true or false.")',
        f"Warning(\"/etc/orthanc/b.json, 'HttpPort': 'y' is not a whole number, {over}\")",
        "Problem(\"/etc/orthanc/b.json, 'StableAge': 'z' is not a whole number. Write a whole number.\")",
        "Problem(\"ORTHANC__STABLE_AGE: 'q' is not a whole number. Write a whole number.\")",
    ]


def test_a_wrong_value_that_is_only_added_to_is_a_problem(image: Image) -> None:
    """A wrong object would have had more than what a later source gives."""
    variables = {"ORTHANC__DICOM_MODALITIES": "{", "ORTHANC__DICOM_MODALITIES__p": '["P", "h", 104]'}
    assert len(image.problems(variables)) == 1
    image.file("/etc/orthanc/a.json", {"OrthancPeers": {"p": {"Url": [1]}}})
    assert image.problems({"ORTHANC__ORTHANC_PEERS__p": '["http://h"]'}) == []


@pytest.mark.parametrize(
    "variables",
    [
        {"ORTHANC_JSON": "{"},
        {"ORTHANC_JSON_FILE": "/none"},
        {"ORTHANC_PASSWORD_SECRET": "none"},
        {"ORTHANC_PASSWORD": "\udce9"},
        {"ORTHANC_JSON": "\udce9"},
        {"ORTHANC__REGISTERED_USERS": "{"},
        {"ORTHANC__REGISTERED_USERS_FILE": "/none"},
        {"ORTHANC__AUTHENTICATION_ENABLED": "perhaps"},
        {"ORTHANC__HTTP_SERVER_ENABLED": "perhaps"},
        {"AUTHORIZATION_PLUGIN_ENABLED": "perhaps"},
        {"AUTHZ_ENABLED": "true"},
        {"AC_AUTHENTICATION_ENABLED": "false"},
    ],
)
def test_no_user_is_no_problem_of_its_own(image: Image, variables: dict[str, str]) -> None:
    """Where a source that may give users, or make them needless, cannot be used."""
    assert len(image.problems({"ORTHANC__REMOTE_ACCESS_ALLOWED": "true", **variables})) == 1


def test_no_user_is_a_problem_beside_others(image: Image) -> None:
    """Where the others have nothing to do with users."""
    variables = {"ORTHANC__REMOTE_ACCESS_ALLOWED": "true", "ORTHANC__HTTP_PORT": "x", "PG_USER": "x"}
    assert len(image.problems(variables)) == 3


def test_no_substitution_in_variables_and_secrets(image: Image) -> None:
    """The value of a variable or a secret is taken as it is."""
    image.secret("ORTHANC__DICOM_AET", "${V}")
    found = image.found({"ORTHANC__NAME": "${V}", "V": "v"})
    assert (found.tree["Name"], found.tree["DicomAet"]) == ("${V}", "${V}")
    how = (
        "variables are not replaced in its value: the ${ stays as it is. Write the value itself, put the"
        " setting into a file of /etc/orthanc, or write \\u0024{ in double quotes for this text."
    )
    assert [str(each) for each in found.findings] == [
        f"ORTHANC__NAME: {how}",
        f"/run/secrets/ORTHANC__DICOM_AET: {how}",
    ]


@pytest.mark.parametrize("text", ["$V", "${", "${V", "${1}", "$${ x", '"\\u0024{V}"'])
def test_other_dollars_in_variables_are_not_said(image: Image, text: str) -> None:
    """They are no variables anywhere."""
    expected = "${V}" if text.startswith('"') else text
    assert expected == image.tree({"ORTHANC__NAME": text, "V": "v"})["Name"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ORTHANC__POSTGRESQL__PASSWORD_SECRET", "ORTHANC__POSTGRESQL__PASSWORD"),
        ("ORTHANC__POSTGRESQL__PASSWORD_FILE", "ORTHANC__POSTGRESQL__PASSWORD"),
        ("ORTHANC__POSTGRESQL__PASSWORD__FILE", "ORTHANC__POSTGRESQL__PASSWORD"),
        ("ORTHANC__REGISTERED_USERS__demo_FILE", "ORTHANC__REGISTERED_USERS__demo"),
        ("ORTHANC__MY_PLUGIN__KEY_FILE", "ORTHANC__MY_PLUGIN__KEY"),
        ("ORTHANC_PASSWORD_FILE", "ORTHANC_PASSWORD"),
        ("ORTHANC_PASSWORD_SECRET", "ORTHANC_PASSWORD"),
        ("ORTHANC_JSON__FILE", "ORTHANC_JSON"),
        ("ORTHANC__GOOGLE_CLOUD_STORAGE__SERVICE_ACCOUNT_FILE", None),
        ("ORTHANC__ORTHANC_EXPLORER_2__EMAILS__SERVER__CERTIFICATE_KEY_FILE", None),
        ("ORTHANC__NAME", None),
        ("ORTHANC___FILE", None),
        ("POSTGRES_PASSWORD_FILE", None),
        ("OAUTH_CLIENT_SECRET", None),
        ("LOG_FILE", None),
    ],
)
def test_which_variables_tell_a_file(name: str, expected: str | None) -> None:
    """Settings whose own name ends in File are none of them, nor are variables of other programs."""
    assert expected == sources.file_base(name, CATALOGUE)


def test_a_value_and_a_file_are_a_problem(image: Image) -> None:
    """Only one of them can be meant."""
    image.secret("pw", "a")
    both = {"ORTHANC__NAME": "a", "ORTHANC__NAME_FILE": "/run/secrets/pw"}
    assert image.problems(both) == [
        "ORTHANC__NAME_FILE: ORTHANC__NAME is given by ORTHANC__NAME and by ORTHANC__NAME_FILE."
        " Keep one of the two."
    ]


def test_two_files_are_a_problem(image: Image) -> None:
    """The same for two ways to tell a file."""
    image.secret("pw", "a")
    both = {"ORTHANC__NAME_SECRET": "pw", "ORTHANC__NAME_FILE": "/run/secrets/pw"}
    assert image.problems(both) == [
        "ORTHANC__NAME_SECRET: ORTHANC__NAME is given by ORTHANC__NAME_FILE and by ORTHANC__NAME_SECRET."
        " Keep one of the two."
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [("v\n", "v"), ("v\r\n", "v"), ("v\n\n", "v\n"), (" v ", " v "), ("v", "v"), ("ü\n", "ü")],
)
def test_one_newline_at_the_end_is_removed(image: Image, content: str, expected: str) -> None:
    """The rest of a secret is kept as it is."""
    image.secret("pw", content.encode())
    assert expected == image.tree({"ORTHANC__NAME_SECRET": "pw"})["Name"]


def test_a_file_may_be_told_relative_to_the_secrets(image: Image) -> None:
    """The bare name of a secret is enough for _FILE as well."""
    image.secret("pw", "v")
    assert image.tree({"ORTHANC__NAME_FILE": "pw"})["Name"] == "v"


def test_a_secret_that_is_no_text_names_variable_and_file(image: Image) -> None:
    """The problem says which variable led to which file."""
    image.file("/data/pw", b"\xff")
    assert image.problems({"ORTHANC__NAME_FILE": "/data/pw"}) == [
        "ORTHANC__NAME_FILE, /data/pw: it is not text in UTF-8 (see line 1). Save it as plain text in UTF-8."
    ]


def test_a_secret_wins_over_the_variable_of_its_name(image: Image) -> None:
    """Secrets are read last."""
    image.secret("ORTHANC__NAME", "secret")
    found = image.found({"ORTHANC__NAME": "variable"})
    assert (found.tree["Name"], found.findings) == ("secret", [])


def test_a_secret_told_and_named_is_read_once(image: Image) -> None:
    """A secret may have the name of the variable and be told by another one as well."""
    image.secret("ORTHANC__NAME", "secret")
    assert image.tree({"ORTHANC__NAME_SECRET": "ORTHANC__NAME"})["Name"] == "secret"


def test_two_names_of_one_setting_are_a_problem(image: Image) -> None:
    """Where two spellings lead to the same setting, none is preferred."""
    both = {
        "ORTHANC__POSTGRESQL__PORT": "1",
        "ORTHANC__POSTGRE_S_Q_L__PORT": "2",
        "ORTHANC__POSTGRESQL__HOST": "h",
    }
    assert image.problems(both) == [
        "ORTHANC__POSTGRE_S_Q_L__PORT: it is the same setting as ORTHANC__POSTGRESQL__PORT."
        " Keep one of the two."
    ]


def test_unknown_variables_are_passed_on(image: Image) -> None:
    """The name by the rule, the value in a plain form, and a warning."""
    found = image.found(
        {"ORTHANC__MY_PLUGIN__SOME_KEY": "5", "ORTHANC__DICOM_WEB__SOME_OPTION": '{"a": [1]}'}
    )
    assert found.tree["MyPlugin"] == {"SomeKey": 5}
    assert found.tree["DicomWeb"] == {"Enable": True, "SomeOption": {"a": [1]}}
    assert sorted(str(each) for each in found.findings) == [
        "ORTHANC__DICOM_WEB__SOME_OPTION: there is no such setting. It is passed on as"
        " 'DicomWeb.SomeOption'.",
        "ORTHANC__MY_PLUGIN__SOME_KEY: there is no such setting. It is passed on as 'MyPlugin.SomeKey'.",
    ]


def test_unknown_variables_with_broken_json_are_problems(image: Image) -> None:
    """What begins like an object must be one."""
    assert image.problems({"ORTHANC__MY_PLUGIN__SOME_KEY": "{a}"}) == [
        "ORTHANC__MY_PLUGIN__SOME_KEY: it is not valid JSON: keys need double quotes in line 1, column 2."
        " Write a JSON value."
    ]


QUOTED = '"pw"'


def test_quotes_that_nobody_needs_are_taken_off_and_said(image: Image) -> None:
    """For secrets too, which are not shown, and wherever they come from."""
    image.secret("ORTHANC__POSTGRESQL__PASSWORD", f"{QUOTED}\n")
    names = ("ORTHANC__NAME", "ORTHANC__REGISTERED_USERS__a", "ORTHANC__MINE__KEY", "ORTHANC_PASSWORD")
    found = image.found({**dict.fromkeys(names, QUOTED), "ORTHANC__POSTGRESQL__HOST": "db"})
    assert (found.tree["Name"], found.tree["RegisteredUsers"]) == ("pw", {"a": "pw", "orthanc": "pw"})
    assert (at(found.tree, ("PostgreSQL", "Password")), found.tree["Mine"]) == ("pw", {"Key": "pw"})
    said = [str(each) for each in found.findings if "such" not in str(each)]
    how = "the quotes around the value are taken off. Leave them out."
    places = (names[0], names[2], names[1], names[3], "/run/secrets/ORTHANC__POSTGRESQL__PASSWORD")
    assert said == [f"{place}: {how}" for place in places]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"1234"', "1234"),
        ('"true"', "true"),
        ('" x"', " x"),
        ('"\\"x\\""', '"x"'),
        ('""', ""),
        ('"[1]"', "[1]"),
    ],
)
def test_quotes_that_make_a_text_are_taken_off_silently(image: Image, text: str, expected: str) -> None:
    """As JSON has it: without them the value would be another one."""
    assert expected == image.tree({"ORTHANC__NAME": text})["Name"]


def test_quotes_are_taken_off_values_of_any_type(image: Image) -> None:
    """Numbers, switches, objects and lists."""
    tree = image.tree(
        {
            "ORTHANC__HTTP_PORT": '"80"',
            "ORTHANC__SSL_ENABLED": '"false"',
            "ORTHANC__DICOM_MODALITIES": '"{\\"p\\": [\\"P\\", \\"h\\", 104]}"',
            "DICOM_WEB_PLUGIN_ENABLED": '"true"',
        }
    )
    assert (tree["HttpPort"], tree["SslEnabled"], tree["DicomWeb"]) == (80, False, {"Enable": True})
    assert tree["DicomModalities"] == {"p": ["P", "h", 104]}


@pytest.mark.parametrize("text", ["'pw'", '"p"w"', '"a\\qb"', '"\\ud83d"', "''"])
def test_quotes_that_are_not_json_stay_and_are_said(image: Image, text: str) -> None:
    """Single quotes may be meant, as may a text that only begins and ends with double ones."""
    names = ("ORTHANC_PASSWORD", "ORTHANC__NAME")
    found = image.found(dict.fromkeys(names, text))
    assert (found.tree["Name"], found.tree["RegisteredUsers"]) == (text, {"orthanc": text})
    how = "the quotes around the value are part of it. Leave them out if they are not meant."
    assert sorted(str(each) for each in found.findings) == [f"{name}: {how}" for name in names]


def test_quotes_that_stay_are_the_reason_where_a_value_does_not_fit(image: Image) -> None:
    """Nothing else is said of such a value."""
    asking = {
        "ORTHANC__REMOTE_ACCESS_ALLOWED": "true",
        "ORTHANC__HTTP_PORT": "'80'",
        "ORTHANC_JSON": "'{}'",
        "ORTHANC__REGISTERED_USERS": '\'{"a": "b"}\'',
    }
    how = "the quotes around the value are part of it. Leave them out."
    places = ("ORTHANC_JSON", "ORTHANC__HTTP_PORT", "ORTHANC__REGISTERED_USERS")
    assert image.problems(asking) == [f"{place}: {how}" for place in places]


def test_values_inside_objects_have_their_place(image: Image) -> None:
    """A problem within the JSON of a variable names the variable and the setting."""
    assert image.problems({"ORTHANC__DICOM_WEB": '{"Ssl": "x"}'}) == [
        "ORTHANC__DICOM_WEB, 'DicomWeb.Ssl': 'x' is not true or false. Write true or false."
    ]


def test_a_name_of_endless_levels_is_a_problem(image: Image) -> None:
    """It is refused in words."""
    name = f"ORTHANC__{'__'.join('A' * 1500)}"
    assert image.problems({name: "1"}) == [
        f"{name}: its name has too many levels. Leave it out: no setting is so deep."
    ]


def test_chosen_keys_by_variable(image: Image) -> None:
    """Users and modalities can be added one by one."""
    tree = image.tree(
        {
            "ORTHANC__REGISTERED_USERS__demo": "1234",
            "ORTHANC__REGISTERED_USERS__Big_Boss": "true",
            "ORTHANC__DICOM_MODALITIES__pacs": '["PACS", "h", 104]',
            "ORTHANC__DICOM_MODALITIES__ct__AET": "CT",
            "ORTHANC__DICOM_MODALITIES__ct__HOST": "c",
            "ORTHANC__DICOM_MODALITIES__ct__PORT": "104",
        }
    )
    assert tree["RegisteredUsers"] == {"demo": "1234", "Big_Boss": "true"}
    assert tree["DicomModalities"] == {
        "pacs": ["PACS", "h", 104],
        "ct": {"AET": "CT", "Host": "c", "Port": 104},
    }


def test_contents_of_a_folder_are_refused(image: Image) -> None:
    """Asking for the text of a folder fails in words."""
    with pytest.raises(UnreadableError) as caught:
        sources.contents(World({}, image.root), "/etc")
    assert caught.value.what == "it is a folder, not a file"


def test_text_of_a_variable_must_be_utf8(image: Image) -> None:
    """Bytes that are no text cannot be a setting."""
    assert image.problems({"ORTHANC__NAME": "caf\udce9"}) == [
        "ORTHANC__NAME: its value is not text in UTF-8. Write it in UTF-8."
    ]
