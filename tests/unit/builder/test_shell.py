"""Programs are run, watched and stopped, and their failure is told with their last words."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path

import pytest

from builder import shell
from builder.errors import ShellError
from builder.shell import Completed, Runner, run


def script(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def program(folder: Path, name: str, text: str = "#!/bin/sh\n") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_a_run_returns_both_streams_and_the_code() -> None:
    completed = run(["sh", "-c", "echo out; echo err >&2; exit 3"], check=False)
    assert completed == Completed("out\n", "err\n", 3)


def test_run_is_a_runner() -> None:
    runner: Runner = run
    assert runner(["true"]).code == 0


def test_input_folder_and_environment_reach_the_program(tmp_path: Path) -> None:
    completed = run(["sh", "-c", "cat; pwd; echo $COLOUR"], input="in\n", cwd=tmp_path, env={"COLOUR": "red"})
    assert completed.stdout == f"in\n{tmp_path}\nred\n"


def test_a_captured_program_cannot_wait_for_the_keyboard() -> None:
    assert run(["cat"], timeout=10).stdout == ""


def test_input_that_nobody_reads_is_no_error() -> None:
    assert run(["true"], input="x" * 1_000_000).code == 0


def test_much_output_on_both_streams_blocks_nothing() -> None:
    text = "import sys\nfor _ in range(20000): print('o' * 20); print('e' * 20, file=sys.stderr)"
    completed = run(script(text), timeout=30)
    assert (len(completed.stdout), len(completed.stderr)) == (20000 * 21, 20000 * 21)


def test_each_line_is_told_as_it_comes() -> None:
    lines: list[str] = []
    completed = run(["sh", "-c", "echo one; echo two >&2"], on_line=lines.append)
    assert sorted(lines) == ["one", "two"]
    assert completed.stdout == "one\n"


def test_a_listener_that_fails_is_heard_and_blocks_nothing() -> None:
    def listener(line: str) -> None:
        raise ValueError(line)

    with pytest.raises(ValueError, match="x"):
        run(script("for _ in range(50000): print('x' * 20)"), on_line=listener, timeout=30)


def test_a_failure_tells_the_command_the_code_and_the_last_lines() -> None:
    with pytest.raises(ShellError) as caught:
        run(["sh", "-c", "echo lost; seq 1 30 >&2; exit 4"])
    expected = "\n".join(
        ["sh -c 'echo lost; seq 1 30 >&2; exit 4': ended with exit code 4:"]
        + [f"  {number}" for number in range(11, 31)]
    )
    assert str(caught.value) == expected
    assert caught.value.code == 4
    assert caught.value.exit_code == 70


def test_a_failure_without_errors_tells_the_output() -> None:
    with pytest.raises(ShellError, match=r"ended with exit code 1:\n  only this"):
        run(["sh", "-c", "echo only this; false"])


def test_a_program_ended_by_a_signal_is_told_by_its_name() -> None:
    with pytest.raises(ShellError, match="was killed by SIGKILL"):
        run(["sh", "-c", "kill -9 $$"])


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(ShellError) as caught:
        run(["no-such-program-anywhere"])
    assert (
        str(caught.value) == "no-such-program-anywhere: no such program. Install it, or put it on the PATH."
    )
    assert caught.value.code == 127


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ShellError, match=r"the folder '.*gone' does not exist"):
        run(["true"], cwd=tmp_path / "gone")


def test_a_file_that_cannot_be_started(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("text")
    with pytest.raises(ShellError, match="cannot be started: Permission denied"):
        run([path])


def test_a_program_that_takes_too_long_is_stopped() -> None:
    start = time.monotonic()
    with pytest.raises(ShellError, match=r"was stopped after 0\.2 s:\n  begun"):
        run(["sh", "-c", "echo begun; exec sleep 60"], timeout=0.2)
    assert time.monotonic() - start < 10


def test_output_that_is_not_utf8_is_still_output() -> None:
    assert run(["printf", r"\377"]).stdout == "\ufffd"


def test_which_and_every_look_along_the_path(tmp_path: Path) -> None:
    first, second = program(tmp_path / "a", "tool"), program(tmp_path / "b", "tool")
    path = os.pathsep.join(map(str, (tmp_path / "a", tmp_path / "b", tmp_path / "c", tmp_path / "a")))
    assert shell.which("tool", path) == str(first)
    assert shell.every("tool", path) == (str(first), str(second))
    assert shell.which("absent", path) is None
    assert shell.every("absent", path) == ()


def test_a_service_is_started_in_its_own_session_with_its_output_in_a_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "service.log"
    text = "import os; print(os.getsid(0), os.getcwd(), 'done', flush=True)"
    pid = shell.spawn(script(text), log=log)
    for _ in range(100):
        if "done" in log.read_text():
            break
        time.sleep(0.05)
    with contextlib.suppress(ChildProcessError):  # Popen has waited where it was quick
        os.waitpid(pid, 0)
    sid, folder, end = log.read_text().split()
    assert (int(sid), folder, end) == (pid, "/", "done")


def test_a_service_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ShellError, match="no-such-program-anywhere: cannot be started"):
        shell.spawn(["no-such-program-anywhere"], log=tmp_path / "log")
