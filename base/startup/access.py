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

SERVICE = ("WebServiceRootUrl", "WebServiceUserProfileUrl", "WebServiceTokenValidationUrl", "WebService")
"""The addresses by which the plugin Authorization knows a user or a token; one that makes tokens is none."""

USERS = (GUARD, "Users")

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
    return [*users(case), *replaced(case), *guessable(case), *unguarded(case), *guard(case)]


def is_reached(case: Configured) -> bool:
    """Tell whether other machines reach the web server."""
    return case.on("RemoteAccessAllowed") and at(case.tree, ("HttpServerEnabled",)) is not False


def registered(case: Configured) -> dict[str, object]:
    """Return the users with their passwords."""
    found = at(case.tree, ("RegisteredUsers",))
    return found if isinstance(found, dict) else {}


def users(case: Configured) -> list[Finding]:
    """Return the problems of users: none at all, or one without a password.

    Orthanc asks for a password before the plugin Authorization is asked: without users, nobody comes so far.
    """
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
    if found or not asked or named(case) or any(map(case.is_lost, ASKING)):
        return empty
    asks = case.is_here(GUARD) and is_served(case)
    without = "let the service of Authorization alone decide" if asks else "let everybody in"
    remedy = (
        "Set ORTHANC_PASSWORD for a user named orthanc, or ORTHANC__REGISTERED_USERS such as"
        f' {{"alice": "her password"}}, or {without} with ORTHANC__AUTHENTICATION_ENABLED=false.'
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
    plugin is a problem of its own when it is absent, or knows nobody.
    """
    given = at(case.tree, ("AuthenticationEnabled",)) is False and is_reached(case)
    if not given or GUARD in case.enabled or (case.on("SslEnabled") and case.on("SslVerifyPeers")):
        return []
    how = "Set ORTHANC__AUTHENTICATION_ENABLED=true"
    how += "." if registered(case) else ", and ORTHANC_PASSWORD for a user named orthanc."
    what = "everybody who reaches this server may read, change and delete what it stores, without a password"
    return [warning(case.place(("AuthenticationEnabled",)), what, how)]


def is_served(case: Configured) -> bool:
    """Tell whether the plugin Authorization has a service that knows users or tokens."""
    return any(at(case.tree, (GUARD, key)) for key in SERVICE)


def named(case: Configured) -> dict[str, object]:
    """Return what the plugin Authorization knows of users; each of them must be one of Orthanc's."""
    given = at(case.tree, USERS) if case.is_here(GUARD) else None
    return given if isinstance(given, dict) else {}


def guard(case: Configured) -> list[Finding]:
    """Return the problems of the plugin Authorization: nobody to let in, or users that Orthanc has not."""
    if not case.is_here(GUARD) or case.is_lost(GUARD):
        return []
    known = named(case)
    if not known and not is_served(case) and at(case.tree, ("HttpServerEnabled",)) is not False:
        decision = case.enabled[GUARD]
        what = f"it is enabled ({decision.why}) but knows no user and no token, so that nobody can be let in"
        remedy = (
            f"Set {case.variable(*USERS)}, or the address of a service with"
            f" {case.variable(GUARD, 'WebServiceRootUrl')}, or {decision.plugin.switch}=false."
        )
        return [problem(GUARD, what, remedy)]
    found = []
    if known and not case.on("AuthenticationEnabled") and not case.is_lost("AuthenticationEnabled"):
        what = "Orthanc asks no user for a password, and the plugin refuses to start"
        found.append(problem(case.place(USERS), what, "Set ORTHANC__AUTHENTICATION_ENABLED=true."))
    strangers = (
        [] if case.is_lost("RegisteredUsers") else [user for user in known if user not in registered(case)]
    )
    found += [
        problem(case.place((*USERS, user)), "it has no 'Permissions'", 'Write a list such as ["view"].')
        for user, item in known.items()
        if isinstance(item, dict) and "Permissions" not in item
    ]
    return [
        *found,
        *(
            problem(
                case.place((*USERS, user)),
                f"the user '{user}' is not in RegisteredUsers",
                "Add the user there, with a password.",
            )
            for user in strangers
        ),
    ]
