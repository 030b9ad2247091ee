"""plugins/native/build.sh compiles a library for each plugin of the table that has a native part."""

import os
import subprocess
from pathlib import Path

import pytest

from startup import plugins

SCRIPT = Path(__file__).parents[3] / "plugins" / "native" / "build.sh"

COMPILER = """\
#!/bin/sh
for word; do
    case $word in
    -DNAME=*) name=$word ;;
    */lib*.so) library=$word ;;
    esac
done
echo "$name" >"$library"
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    """The search path with a stand-in for the compiler, which writes the plugin's name as the library."""
    compiler = tmp_path / "bin" / "gcc"
    compiler.parent.mkdir()
    compiler.write_text(COMPILER)
    compiler.chmod(0o755)
    return f"{compiler.parent}:{os.environ['PATH']}"


def call(path: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the script."""
    line = ["sh", SCRIPT, *arguments]
    return subprocess.run(line, env={"PATH": path}, capture_output=True, text=True, check=False)


def test_native_parts_are_those_of_the_table(path: str, tmp_path: Path) -> None:
    """Each has the name of its plugin, and knows the one that Orthanc lists."""
    out = tmp_path / "out"
    result = call(path, out, plugins.TABLE)
    assert (result.returncode, result.stderr) == (0, "")
    made = {file.name: file.read_text() for file in out.iterdir()}
    assert made == {
        f"libOrthanc{plugin.name}.so": f'-DNAME="{plugin.native}"\n'
        for plugin in plugins.PLUGINS
        if plugin.native
    }
    assert len(made) == 3


def test_table_must_be_there(path: str, tmp_path: Path) -> None:
    """Nothing is compiled without it."""
    result = call(path, tmp_path, "/nowhere/plugins.table")
    assert (result.returncode, result.stderr) == (
        1,
        "build.sh: /nowhere/plugins.table: it cannot be read. Name the table of plugins.\n",
    )
    usage = "two arguments are expected, the folder to write to and the table of plugins"
    assert call(path, tmp_path).stderr == f"build.sh: {usage}. Call it as: build.sh OUT TABLE\n"
