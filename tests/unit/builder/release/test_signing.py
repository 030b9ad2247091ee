"""Signatures are made and checked by cosign, with the options that fit its version and whose they are."""

from __future__ import annotations

import pytest

from builder.errors import BuildError, ShellError
from builder.image.registry import Name
from builder.release import signing
from builder.release.signing import Signer
from builder.shell import Completed
from tests.unit.builder.fakes import FakeRunner, said

IMAGE = Name("ghcr.io", "some/orthanc", digest="sha256:" + "ab" * 32)


@pytest.mark.parametrize(
    ("signer", "options", "expected"),
    [
        (Signer("my.key"), "--key --tlog-upload", "--key my.key --tlog-upload=false"),
        (
            Signer("my.key"),
            "--key --use-signing-config",
            "--key my.key --use-signing-config=false --tlog-upload=false",
        ),
        (Signer(), "--key --use-signing-config", ""),
    ],
)
def test_a_key_signs_without_a_public_log_and_a_workflow_with_one(
    signer: Signer, options: str, expected: str
) -> None:
    runner = FakeRunner(("cosign sign", said(options)))
    signing.sign(IMAGE, signer, runner)
    assert runner.ran[-1] == " ".join(f"cosign sign --yes {expected} {IMAGE}".split())


@pytest.mark.parametrize(
    ("signer", "expected"),
    [
        (Signer("my.pub"), "--key my.pub --insecure-ignore-tlog=true"),
        (
            Signer(identity=signing.workflow("https://github.com/some/orthanc")),
            r"--certificate-identity-regexp"
            r" ^https://github\.com/some/orthanc/\.github/workflows/release\.yml@refs/tags/.+$"
            " --certificate-oidc-issuer https://token.actions.githubusercontent.com",
        ),
    ],
)
def test_a_signature_must_be_that_of_the_key_or_of_the_release_workflow(
    signer: Signer, expected: str
) -> None:
    runner = FakeRunner(("cosign", said('Verified\n[{"critical": {}}]\n')))
    assert signing.signed(IMAGE, signer, runner) == [{"critical": {}}]
    assert runner.ran == [f"cosign verify --output json {expected} {IMAGE}"]


def test_an_image_that_nobody_signed_is_told() -> None:
    with pytest.raises(BuildError) as caught:
        signing.signed(IMAGE, Signer("my.pub"), FakeRunner(("cosign", said("", 10, "no signatures found"))))
    assert str(caught.value) == (
        f"{IMAGE}: has no valid signature of my.pub:\n  no signatures found\nDo not use it."
    )


def test_a_machine_without_cosign_is_told() -> None:
    def absent() -> Completed:
        error = ShellError("cosign: no such program", remedy="Install it, or put it on the PATH")
        error.code = 127
        raise error

    with pytest.raises(ShellError) as caught:
        signing.signed(IMAGE, Signer("my.pub"), FakeRunner(("cosign", absent)))
    assert str(caught.value) == "cosign: no such program. Install it, or put it on the PATH."
