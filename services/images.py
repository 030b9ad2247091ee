"""The images of the services: stages of the Dockerfile beside this file, on the base of ours."""

from __future__ import annotations

import fcntl
import hashlib
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import docker
import docker.errors

from builder.build import pipeline
from builder.checkout import manifest
from builder.console import Console
from builder.engine.client import Engine
from builder.errors import BuildError, UsageError
from builder.spec import model
from builder.testing import checks
from harness import machine

FOLDER = Path(__file__).resolve().parent
SHARED = ("Dockerfile", "install")
STAGES = (
    *("chromium", "oidc", "earlier", "mariadb", "azurite", "postgresql", "google", "moto"),
    *("odbc", "dcmtk", "registry", "cosign", "nginx", "haproxy"),
)
"""All services, by the names of their stages; those that take long to build come first."""
ON_ORTHANC = ("odbc",)
"""Those that are made from the whole image of Orthanc, and again for each other one."""
AT_ONCE = 3
"""How many are built at once, since each waits for packages more than it works."""
TIMEOUT = 540
LABEL = "org.orthanc.services"
"""Each image of a service carries this label; they stay in the engine, for the next run."""

BASE = "orthanc-services/base"
ENVIRONMENT = ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8")


def base(client: docker.DockerClient, image: str) -> str:
    """Return the tag of an image that holds the first layer of `image` alone: the system, without Orthanc.

    Images on it are not rebuilt when something above changes, such as the start-up code.
    """
    image = _unemulated(client, image)
    layer = str(client.images.get(image).attrs["RootFS"]["Layers"][0])
    tag = f"{BASE}:{layer.removeprefix('sha256:')[:12]}"
    with _alone("base"):
        if not exists(client, tag):
            _import(client, image, tag)
    return tag


def built(engine: Engine, client: docker.DockerClient, image: str, stage: str) -> str:
    """Return the tag of the image of a service, built unless the engine has it already.

    Raises:
        AssertionError: with the output of the engine, when it cannot be built.
    """
    if stage in ON_ORTHANC:
        below, version = image, str(client.images.get(image).id).removeprefix("sha256:")[:12]
    else:
        brought = _brought(client, stage, _fingerprint(stage))
        if brought:
            return brought
        below = base(client, image)
        version = below.partition(":")[2]
    tag = f"orthanc-services/{stage}:{version}-{_fingerprint(stage)}"
    with _alone(stage), tempfile.TemporaryDirectory(prefix="orthanc-services-") as folder:
        if not exists(client, tag):
            done = subprocess.run(
                [engine.client, "buildx", "build", "--builder", "default", "--load", "--progress", "plain",
                 "--build-arg", f"BASE={below}", "--build-arg", f"IMAGE={below}",
                 "--target", stage, "--tag", tag,
                 "--label", f"{LABEL}={stage}",
                 *machine.secrets(Path(folder)), str(FOLDER)],
                capture_output=True, text=True, timeout=TIMEOUT, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"the service {stage} cannot be built:\n{done.stderr[-4000:]}"
    return tag


def everything(engine: Engine, image: str) -> list[str]:
    """Return the tags of the images of all services, built unless the engine has them already.

    Raises:
        BuildError: with the output of the engine, when one cannot be built.
    """
    client = docker.DockerClient(base_url=engine.endpoint) if engine.endpoint else docker.from_env()
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda stage: built(engine, client, image, stage), STAGES))
    except AssertionError as error:
        raise BuildError(f"services: {error}") from error
    finally:
        client.close()


def prepared(engine: Engine, root: Path, console: Console) -> list[str]:
    """Return the tags of the images of all services, on the first image that the last builds of `root` left.

    Raises:
        UsageError: when no image is built.
    """
    try:
        first, *_ = checks.built(model.load(root / model.FILE), root, engine, pipeline.native(engine))
    except UsageError as error:
        remedy = "Build first: ./inv build; or leave the services out: --build-only"
        raise UsageError(
            "bundle: the services of the tests rest on an image, and none is built", remedy=remedy
        ) from error
    with console.stage("building the services of the tests"):
        return everything(engine, first.tags[0])


def _brought(client: docker.DockerClient, stage: str, fingerprint: str) -> str:
    """Return the tag of the service that came with the bundle of this tree; empty without one.

    It rests on the base of the image that the bundle was made with, which may be packed otherwise.
    """
    contents = manifest.find(FOLDER.parent)
    for tag in contents.services if contents else ():
        name, _, version = tag.partition(":")
        if name.endswith(f"/{stage}") and version.endswith(f"-{fingerprint}") and exists(client, tag):
            return tag
    return ""


def exists(client: docker.DockerClient, tag: str) -> bool:
    """Tell whether the engine has this image."""
    try:
        client.images.get(tag)
    except docker.errors.ImageNotFound:
        return False
    return True


def _unemulated(client: docker.DockerClient, image: str) -> str:
    """Return the image of this name for the engine's own platform where the engine has it, else `image`.

    Services are quicker on it, and it is Orthanc that is to be tried under emulation.
    """
    architecture = client.images.get(image).attrs["Architecture"]
    own = image.removesuffix(f"-{architecture}")
    return own if architecture != client.version()["Arch"] and exists(client, own) else image


def _import(client: docker.DockerClient, image: str, tag: str) -> None:
    with tempfile.TemporaryFile() as file:
        for chunk in client.images.get(image).save():
            file.write(chunk)
        file.seek(0)
        with tarfile.open(fileobj=file) as archive:
            manifest = archive.extractfile("manifest.json")
            assert manifest is not None
            layer = archive.extractfile(json.load(manifest)[0]["Layers"][0])
            name, _, version = tag.partition(":")
            assert layer is not None
            client.api.import_image_from_stream(
                iter(lambda: layer.read(1 << 20), b""),
                repository=name,
                tag=version,
                changes=[f"ENV {one}" for one in ENVIRONMENT],
            )


def _fingerprint(stage: str) -> str:
    """Return a name for what the image is made of: the shared files, and the folder of the service."""
    digest = hashlib.sha256()
    folder = FOLDER / stage
    files = [FOLDER / name for name in SHARED]
    files += sorted(one for one in folder.rglob("*") if one.is_file()) if folder.is_dir() else []
    for file in files:
        digest.update(f"{file.relative_to(FOLDER)}\0{file.stat().st_mode & 0o111}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _alone(stage: str) -> Iterator[None]:
    """Hold the lock of an image for the block, since two processes of this machine may need it at once."""
    with (Path(tempfile.gettempdir()) / f"orthanc-services-{stage}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
