"""A script for Orthanc's Python plugin that stands in for what Explorer asks other plugins and services.

It lists the plugins authorization and orthanc-worklists, says who a user is by the header `token`, keeps to
that as the Authorization plugin does, makes tokens, has worklists, and takes e-mails.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orthanc

USERS: dict[str, dict[str, Any]] = {
    "admin": {"name": "Ada", "permissions": ["all", "admin-permissions", "audit-logs"]},
    "viewer": {"name": "Vic", "permissions": ["view", "download"]},
}

NOBODY: dict[str, Any] = {"name": "Anonymous", "permissions": []}

ROLES: dict[str, Any] = {
    "roles": {"radiology": {"permissions": ["view", "send"], "authorized-labels": ["*"]}},
    "available-labels": ["urgent", "teaching"],
}

READABLE = re.compile(r"/(ui|auth|studies|series|instances|system|statistics|tools/labels)\b")
"""What a user who may view can get."""

PUBLIC = ("/ui/", "/mail/", "/auth/user/profile", "/auth/tokens/decode", "/favicon.ico", "/app/images/")
"""What everybody may ask for. A browser gets the last two for any address of the server."""

SEARCHES = ("/tools/find", "/tools/count-resources")

LOG = {
    "Timestamp": "2026-11-28T10:00:00",
    "UserId": "Ada",
    "Action": "delete",
    "ResourceType": "Study",
    "ResourceId": "1",
}

WORKLISTS: list[dict[str, Any]] = [
    {"ID": "w1", "Tags": {"PatientName": "Doe^Jane", "PatientID": "P1", "AccessionNumber": "A1"}}
]

MAILS: list[Any] = []


def user(headers: dict[str, str]) -> dict[str, Any]:
    """Return the profile of whoever sends these headers."""
    return USERS.get(headers.get("token", ""), NOBODY)


def allowed(uri: str, **request: Any) -> bool:
    """Tell whether a user may do this; whoever has no token may see the pages, and nothing in them."""
    permissions = user(request["headers"])["permissions"]
    if "all" in permissions or uri.startswith(PUBLIC):
        return True
    if "view" not in permissions:
        return uri == "/system"
    is_read = request["method"] == orthanc.HttpMethod.GET and READABLE.match(uri)
    return bool(is_read) or uri in SEARCHES


def answers(value: Any) -> Any:
    """Return a handler that answers with a value, or with what it makes of the request."""

    def handler(output: Any, uri: str, **request: Any) -> None:
        found = value(uri, request) if callable(value) else value
        output.AnswerBuffer(json.dumps(found), "application/json")

    return handler


def plugins(_: str, __: dict[str, Any]) -> list[str]:
    """Return the plugins that there are, and those that this stands in for."""
    return [*json.loads(orthanc.RestApiGet("/plugins")), "authorization", "orthanc-worklists"]


def mail(output: Any, uri: str, **request: Any) -> None:
    """Give a template, keep an e-mail, or show those that came."""
    if uri.startswith("/mail/templates/"):
        output.AnswerBuffer("<p>Dear <b>colleague</b>, see {PatientName}: {ShareUrl}</p>", "text/html")
    elif uri == "/mail/send":
        MAILS.append(json.loads(request["body"]))
        output.AnswerBuffer('{"success": true}', "application/json")
    else:
        output.AnswerBuffer(json.dumps(MAILS), "application/json")


for name in ("authorization", "orthanc-worklists"):
    orthanc.RegisterRestCallback(
        f"/plugins/{name}", answers({"ID": name, "Version": "1", "Description": "-"})
    )
orthanc.RegisterRestCallback("/plugins", answers(plugins))
orthanc.RegisterRestCallback("/auth/user/profile", answers(lambda _, request: user(request["headers"])))
orthanc.RegisterRestCallback("/auth/settings/roles", answers(ROLES))
orthanc.RegisterRestCallback("/auth/settings/permissions", answers(["view", "send", "delete"]))
orthanc.RegisterRestCallback("/auth/audit-logs", answers([LOG]))
orthanc.RegisterRestCallback("/auth/tokens/decode", answers({"ErrorCode": "invalid"}))
orthanc.RegisterRestCallback("/auth/tokens/[^/]+-publication", answers({"Token": "made"}))
orthanc.RegisterRestCallback("/worklists", answers(WORKLISTS))
orthanc.RegisterRestCallback("/mail/(.*)", mail)
orthanc.RegisterIncomingHttpRequestFilter(allowed)
