"""The Dockerfile and the bake file: the plan as BuildKit reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from builder.spec import planning
from builder.spec.lockfile import Lock
from builder.spec.model import BASE, Definition
from builder.spec.planning import Commit, Plan

TEMPLATE = "variants/Dockerfile.in"
SHARED = "base/Dockerfile"
RENDERED = "variants/Dockerfile"
"""The family as it is built, in the repository: to be read, and to show in a review what a change does."""
NATIVE_TESTS = ("address", "thread", "plain", "tidy")
"""How native code is tested: with two sets of sanitizers, without, and by clang-tidy."""

_HEADER = """\
# Made by ./inv docs from base/Dockerfile and variants/Dockerfile.in, for {platform} and what build.lock
# has for it. Read it to see how each variant is built; a build writes its own to out/Dockerfile.

"""
_LIBRARIES = "COPY --from=@variant@-libraries /layer/ /\n"
_TREE = {
    "recipe": "base/recipes",
    "compat-source": "base/compat",
    "native-source": "plugins/native",
    "web-source": "plugins/web",
    "startup-source": "base/startup",
    "lua-source": "lua-scripts",
    "plugins-source": "plugins",
    "probes-source": "probes",
}


def dockerfile(plan: Plan, root: Path, *, checked: bool = True) -> str:
    """Return the Dockerfile of `plan`: the shared stages, then those of each variant, lowest first.

    They are written in the repository `root`. Libraries of upstream are a layer of the variants that have
    some, once they are `checked`.
    """
    shared, template = ((root / name).read_text(encoding="utf-8") for name in (SHARED, TEMPLATE))
    parts = [shared]
    for variant in plan.targets:
        below = plan.lineages[variant][-2] if len(plan.lineages[variant]) > 1 else BASE
        held = checked and plan.precompiled(variant)
        text = template if held else template.replace(_LIBRARIES, "")
        parts.append(text.replace("@variant@", variant).replace("@below@", below))
    return "".join(parts)


def rendered(wanted: Definition, lock: Lock, root: Path) -> str:
    """Return the text of variants/Dockerfile: all variants, for the first platform of the definition."""
    plan = planning.make(
        wanted,
        lock,
        variants=tuple(wanted.variants),
        platform=wanted.platforms[0],
        commit=Commit("unknown", 0),
        root=root,
    )
    return _HEADER.format(platform=plan.platform) + dockerfile(plan, root)


def definition(plan: Plan, contexts: str, dockerfile: str) -> dict[str, Any]:
    """Return the bake file of `plan`, with one target a variant.

    `contexts` is the folder that `contexts.lay_out` filled, relative to the repository, and `dockerfile` the
    path of the Dockerfile, from that folder.
    """
    named = _contexts(plan)
    targets = {}
    for variant in plan.targets:
        image = plan.image(variant)
        targets[variant] = {
            "context": contexts,
            "dockerfile": dockerfile,
            "target": variant,
            "platforms": [plan.platform],
            "args": {"SOURCE_DATE_EPOCH": str(plan.epoch), "SUITE": plan.suite},
            "contexts": named,
            "tags": list(image.tags),
            "labels": dict(image.labels),
            "output": ["type=docker"],
        }
    return {"group": {"default": {"targets": sorted(plan.targets)}}, "target": targets}


def plugin_check(plan: Plan, contexts: str, dockerfile: str, results: str) -> dict[str, Any]:
    """Return the bake file of the plugin check, with one target for each variant that has libraries.

    Each target writes faults.json to the folder below `results` that has the name of its variant.
    """
    targets = {
        variant: {
            "context": contexts,
            "dockerfile": dockerfile,
            "target": f"{variant}-plugin-faults",
            "platforms": [plan.platform],
            "args": {"SOURCE_DATE_EPOCH": str(plan.epoch), "SUITE": plan.suite},
            "contexts": _contexts(plan),
            "output": [f"type=local,dest={results}/{variant}"],
        }
        for variant in plan.targets
        if plan.precompiled(variant)
    }
    return {"group": {"default": {"targets": sorted(targets)}}, "target": targets}


def native_tests(plan: Plan, contexts: str, dockerfile: str) -> dict[str, Any]:
    """Return the bake file that tests native code, with one target for each of NATIVE_TESTS.

    They leave nothing. `plan` has the packages of the checker.
    """
    targets = {
        name: {
            "context": contexts,
            "dockerfile": dockerfile,
            "target": f"native-{name}",
            "platforms": [plan.platform],
            "args": {"SOURCE_DATE_EPOCH": str(plan.epoch)},
            "contexts": _contexts(plan),
            "output": ["type=cacheonly"],
        }
        for name in NATIVE_TESTS
    }
    return {"group": {"default": {"targets": sorted(targets)}}, "target": targets}


def _contexts(plan: Plan) -> dict[str, str]:
    """Return the folder of the repository of each context that the stages name."""
    return {**_TREE, **{f"{variant}-source": f"variants/{variant}" for variant in plan.targets}}


def text(content: dict[str, Any]) -> str:
    """Return a bake file as JSON."""
    return json.dumps(content, indent=2) + "\n"
