"""A release, exported, published, signed and verified as the workflow does it, and from a bundle."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import docker
import pytest
import yaml
from packageurl import PackageURL

from builder.checkout.tree import copied
from builder.console import size
from builder.engine.client import Engine, find
from builder.image import contents
from builder.image.oci import Layout
from builder.image.registry import Name, Registry
from builder.release import export, publishing
from builder.shell import Completed, run
from builder.spec import model
from builder.testing.checks import Verdict
from harness import machine
from services import images, running
from services.running import Service

ROOT = Path(__file__).resolve().parents[2]
NAME = "orthanc-to-release"
INVOKE = str(Path(sys.executable).parent / "invoke")
PLATFORM = "linux/amd64"

FILES = """\
for file in $(dpkg -L {0}) /var/lib/dpkg/info/{0}[:.]*; do
    [ ! -f "$file" ] || [ -L "$file" ] || stat -c %s "$file"
done
"""
"""Prints the size of each file that a package brought, or that dpkg keeps of it."""


@pytest.fixture(scope="module")
def engine() -> Engine:
    return find()


@pytest.fixture(scope="module")
def client(engine: Engine) -> Iterator[docker.DockerClient]:
    made = docker.DockerClient(base_url=engine.endpoint) if engine.endpoint else docker.from_env()
    yield made
    for image in made.images.list(NAME):
        made.images.remove(str(image.id), force=True)
    made.close()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory, client: docker.DockerClient) -> Path:
    """Return a commit of a copy of the repository, whose image default was built and exported."""
    target = copied(ROOT, tmp_path_factory.mktemp("release") / "tree", NAME)
    author = ["-c", "user.name=n", "-c", "user.email=n@example.org"]
    for words in (["init", "--quiet"], ["add", "."], [*author, "commit", "--quiet", "--message", "Release"]):
        run(["git", "-C", target, *words])
    exported(target)
    return target


def exported(tree: Path) -> Layout:
    """Build the image default of `tree` and export it."""
    words = ["build", "--reproducible", "--yes", "--variant", "default"]
    done = run([INVOKE, *words], cwd=tree, check=False, timeout=900)
    assert done.code == 0, done.stderr
    return Layout(export.place(tree, "default", native(tree)) / "image")


def native(tree: Path) -> str:
    """Return the platform of the image that was built."""
    return str(built(tree)["platform"])


def built(tree: Path) -> dict[str, str]:
    """Return what the build noted of the image."""
    (one,) = json.loads((tree / "out/built.json").read_text())
    found: dict[str, str] = one
    return found


@pytest.fixture(scope="module")
def registry(tree: Path, engine: Engine, client: docker.DockerClient) -> Iterator[Service]:
    tag = images.built(engine, client, f"{NAME}:latest", "registry")
    for stale in client.networks.list(names=["orthanc-to-release"]):
        stale.remove()  # of a run that was interrupted
    network = client.networks.create("orthanc-to-release")
    service = running.launch(client, tag, str(network.name), "registry")
    service.wait_until_ready()
    yield service
    service.remove()
    network.remove()


@pytest.fixture(scope="module")
def cosign(tree: Path, engine: Engine, client: docker.DockerClient) -> Path:
    """Return a folder for the PATH with cosign, which runs in a container, and keys for it."""
    tag = images.built(engine, client, f"{NAME}:latest", "cosign")
    folder = tree.parent / "cosign"
    folder.mkdir()
    script = folder / "cosign"
    script.write_text(
        f"#!/bin/sh\nexec {engine.client} run --rm --network host --user 0 --env COSIGN_PASSWORD="
        f' --volume {folder}:/keys --workdir /keys --entrypoint cosign {tag} "$@"\n'
    )
    script.chmod(0o755)
    for name in ("ours", "other"):
        run([script, "generate-key-pair", "--output-key-prefix", name])
    return folder


@pytest.fixture(scope="module")
def environment(cosign: Path) -> Mapping[str, str]:
    return {"PATH": f"{cosign}{os.pathsep}{os.environ['PATH']}"}


def lacking(tree: Path) -> str:
    """Return what the image lacks, such as plugins whose site was out of reach, with commas."""
    layout = Layout(export.place(tree, "default", native(tree)) / "image")
    return ",".join(publishing.missing(layout, model.load(tree / model.FILE), "default", native(tree)))


def address(registry: Service) -> str:
    host, port = registry.address
    return f"{host}:{port}/some/orthanc"


def called(tree: Path, environment: Mapping[str, str], *words: str) -> Completed:
    """Call a command of the toolkit in `tree`."""
    return run([INVOKE, *words], cwd=tree, env=environment, check=False, timeout=300)


def commands(job: str) -> list[list[str]]:
    """Return the commands of the toolkit that a job of the release workflow calls, in their order."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
    scripts = [step.get("run", "") for step in workflow["jobs"][job]["steps"]]
    return [script.replace('"', "").split()[1:] for script in scripts if script.startswith("./inv ")]


def filled(words: list[str], image: str, tag: str, without: str = "") -> list[str]:
    """Return a command with the values of the workflow, and a key where the workflow needs none."""
    names = {"$IMAGE": image, "$IMAGE:$TAG": f"{image}:{tag}", "$WITHOUT": without}
    keys = {"publish": ["--key", "ours.key", "--platform", PLATFORM], "verify": ["--key", "ours.pub"]}
    return [*(names.get(word, word) for word in words), *keys.get(words[0], [])]


def debian(document: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    """Return the Debian packages of a list in CycloneDX: name, version and architecture."""
    urls = (PackageURL.from_string(one["purl"]) for one in document["components"] if one.get("purl"))
    return {(one.name, str(one.version), str(one.qualifiers["arch"])) for one in urls if one.type == "deb"}


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not on this machine")
class TestRelease:
    """In this order: each goes on from where the one before left it."""

    def test_a_second_build_has_the_same_digest(self, tree: Path) -> None:
        layout = Layout(export.place(tree, "default", native(tree)) / "image")
        before = layout.digest
        assert exported(tree).digest == before

    def test_another_tool_lists_the_same_debian_packages(self, tree: Path, tmp_path: Path) -> None:
        """The tool debsbom finds the packages, and the sources of what is compiled in, that our list has."""
        folder = export.place(tree, "default", native(tree))
        found = contents.read(Layout(folder / "image"))
        status = tmp_path / "root" / contents.STATUS
        status.parent.mkdir(parents=True)
        status.write_text(found.text(contents.STATUS))
        tool = str(Path(INVOKE).with_name("debsbom"))
        run([tool, "generate", "--root", tmp_path / "root", "-t", "cdx", "-o", tmp_path / "theirs"])
        theirs = debian(json.loads((tmp_path / "theirs.cdx.json").read_text()))
        ours = debian(json.loads((folder / "sbom.cdx.json").read_text()))
        sources = {(one.source, one.source_version, "source") for one in contents.installed(found)}
        assert ours | sources == theirs
        assert len(ours) > len(contents.installed(found))

    def test_the_engine_has_what_was_sealed(self, tree: Path, client: docker.DockerClient) -> None:
        layout = Layout(export.place(tree, "default", native(tree)) / "image")
        known = {layout.digest, layout.manifest["config"]["digest"]}
        assert client.images.get(f"{NAME}:latest").id in known

    def test_the_page_about_the_build_has_the_figures_of_the_image(
        self, tree: Path, client: docker.DockerClient
    ) -> None:
        done = called(tree, {}, "report")
        assert done.code == 0, done.stderr
        text = (tree / "out/report.html").read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")
        layout = Layout(export.place(tree, "default", native(tree)) / "image")
        pulled = sum(int(layer["size"]) for layer in layout.manifest["layers"])
        there = int(client.images.get(f"{NAME}:latest").attrs["Size"])
        (unpacked,) = re.search(r"<dd>(\d+) MB in \d+ files", text).groups()  # type: ignore[union-attr]
        (package,) = {*re.findall(r">(libicu\d+) <small>", text)}
        assert layout.digest in text
        assert f"<dt>compressed</dt><dd>{size(pulled)};" in text
        assert abs(int(unpacked) * 1_000_000 - there) < 0.01 * there
        script = ["-c", FILES.format(package)]
        sizes = client.containers.run(f"{NAME}:latest", script, entrypoint="sh", remove=True).split()
        held = size(sum(map(int, sizes)))
        assert re.search(rf">{package} <small>.*?</td><td class=\"number\">{held}</td>", text)
        assert re.search(r"<th scope=\"row\"[^>]*>list what is inside</th><td class=\"number\">\d", text)

    def test_what_was_not_tested_is_not_published(
        self, tree: Path, registry: Service, environment: Mapping[str, str]
    ) -> None:
        words = filled(commands("publish")[0], address(registry), "")
        done = called(tree, environment, *words, "--variant", "default")
        layout = Layout(export.place(tree, "default", native(tree)) / "image")
        assert (done.code, done.stdout) == (1, "")
        assert f"default for {native(tree)}: {layout.digest} is not tested. Test it with" in done.stderr

    def test_the_workflow_publishes_and_verifies(
        self, tree: Path, registry: Service, environment: Mapping[str, str]
    ) -> None:
        one = built(tree)
        export.note_tests(
            tree, [Verdict("default", one["platform"], one["tags"][0], one["identifier"], 1, 0, 0)]
        )
        version = model.load(tree / model.FILE).version
        given = address(registry), version, lacking(tree)
        published, verified, _ = (filled(words, *given) for words in commands("publish"))
        done = called(tree, environment, *published, "--variant", "default")
        assert done.code == 0, done.stderr
        done = called(tree, environment, *verified)
        assert done.code == 0, done.stderr
        layout = Layout(export.place(tree, "default", native(tree)) / "image")
        assert layout.digest in done.stdout

    def test_what_is_pulled_is_what_was_tested(
        self, tree: Path, registry: Service, client: docker.DockerClient
    ) -> None:
        layout = Layout(export.place(tree, "default", native(tree)) / "image")
        index = json.loads(Registry(Name(*address(registry).split("/", 1))).manifest("latest"))
        assert layout.digest in [one["digest"] for one in index["manifests"]]
        pulled = client.images.pull(address(registry), "latest")
        assert pulled.id == built(tree)["identifier"]
        client.images.remove(f"{address(registry)}:latest")

    def test_publishing_again_changes_nothing(
        self, tree: Path, registry: Service, environment: Mapping[str, str]
    ) -> None:
        there = Registry(Name(*address(registry).split("/", 1)))
        tags = ("latest", "26", "1.13.0")
        before = [there.resolve(tag) for tag in tags]
        words = filled(commands("publish")[0], address(registry), "", lacking(tree))
        done = called(tree, environment, *words, "--variant", "default")
        assert done.code == 0, done.stderr
        assert "default: 0 blobs sent" in done.stderr
        assert [there.resolve(tag) for tag in tags] == before

    def test_the_signature_of_somebody_else_does_not_count(
        self, tree: Path, registry: Service, environment: Mapping[str, str]
    ) -> None:
        done = called(tree, environment, "verify", f"{address(registry)}:latest", "--key", "other.pub")
        assert done.code == 1
        assert "has no valid signature of other.pub" in done.stderr


@pytest.fixture(scope="module")
def unpacked(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that a bundle of the commit makes on another machine."""
    machine.demand_network("a bundle, which is made of files from everywhere,")
    file = tmp_path_factory.mktemp("carried") / "bundle.tar"
    words = ["bundle", "--build-only", "--yes", "--variant", "default", "--output", str(file)]
    done = run([INVOKE, *words], cwd=tree, check=False, timeout=900)
    assert done.code == 0, done.stderr
    target = tmp_path_factory.mktemp("elsewhere")
    run(["tar", "-xf", file], cwd=target)
    file.unlink()
    (folder,) = target.iterdir()
    return folder


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not on this machine")
@pytest.mark.skipif(os.geteuid() != 0, reason="a network namespace of its own needs root")
def test_a_bundle_builds_the_same_image_without_a_network(tree: Path, unpacked: Path) -> None:
    """All comes from the bundle: there is no route, no store, no .venv, and no setting of a person."""
    home, sealing_ = unpacked.parent / "home", export.place(tree, "default", native(tree))
    home.mkdir()
    names = ("PATH", "DOCKER_HOST", "DOCKER_CONFIG")
    kept = [f"{name}={os.environ[name]}" for name in names if name in os.environ]
    words = ["build", "--from-bundle", ".", "--yes", "--reproducible", "--variant", "default"]
    alone = ["env", "-i", *kept, f"HOME={home}", "unshare", "--net", str(unpacked / "inv")]
    done = run([*alone, *words], cwd=unpacked, check=False, timeout=900)
    assert done.code == 0, done.stderr
    made = Layout(export.place(unpacked, "default", native(tree)) / "image")
    assert made.digest == Layout(sealing_ / "image").digest
    assert sorted(path.name for path in (home / ".cache/orthanc-images").iterdir()) == [
        "partial",
        "sha256",
        "sha512",
        "tools",
    ]
