"""Signatures of images, made and checked by cosign: by key, or keyless by the identity of a workflow."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from builder.errors import BuildError, ShellError
from builder.image.registry import Name
from builder.shell import NOT_FOUND, Runner, run

COSIGN = "cosign"
ISSUER = "https://token.actions.githubusercontent.com"


@dataclass(frozen=True)
class Signer:
    """Whose signature counts: that of a `key` (a file, or an address that cosign knows), else of a workflow.

    A key is the private one to sign and the public one to verify. `identity` is a regular expression.
    """

    key: str = ""
    identity: str = ""

    def to_sign(self, modern: bool) -> tuple[str, ...]:
        """Return cosign's options for signing; a key signs without a public log.

        A `modern` cosign takes its services from a configuration that names such a log, unless told not to.
        """
        configured = ("--use-signing-config=false",) if modern else ()
        return ("--key", self.key, *configured, "--tlog-upload=false") if self.key else ()

    @property
    def to_verify(self) -> tuple[str, ...]:
        """Return cosign's options for verifying."""
        if self.key:
            return ("--key", self.key, "--insecure-ignore-tlog=true")
        return ("--certificate-identity-regexp", self.identity, "--certificate-oidc-issuer", ISSUER)


def workflow(source: str) -> str:
    """Return the identity of the release workflow of the repository at `source`, as a regular expression."""
    plain = source.replace(".", r"\.")
    return rf"^{plain}/\.github/workflows/release\.yml@refs/tags/.+$"


def sign(name: Name, signer: Signer, runner: Runner = run) -> None:
    """Sign the image with the digest of `name`."""
    modern = "--use-signing-config" in _cosign(["sign", "--help"], runner)
    _cosign(["sign", "--yes", *signer.to_sign(modern), str(name)], runner)


def signed(name: Name, signer: Signer, runner: Runner = run) -> list[dict[str, Any]]:
    """Return the content of the signatures of the image, as verified by cosign.

    Raises:
        BuildError: when no signature is by `signer`.
    """
    try:
        done = _cosign(["verify", "--output", "json", *signer.to_verify, str(name)], runner)
    except ShellError as error:
        if error.code == NOT_FOUND:
            raise
        who = f"of {signer.key}" if signer.key else f"by {signer.identity}"
        raise BuildError(
            f"{name}: has no valid signature {who}", details=error.details[-3:], remedy="Do not use it"
        ) from error
    found: list[dict[str, Any]] = json.loads(done[done.index("[") :])
    return found


def _cosign(arguments: Sequence[str], runner: Runner) -> str:
    return runner([COSIGN, *arguments], timeout=300).stdout
