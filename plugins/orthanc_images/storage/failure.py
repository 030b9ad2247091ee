"""What the library says of a failure, in one short line and without secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 300

# What is shorter would blot out ordinary words.
_SHORTEST_SECRET = 8

_CODE = re.compile(r"<Code>(\w+)</Code>")
_MESSAGE = re.compile(r"<Message>([^<]+?)(?: RequestId:[^<]*)?<")
_STATUS = re.compile(r"status code: (\d{3})")
_SIGNATURE = re.compile(
    r"(?i)\b(sig|signature|x-amz-signature|x-amz-credential|x-goog-signature)=[^&\s\"')]*"
)
_REQUEST = re.compile(r"Error performing ([A-Z]+) (\S+) in \S+?(?:, after (\d+) retries[^-]*)?\s+- (.*)")
_SYSTEM = re.compile(r'\bmessage: "([^"]+)"|error: "([^"]+)"|(TimedOut|operation timed out)')


def line(error: BaseException, secrets: Iterable[str] = ()) -> str:
    """Return what failed and why, in one line of bounded length, without the secrets."""
    said, _, details = str(error).partition("\n\nDebug source:")
    text = _shortened(" ".join(said.split()), _cause(details)) or type(error).__name__
    text = _SIGNATURE.sub(r"\1=…", text)
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "…")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def code(error: BaseException) -> str:
    """Return the code that S3, Azure and Google put into the XML of an error; empty when there is none."""
    found = _CODE.search(str(error))
    return found[1] if found else ""


def status(error: BaseException) -> int:
    """Return the HTTP status that the store answered; 0 when it did not answer."""
    found = _STATUS.search(str(error))
    return int(found[1]) if found else 0


def _shortened(text: str, cause: str) -> str:
    """Return the heart of a message: the store's own words if it answered, the request, and how often."""
    found = _REQUEST.search(text)
    if found is None:
        return text
    method, address, retries, what = found.groups()
    own = _CODE.search(what), _MESSAGE.search(what)
    if any(own):
        what = ": ".join(part[1].strip().rstrip(".") for part in own if part)
    else:
        what = what.removeprefix("Server returned non-2xx ").rstrip(": ")
    again = f", tried {int(retries) + 1} times" if retries and retries != "0" else ""
    return f"{what}{f' ({cause})' if cause else ''}, for {method} {address.partition('?')[0]}{again}"


def _cause(details: str) -> str:
    """Return what the system said, such as `Connection refused`."""
    found = _SYSTEM.search(details)
    return next((part for part in found.groups() if part), "") if found else ""
