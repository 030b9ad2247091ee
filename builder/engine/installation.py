"""The container engine: found where there is one, else installed and started if the user agrees."""

from __future__ import annotations

import os
import re
import shlex
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from builder.engine.client import OLDEST, Engine, Found, find, look
from builder.engine.host import AptSource, Host, daemons, host, stale
from builder.errors import ConsentError, EngineError, ShellError
from builder.shell import Runner, run, spawn

__all__ = [
    "Engine",
    "Found",
    "Installation",
    "RunProgram",
    "StopDaemon",
    "Surroundings",
    "WriteFile",
    "ensure",
    "find",
    "installation",
    "look",
]

PATIENCE = 90.0
"""Seconds for dockerd to answer in: its first start on a slow disk sets up storage and networks."""
LOG = Path("/var/log/dockerd.log")
PID_FILES = {Path("/run/docker.pid"): "dockerd", Path("/run/docker/containerd/containerd.pid"): "containerd"}
MANUAL = "https://docs.docker.com/engine/install/"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

Say = Callable[[str], None]
Ask = Callable[[str], bool]


@dataclass(frozen=True)
class WriteFile:
    """A step: write a file."""

    path: Path
    text: str

    def __str__(self) -> str:
        return f"write {self.path}"


@dataclass(frozen=True)
class RunProgram:
    """A step: run a program."""

    argv: tuple[str, ...]

    def __str__(self) -> str:
        return shlex.join(self.argv)


@dataclass(frozen=True)
class StopDaemon:
    """A step: stop the old dockerd, so that the new one can be started."""

    def __str__(self) -> str:
        return "stop the old dockerd, and with it all running containers"


Step = WriteFile | RunProgram | StopDaemon


@dataclass(frozen=True)
class Installation:
    """How to get an engine: the steps that install it, and the command that starts dockerd if need be."""

    steps: tuple[Step, ...] = ()
    start: tuple[str, ...] = ()
    service: bool = False
    """Whether `start` returns once the engine runs, as systemctl does; otherwise it is the engine itself."""


def installation(found: Found, machine: Host, environment: Mapping[str, str]) -> Installation:
    """Return the installation that makes an engine usable here.

    Raises:
        EngineError: with instructions, where only the user can do that.
    """
    problem = f"engine: {found.lack}"
    remote = _remote(found, environment)
    if remote and not found.recent:
        raise EngineError(problem, remedy=remote)
    if "permission denied" in found.trouble.lower():
        remedy = (
            "Add yourself to the group docker (sudo usermod -aG docker $USER) and log in again, or use sudo"
        )
        raise EngineError(problem, remedy=remedy)
    client = found.client
    if client and client.buildx and not found.version and machine.dockerd and machine.root:
        return Installation((), *_start(machine))  # everything is installed, and only has to be started
    names = _packages(found, machine)
    if not names or not machine.root:
        raise EngineError(problem, remedy=_instructions(found, machine, names))
    steps = (*_preparation(machine), apt_install(names), *_renewal(found, machine))
    return Installation(steps, *_start(machine))


class Waiter(Protocol):
    """Time, as an argument: tests pass one that does not wait."""

    def monotonic(self) -> float:
        """Return the seconds of a monotonic clock."""

    def sleep(self, seconds: float, /) -> None:
        """Wait."""


@dataclass(frozen=True)
class Surroundings:
    """Everything outside of the toolkit that `ensure` uses, so that tests can replace it."""

    environment: Mapping[str, str]
    runner: Runner = run
    machine: Callable[[], Host] = host
    daemons: Callable[[], tuple[int, ...]] = daemons
    spawn: Callable[[tuple[str, ...]], int] = lambda argv: spawn(argv, log=LOG)
    end: Callable[[int], None] = lambda pid: os.kill(pid, signal.SIGTERM)
    root: Path = Path("/")
    clock: Waiter = time

    @property
    def agreed(self) -> bool:
        """Tell whether the environment allows installations."""
        return self.environment.get("CI") == "true"


def ensure(
    *,
    say: Say,
    yes: bool = False,
    ask: Ask | None = None,
    around: Surroundings | None = None,
) -> Engine:
    """Return the engine, after installing and starting one where there is none.

    An installation needs consent: `yes`, CI=true, or a yes to `ask`. Starting what is installed needs none.
    It can be called again after any failure.

    Raises:
        EngineError: when there is no engine, and none can be installed here; the remedy says what to do.
        ConsentError: when nobody allowed the installation.
    """
    around = around or Surroundings(os.environ)
    for _ in range(2):  # twice, since the engine that gets started may turn out to be too old
        found = _look(around)
        if found.engine:
            return found.engine
        todo = installation(found, around.machine(), around.environment)
        if todo.steps:
            what, other = f"engine: {found.lack}. One can be installed", f"install one yourself: {MANUAL}"
            agreed(what, todo.steps, other, yes=yes or around.agreed, ask=ask)
            carried_out(todo.steps, say, around)
            todo = replace(todo, start=_start(around.machine())[0])
        _await(todo, say, around)
    found = _look(around)
    if found.engine:
        return found.engine
    raise EngineError(
        f"engine: {found.lack}, even after the installation", remedy=f"Install one by hand: {MANUAL}"
    )


def _look(around: Surroundings) -> Found:
    return look(around.runner, path=around.environment.get("PATH"))


def agreed(what: str, todo: Sequence[Step], other: str, *, yes: bool, ask: Ask | None) -> None:
    """Check that the user agrees to the steps `todo`; `what` says what is missing and what they provide.

    Raises:
        ConsentError: otherwise; its remedy ends with `other`, an alternative.
    """
    commands = [str(step) for step in todo]
    question = "\n  ".join([f"{what} with", *commands]) + "\nDo this now?"
    if yes or (ask is not None and ask(question)):
        return
    raise ConsentError(
        f"{what} with",
        details=commands,
        remedy=f"Add --yes (or set CI=true) to do this, or {other}",
    )


def carried_out(todo: Sequence[Step], say: Say, around: Surroundings) -> None:
    """Carry out each step of `todo`; raises EngineError with the messages of the one that failed."""
    for step in todo:
        say(f"engine: {step}")
        try:
            _carry_out(step, around)
        except OSError as error:
            raise EngineError(f"engine: {error.filename}: {error.strerror}") from error
        except ShellError as error:
            raise EngineError(
                f"engine: the installation failed. {error.message}",
                details=error.details,
                remedy=f"Act on the message of {_program(step)}, then run the same command again",
            ) from error


def _program(step: Step) -> str:
    return step.argv[0] if isinstance(step, RunProgram) else "it"


def _carry_out(step: Step, around: Surroundings) -> None:
    if isinstance(step, RunProgram):
        around.runner(step.argv, env={"DEBIAN_FRONTEND": "noninteractive"})
    elif isinstance(step, StopDaemon):
        for pid in around.daemons():
            around.end(pid)
    else:
        path = around.root / step.path.relative_to("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step.text, encoding="utf-8")


def _await(todo: Installation, say: Say, around: Surroundings) -> None:
    """Wait until the engine answers; start it once, and only when no dockerd is running or stopping."""
    deadline = around.clock.monotonic() + PATIENCE
    ending = StopDaemon() in todo.steps  # the old one may still answer for a while
    started = told = False
    while around.clock.monotonic() < deadline:
        found = _look(around)
        if found.recent or (found.version and not ending):
            return
        if around.daemons():
            if not told and not started:
                say("engine: waiting for the dockerd that is already running")
            told = True
        elif started:
            raise EngineError(
                "engine: dockerd exited immediately", details=_last_words(around), remedy=_remedy(todo)
            )
        else:
            _begin(todo, say, around)
            started = True
        around.clock.sleep(1.0)
    raise EngineError(
        f"engine: dockerd is running but has not answered for {PATIENCE:g} s",
        details=_last_words(around),
        remedy=_remedy(todo),
    )


def _begin(todo: Installation, say: Say, around: Surroundings) -> None:
    say(f"engine: starting {shlex.join(todo.start)}")
    if todo.service:
        try:
            around.runner(todo.start)
        except ShellError as error:
            raise EngineError(
                f"engine: {error.message}", details=error.details, remedy=_remedy(todo)
            ) from error
        return
    for file, name in PID_FILES.items():
        path = around.root / file.relative_to("/")
        if stale(path, name, proc=around.root / "proc"):
            path.unlink(
                missing_ok=True
            )  # dockerd would refuse to start if that number now belongs to another program
    around.spawn(todo.start)


def _remedy(todo: Installation) -> str:
    return "Find the reason with: journalctl -u docker" if todo.service else f"Find the reason in {LOG}"


def _last_words(around: Surroundings) -> list[str]:
    try:
        lines = (around.root / LOG.relative_to("/")).read_text(errors="replace").splitlines()
    except OSError:
        return []
    return lines[-5:]


def _start(machine: Host) -> tuple[tuple[str, ...], bool]:
    if machine.systemd:
        return ("systemctl", "start", "docker"), True
    return (machine.dockerd or "dockerd",), False


def _packages(found: Found, machine: Host) -> tuple[str, ...]:
    """Return the distribution's packages that `found` lacks; none where the toolkit knows of none."""
    if machine.system != "linux":
        return ()
    if machine.installed:  # Docker's own packages: add to them, and never mix them with the distribution's
        return ("docker-buildx-plugin",) if found.recent else ()
    if machine.distribution == "debian" and machine.major >= 12:
        names: tuple[str, ...] = ("docker-cli", "docker-buildx", "docker-compose")
    elif machine.distribution == "ubuntu" and machine.major >= 22:
        names = ("docker-buildx", "docker-compose-v2")
    else:
        return ()
    names = names if found.recent else ("docker.io", *names)
    return tuple(f"{name}/trixie" for name in names) if _from_trixie(machine) else names


def _preparation(machine: Host) -> tuple[Step, ...]:
    """Return the steps before packages can be installed.

    The engine of Debian 12 is too old: the one of Debian 13 comes from the same mirror, with a pin that keeps
    everything else at its version.
    """
    update = RunProgram(("apt-get", "-q", "update"))
    if not _from_trixie(machine) or any(source.release == "trixie" for source in machine.sources):
        return (update,)
    source = _archive(machine)
    name = "orthanc-images-trixie"
    text = f"Types: deb\nURIs: {source.uri}\nSuites: trixie\nComponents: main\nSigned-By: {KEYRING}\n"
    pin = "Package: *\nPin: release n=trixie\nPin-Priority: 50\n"
    return (
        WriteFile(Path("/etc/apt/preferences.d") / name, pin),
        WriteFile(Path("/etc/apt/sources.list.d") / f"{name}.sources", text),
        update,
    )


def _archive(machine: Host) -> AptSource:
    """Return the Debian mirror among the apt sources of the machine."""
    main = [item for item in machine.sources if item.component == "main" and item.release == machine.codename]
    for source in main:
        if re.search(r"/debian/?$", source.uri):
            return source
    raise EngineError(
        "engine: the apt sources have no Debian mirror, and the engine of Debian 12 is too old",
        remedy="Add a mirror in /etc/apt/sources.list.d, then run the same command again",
    )


def _renewal(found: Found, machine: Host) -> tuple[Step, ...]:
    """Return the steps that replace the running old dockerd by the new one."""
    if not found.version or found.recent:
        return ()
    return (RunProgram(("systemctl", "restart", "docker")),) if machine.systemd else (StopDaemon(),)


def apt_install(names: tuple[str, ...]) -> RunProgram:
    """Return the step that installs packages, after waiting up to two minutes for another apt-get."""
    options = ("-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120")
    return RunProgram(("apt-get", *options, "install", *names))


def _from_trixie(machine: Host) -> bool:
    return machine.distribution == "debian" and machine.major == 12 and not machine.installed


def _instructions(found: Found, machine: Host, names: tuple[str, ...]) -> str:
    """Return what the user can do on a machine where the toolkit installs nothing."""
    if machine.system == "darwin":
        return "Install and start Docker Desktop, OrbStack or Colima, then run the same command again"
    if machine.system == "windows":
        return "Install Docker Desktop with its WSL 2 integration, and run this inside WSL"
    if machine.dockerd and not found.version:
        return "Start it: " + ("sudo systemctl start docker" if machine.systemd else "sudo dockerd")
    if names and _from_trixie(machine):
        return f"Run the same command as root with --yes, or install one by hand: {MANUAL}"
    if names:
        return f"Run: sudo apt-get install {' '.join(names)}"
    return f"Install Docker Engine {OLDEST} or later with the buildx plugin: {MANUAL}"


def _remote(found: Found, environment: Mapping[str, str]) -> str:
    """Return what to do about an engine that the user has selected; empty for the local one."""
    act = "update it" if found.version else "start it"
    if environment.get("DOCKER_HOST"):
        return f"DOCKER_HOST selects it: {act}, or unset DOCKER_HOST"
    if found.context != "default":
        return f"The context {found.context!r} selects it: {act}, or choose another with: docker context use"
    return ""
