"""Files, secrets and variables turned into layers."""

import os

import pytest

from startup import sources
from startup.errors import UnreadableError
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
    """A document in a variable is a document: what holds for files holds for it."""
    assert image.tree({"ORTHANC_JSON": '{"Name": "${V}"}', "V": "v"})["Name"] == "v"


def test_no_substitution_in_variables_and_secrets(image: Image) -> None:
    """The value of a variable or a secret is taken as it is."""
    image.secret("ORTHANC__DICOM_AET", "${V}")
    tree = image.tree({"ORTHANC__NAME": "${V}", "V": "v"})
    assert (tree["Name"], tree["DicomAet"]) == ("${V}", "${V}")


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


def test_quotes_around_a_value_are_said(image: Image) -> None:
    """They stay part of the text, since they may be meant; a secret's are not looked at."""
    found = image.found({"ORTHANC__NAME": '"a"', "ORTHANC_PASSWORD": '"p"'})
    assert (found.tree["Name"], found.tree["RegisteredUsers"]) == ('"a"', {"orthanc": '"p"'})
    assert [str(each) for each in found.findings] == [
        "ORTHANC__NAME: the quotes around the value are part of it. Leave them out if they are not meant."
    ]


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
