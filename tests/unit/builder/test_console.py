"""What a person reads: live on a terminal, now and then in a log, and a table at the end."""

from __future__ import annotations

import io
import re

import pytest

from builder import console
from builder.console import Console, ImageSummary, duration, size, table
from tests.unit.builder.fakes import FakeClock


class Terminal(io.StringIO):
    """A stream that somebody watches."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_940, "99.9 kB"),
        (123_456, "123 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (148_250_000, "148 MB"),
        (1_234_000_000, "1.2 GB"),
        (123_400_000_000, "123.4 GB"),
    ],
)
def test_sizes_are_in_decimal_units(count: int, expected: str) -> None:
    assert size(count) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.004, "0.00 s"),
        (0.42, "0.42 s"),
        (9.996, "10.0 s"),
        (12.34, "12.3 s"),
        (59.96, "1 min 00 s"),
        (125, "2 min 05 s"),
    ],
)
def test_times_are_in_words(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


def test_a_table_has_columns_of_equal_width() -> None:
    rows = [("a", "1"), ("long name", "22\nand more"), ("last",)]
    assert table(rows, ("name", "value")) == (
        "name       value\n---------- --------\na          1\nlong name  22\n           and more\nlast"
    )


def test_what_a_table_holds_is_text_and_each_row_one_line() -> None:
    long, marked = "a word " * 60 + ".", "[red]:warning: 1.2.3[/] https://example.org"
    assert table([(long, marked)]) == f"{long}  {marked}"


def test_on_a_terminal_a_table_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("TERM", "xterm")
    out = Terminal()
    Console(out).table([("a word " * 9, "1.2.3"), ("b" * 40, "")], ("name", "version"))
    lines = [line.rstrip() for line in re.sub(r"\x1b\[\d*m", "", out.getvalue()).splitlines()]
    assert lines == [
        "name                   version",
        "---------------------- -------",
        "a word a word a word   1.2.3",
        *2 * ["a word a word a word"],
        "b" * 21,
        "b" * 19,
    ]
    assert "\x1b[1mname" in out.getvalue()


def test_a_table_needs_no_head_and_no_rows() -> None:
    assert table([("a", "b")]) == "a  b"
    assert table([]) == ""


def test_the_closing_table_has_images_components_and_times() -> None:
    images = [
        ImageSummary(
            ("orthanc:26.11.0", "orthanc:latest"), 312_000_000, {"orthanc": "1.13.0", "python": "7.1"}
        ),
        ImageSummary(
            ("orthanc:26.11.0-full",),
            345_600_000,
            {"orthanc": "1.13.0", "python": "7.1", "odbc": "18.5"},
        ),
    ]
    out = io.StringIO()
    Console(out).closing(images, {"fetch": 12.3, "build": 61.0}, ["Stl, Tcia: the site was closed"])
    assert out.getvalue() == (
        "image                 size\n"
        "--------------------- ------\n"
        "orthanc:26.11.0       312 MB\n"
        "orthanc:latest\n"
        "orthanc:26.11.0-full  346 MB\n"
        "\n"
        "component  orthanc:26.11.0  orthanc:26.11.0-full\n"
        "---------- ---------------- --------------------\n"
        "orthanc    1.13.0           1.13.0\n"
        "python     7.1              7.1\n"
        "odbc       -                18.5\n"
        "\n"
        "stage   time\n"
        "------- ----------\n"
        "fetch   12.3 s\n"
        "build   1 min 01 s\n"
        "in all  1 min 13 s\n"
        "\n"
        "not in the images\n"
        "-----------------\n"
        "Stl, Tcia: the site was closed\n"
    )


def test_results_and_messages_go_to_different_streams() -> None:
    out, err = io.StringIO(), io.StringIO()
    report = Console(out, err)
    report.say("working")
    report.table([("a", "b")])
    report.closing([], {})
    assert err.getvalue() == "working\n"
    assert out.getvalue().startswith("a  b\nimage  size\n")


def test_the_streams_are_those_of_the_moment(capsys: pytest.CaptureFixture[str]) -> None:
    report = Console()
    report.say("working")
    report.show("done")
    assert capsys.readouterr() == ("done\n", "working\n")


def test_a_stage_says_how_long_it_took() -> None:
    err, clock = io.StringIO(), FakeClock()
    with Console(err=err, clock=clock).stage("root file system"):
        clock.sleep(3.21)
    assert err.getvalue() == "root file system …\nroot file system: 3.21 s\n"


def test_in_a_log_progress_is_a_line_every_few_seconds() -> None:
    err, clock = io.StringIO(), FakeClock()
    with Console(err=err, clock=clock).progress("fetch") as progress:
        for step in range(97):
            progress(step * 1_250_000, 120_000_000, step // 8, 12)
            clock.sleep(0.125)
    assert err.getvalue() == (
        "fetch: 41 %, 50.0 MB of 120 MB, 5 of 12 files, 10.0 MB/s\n"
        "fetch: 83 %, 100 MB of 120 MB, 10 of 12 files, 10.0 MB/s\n"
        "fetch: 12 of 12 files, 120 MB in 12.1 s\n"
    )


class Screen:
    """A terminal of one line's memory: what stands on it, by the few codes that a live line is drawn with."""

    CODES = re.compile(r"\x1b\[(?P<number>\??\d*)(?P<letter>[A-Za-z])|(?P<plain>[^\x1b])")

    def __init__(self, text: str) -> None:
        self.lines, self.column, self.hidden = [""], 0, False
        row = 0
        for code in self.CODES.finditer(text):
            if code["plain"] == "\n":
                row, self.column = row + 1, 0
                self.lines += [""] * (row + 1 - len(self.lines))
            elif code["plain"] == "\r":
                self.column = 0
            elif code["plain"]:
                line = self.lines[row].ljust(self.column)
                self.lines[row] = line[: self.column] + code["plain"] + line[self.column + 1 :]
                self.column += 1
            elif code["letter"] == "A":
                row -= int(code["number"])
            elif code["letter"] == "K":
                self.lines[row] = ""
            elif code["number"] == "?25":
                self.hidden = code["letter"] == "l"
            else:
                assert code["letter"] == "m"


@pytest.mark.parametrize(
    ("columns", "drawn"),
    [
        ("100", "fetch ━━━━━━━━━━╺━━━━━━━━━ 50 %, 20 B of 40 B, 2 of 4 files, 33 B/s 0:00:01"),
        ("30", "… 50 %, 20 B of 40 B, 2 of… 0…"),
    ],
)
def test_on_a_terminal_progress_is_one_live_line(
    columns: str, drawn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TERM", "xterm")
    err, clock = Terminal(), FakeClock()
    report = Console(err=err, clock=clock)
    report.say("before")
    with report.progress("fetch") as progress:
        for step in range(3):
            clock.sleep(0.2)
            progress(step * 10, 40, step, 4)
        assert Screen(err.getvalue()).lines == ["before", drawn]
        assert Screen(err.getvalue()).hidden
        report.say("by the way")
        clock.sleep(0.2)
        progress(30, 40, 3, 4)
    screen = Screen(err.getvalue())
    assert screen.lines == ["before", "by the way", "fetch: 3 of 4 files, 30 B in 0.80 s", ""]
    assert not screen.hidden


def test_a_terminal_that_can_draw_nothing_gets_whole_lines_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    err, clock = Terminal(), FakeClock()
    with Console(err=err, clock=clock).progress("fetch") as progress:
        clock.sleep(console.REPEATED)
        progress(10, 40, 1, 4)
    assert err.getvalue() == (
        "fetch: 25 %, 10 B of 40 B, 1 of 4 files, 0 B/s\nfetch: 1 of 4 files, 10 B in 5.00 s\n"
    )


def test_progress_without_a_known_size_has_no_share() -> None:
    err, clock = io.StringIO(), FakeClock()
    with Console(err=err, clock=clock).progress("fetch") as progress:
        clock.sleep(console.REPEATED)
        progress(1000, 0, 0, 1)
    assert err.getvalue() == ("fetch: 1.0 kB, 0 of 1 files, 0 B/s\nfetch: 0 of 1 file, 1.0 kB in 5.00 s\n")


def test_nothing_fetched_is_not_worth_a_line() -> None:
    err = io.StringIO()
    with Console(err=err).progress("fetch"):
        pass
    assert err.getvalue() == ""


@pytest.mark.parametrize(
    ("answer", "expected"), [("y\n", True), ("Yes\n", True), ("\n", False), ("no\n", False), ("", False)]
)
def test_a_question_is_answered_on_the_terminal(answer: str, expected: bool) -> None:
    err = Terminal()
    assert Console(err=err, keyboard=Terminal(answer)).ask("Go on?") is expected
    assert err.getvalue() == "Go on? [y/N] "


@pytest.mark.parametrize(
    ("err", "keyboard"), [(io.StringIO(), Terminal("y\n")), (Terminal(), io.StringIO("y\n"))]
)
def test_where_nobody_watches_the_answer_is_no(err: io.StringIO, keyboard: io.StringIO) -> None:
    assert Console(err=err, keyboard=keyboard).ask("Go on?") is False
