"""The inventory of an image as a CycloneDX 1.6 document: https://cyclonedx.org/docs/1.6/json/."""

from __future__ import annotations

import json
import uuid
from typing import Any

from builder.sbom.inventory import Inventory
from builder.sbom.subject import Subject
from builder.sources.item import Item

VERSION = "1.6"
PREDICATE = "https://cyclonedx.org/bom"
FILE = "sbom.cdx.json"

_ALGORITHMS = {"sha256": "SHA-256", "sha512": "SHA-512"}


def document(inventory: Inventory, subject: Subject) -> dict[str, Any]:
    """Return the document of an image; the same inventory gives the same document."""
    inner = {one.inside for one in inventory.items if one.inside}
    components = [_component(one) for one in inventory.items]
    files = [_file(path, one.sha256) for path, one in inventory.files.items()]
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{VERSION}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": VERSION,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, subject.purl)}",
        "version": 1,
        "metadata": {
            "timestamp": subject.created,
            "tools": {"components": [{"type": "application", "name": subject.tool}]},
            "component": {
                "type": "container",
                "bom-ref": subject.purl,
                "name": subject.name,
                "version": subject.version,
                "purl": subject.purl,
                "hashes": [_hash(subject.digest)],
                "licenses": [{"expression": subject.licences}],
            },
        },
        "components": [*components, *files],
        "dependencies": [
            {
                "ref": subject.purl,
                "dependsOn": sorted({one.purl for one in inventory.items if not one.inside}),
            },
            *(
                {
                    "ref": outer,
                    "dependsOn": sorted({one.purl for one in inventory.items if one.inside == outer}),
                }
                for outer in sorted(inner)
            ),
        ],
    }


def problems(content: dict[str, Any]) -> list[str]:
    """Return what is wrong with a document by the schema of CycloneDX, a line each."""
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 # as below
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415 # costs 1 s, for its grammars

    found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(content), all_errors=True)
    return [str(one.data) for one in found or ()]


def _component(one: Item) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": one.kind,
        "bom-ref": one.purl,
        "name": one.name,
        "purl": one.purl,
        "properties": [
            {"name": f"orthanc-images:{name}", "value": value}
            for name, value in {"provider": one.provider, **one.facts}.items()
        ],
    }
    if one.version:
        found["version"] = one.version
    if one.summary:
        found["description"] = one.summary
    if one.supplier:
        found["supplier"] = {"name": one.supplier.removeprefix("Organization: ")}
    if one.hash:
        found["hashes"] = [_hash(one.hash)]
    if one.licence.expression != "NOASSERTION":
        found["licenses"] = [{"expression": one.licence.expression}]
    if one.homepage.startswith("http"):
        found["externalReferences"] = [{"type": "website", "url": one.homepage}]
    return found


def _file(path: str, sha256: str) -> dict[str, Any]:
    return {
        "type": "file",
        "bom-ref": f"file:/{path}",
        "name": f"/{path}",
        "hashes": [{"alg": "SHA-256", "content": sha256}],
    }


def _hash(value: str) -> dict[str, str]:
    algorithm, _, digest = value.partition(":")
    return {"alg": _ALGORITHMS[algorithm], "content": digest}
