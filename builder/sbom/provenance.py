"""The provenance of an image, as an in-toto statement with SLSA provenance: https://slsa.dev/spec/v1.0/provenance."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from builder.hashing import file_hash
from builder.sbom.subject import Subject
from builder.sources import providers
from builder.spec import lockfile
from builder.spec.model import BASE, COMPILER, TOOLS, WEB, WEB_TOOLS
from builder.spec.planning import Plan

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
FILE = "provenance.json"


def statement(about: Subject, kind: str, predicate: Mapping[str, Any]) -> dict[str, Any]:
    """Return an in-toto statement of the type `kind` about an image."""
    digest = about.digest.removeprefix("sha256:")
    return {
        "_type": STATEMENT,
        "subject": [{"name": about.purl, "digest": {"sha256": digest}}],
        "predicateType": kind,
        "predicate": predicate,
    }


def predicate(
    plan: Plan, about: Subject, root: Path, environment: Mapping[str, str], engine: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the provenance of an image: the commit, every file that went in, and who built it.

    `engine` is BuildKit's own provenance of the build, if any, which is included as it is.
    """
    own = json.dumps(engine, sort_keys=True).encode()
    details: dict[str, Any] = {"builder": {"id": builder(about.source, environment)}}
    if engine:
        content = base64.b64encode(own).decode()
        details["byproducts"] = [{"name": "buildkit-provenance.json", "content": content}]
    return {
        "buildDefinition": {
            "buildType": f"{about.source}/blob/main/docs/release.md#where-it-comes-from",
            "externalParameters": {"variant": about.variant, "platform": about.platform},
            "internalParameters": {"created": about.created, "network": "none"},
            "resolvedDependencies": [*_source(about, root), *_files(plan, about.variant)],
        },
        "runDetails": details,
    }


def builder(source: str, environment: Mapping[str, str]) -> str:
    """Return who builds: the GitHub workflow that this runs in, else an unnamed person."""
    workflow = environment.get("GITHUB_WORKFLOW_REF", "")
    server = environment.get("GITHUB_SERVER_URL", "")
    return f"{server}/{workflow}" if workflow and server else f"{source}#built-by-hand"


def _source(about: Subject, root: Path) -> Iterator[dict[str, Any]]:
    revision = about.revision.removesuffix("-dirty")
    yield {"uri": f"git+{about.source}@{about.revision}", "digest": {"gitCommit": revision}}
    yield {"uri": lockfile.FILE, "digest": {"sha256": file_hash(root / lockfile.FILE)}}


def _files(plan: Plan, variant: str) -> Iterator[dict[str, Any]]:
    """Yield each locked file that the build of `variant` uses, including tools that only the build needs."""
    for layer in (TOOLS, COMPILER, BASE, WEB_TOOLS, WEB, *plan.lineages[variant]):
        for one in plan.artifacts(layer):
            algorithm, value = one.hashed
            url = providers.of(one.provider).uri(one)
            yield {"uri": url, "digest": {algorithm: value}, "annotations": {"layer": layer}}
