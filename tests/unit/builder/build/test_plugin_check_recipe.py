"""What the loader and Orthanc say of a library becomes one sentence, or none for a good plugin."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

RECIPE = Path(__file__).parents[4] / "base/recipes/plugin_check.py"

REGISTERING = "W1124 08:00:05.765669 MAIN PluginsManager.cpp:287] Registering plugin 'stl' (version 1.4)\n"
STARTED = "W1124 08:00:05.8 MAIN main.cpp:1048] Orthanc has started\n"
REFUSED = (
    "E1124 08:00:05.765679 MAIN PluginsManager.cpp:155] no good day\n"
    "E1124 08:00:05.765846 MAIN main.cpp:2514] Uncaught exception, stopping now\n"
)


@pytest.fixture(scope="module")
def recipe() -> ModuleType:
    specification = importlib.util.spec_from_file_location("plugin_check", RECIPE)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)\n", ""),
        ("\tstatically linked\n", ""),
        (
            "\tlibmagic.so.1 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x7f)\n\tliba.so => not found\n"
            "undefined symbol: magic_open\t(./libExtra.so)\n",
            "needs libmagic.so.1 and liba.so, which are not in the image",
        ),
        ("\tliba.so => not found\n" * 2, "needs liba.so, which is not in the image"),
        (
            "".join(f"\tlib{one}.so => not found\n" for one in "abc"),
            "needs liba.so, libb.so and libc.so, which are not in the image",
        ),
        (
            "./libExtra.so: /lib/libc.so.6: version `GLIBC_2.99' not found (required by ./libExtra.so)\n",
            "needs GLIBC_2.99, which the libraries of the image do not have",
        ),
        (
            "undefined symbol: one\t(./libExtra.so)\nundefined symbol: two, version V\t(./libExtra.so)\n",
            "needs the symbols one and two, which nothing in the image has",
        ),
        ("undefined symbol: one\t(./libExtra.so)\n", "needs the symbol one, which nothing in the image has"),
    ],
)
def test_what_the_loader_does_not_find_is_named(recipe: ModuleType, said: str, expected: str) -> None:
    """Missing libraries come first: the symbols that they would bring say nothing new."""
    assert recipe.unresolved(said) == expected


@pytest.mark.parametrize(
    ("code", "log", "expected"),
    [
        (0, REGISTERING + STARTED, ""),
        (0, STARTED, "is not taken for a plugin by Orthanc"),
        (255, REGISTERING + REFUSED, "makes Orthanc end with exit code 255 at once: no good day"),
        (-11, "", "makes Orthanc end with signal 11 at once"),
        (-6, REGISTERING + STARTED, "makes Orthanc end with signal 6 when it is stopped"),
        (None, REGISTERING, "keeps Orthanc from starting within 60 s"),
        (None, REGISTERING + STARTED, "keeps Orthanc from ending within 60 s"),
    ],
)
def test_what_orthanc_makes_of_a_library_is_told(
    recipe: ModuleType, code: int | None, log: str, expected: str
) -> None:
    """The first error is the plugin's own, the later ones are what follows from it."""
    assert recipe.refused(code, log) == expected


def test_the_version_is_the_one_that_the_library_gives(recipe: ModuleType) -> None:
    assert recipe.version(REGISTERING + STARTED) == "1.4"
    assert recipe.version(STARTED) == ""


def test_what_is_found_is_written_for_each_library(
    recipe: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version for the good ones only."""
    folder = tmp_path / "libraries"
    folder.mkdir()
    for name in ("libGood.so", "libBad.so", "libRefused.so"):
        (folder / name).touch()
    monkeypatch.setattr(recipe, "linked", lambda path: "\ta => not found\n" if "Bad" in path else "")
    monkeypatch.setattr(
        recipe,
        "tried",
        lambda path: (255, REGISTERING + REFUSED) if "Refused" in path else (0, REGISTERING + STARTED),
    )
    recipe.main(str(folder), str(tmp_path / "results"))
    assert json.loads((tmp_path / "results/faults.json").read_text()) == {
        "libBad.so": "needs a, which is not in the image",
        "libGood.so": "",
        "libRefused.so": "makes Orthanc end with exit code 255 at once: no good day",
    }
    assert json.loads((tmp_path / "results/versions.json").read_text()) == {"libGood.so": "1.4"}
