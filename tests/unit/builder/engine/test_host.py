"""Facts about the machine are read from where the system keeps them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from builder.engine.host import AptSource, daemons, host, sources, stale
from builder.errors import ShellError
from builder.shell import run
from tests.unit.builder.fakes import FakeRunner, said

needs_apt = pytest.mark.skipif(not shutil.which("apt-get"), reason="apt is not on this machine")

SOURCES = """\
http://mirror.test/debian/ bookworm main
http://mirror.test/debian/ bookworm main
http://mirror.test/debian-security/ bookworm-security main
"""


def process(proc: Path, pid: int, name: str, state: str = "S", namespace: str = "pid:[1]") -> None:
    folder = proc / str(pid)
    (folder / "ns").mkdir(parents=True)
    (folder / "stat").write_text(f"{pid} ({name}) {state} 1 {pid} {pid} 0\n")
    (folder / "ns/pid").symlink_to(namespace)


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    folder = tmp_path / "proc"
    process(folder, 1, "init")
    (folder / "self").symlink_to("1")
    return folder


@pytest.mark.parametrize(
    ("text", "distribution", "release", "major"),
    [
        ('ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n', "debian", "12", 12),
        ('# comment\nID=ubuntu\nVERSION_ID="24.04"\n', "ubuntu", "24.04", 24),
        ("ID=debian\nVERSION_CODENAME=forky\n", "debian", "", 1000),
        ('ID="fedora"\nVERSION_ID=43\n', "fedora", "43", 43),
        ("ID=arch\n", "arch", "", 0),
    ],
)
def test_the_distribution_is_that_of_os_release(
    tmp_path: Path, text: str, distribution: str, release: str, major: int
) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text(text)
    machine = host(FakeRunner((".", said())), root=tmp_path, system="linux")
    assert (machine.distribution, machine.release, machine.major) == (distribution, release, major)


def test_a_machine_without_os_release_has_no_distribution(tmp_path: Path) -> None:
    machine = host(FakeRunner((".", said())), root=tmp_path, system="darwin", uid=501)
    assert (machine.system, machine.distribution, machine.root, machine.systemd) == (
        "darwin",
        "",
        False,
        False,
    )


def test_systemd_is_the_one_that_runs(tmp_path: Path) -> None:
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    assert host(FakeRunner((".", said())), root=tmp_path, uid=0).systemd


def test_packages_and_sources_are_asked_of_dpkg_and_apt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builder.engine.host.which", lambda name, *_: f"/usr/bin/{name}")
    runner = FakeRunner(
        ("dpkg-query", said("docker-ce installed\ndocker-ce-cli config-files\nmoby-engine \n", 1)),
        ("apt-get indextargets", said(SOURCES)),
    )
    machine = host(runner, root=tmp_path)
    assert machine.installed == {"docker-ce"}
    assert machine.sources == (
        AptSource("http://mirror.test/debian/", "bookworm", "main"),
        AptSource("http://mirror.test/debian-security/", "bookworm-security", "main"),
    )
    assert machine.dockerd == "/usr/bin/dockerd"


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of an apt that has never fetched an index, as in a new container."""
    folder = tmp_path / "etc/apt"
    folder.mkdir(parents=True)
    (tmp_path / "apt.conf").write_text(f'Dir "{tmp_path}";\nAPT::Architecture "amd64";\n')
    monkeypatch.setenv("APT_CONFIG", str(tmp_path / "apt.conf"))
    return folder


@needs_apt
def test_sources_need_no_index_that_apt_has_fetched(apt: Path) -> None:
    """A new container has none; and what is asked for leaves nothing behind."""
    (apt / "sources.list").write_text("deb http://mirror.test/debian forky main contrib\n")
    before = sorted(apt.parent.parent.rglob("*"))
    assert sources(run) == (
        AptSource("http://mirror.test/debian/", "forky", "main"),
        AptSource("http://mirror.test/debian/", "forky", "contrib"),
    )
    assert sorted(apt.parent.parent.rglob("*")) == before


@needs_apt
def test_sources_that_apt_cannot_read_are_told(apt: Path) -> None:
    (apt / "sources.list").write_text("dep http://mirror.test/debian forky main\n")
    with pytest.raises(ShellError) as caught:
        sources(run)
    assert any("is not known on line 1" in line for line in caught.value.details)
    assert sources(run, check=False) == ()


def test_daemons_are_found_by_name(proc: Path) -> None:
    process(proc, 70, "dockerd")
    process(proc, 71, "dockerd-rootless")
    process(proc, 72, "containerd")
    assert daemons(proc=proc) == (70,)
    assert daemons("containerd", proc=proc) == (72,)


def test_a_process_that_is_only_waited_for_does_not_run(proc: Path) -> None:
    process(proc, 70, "dockerd", "Z")
    assert daemons(proc=proc) == ()


def test_a_daemon_in_another_container_is_not_ours(proc: Path) -> None:
    process(proc, 70, "dockerd", namespace="pid:[2]")
    assert daemons(proc=proc) == ()


def test_a_name_with_brackets_and_spaces_is_read_whole(proc: Path) -> None:
    process(proc, 70, "dockerd) S (x")
    assert daemons(proc=proc) == ()
    assert daemons("dockerd) S (x", proc=proc) == (70,)


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc elsewhere")
def test_the_real_proc_is_read() -> None:
    with subprocess.Popen(["sleep", "30"]) as sleeper:
        try:
            assert sleeper.pid in daemons("sleep")
        finally:
            sleeper.kill()
    assert sleeper.pid not in daemons("sleep")
    assert os.getpid() not in daemons("sleep")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("70", False), ("71", True), ("99", True), ("", True), ("rubbish", True), (None, False)],
)
def test_a_pid_file_is_stale_when_its_process_is_another(
    tmp_path: Path, proc: Path, text: str | None, expected: bool
) -> None:
    process(proc, 70, "dockerd")
    process(proc, 71, "bash")
    file = tmp_path / "docker.pid"
    if text is not None:
        file.write_text(text)
    assert stale(file, "dockerd", proc=proc) is expected
