"""The bake file: the plan in BuildKit's words."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable
from typing import Any

from builder.model import BASE
from builder.plan import Plan

Target = dict[str, Any]

_STAGES = ("root", "compat", "startup", BASE)
_KEPT = ["type=cacheonly"]
_TREE = {
    "recipe": "base/rootfs",
    "compat-source": "base/compat",
    "startup-source": "base/startup",
    "bin-source": "base/bin",
    "lua-scripts": "lua-scripts",
    "probes": "probes",
}


def definition(plan: Plan, contexts: str, wanted: Iterable[str]) -> dict[str, Any]:
    """Return the bake file that builds `plan` from the folder `contexts`, relative to the repository."""
    targets = {f"stage-{stage}": _stage(plan, f"{contexts}/{BASE}", stage) for stage in _STAGES}
    for variant in plan.targets:
        folder = f"{contexts}/{variant}"
        targets[f"{variant}-root"] = _variant(plan, variant, folder, "root")
        targets[f"{variant}-content"] = _variant(plan, variant, folder, "content")
        image = plan.image(variant)
        targets[variant] = _variant(plan, variant, folder, "image") | {
            "tags": list(image.tags),
            "labels": dict(image.labels),
            "output": ["type=docker"],
        }
    return {"group": {"default": {"targets": sorted(wanted)}}, "target": targets}


def text(content: dict[str, Any]) -> str:
    """Return a bake file as JSON."""
    return json.dumps(content, indent=2) + "\n"


def _stage(plan: Plan, context: str, stage: str) -> Target:
    return {
        "context": context,
        "dockerfile": posixpath.relpath("base/Dockerfile", context),
        "target": stage,
        "platforms": [plan.platform],
        "args": _arguments(plan) | {"SUITE": plan.suite},
        "output": _KEPT,
        "contexts": dict(_TREE),
    }


def _variant(plan: Plan, variant: str, context: str, stage: str) -> Target:
    lineage = plan.lineages[variant]
    below = lineage[-2] if len(lineage) > 1 else None
    return {
        "context": context,
        "dockerfile": posixpath.relpath("variants/Dockerfile", context),
        "target": stage,
        "platforms": [plan.platform],
        "args": _arguments(plan),
        "output": _KEPT,
        "contexts": {
            "recipe": _TREE["recipe"],
            "compat-source": _TREE["compat-source"],
            "variant": f"variants/{variant}",
            "below": f"target:{below}-content" if below else f"target:stage-{BASE}",
            "below-root": f"target:{below}-root" if below else "target:stage-root",
            "compat": "target:stage-compat",
            "startup": "target:stage-startup",
        },
    }


def _arguments(plan: Plan) -> dict[str, str]:
    return {"SOURCE_DATE_EPOCH": str(plan.epoch)}
