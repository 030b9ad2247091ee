"""Wrong values: the check of the configuration and Orthanc itself agree on them."""

from __future__ import annotations

import json
from pathlib import Path

import docker
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from harness import certificates, containers, definition
from startup import catalogue

TRIAL = Path(__file__).with_name("trial.py")

ONLY_ORTHANC = {
    "whether the machine has credentials of its own is not known before Google is asked": (
        "GoogleCloudStorage.ServiceAccountFile",
    ),
    "only the library of PostgreSQL knows what it takes for an address": ("PostgreSQL.ConnectionUri",),
}
"""What the check lets pass and Orthanc ends with, by the reason."""

ONLY_THE_CHECK = {
    "Orthanc looks at it when it is used, and that fails": (
        "AdvancedStorage.DelayedDeletion.MaxDeletionTime",
        "AdvancedStorage.DelayedDeletion.ThrottleDelayMs",
        "AdvancedStorage.Indexer.EnableVerboseLogs",
        "AdvancedStorage.Indexer.Folders",
        "AdvancedStorage.Indexer.Interval",
        "AdvancedStorage.Indexer.ParsedExtensions",
        "AdvancedStorage.Indexer.SkippedExtensions",
        "AdvancedStorage.Indexer.TakeOwnership",
        "AdvancedStorage.Indexer.ThrottleDelayMs",
        "CaseSensitivePN",
        "DicomCheckModalityHost",
        "DicomEchoChecksFind",
        "DicomModalities.*.AET",
        "DicomModalities.*.Host",
        "DicomWeb.EnableMetadataCache",
        "DicomWeb.EnablePerformanceLogs",
        "DicomWeb.MetadataWorkerThreadsCount",
        "DicomWeb.QidoCaseSensitive",
        "DicomWeb.Servers.*.CertificateFile",
        "DicomWeb.Servers.*.CertificateKeyFile",
        "DicomWeb.Servers.*.ChunkedTransfers",
        "DicomWeb.Servers.*.HasDelete",
        "DicomWeb.Servers.*.HasWadoRsUniversalTransferSyntax",
        "DicomWeb.Ssl",
        "HttpsCACertificates",
        "Indexer.Folders",
        "IngestTranscodingOfCompressed",
        "IngestTranscodingOfUncompressed",
        "LogExportedResources",
        "OrthancPeers.*.CertificateFile",
        "OrthancPeers.*.CertificateKeyFile",
        "StrictAetComparison",
        "SynchronousCMove",
        "SynchronousZipStream",
        "TemporaryDirectory",
        "WholeSlideImaging.EnableLearnerToLearnerSharing",
        "Worklists.Database",
        "ZipUseUtf8",
    ),
    "Orthanc makes text of a number in it, which means nothing": (
        "AcceptedSopClasses",
        "RejectSopClasses",
        "RejectedSopClasses",
        "SslCiphersAccepted",
    ),
    "Orthanc takes it, and lets strangers in or mixes up what it keeps": (
        "Housekeeper.GlobalPropertyId",
        "RegisteredUsers.*",
        "StorageDirectory",
    ),
}
"""What the check refuses and Orthanc starts with, by the reason for refusing it all the same."""

UNREAD = ("MySQL.", "Neuro.", "OrthancExplorer2.", "PostgreSQL.", "Python.", "PythonVerbose", "Worklists.")
"""Plugins of which the image may have a version or a library that does not read each setting."""


def account_key() -> bytes:
    """Return a private key as those of Google's service accounts are."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def own_plugins(variant: str) -> list[str]:
    """Return the plugins that a variant has beyond those of the one that it extends."""
    below = definition.plugins(definition.components(definition.extended(variant)))
    return sorted(set(definition.plugins(definition.components(variant))) - set(below))


@pytest.mark.timeout(300)
def test_the_check_and_orthanc_agree(
    client: docker.DockerClient, image: str, variant: str, request: pytest.FixtureRequest
) -> None:
    """Each setting with wrong values: what the check lets pass starts, and Orthanc complains of the others.

    Databases and stores count as started when they are asked. Plugins that are not in the image are left out,
    and those of an image below that has just been tested.
    """
    own = own_plugins(variant) if request.config.getoption("--extends") else []
    said = containers.output(
        client,
        image,
        ["python3", "/trial.py", *own],
        files={
            "/trial.py": TRIAL.read_text(),
            "/trial.pem": certificates.server("localhost"),
            "/trial.key": account_key(),
        },
        timeout=270,
    )
    assert said.code == 0, said.stderr
    tried = [json.loads(line) for line in said.stdout.splitlines()]
    passed = {path for paths in ONLY_ORTHANC.values() for path in paths}
    owners = catalogue.load().components
    refused = {path for paths in ONLY_THE_CHECK.values() for path in paths if not own or owners[path] in own}
    ended = [(path, value, end) for state, path, value, end in tried if state == "ended"]
    alone = {path for state, path, _, _ in tried if state == "alone" and not path.startswith(UNREAD)}
    assert [each for each in ended if each[0] not in passed] == []
    assert alone - refused == set()
    assert {path for path in refused if not path.startswith(UNREAD)} - alone == set()
    assert {"agreed", "started"} <= {state for state, _, _, _ in tried}
