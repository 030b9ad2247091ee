"""The lock of our pages is read: which packages are meant for a platform, and by which hash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from builder.errors import LockError
from builder.spec import package_lock
from builder.spec.package_lock import FILE, FOLDER, NodePackage, NodeTarget
from tests.unit.builder.samples import node, sri

ROOT = Path(__file__).parents[4]
HERE = NodeTarget("linux", "x64")


def written(root: Path, packages: Any) -> Path:
    path = root / FILE
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"packages": packages}))
    return root


def entry(**values: Any) -> dict[str, Any]:
    return {"version": "1.0.0", "integrity": sri("a"), **values}


def test_a_package_has_its_place_name_and_hash(tmp_path: Path) -> None:
    """A package at the place of another says its own name."""
    root = written(
        tmp_path,
        {
            "": {"name": "pages"},
            "node_modules/b/node_modules/@s/a": entry(integrity=f"sha1-x {sri('a')}", dev=True),
            "node_modules/b": entry(name="@s/c"),
        },
    )
    inner = NodePackage("b/node_modules/@s/a", node("@s/a", sum_of="a"), development=True)
    outer = NodePackage("b", node("@s/c", sum_of="a"), development=False)
    found = package_lock.read(root, HERE)
    assert found == (outer, inner)
    assert package_lock.bundled(found) == (outer.artifact,)
    assert package_lock.tools(found, ["@s/a", "other"]) == (inner.artifact,)


@pytest.mark.parametrize(
    ("values", "fits"),
    [
        ({}, True),
        ({"os": ["linux", "darwin"], "cpu": ["x64"], "libc": ["glibc"]}, True),
        ({"os": ["darwin"]}, False),
        ({"cpu": ["arm64"]}, False),
        ({"libc": ["musl"]}, False),
        ({"os": ["!win32"]}, True),
        ({"os": ["!linux"]}, False),
    ],
)
def test_a_package_may_be_meant_for_some_machines_only(
    tmp_path: Path, values: dict[str, list[str]], fits: bool
) -> None:
    found = package_lock.read(written(tmp_path, {"node_modules/a": entry(**values)}), HERE)
    assert [one.artifact.name for one in found] == (["a"] if fits else [])


@pytest.mark.parametrize(
    ("packages", "message"),
    [
        (
            {"node_modules/a": entry(integrity="sha1-x")},
            "plugins/web/package-lock.json: node_modules/a has no sha512. "
            "Regenerate it with npm, as described in plugins/web/README.md.",
        ),
        (
            {"node_modules/a": entry(integrity="sha512-?")},
            "plugins/web/package-lock.json: node_modules/a has no sha512. "
            "Regenerate it with npm, as described in plugins/web/README.md.",
        ),
        (
            {"node_modules/a": entry(integrity="sha512-AAAA")},
            "plugins/web/package-lock.json: node_modules/a has no sha512. "
            "Regenerate it with npm, as described in plugins/web/README.md.",
        ),
        (
            {"node_modules/a": {"integrity": sri("a")}},
            "plugins/web/package-lock.json: is not a package-lock.json of version 3. "
            "Regenerate it with npm, as described in plugins/web/README.md.",
        ),
        (
            [],
            "plugins/web/package-lock.json: is not a package-lock.json of version 3. "
            "Regenerate it with npm, as described in plugins/web/README.md.",
        ),
        (
            None,
            "plugins/web/package-lock.json: cannot be read: No such file or directory. "
            "Regenerate it with npm, as described in plugins/web/README.md.",
        ),
    ],
)
def test_a_lock_that_is_damaged_is_told(tmp_path: Path, packages: Any, message: str) -> None:
    root = tmp_path if packages is None else written(tmp_path, packages)
    with pytest.raises(LockError) as caught:
        package_lock.read(root, HERE)
    assert str(caught.value) == message


def test_the_repositorys_own_lock_is_that_of_its_package_json() -> None:
    locked = json.loads((ROOT / FILE).read_text(encoding="utf-8"))["packages"]
    wanted = json.loads((ROOT / FOLDER / "package.json").read_text(encoding="utf-8"))
    for key in ("dependencies", "devDependencies"):
        assert locked[""].get(key, {}) == wanted.get(key, {})
        for name, version in wanted.get(key, {}).items():
            assert locked[f"node_modules/{name}"]["version"] == version
    assert locked[""]["name"] == wanted["name"]


@pytest.mark.parametrize("platform", package_lock.TARGETS)
def test_each_platform_has_the_program_that_bundles(platform: str) -> None:
    names = [one.artifact.name for one in package_lock.read(ROOT, package_lock.TARGETS[platform])]
    processor = package_lock.TARGETS[platform].processor
    assert [name for name in names if name.startswith("@esbuild/")] == [f"@esbuild/linux-{processor}"]


@pytest.mark.parametrize(
    "name",
    sorted(
        str(path.relative_to(ROOT))
        for folder in ("plugins/web", "services")
        for path in (ROOT / folder).rglob("package-lock.json")
        if "node_modules" not in path.parts
    ),
)
def test_no_lock_of_npm_names_a_registry(name: str) -> None:
    """The registry is the machine's own affair; other addresses are of licences and for gifts."""
    packages = json.loads((ROOT / name).read_text(encoding="utf-8"))["packages"]
    for entry in packages.values():
        assert "resolved" not in entry
        facts = {key: value for key, value in entry.items() if key not in ("funding", "license")}
        assert "://" not in json.dumps(facts)
