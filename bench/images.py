"""Build times, sizes and start times of the images, beside the baseline in the same run."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import requests
from docker.models.containers import Container

from bench import startup
from bench.figures import HEAD, Figure, record
from builder.build.pipeline import OUT
from builder.checkout.tree import copied
from builder.console import Console, duration, size
from builder.engine.client import find
from builder.engine.installation import Engine
from builder.errors import BuildError
from builder.shell import run
from builder.sources import debian
from builder.sources.store import CACHE
from builder.spec import lockfile, model
from builder.spec.model import BASE, Definition

NAME = "orthanc-bench"
USERS = '{"bench": "bench"}'
ROUNDS = 20
REST = 35
"""Seconds of rest: Orthanc gives memory back to the system every 30."""
ANSWER = 30.0


def command(root: Path, environment: Mapping[str, str], console: Console) -> list[Figure]:
    """Measure a copy of the repository `root`, with a store of its own, and report the figures."""
    engine = find()
    with tempfile.TemporaryDirectory(prefix="orthanc-images-bench-") as folder:
        copy, cache = copied(root, Path(folder) / "tree", NAME), Path(folder) / "cache"
        definition = model.load(copy / model.FILE)
        try:
            figures = [
                *_builds(copy, cache, engine, environment, console),
                *_sizes(definition, console),
                *_starts(definition, console),
            ]
        finally:
            _removed(definition)
    record([figure.row for figure in figures], HEAD, root / OUT / "bench.json", console)
    return figures


def _builds(
    copy: Path, cache: Path, engine: Engine, environment: Mapping[str, str], console: Console
) -> Iterator[Figure]:
    argv = [str(Path(sys.executable).parent / "invoke"), "build", "--yes"]

    def built(*options: str) -> float:
        return _timed(lambda: run([*argv, *options], cwd=copy, env={CACHE: str(cache)}))

    with console.stage("cold build of both variants, empty store"):
        cold = built("--no-cache")
    with console.stage("baseline: the same packages, both variants, no cache"):
        baseline = _timed(lambda: _baseline(copy, engine, environment))
    yield Figure("cold build, both variants", cold, baseline, "ratio ≤ 1", duration)
    with console.stage("build with nothing to do"):
        yield Figure("build with nothing to do", min(built() for _ in range(3)), None, "< 1.5 s", duration)
    with console.stage("build after an edit in base/startup"):
        yield Figure("build after an edit in base/startup", _edited(copy, built), None, "< 3 s", duration)


def _edited(copy: Path, built: Callable[[], float]) -> float:
    file = copy / "base/startup/main.py"
    times = []
    for number in range(3):
        file.write_text(file.read_text(encoding="utf-8") + f"\n# edit {number}\n", encoding="utf-8")
        times.append(built())
    return min(times)


def _baseline(copy: Path, engine: Engine, environment: Mapping[str, str]) -> None:
    locked = lockfile.load(copy / lockfile.FILE)
    platform = f"linux/{engine.architecture}"
    mirrors = debian.mirrors(environment)
    if not mirrors:
        raise BuildError("bench: the baseline needs a Debian mirror", remedy=f"Name one in {debian.MIRROR}")
    layers = locked.layers[platform]
    arguments = {
        "MIRROR": mirrors[0],
        "SUITE": locked.suite,
        "DEFAULT_PACKAGES": " ".join(one.name for one in (*layers[BASE], *layers["default"])),
        "FULL_PACKAGES": " ".join(one.name for one in layers["full"]),
    }
    options = [word for key, value in arguments.items() for word in ("--build-arg", f"{key}={value}")]
    context = copy / OUT / "context" / engine.architecture / "tools"
    for number, variant in enumerate(("default", "full")):
        tag = ["--target", variant, "--tag", f"{NAME}-baseline:{variant}"]
        fresh = ["--no-cache"] if number == 0 else []
        file = ["--file", str(copy / "bench/baseline/Dockerfile")]
        run([engine.client, "buildx", "build", *fresh, *file, *tag, *options, str(context)])


def _sizes(definition: Definition, console: Console) -> Iterator[Figure]:
    client = docker.from_env()
    for variant, ours in _tags(definition):
        baseline = f"{NAME}-baseline:{variant}"
        expected = "ratio ≤ 0.70" if variant == "default" else ""
        sizes = [float(client.images.get(tag).attrs["Size"]) for tag in (ours, baseline)]
        yield Figure(f"{variant}, uncompressed", sizes[0], sizes[1], expected, size)
        with console.stage(f"compressing {variant}"):
            packed = [float(_compressed(client, tag)) for tag in (ours, baseline)]
        yield Figure(f"{variant}, compressed (gzip -6)", packed[0], packed[1], "", size)


def _compressed(client: docker.DockerClient, tag: str) -> int:
    """Return how many bytes gzip makes of the image."""
    packer, total = zlib.compressobj(6), 0
    for chunk in client.images.get(tag).save():
        total += len(packer.compress(chunk))
    return total + len(packer.flush())


def _starts(definition: Definition, console: Console) -> Iterator[Figure]:
    """Measure from `docker run` to the first answer of /system; the baseline starts Orthanc alone."""
    configuration = '{"RemoteAccessAllowed": true, "RegisteredUsers": ' + USERS + "}"
    plain = ["sh", "-c", f"echo '{configuration}' >/tmp/o.json && exec Orthanc /tmp/o.json"]
    ours = dict(_tags(definition))["default"]
    sides: list[tuple[str, list[str]]] = [(ours, []), (f"{NAME}-baseline:default", plain)]
    with console.stage(f"starting each image {ROUNDS} times, in turns"):
        rounds = [[_answered(tag, command) for tag, command in sides] for _ in range(ROUNDS)]
        seconds = [statistics.median(times) for times in zip(*rounds, strict=True)]
    yield Figure("docker run to the first /system", seconds[0], seconds[1], "ratio ≤ 1.05", duration)
    with console.stage(f"each image at rest, for {REST} s"):
        memory = [_resting(tag, command) for tag, command in sides]
    yield Figure("memory of Orthanc at rest", memory[0], memory[1], "≤ 60 MiB", _mebibytes)
    with console.stage("start-up code and probe, beside a bare interpreter"):
        yield from startup.figures(ours)


def _answered(tag: str, command: list[str]) -> float:
    """Return the seconds from `docker run` to the first answer."""
    begun = time.monotonic()
    with _container(tag, command) as container:
        return _await(container, tag, begun) - begun


def _resting(tag: str, command: list[str]) -> float:
    """Return the resident size of Orthanc's process in MiB after a rest, when nobody asked anything else."""
    with _container(tag, command) as container:
        _await(container, tag, time.monotonic())
        time.sleep(REST)
        status: Any = container.exec_run(["cat", "/proc/1/status"]).output
        return int(status.decode().partition("VmRSS:")[2].split()[0]) / 1024


def _await(container: Container, tag: str, begun: float) -> float:
    """Return when the server first answered."""
    container.reload()
    port = (container.ports["8042/tcp"] or [{}])[0]["HostPort"]
    while time.monotonic() - begun < ANSWER:
        try:
            url = f"http://127.0.0.1:{port}/system"
            if requests.get(url, auth=("bench", "bench"), timeout=5).ok:
                return time.monotonic()
        except requests.ConnectionError:
            time.sleep(0.01)
    raise BuildError(f"bench: {tag} did not answer within {ANSWER:g} s", details=[container.logs().decode()])


def _mebibytes(amount: float) -> str:
    return f"{amount:.0f} MiB"


@contextmanager
def _container(tag: str, command: list[str]) -> Iterator[Container]:
    container = docker.from_env().containers.run(
        tag,
        command,
        detach=True,
        environment={"ORTHANC__REGISTERED_USERS": USERS},
        ports={"8042/tcp": ("127.0.0.1", 0)},
    )
    try:
        yield container
    finally:
        container.remove(force=True, v=True)


def _tags(definition: Definition) -> list[tuple[str, str]]:
    return [
        (variant.name, f"{NAME}:{definition.version}{variant.suffix}")
        for variant in definition.variants.values()
    ]


def _removed(definition: Definition) -> None:
    """Take the images of the benchmark out of the engine."""
    client = docker.from_env()
    names = [tag for _, tag in _tags(definition)] + [
        f"{NAME}:latest{one.suffix}" for one in definition.variants.values()
    ]
    names += [f"{NAME}-baseline:{variant}" for variant in ("default", "full")]
    for name in names:
        try:
            client.images.remove(name, force=True)
        except docker.errors.ImageNotFound:
            continue


def _timed(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun
