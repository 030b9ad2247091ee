"""Whether the libraries that users add can be loaded, as the dynamic loader itself sees it.

Only the users' own are tried: those of the image were tried when it was made. It costs 7 ms for each.
"""

import os

from startup.errors import Finding, problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LOADERS = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")


def refusal(library: str, environment: "Mapping[str, str]") -> str:
    """Why the dynamic loader refuses a library, or nothing when it does not."""
    loader = next((path for path in LOADERS if os.path.exists(path)), None)
    if loader is None:
        return ""
    readable, writable = os.pipe()
    quiet = os.open(os.devnull, os.O_WRONLY)
    actions = [(os.POSIX_SPAWN_DUP2, quiet, 1), (os.POSIX_SPAWN_DUP2, writable, 2)]
    child = os.posix_spawn(loader, [loader, "--list", library], environment, file_actions=actions)
    os.close(writable)
    os.close(quiet)
    with os.fdopen(readable, encoding="utf-8", errors="replace") as file:
        said = file.read()
    os.waitpid(child, 0)
    return reason(said, library)


def reason(said: str, library: str) -> str:
    """The first complaint of the loader, without the name of the library."""
    line = said.strip().partition("\n")[0]
    line = line.removeprefix(f"{library}: ").removeprefix("error while loading shared libraries: ")
    return line.removeprefix(f"{library}: ")


def findings(libraries: list[str], root: str, environment: "Mapping[str, str]") -> list[Finding]:
    """The problems of the users' libraries that cannot be loaded."""
    found = []
    for library in libraries:
        why = refusal(root + library, environment)
        if why:
            what = f"the library cannot be loaded ({why})"
            how = "Install what it needs in an image derived from this one, or remove it."
            found.append(problem(library, what, how))
    return found
