"""`./inv test`: the stages of testing in order, and the report on each."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from builder.build import pipeline
from builder.build.pipeline import OUT
from builder.console import Console
from builder.engine import client
from builder.engine.client import Engine
from builder.errors import BuildError, UsageError
from builder.spec import model, planning
from builder.testing import checks, scenarios
from builder.testing.checks import Verdict

Services = Callable[[Engine], Sequence[str]]
"""Builds the images of the services that tests need, and returns their names."""
Passed = Callable[[Path, Sequence[Verdict]], None]
"""Notes the verdicts on the images, where all of their suites have run."""


@dataclass(frozen=True)
class SelectedTests:
    """Which tests a person asks for (no stage means all of them), and further options for pytest."""

    variant: str = ""
    platform: str = ""
    unit: bool = False
    build: bool = False
    image: bool = False
    system: bool = False
    pytest: str = ""

    @property
    def whole(self) -> bool:
        """Tell whether no stage is asked for by name, which means all."""
        return not (self.unit or self.build or self.image or self.system)

    @property
    def variants(self) -> tuple[str, ...]:
        """Return the variant that is asked for; nothing means all."""
        return (self.variant,) if self.variant else ()

    @property
    def arguments(self) -> list[str]:
        """Return the options for pytest, word by word."""
        try:
            return shlex.split(self.pytest)
        except ValueError as error:
            raise UsageError(
                f"test: the options {self.pytest!r} cannot be parsed: {error}", remedy="Correct the quotes"
            ) from error


def command(
    root: Path,
    options: SelectedTests,
    console: Console,
    *,
    lint: Callable[[], None],
    pages: Callable[[], bool],
    services: Services,
    passed: Passed,
) -> None:
    """Run the stages that `options` ask for, each of which raises BuildError when something fails.

    Raises:
        UsageError: when no test matches the options.
    """
    arguments, ran = options.arguments, []
    definition = model.load(root / model.FILE)
    planning.known(definition, options.variants, options.platform or definition.platforms[0])
    if options.unit or options.whole:
        lint()
        with console.stage("unit tests"):
            ran.append(checks.unit(root, arguments))
        if checks.whole(arguments):
            pages()
    if options.build or options.whole:
        with console.stage("tests of the build"):
            ran.append(checks.builds(root, arguments))
    if options.image or options.whole:
        ran.append(images(root, options, console, services, passed))
    if options.system or options.whole:
        ran.append(system(root, options, console, services))
    if not any(ran):
        raise UsageError(f"test: no test matches the options {options.pytest!r}", remedy="Correct them")


def images(root: Path, options: SelectedTests, console: Console, services: Services, passed: Passed) -> bool:
    """Run the suites against the images; tell whether the options of pytest left any test."""
    definition, engine = model.load(root / model.FILE), client.find()
    native = pipeline.native(engine)
    found = checks.built(definition, root, engine, options.platform or native, options.variants)
    _prepare(engine, options, services)
    verdicts: list[Verdict] = []
    for one in found:
        with console.stage(f"tests of {one.tags[0]}"):
            emulated, below = one.platform != native, checks.extended(definition, one, verdicts, root, engine)
            if below:
                console.say(f"{one.tags[0]} has the layers of {below}, whose tests of them are not repeated")
            verdicts.append(
                checks.image(definition, one, root, options.arguments, emulated=emulated, below=below)
            )
    checks.record(verdicts, root)
    if checks.whole(options.arguments):
        passed(root, verdicts)
    rows = [(one.tag, *map(str, one.counts)) for one in verdicts]
    console.table(rows, ("image", "passed", "failed", "skipped"))
    if any(one.failed for one in verdicts):
        raise BuildError("test: an image did not pass", remedy="See above")
    return any(any(one.counts) for one in verdicts)


def system(root: Path, options: SelectedTests, console: Console, services: Services) -> bool:
    """Run the tests of several containers with the last image that was built; tell whether any ran.

    Where the suites of the images have just run, the report has their figures too.
    """
    definition, engine = model.load(root / model.FILE), client.find()
    platform = options.platform or pipeline.native(engine)
    built = checks.built(definition, root, engine, platform, options.variants)
    _prepare(engine, options, services)
    with console.stage("tests of several containers"):
        found = checks.system(built[-1], root, options.arguments)
    rows = [*found, *checks.figures(built if options.image or options.whole else (), root)]
    rows += [scenarios.total(rows)] if found else []
    scenarios.write(rows, root / OUT / scenarios.FILE)
    console.table((scenario.row for scenario in rows), scenarios.HEAD)
    if any(scenario.verdict == "failed" for scenario in found):
        raise BuildError("test: a scenario failed", remedy="See above")
    return bool(found)


def _prepare(engine: Engine, options: SelectedTests, services: Services) -> None:
    """Build the services of all tests before they run: building must not count as test time."""
    if checks.whole(options.arguments) and options.platform in ("", pipeline.native(engine)):
        services(engine)
