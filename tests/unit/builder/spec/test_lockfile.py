"""The lock says exactly which files, reads well, and is refused when it is damaged or stale."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.errors import BuildError, LockError, Problems
from builder.spec import lockfile, model
from builder.spec.artifact import Absence, Artifact
from builder.spec.lockfile import Lock
from builder.spec.model import Definition
from tests.unit.builder.samples import (
    EPOCH,
    SNAPSHOT,
    UPSTREAM,
    absence,
    definition,
    having,
    lock,
    npm_bundle,
    package,
    sha256,
    upstream_lock,
    wheel,
    with_viewer,
)

ROOT = Path(__file__).parents[4]

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
SUMS = st.binary().map(lambda content: f"sha256:{sha256(content)}")
KEYS = st.from_regex(r"[a-z0-9][a-z0-9-]*", fullmatch=True)
PATHS = WORDS.map(lambda word: f"pool/main/{word}").filter(lambda path: ".." not in path)
SIZES = st.integers(0, 2**40)
NAMES = WORDS.filter(lambda word: "/" not in word)
DAYS = st.dates().map(str)
ABSENCES = st.builds(Absence, WORDS, WORDS, DAYS)


def sha512(content: bytes) -> str:
    return f"sha512:{hashlib.sha512(content).hexdigest()}"


@st.composite
def packages(draw: st.DrawFn) -> Artifact:
    path = draw(PATHS)
    name, version, architecture = draw(WORDS), draw(WORDS), draw(WORDS)
    file = path.rpartition("/")[2]
    return Artifact("debian", "", name, version, file, draw(SIZES), draw(SUMS), path, architecture)


@st.composite
def libraries(draw: st.DrawFn) -> Artifact:
    """Return a file with an address, whose name may be another than that of the file."""
    file, url, date = draw(NAMES), draw(WORDS), draw(DAYS)
    name, component, version = draw(st.one_of(st.just(file), WORDS)), draw(WORDS), draw(WORDS)
    return Artifact("upstream", component, name, version, file, draw(SIZES), draw(SUMS), url, date=date)


def indexed(provider: str) -> st.SearchStrategy[Artifact]:
    sums = st.one_of(SUMS, st.binary().map(sha512))
    found = st.builds(Artifact, st.just(provider), WORDS, WORDS, WORDS, NAMES, SIZES, sums)
    return found.filter(lambda one: one.name != one.file)


FILES = st.one_of(libraries(), indexed("pypi"), indexed("npm"))
LOCKS = st.builds(
    Lock,
    suite=WORDS,
    snapshot=st.just(SNAPSHOT),
    wanted=st.dictionaries(KEYS, st.lists(WORDS, unique=True).map(tuple), max_size=3),
    layers=st.dictionaries(
        WORDS,
        st.dictionaries(KEYS, st.lists(packages(), max_size=4).map(sorted).map(tuple), max_size=3),
        max_size=2,
    ),
    components=st.dictionaries(
        WORDS, st.lists(FILES, min_size=1, max_size=4).map(sorted).map(tuple), max_size=2
    ),
    absent=st.dictionaries(
        WORDS, st.lists(ABSENCES, min_size=1, max_size=2).map(sorted).map(tuple), max_size=2
    ),
)


@pytest.fixture
def sample(tmp_path: Path) -> Definition:
    return definition(tmp_path)


@pytest.fixture
def with_upstream(tmp_path: Path) -> Definition:
    return definition(tmp_path, UPSTREAM)


def written(folder: Path, text: str) -> Path:
    path = folder / "build.lock"
    path.write_text(text, encoding="utf-8")
    return path


@given(LOCKS)
def test_what_is_written_is_read_again(one: Lock) -> None:
    if not one.layers:
        one = replace(one, layers={"linux/amd64": {}})
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), lockfile.text(one))
        assert lockfile.load(path) == one
        assert lockfile.text(lockfile.load(path)) == path.read_text(encoding="utf-8")


def test_the_text_of_a_lock_has_one_line_a_file() -> None:
    one = Lock(
        suite="forky",
        snapshot=SNAPSHOT,
        wanted={"full": (), "base": ("b", "a")},
        layers={"linux/amd64": {"base": (package("b", "1:2.0~rc1+b1"), package("a")), "full": ()}},
        components={"linux/amd64": (wheel(),)},
    )
    assert lockfile.text(one) == (
        "# Exactly which files the images are made of. Written by `./inv lock`; "
        "people edit build.toml instead.\n"
        "\n"
        "format = 1\n"
        'suite = "forky"\n'
        'snapshot = "20261030T080801Z"\n'
        "\n"
        "[wanted]\n"
        'base = ["b", "a"]\n'
        "full = []\n"
        "\n"
        '[debian."linux/amd64"]\n'
        "base = [\n"
        '    { name = "a", version = "1.0-1", architecture = "amd64", '
        f'path = "pool/main/a/a/a_1.0-1_amd64.deb", size = 1, sha256 = "{sha256("a")}" }},\n'
        '    { name = "b", version = "1:2.0~rc1+b1", architecture = "amd64", '
        f'path = "pool/main/b/b/b_2.0~rc1+b1_amd64.deb", size = 1, sha256 = "{sha256("b")}" }},\n'
        "]\n"
        "full = [\n"
        "]\n"
        "\n"
        "[pypi]\n"
        '"linux/amd64" = [\n'
        '    { component = "driver", name = "some-driver", version = "18.1", '
        'file = "some_driver-18.1-py3-none-manylinux2014_x86_64.whl", size = 5, '
        f'sha256 = "{sha256("wheel")}" }},\n'
        "]\n"
    )


def test_libraries_and_the_reasons_for_absent_ones_come_last(with_upstream: Definition) -> None:
    one = replace(upstream_lock(with_upstream, "extra"), absent={"linux/amd64": (absence("database"),)})
    assert lockfile.text(one).partition("[upstream]\n")[2] == (
        '"linux/amd64" = [\n'
        '    { component = "extra", version = "1.2", file = "libExtra.so", '
        'url = "https://example.org/libraries/orthanc-extra/1.2/libExtra.so", size = 11, '
        f'sha256 = "{sha256("libExtra.so")}", date = "2026-11-24" }},\n'
        "]\n"
        "\n"
        "[absent]\n"
        '"linux/amd64" = [\n'
        '    { component = "database", reason = "the site is closed", date = "2026-11-24" },\n'
        "]\n"
    )


def test_the_repositorys_own_lock_is_that_of_its_definition() -> None:
    own = model.load(ROOT / model.FILE)
    assert lockfile.stale(lockfile.load(ROOT / lockfile.FILE), own) == []


def test_a_refreshed_package_changes_one_line(sample: Definition) -> None:
    old = lock(sample)
    base = {**old.layers["linux/amd64"], "base": (package("python3", "2.0-1"),)}
    new = replace(old, layers={**old.layers, "linux/amd64": base})
    before, after = (set(lockfile.text(one).splitlines()) for one in (old, new))
    assert (len(before - after), len(after - before)) == (1, 1)


def test_the_order_in_which_files_were_found_does_not_show(sample: Definition) -> None:
    one = lock(sample)
    turned = replace(
        one,
        wanted=dict(list(one.wanted.items())[::-1]),
        layers={
            platform: {layer: held[::-1] for layer, held in layers.items()}
            for platform, layers in list(one.layers.items())[::-1]
        },
        components=dict(list(one.components.items())[::-1]),
    )
    assert lockfile.text(turned) == lockfile.text(one)


def test_the_epoch_is_the_time_of_the_snapshot(sample: Definition) -> None:
    assert lock(sample).epoch == EPOCH


def test_a_package_has_the_file_name_of_the_pool() -> None:
    assert package("libstdc++6", "1:16.2~rc1").file == "libstdc++6_16.2~rc1_amd64.deb"


def test_what_is_asked_of_the_providers(sample: Definition) -> None:
    assert lockfile.wanted(sample) == {
        "base": ("python3",),
        "tools": ("mmdebstrap",),
        "compiler": ("g++",),
        "default": ("orthanc", "orthanc-data"),
        "full": (),
        "driver": ("some-driver 18.*",),
    }


def test_a_lock_of_its_definition_is_current(sample: Definition, tmp_path: Path) -> None:
    one = lock(sample)
    assert lockfile.stale(one, sample) == []
    assert lockfile.current(written(tmp_path, lockfile.text(one)), sample) == one


def test_the_order_of_packages_in_the_definition_does_not_matter(sample: Definition) -> None:
    component = replace(sample.components["orthanc"], packages=("orthanc", "orthanc-data"))
    other = replace(sample, components={**sample.components, "orthanc": component})
    assert lockfile.stale(lock(sample), other) == []


def test_a_stale_lock_says_in_what_way(sample: Definition, tmp_path: Path) -> None:
    wanted = replace(
        sample,
        debian=replace(sample.debian, suite="trixie", base=("python3", "tzdata", "apt"), compiler=("gcc",)),
        components={
            **sample.components,
            "driver": replace(sample.components["driver"], version="19.*"),
        },
    )
    path = written(tmp_path, lockfile.text(lock(sample)))
    with pytest.raises(LockError) as caught:
        lockfile.current(path, wanted)
    assert str(caught.value) == (
        "build.lock: does not match build.toml:\n"
        "  suite: 'trixie' is wanted, 'forky' is locked\n"
        "  base: 'apt' is wanted but not locked\n"
        "  base: 'tzdata' is wanted but not locked\n"
        "  compiler: 'gcc' is wanted but not locked\n"
        "  compiler: 'g++' is locked but no longer wanted\n"
        "  driver: 'some-driver 19.*' is wanted but not locked\n"
        "  driver: 'some-driver 18.*' is locked but no longer wanted\n"
        "Rewrite it with: ./inv lock."
    )


def test_platforms_that_do_not_fit_make_a_lock_stale(sample: Definition) -> None:
    amd64, arm64 = (replace(sample, platforms=(f"linux/{name}",)) for name in ("amd64", "arm64"))
    one = lock(sample)
    half = replace(
        one,
        layers={"linux/amd64": one.layers["linux/amd64"]},
        components={"linux/amd64": one.components["linux/amd64"]},
    )
    assert lockfile.stale(one, amd64) == ["linux/arm64: is locked but no longer wanted"]
    assert lockfile.stale(half, amd64) == []
    assert lockfile.stale(half, arm64) == [
        "linux/arm64: is wanted but not locked",
        "linux/amd64: is locked but no longer wanted",
    ]


def test_a_lock_that_lacks_what_a_build_needs_is_stale(sample: Definition) -> None:
    """Such as one that was merged badly: its [wanted] is right, and its files are not all there."""
    one = lock(sample)
    layers = {**one.layers["linux/amd64"], "default": (package("orthanc-data"),)}
    del layers["full"]
    bad = replace(
        one,
        layers={**one.layers, "linux/amd64": layers},
        components={"linux/arm64": one.components["linux/arm64"]},
    )
    assert lockfile.stale(bad, sample) == [
        "linux/amd64: the layer 'full' is wanted but not locked",
        "linux/amd64: a package for components.orthanc is wanted but not locked",
        "linux/amd64: a wheel for components.driver is wanted but not locked",
    ]


def test_upstream_is_asked_for_paths(with_upstream: Definition) -> None:
    asked = lockfile.wanted(with_upstream)
    assert (asked["extra"], asked["database"]) == (
        ("orthanc-extra/1.2/libExtra.so",),
        ("orthanc-database/5.2/libIndex.so", "orthanc-database/5.2/libStorage.so"),
    )
    assert asked["default"] == ("orthanc", "orthanc-data", "orthanc-database")


def test_each_library_of_upstream_is_locked_or_its_absence_has_a_reason(with_upstream: Definition) -> None:
    complete = upstream_lock(with_upstream, "extra", "database")
    assert lockfile.stale(complete, with_upstream) == []
    told = replace(upstream_lock(with_upstream, "extra"), absent={"linux/amd64": (absence("database"),)})
    assert lockfile.stale(told, with_upstream) == []
    assert lockfile.stale(upstream_lock(with_upstream, "extra"), with_upstream) == [
        "linux/amd64: an answer of upstream for components.database is wanted but not locked"
    ]
    half = having(complete, *(one for one in complete.components["linux/amd64"] if one.file != "libIndex.so"))
    assert lockfile.stale(half, with_upstream) == [
        "linux/amd64: an answer of upstream for components.database is wanted but not locked"
    ]


def test_a_library_from_another_address_makes_a_lock_stale(with_upstream: Definition) -> None:
    moved = replace(with_upstream, upstream=replace(with_upstream.upstream, base="https://example.com/"))
    complete = upstream_lock(with_upstream, "extra", "database")
    assert lockfile.stale(complete, moved) == [
        "linux/amd64: an answer of upstream for components.database is wanted but not locked",
        "linux/amd64: an answer of upstream for components.extra is wanted but not locked",
    ]


def test_the_provider_of_a_component_is_the_first_that_the_lock_has(with_upstream: Definition) -> None:
    one, database = upstream_lock(with_upstream, "database"), with_upstream.components["database"]
    extra = with_upstream.components["extra"]
    assert (one.provider(database, "linux/amd64"), one.provider(database, "linux/arm64")) == (
        "upstream",
        "debian",
    )
    assert one.provider(extra, "linux/amd64") == ""


def test_a_bundle_is_locked_once_for_all_platforms(sample: Definition) -> None:
    assert lockfile.text(lock(with_viewer(sample))).endswith(
        '[npm]\n"any" = [\n'
        '    { component = "viewer", name = "@some/viewer", version = "3.1.0", '
        f'file = "some-viewer-3.1.0.tgz", size = 6, sha512 = "{npm_bundle().hashed[1]}" }},\n'
        "]\n"
    )


def test_a_lock_without_the_bundle_of_a_component_is_stale(sample: Definition) -> None:
    wanted = with_viewer(sample)
    assert lockfile.stale(lock(wanted), wanted) == []
    assert lockfile.stale(having(lock(wanted), platform="any"), wanted) == [
        "linux/amd64: an npm package for components.viewer is wanted but not locked",
        "linux/arm64: an npm package for components.viewer is wanted but not locked",
    ]
    assert lockfile.stale(lock(sample), wanted)[0] == "viewer: '@some/viewer 3.*' is wanted but not locked"


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("some-viewer-3", "a/some-viewer-3", "file: 'a/some-viewer-3.1.0.tgz' is not a bare file name"),
        (npm_bundle().hashed[1], "ab", "sha512: 'ab' is not a sha512"),
    ],
)
def test_a_damaged_bundle_is_told(
    sample: Definition, tmp_path: Path, right: str, wrong: str, expected: str
) -> None:
    path = written(tmp_path, lockfile.text(lock(with_viewer(sample))).replace(right, wrong))
    with pytest.raises(Problems) as caught:
        lockfile.load(path)
    assert str(caught.value) == (
        f"build.lock: npm.any[0].{expected}. Rewrite the lock with: ./inv lock. Rewrite it with: ./inv lock."
    )


def test_an_absent_lock_is_told(tmp_path: Path) -> None:
    with pytest.raises(LockError) as caught:
        lockfile.load(tmp_path / "build.lock")
    assert str(caught.value) == "build.lock: does not exist. Create it with: ./inv lock."
    assert caught.value.exit_code == 66


REWRITE = "Rewrite the lock with: ./inv lock"
ROW = 'debian."linux/amd64".base[0]'.replace('"', "")


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        (
            "format = 1",
            "format = 2",
            ["format: is 2, but this toolkit reads 1. Use the version of the toolkit that wrote the lock"],
        ),
        (
            "format = 1",
            "format = 0",
            ["format: is 0, but this toolkit reads 1. Use the version of the toolkit that wrote the lock"],
        ),
        ("format = 1", "format = 'a'", ["format: is a text. Make it a whole number"]),
        ("format = 1\n", "", ["format: is missing. Add it: a whole number"]),
        ('suite = "forky"', "", ["suite: is missing. Add it: a text"]),
        (SNAPSHOT, "", ["snapshot: is empty. Give it a value, or remove the line"]),
        (SNAPSHOT, "yesterday", ["snapshot: 'yesterday' is not a time. Write it as 20261123T000000Z"]),
        (
            SNAPSHOT,
            "2026103T080801Z",
            ["snapshot: '2026103T080801Z' is not a time. Write it as 20261123T000000Z"],
        ),
        (
            "[pypi]",
            "[git]",
            [
                "git: is not a known key. "
                "Known: absent, debian, format, npm, pypi, snapshot, suite, upstream, wanted"
            ],
        ),
        ("size = 7", "size = '7'", [f"{ROW}.size: is a text. Make it a whole number"]),
        ("size = 7, ", "", [f"{ROW}.size: is missing. Add it: a whole number"]),
        ("size = 7", "size = 7, sise = 7", [f"{ROW}.sise: is not a known key. Perhaps you meant 'size'"]),
        (
            "sha256 = ",
            "sha1 = ",
            [
                f"{ROW}.sha256: is missing. Add it: a text",
                f"{ROW}.sha1: is not a known key. Perhaps you meant 'sha256'",
            ],
        ),
        (
            sha256("python3"),
            "ABC",
            [f"{ROW}.sha256: 'ABC' is not a sha256. Rewrite the lock with: ./inv lock"],
        ),
        (
            "pool/main/p/python3/",
            "/pool/",
            [f"{ROW}.path: '/pool/python3_1.0-1_amd64.deb' leaves the mirror. {REWRITE}"],
        ),
        (
            "pool/main/p/python3/",
            "pool/../../",
            [f"{ROW}.path: 'pool/../../python3_1.0-1_amd64.deb' leaves the mirror. {REWRITE}"],
        ),
        (
            "some_driver-18.1-py3-none-manylinux2014_x86_64.whl",
            "../some.whl",
            [f"pypi.linux/amd64[0].file: '../some.whl' is not a bare file name. {REWRITE}"],
        ),
    ],
)
def test_a_damaged_lock_is_told_with_the_place(
    sample: Definition, tmp_path: Path, right: str, wrong: str, expected: list[str]
) -> None:
    text = lockfile.text(lock(sample))
    assert right in text
    with pytest.raises(Problems) as caught:
        lockfile.load(written(tmp_path, text.replace(right, wrong, 1)))
    found = [str(problem) for problem in caught.value.problems]
    assert found == [f"build.lock: {line}." for line in expected]
    assert caught.value.remedy == "Rewrite it with: ./inv lock"
    assert caught.value.exit_code == 66


@given(st.text())
def test_any_text_is_a_lock_or_refused_with_a_message(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "build.lock"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        with pytest.raises(BuildError, match=r"build\.lock"):
            lockfile.load(path)
