"""Exactly what the default variant holds; full holds the same and its own components."""

from __future__ import annotations

import pytest
from testinfra.host import Host

LIBRARIES = {
    "libDelayedDeletion.so",
    "libHousekeeper.so",
    "libModalityWorklists.so",
    "libMultitenantDicom.so",
    "libOrthancDicomWeb.so",
    "libOrthancNeuro.so",
    "libOrthancPython.so",
    "libOrthancWSI.so",
    "libOrthancWebViewer.so",
    "libServeFolders.so",
}

DRIVERS = {
    "/usr/lib/orthanc-image/native/libOrthancPostgreSQLIndex.so": "libpq.so.5",
    "/usr/lib/orthanc-image/native/libOrthancMySQLIndex.so": "libmariadb.so.3",
    "/usr/lib/orthanc-image/native/libOrthancOdbcIndex.so": "libodbc.so.2",
}
"""The library through which each database plugin of these images reaches its server."""


def test_plugins_available_are_exactly_these(host: Host) -> None:
    """The folder of plugins holds what the issue of this image lists and nothing else."""
    assert sorted(LIBRARIES) == sorted(host.file("/usr/share/orthanc/plugins-available").listdir())


def test_no_plugin_lies_where_orthanc_packages_put_it(host: Host) -> None:
    """Nothing is loaded by lying in a folder: only what is enabled is loaded."""
    assert host.file("/usr/share/orthanc/plugins").listdir() == []


@pytest.mark.parametrize("library", DRIVERS)
def test_databases_are_reached_through_debians_libraries(host: Host, library: str) -> None:
    """Each plugin has one of them, and not those of the others."""
    needed = host.check_output("ldd %s", library)
    assert [name for name in DRIVERS.values() if f"{name} =>" in needed] == [DRIVERS[library]]
    assert "not found" not in needed


@pytest.mark.parametrize("package", ["orthanc-postgresql", "orthanc-mysql"])
def test_no_database_plugin_of_debian_is_here(host: Host, package: str) -> None:
    """Ours stand in for them: two plugins for one section would be a trap."""
    assert not host.package(package).is_installed


@pytest.mark.parametrize("package", ["unixodbc", "unixodbc-common", "libodbcinst2"])
def test_tools_of_odbc_are_in_full_only(host: Host, variant: str, package: str) -> None:
    """The default variant has the library that the plugin needs, and nothing else of the driver manager."""
    assert host.package("libodbc2").is_installed
    assert (variant == "full") == host.package(package).is_installed


@pytest.mark.parametrize("path", ["/opt/microsoft", "/usr/bin/isql", "/etc/odbcinst.ini"])
def test_files_of_odbc_are_in_full_only(host: Host, variant: str, path: str) -> None:
    """No driver of ODBC, and no list of drivers, is in the default variant."""
    assert (variant == "full") == host.file(path).exists
