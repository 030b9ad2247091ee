"""The page about a build tells all that is known, says what is not, and trusts nothing that it shows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from builder.build import pipeline, times
from builder.build.pipeline import Built
from builder.build.times import Times
from builder.engine.installation import Engine
from builder.errors import BuildError, EngineError, ShellError
from builder.page import report
from builder.page.interior import Inside
from builder.release import export
from builder.release.scan import VEX
from builder.shell import Completed
from builder.spec import model, planning
from builder.spec.model import Definition
from builder.spec.planning import Commit, Missing, Plan
from builder.spec.versions import Entry
from builder.testing import checks, scenarios
from builder.testing.checks import Verdict
from builder.testing.scenarios import Scenario
from tests.unit.builder.archives import LABELS, layer, saved
from tests.unit.builder.build.test_pipeline import ENGINE, Person
from tests.unit.builder.image.test_differences import image
from tests.unit.builder.samples import definition, lock, tree

HOSTILE = "<script>alert('1')</script>"

ONE = Built("default", "linux/amd64", ("orthanc:26.11.0", "orthanc:latest"), "sha256:aa", 5)

FILES = {
    "var/lib/dpkg/status": "Package: orthanc\nStatus: install ok installed\n"
    "Architecture: amd64\nVersion: 1\n",
    "var/lib/dpkg/info/orthanc.list": "/usr/sbin/Orthanc\n",
    "usr/sbin/Orthanc": "o" * 2_000_000,
}

MISSING = Missing("viewer", ("Ohif",), f"it is away {HOSTILE}")


class Read(HTMLParser):
    """What a reader of the page gets: its words, and of each table the caption and the cells by row."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words, self.tables = "", list[tuple[str, list[list[str]]]]()
        self.tags, self.unscoped, self.links = set[str](), 0, list[str]()
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self.tags.add(tag)
        self.links += [facts[name] or "" for name in ("src", "href", "srcset", "action") if name in facts]
        if tag == "table":
            self.tables.append(("", []))
        if tag == "tr":
            self.tables[-1][1].append([])
        if tag in ("th", "td"):
            self.tables[-1][1][-1].append("")
            self.unscoped += tag == "th" and "scope" not in facts
        if tag not in ("meta", "link", "rect"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        data = data.replace("\N{NO-BREAK SPACE}", " ")
        if "style" in self._open:
            return
        self.words += data
        if "caption" in self._open:
            caption, rows = self.tables[-1]
            self.tables[-1] = (caption + data, rows)
        elif {"th", "td"} & {*self._open}:
            self.tables[-1][1][-1][-1] += data

    def rows(self, caption: str) -> list[list[str]]:
        """Return the cells of the table whose caption has these words, without the head."""
        (found,) = (rows for name, rows in self.tables if caption in name)
        return [[" ".join(cell.split()) for cell in row] for row in found[1:]]


class Holding:
    """An engine that saves one image of these layers."""

    def __init__(self, *layers: bytes) -> None:
        self.layers = layers

    def __call__(self, argv: Sequence[str | Path], **_: Any) -> Completed:
        words = [str(word) for word in argv][1:]
        assert words[:2] == ["image", "save"]
        assert words[-1] == ONE.identifier
        saved(self.layers, Path(words[3]))
        return Completed("", "", 0)


def gone(argv: Sequence[str | Path], **_: Any) -> Completed:
    raise ShellError("docker image save: ended with exit code 1")


def silent() -> Engine:
    raise EngineError("engine: no engine answers")


@pytest.fixture
def sample(root: Path) -> Definition:
    return model.load(root / model.FILE)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a repository with its lock and one build, of which nothing else is known."""
    definition(tmp_path)
    (tmp_path / "out").mkdir()
    pipeline.record([ONE], tree(tmp_path))
    return tmp_path


@pytest.fixture(autouse=True)
def locked(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    monkeypatch.setattr("builder.spec.lockfile.current", lambda _, wanted: lock(wanted))


@pytest.fixture
def plan(sample: Definition, root: Path) -> Plan:
    return planning.make(
        sample,
        lock(sample),
        variants=["default"],
        platform="linux/amd64",
        commit=Commit("c0ffee", 1790000000),
        root=root,
    )


@pytest.fixture
def layers(plan: Plan) -> tuple[bytes, ...]:
    """Return the layers of the image of `plan`: base, default, compiled, and start-up."""
    content = {**json.loads(planning.manifest(plan, "default")), "missing": [asdict(MISSING)]}
    top = {"usr/share/orthanc/components.json": json.dumps(content), "probes/test": "p" * 1000}
    compiled = {"usr/lib/orthanc-image/native/libOne.so": ""}
    return layer({"etc/base": "b" * 3_000_000}), layer(FILES), layer(compiled), layer(top)


Written = Callable[..., Read]


@pytest.fixture
def written(root: Path, layers: tuple[bytes, ...]) -> Written:
    """Write the page, and return it as it is read."""

    def write(runner: Any = None, find: Callable[[], Engine] = lambda: ENGINE) -> Read:
        path = report.command(root, Person(), find, runner or Holding(*layers))
        assert path == root / "out/report.html"
        return Read(path.read_text(encoding="utf-8"))

    return write


def exported(root: Path, layers: Sequence[bytes]) -> str:
    """Export the image; return its digest."""
    layout = image(export.place(root, "default", "linux/amd64") / "image", list(layers), Labels=LABELS)
    pipeline.record([replace(ONE, identifier=layout.manifest["config"]["digest"])], root)
    return layout.digest


def test_without_a_build_there_is_no_page(root: Path) -> None:
    (root / "out/built.json").unlink()
    with pytest.raises(BuildError) as caught:
        report.command(root, Person())
    assert str(caught.value) == "report: nothing has been built. Build first: ./inv build."
    assert caught.value.exit_code == 64


def test_an_image_of_the_engine_is_looked_into(written: Written) -> None:
    found = written()
    assert found.rows("The images of this build") == [
        ["default", "linux/amd64", "5.0 MB", "not known", "none", "not tested", "no"]
    ]
    assert found.rows("its layers") == [
        ["base", "3.0 MB", "not exported", "1"],
        ["default", "2.0 MB", "not exported", "3"],
        ["compiled", "0 B", "not exported", "1"],
        ["startup", found.rows("its layers")[3][1], "not exported", "2"],
    ]
    assert found.rows("by component")[:4] == [
        ["made at build", "in all", "3.0 MB", "60.0 %", "2"],
        ["/etc", "other", "3.0 MB", "60.0 %", "1"],
        ["/var/lib/dpkg", "other", "77 B", "0.0 %", "1"],
        ["orthanc", "in all", "2.0 MB", "40.0 %", "2"],
    ]
    assert "commitc0ffee" in found.words


def test_what_is_not_there_yet_is_told_with_its_command(written: Written) -> None:
    words = " ".join(written().words.split())
    assert re.findall(r"Not available yet: (.+?): (\./inv \w+(?: --[\w-]+)*)", words) == [
        (
            "it is not exported, so it has neither a digest nor a compressed size. Build it with",
            "./inv build --reproducible",
        ),
        ("a verdict on this very image. Test it with", "./inv test --image --variant"),
        ("tests of several containers together. Run them with", "./inv test --system"),
        ("times of a build. It notes them itself", "./inv build"),
        ("BuildKit's log. A build writes it", "./inv build"),
        (
            "statements on vulnerabilities of default-amd64, which is not exported. Export it, then scan",
            "./inv build --reproducible",
        ),
    ]


@pytest.mark.parametrize("trouble", [{"runner": gone}, {"find": silent}], ids=["gone", "no engine"])
def test_an_image_that_is_gone_is_no_error(written: Written, trouble: dict[str, Any]) -> None:
    found = written(**trouble)
    assert "what is inside: the engine does not have it any more, or does not answer" in found.words
    assert found.rows("The images of this build") == [
        ["default", "linux/amd64", "5 B", "not known", "none", "not tested", "no"]
    ]


def test_a_sealed_image_has_its_digest_its_compressed_size_and_what_lies_beside_it(
    root: Path, written: Written, layers: tuple[bytes, ...]
) -> None:
    text = (root / "build.toml").read_text()
    (root / "build.toml").write_text(text.replace("[variants.default]", "[variants.default]\nbudget = 1"))
    digest = exported(root, layers)
    folder = export.place(root, "default", "linux/amd64")
    statement = {
        "vulnerability": {"name": "CVE-2026-0001"},
        "products": [{"@id": "pkg:deb/debian/orthanc@1"}],
        "status": "not_affected",
        "status_notes": HOSTILE,
    }
    (folder / VEX).write_text(json.dumps({"statements": [statement]}))
    found = written(gone)
    assert digest in found.words
    compressed = [int(row[2].split()[0].replace(".", "")) for row in found.rows("its layers")]
    assert all(compressed)
    row = found.rows("The images")[0]
    assert (row[-1], row[4].partition(" % of ")[2]) == ("yes", "1.0 MB")
    assert "vex.json" in found.words
    assert found.rows("statements of vex.toml") == [
        ["CVE-2026-0001", "not_affected", "pkg:deb/debian/orthanc@1", HOSTILE]
    ]


def test_an_image_that_was_built_after_it_was_sealed_is_not_sealed(
    root: Path, written: Written, layers: tuple[bytes, ...]
) -> None:
    exported(root, layers)
    pipeline.record([ONE], root)
    assert written().rows("The images")[0][-1] == "no"


CASES = f"""\
<testsuites><testsuite time="61" timestamp="2026-11-25T16:00:00">
<testcase classname="tests.image.common.test_a" name="test_a" time="2"/>
<testcase classname="tests.image.default.test_b" name="test_b[{HOSTILE.replace("<", "&lt;")}]" time="1">
<failure message="{HOSTILE.replace("<", "&lt;")}"/></testcase>
<testcase classname="tests.image.common.test_c" name="test_c" time="0"><skipped message="no need"/></testcase>
</testsuite></testsuites>
"""


def test_failed_tests_are_named_with_their_suites(root: Path, written: Written) -> None:
    checks.record([Verdict("default", "linux/amd64", "orthanc:26.11.0", "sha256:aa", 1, 1, 1)], root)
    checks.file(root, ONE).write_text(CASES)
    found = written()
    assert found.rows("suites, begun at 2026-11-25T16:00:00") == [
        ["common", "1", "0", "1", "2.00 s"],
        ["default", "0", "1", "0", "1.00 s"],
    ]
    assert found.rows("Tests that failed") == [[f"tests.image.default.test_b::test_b[{HOSTILE}]", HOSTILE]]
    assert found.rows("Tests that were skipped") == [["tests.image.common.test_c::test_c", "no need"]]
    assert found.rows("The images")[0][5] == "1 failed, 1 passed, 1 skipped"
    assert "a verdict on this very image" not in found.words


def test_results_of_an_earlier_image_do_not_count_as_its_own(root: Path, written: Written) -> None:
    checks.record([Verdict("default", "linux/amd64", "orthanc:26.11.0", "sha256:old", 1, 0, 0)], root)
    checks.file(root, ONE).write_text(CASES)
    found = written()
    assert found.rows("The images")[0][5] == "not tested"
    assert "possibly against an earlier image" in found.words


def test_a_choice_of_its_tests_is_not_all(root: Path, written: Written) -> None:
    some = Verdict("default", "linux/amd64", "orthanc:26.11.0", "sha256:aa", 1, 0, 0, whole=False)
    checks.record([some], root)
    found = written()
    assert found.rows("The images")[0][5] == "1 passed, 0 skipped (some of its tests only)"
    assert "a run of all its tests: the last was of some only" in found.words


def test_scenarios_are_shown_with_their_figures(root: Path, written: Written) -> None:
    path = root / "out" / scenarios.FILE
    scenarios.write([Scenario("load", "rest", "passed", 42.0, {"errors": "0", "rate": HOSTILE})], path)
    row = ["rest", "load", "passed", "42.0 s", f"errors: 0; rate: {HOSTILE}"]
    assert written().rows("Scenarios") == [row]
    (root / "out" / checks.SYSTEM).write_text(CASES)
    found = written()
    assert [one[2] for one in found.rows("Scenarios")] == ["passed", "failed", "skipped"]
    assert len(found.rows("Tests that failed")) == 1


def test_times_are_those_of_the_build_and_of_its_log(root: Path, written: Written) -> None:
    times.write(Times("2026-11-24T09:50:16Z", {"plan": 1.0, "build": 62.0}), root / "out" / times.FILE)
    (root / "out/build.log").write_text("#1 [a b 1/1] RUN\n#1 DONE 61.5s\n#2 [c 1/1] RUN\n#2 CACHED\n")
    found = written()
    assert found.rows("Stages of the last build, begun at 2026-11-24T09:50:16Z") == [
        ["plan", "1.00 s", ""],
        ["build", "1 min 02 s", ""],
        ["in all", "1 min 03 s", ""],
    ]
    assert found.rows("as BuildKit measured") == [
        ["b", "1 min 02 s", ""],
        ["c", "from an earlier build", ""],
    ]


def test_versions_come_with_provider_and_hash(written: Written, plan: Plan) -> None:
    parts = plan.image("default").parts
    assert written().rows("Components and their providers") == [
        [f"{one.name} {one.summary}", one.version, one.provider, "all", one.hash] for one in parts
    ]


def test_plugins_that_are_not_there_have_a_reason(written: Written) -> None:
    found = written()
    assert ["ServeFolders", "1.0 (debian)", "1.0 (debian)", "1.0 (debian)", "1.0 (debian)"] in found.rows(
        "Plugins by variant"
    )
    (row,) = found.rows("Why plugins are missing")
    assert row[:2] == ["everywhere", "no provider of these images has it"]
    assert "Authorization" in row[2]
    assert found.rows("missing components") == [[MISSING.reason, "viewer", "Ohif"]]


def entry(plugin: str, variant: str, version: str = "", reason: str = "") -> Entry:
    return Entry(plugin, "SWITCH", variant, "linux/amd64", "", version, "debian" if version else "", reason)


def test_what_an_image_lacks_after_all_is_not_told_to_be_there(root: Path, sample: Definition) -> None:
    """Such as a library that failed the plugin check."""
    found = [
        entry("Ohif", "default", "3.1"),
        entry("Ohif", "full", "3.1"),
        entry("STL", "full", "", "closed"),
    ]
    inside = Inside({}, (), (MISSING,), (), ())
    built = replace(report.image(root, sample, ONE, Person(), silent), inside=inside)
    corrected = report.plugins(found, [built])
    assert corrected == [entry("Ohif", "default", "", MISSING.reason), *found[1:]]
    assert report.absences(corrected) == [
        ("everywhere", "closed", ["STL"]),
        ("default, amd64", MISSING.reason, ["Ohif"]),
    ]


def test_whatever_is_shown_is_escaped(root: Path, written: Written) -> None:
    checks.file(root, ONE).write_text(CASES)
    written()
    text = (root / "out/report.html").read_text()
    assert "&lt;script&gt;alert(&#39;1&#39;)" in text
    assert "<script" not in text


def test_the_page_needs_no_script_and_nothing_else(root: Path, written: Written) -> None:
    """All that it names beside places on itself is the project, as a link to follow."""
    found = written()
    assert not found.tags & {"script", "img", "iframe", "object", "embed", "form"}
    assert {one for one in found.links if not one.startswith("#")} == {
        "data:,",
        "https://example.org/orthanc",
    }
    assert not re.search(r"@import|url\(", (root / "out/report.html").read_text())


def test_every_table_has_a_caption_and_every_head_a_scope(root: Path, written: Written) -> None:
    checks.file(root, ONE).write_text(CASES)
    found = written()
    assert len(found.tables) > 8
    assert [caption for caption, _ in found.tables if not caption.strip()] == []
    assert found.unscoped == 0
    assert {len(row) for _, rows in found.tables for row in rows if len(row) != len(rows[0])} == set()


def test_browsers_for_text_see_the_figures_once(root: Path, written: Written) -> None:
    """The labels of the treemaps are drawn by the style sheet, and the tables have the same figures."""
    found = written()
    labels = re.findall(r'data-label="([^"]*)"', (root / "out/report.html").read_text())
    assert "orthanc 2.0 MB" in [label.replace("\N{NO-BREAK SPACE}", " ") for label in labels]
    assert "orthanc 2.0 MB" not in found.words


def test_every_place_that_is_linked_to_is_there(root: Path, written: Written) -> None:
    found = written()
    ids = re.findall(r' id="([^"]+)"', (root / "out/report.html").read_text())
    assert len(ids) == len(set(ids))
    assert {one.removeprefix("#") for one in found.links if one.startswith("#")} <= set(ids)


def test_the_same_build_gives_the_same_page(root: Path, written: Written) -> None:
    texts = []
    for _ in range(2):
        written()
        texts.append((root / "out/report.html").read_bytes())
    assert texts[0] == texts[1]


def test_a_variant_that_is_in_build_toml_no_more_is_shown_all_the_same(root: Path, written: Written) -> None:
    pipeline.record([replace(ONE, variant="older")], root)
    rows = written().rows("The images")
    assert [row[0] for row in rows] == ["default", "older"]
