"""Emulation: whether a builder can run programs for other platforms, and how to enable it."""

from __future__ import annotations

import re
from pathlib import Path

from builder.engine.client import Engine
from builder.engine.host import Host
from builder.engine.installation import Ask, RunProgram, Say, Surroundings, agreed, apt_install, carried_out
from builder.errors import EngineError
from builder.shell import Runner, run

PACKAGES = ("qemu-user-static", "binfmt-support")
REGISTERED = Path("/proc/sys/fs/binfmt_misc")
"""Where Linux lists the interpreters of foreign programs: admin-guide/binfmt-misc of its documentation."""


def platforms(engine: Engine, builder: str = "", runner: Runner = run) -> frozenset[str]:
    """Return the platforms that `builder` (none: the one in use) reports to support."""
    words = [builder] if builder else []
    done = runner([engine.client, "buildx", "inspect", *words], check=False, timeout=30)
    lines = re.findall(r"^Platforms:\s*(.*)$", done.stdout, re.MULTILINE)
    return frozenset(name.strip("* ") for line in lines for name in line.split(",") if name.strip())


def steps(machine: Host, *, mounted: bool) -> tuple[RunProgram, ...]:
    """Return the steps that enable emulation on `machine`; none where they are unknown.

    `mounted` tells whether binfmt_misc is mounted; systemd mounts it on demand.
    """
    if not known(machine):
        return ()
    mount = RunProgram(("mount", "-t", "binfmt_misc", "binfmt_misc", str(REGISTERED)))
    update = RunProgram(("apt-get", "-q", "update"))
    there = () if mounted or machine.systemd else (mount,)
    return (*there, update, apt_install(PACKAGES), RunProgram(("update-binfmts", "--enable")))


def known(machine: Host) -> bool:
    """Tell whether the distribution of `machine` has packages for emulation."""
    return machine.system == "linux" and machine.distribution in ("debian", "ubuntu")


def remedy(machine: Host) -> str:
    """Return what the user can do on `machine` about a platform that the builder does not support."""
    other = "choose a builder that supports it: docker buildx create --help"
    if known(machine):
        return f"Install emulation: apt-get install {' '.join(PACKAGES)}; or {other}"
    return other[0].upper() + other[1:]


def ensure(
    engine: Engine,
    platform: str,
    *,
    say: Say,
    around: Surroundings,
    builder: str = "",
    yes: bool = False,
    ask: Ask | None = None,
) -> None:
    """Make sure that `builder` (none: the one in use) runs programs for `platform`, emulated if need be.

    Emulation is only installed for the local engine, as root, with consent: `yes`, CI=true, or by `ask`.

    Raises:
        EngineError: when the builder cannot, and only the user can change that.
        ConsentError: when nobody allowed the installation.
    """
    able = platforms(engine, builder, around.runner)
    if platform in able:
        return
    problem = f"{platform}: the builder only runs programs for {', '.join(sorted(able)) or 'no platform'}"
    machine = around.machine()
    mounted = (around.root / REGISTERED.relative_to("/") / "register").exists()
    todo = steps(machine, mounted=mounted) if engine.endpoint.startswith("unix:") and not builder else ()
    if not todo or not machine.root:
        raise EngineError(problem, remedy=remedy(machine))
    what, other = f"{problem}. Emulation can be installed", "choose another builder"
    agreed(what, todo, other, yes=yes or around.agreed, ask=ask)
    carried_out(todo, say, around)
    if platform not in platforms(engine, builder, around.runner):
        raise EngineError(f"{problem}, even with emulation", remedy="Restart the engine")
