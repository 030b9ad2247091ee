"""What must hold of the tables of an index, whatever happened to those who wrote them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.containers import Orthanc

Ask = Callable[[str], list[list[str]]]
"""Runs a statement, and returns its rows as texts."""

OWNED = ("MainDicomTags", "DicomIdentifiers", "Metadata", "AttachedFiles", "Labels")
"""Tables whose `id` is that of a resource."""
NOBODYS = {
    f"{table} of no resource": f"SELECT COUNT(*) FROM {table} t LEFT JOIN Resources r "
    "ON r.internalId = t.id WHERE r.internalId IS NULL"
    for table in OWNED
}
BROKEN = {
    "changes of no resource": "SELECT COUNT(*) FROM Changes c LEFT JOIN Resources r "
    "ON r.internalId = c.internalId WHERE r.internalId IS NULL",
    "resources whose parent is missing or of another level": "SELECT COUNT(*) FROM Resources r "
    "LEFT JOIN Resources p ON p.internalId = r.parentId WHERE r.resourceType > 0 AND (p.internalId IS NULL "
    "OR p.resourceType <> r.resourceType - 1)",
    "patients with a parent": "SELECT COUNT(*) FROM Resources "
    "WHERE resourceType = 0 AND parentId IS NOT NULL",
    "resources without children": "SELECT COUNT(*) FROM Resources r LEFT JOIN Resources c "
    "ON c.parentId = r.internalId WHERE r.resourceType < 3 AND c.internalId IS NULL",
    "instances without a file": "SELECT COUNT(*) FROM Resources r LEFT JOIN AttachedFiles a "
    "ON a.id = r.internalId AND a.fileType = 1 WHERE r.resourceType = 3 AND a.id IS NULL",
    "resources without tags": "SELECT COUNT(*) FROM Resources r LEFT JOIN DicomIdentifiers d "
    "ON d.id = r.internalId WHERE d.id IS NULL",
    "identifiers of several resources": "SELECT COUNT(*) FROM (SELECT publicId FROM Resources "
    "GROUP BY publicId, resourceType HAVING COUNT(*) > 1) several",
}
"""What must not be there, and the number of it."""
MISCOUNTED = (
    "SELECT COUNT(*) FROM Resources r WHERE r.resourceType < 3 AND r.childCount IS NOT NULL "
    "AND r.childCount <> (SELECT COUNT(*) FROM Resources c WHERE c.parentId = r.internalId) "
    "AND NOT EXISTS (SELECT 1 FROM InvalidChildCounts i WHERE i.id = r.internalId)"
)
"""Wrong counts of children that nobody is going to correct; the schema of PostgreSQL has them."""
WITHOUT_CONTENT = (
    "SELECT COUNT(*) FROM AttachedFiles a LEFT JOIN StorageArea s ON s.uuid = a.uuid WHERE s.uuid IS NULL"
)
"""Attachments whose file is not in the database, where all files should be."""
RECOUNTED = {
    "CountPatients": "SELECT COUNT(*) FROM Resources WHERE resourceType = 0",
    "CountStudies": "SELECT COUNT(*) FROM Resources WHERE resourceType = 1",
    "CountSeries": "SELECT COUNT(*) FROM Resources WHERE resourceType = 2",
    "CountInstances": "SELECT COUNT(*) FROM Resources WHERE resourceType = 3",
    "TotalDiskSize": "SELECT COALESCE(SUM(compressedSize), 0) FROM AttachedFiles",
    "TotalUncompressedSize": "SELECT COALESCE(SUM(uncompressedSize), 0) FROM AttachedFiles",
}
"""The statistics, as the tables have them."""


def broken(ask: Ask, *, storage: bool, child_counts: bool, labels: bool = True) -> dict[str, int]:
    """Return what of the tables does not fit together, with the number of rows; nothing if all is well."""
    statements = {**NOBODYS, **BROKEN}
    if not labels:  # the schema of Odbc has them elsewhere
        del statements["Labels of no resource"]
    if child_counts:
        statements["wrong counts of children"] = MISCOUNTED
    if storage:
        statements["attachments without a file in the database"] = WITHOUT_CONTENT
    found = {what: int(ask(statement)[0][0]) for what, statement in statements.items()}
    return {what: number for what, number in found.items() if number}


def miscounted(server: Orthanc, ask: Ask) -> dict[str, Any]:
    """Return what the server's statistics say and the tables do not, each with both numbers."""
    said = server.json("/statistics")
    counted = {name: ask(statement)[0][0] for name, statement in RECOUNTED.items()}
    return {
        name: (said[name], number)
        for name, number in counted.items()
        if int(said[name]) != int(float(number))
    }
