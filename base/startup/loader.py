"""Whether the libraries to load can be loaded, as the dynamic loader itself sees it.

To ask the loader costs 7 ms for each library. So it is asked about the users' own, and about those of the
image that need something which is not on its list; to look that up takes a fraction of a millisecond.
"""

import os

from startup.errors import Finding, problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LOADERS = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")
CACHE = "/etc/ld.so.cache"

ELF64_LITTLE = b"\x7fELF\x02\x01"
LOAD, DYNAMIC = 1, 2
NEEDED, STRINGS = 1, 5
LONGEST = 255


def number(data: bytes, at: int, length: int = 8) -> int:
    """Return the number of this length at this place."""
    return int.from_bytes(data[at : at + length], "little")


def needed(library: int) -> list[bytes]:
    """Return the libraries that a library, an open file, needs; none when it is not a 64-bit ELF file.

    The layout is that of the System V ABI, chapters 4 and 5.
    """
    head = os.pread(library, 64, 0)
    size, count = number(head, 54, 2), number(head, 56, 2)
    if head[:6] != ELF64_LITTLE or not size:
        return []
    table = os.pread(library, size * count, number(head, 32))
    segments = [table[at : at + size] for at in range(0, len(table), size)]
    tags = [
        tag for segment in segments if number(segment, 0, 4) == DYNAMIC for tag in entries(library, segment)
    ]
    strings = sum(offset(value, segments) for tag, value in tags if tag == STRINGS)
    return [text(library, strings + value) for tag, value in tags if tag == NEEDED]


def entries(library: int, segment: bytes) -> list[tuple[int, int]]:
    """Return the tags and values of the dynamic segment."""
    data = os.pread(library, number(segment, 32), number(segment, 8))
    return [(number(data, at), number(data, at + 8)) for at in range(0, len(data), 16)]


def offset(address: int, segments: list[bytes]) -> int:
    """Return the place in the file of an address in memory."""
    for segment in segments:
        begin = number(segment, 16)
        if number(segment, 0, 4) == LOAD and begin <= address < begin + number(segment, 32):
            return address - begin + number(segment, 8)
    return 0


def text(library: int, at: int) -> bytes:
    """Return the text at a place, up to the zero that ends it."""
    return os.pread(library, LONGEST, at).partition(b"\0")[0]


def suspicious(libraries: list[str]) -> list[str]:
    """Return the libraries that need something which the loader's list does not have."""
    try:
        with open(CACHE, "rb") as file:
            cache = file.read()
    except OSError:
        return libraries
    found = []
    for library in libraries:
        with open(library, "rb") as file:
            names = needed(file.fileno())
        if not all(b"/" + name + b"\0" in cache for name in names):
            found.append(library)
    return found


def refusal(library: str, environment: "Mapping[str, str]") -> str:
    """Return why the dynamic loader refuses a library, or nothing when it does not."""
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
    """Return the first complaint of the loader, without the name of the library."""
    line = said.strip().partition("\n")[0]
    line = line.removeprefix(f"{library}: ").removeprefix("error while loading shared libraries: ")
    return line.removeprefix(f"{library}: ")


def findings(own: list[str], others: list[str], root: str, environment: "Mapping[str, str]") -> list[Finding]:
    """Return the problems of libraries that cannot be loaded: the users' own, and others of the image."""
    found = []
    doubtful = [path.removeprefix(root) for path in suspicious([root + path for path in others])]
    for library in [*own, *doubtful]:
        why = refusal(root + library, environment)
        if why:
            what = f"the library cannot be loaded ({why})"
            how = "Install what it needs in an image derived from this one, or remove it."
            found.append(problem(library, what, how))
    return found
