"""``config authorization``, and the check of the patterns in the tables of Authorization."""

import json
from typing import Any

import pytest

from startup import authorization, cli
from tests.unit.startup.image import AVAILABLE, LOCAL, Image

PROGRAM = authorization.PROGRAM
ENABLED = {**LOCAL, "AUTHORIZATION_PLUGIN_ENABLED": "true"}
SERVICE = {"ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL": "http://a/"}
FACTS: dict[str, Any] = {
    "path": "/system",
    "entry": {
        "place": "defaults.json[7]",
        "method": "GET",
        "pattern": "^/system$",
        "permissions": ["a", "b"],
    },
    "users": [],
    "targets": [{"level": "system", "id": "/system"}],
    "checked": ["study"],
    "profile": "",
    "validation": "",
    "headers": [],
    "arguments": [],
    "search": False,
}
BY_ENTRY = [
    "GET /system",
    "  decided by entry 7 of the usual table: GET ^/system$",
    "  permission: a or b",
    "  resources: the path /system itself (level system)",
    "  levels that are checked: study",
    "  otherwise refused",
]


def program(image: Image, text: str, mode: int = 0o755) -> str:
    """Put a script in the place of the program; return its path."""
    image.file(PROGRAM, f"#!/bin/sh\n{text}\n")
    path = image.path / PROGRAM.removeprefix("/")
    path.chmod(mode)
    return str(path)


def saying(image: Image, facts: object) -> None:
    """Put a script there that says FACTS."""
    program(image, f"/bin/cat > /dev/null\necho '{json.dumps(facts)}'")


def said(
    image: Image, capsys: pytest.CaptureFixture[str], *words: str, **given: str
) -> tuple[int, list[str], str]:
    """Run the command; return its code, its lines, and what it complains about."""
    image.file(f"{AVAILABLE}/libOrthancAuthorization.so", "")
    code = cli.run(["authorization", *words], {**ENABLED, **SERVICE, **given}, image.root)
    output, errors = capsys.readouterr()
    return code, output.splitlines(), errors


@pytest.mark.parametrize(
    ("facts", "lines"),
    [
        ({}, BY_ENTRY),
        ({"path": None}, ["  refused: the path could be taken for another one, and nobody is asked"]),
        ({"unchecked": "/ui/"}, ["  let through: '/ui/' is unchecked, and nobody is asked"]),
        (
            {"entry": None, "targets": [], "checked": []},
            [
                "  decided by no entry of the table: no permission lets it through",
                "  resources: none",
                "  levels that are checked: none",
                "  otherwise refused",
            ],
        ),
        (
            {
                "entry": {
                    "place": "Authorization.Permissions[0]", "method": "PUT", "pattern": "^/a$",
                    "permissions": [],
                },
                "users": [
                    {"name": "al", "labels": ["*"]},
                    {"name": "bo", "labels": ["x", "y"]},
                    {"name": "c", "labels": []},
                ],
                "targets": [
                    {"level": "study", "id": "1a"},
                    {"level": "any", "id": "2b"},
                    {"level": "series", "uids": ["1.2", "3"]},
                ],
                "profile": "http://a/p",
                "validation": "http://a/v",
                "headers": ["token"],
                "arguments": ["t"],
                "search": True,
            },
            [
                "  decided by Authorization.Permissions[0]: PUT ^/a$",
                "  permission: none",
                "  user al: any resource",
                "  user bo: what has a label of x, y",
                "  user c: what has a label of none",
                "  asked: POST http://a/p, whose each token is"
                " (header token, argument t; without one, the anonymous):"
                ' {"token-key": …, "token-value": …}',
                "  resources: study 1a; resource of any level 2b; series with the UIDs 1.2, 3",
                "  levels that are checked: study",
                "  otherwise asked: POST http://a/v, for each token (header token, argument t),",
                '    whether it opens each of these levels: {"method": "get", "level": …}',
                "  otherwise let through with any token: the answer is cut down to what the token opens",
                "  otherwise refused",
            ],
        ),
        (
            {"validation": "http://a/v", "entry": None},
            [
                "  decided by no entry of the table: no permission lets it through",
                "  resources: the path /system itself (level system)",
                "  levels that are checked: study",
                "  otherwise asked: POST http://a/v, for each token (no setting says where one may be),",
                '    whether it opens each of these levels: {"method": "get", "level": …}',
                "  otherwise refused",
            ],
        ),
    ],
)  # fmt: skip
def test_a_request_is_explained(
    image: Image, capsys: pytest.CaptureFixture[str], facts: dict[str, Any], lines: list[str]
) -> None:
    """Which entry decides, who has the permission, and who is asked what."""
    saying(image, {key: value for key, value in {**FACTS, **facts}.items() if value is not None})
    code, output, errors = said(image, capsys, "get", "/system")
    assert (code, output[0], errors) == (0, "GET /system", "")
    assert output[1:] == (lines[1:] if lines is BY_ENTRY else lines)


def test_the_program_is_given_the_request_and_what_it_needs(
    image: Image, capsys: pytest.CaptureFixture[str]
) -> None:
    """The section, and whoever may sign in; nothing else, and no password."""
    seen = image.path / "seen"
    program(image, f"echo \"$@\" > {seen}\n/bin/cat >> {seen}\necho '{json.dumps(FACTS)}'")
    given = {
        "ORTHANC__REGISTERED_USERS": '{"al": "s3cr3t"}',
        "ORTHANC__DICOM_WEB__ROOT": "/dw/",
        "ORTHANC__NAME": "n",
    }
    assert said(image, capsys, "GET", "/system", **given)[1] == BY_ENTRY
    words, _, text = seen.read_text().partition("\n")
    assert words == "GET /system"
    assert "s3cr3t" not in text
    assert json.loads(text)["Authorization"] == {"WebServiceRootUrl": "http://a/"}
    assert sorted(json.loads(text)) == [
        "AuthenticationEnabled", "Authorization", "DicomWeb", "RegisteredUsers", "RemoteAccessAllowed"
    ]  # fmt: skip


def test_what_prevents_an_explanation_is_said(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """No such program, one that fails, one that refuses, and a configuration that Orthanc would not take."""
    missing = f"config authorization: {PROGRAM}: it is not in this image.\n"
    assert said(image, capsys, "GET", "/a") == (78, [], missing)
    path = program(image, "exit 3")
    failed = f"config authorization: {path}: it has ended without an answer.\n"
    assert said(image, capsys, "GET", "/a") == (78, [], failed)
    program(image, "", 0o644)
    assert said(image, capsys, "GET", "/a") == (78, [], failed)
    saying(image, {"error": "the method HEAD is none."})
    refused = "config authorization: the method HEAD is none.\n"
    assert said(image, capsys, "HEAD", "/a") == (78, [], refused)
    code, output, errors = said(image, capsys, "GET", "/a", ORTHANC__HTTP_PORT="x")
    assert (code, output) == (78, [])
    assert "ORTHANC__HTTP_PORT" in errors


def test_without_the_plugin_there_is_nothing_to_explain(
    image: Image, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command says so; without its two words it is none."""
    output = ["The plugin Authorization is not enabled: it decides about no request."]
    assert said(image, capsys, "GET", "/a", AUTHORIZATION_PLUGIN_ENABLED="false") == (0, output, "")
    assert said(image, capsys, "GET")[0] == 64


def test_a_wrong_pattern_is_a_problem_of_the_configuration(image: Image) -> None:
    """The check before the start names its place; what the program cannot say is left to the plugin."""
    image.file(f"{AVAILABLE}/libOrthancAuthorization.so", "")
    rules = [["get", "^/a$", "x"], ["get", "^/(b$", "x"]]
    image.file("/etc/orthanc/a.json", {"Authorization": {"WebService": "http://h/", "Permissions": rules}})
    assert image.problems(ENABLED) == []
    fault = "is no regular expression (missing closing parenthesis, at character 5). Correct it."
    saying(image, {"wrong": [["Permissions", 1, fault]]})
    place = "/etc/orthanc/a.json, 'Authorization.Permissions'"
    assert image.problems(ENABLED) == [f"{place}: the pattern '^/(b$' {fault}"]
    program(image, "exit 1")
    assert image.problems(ENABLED) == []
