"""What a store refuses is said in one sentence at the start, with the setting that is wrong."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import docker
import pytest
import requests

from harness import dicom
from harness.containers import Orthanc
from harness.gateway import Gateway
from harness.stores import S3, AnyBucket, Azure
from services.fixtures import Serve, Services
from tests.image.default.conftest import Keep

REFUSED = 78


def ended(server: Orthanc) -> tuple[int, list[str]]:
    """Return the exit code of a server that does not start, and the errors in its log."""
    code = server.wait_for_exit(60)
    lines = [line for line in server.logs().splitlines() if re.match(r"E\d{4} ", line)]
    return code, [line.partition("] ")[2].removeprefix("(plugins) ") for line in lines]


def missing(bucket: AnyBucket) -> str:
    """Return what is said when the bucket is not there."""
    return {
        "AwsS3Storage": f"BucketName: there is no bucket 'nobodys-{bucket.name}' at http://moto:5000."
        " Make it, or correct the name.",
        "AzureBlobStorage": f"ContainerName: there is no container 'nobodys-{bucket.name}' at"
        " http://azurite:10000/devstoreaccount1."
        " Make it, or set CreateContainerIfNotExists to true.",
        "GoogleCloudStorage": f"BucketName: there is no bucket 'nobodys-{bucket.name}'."
        " Make it, or correct the name.",
    }[bucket.plugin]


def test_missing_bucket_ends_the_start(bucket: AnyBucket, keep: Keep) -> None:
    """Its name is in the sentence."""
    place = "ContainerName" if bucket.plugin == Azure.plugin else "BucketName"
    settings: dict[str, Any] = {place: f"nobodys-{bucket.name}"}
    if bucket.plugin == Azure.plugin:
        settings["CreateContainerIfNotExists"] = False
    server = keep(bucket, settings, wait=False)
    assert ended(server) == (REFUSED, [f"{bucket.plugin}.{missing(bucket)}"])


def test_container_is_made_when_it_is_missing(services: Services, keep: Keep, store: type[AnyBucket]) -> None:
    """Azure's containers are made by default, with a reminder; buckets of the others never are."""
    bucket = store(services(store.kind), "made-by-orthanc")
    server = keep(bucket, wait=store is Azure)
    if store is not Azure:
        code, errors = ended(server)
        assert (code, len(errors)) == (REFUSED, 1)
        return
    server.upload(dicom.encoded(dicom.ct(patient="container")))
    assert len(bucket.stored.names()) == 1
    assert (
        "AzureBlobStorage: the container 'made-by-orthanc' at http://azurite:10000/devstoreaccount1 was made."
        " See that it is private."
    ) in server.logs()


ANSWERS = {
    "AuthorizationHeaderMalformed": (
        "<Message>the region 'us-east-1' is wrong; expecting 'eu-central-1'</Message>",
        "Region: the bucket 'tests-answers' is not in 'us-east-1'. Set it to 'eu-central-1'.",
    ),
    "SignatureDoesNotMatch": ("", "SecretKey: it does not belong to the access key. Correct it."),
    "InvalidAccessKeyId": ("", "AccessKey: the store does not know this key. Correct it."),
    "ExpiredToken": ("", "AccessKey: the credentials of the environment are no longer valid. Renew them."),
}
"""What Amazon answers to requests that it refuses, and what is said then."""


@pytest.mark.inherited
@pytest.mark.parametrize("code", ANSWERS)
def test_refusal_of_amazon_ends_the_start(
    services: Services, client: docker.DockerClient, keep: Keep, code: str
) -> None:
    """The setting that is wrong is named, and no secret is shown."""
    bucket = S3(services("moto"), "tests-answers")
    details, sentence = ANSWERS[code]
    with Gateway.on(client, bucket.service.address) as gateway:
        gateway.says = f"<Error><Code>{code}</Code>{details}</Error>".encode()
        gateway.faults = [400 if code != "SignatureDoesNotMatch" else 403] * 9
        bucket.via = gateway.inside
        server = keep(bucket, wait=False)
        assert ended(server) == (REFUSED, [f"AwsS3Storage.{sentence}"])
    assert "tests-secret" not in server.logs()


OUT_OF_REACH = {
    "AwsS3Storage": ("bucket", "Endpoint"),
    "AzureBlobStorage": ("container", "ConnectionString"),
    "GoogleCloudStorage": ("bucket", "ServiceAccountFile"),
}
"""What is called what, and the setting that has the address."""


def test_unreachable_store_is_an_error_that_may_pass(
    store: type[AnyBucket], serve: Serve, keep: Keep
) -> None:
    """Orthanc starts without its store, says so, and stores files once the store is there."""
    bucket = store(serve(store.kind), "tests-late")
    bucket.make()
    bucket.service.stop()
    server = keep(bucket)
    kind, setting = OUT_OF_REACH[bucket.plugin]
    assert f" {bucket.plugin}.{setting}: the {kind} 'tests-late' at http://{bucket.via}" in server.logs()
    assert " Files can be neither stored nor read until it answers." in server.logs()
    assert server.get("/system").status_code == 200
    bucket.service.start_again()
    if store is S3:  # moto forgets its buckets
        bucket.make()
    server.upload(dicom.encoded(dicom.ct(patient="late")))
    assert len(bucket.stored.names()) == 1


@pytest.fixture
def guarded(serve: Serve) -> tuple[S3, dict[str, str]]:
    """Return a bucket in an S3 that checks credentials, and the settings of a user with full rights."""
    return guarded_after(4, serve)


def guarded_after(requests_: int, serve: Serve) -> tuple[S3, dict[str, str]]:
    """Return the same where more requests go unchecked than the four that make user and bucket."""
    bucket = S3(serve("moto", environment={"INITIAL_NO_AUTH_ACTION_COUNT": str(requests_)}), "tests-guarded")
    policy = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}], "Version": "2012-10-17"}
    iam(bucket, Action="CreateUser", UserName="orthanc")
    iam(bucket, Action="PutUserPolicy", UserName="orthanc", PolicyName="p", PolicyDocument=json.dumps(policy))
    said = iam(bucket, Action="CreateAccessKey", UserName="orthanc")
    bucket.make()
    found = {
        setting: re.findall(f"<{element}>(.*?)</{element}>", said)[0]
        for setting, element in (("AccessKey", "AccessKeyId"), ("SecretKey", "SecretAccessKey"))
    }
    return bucket, found


def iam(bucket: S3, **parameters: str) -> str:
    """Return the answer of moto's IAM, which tells services apart by the scope of the credentials."""
    scope = (
        "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=x"
    )
    headers = {"Authorization": scope, "Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({"Version": "2010-05-08", **parameters})
    answer = requests.post(bucket.service.url, data=body, headers=headers, timeout=30)
    answer.raise_for_status()
    return answer.text


@pytest.mark.inherited
def test_unknown_key_ends_the_start(guarded: tuple[S3, dict[str, str]], keep: Keep) -> None:
    """An S3 that checks credentials does not know the access key: it is named, and no secret is shown."""
    bucket, credentials = guarded
    server = keep(bucket, credentials | {"AccessKey": "AKIANOBODY0000000000"}, wait=False)
    sentence = "AwsS3Storage.AccessKey: the store does not know this key. Correct it."
    assert ended(server) == (REFUSED, [sentence])
    assert credentials["SecretKey"] not in server.logs()


def test_files_of_a_store_are_read_by_many_threads(bucket: AnyBucket, keep: Keep) -> None:
    """Orthanc takes the defaults for a store, and `config explain` names the store as their reason."""
    server = keep(bucket, DicomWeb={}, StorageLoaderThreadsCount=20)
    said = [
        server.run("config", "explain", name).stdout.splitlines()[0]
        for name in (
            "DicomParserThreadsCount",
            "DicomWeb.WadoRsLoaderThreadsCount",
            "StorageLoaderThreadsCount",
        )
    ]
    origin = f"default for files in the object store of {bucket.plugin}"
    assert said == [
        f"DicomParserThreadsCount = 16  ({origin})",
        f"DicomWeb.WadoRsLoaderThreadsCount = 4  ({origin})",
        f"StorageLoaderThreadsCount = 20  (ORTHANC_JSON; over 32 from {origin}; over 4 from image default)",
    ]
    assert "orthanc_storage_available_threads 20" in server.get("/tools/metrics-prometheus").text
