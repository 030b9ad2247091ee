"""The inventory of an image as an SPDX 2.3 document: https://spdx.github.io/spdx-spec/v2.3/."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from builder.sbom.inventory import Inventory
from builder.sbom.subject import Subject
from builder.sources.item import Item

VERSION = "SPDX-2.3"
PREDICATE = "https://spdx.dev/Document"
FILE = "sbom.spdx.json"

_ROOT = "SPDXRef-Image"
_LOOSE = "SPDXRef-Files"


def document(inventory: Inventory, subject: Subject) -> dict[str, Any]:
    """Return the document of an image; the same inventory gives the same document."""
    packages = {f"SPDXRef-Package-{number}": one for number, one in enumerate(inventory.items, 1)}
    identifiers = {one.purl: key for key, one in packages.items()}
    files = [_file(number, path, one) for number, (path, one) in enumerate(inventory.files.items(), 1)]
    texts = {name: text for one in inventory.items for name, text in one.licence.texts.items()}
    return {
        "spdxVersion": VERSION,
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{subject.name} {subject.version} {subject.platform}",
        "documentNamespace": f"{subject.source}/sbom/{subject.name}-{subject.version}-{subject.digest[7:]}",
        "creationInfo": {"created": subject.created, "creators": [f"Tool: {subject.tool}"]},
        "packages": [
            _image(subject),
            _loose(inventory),
            *(_package(key, one) for key, one in packages.items()),
        ],
        "files": files,
        "hasExtractedLicensingInfos": [
            {"licenseId": name, "extractedText": text or "None was given"}
            for name, text in sorted(texts.items())
        ],
        "relationships": [
            _relation("SPDXRef-DOCUMENT", "DESCRIBES", _ROOT),
            *(
                _relation(identifiers.get(one.inside, _ROOT), "CONTAINS", key)
                for key, one in packages.items()
            ),
            _relation(_ROOT, "CONTAINS", _LOOSE),
            *(_relation(_LOOSE, "CONTAINS", one["SPDXID"]) for one in files),
        ],
    }


def problems(content: dict[str, Any]) -> list[str]:
    """Return what is wrong with a document by the rules of SPDX 2.3, a line each."""
    # The library costs 0.3 s, and only an export needs it.
    from spdx_tools.spdx.parser.error import SPDXParsingError  # noqa: PLC0415
    from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser  # noqa: PLC0415
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document  # noqa: PLC0415

    try:
        parsed = JsonLikeDictParser().parse(content)  # type: ignore[no-untyped-call]
    except SPDXParsingError as error:
        return [str(one) for one in error.messages]
    found = validate_full_spdx_document(parsed, VERSION)
    return [f"{one.context.spdx_id}: {one.validation_message}" for one in found]


def _image(subject: Subject) -> dict[str, Any]:
    return {
        "SPDXID": _ROOT,
        "name": subject.name,
        "versionInfo": subject.version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "primaryPackagePurpose": "CONTAINER",
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": subject.licences,
        "copyrightText": "NOASSERTION",
        "checksums": [_checksum(subject.digest)],
        "externalRefs": [_reference(subject.purl)],
    }


def _loose(inventory: Inventory) -> dict[str, Any]:
    """Return the package of all files that belong to no other, with its verification code (clause 7.9)."""
    sums = "".join(sorted(one.sha1 for one in inventory.files.values()))
    return {
        "SPDXID": _LOOSE,
        "name": "files that no package brought",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": True,
        "packageVerificationCode": {
            "packageVerificationCodeValue": hashlib.sha1(sums.encode(), usedforsecurity=False).hexdigest()
        },
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "licenseInfoFromFiles": ["NOASSERTION"],
        "copyrightText": "NOASSERTION",
    }


def _package(key: str, one: Item) -> dict[str, Any]:
    found: dict[str, Any] = {
        "SPDXID": key,
        "name": one.name,
        "downloadLocation": one.download or "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": one.licence.expression,
        "copyrightText": "NOASSERTION",
        "externalRefs": [_reference(one.purl)],
    }
    optional = {
        "versionInfo": one.version,
        "summary": one.summary,
        "supplier": _supplier(one.supplier),
        "homepage": one.homepage if one.homepage.startswith("http") else "",
        "comment": "; ".join(f"{name}: {value}" for name, value in one.facts.items()),
    }
    found |= {name: value for name, value in optional.items() if value}
    return {**found, "checksums": [_checksum(one.hash)]} if one.hash else found


def _supplier(words: str) -> str:
    """Return `Name <mail>` as SPDX writes it."""
    if words.startswith("Organization: ") or not words:
        return words
    match = re.fullmatch(r"(?P<name>[^<]*?)\s*<(?P<mail>[^>]+)>.*", words)
    name, mail = (match["name"].strip('" '), match["mail"]) if match else (words, "")
    return f"Organization: {name or mail}" + (f" ({mail})" if mail and name else "")


def _file(number: int, path: str, one: Any) -> dict[str, Any]:
    return {
        "SPDXID": f"SPDXRef-File-{number}",
        "fileName": f"./{path}",
        "checksums": [
            {"algorithm": "SHA1", "checksumValue": one.sha1},
            {"algorithm": "SHA256", "checksumValue": one.sha256},
        ],
        "licenseConcluded": "NOASSERTION",
        "licenseInfoInFiles": ["NOASSERTION"],
        "copyrightText": "NOASSERTION",
    }


def _checksum(value: str) -> dict[str, str]:
    algorithm, _, digest = value.partition(":")
    return {"algorithm": algorithm.upper(), "checksumValue": digest}


def _reference(url: str) -> dict[str, str]:
    return {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": url}


def _relation(one: str, kind: str, other: str) -> dict[str, str]:
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
