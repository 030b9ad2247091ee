"""Attestations: the SBOMs and the provenance of an image, attached to it in its index.

Each is an in-toto statement in a manifest beside that of the image, as BuildKit does it:
https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from builder.image.oci import CONFIG, MANIFEST, STATEMENT, Descriptor, Layout, encoded, manifest_of
from builder.sbom import lists, provenance
from builder.sbom.provenance import statement
from builder.sbom.subject import Subject

KINDS = {one.FILE: one.PREDICATE for one in (*lists.FORMS, provenance)}
"""The predicate type of each document, by the name of its file."""
TYPE = "in-toto.io/predicate-type"
OF = "vnd.docker.reference.digest"
ROLE = {"vnd.docker.reference.type": "attestation-manifest"}
UNKNOWN = {"architecture": "unknown", "os": "unknown"}


def attach(folder: Path, about: Subject, layout: Layout) -> Descriptor:
    """Put the documents of the image in `folder` into `layout`; return the descriptor of their manifest."""
    layers = [
        layout.add(
            encoded(statement(about, kind, json.loads((folder / name).read_text(encoding="utf-8")))),
            STATEMENT,
            annotations={TYPE: kind},
        )
        for name, kind in KINDS.items()
    ]
    diffs = {"type": "layers", "diff_ids": [one.digest for one in layers]}
    config = layout.add(encoded({**UNKNOWN, "config": {}, "rootfs": diffs}), CONFIG)
    return layout.add(
        encoded(manifest_of(config, layers)),
        MANIFEST,
        platform=UNKNOWN,
        annotations={**ROLE, OF: about.digest},
    )


def described(index: Mapping[str, Any], digest: str) -> str:
    """Return the digest of the manifest of an image's attestations in `index`; empty without any."""
    for entry in index["manifests"]:
        if entry.get("annotations", {}).get(OF) == digest:
            return str(entry["digest"])
    return ""
