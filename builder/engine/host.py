"""The machine that the toolkit runs on, as facts to base decisions on."""

from __future__ import annotations

import os
import platform
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from builder.shell import Runner, run, which


@dataclass(frozen=True)
class AptSource:
    """One place that apt takes packages from: an address, a release such as `bookworm`, a component."""

    uri: str
    release: str
    component: str


@dataclass(frozen=True)
class Host:
    """The facts about this machine that matter for a container engine."""

    system: str = "linux"
    """`linux`, `darwin` or `windows`."""
    distribution: str = ""
    """`debian`, `ubuntu` or another ID of os-release(5); empty without one."""
    release: str = ""
    """VERSION_ID of os-release(5), such as `12` or `24.04`; empty for Debian's testing."""
    codename: str = ""
    """VERSION_CODENAME of os-release(5), such as `bookworm`."""
    root: bool = False
    systemd: bool = False
    dockerd: str = ""
    """The path of dockerd; empty where it is not installed."""
    installed: frozenset[str] = frozenset()
    """The installed packages of Docker's own repository."""
    sources: tuple[AptSource, ...] = ()

    @property
    def major(self) -> int:
        """Return the first number of `release`; a Debian without one is newer than any with one."""
        number = self.release.partition(".")[0]
        return int(number) if number.isdecimal() else 1000 if self.distribution == "debian" else 0


def host(runner: Runner = run, *, root: Path = Path("/"), system: str = "", uid: int | None = None) -> Host:
    """Return the facts about this machine; arguments replace what would be read from it."""
    release = _release(root)
    return Host(
        system=system or platform.system().lower(),
        distribution=release.get("ID", ""),
        release=release.get("VERSION_ID", ""),
        codename=release.get("VERSION_CODENAME", ""),
        root=(os.geteuid() if uid is None else uid) == 0,
        systemd=(root / "run/systemd/system").is_dir(),
        dockerd=which("dockerd", os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])) or "",
        installed=_installed(runner),
        sources=sources(runner, check=False),
    )


def daemons(name: str = "dockerd", *, proc: Path = Path("/proc")) -> tuple[int, ...]:
    """Return the ids of the running processes `name` of this machine, including those that are ending.

    Processes in other PID namespaces do not count: /proc of a host lists those of its containers too, and a
    dockerd in a container is neither to be waited for nor to be stopped.
    """
    ours = _namespace(proc / "self")
    found = []
    for folder in proc.glob("[0-9]*"):
        if _alive(folder, name) and _namespace(folder) == ours:
            found.append(int(folder.name))
    return tuple(sorted(found))


def stale(pid_file: Path, name: str, *, proc: Path = Path("/proc")) -> bool:
    """Tell whether `pid_file` names a process that is not a running `name`."""
    try:
        number = int(pid_file.read_text())
    except (OSError, ValueError):
        return pid_file.exists()
    return not _alive(proc / str(number), name)


def _alive(folder: Path, name: str) -> bool:
    """Tell whether the process at /proc/<pid> is `name` and not a zombie, by proc_pid_stat(5)."""
    try:
        before, _, after = (folder / "stat").read_text().rpartition(")")
    except OSError:
        return False
    return before.partition("(")[2] == name and after.split()[0] not in ("Z", "X")


def _namespace(folder: Path) -> str:
    try:
        return str((folder / "ns/pid").readlink())
    except OSError:
        return ""


def _release(root: Path) -> Mapping[str, str]:
    """Return os-release(5) as a mapping; empty without one."""
    for name in ("etc/os-release", "usr/lib/os-release"):
        try:
            lines = (root / name).read_text(encoding="utf-8").splitlines()
        except OSError:
            continue
        pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
        return {key.strip(): "".join(shlex.split(value)) for key, _, value in pairs}
    return {}


def _installed(runner: Runner) -> frozenset[str]:
    if not which("dpkg-query"):
        return frozenset()
    names = ["docker-ce", "docker-ce-cli", "moby-engine"]
    done = runner(
        ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *names], check=False
    )
    rows = (line.split() for line in done.stdout.splitlines())
    return frozenset(row[0] for row in rows if row[1:] == ["installed"])


def sources(runner: Runner, *, check: bool = True) -> tuple[AptSource, ...]:
    """Return the configured sources of apt, fetched or not; nothing without apt.

    Only the configuration of apt is read, which is fast: no index, no state of packages, no caches.

    Raises:
        ShellError: when that configuration is wrong; without `check`, nothing is returned instead.
    """
    if not which("apt-get"):
        return ()
    state = ("Dir::State::lists=/nonexistent/", "Dir::State::status=/dev/null")
    caches = ("Dir::Cache::pkgcache=", "Dir::Cache::srcpkgcache=")
    options = (word for option in (*state, *caches) for word in ("-o", option))
    form = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
    argv = [
        "apt-get",
        "indextargets",
        "--no-release-info",
        *options,
        "--format",
        form,
        "Created-By: Packages",
    ]
    done = runner(argv, check=check)
    rows = (line.split() for line in done.stdout.splitlines())
    return tuple(dict.fromkeys(AptSource(*row) for row in rows if len(row) == 3))
