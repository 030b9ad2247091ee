"""An engine is brought up where that is possible and agreed to; elsewhere a person is told what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from builder.engine.client import DockerClient, Found
from builder.engine.host import AptSource, Host
from builder.engine.installation import (
    Engine,
    Installation,
    RunProgram,
    StopDaemon,
    Surroundings,
    WriteFile,
    ensure,
    installation,
)
from builder.errors import ConsentError, EngineError
from builder.shell import Completed
from tests.unit.builder.engine.test_client import CONTEXT, NO_PLUGIN, PLUGIN, SILENT
from tests.unit.builder.fakes import FakeClock, FakeRunner, said
from tests.unit.builder.test_shell import program

MANUAL = "https://docs.docker.com/engine/install/"
BOOKWORM = (
    AptSource("http://packages.test/debian/12/prod/", "bookworm", "main"),
    AptSource("http://mirror.test/debian-security/", "bookworm-security", "main"),
    AptSource("http://mirror.test/debian/", "bookworm-updates", "main"),
    AptSource("http://mirror.test/debian/", "bookworm", "main"),
)
DEBIAN12 = Host("linux", "debian", "12", "bookworm", root=True, sources=BOOKWORM)
DEBIAN13 = replace(DEBIAN12, release="13", codename="trixie")
UBUNTU = Host("linux", "ubuntu", "24.04", "noble", root=True)

NOTHING = Found()
STOPPED = Found((DockerClient("/usr/bin/docker", "0.13.1"),), endpoint="unix:///s", trouble="Cannot connect")
OLD = Found((DockerClient("/usr/bin/docker", ""),), version="20.10.24+dfsg1")
BARE = Found((DockerClient("/usr/bin/docker", ""),), version="26.1.5")

UPDATE = RunProgram(("apt-get", "-q", "update"))


def install(*names: str) -> RunProgram:
    options = ("-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120")
    return RunProgram(("apt-get", *options, "install", *names))


# What is to be done: pure decisions.


def test_debian_12_takes_the_engine_of_the_next_release_from_its_own_mirror() -> None:
    assert installation(NOTHING, DEBIAN12, {}) == Installation(
        steps=(
            WriteFile(
                Path("/etc/apt/preferences.d/orthanc-images-trixie"),
                "Package: *\nPin: release n=trixie\nPin-Priority: 50\n",
            ),
            WriteFile(
                Path("/etc/apt/sources.list.d/orthanc-images-trixie.sources"),
                "Types: deb\nURIs: http://mirror.test/debian/\nSuites: trixie\nComponents: main\n"
                "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n",
            ),
            UPDATE,
            install("docker.io/trixie", "docker-cli/trixie", "docker-buildx/trixie", "docker-compose/trixie"),
        ),
        start=("dockerd",),
        service=False,
    )


def test_a_source_for_the_next_release_that_is_there_is_left_as_it_is() -> None:
    there = replace(DEBIAN12, sources=(*BOOKWORM, AptSource("http://mirror.test/debian/", "trixie", "main")))
    assert installation(NOTHING, there, {}).steps == (
        UPDATE,
        install("docker.io/trixie", "docker-cli/trixie", "docker-buildx/trixie", "docker-compose/trixie"),
    )


def test_an_engine_that_is_too_old_is_replaced() -> None:
    new = installation(NOTHING, DEBIAN12, {})
    assert installation(OLD, DEBIAN12, {}) == replace(new, steps=(*new.steps, StopDaemon()))
    with_systemd = installation(OLD, replace(DEBIAN12, systemd=True), {})
    assert with_systemd.steps == (*new.steps, RunProgram(("systemctl", "restart", "docker")))


@pytest.mark.parametrize(
    ("machine", "names"),
    [
        (DEBIAN13, ("docker.io", "docker-cli", "docker-buildx", "docker-compose")),
        (
            replace(DEBIAN13, release="", codename="forky"),
            ("docker.io", "docker-cli", "docker-buildx", "docker-compose"),
        ),
        (UBUNTU, ("docker.io", "docker-buildx", "docker-compose-v2")),
    ],
)
def test_newer_systems_have_all_they_need(machine: Host, names: tuple[str, ...]) -> None:
    assert installation(NOTHING, machine, {}).steps == (UPDATE, install(*names))


def test_an_engine_without_the_plugin_gets_the_plugin_and_keeps_its_version() -> None:
    assert installation(BARE, DEBIAN13, {}).steps[-1] == install(
        "docker-cli", "docker-buildx", "docker-compose"
    )
    assert installation(BARE, UBUNTU, {}).steps[-1] == install("docker-buildx", "docker-compose-v2")


def test_docker_s_own_packages_are_not_mixed_with_the_distribution_s() -> None:
    own = replace(DEBIAN12, installed=frozenset({"docker-ce"}))
    assert installation(BARE, own, {}).steps == (UPDATE, install("docker-buildx-plugin"))
    with pytest.raises(EngineError):
        installation(OLD, own, {})


@pytest.mark.parametrize(
    ("systemd", "expected"),
    [(False, (("/usr/sbin/dockerd",), False)), (True, (("systemctl", "start", "docker"), True))],
)
def test_an_engine_that_is_installed_is_only_started(
    systemd: bool, expected: tuple[tuple[str, ...], bool]
) -> None:
    machine = Host("linux", "fedora", "43", root=True, dockerd="/usr/sbin/dockerd", systemd=systemd)
    assert installation(STOPPED, machine, {}) == Installation((), *expected)


@pytest.mark.parametrize(
    ("found", "machine", "environment", "remedy"),
    [
        (
            NOTHING,
            Host("darwin"),
            {},
            "Install and start Docker Desktop, OrbStack or Colima, then run the same command again",
        ),
        (
            NOTHING,
            Host("windows"),
            {},
            "Install Docker Desktop with its WSL 2 integration, and run this inside WSL",
        ),
        (
            NOTHING,
            Host("linux", "fedora", "43", root=True),
            {},
            f"Install Docker Engine 23 or later with the buildx plugin: {MANUAL}",
        ),
        (
            NOTHING,
            Host("linux", "debian", "11", root=True),
            {},
            f"Install Docker Engine 23 or later with the buildx plugin: {MANUAL}",
        ),
        (
            NOTHING,
            replace(UBUNTU, root=False),
            {},
            "Run: sudo apt-get install docker.io docker-buildx docker-compose-v2",
        ),
        (
            NOTHING,
            replace(DEBIAN12, root=False),
            {},
            f"Run the same command as root with --yes, or install one by hand: {MANUAL}",
        ),
        (
            STOPPED,
            replace(UBUNTU, root=False, dockerd="/usr/sbin/dockerd", systemd=True),
            {},
            "Start it: sudo systemctl start docker",
        ),
        (
            replace(STOPPED, trouble="permission denied while trying to connect to the Docker daemon socket"),
            replace(UBUNTU, root=False),
            {},
            "Add yourself to the group docker (sudo usermod -aG docker $USER) and log in again, or use sudo",
        ),
        (
            STOPPED,
            replace(UBUNTU, dockerd="/usr/sbin/dockerd"),
            {"DOCKER_HOST": "tcp://elsewhere:2376"},
            "DOCKER_HOST selects it: start it, or unset DOCKER_HOST",
        ),
        (
            replace(STOPPED, context="farm"),
            UBUNTU,
            {},
            "The context 'farm' selects it: start it, or choose another with: docker context use",
        ),
        (
            OLD,
            UBUNTU,
            {"DOCKER_HOST": "tcp://elsewhere"},
            "DOCKER_HOST selects it: update it, or unset DOCKER_HOST",
        ),
        (
            NOTHING,
            replace(DEBIAN12, sources=BOOKWORM[:1]),
            {},
            "Add a mirror in /etc/apt/sources.list.d, then run the same command again",
        ),
    ],
)
def test_elsewhere_a_person_is_told_what_to_do(
    found: Found, machine: Host, environment: dict[str, str], remedy: str
) -> None:
    with pytest.raises(EngineError) as caught:
        installation(found, machine, environment)
    assert caught.value.remedy == remedy


# Doing it, on a machine that is made up.


@dataclass
class Machine:
    """A made-up machine: its packages, its dockerd, and how long that takes."""

    root: Path
    host: Host = DEBIAN13
    client: bool = False
    plugin: bool = True
    version: str = "26.1.5"
    next: str = ""
    running: bool = False
    answers_at: float = 0.0
    ends_at: float = float("inf")
    startup: float = 3.0
    survives: bool = True
    apt: Completed = field(default_factory=said)
    by_package: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    spawned: list[tuple[str, ...]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.runner = FakeRunner(
            ("buildx version", lambda: PLUGIN if self.plugin else NO_PLUGIN),
            ("version --format", self.server),
            ("context inspect", CONTEXT),
            ("apt-get", said()),
            ("apt-get .* install", self.install),
            ("systemctl start docker", self.systemctl),
        )
        if self.client:
            program(self.root / "bin", "docker")
            self.host = replace(self.host, dockerd="/usr/sbin/dockerd")

    def server(self) -> Completed:
        if self.daemons() and self.clock.now >= self.answers_at:
            return said(f'{{"Version": "{self.version}", "Arch": "amd64"}}')
        return SILENT

    def install(self) -> Completed:
        if not self.apt.code:
            program(self.root / "bin", "docker")
            self.host = replace(self.host, dockerd="/usr/sbin/dockerd")
            self.next, self.plugin = "26.1.5", True
            if self.by_package:
                self.begin()
        return self.apt

    def end(self, pid: int) -> None:
        assert pid in self.daemons()
        self.ends_at = self.clock.now + 5

    def systemctl(self) -> Completed:
        self.begin()
        return said()

    def begin(self) -> None:
        assert not self.daemons(), "a second dockerd was started"
        self.running, self.answers_at = self.survives, self.clock.now + self.startup
        self.ends_at = float("inf")
        self.version = self.next or self.version

    def spawn(self, argv: tuple[str, ...]) -> int:
        self.spawned.append(argv)
        self.begin()
        return 70

    def daemons(self) -> tuple[int, ...]:
        return (70,) if self.running and self.clock.now < self.ends_at else ()

    def ensure(self, *, yes: bool = False, ask: Callable[[str], bool] | None = None) -> Engine:
        around = Surroundings(
            environment={"PATH": str(self.root / "bin"), **self.environment},
            runner=self.runner,
            machine=lambda: self.host,
            daemons=self.daemons,
            spawn=self.spawn,
            end=self.end,
            root=self.root,
            clock=self.clock,
        )
        return ensure(say=self.told.append, yes=yes, ask=ask, around=around)

    @property
    def installed(self) -> list[str]:
        return [line for line in self.runner.ran if line.startswith("apt-get")]


def test_an_engine_that_runs_is_used_as_it_is(tmp_path: Path) -> None:
    machine = Machine(tmp_path, client=True, running=True)
    assert machine.ensure().version == "26.1.5"
    assert (machine.installed, machine.spawned, machine.told) == ([], [], [])


def test_a_bare_machine_gets_an_engine_and_says_what_happens(tmp_path: Path) -> None:
    machine = Machine(tmp_path, host=DEBIAN12)
    assert machine.ensure(yes=True).client == str(tmp_path / "bin/docker")
    assert machine.spawned == [("/usr/sbin/dockerd",)]
    assert machine.told == [
        "engine: write /etc/apt/preferences.d/orthanc-images-trixie",
        "engine: write /etc/apt/sources.list.d/orthanc-images-trixie.sources",
        "engine: apt-get -q update",
        "engine: apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=120 install "
        "docker.io/trixie docker-cli/trixie docker-buildx/trixie docker-compose/trixie",
        "engine: starting /usr/sbin/dockerd",
    ]
    sources = tmp_path / "etc/apt/sources.list.d/orthanc-images-trixie.sources"
    assert "URIs: http://mirror.test/debian/\n" in sources.read_text()
    assert (tmp_path / "etc/apt/preferences.d/orthanc-images-trixie").exists()


def test_a_second_call_does_nothing(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.ensure(yes=True)
    ran = len(machine.installed)
    assert machine.ensure().version == "26.1.5"
    assert (len(machine.installed), len(machine.spawned)) == (ran, 1)


def test_the_engine_that_the_package_starts_is_waited_for(tmp_path: Path) -> None:
    machine = Machine(tmp_path, by_package=True)
    machine.ensure(yes=True)
    assert machine.spawned == []


def test_nobody_agreed(tmp_path: Path) -> None:
    with pytest.raises(ConsentError) as caught:
        Machine(tmp_path).ensure()
    assert str(caught.value) == (
        "engine: docker is not on the PATH. One can be installed with:\n"
        "  apt-get -q update\n"
        "  apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=120 install "
        "docker.io docker-cli docker-buildx docker-compose\n"
        f"Add --yes (or set CI=true) to do this, or install one yourself: {MANUAL}."
    )
    assert caught.value.exit_code == 77


@pytest.mark.parametrize("answer", [True, False])
def test_a_person_is_asked_with_what_would_be_done(tmp_path: Path, answer: bool) -> None:
    questions: list[str] = []

    def ask(question: str) -> bool:
        questions.append(question)
        return answer

    machine = Machine(tmp_path)
    if answer:
        machine.ensure(ask=ask)
    else:
        with pytest.raises(ConsentError):
            machine.ensure(ask=ask)
        assert machine.installed == []
    (question,) = questions
    assert question.startswith(
        "engine: docker is not on the PATH. One can be installed with\n  apt-get -q update"
    )
    assert question.endswith("docker-compose\nDo this now?")


def test_continuous_integration_agrees(tmp_path: Path) -> None:
    machine = Machine(tmp_path, environment={"CI": "true"})
    assert machine.ensure().version == "26.1.5"


def test_an_engine_that_stands_still_is_started_without_a_question(tmp_path: Path) -> None:
    machine = Machine(tmp_path, client=True)
    machine.ensure()
    assert machine.installed == []
    assert machine.spawned == [("/usr/sbin/dockerd",)]


def test_systemd_starts_its_service(tmp_path: Path) -> None:
    machine = Machine(tmp_path, host=replace(UBUNTU, systemd=True), client=True)
    machine.ensure()
    assert machine.spawned == []
    assert "systemctl start docker" in machine.runner.ran


def test_an_engine_that_is_ending_is_waited_for_and_then_started(tmp_path: Path) -> None:
    machine = Machine(tmp_path, client=True, running=True, answers_at=float("inf"), ends_at=12.0)
    machine.ensure()
    assert machine.clock.now > 12
    assert machine.spawned == [("/usr/sbin/dockerd",)]
    assert machine.told == [
        "engine: waiting for the dockerd that is already running",
        "engine: starting /usr/sbin/dockerd",
    ]


def test_an_engine_that_is_starting_is_waited_for(tmp_path: Path) -> None:
    machine = Machine(tmp_path, client=True, running=True, answers_at=20.0)
    machine.ensure()
    assert machine.spawned == []


def test_an_engine_that_never_answers_is_told_after_a_while(tmp_path: Path) -> None:
    machine = Machine(tmp_path, client=True, startup=float("inf"))
    with pytest.raises(EngineError) as caught:
        machine.ensure()
    assert str(caught.value) == (
        "engine: dockerd is running but has not answered for 90 s. Find the reason in /var/log/dockerd.log."
    )
    assert len(machine.spawned) == 1


def test_an_engine_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    machine = Machine(tmp_path, client=True, survives=False)
    (tmp_path / "var/log").mkdir(parents=True)
    (tmp_path / "var/log/dockerd.log").write_text("1\n2\n3\n4\n5\nno space left on device\n")
    with pytest.raises(EngineError) as caught:
        machine.ensure()
    assert str(caught.value) == (
        "engine: dockerd exited immediately:\n  2\n  3\n  4\n  5\n  no space left on device\n"
        "Find the reason in /var/log/dockerd.log."
    )
    assert len(machine.spawned) == 1


def test_a_stale_pid_file_is_removed_before_the_start(tmp_path: Path) -> None:
    machine = Machine(tmp_path, client=True)
    for name in ("run/docker.pid", "run/docker/containerd/containerd.pid"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("4711")
    machine.ensure()
    assert not (tmp_path / "run/docker.pid").exists()
    assert not (tmp_path / "run/docker/containerd/containerd.pid").exists()


def test_the_pid_file_of_a_containerd_that_lives_is_kept(tmp_path: Path) -> None:
    machine = Machine(tmp_path, client=True)
    file = tmp_path / "run/docker/containerd/containerd.pid"
    file.parent.mkdir(parents=True)
    file.write_text("72")
    (tmp_path / "proc/72").mkdir(parents=True)
    (tmp_path / "proc/72/stat").write_text("72 (containerd) S 1 72\n")
    machine.ensure()
    assert file.exists()


def test_an_engine_that_turns_out_to_be_too_old_is_replaced(tmp_path: Path) -> None:
    machine = Machine(tmp_path, host=DEBIAN12, client=True, version="20.10.24")
    assert machine.ensure(yes=True).version == "26.1.5"
    assert "docker.io/trixie" in machine.installed[-1]
    assert machine.told[-3:] == [
        "engine: stop the old dockerd, and with it all running containers",
        "engine: waiting for the dockerd that is already running",
        "engine: starting /usr/sbin/dockerd",
    ]
    assert len(machine.spawned) == 2


def test_an_engine_that_stays_too_old_is_told(tmp_path: Path) -> None:
    machine = Machine(tmp_path, client=True, running=True, version="20.10.24")
    machine.runner.rules.append(("apt-get .* install", said()))
    machine.host = replace(machine.host, systemd=True)
    machine.runner.rules.append(("systemctl restart", said()))
    with pytest.raises(
        EngineError, match=r"the engine is version 20\.10\.24, .*, even after the installation\."
    ):
        machine.ensure(yes=True)


def test_a_failed_installation_is_told_with_apt_s_last_words(tmp_path: Path) -> None:
    machine = Machine(tmp_path, apt=said(code=100, stderr="E: Unable to locate package docker.io\n"))
    with pytest.raises(EngineError) as caught:
        machine.ensure(yes=True)
    assert caught.value.details == ("E: Unable to locate package docker.io",)
    assert caught.value.remedy == "Act on the message of apt-get, then run the same command again"
    assert machine.spawned == []


def test_a_service_that_fails_is_told_with_where_to_look(tmp_path: Path) -> None:
    machine = Machine(tmp_path, host=replace(UBUNTU, systemd=True), client=True)
    machine.runner.rules.append(("systemctl", said(code=1, stderr="Job for docker.service failed.\n")))
    with pytest.raises(EngineError, match="Find the reason with: journalctl -u docker"):
        machine.ensure()


def test_a_folder_of_apt_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "etc").write_text("")
    with pytest.raises(EngineError, match=r"Not a directory|File exists"):
        Machine(tmp_path, host=DEBIAN12).ensure(yes=True)
