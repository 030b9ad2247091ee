"""The start of a container."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from startup import folders, main, script
from startup.errors import Finding, StartupError, problem
from tests.unit.startup.image import LOCAL, Image


@pytest.mark.parametrize(
    ("arguments", "program", "options", "paths"),
    [
        ([], [], [], []),
        (["--verbose"], [], ["--verbose"], []),
        (["/tmp/orthanc.json"], [], [], []),
        (["/dev/shm/orthanc.json"], [], [], []),
        (["/etc/orthanc"], [], [], []),
        (["/etc/orthanc/", "--trace"], [], ["--trace"], []),
        (["/my.json", "/var", "--no-jobs"], [], ["--no-jobs"], ["/my.json", "/var"]),
        (["--version"], ["Orthanc", "--version"], [], []),
        (["--config=-"], ["Orthanc", "--config=-"], [], []),
        (["--verbose", "--help"], ["Orthanc", "--verbose", "--help"], [], []),
        (["/etc/orthanc", "--version"], ["Orthanc", "--version"], [], []),
        (["--logdir", "/var", "--trace"], [], ["--logdir=/var", "--trace"], []),
        (["--logfile", "a.log", "/var"], [], ["--logfile=a.log"], ["/var"]),
        ([""], [], [], []),
        (["", "--trace", ""], [], ["--trace"], []),
        (["bash"], ["bash"], [], []),
        (["bash", "--help"], ["bash", "--help"], [], []),
        (["/bin/sh", "-c", "x"], ["/bin/sh", "-c", "x"], [], []),
        (["Orthanc"], [], [], []),
        (["Orthanc", "/etc/orthanc/"], [], [], []),
        (["orthanc", "/my.json", "--trace"], [], ["--trace"], ["/my.json"]),
        (["/usr/local/sbin/Orthanc", "--verbose", "/tmp/orthanc.json"], [], ["--verbose"], []),
        (["Orthanc", "--version"], ["Orthanc", "--version"], [], []),
        (["orthanc", "--help"], ["Orthanc", "--help"], [], []),
    ],
)
def test_what_the_arguments_ask_for(
    image: Image, arguments: list[str], program: list[str], options: list[str], paths: list[str]
) -> None:
    """Options are for Orthanc, JSON files and folders are configuration, anything else is a program."""
    found = main.request(arguments, image.root)
    assert (program, options, paths) == (found.program, found.options, found.paths)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--verbose", "bash"], "bash: it is neither an option, a JSON file nor a folder. {}"),
        (["/my.json", "/no"], "/no: it is neither an option, a JSON file nor a folder. {}"),
        (["--verbose", "--logdir"], "--logdir: it needs a value. Write --logdir=VALUE."),
    ],
)
def test_arguments_that_make_no_sense(
    image: Image, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    """They are refused with what to write, and nothing is started."""
    code, executed = image.start(LOCAL, *arguments)
    how = "Give options of Orthanc, JSON files, folders, the command config, or a program that is here."
    assert (code, executed.line, capsys.readouterr().err) == (64, [], message.format(how) + "\n")


def test_an_option_that_orthanc_does_not_have_is_said(
    image: Image, capsys: pytest.CaptureFixture[str]
) -> None:
    """Orthanc itself would pass over it in silence."""
    code, executed = image.start(LOCAL, "--verbos", "--frobnicate=1", "--trace-dicom")
    assert (code, executed.line[1:-1]) == (0, ["--verbos", "--frobnicate=1", "--trace-dicom"])
    assert capsys.readouterr().err.splitlines()[2:] == [
        "Warning: --verbos: Orthanc has no such option. Did you mean --verbose?",
        "Warning: --frobnicate: Orthanc has no such option. See the option --help for all.",
    ]
    assert image.start({**LOCAL, "STRICT_CONFIGURATION": "1"}, "--verbos")[0] == 78


def test_a_relative_path_starts_from_the_working_folder(image: Image) -> None:
    """As for any program."""
    assert main.request(["a.json"], image.root).paths == [str(Path.cwd() / "a.json")]


def test_config_is_a_command_of_the_container(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """``docker run IMAGE config check`` answers and starts nothing."""
    code, executed = image.start(LOCAL, "config", "check")
    assert (code, executed.line, capsys.readouterr().out) == (0, [], "The configuration is fine.\n")


def test_a_program_that_is_not_there(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is that of a shell."""
    assert main.start(["no-such-program"], dict(os.environ), image.root, os.execvpe) == 127
    assert capsys.readouterr().err == (
        "no-such-program: there is no such program in this image. Give options of Orthanc, JSON files,"
        " folders, the command config, or a program that is here.\n"
    )


def test_files_by_argument_are_remembered(image: Image) -> None:
    """Orthanc's environment names them, so that a reset reads them again."""
    image.file("/my.json", {"Name": "mine"})
    code, executed = image.start(LOCAL, "/my.json")
    assert (code, image.written()["Name"]) == (0, "mine")
    assert executed.environment["ORTHANC_STARTUP_PATHS"] == "/my.json"
    assert "ORTHANC_STARTUP_PATHS" not in image.start(LOCAL)[1].environment


@pytest.mark.parametrize(
    ("variables", "word"),
    [
        ({}, None),
        ({"SQLITE_INDEX_TUNING": "true"}, "true"),
        ({"SQLITE_INDEX_TUNING": "Off"}, "false"),
        ({"ORTHANC__READ_ONLY": "true"}, "false"),
        ({"ORTHANC__READ_ONLY": "true", "SQLITE_INDEX_TUNING": "true"}, "false"),
    ],
)
def test_index_that_stays_as_it_is(variables: dict[str, str], word: str | None, image: Image) -> None:
    """Orthanc's environment says in one word whether its index is to be left alone; always when read only."""
    code, executed = image.start({**LOCAL, **variables})
    assert code == 0
    assert executed.environment.get("SQLITE_INDEX_TUNING") == word


def test_nowhere_to_write(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """Where neither place can be written, the problem says what to mount."""
    for folder in ("tmp", "dev/shm"):
        (image.path / folder).rmdir()
    assert image.start(LOCAL)[0] == 78
    assert (
        capsys.readouterr()
        .err.splitlines()[2]
        .startswith(
            "/tmp: the configuration cannot be written to /tmp or /dev/shm (no such file or directory)."
            " Mount a tmpfs there (docker run --tmpfs /tmp)."
        )
    )


def test_strict_makes_warnings_fatal(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """With STRICT_CONFIGURATION a typing error stops the start."""
    environment = {**LOCAL, "VEBOSE_ENABLED": "true"}
    assert image.start(environment)[0] == 0
    assert capsys.readouterr().err.splitlines()[2:] == [
        "Warning: VEBOSE_ENABLED: it is not read. Did you mean VERBOSE_ENABLED?"
    ]
    assert image.start({**environment, "STRICT_CONFIGURATION": "true"})[0] == 78
    assert capsys.readouterr().err.splitlines()[2:] == [
        "VEBOSE_ENABLED: it is not read. Did you mean VERBOSE_ENABLED?",
        "Orthanc was not started: 1 problem in its configuration (see above).",
    ]


def scripted(image: Image, text: str) -> dict[str, str]:
    """An environment with a script of this text."""
    path = image.path / "script.sh"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return {**LOCAL, "BEFORE_ORTHANC_STARTUP_SCRIPT": str(path)}


def test_a_script_may_change_the_written_configuration(image: Image) -> None:
    """What it does to the file that was written before it ran stays, unless the sources have changed."""
    target = image.path / "tmp/orthanc.json"
    environment = scripted(image, f'echo \'{{"Name": "changed"}}\' > {target}')
    assert image.start(environment)[0] == 0
    assert image.written() == {"Name": "changed"}
    environment = scripted(
        image, f'echo \'{{"Name": "file"}}\' > {image.path}/etc/orthanc/a.json; echo > {target}'
    )
    assert image.start(environment)[0] == 0
    assert image.written()["Name"] == "file"


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("exit 3", 3, "ended with exit code 3. Orthanc was not started."),
        ("kill -9 $$", 137, "ended with exit code 137. Orthanc was not started."),
    ],
)
def test_a_script_that_fails_stops_the_start(
    image: Image, capsys: pytest.CaptureFixture[str], text: str, code: int, said: str
) -> None:
    """Its exit code becomes that of the container."""
    environment = scripted(image, text)
    found, executed = image.start(environment)
    assert (code, []) == (found, executed.line)
    path = environment["BEFORE_ORTHANC_STARTUP_SCRIPT"]
    assert f"BEFORE_ORTHANC_STARTUP_SCRIPT: '{path}' {said}\n" == capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        ("/no/such.sh", 127, "there is no '/no/such.sh'. Mount the script, or correct its path."),
        ("/etc/passwd", 126, "'/etc/passwd' cannot be run (permission denied). Make it executable."),
        ("sh -c 'x", 78, "a quote in it is never closed. Close it."),
    ],
)
def test_a_script_that_cannot_be_run(command: str, code: int, message: str) -> None:
    """The message says why."""
    environment = {"BEFORE_ORTHANC_STARTUP_SCRIPT": command}
    with pytest.raises(StartupError) as caught:
        script.run(script.command(environment), environment)
    assert (code, f"BEFORE_ORTHANC_STARTUP_SCRIPT: {message}") == (caught.value.code, caught.value.message)


def test_a_script_that_names_no_program_runs_under_bash(image: Image) -> None:
    """As the kernel refuses it, and a shell does not."""
    environment = scripted(image, "")
    path = Path(environment["BEFORE_ORTHANC_STARTUP_SCRIPT"])
    path.write_text(f"[[ a == a ]] && echo $1 > {image.path}/said\n")
    environment["BEFORE_ORTHANC_STARTUP_SCRIPT"] += " word"
    assert image.start(environment)[0] == 0
    assert (image.path / "said").read_text() == "word\n"


@pytest.mark.parametrize("first", ["#!/bin/sh", "true"])
def test_a_script_with_the_line_ends_of_windows_is_explained(image: Image, first: str) -> None:
    """The kernel says that there is no such file, which is there."""
    path = Path(scripted(image, "")["BEFORE_ORTHANC_STARTUP_SCRIPT"])
    path.write_bytes(f"{first}\r\ntrue\r\n".encode())
    with pytest.raises(StartupError) as caught:
        script.run([str(path)], {})
    assert (caught.value.code, caught.value.message) == (
        127,
        f"BEFORE_ORTHANC_STARTUP_SCRIPT: '{path}' has the line ends of Windows (CRLF), so its first line"
        f" names no program. Convert it: sed -i 's/\\r$//' {path}",
    )


def test_the_folders_are_given_before_anything_is_written(
    image: Image, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All folders that Orthanc writes to; what is wrong stops the start."""
    asked: list[list[str]] = []

    def given(paths: list[str], _root: str) -> list[Finding]:
        asked.append(paths)
        return [problem("ORTHANC_FIX_OWNERSHIP", "no", "Yes.")]

    monkeypatch.setattr(folders, "given", given)
    (image.path / "logs").mkdir()
    environment = {**LOCAL, "ORTHANC_FIX_OWNERSHIP": "true", "LOGDIR": "/logs"}
    assert image.start(environment)[0] == 78
    assert asked == [["/var/lib/orthanc/db", "/logs"]]
    assert capsys.readouterr().err.splitlines()[2] == "ORTHANC_FIX_OWNERSHIP: no. Yes."


def test_a_storage_in_the_container_itself_is_said(image: Image, capsys: pytest.CaptureFixture[str]) -> None:
    """It is no warning: trying the image should be quiet."""
    image.file("/proc/self/mountinfo", "1 0 0:1 / / rw - overlay overlay rw\n")
    assert image.start(LOCAL)[0] == 0
    assert capsys.readouterr().err.splitlines()[2:] == [
        "/var/lib/orthanc/db is in the container itself, and is deleted with it."
        " To keep it, mount a volume: docker run -v orthanc:/var/lib/orthanc/db …"
    ]


def test_interrupts_end_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM and SIGINT have the exit codes that they have everywhere."""
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    main.react(15, None)
    main.react(2, None)
    assert codes == [143, 130]


def test_the_entry_point_runs_main(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    """The container's own arguments and environment are used."""
    monkeypatch.setattr(sys, "argv", ["/entrypoint", "config", "--help"])
    assert main.main() == 0


SCRIPTS = ("docker-entrypoint.sh", "config")


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scripts_of_the_image_find_the_package(name: str, tmp_path: Path) -> None:
    """Both scripts run the package from its folder in the image."""
    base = Path(__file__).parents[3] / "base"
    text = (base / "startup/bin" / name).read_text()
    assert text.startswith("#!/usr/bin/python3 -IS\n")
    copy = tmp_path / name
    copy.write_text(text.replace("/usr/lib/orthanc-image", str(base)))
    words = ["config", "--help"] if name == "docker-entrypoint.sh" else ["--help"]
    result = subprocess.run(
        [sys.executable, "-IS", str(copy), *words], check=False, capture_output=True, text=True
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("usage: config COMMAND")
