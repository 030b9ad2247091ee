"""Native code in the compiler's container, without network: unit tests in three builds, and clang-tidy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from builder.build import bake, contexts, pipeline, session
from builder.build.pipeline import OUT
from builder.build.session import Session
from builder.console import Console
from builder.engine import builders
from builder.errors import writing
from builder.shell import run
from builder.spec import lockfile, planning
from builder.spec.planning import Commit

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = "native-tests.Dockerfile"


@pytest.fixture(scope="module")
def here() -> Session:
    return session.opened(ROOT, os.environ, Console(), yes=False)


@pytest.fixture(scope="module")
def file(here: Session) -> Path:
    """Return the bake file with a target for each way of testing, with contexts from the lock."""
    plan = planning.make(
        here.definition,
        lockfile.current(ROOT / lockfile.FILE, here.definition),
        variants=(),
        platform=pipeline.native(here.engine),
        commit=Commit("unknown", 0),
        root=ROOT,
        checking=True,
    )
    with here.console.progress("fetching") as progress:
        pipeline.fetch(plan, here.store, here.environment, progress)
    folders, made = OUT / "context" / plan.architecture, ROOT / OUT / "native-tests.json"
    with pipeline.alone(ROOT / OUT, here.console.say):
        contexts.lay_out(plan, here.store.path, here.store.root / "tools", ROOT / folders)
        content = bake.native_tests(plan, folders.as_posix(), f"../../{DOCKERFILE}")
        with writing(made):
            (ROOT / OUT / DOCKERFILE).write_text(bake.dockerfile(plan, ROOT), encoding="utf-8")
            made.write_text(bake.text(content), encoding="utf-8")
    return made


@pytest.mark.parametrize("way", bake.NATIVE_TESTS)
def test_native_code_passes(here: Session, file: Path, way: str) -> None:
    """The step of the Dockerfile ends well, whose unit tests or linter run with this."""
    builder = builders.find(here.engine.client, "default", pipeline.native(here.engine))
    argv = [*builder.buildx(here.engine.client), "bake", "--file", str(file), "--progress", "plain", way]
    done = run([*argv, *builder.options], cwd=ROOT, check=False, timeout=1800)
    assert done.code == 0, done.stderr[-20_000:]
