"""./inv makes its environment once, safely, and then is the command line of the toolkit in it."""

from __future__ import annotations

import hashlib
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TOOLS = ("sh", "dirname", "cat", "cmp", "cp", "rm", "mkdir", "sleep", "chmod")

# A Python that makes environments in no time, and notes what it was asked. $LAUNCHER holds its knobs:
# `old` and `no-venv` (files) make it fail those checks, `slow` and `broken` make pip so.
PYTHON = """\
#!/bin/sh
echo "$*" | head -c 60 | head -n 1 >>"$LAUNCHER/asked"
case "$*" in
    *version_info*bundle/pythons*) exec {python} "$@" ;;
    *version_info*) [ ! -e "$LAUNCHER/old" ] ;;
    *ensurepip*) [ ! -e "$LAUNCHER/no-venv" ] ;;
    *realpath*) echo "$0" ;;
    *flock*) exec {python} "$@" ;;
    "-m venv --clear .venv")
        rm -rf .venv && mkdir -p .venv/bin
        echo made >>"$LAUNCHER/venvs"
        cp "$0" .venv/bin/python
        ;;
    "-m pip install "*)
        echo "$*" >"$LAUNCHER/pip"
        [ ! -e "$LAUNCHER/slow" ] || {{ echo begun >"$LAUNCHER/begun"; sleep "$(cat "$LAUNCHER/slow")"; }}
        [ ! -e "$LAUNCHER/broken" ] || {{ echo "ERROR: no index" >&2; exit 1; }}
        cp "$LAUNCHER/invoke" .venv/bin/invoke
        ;;
    "-m compileall "*) ;;
    "-m builder.command"*) shift 2; exec .venv/bin/invoke "$@" ;;
    *) echo "unexpected: $*" >&2; exit 99 ;;
esac
"""

INVOKE = """\
#!/bin/sh
echo "invoke $* in $PWD with $VIRTUAL_ENV"
echo "${PATH%%:*}"
exit "${CODE:-0}"
"""


class Clone:
    """A fresh clone on a machine with hardly anything on it."""

    def __init__(self, folder: Path) -> None:
        self.root, self.bin, self.notes = folder / "clone", folder / "bin", folder / "notes"
        for made in (self.root, self.bin, self.notes):
            made.mkdir()
        shutil.copy(ROOT / "inv", self.root / "inv")
        (self.root / "requirements.lock").write_text(
            "invoke==1 --hash=sha256:00\npytest==1 --hash=sha256:01\n"
        )
        (self.root / "requirements.build.lock").write_text("invoke==1 --hash=sha256:00\n")
        for tool in (*TOOLS, "head"):
            (self.bin / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
        self.script("invoke", INVOKE, self.notes)
        self.python("python3")
        self.script("id", "#!/bin/sh\necho 1000\n")

    def script(self, name: str, text: str, folder: Path | None = None) -> None:
        path = (folder or self.bin) / name
        path.write_text(text)
        path.chmod(0o755)

    def python(self, name: str) -> None:
        self.script(name, PYTHON.format(python=sys.executable))

    def knob(self, name: str, text: str = "") -> Path:
        path = self.notes / name
        path.write_text(text)
        return path

    def apt(self, code: int = 0) -> None:
        """Put an apt-get on the machine that gives Python its venv, and make us root."""
        self.script("id", "#!/bin/sh\necho 0\n")
        lines = [
            "#!/bin/sh",
            'echo "$*" >>"$LAUNCHER/apt"',
            f'[ ! -x "$LAUNCHER/python3" ] || cp "$LAUNCHER/python3" "{self.bin}"',
            'rm -f "$LAUNCHER/no-venv"',
            f"exit {code}",
        ]
        self.script("apt-get", "\n".join(lines) + "\n")

    def start(self, *words: str, cwd: Path | None = None, **environment: str) -> subprocess.Popen[str]:
        """Start ./inv with these words, and nobody at the keyboard."""
        variables: Mapping[str, str] = {"PATH": str(self.bin), "LAUNCHER": str(self.notes), **environment}
        return subprocess.Popen(
            [str(self.root / "inv"), *words],
            cwd=cwd or self.root,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: str, cwd: Path | None = None, **environment: str) -> tuple[int, str, str]:
        """Return the exit code of ./inv with these words, and what it printed on both streams."""
        with self.start(*words, cwd=cwd, **environment) as process:
            out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    @property
    def venvs(self) -> int:
        """Return how often an environment was begun."""
        path = self.notes / "venvs"
        return len(path.read_text().splitlines()) if path.exists() else 0


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


MAKING = "inv: making .venv from requirements.lock (once, about half a minute)\n"
FEW = "inv: making .venv from requirements.build.lock (once, a few seconds)\n"
COMPLETING = "inv: completing .venv from requirements.lock (once, about 20 seconds)\n"


def test_the_first_call_makes_the_environment_and_runs_invoke_in_it(clone: Clone) -> None:
    code, out, err = clone.run("test", "--variant", "full set")
    assert (code, err) == (0, MAKING)
    venv = clone.root / ".venv"
    assert out == f"invoke test --variant full set in {clone.root} with {venv}\n{venv}/bin\n"
    pip = (clone.notes / "pip").read_text()
    assert "--no-deps --require-hashes --requirement requirements.lock" in pip
    assert "--only-binary :all:" in pip


@pytest.mark.parametrize(
    "words",
    [
        "build",
        "build --variant full --yes",
        "build -v default -v full -y --platform linux/arm64",
        "build --variant=full --no-cache",
    ],
)
def test_a_build_waits_for_nothing_that_it_does_not_need(clone: Clone, words: str) -> None:
    assert clone.run(*words.split())[::2] == (0, FEW)
    assert "--require-hashes --requirement requirements.build.lock" in (clone.notes / "pip").read_text()
    assert clone.run(*words.split())[::2] == (0, "")
    assert clone.venvs == 1


@pytest.mark.parametrize(
    "words", ["", "test", "build --reproducible", "build test", "--help build", "default"]
)
def test_what_else_is_called_completes_the_environment(clone: Clone, words: str) -> None:
    clone.run("build")
    assert clone.run(*words.split())[::2] == (0, COMPLETING)
    assert "--require-hashes --requirement requirements.lock" in (clone.notes / "pip").read_text()
    assert clone.run(*words.split())[::2] == (0, "")
    assert clone.run("build")[::2] == (0, "")
    assert clone.venvs == 1


def test_what_completes_the_environment_and_fails_makes_it_anew_the_next_time(clone: Clone) -> None:
    clone.run("build")
    knob = clone.knob("broken")
    assert clone.run("test")[0] == 69
    knob.unlink()
    assert clone.run("test")[::2] == (0, MAKING)


def test_a_changed_lock_makes_what_was_for_builds_anew(clone: Clone) -> None:
    clone.run("build")
    for name in ("requirements.lock", "requirements.build.lock"):
        (clone.root / name).write_text("invoke==2 --hash=sha256:00\n")
    assert clone.run("build")[::2] == (0, FEW)
    (clone.root / "requirements.build.lock").write_text("invoke==3 --hash=sha256:00\n")
    assert clone.run("test")[::2] == (0, MAKING)


def test_the_second_call_only_runs_invoke(clone: Clone) -> None:
    clone.run("--list")
    (clone.notes / "asked").unlink()
    assert clone.run("--list")[::2] == (0, "")
    assert clone.venvs == 1
    assert (clone.notes / "asked").read_text() == "-m builder.command --list\n"


def test_without_words_it_lists_the_tasks(clone: Clone) -> None:
    assert clone.run()[1].startswith("invoke --list in ")


def test_it_works_from_any_folder(clone: Clone, tmp_path: Path) -> None:
    assert clone.run("build", cwd=tmp_path)[1].startswith(f"invoke build in {clone.root} with")


def test_the_exit_code_is_that_of_invoke(clone: Clone) -> None:
    assert clone.run("test", CODE="3")[0] == 3


def test_a_changed_lock_makes_a_new_environment(clone: Clone) -> None:
    clone.run()
    (clone.root / "requirements.lock").write_text("invoke==2 --hash=sha256:00\n")
    assert clone.run()[::2] == (0, MAKING)
    assert clone.run()[::2] == (0, "")
    assert clone.venvs == 2


def test_a_clone_that_was_moved_makes_a_new_environment(clone: Clone, tmp_path: Path) -> None:
    clone.run()
    clone.root = clone.root.rename(tmp_path / "moved")
    code, out, err = clone.run()
    assert (code, err) == (0, MAKING)
    assert out.startswith(f"invoke --list in {tmp_path}/moved with")


def test_an_interpreter_that_is_gone_makes_a_new_environment(clone: Clone) -> None:
    clone.run()
    (clone.root / ".venv/bin/python").unlink()
    (clone.root / ".venv/bin/python").symlink_to("/nowhere/python3")
    assert clone.run()[::2] == (0, MAKING)


def test_a_failed_installation_is_told_and_tried_again_the_next_time(clone: Clone) -> None:
    knob = clone.knob("broken")
    code, out, err = clone.run()
    assert (code, out) == (69, "")
    assert err == (
        MAKING + "ERROR: no index\n"
        "inv: cannot install requirements.lock. The message of pip is above; "
        "index and proxy come from the configuration of pip: pip config list\n"
    )
    knob.unlink()
    assert clone.run()[::2] == (0, MAKING)


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_an_interruption_leaves_nothing_that_counts(clone: Clone, ending: int) -> None:
    knob = clone.knob("slow", "30")
    with clone.start() as process:
        wait_for(clone.notes / "begun")
        os.killpg(process.pid, ending)
        process.communicate(timeout=90)
    assert process.returncode != 0
    knob.unlink()
    assert clone.run()[::2] == (0, MAKING)
    assert clone.venvs == 2


def test_two_at_once_make_one_environment(clone: Clone) -> None:
    clone.knob("slow", "1")
    with clone.start("one") as first:
        wait_for(clone.notes / "begun")
        code, out, err = clone.run("two")
        first.communicate(timeout=90)
    assert (first.returncode, code) == (0, 0)
    assert err == "inv: waiting for another ./inv that makes .venv\n"
    assert out.startswith("invoke two in")
    assert clone.venvs == 1


def test_a_python_that_is_too_old_is_passed_over(clone: Clone) -> None:
    clone.script("python3", "#!/bin/sh\nexit 1\n")
    clone.python("python3.12")
    assert clone.run()[0] == 0


def test_without_a_python_a_person_is_told(clone: Clone) -> None:
    clone.knob("old")
    assert clone.run() == (
        69,
        "",
        "inv: no Python 3.11 or later with venv on the PATH. Install one, then run ./inv again.\n",
    )


def test_without_being_root_the_command_is_told(clone: Clone) -> None:
    clone.apt()
    clone.script("id", "#!/bin/sh\necho 1000\n")
    clone.knob("no-venv")
    code, _, err = clone.run("--yes")
    assert (code, err) == (
        69,
        "inv: no Python 3.11 or later with venv. Run: sudo apt-get install python3-venv\n",
    )


def test_without_a_yes_nothing_is_installed(clone: Clone) -> None:
    clone.apt()
    clone.knob("no-venv")
    assert clone.run("build") == (
        69,
        "",
        "inv: no Python 3.11 or later with venv. Run: apt-get install python3-venv, or add --yes\n",
    )
    assert not (clone.notes / "apt").exists()


@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"\n", 69), (b"no\n", 69)])
def test_on_a_terminal_a_person_is_asked(clone: Clone, answer: bytes, code: int) -> None:
    clone.apt()
    clone.knob("no-venv")
    keyboard, terminal = pty.openpty()
    environment = {"PATH": str(clone.bin), "LAUNCHER": str(clone.notes)}
    with subprocess.Popen(
        [clone.root / "inv"], env=environment, stdin=terminal, stdout=terminal, stderr=terminal
    ) as process:
        os.write(keyboard, answer)
        assert process.wait(timeout=90) == code
    assert b"inv: install python3-venv with apt-get? [y/N] " in os.read(keyboard, 10_000)
    os.close(keyboard)
    os.close(terminal)
    assert (clone.notes / "apt").exists() is (code == 0)


@pytest.mark.parametrize(("words", "ci"), [(("build", "--yes"), "false"), (("build",), "true")])
def test_with_a_yes_venv_is_installed(clone: Clone, words: tuple[str, ...], ci: str) -> None:
    clone.apt()
    clone.knob("no-venv")
    code, out, err = clone.run(*words, CI=ci)
    assert (code, err) == (0, "inv: installing python3-venv with apt-get\n" + FEW)
    assert out.startswith(f"invoke {' '.join(words)} in")
    assert (clone.notes / "apt").read_text() == "-qq -y install --no-install-recommends python3-venv\n"


def test_python_itself_is_installed_where_there_is_none(clone: Clone) -> None:
    clone.apt()
    (clone.bin / "python3").rename(clone.notes / "python3")
    code, _, err = clone.run("build", "--yes")
    assert (code, err) == (0, "inv: installing python3 python3-venv with apt-get\n" + FEW)


def test_a_failed_apt_is_tried_once_more_with_fresh_lists_and_then_told(clone: Clone) -> None:
    clone.apt(code=100)
    clone.knob("no-venv")
    code, _, err = clone.run("build", "--yes")
    assert code == 69
    assert err.endswith("inv: apt-get could not install python3-venv. Its messages are above.\n")
    assert (clone.notes / "apt").read_text().splitlines()[1] == "-qq -y update"


def test_it_works_with_the_real_python_and_pip(tmp_path: Path) -> None:
    """The only one that takes seconds: a real environment, with a stand-in for invoke and no network."""
    wheel = tmp_path / "invoke-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("standin.py", "import sys\ndef main():\n    print(sys.prefix, *sys.argv[1:])\n")
        archive.writestr("invoke-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: invoke\nVersion: 1\n")
        archive.writestr(
            "invoke-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("invoke-1.dist-info/entry_points.txt", "[console_scripts]\ninvoke = standin:main\n")
        archive.writestr("invoke-1.dist-info/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    root = tmp_path / "clone with a space"
    root.mkdir()
    shutil.copy(ROOT / "inv", root / "inv")
    (root / "builder").mkdir()
    (root / "builder/command.py").write_text("import standin\nstandin.main()\n")
    for name in ("requirements.build.lock", "requirements.lock"):
        (root / name).write_text(f"# {name}\ninvoke @ {wheel.as_uri()} --hash=sha256:{digest}\n")
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    for word, said in (("build", FEW), ("hello", COMPLETING)):
        done = subprocess.run(
            [root / "inv", word], env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{root}/.venv {word}\n", said)
    assert list((root / ".venv").rglob("standin.*.pyc")), "it was not compiled"


def bundled(clone: Clone, pythons: str) -> None:
    """Make the clone one that came out of a bundle."""
    (clone.root / "bundle/wheels").mkdir(parents=True)
    (clone.root / "bundle/pythons").write_text(f"{pythons}\n")


OURS = f"{sys.version_info.major}.{sys.version_info.minor}"


def test_out_of_a_bundle_no_index_is_asked(clone: Clone) -> None:
    bundled(clone, f"3.9 {OURS}")
    assert clone.run("build")[::2] == (0, FEW)
    assert "--no-index --find-links bundle/wheels --only-binary" in (clone.notes / "pip").read_text()


def test_a_bundle_for_another_python_is_told(clone: Clone) -> None:
    bundled(clone, "3.8 3.9")
    assert clone.run("build", "--yes") == (
        69,
        "",
        "inv: this bundle only has wheels for Python 3.8 3.9. Put one of these with venv on the PATH, "
        "or make the bundle again, with --python for the version on this machine.\n",
    )


def test_wheels_of_a_bundle_that_do_not_fit_are_told(clone: Clone) -> None:
    bundled(clone, OURS)
    clone.knob("broken")
    code, _, err = clone.run("build")
    assert (code, err) == (
        69,
        FEW + "ERROR: no index\n"
        "inv: cannot install requirements.build.lock from bundle/wheels. The message of pip is above; "
        "bundle/bundle.json lists the platforms that the wheels are for.\n",
    )


def test_the_launcher_passes_shellcheck() -> None:
    shellcheck = shutil.which("shellcheck", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert shellcheck, "shellcheck is one of the locked requirements, or a package of the distribution"
    done = subprocess.run([shellcheck, ROOT / "inv"], capture_output=True, text=True, check=False)
    assert done.stdout == ""


def wait_for(path: Path) -> None:
    """Wait until `path` is there, at most 20 s."""
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.02)
