"""Orthanc's command line, and the process becoming Orthanc."""

import os
from pathlib import Path

import pytest

from startup import launch
from startup.errors import StartupError


def test_all_options_together(tmp_path: Path) -> None:
    """The verbosity comes first, trace (but for headers) before verbose; the configuration comes last."""
    environment = dict.fromkeys(("TRACE_ENABLED", "VERBOSE_ENABLED", "NO_JOBS"), "true")
    assert launch.arguments({**environment, "LOGFILE": "/a b.log"}, str(tmp_path), ["--x"], "/c.json") == [
        "Orthanc",
        "--trace",
        "--verbose-http",
        "--no-jobs",
        "--logfile=/a b.log",
        "--x",
        "/c.json",
    ]


NO_FOLDER = "the folder /no does not exist. Mount a volume there: docker run -v logs:/no …"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LOGDIR": "/logs", "LOGFILE": "/logs/a"}, "LOGDIR: LOGFILE is set too. Keep one of the two."),
        ({"LOGDIR": "/no"}, f"LOGDIR: {NO_FOLDER}"),
        ({"LOGFILE": "/no/a.log"}, f"LOGFILE: {NO_FOLDER}"),
    ],
)
def test_wrong_wishes_are_problems(tmp_path: Path, environment: dict[str, str], expected: str) -> None:
    """What cannot become an option is said."""
    assert [expected] == [str(each) for each in launch.checked(environment, str(tmp_path))]


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        ({"LOGDIR": "/logs"}, "the folder /logs"),
        ({"LOGFILE": "/logs"}, "the folder /logs"),
        ({"LOGFILE": "/logs/old.log"}, "/logs/old.log"),
    ],
)
def test_logs_that_cannot_be_written_are_problems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], path: str
) -> None:
    """The message names the path and our own user."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/old.log").write_text("")
    assert launch.checked(environment, str(tmp_path)) == []
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    (name,) = environment
    (said,) = launch.checked(environment, str(tmp_path))
    (option,) = launch.logged([f"--{name.lower()}={environment[name]}"], str(tmp_path))
    for place, found in ((name, said), (f"--{name.lower()}", option)):
        assert str(found).startswith(f"{place}: {path} cannot be written: it belongs to ")
        assert str(found).endswith(" may write: docker run -v orthanc:/logs …")


@pytest.mark.parametrize(
    ("failure", "code", "message"),
    [
        (
            FileNotFoundError(2, "No such file"),
            127,
            f"prog: there is no such program in this image. {launch.KINDS}",
        ),
        (
            PermissionError(13, "Permission denied"),
            126,
            "prog: it cannot be started (permission denied). Make it executable, or name another program.",
        ),
    ],
)
def test_a_program_that_cannot_be_started(failure: OSError, code: int, message: str) -> None:
    """The exit codes are those of a shell."""

    def execute(*_: object) -> None:
        raise failure

    with pytest.raises(StartupError) as caught:
        launch.become(execute, ["prog"], {})
    assert (code, message) == (caught.value.code, caught.value.message)


def test_a_switch_that_makes_no_sense_is_off() -> None:
    """Where the problem has been said, the default holds."""
    assert launch.flag({"X": "maybe"}, "X") is False
    assert launch.flag({"X": "maybe"}, "X", default=True) is True
    assert launch.flag({}, "X", default=True) is True
