"""The inputs of a build: the tools as one tar, and the locked files, laid out by layer."""

from __future__ import annotations

import hashlib
import io
import lzma
import os
import shutil
import tarfile
from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from builder.errors import BuildError, writing
from builder.sources import providers
from builder.sources.provider import Held
from builder.sources.store import storing
from builder.spec.model import BASE, CHECKER, COMPILER, TOOLS, WEB, WEB_TOOLS
from builder.spec.planning import Plan, manifest

SEED_FORMAT = 1

_LEFT_OUT = ("usr/share/doc/", "usr/share/man/", "usr/share/locale/", "usr/share/info/")
_MERGED = ("bin", "sbin", "lib", "lib64")


def members(deb: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each member of a Debian package, which is an ar archive (deb(5))."""
    from debian.arfile import ArError, ArFile  # noqa: PLC0415 # tools are laid out once for a set of packages

    try:
        for member in ArFile(fileobj=io.BytesIO(deb)):
            yield member.name, member.read()
    except (ArError, OSError, ValueError) as error:
        raise BuildError(
            f"a file in the store is not a Debian package: {error}",
            remedy="Delete the store, then rebuild with: ./inv build",
        ) from error


def seed(debs: Sequence[Path], target: Path) -> None:
    """Write a tar of the files in `debs`: mmdebstrap and apt run when they are merely unpacked.

    With it, a build can start on any machine that has an engine: no image is pulled, nothing is installed.
    """
    with ThreadPoolExecutor() as pool, tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as out:
        seen = set(_MERGED)
        for name in _MERGED:
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, f"usr/{name}"
            out.addfile(link)
        for content in pool.map(_data, debs):
            with tarfile.open(fileobj=io.BytesIO(content)) as archive:
                _add(archive, out, seen)


def _data(deb: Path) -> bytes:
    """Return the tar of the files of `deb`, decompressed; threads do this at once, outside Python's lock."""
    name, content = next(one for one in members(deb.read_bytes()) if one[0].startswith("data.tar"))
    return lzma.decompress(content) if name.endswith(".xz") else content


def _add(archive: tarfile.TarFile, out: tarfile.TarFile, seen: set[str]) -> None:
    """Copy the useful entries of `archive` to `out`, except folders and links in `seen`; add them there."""
    for entry in archive:
        entry.name = entry.name.removeprefix("./").rstrip("/")
        known = entry.name in seen and (entry.isdir() or entry.name in _MERGED)
        if known or entry.name in ("", ".") or entry.name.startswith(_LEFT_OUT):
            continue
        seen.add(entry.name)
        out.addfile(entry, archive.extractfile(entry) if entry.isreg() else None)


def lay_out(plan: Plan, held: Held, cache: Path, target: Path) -> None:
    """Write the build context of `plan` to `target`, with the files that `held` returns by digest.

    Each step mounts a folder of it: `tools`, and `packages`, `inputs`, `upstream`, `sources` and `metadata`
    below the name of a layer, or `web`. One context is read faster than ten. Correct files are left as they
    are.
    """
    with writing(target):
        _tools(plan, held, cache, target / TOOLS)
        _base(plan, held, target)
        for variant in plan.targets:
            _variant(plan, variant, held, target / variant)
        _web(plan, held, target / WEB / "packages")


def _tools(plan: Plan, held: Held, cache: Path, target: Path) -> None:
    """Put the tar of the tools into `target`; it is made once for a set of packages, and kept in `cache`."""
    tools = plan.artifacts(TOOLS)
    names = "".join(sorted(package.hashed[1] for package in tools))
    key = hashlib.sha256(f"{SEED_FORMAT} {names}".encode()).hexdigest()
    tar = cache / f"{plan.architecture}-{key[:32]}.tar"
    if not tar.exists():
        with storing(cache):
            _packed([held(package.digest) for package in tools], tar)
    _linked(target, {"tools.tar": tar})


def _packed(debs: Sequence[Path], tar: Path) -> None:
    """Write the seed of `debs` to `tar`, completely or not at all."""
    partial = tar.with_suffix(f".{os.getpid()}.part")  # another build may be writing the same tar
    tar.parent.mkdir(parents=True, exist_ok=True)
    try:
        seed(debs, partial)
        partial.replace(tar)
    finally:
        partial.unlink(missing_ok=True)


def _base(plan: Plan, held: Held, target: Path) -> None:
    for layer in (one for one in (BASE, COMPILER, CHECKER) if one in plan.layers):
        _linked(target / layer / "packages", {one.file: held(one.digest) for one in plan.artifacts(layer)})
    _written(target / BASE / "sources" / "debian.sources", _sources(plan))


def _variant(plan: Plan, variant: str, held: Held, target: Path) -> None:
    for provider in providers.every():
        if provider.folder:
            files = {provider.layout(one): held(one.digest) for one in plan.artifacts(variant, provider.name)}
            _linked(target / provider.folder, files)
    _written(target / "metadata" / "components.json", manifest(plan, variant))


def _web(plan: Plan, held: Held, target: Path) -> None:
    """Lay out what our own pages are made with and of, each by its hash, which package-lock.json has too."""
    packages = (*plan.artifacts(WEB_TOOLS), *plan.artifacts(WEB))
    _linked(target, {f"{one.hashed[1]}.tgz": held(one.digest) for one in packages})


def _sources(plan: Plan) -> str:
    """Return the apt sources for derived images: the archive as it was when the lock was made."""
    return (
        "# The packages that fit those of this image. Another mirror works too; replace this file.\n"
        f"Types: deb\nURIs: {plan.archive}\nSuites: {plan.suite}\nComponents: main\n"
        "Check-Valid-Until: no\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
    )


def _linked(folder: Path, files: Mapping[str, Path]) -> None:
    """Make `folder` hold `files` as hard links (copies where that is not possible), and nothing else."""
    _emptied(folder, files)
    for name, source in files.items():
        target = folder / name
        if target.exists() and (target.samefile(source) or _alike(target, source)):
            continue
        target.unlink(missing_ok=True)
        try:
            target.hardlink_to(source)
        except OSError:
            shutil.copy2(source, target)


def _alike(first: Path, second: Path) -> bool:
    """Tell whether `first` is still a copy of `second`, by size and time as rsync does."""
    one, other = first.stat(), second.stat()
    return (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def _written(path: Path, text: str) -> None:
    """Make the file at `path` hold `text`, and its folder nothing else.

    A file with the same text is not rewritten: BuildKit recognizes a changed file by its time and size.
    """
    _emptied(path.parent, {path.name})
    content = text.encode()
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)


def _emptied(folder: Path, kept: Container[str]) -> None:
    """Create `folder`, or remove everything in it that is not `kept`."""
    folder.mkdir(parents=True, exist_ok=True)
    for extra in [path for path in folder.iterdir() if path.name not in kept]:
        if extra.is_dir() and not extra.is_symlink():
            shutil.rmtree(extra)
        else:
            extra.unlink()
