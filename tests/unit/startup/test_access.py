"""Who may enter."""

import pytest

from startup.plugins import SWITCHES
from tests.unit.startup.image import AVAILABLE, Image

REMOTE = {"ORTHANC__REMOTE_ACCESS_ALLOWED": "true"}
OPEN = {**REMOTE, "ORTHANC__AUTHENTICATION_ENABLED": "false"}
ANYBODY = "everybody who reaches this server may read, change and delete what it stores, without a password"


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("orthanc", "orthanc"),
        ("demo", "demo"),
        ("Admin", "admin"),
        ("bob", "BOB"),
        ("alice", "alicePassword"),
        ("bob", "orthanc"),
        ("bob", "change-me"),
    ],
)
def test_a_password_that_everybody_knows_is_a_warning(image: Image, user: str, password: str) -> None:
    """The place and the user are told, the password is not."""
    found = image.warnings({**REMOTE, f"ORTHANC__REGISTERED_USERS__{user}": password})
    assert found == [
        f"ORTHANC__REGISTERED_USERS__{user}: the password of the user '{user}' is the name of the user or a"
        " well-known default. Choose another password."
    ]


def test_each_user_has_a_warning_of_its_own(image: Image) -> None:
    """With the file that gives the password."""
    users = {"orthanc": "orthanc", "carol": "Sunday-7", "demo": "demo"}
    image.file("/etc/orthanc/users.json", {"RegisteredUsers": users})
    assert [each.partition(": ")[0] for each in image.warnings(REMOTE)] == [
        "/etc/orthanc/users.json, 'RegisteredUsers.orthanc'",
        "/etc/orthanc/users.json, 'RegisteredUsers.demo'",
    ]


def test_no_password_matters_where_nobody_can_enter(image: Image) -> None:
    """Or where none is asked for."""
    user = {"ORTHANC_PASSWORD": "orthanc"}
    for more in ({}, {**REMOTE, "ORTHANC__HTTP_SERVER_ENABLED": "false"}):
        assert image.warnings({**user, **more}) == []
    assert image.warnings({**user, **OPEN}) == [
        f"ORTHANC__AUTHENTICATION_ENABLED: {ANYBODY}. Set ORTHANC__AUTHENTICATION_ENABLED=true."
    ]


def test_an_open_server_is_a_warning(image: Image) -> None:
    """It starts, and says what that means and how to close it."""
    assert image.problems(OPEN) == []
    assert image.warnings(OPEN) == [
        f"ORTHANC__AUTHENTICATION_ENABLED: {ANYBODY}. Set ORTHANC__AUTHENTICATION_ENABLED=true, and"
        " ORTHANC_PASSWORD for a user named orthanc."
    ]


def test_a_strict_configuration_lets_nobody_in(image: Image) -> None:
    """Warnings are problems then."""
    assert len(image.problems({**OPEN, "STRICT_CONFIGURATION": "true"})) == 1


@pytest.mark.parametrize(
    "guard",
    [
        {"ORTHANC__REMOTE_ACCESS_ALLOWED": "false"},
        {"ORTHANC__HTTP_SERVER_ENABLED": "false"},
        {SWITCHES["AUTHORIZATION_PLUGIN_ENABLED"].switch: "true"},
        {
            "ORTHANC__SSL_ENABLED": "true",
            "ORTHANC__SSL_CERTIFICATE": "/server.pem",
            "ORTHANC__SSL_VERIFY_PEERS": "true",
            "ORTHANC__SSL_TRUSTED_CLIENT_CERTIFICATES": "/server.pem",
        },
    ],
)
def test_a_server_that_something_else_guards_is_not_open(image: Image, guard: dict[str, str]) -> None:
    """No other machine, no web server, the plugin Authorization, or certificates of clients."""
    image.file(f"{AVAILABLE}/libOrthancAuthorization.so", "")
    image.file("/server.pem", "CERTIFICATE PRIVATE KEY")
    assert image.warnings({**OPEN, **guard}) == []
