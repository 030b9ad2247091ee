"""What base/compat/ says of itself, and what its scripts say when they are called wrongly."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import tomli

from startup.special import TUNING

TREE = Path(__file__).parents[3]
COMPAT = TREE / "base" / "compat"


def call(script: str, *arguments: object) -> tuple[int, str]:
    """Return exit code and standard error of a script of base/compat/."""
    result = subprocess.run(
        ["sh", COMPAT / script, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return result.returncode, result.stderr


def exported() -> set[str]:
    """Return the names that the version script exports."""
    text = (COMPAT / "exports.map").read_text()
    return set(re.findall(r"^ {4}(\w+);$", text, re.MULTILINE))


def test_exports_are_the_functions_of_the_sources() -> None:
    """Each function that a source stands before is exported, and nothing else."""
    nesting = (COMPAT / "sequence_nesting.cc").read_text()
    reader = re.findall(r'^#define READ "(\w+)"$', nesting, re.MULTILINE)
    stop = (COMPAT / "orderly_stop.cc").read_text()
    network = re.findall(r'^#define \w+ "(_Z\w+)"$', stop, re.MULTILINE)
    assert exported() == {
        *reader, *network, "pthread_attr_setstacksize",
        "lua_createtable", "lua_pushvalue", "PyImport_AppendInittab", "signal", "mg_start", "sqlite3_exec",
    }  # fmt: skip


def test_limit_is_that_of_orthanc_s_authors() -> None:
    """The limit in the source is the one that the page promises."""
    assert "#define LIMIT 64\n" in (COMPAT / "sequence_nesting.cc").read_text()
    assert "refuses the 65th" in (TREE / "docs" / "compat.md").read_text()


def test_what_the_index_is_given_is_on_its_page() -> None:
    """docs/sqlite.md names the two indexes with their columns, and the variable."""
    source = (COMPAT / "sqlite_index.cc").read_text()
    page = (TREE / "docs" / "sqlite.md").read_text()
    names = dict(re.findall(r'^#define (LOOKUP|LISTING) "(\w+)"$', source, re.MULTILINE))
    columns = dict(re.findall(r'" (LOOKUP|LISTING) " ON Resources\((.*)\)"', source))
    assert sorted(names) == sorted(columns) == ["LISTING", "LOOKUP"]
    for each, name in names.items():
        assert f"`{name}` | ({columns[each]}) |" in page
    assert f'SWITCH[] = "{TUNING}"' in source
    assert f"`{TUNING}=false`" in page


def test_each_source_is_on_the_page() -> None:
    """docs/compat.md names every source file."""
    page = (TREE / "docs" / "compat.md").read_text()
    sources = [path.name for path in sorted(COMPAT.iterdir()) if path.suffix in {".c", ".cc"}]
    assert [name for name in sources if f"`{name}`" not in page] == []


def test_packages_are_those_of_the_definition() -> None:
    """The compiler of build.toml has what build.sh needs, and what plugins/native needs beside that."""
    definition = tomli.loads((TREE / "build.toml").read_text())
    here = (COMPAT / "packages.txt").read_text().split()
    beside = {"cmake", "ninja-build", "nlohmann-json3-dev", "orthanc-dev"}
    database = {"libmariadb-dev", "libpq-dev", "libprotobuf-dev", "protobuf-compiler", "unixodbc-dev"}
    permissions = {"libpcre2-dev"}
    codecs = {"libcharls-dev", "libjpeg62-turbo-dev", "libopenjp2-7-dev", "libopenjph-dev", "libseccomp-dev"}
    assert set(definition["debian"]["compiler"]) == {*here, *beside, *database, *permissions, *codecs}


def test_build_without_a_folder() -> None:
    assert call("build.sh") == (
        1,
        "build.sh: one argument is expected, the folder to write to. Call it as: build.sh OUT\n",
    )


def test_apply_without_a_folder() -> None:
    assert call("apply.sh") == (
        1,
        "apply.sh: two arguments are expected, the root file system and the folder written by build.sh. "
        "Call it as: apply.sh ROOT OUT\n",
    )


def test_apply_to_a_root_without_orthanc(tmp_path: Path) -> None:
    assert call("apply.sh", tmp_path, tmp_path) == (
        1,
        f"apply.sh: {tmp_path}/usr/sbin/Orthanc: there is no such file. "
        f"Install the package orthanc in {tmp_path} first.\n",
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a root file system with an Orthanc, and nothing else that apply.sh looks for."""
    (tmp_path / "usr" / "sbin").mkdir(parents=True)
    (tmp_path / "usr" / "sbin" / "Orthanc").write_bytes(b"")
    return tmp_path


def test_apply_to_a_root_without_civetweb(root: Path) -> None:
    """A library that is not there is named."""
    assert call("apply.sh", root, root) == (
        1,
        f"apply.sh: {root}/usr/lib/*/libcivetweb.so.*.*: exactly one such file is expected. "
        "See docs/compat.md for what each patch changes.\n",
    )


def test_apply_to_a_civetweb_that_needs_no_cure(root: Path) -> None:
    """When civetweb no longer opens libssl.so, the build stops and says so."""
    folder = root / "usr" / "lib" / "some-linux-gnu"
    folder.mkdir(parents=True)
    (folder / "libcivetweb.so.1.17.0").write_bytes(b"\0libssl.so.3\0")
    assert call("apply.sh", root, root) == (
        1,
        f"apply.sh: {folder}: civetweb does not open libssl.so. "
        "See docs/compat.md, patch 1: it may be time to remove it.\n",
    )
    assert not (root / "usr" / "lib" / "orthanc-image").exists()
