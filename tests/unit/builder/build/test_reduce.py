"""The recipes that make packages smaller: what they leave out, what they keep, and what they list."""

from __future__ import annotations

import ctypes
import importlib.util
import struct
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

RECIPES = Path(__file__).parents[4] / "base/recipes"
SYMBOL = b"icudt99_dat"

KEPT = [
    b"icudt99l/brkitr/root.res",
    b"icudt99l/cnvalias.icu",
    b"icudt99l/coll/ucadata.icu",
    b"icudt99l/en.res",
    b"icudt99l/en_001.res",
    b"icudt99l/icuver.res",
    b"icudt99l/ibm-943_P15A-2003.cnv",
    b"icudt99l/lang/en_GB.res",
    b"icudt99l/lang/pool.res",
    b"icudt99l/res_index.res",
    b"icudt99l/supplementalData.res",
    b"icudt99l/units.res",
]
LEFT_OUT = [
    b"icudt99l/brkitr/cjdict.dict",
    b"icudt99l/brkitr/ja.res",
    b"icudt99l/de.res",
    b"icudt99l/de_.res",
    b"icudt99l/ff_Adlm_BF.res",
    b"icudt99l/lang/es_419.res",
    b"icudt99l/no_NO_NY.res",
    b"icudt99l/shn.res",
]


def recipe(name: str) -> ModuleType:
    """Return a recipe as a module."""
    spec = importlib.util.spec_from_file_location(name, RECIPES / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def icu() -> ModuleType:
    return recipe("icu")


def ran(name: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-B", str(RECIPES / name), *map(str, arguments)]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def archive(names: list[bytes]) -> bytes:
    """Return an archive of ICU with these items, each of which holds its own name."""
    header = struct.pack("<HBB", 48, 0xDA, 0x27) + b"CmnD".rjust(12, b"\0") + b"Terms"
    table, texts, content = struct.pack("<I", len(names)), b"", b""
    below = 4 + 8 * len(names)
    start = -(-(below + sum(len(name) + 1 for name in names)) // 16) * 16
    for name in names:
        table += struct.pack("<II", below + len(texts), start + len(content))
        texts += name + b"\0"
        content += name.ljust(-(-len(name) // 16) * 16, b"\xaa")
    return header.ljust(48, b"\0") + (table + texts).ljust(start, b"\0") + content


@pytest.fixture
def library(icu: ModuleType, tmp_path: Path) -> Path:
    """Return a library for the machine of the test, as Debian has it but for its code."""
    machine = struct.unpack_from("<H", Path(sys.executable).read_bytes(), 18)[0]
    path = tmp_path / "libicudata.so.99.1"
    whole = archive(sorted(KEPT + LEFT_OUT))
    path.write_bytes(icu.written(icu.Library(machine, b"libicudata.so.99", SYMBOL, whole)))
    path.chmod(0o640)
    return path


def test_icu_keeps_what_depends_on_no_language_and_english(icu: ModuleType, library: Path) -> None:
    """The loader finds the archive of what is left, at the place that ICU needs, and each item is whole."""
    assert ran("icu.py", library).stderr == ""
    after = icu.read(library.read_bytes())
    assert dict(icu.items(after.data)) == {
        name: name.ljust(-(-len(name) // 16) * 16, b"\xaa") for name in sorted(KEPT)
    }
    found = (ctypes.c_char * len(after.data)).in_dll(ctypes.CDLL(str(library)), SYMBOL.decode())
    assert found.raw == after.data
    assert ctypes.addressof(found) % 16 == 0
    assert after.data.startswith(archive([])[:40])
    assert library.stat().st_mode & 0o7777 == 0o640
    assert [one.name for one in library.parent.iterdir()] == [library.name]


def test_icu_is_the_same_bytes_each_time(library: Path) -> None:
    """What is reduced already stays as it is."""
    ran("icu.py", library)
    once = library.read_bytes()
    ran("icu.py", library)
    assert library.read_bytes() == once


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"\x7fELF", b"MZxx", "is no 64-bit ELF library. Leave its data as it is in base/recipes/reduce."),
        (SYMBOL, b"another_dat", "has no archive of ICU. See how Debian builds it now."),
    ],
)
def test_another_library_than_icu_s_is_refused(library: Path, old: bytes, new: bytes, message: str) -> None:
    library.write_bytes(library.read_bytes().replace(old, new))
    before = library.read_bytes()
    done = ran("icu.py", library)
    assert (done.returncode, done.stderr) == (1, f"libicudata: {message}\n")
    assert library.read_bytes() == before


def test_symbols_of_a_library_go_and_it_still_loads(icu: ModuleType, library: Path) -> None:
    """With the table of its sections."""
    before = library.read_bytes()
    table = struct.pack("<Q", len(before)), struct.pack("<HHH", 64, 3, 2)
    library.write_bytes(before[:40] + table[0] + before[48:58] + table[1] + before[64:] + b"symbols" * 99)
    assert ran("symbols.py", library).stderr == ""
    assert library.read_bytes() == before[:58] + struct.pack("<HHH", 64, 0, 0) + before[64:]
    assert icu.read(library.read_bytes()).symbol == SYMBOL
    assert ctypes.c_char.in_dll(ctypes.CDLL(str(library)), SYMBOL.decode())


def test_symbols_are_taken_out_of_libraries_only(tmp_path: Path) -> None:
    path = tmp_path / "script"
    path.write_text("#!/bin/sh\n")
    done = ran("symbols.py", path)
    assert (done.returncode, done.stderr) == (1, f"{path}: is no 64-bit ELF library. Leave it as it is.\n")
    assert path.read_text() == "#!/bin/sh\n"


def laid_out(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)


@pytest.fixture
def root(library: Path, tmp_path: Path) -> Path:
    """Return a root file system with one package of each kind, and ICU."""
    made = tmp_path / "root"
    info = "var/lib/dpkg/info"
    laid_out(
        made,
        {
            f"{info}/libdcmtk20:amd64.list": "/usr/lib/x/libdcmrt.so.20\n/usr/lib/x/libdcmdata.so.20\n",
            f"{info}/libdcmtk20:amd64.symbols": "",
            f"{info}/libicu99:amd64.list": "/.\n/usr/lib/x/libicudata.so.99.1\n",
            f"{info}/python3-bcrypt.list": "/usr/lib/python3/dist-packages/bcrypt/_b.cpython-315-x.so\n",
            "usr/lib/x/libdcmrt.so.20": "",
            "usr/lib/x/libdcmdata.so.20": "",
            "usr/lib/x/libicudata.so.99.1": "",
            "usr/lib/python3/dist-packages/bcrypt/_b.cpython-314-x.so": "",
            "usr/lib/python3/dist-packages/bcrypt/_b.cpython-315-x.so": "",
            "usr/lib/python3.14/pydoc_data/__pycache__/topics.cpython-314.pyc": "",
            "usr/bin/python3.14": "",
        },
    )
    (made / "usr/bin/python3").symlink_to("python3.14")
    library.replace(made / "usr/lib/x/libicudata.so.99.1")
    return made


def reduced(root: Path, layer: str) -> dict[str, list[str]]:
    """Return the lists of what is left out after a layer was made."""
    done = subprocess.run(
        ["sh", str(RECIPES / "reduce"), str(root), layer], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    lists = root / "usr/share/orthanc/left-out"
    return {path.name: path.read_text().splitlines() for path in sorted(lists.iterdir())}


def test_what_is_left_out_is_listed_by_the_package_that_brings_it_back(root: Path) -> None:
    """In the layer in which it came; what was made from a package's file goes unlisted."""
    before = (root / "usr/lib/x/libicudata.so.99.1").stat().st_size
    expected = [
        "libdcmtk20\t/usr/lib/x/libdcmrt.so.20",
        "libdcmtk20\t/var/lib/dpkg/info/libdcmtk20:amd64.symbols",
        "libicu99\t/usr/lib/x/libicudata.so.99.1",
        "python3-bcrypt\t/usr/lib/python3/dist-packages/bcrypt/_b.cpython-315-x.so",
    ]
    assert reduced(root, "tests-default") == {"tests-default": expected}
    assert sorted(
        str(path.relative_to(root / "usr")) for path in (root / "usr/lib").rglob("*") if path.is_file()
    ) == [
        "lib/python3/dist-packages/bcrypt/_b.cpython-314-x.so",
        "lib/x/libdcmdata.so.20",
        "lib/x/libicudata.so.99.1",
    ]
    assert (root / "usr/lib/x/libicudata.so.99.1").stat().st_size < before
    assert reduced(root, "tests-full") == {"tests-default": expected}
    (root / "usr/lib/x/libdcmrt.so.20").write_text("")
    assert reduced(root, "tests-full") == {"tests-default": expected, "tests-full": expected[:1]}
