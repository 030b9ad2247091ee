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
    "libOrthancGdcm.so",
    "libOrthancMySQLIndex.so",
    "libOrthancMySQLStorage.so",
    "libOrthancNeuro.so",
    "libOrthancPostgreSQLIndex.so",
    "libOrthancPostgreSQLStorage.so",
    "libOrthancPython.so",
    "libOrthancWSI.so",
    "libOrthancWebViewer.so",
    "libServeFolders.so",
}


def test_plugins_available_are_exactly_these(host: Host) -> None:
    """The folder of plugins holds what the issue of this image lists and nothing else."""
    assert sorted(LIBRARIES) == sorted(host.file("/usr/share/orthanc/plugins-available").listdir())


def test_no_plugin_lies_where_orthanc_packages_put_it(host: Host) -> None:
    """Nothing is loaded by lying in a folder: only what is enabled is loaded."""
    assert host.file("/usr/share/orthanc/plugins").listdir() == []


@pytest.mark.parametrize("package", ["unixodbc", "unixodbc-common", "libodbc2", "libodbcinst2"])
def test_odbc_is_in_full_only(host: Host, variant: str, package: str) -> None:
    """The driver manager is in full, and the default variant carries nothing of it."""
    assert (variant == "full") == host.package(package).is_installed


@pytest.mark.parametrize("path", ["/opt/microsoft", "/usr/bin/isql", "/etc/odbcinst.ini"])
def test_files_of_odbc_are_in_full_only(host: Host, variant: str, path: str) -> None:
    """No file of ODBC is in the default variant."""
    assert (variant == "full") == host.file(path).exists
