"""Who may enter: users, their passwords, and servers that ask for none."""

from startup.configured import Configured
from startup.errors import Finding, problem, warning
from startup.merge import at
from startup.plugins import GUARD

PASSWORD = "ORTHANC_PASSWORD"

ASKING = (
    "RegisteredUsers",
    "RemoteAccessAllowed",
    "AuthenticationEnabled",
    "HttpServerEnabled",
    "Authorization",
)
"""The settings and sections that decide whether Orthanc needs a user."""

WELL_KNOWN = (
    "admin",
    "alicepassword",
    "change-me",
    "changeit",
    "changeme",
    "demo",
    "orthanc",
    "password",
)
"""Passwords that documents and samples give to users, in small letters."""


def findings(case: Configured) -> list[Finding]:
    """Return what is wrong with the users, and what lets anybody in."""
    return [*users(case), *replaced(case), *guessable(case), *unguarded(case)]


def is_reached(case: Configured) -> bool:
    """Tell whether other machines reach the web server."""
    return case.on("RemoteAccessAllowed") and at(case.tree, ("HttpServerEnabled",)) is not False


def registered(case: Configured) -> dict[str, object]:
    """Return the users with their passwords."""
    found = at(case.tree, ("RegisteredUsers",))
    return found if isinstance(found, dict) else {}


def users(case: Configured) -> list[Finding]:
    """Return the problems of users: none at all, or one without a password."""
    found = registered(case)
    empty = [
        problem(
            case.place(("RegisteredUsers", user)),
            f"the password of the user '{user}' is empty",
            "Give a password.",
        )
        for user, password in found.items()
        if password == ""
    ]
    asked = is_reached(case) and case.on("AuthenticationEnabled")
    if found or not asked or case.is_here(GUARD) or any(map(case.is_lost, ASKING)):
        return empty
    remedy = (
        "Set ORTHANC_PASSWORD for a user named orthanc, or ORTHANC__REGISTERED_USERS such as"
        ' {"alice": "her password"}, or let everybody in with ORTHANC__AUTHENTICATION_ENABLED=false.'
    )
    return [problem("RegisteredUsers", "Orthanc asks for a password but has no user", remedy)]


def replaced(case: Configured) -> list[Finding]:
    """Return a warning when ORTHANC_PASSWORD takes the place of another password of the same user."""
    given = case.merged.history.get(("RegisteredUsers", "orthanc"), [])
    if len(given) < 2 or PASSWORD not in given[-1].origin or given[-1].value == given[-2].value:
        return []
    what = f"it replaces the password of the user 'orthanc' from {given[-2].origin}"
    return [warning(given[-1].origin, what, "Keep one of the two.")]


def guessable(case: Configured) -> list[Finding]:
    """Return a warning for each user whose password is the name, or one that everybody knows."""
    if not is_reached(case) or not case.on("AuthenticationEnabled"):
        return []
    what = "the password of the user '{}' is the name of the user or a well-known default"
    return [
        warning(case.place(("RegisteredUsers", user)), what.format(user), "Choose another password.")
        for user, password in registered(case).items()
        if isinstance(password, str) and password.lower() in (user.lower(), *WELL_KNOWN)
    ]


def unguarded(case: Configured) -> list[Finding]:
    """Return a warning when whoever reaches the server may do anything.

    The plugin Authorization guards it in its own way, and so do certificates that clients must show. That
    plugin is a problem of its own when it is absent.
    """
    given = at(case.tree, ("AuthenticationEnabled",)) is False and is_reached(case)
    if not given or GUARD in case.enabled or (case.on("SslEnabled") and case.on("SslVerifyPeers")):
        return []
    how = "Set ORTHANC__AUTHENTICATION_ENABLED=true"
    how += "." if registered(case) else ", and ORTHANC_PASSWORD for a user named orthanc."
    what = "everybody who reaches this server may read, change and delete what it stores, without a password"
    return [warning(case.place(("AuthenticationEnabled",)), what, how)]
