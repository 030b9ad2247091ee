"""The ``config`` command: the same configuration as at the start, for people."""

import os
import sys

from startup import catalogue, configuration, launch, log, write
from startup.errors import EXIT_CONFIGURATION, EXIT_OK, EXIT_USAGE, problems
from startup.sources import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def run(arguments: list[str], environment: "Mapping[str, str]", root: str) -> int:
    """The exit code of ``config`` with these arguments."""
    if arguments not in (["check"], ["write"]):
        return EXIT_USAGE
    found = configuration.configuration(World(environment, root), catalogue.load())
    findings = found.findings + launch.checked(environment, root)
    for line in log.lines(findings):
        sys.stderr.write(f"{line}\n")
    if problems(findings):
        return EXIT_CONFIGURATION
    if arguments == ["write"]:
        write.written(root, write.text(found.tree))
    return EXIT_OK


def main() -> int:
    """The exit code of the command."""
    return run(sys.argv[1:], os.environ, "")
