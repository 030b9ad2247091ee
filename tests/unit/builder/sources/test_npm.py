"""Bundles come from the npm registry of this machine, found without npm, and only with npm's sha512."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from builder.errors import FetchError, LockError
from builder.sources import npm
from builder.sources.store import Store, Wanted
from builder.spec.artifact import Artifact
from builder.spec.component import Component
from tests.unit.builder.samples import node

ARCHIVE = b"bundle"
SHA512 = hashlib.sha512(ARCHIVE)
INTEGRITY = f"sha1-x sha512-{base64.b64encode(SHA512.digest()).decode()}"
NAME = "@scope/viewer"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store", delays=(), timeout=(2.0, 2.0))


def viewer(version: str) -> list[Component]:
    return [Component("viewer", "a viewer", ("npm",), (NAME,), version=version)]


def published(folder: Path, *versions: str, integrity: str = INTEGRITY) -> None:
    """Lay out below `folder` what a registry answers for these versions of the viewer."""
    home = folder / NAME
    (home / "-").mkdir(parents=True)
    dists = {version: {"dist": {"integrity": integrity}} for version in versions}
    (home / "index.html").write_text(json.dumps({"versions": dists}))
    for version in versions:
        (home / f"-/viewer-{version}.tgz").write_bytes(ARCHIVE)


def here(web: tuple[Path, str]) -> dict[str, str]:
    return {npm.REGISTRY: web[1]}


def bundle(version: str) -> Artifact:
    digest = f"sha512:{SHA512.hexdigest()}"
    return Artifact("npm", "viewer", NAME, version, f"scope-viewer-{version}.tgz", 6, digest)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("*", "3.13.0"), ("3.*", "3.13.0"), ("3.9.*", "3.9.10"), ("3.9.2", "3.9.2"), ("3.1.*", "3.1.0")],
)
def test_the_newest_release_that_fits_is_locked_and_kept(
    store: Store, web: tuple[Path, str], wanted: str, found: str
) -> None:
    """Numbers are compared as numbers, and what comes before a release is none."""
    published(web[0], "3.1.0", "3.9.2", "3.9.10", "3.13.0", "3.14.0-beta.1")
    assert npm.resolve(viewer(wanted), store, here(web)) == (bundle(found),)
    assert store.path(f"sha512:{SHA512.hexdigest()}").read_bytes() == ARCHIVE


def test_a_release_that_the_registry_lacks_is_told_with_those_it_has(
    store: Store, web: tuple[Path, str]
) -> None:
    published(web[0], "3.1.0", "3.2.0-rc.1")
    with pytest.raises(LockError) as caught:
        npm.resolve(viewer("3.2.*"), store, here(web))
    assert str(caught.value) == (
        "components.viewer: the npm registry has no @scope/viewer 3.2.*:\n"
        "  it has 3.1.0, 3.2.0-rc.1\n"
        "Correct the package or the version in build.toml."
    )


def test_a_release_without_a_sha512_cannot_be_pinned(store: Store, web: tuple[Path, str]) -> None:
    published(web[0], "3.1.0", integrity="sha1-x")
    with pytest.raises(LockError) as caught:
        npm.resolve(viewer("*"), store, here(web))
    assert str(caught.value) == (
        "components.viewer: the npm registry has no @scope/viewer *. "
        "Correct the package or the version in build.toml."
    )


def test_another_file_than_the_registry_says_is_refused(store: Store, web: tuple[Path, str]) -> None:
    published(web[0], "3.1.0")
    (web[0] / NAME / "-/viewer-3.1.0.tgz").write_bytes(b"damage")
    with pytest.raises(FetchError, match=r"scope-viewer-3\.1\.0\.tgz: 127\.0\.0\.1:\d+ sent sha512:"):
        npm.resolve(viewer("*"), store, here(web))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "it answered 404"),
        ("<html>", "JSONDecodeError"),
        ("[]", "TypeError"),
        ('{"versions": {"1.0.0": {}}}', "KeyError"),
    ],
)
def test_a_registry_that_does_not_answer_as_one_is_told(
    store: Store, web: tuple[Path, str], content: str | None, reason: str
) -> None:
    if content is not None:
        published(web[0])
        (web[0] / NAME / "index.html").write_text(content)
    with pytest.raises(FetchError) as caught:
        npm.resolve(viewer("*"), store, here(web))
    message, _, remedy = str(caught.value).partition(reason)
    assert message == "@scope/viewer: the npm registry did not list its versions ("
    assert remedy == "). Check that the npm registry can be reached, then run the same command again."


def test_without_components_nobody_is_asked(store: Store) -> None:
    assert npm.resolve([], store, {npm.REGISTRY: "http://127.0.0.1:1"}) == ()


def test_a_bundle_is_fetched_by_its_sha512(web: tuple[Path, str], store: Store) -> None:
    published(web[0], "3.1.0")
    wanted = npm.wanted([bundle("3.1.0")], here(web))
    assert store.fetch(wanted)[wanted[0].digest].read_bytes() == ARCHIVE
    assert wanted[0].urls == (f"{web[1]}/@scope/viewer/-/viewer-3.1.0.tgz",)
    assert (wanted[0].name, wanted[0].size) == ("scope-viewer-3.1.0.tgz", 6)


USER = "registry=http://user/\n"
SCOPED = "; ours\n@scope:registry = http://scoped\n[section]\n"


@pytest.mark.parametrize(
    ("environment", "files", "expected"),
    [
        ({npm.REGISTRY: "http://own", "npm_config_registry": "http://npm"}, {"home/.npmrc": SCOPED}, "own"),
        ({"npm_config_registry": "http://npm/"}, {"home/.npmrc": SCOPED}, "npm"),
        ({"NPM_CONFIG_REGISTRY": "http://npm"}, {"home/.npmrc": USER}, "npm"),
        ({}, {"home/.npmrc": USER, "etc/npmrc": "registry = http://machine"}, "user"),
        ({}, {"home/.npmrc": USER + SCOPED}, "scoped"),
        ({}, {"home/.npmrc": "fund=false\n", "usr/etc/npmrc": 'registry = "http://machine/"'}, "machine"),
        ({}, {"usr/local/etc/npmrc": "registry=http://local", "etc/npmrc": USER}, "local"),
        ({"HOST": "named"}, {"home/.npmrc": "registry=http://${HOST}/\n"}, "named"),
        ({}, {"home/.npmrc": "registry=http://${HOST}/\n"}, "${HOST}"),
        ({"NPM_CONFIG_USERCONFIG": "{root}/mine"}, {"mine": USER, "home/.npmrc": SCOPED}, "user"),
        ({"npm_config_globalconfig": "{root}/all"}, {"all": USER, "etc/npmrc": SCOPED}, "user"),
        ({"PATH": "{root}/opt/bin"}, {"opt/bin/node": "", "opt/etc/npmrc": USER}, "user"),
    ],
)
def test_the_registry_is_the_one_of_this_machine(
    tmp_path: Path, environment: dict[str, str], files: dict[str, str], expected: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    given = {"HOME": f"{tmp_path}/home", "PATH": "/nowhere"}
    given |= {name: value.replace("{root}", str(tmp_path)) for name, value in environment.items()}
    assert npm.registry(NAME, given, tmp_path) == f"http://{expected}/"


def test_a_machine_without_any_setting_uses_the_public_registry(tmp_path: Path) -> None:
    found = npm.registry("volview", {"PATH": "/nowhere"}, tmp_path)
    assert found == npm.default_registry()
    assert re.fullmatch(r"https://[\w.]+npm[\w.]+/", found)


def test_a_scope_is_not_asked_for_other_packages(tmp_path: Path) -> None:
    (tmp_path / ".npmrc").write_text(SCOPED + USER)
    given = {"HOME": str(tmp_path), "PATH": "/nowhere"}
    assert npm.registry("viewer", given, tmp_path) == "http://user/"


def test_a_package_of_our_pages_is_fetched_as_bundles_are() -> None:
    """Only its size is not known before."""
    package = node("@scope/b")
    assert npm.wanted([package], {npm.REGISTRY: "https://example.org"}) == [
        Wanted("scope-b-1.0.0.tgz", package.digest, None, ("https://example.org/@scope/b/-/b-1.0.0.tgz",))
    ]
