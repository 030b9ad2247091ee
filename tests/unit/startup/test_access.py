"""Who may enter."""

import pytest

from startup.plugins import SWITCHES
from tests.unit.startup.image import AVAILABLE, Image

REMOTE = {"ORTHANC__REMOTE_ACCESS_ALLOWED": "true"}
OPEN = {**REMOTE, "ORTHANC__AUTHENTICATION_ENABLED": "false"}
SWITCH = SWITCHES["AUTHORIZATION_PLUGIN_ENABLED"].switch
SERVICE = "ORTHANC__AUTHORIZATION__WEB_SERVICE_ROOT_URL"
NOBODY = (
    "Authorization: it is enabled ({}) but knows no user and no token, so that nobody can be let in. Set"
    f" ORTHANC__AUTHORIZATION__USERS, or the address of a service with {SERVICE}, or {SWITCH}=false."
)
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
        {SERVICE: "http://service/"},
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


@pytest.fixture
def authorization(image: Image) -> Image:
    """Return an image with the plugin Authorization."""
    image.file(f"{AVAILABLE}/libOrthancAuthorization.so", "")
    return image


@pytest.mark.parametrize("access", [OPEN, {**REMOTE, "ORTHANC_PASSWORD": "Sunday-7"}, {}])
@pytest.mark.parametrize(
    "section", [{}, {"WebServiceTokenCreationBaseUrl": "http://service/"}, {"Users": {}, "WebService": ""}]
)
def test_an_authorization_that_knows_nobody_is_a_problem(
    authorization: Image, access: dict[str, str], section: dict[str, object]
) -> None:
    """With passwords and without, also where it only makes tokens: nobody could be let in."""
    assert authorization.problems({**access, SWITCH: "true"}) == [NOBODY.format(f"{SWITCH}=true")]
    authorization.file("/etc/orthanc/a.json", {"Authorization": section})
    assert authorization.problems(access) == [NOBODY.format("'Authorization' is configured")]


def test_an_authorization_that_nothing_asks_is_no_problem(authorization: Image) -> None:
    """Without a web server, or while its section is in a source that is a problem already."""
    assert authorization.problems({SWITCH: "true", "ORTHANC__HTTP_SERVER_ENABLED": "false"}) == []
    (said,) = authorization.problems({SWITCH: "true", "ORTHANC__AUTHORIZATION": "{"})
    assert said.startswith("ORTHANC__AUTHORIZATION: ")


@pytest.mark.parametrize(
    "key", ["WebServiceRootUrl", "WebServiceUserProfileUrl", "WebServiceTokenValidationUrl", "WebService"]
)
def test_one_address_of_a_service_is_enough(authorization: Image, key: str) -> None:
    """It tells who a user is, or what a token opens."""
    authorization.file("/etc/orthanc/a.json", {"Authorization": {key: "http://service/"}})
    assert authorization.problems(OPEN) == []


def test_a_service_lets_nobody_in_whom_orthanc_turns_away(authorization: Image) -> None:
    """Orthanc asks for a password first: there is a user, or the service decides alone."""
    (said,) = authorization.problems({**REMOTE, SERVICE: "http://service/"})
    assert said == (
        "RegisteredUsers: Orthanc asks for a password but has no user. Set ORTHANC_PASSWORD for a user named"
        ' orthanc, or ORTHANC__REGISTERED_USERS such as {"alice": "her password"}, or let the service of'
        " Authorization alone decide with ORTHANC__AUTHENTICATION_ENABLED=false."
    )


def test_users_with_permissions_are_users_of_orthanc(authorization: Image) -> None:
    """Each of them has a password, and Orthanc asks for it."""
    users = {name: {"Permissions": ["all"]} for name in ("alice", "bob")}
    authorization.file("/etc/orthanc/a.json", {"Authorization": {"Users": users}})
    stranger = (
        "/etc/orthanc/a.json, 'Authorization.Users.{0}': the user '{0}' is not in RegisteredUsers. Add the"
        " user there, with a password."
    )
    assert authorization.problems(REMOTE) == [stranger.format("alice"), stranger.format("bob")]
    alice = {"ORTHANC__REGISTERED_USERS__alice": "Sunday-7"}
    assert authorization.problems({**REMOTE, **alice}) == [stranger.format("bob")]
    both = {**alice, "ORTHANC__REGISTERED_USERS__bob": "Monday-8"}
    assert authorization.problems({**REMOTE, **both}) == []
    assert authorization.problems({**OPEN, **both}) == [
        "/etc/orthanc/a.json, 'Authorization.Users': Orthanc asks no user for a password, and the plugin"
        " refuses to start. Set ORTHANC__AUTHENTICATION_ENABLED=true."
    ]


def test_a_user_has_permissions(authorization: Image) -> None:
    """Else the plugin would not start."""
    given = {"RegisteredUsers": {"alice": "Sunday-7"}, "Authorization": {"Users": {"alice": {"Groups": []}}}}
    authorization.file("/etc/orthanc/a.json", given)
    assert authorization.problems(REMOTE) == [
        "/etc/orthanc/a.json, 'Authorization.Users.alice': it has no 'Permissions'. Write a list such as"
        ' ["view"].'
    ]


def test_users_with_permissions_that_a_lost_source_may_know(authorization: Image) -> None:
    """Only the source that cannot be used is a problem."""
    authorization.file("/etc/orthanc/a.json", {"Authorization": {"Users": {"a": {"Permissions": ["all"]}}}})
    for name in ("ORTHANC__REGISTERED_USERS", "ORTHANC__AUTHENTICATION_ENABLED"):
        given = {"ORTHANC__REGISTERED_USERS__a": "Sunday-7", name: "perhaps"}
        (said,) = authorization.problems(given)
        assert said.startswith(f"{name}: ")
