"""The plan in BuildKit's words."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from builder.build import bake
from builder.spec import planning
from builder.spec.planning import Commit, Plan
from tests.unit.builder.samples import EPOCH, UPSTREAM, definition, lock, tree, upstream_lock

ROOT = Path(__file__).parents[4]


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    sample = definition(tmp_path)
    return planning.make(
        sample,
        lock(sample),
        variants=["full"],
        platform="linux/arm64",
        commit=Commit("c0ffee", 1790000000),
        root=tree(tmp_path),
    )


def written(root: Path, shared: str, template: str) -> Path:
    """Write what a Dockerfile is made from below `root`."""
    for name, text in ((bake.SHARED, shared), (bake.TEMPLATE, template)):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_each_variant_has_its_stages_on_those_below(plan: Plan, tmp_path: Path) -> None:
    template = "FROM @below@-root AS @variant@-root\n"
    root = written(tmp_path, "FROM scratch AS base-root\n", template)
    assert bake.dockerfile(plan, root) == (
        "FROM scratch AS base-root\nFROM base-root AS default-root\nFROM default-root AS full-root\n"
    )


def test_only_a_variant_with_libraries_of_upstream_has_a_layer_of_them(tmp_path: Path) -> None:
    sample = definition(tmp_path, UPSTREAM)
    made = planning.make(
        sample,
        upstream_lock(sample, "extra"),
        variants=["full"],
        platform="linux/amd64",
        commit=Commit("c0ffee", 1790000000),
        root=tree(tmp_path),
    )
    template = "FROM x AS @variant@\nCOPY --from=@variant@-libraries /layer/ /\n"
    layer = "COPY --from=default-libraries /layer/ /\n"
    root = written(tmp_path, "", template)
    assert bake.dockerfile(made, root) == f"FROM x AS default\n{layer}FROM x AS full\n"
    assert bake.dockerfile(made, root, checked=False) == "FROM x AS default\nFROM x AS full\n"


def test_libraries_are_checked_in_each_variant_that_has_some(tmp_path: Path) -> None:
    sample = definition(tmp_path, UPSTREAM)
    made = planning.make(
        sample,
        upstream_lock(sample, "extra"),
        variants=["full"],
        platform="linux/amd64",
        commit=Commit("c0ffee", 1790000000),
        root=tree(tmp_path),
    )
    content = bake.plugin_check(made, "out/context/amd64", "D", "out/plugin-check")
    assert list(content["target"]) == content["group"]["default"]["targets"] == ["default"]
    target = content["target"]["default"]
    assert (target["target"], target["output"]) == (
        "default-plugin-faults",
        ["type=local,dest=out/plugin-check/default"],
    )
    assert "tags" not in target


def test_every_context_that_the_repositorys_dockerfile_names_is_given(plan: Plan) -> None:
    """A name that is neither a stage nor a context would be pulled from a registry."""
    text = bake.dockerfile(plan, ROOT)
    assert "@" not in text
    named = set(re.findall(r"from=([\w-]+)", text)) | set(re.findall(r"^FROM (\S+)", text, re.MULTILINE))
    stages = set(re.findall(r"^FROM \S+ AS (\S+)", text, re.MULTILINE))
    contexts = bake.definition(plan, "out/context/arm64", "D")["target"]["full"]["contexts"]
    assert named - stages - {"scratch"} == set(contexts)
    mounted = set(re.findall(r"type=bind,source=/([\w-]+)/", text))
    assert mounted == {"base", "compiler", "checker", "web", "default", "full"}


def test_native_code_is_tested_with_the_packages_of_the_checker_and_leaves_nothing(tmp_path: Path) -> None:
    sample = definition(tmp_path)
    sample = replace(sample, debian=replace(sample.debian, checker=("catch2",)))
    plan = planning.make(
        sample,
        lock(sample),
        variants=(),
        platform="linux/amd64",
        commit=Commit("unknown", 0),
        root=tree(tmp_path),
        checking=True,
    )
    content = bake.native_tests(plan, "out/context/amd64", "D")
    assert content["group"]["default"]["targets"] == ["address", "plain", "thread", "tidy"]
    target = content["target"]["thread"]
    assert target.pop("contexts")["native-source"] == "plugins/native"
    assert target == {
        "context": "out/context/amd64",
        "dockerfile": "D",
        "target": "native-thread",
        "platforms": ["linux/amd64"],
        "args": {"SOURCE_DATE_EPOCH": str(EPOCH)},
        "output": ["type=cacheonly"],
    }


def test_the_contexts_of_the_tree_are_there(plan: Plan) -> None:
    contexts = bake.definition(plan, "out/context/arm64", "D")["target"]["full"]["contexts"]
    assert [place for place in contexts.values() if not (ROOT / place).is_dir()] == []
    assert len(contexts) == 10


def test_a_bake_file_has_a_target_a_variant(plan: Plan) -> None:
    content = bake.definition(plan, "out/context/arm64", "../../Dockerfile")
    assert content["group"] == {"default": {"targets": ["default", "full"]}}
    assert list(content["target"]) == ["default", "full"]
    full = content["target"]["full"]
    assert full.pop("contexts")["recipe"] == "base/recipes"
    assert full == {
        "context": "out/context/arm64",
        "dockerfile": "../../Dockerfile",
        "target": "full",
        "platforms": ["linux/arm64"],
        "args": {"SOURCE_DATE_EPOCH": str(EPOCH), "SUITE": "forky"},
        "tags": ["orthanc:26.11.0-full", "orthanc:latest-full"],
        "labels": dict(plan.image("full").labels),
        "output": ["type=docker"],
    }


def test_a_bake_file_is_json(plan: Plan) -> None:
    content = bake.definition(plan, "c", "D")
    assert json.loads(bake.text(content)) == content
