"""A builder that cannot run a platform's programs learns to where that is possible and agreed to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from builder.engine import emulation
from builder.engine.client import Engine
from builder.engine.host import Host
from builder.engine.installation import RunProgram, Surroundings
from builder.errors import ConsentError, EngineError
from builder.shell import Completed
from tests.unit.builder.engine.test_installation import DEBIAN12, UBUNTU, UPDATE, install
from tests.unit.builder.fakes import FakeRunner, said

ENGINE = Engine("docker", "26.1.5", "0.13.1", "amd64", "unix:///var/run/docker.sock")
PLATFORM = "linux/arm64"
MOUNT = RunProgram(("mount", "-t", "binfmt_misc", "binfmt_misc", "/proc/sys/fs/binfmt_misc"))
ENABLE = RunProgram(("update-binfmts", "--enable"))
PACKAGES = install("qemu-user-static", "binfmt-support")


@dataclass
class Machine:
    """A machine whose builder runs arm64 once `steps` have been carried out, if they help."""

    root: Path
    host: Host = DEBIAN12
    helps: bool = True
    able: list[str] = field(default_factory=lambda: ["linux/amd64*", "linux/386"])
    told: list[str] = field(default_factory=list)

    def ensure(
        self, engine: Engine = ENGINE, *, builder: str = "", yes: bool = False, ci: str = ""
    ) -> list[str]:
        runner = FakeRunner(
            ("", said), ("docker buildx inspect", self.inspected), ("update-binfmts", self.enabled)
        )
        around = Surroundings({"CI": ci}, runner, machine=lambda: self.host, root=self.root)
        emulation.ensure(engine, PLATFORM, say=self.told.append, around=around, builder=builder, yes=yes)
        return runner.ran

    def inspected(self) -> Completed:
        return said(f"Name: default\nPlatforms:        {', '.join(self.able)}\n")

    def enabled(self) -> Completed:
        self.able += [PLATFORM] if self.helps else []
        return said()


def test_a_builder_that_has_the_platform_is_left_alone(tmp_path: Path) -> None:
    assert Machine(tmp_path, able=["linux/amd64", PLATFORM]).ensure() == ["docker buildx inspect"]


@pytest.mark.parametrize(
    ("machine", "mounted", "expected"),
    [
        (DEBIAN12, False, (MOUNT, UPDATE, PACKAGES, ENABLE)),
        (DEBIAN12, True, (UPDATE, PACKAGES, ENABLE)),
        (replace(UBUNTU, systemd=True), False, (UPDATE, PACKAGES, ENABLE)),
        (Host("linux", "fedora", "43", root=True), False, ()),
        (Host("darwin"), False, ()),
    ],
)
def test_what_is_done(machine: Host, mounted: bool, expected: tuple[RunProgram, ...]) -> None:
    assert emulation.steps(machine, mounted=mounted) == expected


@pytest.mark.parametrize("given", [{"yes": True}, {"ci": "true"}])
def test_emulation_is_installed_where_that_is_agreed_to(tmp_path: Path, given: dict[str, bool | str]) -> None:
    machine = Machine(tmp_path)
    machine.ensure(**given)  # type: ignore[arg-type] # one of the two
    assert machine.told == [f"engine: {step}" for step in (MOUNT, UPDATE, PACKAGES, ENABLE)]


def test_nobody_agreed(tmp_path: Path) -> None:
    with pytest.raises(ConsentError) as caught:
        Machine(tmp_path).ensure()
    error = caught.value
    assert error.message == (
        "linux/arm64: the builder only runs programs for linux/386, linux/amd64. "
        "Emulation can be installed with"
    )
    assert error.details == tuple(str(step) for step in (MOUNT, UPDATE, PACKAGES, ENABLE))
    assert error.remedy == "Add --yes (or set CI=true) to do this, or choose another builder"


@pytest.mark.parametrize(
    ("machine", "engine", "builder", "remedy"),
    [
        (replace(DEBIAN12, root=False), ENGINE, "", "Install emulation: apt-get install"),
        (DEBIAN12, replace(ENGINE, endpoint="ssh://elsewhere"), "", "Install emulation: apt-get install"),
        (DEBIAN12, ENGINE, "far-away", "Install emulation: apt-get install"),
        (Host("darwin"), ENGINE, "", "Choose a builder that supports it: docker buildx create --help"),
    ],
)
def test_elsewhere_a_person_is_told_what_to_do(
    tmp_path: Path, machine: Host, engine: Engine, builder: str, remedy: str
) -> None:
    with pytest.raises(EngineError) as caught:
        Machine(tmp_path, machine).ensure(engine, builder=builder, yes=True)
    assert str(caught.value.remedy).startswith(remedy)


def test_emulation_that_does_not_help_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        Machine(tmp_path, helps=False).ensure(yes=True)
    assert caught.value.message.endswith(", even with emulation")


def test_a_builder_that_says_nothing_has_no_platform() -> None:
    assert emulation.platforms(ENGINE, runner=FakeRunner(("", said(code=1)))) == frozenset()
