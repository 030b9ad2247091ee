"""A session: what all steps of one command work with, set up once and passed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from builder.build import times
from builder.console import Clock, Console
from builder.engine import installation
from builder.engine.installation import Engine
from builder.shell import Runner, run
from builder.sources.store import Store, folder
from builder.spec import model
from builder.spec.model import Definition


@dataclass(frozen=True)
class Session:
    """The repository `root` with its build.toml, and this machine's settings, store and engine.

    `begun` is when the command began, in UTC, and `clock` has the seconds of its stages so far. The stage
    `start` is what came before the session: ./inv, with a new .venv if it made one, imports, and build.toml.
    """

    root: Path
    definition: Definition
    environment: Mapping[str, str]
    console: Console
    store: Store
    engine: Engine
    runner: Runner = run
    clock: Clock = field(default_factory=Clock)
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))


def opened(root: Path, environment: Mapping[str, str], console: Console, *, yes: bool) -> Session:
    """Return a session in `root`, with an engine that is installed and started if there is none.

    Raises:
        Problems: with every mistake in build.toml.
        EngineError: when there is no engine, and none can be installed.
    """
    definition = model.load(root / model.FILE)
    clock = Clock({"start": times.since_start()})
    begun = datetime.now(UTC) - timedelta(seconds=clock.stages["start"])
    with clock.stage("engine"):
        engine = installation.ensure(say=console.say, yes=yes, ask=console.ask)
    store = Store(folder(environment))
    return Session(root, definition, environment, console, store, engine, clock=clock, begun=begun)
