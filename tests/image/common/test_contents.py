"""components.json, and the plugins that it promises."""

from __future__ import annotations

import re
from typing import Any

import pytest
from testinfra.host import Host

from harness import definition
from startup.plugins import PLUGINS
from tests.image.conftest import Run

AVAILABLE = "/usr/share/orthanc/plugins-available"
NATIVE = "/usr/lib/orthanc-image/native"


def test_list_names_the_image(contents: dict[str, Any], variant: str, facts: dict[str, Any]) -> None:
    """components.json says which image it lies in."""
    expected = {
        "name": definition.DEFINITION["name"],
        "variant": variant,
        "version": definition.DEFINITION["version"],
        "platform": f"linux/{facts['Architecture']}",
    }
    assert expected == {key: contents[key] for key in expected}


def test_list_holds_the_components_of_the_variant(contents: dict[str, Any], variant: str) -> None:
    """The image holds the variant's components, and every other one is listed as missing, with a reason.

    Those that come from upstream alone may be missing too: its site may have been out of reach.
    """
    present = [each["name"] for each in contents["components"]]
    missing = [each["name"] for each in contents["missing"]]
    assert set(present) >= {definition.BASE, *definition.sure(variant)}
    assert set(present) <= {definition.BASE, *definition.components(variant)}
    assert sorted([definition.BASE, *definition.COMPONENTS]) == sorted(present + missing)
    assert all(each["reason"].strip() for each in contents["missing"])


def test_every_component_has_version_provider_and_hash(contents: dict[str, Any]) -> None:
    """Nothing is listed without saying exactly what it is."""
    for each in contents["components"]:
        assert re.fullmatch(r"sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})", each["hash"]), each
        assert each["version"].strip(), each


def test_every_component_is_described_as_in_the_definition(contents: dict[str, Any]) -> None:
    """The summary of each component is that of build.toml, and its provider is one of those there."""
    listed = {each["name"]: (each["provider"], each["summary"]) for each in contents["components"]}
    base = listed.pop(definition.BASE)
    assert base[0] == "debian"
    assert {name: summary for name, (_, summary) in listed.items()} == {
        name: definition.COMPONENTS[name]["summary"] for name in listed
    }
    assert [name for name, (one, _) in listed.items() if one not in definition.providers(name)] == []


def test_system_is_the_suite_that_is_listed(contents: dict[str, Any], host: Host) -> None:
    """The system says of itself that it is Debian's suite forky, as components.json does."""
    (base,) = [each for each in contents["components"] if each["name"] == definition.BASE]
    assert base["version"].split()[0] == definition.DEFINITION["debian"]["suite"]
    assert f"VERSION_CODENAME={base['version'].split()[0]}" in host.file("/etc/os-release").content_string


def test_debian_components_have_the_version_that_is_listed(contents: dict[str, Any], host: Host) -> None:
    """What dpkg says is installed is what components.json says."""
    listed = {
        definition.package(each["name"]): each["version"]
        for each in contents["components"]
        if each["provider"] == "debian" and each["name"] != definition.BASE
    }
    installed = host.check_output("dpkg-query -W -f '${Package} ${Version}\\n' " + " ".join(sorted(listed)))
    assert listed == dict(line.split() for line in installed.splitlines())


def test_plugins_are_listed_with_the_component_that_brings_them(contents: dict[str, Any]) -> None:
    """The plugins of each component are in the list, those of the missing ones included."""
    for kind in ("components", "missing"):
        listed = [plugin for each in contents[kind] for plugin in each["plugins"]]
        names = [each["name"] for each in contents[kind] if each["name"] != definition.BASE]
        assert definition.plugins(names) == listed


def test_each_library_from_upstream_is_the_file_of_the_list(contents: dict[str, Any], host: Host) -> None:
    """Libraries from upstream are in the image as they were downloaded."""
    listed = {
        f"{AVAILABLE}/{name}": digest
        for each in contents["components"]
        if each["provider"] == "upstream"
        for name, digest in each["files"].items()
    }
    assert listed == {path: f"sha256:{host.file(path).sha256sum}" for path in listed}


@pytest.mark.parametrize("plugin", ["StoneWebViewer", "OsimisWebViewerBasic"])
def test_an_enabled_plugin_that_is_not_in_the_image_is_the_one_problem(
    contents: dict[str, Any], run: Run, plugin: str
) -> None:
    """The container does not start and says why the plugin is not there, and asks nothing else about it."""
    reasons = {name: each["reason"] for each in contents["missing"] for name in each["plugins"]}
    if plugin not in reasons:
        pytest.skip(f"{plugin} is in this image")
    (switch,) = (one.switch for one in PLUGINS if one.name == plugin)
    said = run(environment={switch: "true", "ORTHANC_PASSWORD": "Sunday-7"})
    assert (
        f"{plugin}: it is enabled ({switch}=true) but it is not part of this image, because " in said.stderr
    )
    assert reasons[plugin] in said.stderr
    assert "1 problem" in said.stderr


def test_every_plugin_library_finds_its_own_libraries(host: Host) -> None:
    """Each dependency and each function of each plugin is found."""
    said = host.run(f"ldd -r {AVAILABLE}/*.so {NATIVE}/* 2>&1")
    assert said.rc == 0, said.stdout
    bad = ("not found", "undefined symbol", "not a dynamic")
    assert [line for line in said.stdout.splitlines() if any(words in line for words in bad)] == []


@pytest.mark.parametrize("program", ["Orthanc", "OrthancWSIDicomizer", "OrthancWSIDicomToTiff", "python3"])
def test_every_program_finds_its_libraries(host: Host, program: str) -> None:
    """Each dependency of the programs is found."""
    assert "not found" not in host.check_output(f"ldd $(command -v {program})")


def test_plugin_libraries_are_of_the_image_s_architecture(host: Host, facts: dict[str, Any]) -> None:
    """No library of another machine is in the image."""
    machine = {"amd64": "3e 00", "arm64": "b7 00"}[facts["Architecture"]]
    headers = host.check_output(f"for f in {AVAILABLE}/*.so; do od -An -tx1 -j18 -N2 $f; done").splitlines()
    assert headers
    assert {machine} == {line.strip() for line in headers}
