"""components.json, and the plugins that it promises."""

from __future__ import annotations

import re
from typing import Any

import pytest
from testinfra.host import Host

from tests.image import definition

AVAILABLE = "/usr/share/orthanc/plugins-available"


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
    """The image holds the variant's components, and every other one is listed as missing, with a reason."""
    present = [each["name"] for each in contents["components"]]
    missing = [each["name"] for each in contents["missing"]]
    assert sorted([definition.BASE, *definition.components(variant)]) == sorted(present)
    assert sorted([definition.BASE, *definition.COMPONENTS]) == sorted(present + missing)
    assert all(each["reason"].strip() for each in contents["missing"])


def test_every_component_has_version_provider_and_hash(contents: dict[str, Any]) -> None:
    """Nothing is listed without saying exactly what it is."""
    for each in contents["components"]:
        assert re.fullmatch(r"sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})", each["hash"]), each
        assert each["version"].strip(), each


def test_every_component_is_described_as_in_the_definition(contents: dict[str, Any]) -> None:
    """Provider and summary of each component are those of build.toml."""
    listed = {each["name"]: (each["provider"], each["summary"]) for each in contents["components"]}
    base = listed.pop(definition.BASE)
    assert base[0] == "debian"
    assert listed == {
        name: (definition.COMPONENTS[name]["provider"], definition.COMPONENTS[name]["summary"])
        for name in listed
    }


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


def test_plugins_are_listed_with_the_component_that_brings_them(
    contents: dict[str, Any], variant: str
) -> None:
    """The plugins of the definition are in the list, none more and none less."""
    listed = [plugin for each in contents["components"] for plugin in each["plugins"]]
    assert sorted(definition.plugins(variant)) == sorted(listed)


def test_every_plugin_library_finds_its_own_libraries(host: Host) -> None:
    """Each dependency and each function of each plugin is found."""
    said = host.run(f"ldd -r {AVAILABLE}/*.so 2>&1")
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
