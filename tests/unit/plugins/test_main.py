"""The start of our plugins and of the user's script, and what they share of Orthanc's module."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from orthanc_images import main
from orthanc_images.api import Api
from orthanc_images.errors import PluginError
from startup import bundled_plugins, errors
from tests.unit.plugins.orthanc import Orthanc


@pytest.fixture(autouse=True)
def path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The search path and the modules of Python, put back after each test."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


SAMPLE = {"Plugin": "Sample", "Package": "sample"}


class Started(ModuleType):
    """A package with a plugin that notes its start, and the texts for PluginError that others raise."""

    def __init__(self, trouble: str = "") -> None:
        super().__init__("started")
        self.trouble = trouble
        self.seen: list[tuple[str, Any]] = []

    def start(self, _api: Api, configuration: Any, plugin: str) -> None:
        self.seen.append((plugin, configuration))
        if self.trouble:
            raise PluginError(self.trouble)


def install(monkeypatch: pytest.MonkeyPatch, package: Started) -> None:
    monkeypatch.setitem(sys.modules, "orthanc_images.sample", package)


def test_plugins_start_with_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin gets the whole configuration but for the section that starts it."""
    package = Started()
    install(monkeypatch, package)
    module = Orthanc(Name="here", ImagePlugins={"Start": [SAMPLE], "PythonScript": ""})
    main.run(module)
    assert package.seen == [("Sample", {"Name": "here"})]
    assert module.lines == []


def test_plugin_that_cannot_start_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its sentence is logged as an error, and the process ends with the code of a wrong configuration."""
    install(monkeypatch, Started("Sample.Key: is empty. Give one."))
    module, codes = Orthanc(ImagePlugins={"Start": [SAMPLE], "PythonScript": ""}), list[int]()
    main.run(module, codes.append)
    assert (module.lines, codes) == (["E Sample.Key: is empty. Give one."], [errors.EXIT_CONFIGURATION])


def test_section_is_that_of_the_start_up_code() -> None:
    """Both sides agree on the name of the section, the exit code, and the script."""
    assert (main.SECTION, main.EXIT_CONFIGURATION) == (bundled_plugins.SECTION, errors.EXIT_CONFIGURATION)
    tree = Path(main.__file__).parents[1]
    assert (tree / Path(bundled_plugins.SCRIPT).name).is_file()


def test_users_script_is_a_module_beside_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script is imported under its own name, and finds what lies in its folder."""
    (tmp_path / "beside.py").write_text("WORD = 'found'\n")
    (tmp_path / "users_script.py").write_text("import beside\nNAME, WORD = __name__, beside.WORD\n")
    monkeypatch.chdir(tmp_path)
    main.run(Orthanc(ImagePlugins={"Start": [], "PythonScript": "users_script.py"}))
    script = importlib.import_module("users_script")
    assert (script.NAME, script.WORD) == ("users_script", "found")


def test_packages_of_the_image_come_last() -> None:
    """A user's own packages come before those that the image has for itself."""
    main.run(Orthanc(ImagePlugins={"Start": [], "PythonScript": ""}))
    assert sys.path[-1] == main.PACKAGES


def test_changes_reach_everybody() -> None:
    """Each registered callback is called; Orthanc itself is asked once, also by the user's script."""
    module, seen = Orthanc(), list[str]()
    api = Api(module)
    api.on_change(lambda *words: seen.append("ours {} {} {}".format(*words)))
    module.RegisterOnChangeCallback(lambda *words: seen.append(f"theirs {words[2]}"))
    assert module.changed is not None
    module.changed(3, 2, "id")
    assert seen == ["ours 3 2 id", "theirs id"]


def test_failed_callback_keeps_no_other_from_its_change() -> None:
    """All are called, each failure is told, and Orthanc gets the last one."""
    module, seen = Orthanc(), list[str]()
    api = Api(module)

    def failing(*words: object) -> None:
        raise ValueError(f"no {words[2]}")

    for callback in (failing, failing, lambda *words: seen.append(words[2])):
        api.on_change(callback)
    assert module.changed is not None
    with pytest.raises(ValueError, match="no id"):
        module.changed(3, 2, "id")
    assert seen == ["id"]
    assert module.lines == ["E a callback for changes failed: ValueError('no id')"]


def test_explorer_has_the_scripts_of_all() -> None:
    """What each one adds to Orthanc Explorer is there in the end."""
    module = Orthanc()
    api = Api(module)
    api.extend_explorer("first();")
    module.ExtendOrthancExplorer("second();")
    assert module.page == "first();\nsecond();"


def test_lines_go_to_the_log() -> None:
    """Each level has its function."""
    module = Orthanc()
    api = Api(module)
    api.info("a")
    api.warning("b")
    api.error("c")
    assert module.lines == ["I a", "W b", "E c"]
