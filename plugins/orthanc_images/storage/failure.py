"""What the library says of a failure, in one line and without secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 400

_CODE = re.compile(r"<Code>(\w+)</Code>")
_SIGNATURE = re.compile(
    r"(?i)\b(sig|signature|x-amz-signature|x-amz-credential|x-goog-signature)=[^&\s\"')]*"
)
_DEBUG = re.compile(r"\n\nDebug source:.*", re.DOTALL)


def line(error: BaseException, secrets: Iterable[str] = ()) -> str:
    """Return the message of an error in one line of bounded length, without the secrets."""
    text = _DEBUG.sub("", str(error)) or type(error).__name__
    text = _SIGNATURE.sub(r"\1=…", " ".join(text.split()))
    for secret in secrets:
        if secret:
            text = text.replace(secret, "…")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def code(error: BaseException) -> str:
    """Return the code that S3, Azure and Google put into the XML of an error; empty when there is none."""
    found = _CODE.search(str(error))
    return found[1] if found else ""
