"""Debian's packages: resolved by an apt that knows nothing of this machine, fetched from its mirrors."""

from __future__ import annotations

import hashlib
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builder.engine import host
from builder.errors import FetchError, LockError
from builder.shell import Completed, run
from builder.sources import debian
from builder.sources.debian import AptRoot
from builder.sources.store import Store
from builder.spec.artifact import Artifact
from builder.spec.model import Definition
from tests.unit.builder.fakes import FakeRunner, said
from tests.unit.builder.samples import DEFINITION, SNAPSHOT, definition, package, sha256

ARCHIVE = "https://example.org/archive/debian/{timestamp}/"
MIRROR = "http://mirror.example/debian/"
STATUS = Path("/var/lib/dpkg/status")

needs_apt = pytest.mark.skipif(not shutil.which("apt-get"), reason="apt is not on this machine")


class Apt(FakeRunner):
    """Replies as apt does, and notes the configuration and the status file that it would see."""

    def __init__(self, *rules: tuple[str, Completed]) -> None:
        super().__init__(("^apt-config dump$", said('Acquire::http::Proxy "http://proxy:3128";\nDir "/";\n')))
        self.rules += rules
        self.configurations: list[str] = []
        self.statuses: list[str] = []

    def __call__(
        self, argv: Sequence[str | Path], *, env: Mapping[str, str] | None = None, **options: Any
    ) -> Completed:
        if env:
            configuration = Path(env["APT_CONFIG"])
            self.configurations.append(configuration.read_text())
            self.statuses.append((configuration.parent / "var/lib/dpkg/status").read_text())
        return super().__call__(argv, env=env, **options)


def row(one: Artifact, mirror: str = MIRROR) -> str:
    """Return what apt-get --print-uris says of a package."""
    file = f"{one.name}_{one.version.replace(':', '%3a')}_{one.architecture}.deb"
    return f"'{mirror}{one.origin.replace('+', '%2b')}' {file} {one.size} SHA256:{one.hashed[1]}\n"


@pytest.fixture
def sample(tmp_path: Path) -> Definition:
    return definition(tmp_path)


@pytest.fixture
def has_apt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Return a machine with apt and Debian's keyring, whatever this one has."""
    for module in (debian, host):
        monkeypatch.setattr(module, "which", lambda name: f"/usr/bin/{name}")
    (tmp_path / "keyring.gpg").touch()
    monkeypatch.setattr(debian, "KEYRING", tmp_path / "keyring.gpg")


@pytest.fixture
def no_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (debian, host):
        monkeypatch.setattr(module, "which", lambda _: None)


@pytest.mark.usefixtures("has_apt")
def test_mirrors_are_the_variables_and_then_apts_own_that_have_debian() -> None:
    targets = [
        "https://apt.postgresql.org/pub/repos/apt/",
        MIRROR,
        MIRROR,
        "http://mirror.example/debian-security/",
        "http://mirror.example/ubuntu/",
        "file:/srv/debian/",
        "https://other.example/debian/",
    ]
    runner = FakeRunner(("^apt-get indextargets", said("".join(f"{one} forky main\n" for one in targets))))
    assert debian.mirrors({}, runner) == (MIRROR, "https://other.example/debian/")
    assert debian.mirrors({debian.MIRROR: "http://mine.example/deb"}, runner) == (
        "http://mine.example/deb/",
        MIRROR,
        "https://other.example/debian/",
    )
    assert debian.mirrors({debian.MIRROR: MIRROR}, runner)[0] == MIRROR
    assert len(debian.mirrors({debian.MIRROR: MIRROR}, runner)) == 2


@pytest.mark.usefixtures("no_apt")
def test_without_apt_only_the_variable_names_a_mirror() -> None:
    assert debian.mirrors({}, FakeRunner()) == ()
    assert debian.mirrors({debian.MIRROR: MIRROR}, FakeRunner()) == (MIRROR,)


def test_a_file_is_wanted_from_the_mirrors_in_their_order_and_from_the_archive_last() -> None:
    one = package("libstdc++6", "1:16.2~rc1+b1")
    (wanted,) = debian.wanted([one], ["http://one/debian/", "http://two/debian/"], "http://old/")
    path = "pool/main/l/libstdc%2B%2B6/libstdc%2B%2B6_16.2~rc1%2Bb1_amd64.deb"
    assert wanted.name == "libstdc++6_16.2~rc1+b1_amd64.deb"
    assert wanted.digest == one.digest
    assert wanted.size == one.size
    assert wanted.urls == (f"http://one/debian/{path}", f"http://two/debian/{path}", f"http://old/{path}")


def test_a_colon_in_a_path_is_quoted() -> None:
    one = replace(package("a"), origin="pool/main/a/a/a_1:1_all.deb")
    (wanted,) = debian.wanted([one], [], "http://old/")
    assert wanted.urls == ("http://old/pool/main/a/a/a_1%3A1_all.deb",)


@pytest.mark.parametrize("setting", ["http://old/{timestamp}/", "http://old/{timestamp}"])
def test_the_archive_is_that_of_half_a_day_after_the_release(tmp_path: Path, setting: str) -> None:
    """By then the archive has imported the release, and the packages in it are still in the pool."""
    found = definition(tmp_path, DEFINITION.replace(ARCHIVE, setting))
    assert found.debian.archive("20261030T080801Z") == "http://old/20261030T200801Z/"


def test_other_braces_in_the_archives_address_do_no_harm(tmp_path: Path) -> None:
    found = definition(tmp_path, DEFINITION.replace(ARCHIVE, "http://old/{timestamp}/{x}"))
    assert found.debian.archive("20261030T080801Z") == "http://old/20261030T200801Z/{x}/"


def test_an_apt_root_has_a_configuration_of_its_own(tmp_path: Path) -> None:
    runner = Apt(("install", said("")))
    AptRoot(tmp_path, "arm64", "forky", MIRROR, runner).solution(("a",), ())
    assert (tmp_path / "etc/apt/sources.list").read_text() == (
        "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg check-valid-until=no] "
        f"{MIRROR} forky main\n"
    )
    assert runner.configurations == [
        f'Dir "{tmp_path}";\n'
        f'Dir::State::status "{tmp_path}/var/lib/dpkg/status";\n'
        'APT::Architecture "arm64";\nAPT::Architectures "arm64";\n'
        'APT::Install-Recommends "false";\n'
        'Acquire::Languages "none";\nAcquire::ForceHash "sha256";\n'
        'APT::Update::Error-Mode "any";\nAcquire::Retries "3";\nAPT::Sandbox::User "";\n'
        'Acquire::http::Proxy "http://proxy:3128";\n'
    ]


def test_a_solution_is_read_from_what_apt_prints(tmp_path: Path) -> None:
    packages = (package("b", "1:2.0~rc1+b1"), package("libstdc++6", "16-1"), package("a", "1"))
    runner = Apt(("install", said("".join(map(row, packages)))))
    found = AptRoot(tmp_path, "amd64", "forky", MIRROR, runner).solution(("a", "b"), ())
    assert found == tuple(sorted(packages))
    assert runner.ran[-1] == "apt-get -qq --yes --print-uris install a b"
    assert runner.statuses == [""]


def test_apt_sees_what_lies_below_as_installed(tmp_path: Path) -> None:
    one, two = package("a", "1"), package("b", "1:2")
    runner = Apt(
        ("install [?]essential a$", said(row(one))),
        ("install b$", said(row(two))),
        ("install c$", said("")),
        ("^apt-cache show a=1$", said("Package: a\nVersion: 1\n\n")),
        ("^apt-cache show a=1 b=1:2$", said("Package: a\nVersion: 1\n\nPackage: b\nVersion: 1:2\n\n")),
    )
    root = AptRoot(tmp_path, "amd64", "forky", MIRROR, runner)
    below = ("?essential", "a")
    root.solution(below, ())
    root.solution(("b",), (below,))
    root.solution(("c",), (below, ("b",)))
    installed = "Status: install ok installed\n\n"
    first = f"Package: a\nVersion: 1\n{installed}"
    installs = [
        status for line, status in zip(runner.ran[1:], runner.statuses, strict=True) if "install" in line
    ]
    assert installs == ["", first, f"{first}Package: b\nVersion: 1:2\n{installed}"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "'http://m/debian/pool/main/a/a_1_all.deb' a_1_all.deb 12 MD5Sum:abc",
            "apt-get: printed \"'http://m/debian/pool/main/a/a_1_all.deb' a_1_all.deb 12 MD5Sum:abc\", "
            "which is not an address with a sha256. Use apt 2.0 or newer.",
        ),
        (
            f"'http://m/flat/a_1_all.deb' a_1_all.deb 12 SHA256:{sha256('a')}",
            "apt-get: 'http://m/flat/a_1_all.deb' is not below /pool/main/. Try another mirror.",
        ),
    ],
)
def test_bad_output_of_apt_is_told(tmp_path: Path, line: str, expected: str) -> None:
    runner = Apt(("install", said(line + "\n")))
    with pytest.raises(LockError) as caught:
        AptRoot(tmp_path, "amd64", "forky", MIRROR, runner).solution(("a",), ())
    assert str(caught.value) == expected


@pytest.mark.parametrize("mirror", ["http://m/pool/debian/", "http://m/pool/main/debian/"])
def test_a_mirror_may_have_a_pool_in_its_own_address(tmp_path: Path, mirror: str) -> None:
    one = package("pool")
    runner = Apt(("install", said(row(one, mirror))))
    assert AptRoot(tmp_path, "amd64", "forky", mirror, runner).solution(("pool",), ()) == (one,)


def test_what_apt_complains_of_is_told(tmp_path: Path) -> None:
    """Apt explains itself only when it is not told to be quiet, so it is asked a second time."""
    told = said("Reading package lists...\n a : Depends: b\n", 100)
    runner = Apt(
        ("apt-get -qq .*install", said("", 100, "W: a warning\n\nE: Unable to correct problems\n")),
        ("apt-get -q .*install", told),
    )
    with pytest.raises(LockError) as caught:
        AptRoot(tmp_path, "amd64", "forky", MIRROR, runner).solution(("a",), ())
    assert str(caught.value) == (
        "apt-get: failed:\n"
        "  a : Depends: b\n"
        "  W: a warning\n"
        "  E: Unable to correct problems\n"
        "Correct the package names in build.toml."
    )


def test_the_time_of_the_release_is_that_of_the_snapshot(tmp_path: Path) -> None:
    root = AptRoot(tmp_path, "amd64", "forky", MIRROR, Apt(("update", said(""))))
    release = tmp_path / "var/lib/apt/lists/mirror.example_debian_dists_forky_InRelease"
    release.write_text("Suite: forky\nDate: Fri, 30 Oct 2026 08:08:01 UTC\n")
    assert root.update() == "20261030T080801Z"
    release.write_text("Suite: forky\n")
    with pytest.raises(LockError) as caught:
        root.update()
    assert str(caught.value) == f"{release.name}: has no date. Try another mirror."


@pytest.mark.usefixtures("has_apt")
def test_every_platform_and_layer_is_resolved(sample: Definition, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    times = iter(["20261030T080801Z", "20261029T080801Z"])

    class Root(AptRoot):
        def __init__(self, *arguments: object) -> None:
            asked.append(arguments[1:4])

        def update(self) -> str:
            return next(times)

        def solution(
            self, names: tuple[str, ...], below: tuple[tuple[str, ...], ...]
        ) -> tuple[Artifact, ...]:
            asked.append((names, below))
            return (package("-".join(names)),)

    monkeypatch.setattr(debian, "AptRoot", Root)
    snapshot, packages = debian.resolve(sample, [MIRROR, "http://second/"], runner=FakeRunner())
    assert snapshot == "20261030T080801Z"
    base, default = ("?essential", "python3"), ("orthanc-data", "orthanc")
    requests = [
        (base, ()),
        (("?essential", "mmdebstrap"), ()),
        (("g++",), (("?essential", "mmdebstrap"),)),
        (default, (base,)),
        ((), (base, default)),
    ]
    assert asked == [("amd64", "forky", MIRROR), *requests, ("arm64", "forky", MIRROR), *requests]
    assert list(packages) == ["linux/amd64", "linux/arm64"]
    assert packages["linux/arm64"]["default"] == (package("orthanc-data-orthanc"),)


@pytest.mark.usefixtures("no_apt")
def test_without_apt_nothing_is_resolved(sample: Definition) -> None:
    with pytest.raises(LockError) as caught:
        debian.resolve(sample, [MIRROR], runner=FakeRunner())
    assert str(caught.value) == (
        "lock: apt and Debian's keyring are needed to resolve packages. "
        "Run ./inv lock on Debian, or on Ubuntu with debian-archive-keyring installed."
    )


@pytest.mark.usefixtures("has_apt")
def test_without_a_mirror_nothing_is_resolved(sample: Definition) -> None:
    with pytest.raises(LockError) as caught:
        debian.resolve(sample, [], runner=FakeRunner())
    assert str(caught.value) == (
        "lock: no Debian mirror is known on this machine. "
        "Name one in the variable ORTHANC_IMAGES_DEBIAN_MIRROR."
    )


def test_a_version_that_has_left_the_mirror_comes_from_the_snapshot_archive(
    tmp_path: Path, web: tuple[Path, str]
) -> None:
    folder, address = web
    gone, there = package("libgone++", "1:1.0+b1"), package("here")
    old = folder / "archive/debian/20261030T200801Z" / gone.origin
    new = folder / "debian" / there.origin
    for path, content in ((old, gone.name), (new, there.name)):
        path.parent.mkdir(parents=True)
        path.write_text(content)
    setting = f"{address}/archive/debian/{{timestamp}}/"
    archive = definition(tmp_path, DEFINITION.replace(ARCHIVE, setting)).debian.archive(SNAPSHOT)
    store = Store(tmp_path / "store", delays=(), timeout=(2.0, 2.0))
    landed = store.fetch(debian.wanted([gone, there], [f"{address}/debian/"], archive))
    assert [path.read_text() for path in landed.values()] == ["libgone++", "here"]


def indexed(folder: Path, *stanzas: str) -> None:
    """Make `folder` a mirror with an index of packages; the packages themselves are never asked for."""
    index = folder / "dists/forky/main/binary-amd64/Packages"
    index.parent.mkdir(parents=True)
    index.write_text("".join(map(stanza, stanzas)))
    content = index.read_bytes()
    (folder / "dists/forky/Release").write_text(
        "Suite: forky\nCodename: forky\nDate: Fri, 30 Oct 2026 08:08:01 UTC\n"
        "Valid-Until: Sat, 31 Oct 2026 08:08:01 UTC\n"
        "Architectures: amd64\nComponents: main\n"
        f"SHA256:\n {hashlib.sha256(content).hexdigest()} {len(content)} main/binary-amd64/Packages\n"
    )


def stanza(text: str) -> str:
    """Return one package of an index, from lines such as `name version` and further fields."""
    head, *fields = textwrap.dedent(text).strip().splitlines()
    name, version = head.split()
    one = package(name, version)
    lines = [f"Package: {name}", f"Version: {version}", "Architecture: amd64", *fields]
    lines += [f"Filename: {one.origin}", f"Size: {one.size}", f"SHA256: {one.hashed[1]}"]
    return "\n".join([*lines, "Maintainer: nobody <nobody@example.org>", f"Description: {name}"]) + "\n\n"


PACKAGES = (
    "libc6 2.42-1\nEssential: no",
    "dash 0.5-1\nEssential: yes\nPre-Depends: libc6",
    "base-files 14-1\nEssential: yes",
    "orthanc 1.13.0+dfsg-1+b1\nDepends: libc6 (>= 2.40), libjson1 | libjson0\nRecommends: documents",
    "libjson1 1:3.0~rc1-1\nDepends: libc6",
    "libjson0 0.9-1",
    "orthanc-extra 1.0-1\nDepends: orthanc, libextra",
    "libextra 1.0-1",
    "documents 1.0-1",
    "broken 1.0-1\nDepends: nothing-has-this-name",
)


@pytest.fixture
def apt(tmp_path: Path, web: tuple[Path, str]) -> AptRoot:
    """Return a real apt on a mirror that nobody signed, as ours is for this test only."""
    folder, address = web
    indexed(folder / "debian", *PACKAGES)
    root = tmp_path / "apt"
    found = AptRoot(root, "amd64", "forky", f"{address}/debian/", run)
    (root / "etc/apt/sources.list").write_text(
        f"deb [trusted=yes check-valid-until=no] {address}/debian/ forky main\n"
    )
    return found


def state() -> tuple[str, int] | None:
    """Return the hash and the time of this machine's own list of installed packages."""
    return (sha256(STATUS.read_bytes()), STATUS.stat().st_mtime_ns) if STATUS.exists() else None


def names(packages: Sequence[Artifact]) -> list[str]:
    return [f"{one.name} {one.version}" for one in packages]


@needs_apt
def test_apt_itself_finds_the_packages_of_each_layer(apt: AptRoot) -> None:
    """What this machine has installed (libc6, dash and base-files are) makes no difference and stays."""
    before = state()
    assert apt.update() == "20261030T080801Z"
    base = ("?essential",)
    assert names(apt.solution(base, ())) == ["base-files 14-1", "dash 0.5-1", "libc6 2.42-1"]
    default = apt.solution(("orthanc",), (base,))
    assert default == (package("libjson1", "1:3.0~rc1-1"), package("orthanc", "1.13.0+dfsg-1+b1"))
    extra = apt.solution(("orthanc-extra",), (base, ("orthanc",)))
    assert names(extra) == ["libextra 1.0-1", "orthanc-extra 1.0-1"]
    assert apt.solution((), (base, ("orthanc",))) == ()
    assert names(apt.solution(("orthanc", "libjson0"), ())) == [
        "libc6 2.42-1",
        "libjson0 0.9-1",
        "orthanc 1.13.0+dfsg-1+b1",
    ]
    after = state()
    assert before == after


@needs_apt
def test_apt_itself_refuses_what_cannot_be(apt: AptRoot) -> None:
    apt.update()
    with pytest.raises(LockError, match="E: Unable to locate package nobody-has-it"):
        apt.solution(("nobody-has-it",), ())
    with pytest.raises(LockError, match="broken : Depends: nothing-has-this-name but"):
        apt.solution(("broken",), ())


@needs_apt
def test_apt_itself_refuses_a_mirror_that_nobody_signed(tmp_path: Path, web: tuple[Path, str]) -> None:
    folder, address = web
    indexed(folder / "debian", *PACKAGES)
    with pytest.raises(FetchError, match=r"^apt-get: failed:\n.*forky.*is not signed"):
        AptRoot(tmp_path / "apt", "amd64", "forky", f"{address}/debian/", run).update()


@needs_apt
def test_a_mirror_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    root = AptRoot(tmp_path / "apt", "amd64", "forky", "http://127.0.0.1:9/debian/", run)
    with (tmp_path / "apt/apt.conf").open("a") as configuration:
        configuration.write('Acquire::Retries "0";\n')
    with pytest.raises(FetchError) as caught:
        root.update()
    assert caught.value.message == "apt-get: failed"
    assert "Could not connect to 127.0.0.1:9" in caught.value.details[0]
    assert caught.value.remedy == "Check that the mirror can be reached, then run the same command again"
