"""What a start imports: import time is start-up time."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.startup.image import Image

BASE = Path(__file__).parents[3] / "base"

HEAVY = (
    "argparse",
    "collections",
    "dataclasses",
    "difflib",
    "enum",
    "functools",
    "http",
    "inspect",
    "json",
    "logging",
    "pathlib",
    "re",
    "shlex",
    "signal",
    "socket",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "typing",
    "urllib",
)

PROGRAM = """
import sys
sys.path.insert(0, {base!r})
from startup import main
def executed(*_):
    print(*sorted(sys.modules))
code = main.start([], {environment!r}, {root!r}, executed)
sys.exit(code)
"""


def modules(image: Image, environment: dict[str, str]) -> set[str]:
    """The modules that a start in a bare interpreter has imported when it becomes Orthanc."""
    program = PROGRAM.format(base=str(BASE), environment=environment, root=image.root)
    result = subprocess.run(
        [sys.executable, "-IS", "-c", program], check=True, capture_output=True, text=True
    )
    assert result.stderr.count("\n") == 2
    return set(result.stdout.split())


TYPICAL = {
    "ORTHANC_PASSWORD": "p",
    "ORTHANC__NAME": "n",
    "ORTHANC__POSTGRESQL__HOST": "db",
    "ORTHANC__POSTGRESQL__PASSWORD": "p",
    "ORTHANC__DICOM_MODALITIES": '{"a": ["A", "h", 104]}',
    "DICOM_WEB_PLUGIN_ENABLED": "true",
    "VERBOSE_ENABLED": "true",
    "PATH": "/usr/bin",
    "LANG": "C.UTF-8",
    "HOSTNAME": "x",
}


def test_a_start_imports_nothing_heavy(image: Image) -> None:
    """A typical configuration of ten variables and one file needs none of these modules."""
    image.file("/etc/orthanc/a.json", '{"StableAge": 30, /* yes */ "DicomWeb": {"Root": "/${X:-dw}/"}}')
    assert modules(image, TYPICAL) & {*HEAVY} == set()


def test_a_start_imports_no_command(image: Image) -> None:
    """What only people need is not imported."""
    found = {name for name in modules(image, TYPICAL) if name.startswith("startup.")}
    assert not found & {
        "startup.cli",
        "startup.defaults",
        "startup.explain",
        "startup.listing",
        "startup.translate",
        "startup.mask",
        "startup.object_stores",
    }


ORDER = (
    "errors",
    "log",
    "jsonc",
    "substitute",
    "suggest",
    "catalogue",
    "names",
    "convert",
    "merge",
    "special",
    "plugins",
    "bundled_plugins",
    "sources",
    "unknown_variables",
    "folders",
    "ports",
    "configured",
    "write",
    "authorization",
    "layout",
    "values",
    "access",
    "validate",
    "odbc",
    "object_stores",
    "new_index",
    "loader",
    "hostid",
    "launch",
    "configuration",
    "heading",
    "script",
    "mask",
    "defaults",
    "explain",
    "listing",
    "translate",
    "migration",
    "connecting",
    "cli",
    "main",
)


@pytest.mark.parametrize("name", ORDER)
def test_modules_import_in_one_direction(name: str) -> None:
    """Each module imports only from those before it; ``main`` alone knows the command."""
    import ast

    tree = ast.parse((BASE / "startup" / f"{name}.py").read_text())
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "startup":
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("startup."):
            imported.add((node.module or "").removeprefix("startup."))
    assert imported <= set(ORDER[: ORDER.index(name)])


def test_the_order_knows_every_module() -> None:
    """No module is left out of the order."""
    assert sorted(ORDER) == sorted(
        path.stem for path in (BASE / "startup").glob("*.py") if path.stem != "__init__"
    )
