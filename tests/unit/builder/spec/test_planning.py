"""A plan is everything that a build makes, decided before anything is done."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from builder.errors import DefinitionError, UsageError
from builder.spec import labels, lockfile, model, planning
from builder.spec.lockfile import Lock
from builder.spec.model import Definition, Npm
from builder.spec.planning import Commit, Missing, Part, Plan
from tests.unit.builder.samples import (
    EPOCH,
    SNAPSHOT,
    UPSTREAM,
    absence,
    definition,
    lock,
    node,
    npm_bundle,
    package,
    sha256,
    tree,
    upstream_lock,
    wheel,
    with_pages,
    with_viewer,
)

COMMIT = Commit("c0ffee", 1790000000)


@pytest.fixture
def sample(tmp_path: Path) -> Definition:
    return definition(tmp_path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tree(tmp_path)


def made(
    sample: Definition, root: Path, *variants: str, platform: str = "linux/amd64", of: Lock | None = None
) -> Plan:
    return planning.make(
        sample, of or lock(sample), variants=variants, platform=platform, commit=COMMIT, root=root
    )


def test_a_variant_is_made_with_what_it_extends(sample: Definition, root: Path) -> None:
    plan = made(sample, root, "full")
    assert plan.targets == ("default", "full")
    assert [image.variant for image in plan.images] == ["default", "full"]
    assert plan.lineages == {"default": ("default",), "full": ("default", "full")}
    assert list(plan.layers) == ["tools", "compiler", "base", "default", "full", "web-tools", "web"]
    assert [plan.artifacts(name, "pypi") for name in plan.targets] == [(), (wheel(),)]


def test_only_the_tests_of_native_code_have_the_packages_of_the_checker(
    sample: Definition, root: Path
) -> None:
    sample = replace(sample, debian=replace(sample.debian, checker=("catch2",)))
    assert sample.below("checker") == ("tools", "compiler")
    assert "checker" not in made(sample, root, "default").layers
    plan = planning.make(
        sample, lock(sample), variants=(), platform="linux/amd64", commit=COMMIT, root=root, checking=True
    )
    assert plan.artifacts("checker") == (package("catch2"),)


def test_a_variant_that_is_asked_for_twice_is_made_once(sample: Definition, root: Path) -> None:
    assert made(sample, root, "full", "default", "full").targets == ("default", "full")


def test_a_variant_alone_is_made_without_what_extends_it(sample: Definition, root: Path) -> None:
    plan = made(sample, root, "default")
    assert plan.targets == ("default",)
    assert "full" not in plan.layers


def test_a_plan_has_what_the_lock_has_for_its_platform(sample: Definition, root: Path) -> None:
    plan = made(sample, root, "full", platform="linux/arm64")
    assert plan.architecture == "arm64"
    assert plan.epoch == EPOCH
    assert plan.archive == "https://example.org/archive/debian/20261030T200801Z/"
    assert plan.artifacts("base") == (package("python3", architecture="arm64"),)
    assert plan.artifacts("full") == (wheel(machine="aarch64"),)


def test_an_unknown_variant_is_told_with_a_guess(sample: Definition, root: Path) -> None:
    with pytest.raises(UsageError) as caught:
        made(sample, root, "ful")
    assert str(caught.value) == "variant: 'ful' is not in build.toml. Perhaps you meant 'full'."
    assert caught.value.exit_code == 64


def test_an_unknown_platform_is_told_with_a_guess(sample: Definition, root: Path) -> None:
    with pytest.raises(UsageError) as caught:
        made(sample, root, "full", platform="linux/riscv64")
    assert str(caught.value) == (
        "platform: 'linux/riscv64' is not in build.toml. Perhaps you meant 'linux/arm64'."
    )


def test_tags_are_the_version_and_latest(sample: Definition) -> None:
    assert planning.tags(sample, "default") == ("orthanc:26.11.0", "orthanc:latest")
    assert planning.tags(sample, "full") == ("orthanc:26.11.0-full", "orthanc:latest-full")


def test_tags_of_another_platform_are_marked(sample: Definition, root: Path) -> None:
    plan = planning.marked(made(sample, root, "full", platform="linux/arm64"))
    assert plan.image("default").tags == ("orthanc:26.11.0-arm64", "orthanc:latest-arm64")
    assert plan.image("full").tags == ("orthanc:26.11.0-full-arm64", "orthanc:latest-full-arm64")


def test_labels_say_what_an_image_is(sample: Definition, root: Path) -> None:
    plan = made(sample, root, "full")
    assert plan.image("full").labels == {
        "org.opencontainers.image.title": "Orthanc (full)",
        "org.opencontainers.image.description": "A server",
        "org.opencontainers.image.version": "26.11.0-full",
        "org.opencontainers.image.revision": "c0ffee",
        "org.opencontainers.image.created": "2026-09-21T14:13:20Z",
        "org.opencontainers.image.source": "https://example.org/orthanc",
        "org.opencontainers.image.url": "https://example.org/orthanc",
        "org.opencontainers.image.documentation": "https://example.org/orthanc/blob/main/README.md",
        "org.opencontainers.image.licenses": "GPL-3.0-or-later",
        "org.opencontainers.image.base.name": "scratch",
        "org.orthanc-images.debian": f"forky {SNAPSHOT}",
        "org.orthanc-images.variant": "full",
        "org.orthanc-images.components": (
            f"debian=forky@{SNAPSHOT} orthanc=1.0-1 startup=26.11.0 driver=18.1"
        ),
        "org.orthanc-images.missing": "",
    }
    default = plan.image("default").labels
    assert default["org.orthanc-images.missing"] == "driver"
    assert default["org.opencontainers.image.title"] == "Orthanc"
    assert default["org.opencontainers.image.version"] == "26.11.0"


def test_parts_have_version_and_hash_of_what_they_are_made_from(sample: Definition, root: Path) -> None:
    parts = made(sample, root, "full").image("full").parts
    file = sha256(b"startup/main.py\0" + bytes.fromhex(sha256("print()\n")))
    assert parts == (
        Part(
            "debian",
            "Debian forky",
            "debian",
            f"forky {SNAPSHOT}",
            f"sha256:{sha256(sha256('python3'))}",
            (),
        ),
        Part(
            "orthanc",
            "the server",
            "debian",
            "1.0-1",
            f"sha256:{sha256('orthanc')}",
            ("ServeFolders", "Worklists"),
        ),
        Part("startup", "start-up code", "tree", "26.11.0", f"sha256:{file}", ()),
        Part("driver", "a driver", "pypi", "18.1", f"sha256:{sha256('wheel')}", ()),
    )


def test_what_an_image_lacks_is_told_with_the_reason(sample: Definition, root: Path) -> None:
    nowhere = replace(sample.components["startup"], name="nowhere", plugins=("Nowhere",))
    more = replace(sample, components={**sample.components, "nowhere": nowhere})
    plan = made(more, root, "full")
    assert plan.image("default").missing == (
        Missing("driver", (), "it comes with the variant 'full'"),
        Missing("nowhere", ("Nowhere",), "no variant includes it"),
    )
    assert plan.image("full").missing == (Missing("nowhere", ("Nowhere",), "no variant includes it"),)


def digest(sample: Definition, root: Path) -> str:
    (part,) = (one for one in made(sample, root, "default").images[0].parts if one.name == "startup")
    return part.hash


def test_the_hash_of_a_part_changes_with_its_files(sample: Definition, root: Path) -> None:
    before = digest(sample, root)
    main = root / "startup/main.py"
    main.write_text("print(1)\n")
    changed = digest(sample, root)
    main.rename(root / "startup/other.py")
    renamed = digest(sample, root)
    (root / "startup/inner").mkdir()
    (root / "startup/inner/main.py").write_text("")
    assert len({before, changed, renamed, digest(sample, root)}) == 4


def test_the_hash_of_a_part_stays_when_bytecode_or_a_copy_appears(sample: Definition, root: Path) -> None:
    before = digest(sample, root)
    (root / "startup/__pycache__").mkdir()
    (root / "startup/__pycache__/main.pyc").write_bytes(b"code")
    (root / "startup/empty").mkdir()
    assert digest(sample, root) == before
    assert digest(sample, tree(root / "elsewhere")) == before


def test_a_part_may_be_a_single_file(sample: Definition, root: Path) -> None:
    component = replace(sample.components["startup"], files=("startup/main.py",))
    one = replace(sample, components={**sample.components, "startup": component})
    assert digest(one, root) == digest(sample, root)


def test_a_file_is_read_once_for_all_images(
    sample: Definition, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []

    def noted(path: Path) -> bytes:
        read.append(path)
        return bytes(path.name, "utf-8")

    monkeypatch.setattr(Path, "read_bytes", noted)
    plan = made(sample, root, "full", "default")
    assert [image.variant for image in plan.images] == ["default", "full"]
    assert read == [root / "startup/main.py"]


def test_a_file_of_the_tree_that_is_not_there_is_told(sample: Definition, tmp_path: Path) -> None:
    with pytest.raises(DefinitionError) as caught:
        made(sample, tmp_path / "nowhere", "default")
    assert str(caught.value) == (
        "build.toml: 'startup' is not in the repository. Correct the files of its component."
    )


def test_the_manifest_is_what_the_image_says_of_itself(sample: Definition, root: Path) -> None:
    plan = made(sample, root, "default")
    content = json.loads(planning.manifest(plan, "default"))
    startup = {
        "name": "startup",
        "summary": "start-up code",
        "provider": "tree",
        "version": "26.11.0",
        "hash": digest(sample, root),
        "plugins": [],
        "files": {},
    }
    assert (content["components"][2], len(content["components"])) == (startup, 3)
    del content["components"]
    assert content == {
        "name": "orthanc",
        "variant": "default",
        "version": "26.11.0",
        "platform": "linux/amd64",
        "missing": [{"name": "driver", "plugins": [], "reason": "it comes with the variant 'full'"}],
    }


@pytest.fixture
def with_upstream(tmp_path: Path) -> Definition:
    return definition(tmp_path, UPSTREAM)


def test_libraries_of_upstream_are_parts_with_each_file_by_its_hash(
    with_upstream: Definition, root: Path
) -> None:
    plan = made(with_upstream, root, "default", of=upstream_lock(with_upstream, "database", "extra"))
    index, storage, extra = (sha256(name) for name in ("libIndex.so", "libStorage.so", "libExtra.so"))
    _, _, database, other, _ = plan.image("default").parts
    assert database == Part(
        "database",
        "a database",
        "upstream",
        "5.2",
        f"sha256:{sha256(''.join(sorted([index, storage])))}",
        ("MySQL",),
        {"libIndex.so": f"sha256:{index}", "libStorage.so": f"sha256:{storage}"},
    )
    assert (other.hash, other.files) == (f"sha256:{extra}", {"libExtra.so": f"sha256:{extra}"})
    assert [one.file for one in plan.precompiled("default")] == [
        "libIndex.so",
        "libStorage.so",
        "libExtra.so",
    ]


def test_a_newer_library_of_upstream_takes_the_place_of_debians_package(
    with_upstream: Definition, root: Path
) -> None:
    locked = upstream_lock(with_upstream, "database")
    amd64, arm64 = (
        made(with_upstream, root, "default", of=locked, platform=f"linux/{name}")
        for name in ("amd64", "arm64")
    )
    assert [one.name for one in amd64.artifacts("default", "debian")] == ["orthanc", "orthanc-data"]
    assert [one.name for one in arm64.artifacts("default", "debian")] == [
        "orthanc",
        "orthanc-data",
        "orthanc-database",
    ]
    versions = {
        plan.platform: [part.version for part in plan.images[0].parts if part.name == "database"]
        for plan in (amd64, arm64)
    }
    assert versions == {"linux/amd64": ["5.2"], "linux/arm64": ["1.0-1"]}


def test_a_component_that_no_provider_gave_is_missing_with_the_reason_of_the_lock(
    with_upstream: Definition, root: Path
) -> None:
    locked = replace(lock(with_upstream), absent={"linux/amd64": (absence("extra"), absence("database"))})
    reasons = {
        platform: made(with_upstream, root, "full", of=locked, platform=platform).image("full").missing
        for platform in with_upstream.platforms
    }
    then = "its library was not available when the lock was made (2026-11-24)"
    assert reasons == {
        "linux/amd64": (Missing("extra", ("STL",), f"{then}: the site is closed"),),
        "linux/arm64": (Missing("extra", ("STL",), "Orthanc's download site has it for linux/amd64 only"),),
    }


def test_what_is_refused_comes_from_the_next_provider_or_is_missing(
    with_upstream: Definition, root: Path
) -> None:
    plan = planning.make(
        with_upstream,
        upstream_lock(with_upstream, "database", "extra"),
        variants=("default",),
        platform="linux/amd64",
        commit=COMMIT,
        root=root,
        refused={"database": "libIndex.so: needs libmagic.so", "extra": "libExtra.so: is not an ELF file"},
    )
    parts = {part.name: (part.provider, part.version) for part in plan.image("default").parts}
    assert (parts["database"], "extra" in parts, plan.doubtful) == (("debian", "1.0-1"), False, ())
    assert plan.image("default").missing[0] == Missing("extra", ("STL",), "libExtra.so: is not an ELF file")


def test_a_library_has_the_version_that_it_gives_itself(with_upstream: Definition, root: Path) -> None:
    """In the list of what is inside, in the label, and in the lists of contents."""
    plan = planning.make(
        with_upstream,
        upstream_lock(with_upstream, "database", "extra"),
        variants=("default",),
        platform="linux/amd64",
        commit=COMMIT,
        root=root,
        told={"extra": "1.1"},
    )
    image = plan.image("default")
    parts = {part.name: (part.provider, part.version) for part in image.parts}
    assert (parts["extra"], parts["database"]) == (("upstream", "1.1"), ("upstream", "5.2"))
    assert "extra=1.1" in image.labels[labels.COMPONENTS].split()
    assert {one.component: one.version for one in plan.doubtful} == {"database": "5.2", "extra": "1.1"}


def test_a_plan_can_be_looked_at(sample: Definition, root: Path) -> None:
    content = json.loads(planning.text(made(sample, root, "full")))
    assert content["targets"] == ["default", "full"]
    assert content["layers"]["base"][0]["name"] == "python3"


def test_the_repositorys_own_plan_can_be_made() -> None:
    here = Path(__file__).parents[4]
    own = model.load(here / model.FILE)
    locked = lockfile.load(here / lockfile.FILE)
    for platform in own.platforms:
        plan = planning.make(
            own, locked, variants=tuple(own.variants), platform=platform, commit=COMMIT, root=here
        )
        present = [part.name for part in plan.image("full").parts]
        missing = [one.name for one in plan.image("full").missing]
        assert sorted([*present, *missing]) == sorted(["debian", *own.components])


def test_a_bundle_is_a_part_with_its_sha512_on_each_platform(sample: Definition, root: Path) -> None:
    for platform in sample.platforms:
        plan = made(with_viewer(sample), root, "full", platform=platform)
        assert [plan.artifacts(name, "npm") for name in plan.targets] == [(npm_bundle(),), ()]
        part = Part("viewer", "a viewer", "npm", "3.1.0", npm_bundle().digest, ("Ohif",))
        assert part in plan.image("default").parts


def test_a_plan_has_what_bundles_our_pages_on_its_platform_and_what_is_bundled(
    sample: Definition, root: Path
) -> None:
    paged = with_pages(sample, root)
    for platform, name in (("linux/amd64", "x64"), ("linux/arm64", "arm64")):
        plan = made(paged, root, "full", platform=platform)
        assert [one.name for one in plan.artifacts("web-tools")] == [f"@esbuild/linux-{name}"]
        assert plan.artifacts("web") == (node("@some/part", "1.2.3", "part"),)
    plain = made(sample, root)
    assert (plain.artifacts("web-tools"), plain.artifacts("web")) == ((), ())


def test_a_tool_that_the_lock_of_the_pages_lacks_is_told(sample: Definition, root: Path) -> None:
    paged = replace(with_pages(sample, root), npm=Npm(("@esbuild/linux-x46",)))
    with pytest.raises(DefinitionError) as caught:
        made(paged, root)
    assert str(caught.value) == (
        "build.toml: npm.tools: '@esbuild/linux-x46' is not in plugins/web/package-lock.json. "
        "Correct it, or add the package there."
    )


def test_what_is_made_beside_sources_is_no_part_of_them(sample: Definition, root: Path) -> None:
    before = made(sample, root, "default").image("default").parts
    for name in ("__pycache__", "node_modules/some"):
        (root / "startup" / name).mkdir(parents=True)
        (root / "startup" / name / "made").write_text("x")
    assert made(sample, root, "default").image("default").parts == before
