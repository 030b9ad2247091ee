"""plugins/native/build.sh says what it is called wrongly with; what it makes is looked at in the image."""

import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parents[3] / "plugins" / "native" / "build.sh"


def call(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the script."""
    return subprocess.run(["sh", SCRIPT, *arguments], capture_output=True, text=True, check=False)


def test_table_must_be_there(tmp_path: Path) -> None:
    """Nothing is compiled without it."""
    result = call(tmp_path, "/nowhere/plugins.table")
    assert (result.returncode, result.stderr) == (
        1,
        "build.sh: /nowhere/plugins.table: it cannot be read. Name the table of plugins.\n",
    )
    usage = "two arguments are expected, the folder to write to and the table of plugins"
    assert call(tmp_path).stderr == f"build.sh: {usage}. Call it as: build.sh OUT TABLE\n"
