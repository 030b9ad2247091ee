"""The inputs of a build are laid out from the store, and what is right already is left alone."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from builder.build import contexts
from builder.errors import BuildError, StoreError
from builder.sources.store import Store
from builder.spec import planning
from builder.spec.artifact import Artifact
from builder.spec.planning import Commit, Plan
from tests.unit.builder.samples import (
    EPOCH,
    definition,
    lock,
    node,
    npm_bundle,
    sha256,
    sha512,
    tree,
    with_viewer,
)


def ar(*members: tuple[str, bytes]) -> bytes:
    """Return an ar archive as dpkg-deb writes it."""
    parts = [b"!<arch>\n"]
    for name, content in members:
        head = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n"
        parts.append(head.encode() + content + b"\n" * (len(content) % 2))
    return b"".join(parts)


def entry(name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size, info.mtime, info.mode = kind, link, len(content), EPOCH, 0o755
    return info


def deb(*entries: tuple[tarfile.TarInfo, bytes], compression: str = "xz") -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=f"w:{compression}") as archive:  # type: ignore[call-overload]
        for info, content in entries:
            archive.addfile(info, io.BytesIO(content))
    name = f"data.tar.{compression}"
    return ar(("debian-binary", b"2.0\n"), ("control.tar.xz", b"odd"), (name, data.getvalue()))


def file(name: str, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    return entry(name, content), content


def folder(name: str) -> tuple[tarfile.TarInfo, bytes]:
    return entry(name, kind=tarfile.DIRTYPE), b""


@pytest.mark.parametrize("sizes", [(0, 1, 2), (1, 1, 1), (3, 4, 0)])
def test_the_members_of_a_package_are_read_whatever_their_sizes(sizes: tuple[int, ...]) -> None:
    contents = [(f"member{size}", b"x" * size) for size in sizes]
    assert list(contexts.members(ar(*contents))) == contents


def test_a_slash_that_ends_a_members_name_is_no_part_of_it() -> None:
    assert list(contexts.members(ar(("data.tar.xz/", b"a")))) == [("data.tar.xz", b"a")]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"PK", "Unable to find global header"),
        (ar(("control.tar", b"a"))[:40], "Incorrect header length"),
        (ar(("control.tar", b"a")).replace(b"`", b"'"), "Incorrect file magic"),
        (ar(("control.tar", b"a")).replace(b" 1 ", b" x "), "invalid literal for int"),
    ],
)
def test_what_is_no_package_is_told(content: bytes, fault: str) -> None:
    with pytest.raises(BuildError) as caught:
        list(contexts.members(content))
    assert str(caught.value).startswith(f"a file in the store is not a Debian package: {fault}")
    assert str(caught.value).endswith(". Delete the store, then rebuild with: ./inv build.")


def unpacked(folder: Path, *debs: bytes) -> dict[str, tarfile.TarInfo]:
    paths = []
    for number, content in enumerate(debs):
        paths.append(folder / f"{number}.deb")
        paths[-1].write_bytes(content)
    contexts.seed(paths, folder / "tools.tar")
    with tarfile.open(folder / "tools.tar") as archive:
        members = archive.getmembers()
        names = [one.name for one in members]
        assert [name for name in names if name != "usr/bin/tool"] == sorted(
            {name for name in names if name != "usr/bin/tool"}, key=names.index
        )
        return {one.name: one for one in members}


def test_the_seed_holds_the_files_of_all_packages_on_a_merged_usr(tmp_path: Path) -> None:
    """The links come first, since the files of base-files' own links would be in their way."""
    found = unpacked(
        tmp_path,
        deb(
            folder("./"),
            (entry("./bin", kind=tarfile.SYMTYPE, link="usr/bin"), b""),
            folder("./usr/"),
            folder("./usr/bin/"),
            file("./usr/bin/tool", b"one"),
        ),
        deb(
            folder("./usr/"),
            (entry("./usr/bin/link", kind=tarfile.SYMTYPE, link="tool"), b""),
            (entry("./usr/bin/hard", kind=tarfile.LNKTYPE, link="./usr/bin/tool"), b""),
            file("./etc/conf", b"two"),
            compression="gz",
        ),
    )
    assert list(found) == [
        "bin",
        "sbin",
        "lib",
        "lib64",
        "usr",
        "usr/bin",
        "usr/bin/tool",
        "usr/bin/link",
        "usr/bin/hard",
        "etc/conf",
    ]
    assert [found[name].linkname for name in ("bin", "sbin", "lib", "lib64")] == [
        "usr/bin",
        "usr/sbin",
        "usr/lib",
        "usr/lib64",
    ]
    assert (found["usr/bin/tool"].mode, found["usr/bin/tool"].mtime) == (0o755, EPOCH)
    with tarfile.open(tmp_path / "tools.tar") as archive:
        hard = archive.extractfile("etc/conf")
        assert hard is not None
        assert hard.read() == b"two"


@pytest.mark.parametrize("left_out", ["doc", "man", "locale", "info"])
def test_documentation_is_left_out_of_the_seed(tmp_path: Path, left_out: str) -> None:
    found = unpacked(
        tmp_path, deb(file(f"./usr/share/{left_out}/a/b", b"text"), file("./usr/share/docs", b""))
    )
    assert list(found)[4:] == ["usr/share/docs"]


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="dpkg-deb is not on this machine")
def test_a_package_that_dpkg_made_is_read(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "DEBIAN").mkdir(parents=True)
    (source / "DEBIAN/control").write_text(
        "Package: odd\nVersion: 1\nArchitecture: all\nMaintainer: n <n@example.org>\nDescription: odd\n"
    )
    (source / "usr/bin").mkdir(parents=True)
    (source / "usr/bin/tool").write_text("three")
    source.chmod(0o755)
    (source / "DEBIAN").chmod(0o755)
    path = tmp_path / "odd.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", source, path], check=True)
    names = [name for name, _ in contexts.members(path.read_bytes())]
    assert names == ["debian-binary", "control.tar.xz", "data.tar.xz"]
    assert list(unpacked(tmp_path, path.read_bytes()))[4:] == ["usr", "usr/bin", "usr/bin/tool"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def plan(tmp_path: Path, store: Store) -> Plan:
    """Return a plan of both variants whose files are all in the store."""
    sample = with_viewer(definition(tmp_path))
    made = planning.make(
        sample,
        lock(sample),
        variants=["full"],
        platform="linux/amd64",
        commit=Commit("c0ffee", EPOCH),
        root=tree(tmp_path / "tree"),
    )
    layers = {
        layer: tuple(kept(one, store) if one.provider == "debian" else one for one in held)
        for layer, held in made.layers.items()
    }
    store.add(b"wheel", f"sha256:{sha256('wheel')}")
    store.add(b"bundle", npm_bundle().digest)
    return replace(made, layers=layers)


def kept(one: Artifact, store: Store) -> Artifact:
    """Return `one` as a real package of one file, which `store` has."""
    content = deb(file(f"./usr/bin/{one.name}", one.name.encode()))
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    store.add(content, digest)
    return replace(one, size=len(content), digest=digest)


def laid_out(plan: Plan, store: Store, target: Path) -> dict[str, os.stat_result]:
    contexts.lay_out(plan, store.path, store.root / "tools", target)
    return {str(path.relative_to(target)): path.stat() for path in target.rglob("*") if path.is_file()}


FILES = [
    "base/packages/python3_1.0-1_amd64.deb",
    "base/sources/debian.sources",
    "compiler/packages/g++_1.0-1_amd64.deb",
    "default/inputs/bundles/viewer.tgz",
    "default/inputs/packages/orthanc-data_1.0-1_amd64.deb",
    "default/inputs/packages/orthanc_1.0-1_amd64.deb",
    "default/metadata/components.json",
    "full/inputs/wheels/some_driver-18.1-py3-none-manylinux2014_x86_64.whl",
    "full/metadata/components.json",
    "tools/tools.tar",
]


def test_every_context_is_laid_out(plan: Plan, store: Store, tmp_path: Path) -> None:
    found = laid_out(plan, store, tmp_path / "out")
    assert sorted(found) == FILES
    assert [(tmp_path / "out/full/inputs/packages").is_dir(), found[FILES[7]].st_size] == [True, 5]
    with tarfile.open(tmp_path / "out/tools/tools.tar") as archive:
        assert archive.getnames()[4:] == ["usr/bin/mmdebstrap"]
    content = json.loads((tmp_path / "out" / FILES[8]).read_text())
    assert (content["variant"], content["platform"]) == ("full", "linux/amd64")
    assert (tmp_path / "out" / FILES[1]).read_text() == (
        "# The packages that fit those of this image. Another mirror works too; replace this file.\n"
        "Types: deb\n"
        "URIs: https://example.org/archive/debian/20261030T200801Z/\n"
        "Suites: forky\n"
        "Components: main\n"
        "Check-Valid-Until: no\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
    )


def test_what_pages_are_made_with_and_of_is_named_by_its_hash(
    plan: Plan, store: Store, tmp_path: Path
) -> None:
    tool, part = node("tool"), node("part")
    for one in (tool, part):
        store.add(one.name.encode(), one.digest)
    paged = replace(plan, layers={**plan.layers, "web-tools": (tool,), "web": (part,)})
    found = laid_out(paged, store, tmp_path / "out")
    names = {f"web/packages/{sha512(name)}.tgz" for name in ("tool", "part")}
    assert set(found) - set(FILES) == names


def test_files_of_the_store_are_linked_not_copied(plan: Plan, store: Store, tmp_path: Path) -> None:
    found = laid_out(plan, store, tmp_path / "out")
    (package,) = plan.artifacts("base")
    assert found[FILES[0]].st_ino == store.path(package.digest).stat().st_ino


def test_files_are_copied_where_no_link_is_possible(
    plan: Plan, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(target: Path, source: Path) -> None:
        raise OSError(18, "Invalid cross-device link", str(target), None, str(source))

    monkeypatch.setattr(Path, "hardlink_to", refused)
    first = laid_out(plan, store, tmp_path / "out")
    (package,) = plan.artifacts("base")
    held = store.path(package.digest)
    assert first[FILES[0]].st_ino != held.stat().st_ino
    assert (tmp_path / "out" / FILES[0]).read_bytes() == held.read_bytes()
    second = laid_out(plan, store, tmp_path / "out")
    ours = [name for name in FILES if "packages" in name]
    assert [second[name].st_ctime_ns for name in ours] == [first[name].st_ctime_ns for name in ours]


def test_what_is_right_is_left_as_it_is(plan: Plan, store: Store, tmp_path: Path) -> None:
    first = laid_out(plan, store, tmp_path / "out")
    second = laid_out(plan, store, tmp_path / "out")
    kept = {name: (state.st_ino, state.st_mtime_ns) for name, state in first.items()}
    assert {name: (state.st_ino, state.st_mtime_ns) for name, state in second.items()} == kept


@pytest.mark.parametrize("content", [b"", b"part of it"])
def test_a_part_of_a_file_is_replaced(plan: Plan, store: Store, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "out" / FILES[0]
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    laid_out(plan, store, tmp_path / "out")
    (package,) = plan.artifacts("base")
    assert path.read_bytes() == store.path(package.digest).read_bytes()


def test_what_the_plan_no_longer_has_goes(plan: Plan, store: Store, tmp_path: Path) -> None:
    laid_out(plan, store, tmp_path / "out")
    (tmp_path / "out/base/packages/old.deb").write_text("")
    (tmp_path / "out/default/inputs/wheels/old.whl").symlink_to("nowhere")
    (tmp_path / "out/default/metadata/old").mkdir()
    (tmp_path / "out/default/metadata/old/components.json").write_text("")
    assert sorted(laid_out(plan, store, tmp_path / "out")) == FILES
    assert not (tmp_path / "out/default/inputs/wheels/old.whl").is_symlink()


def test_a_changed_file_has_a_new_time(plan: Plan, store: Store, tmp_path: Path) -> None:
    """BuildKit knows a changed file by its time and size, and another hash has the same size."""
    path = tmp_path / "out" / FILES[6]
    laid_out(plan, store, tmp_path / "out")
    right = path.read_text()
    path.write_text(right.replace("orthanc", "ORTHANC"))
    os.utime(path, (EPOCH, EPOCH))
    laid_out(plan, store, tmp_path / "out")
    assert (path.read_text(), path.stat().st_mtime > EPOCH) == (right, True)


def test_the_tools_are_packed_once_for_a_set_of_packages(plan: Plan, store: Store, tmp_path: Path) -> None:
    first = laid_out(plan, store, tmp_path / "out")
    elsewhere = laid_out(plan, store, tmp_path / "elsewhere")
    assert elsewhere["tools/tools.tar"].st_ino == first["tools/tools.tar"].st_ino
    (one,) = (store.root / "tools").iterdir()
    assert one.name.startswith("amd64-")
    other = replace(plan, layers={**plan.layers, "tools": plan.layers["compiler"]})
    assert laid_out(other, store, tmp_path / "out")["tools/tools.tar"].st_ino != one.stat().st_ino
    assert len(list((store.root / "tools").iterdir())) == 2


def test_tools_that_could_not_be_packed_leave_nothing_behind(
    plan: Plan, store: Store, tmp_path: Path
) -> None:
    bad = replace(plan, layers={**plan.layers, "tools": (replace_content(plan, store),)})
    with pytest.raises(BuildError, match="is not a Debian package"):
        laid_out(bad, store, tmp_path / "out")
    assert list((store.root / "tools").iterdir()) == []


def replace_content(plan: Plan, store: Store) -> Artifact:
    store.add(b"no package", f"sha256:{sha256('no package')}")
    return replace(plan.layers["tools"][0], digest=f"sha256:{sha256('no package')}")


def test_a_folder_that_cannot_be_written_is_told(plan: Plan, store: Store, tmp_path: Path) -> None:
    """A file in the place of a folder stops root too."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out/base").write_text("")
    with pytest.raises(StoreError) as caught:
        laid_out(plan, store, tmp_path / "out")
    assert str(caught.value) == (
        f"{tmp_path}/out/base/packages: cannot be written: Not a directory. "
        "Free some space, or correct its permissions."
    )
    assert caught.value.exit_code == 73


def test_tools_that_do_not_fit_on_the_disk_are_told_at_the_store(
    plan: Plan, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write names no file; the one that is full is the disk of the store, not that of out/."""

    def full(_: object, target: Path) -> None:
        target.write_text("part")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(contexts, "seed", full)
    with pytest.raises(StoreError) as caught:
        laid_out(plan, store, tmp_path / "out")
    assert caught.value.message == f"{store.root}/tools: the disk is full: no space is left"
    assert list((store.root / "tools").iterdir()) == []
