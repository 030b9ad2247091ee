"""The folders that Orthanc writes to: what is mounted there, whether it can write, and what to do if not."""

import os

from startup.errors import Finding, problem, warning

MOUNTS = "/proc/self/mountinfo"
USER = GROUP = 999
"""The user of the images."""
FIX = "ORTHANC_FIX_OWNERSHIP"
RIGHTS = ("CHOWN", "DAC_READ_SEARCH", "SETGID", "SETUID")

LAYERED = ("overlay", "fuse-overlayfs", "btrfs", "zfs")
"""The file systems that engines make containers of."""
SYSTEM = (
    *("/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/media", "/mnt", "/opt", "/proc", "/root"),
    *("/run", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/var", "/var/cache", "/var/lib", "/var/log"),
)
"""Folders that are never given to another user, nor is a remedy to do so ever shown."""


class Mount:
    """What is mounted at a folder: the kind of file system, and the folder of that file system."""

    __slots__ = ("kind", "point", "source")

    def __init__(self, point: str, kind: str, source: str) -> None:
        self.point = point
        self.kind = kind
        self.source = source

    @property
    def volume(self) -> str:
        """The name of the Docker or Podman volume; empty when it is none."""
        above, _, last = self.source.rpartition("/")
        folder, _, name = above.rpartition("/")
        return name if last == "_data" and folder.endswith("/volumes") else ""


def mounts(root: str) -> list[Mount]:
    """Return what is mounted in this container, from proc_pid_mountinfo(5); nothing where that is unknown."""
    try:
        with open(root + MOUNTS, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        before, _, after = line.partition(" - ")
        words = before.split(" ")
        found.append(Mount(plain(words[4]), after.partition(" ")[0], plain(words[3])))
    return found


def plain(word: str) -> str:
    """Return a path of mountinfo with its octal escapes replaced."""
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        word = word.replace(code, character)
    return word


def mount(path: str, root: str) -> Mount | None:
    """Return the mount that a path lies in, the nearest one above it; None where that is unknown."""
    inside = [one for one in mounts(root) if one.point == "/" or f"{path}/".startswith(f"{one.point}/")]
    return max(inside, key=lambda one: len(one.point), default=None)


def lost(paths: list[str], root: str) -> list[str]:
    """Return a line for each of these folders that lies in the container itself, and is deleted with it."""
    lines = []
    for path in dict.fromkeys(paths):
        here = mount(path, root)
        if here is not None and here.point == "/" and here.kind in LAYERED:
            lines.append(
                f"{path} is in the container itself, and is deleted with it. To keep it, mount a volume:"
                f" docker run -v orthanc:{path} …"
            )
    return lines


def unwritable(where: str, path: str, root: str) -> Finding | None:
    """Return the problem of a folder that the current user can neither write nor make; None when it can."""
    existing = nearest(path, root)
    real = root + existing
    if os.path.exists(real) and not os.path.isdir(real):
        return problem(where, f"{existing} is not a folder", "Give the path of a folder.")
    if os.access(real, os.W_OK | os.X_OK):
        return None
    if is_read_only(real):
        how = f"Mount a volume there: docker run -v orthanc:{path} …"
        return problem(where, f"the folder {path} is in a file system that is read-only", how)
    if existing != path.rstrip("/"):
        return absent(where, path, existing, root)
    return foreign(where, f"the folder {path}", real, path, root)


def nearest(path: str, root: str) -> str:
    """Return the folder, or the nearest one above it that exists."""
    path = path.rstrip("/") or "/"
    while path != "/" and not os.path.exists(root + path):
        path = os.path.dirname(path)
    return path


def absent(where: str, path: str, above: str, root: str) -> Finding:
    """Return the problem of a folder that does not exist and that the current user cannot make."""
    owner = os.stat(root + above)
    what = (
        f"the folder {path} does not exist, and cannot be made in {above}, which belongs to"
        f" {owner.st_uid}:{owner.st_gid} (mode {owner.st_mode & 0o7777:o}), by {identity()}"
    )
    return problem(where, what, f"Correct the path, or mount a volume there: docker run -v orthanc:{path} …")


def identity() -> str:
    """Return the current user and group, such as 999:999."""
    return f"{os.getuid()}:{os.getgid()}"


def foreign(where: str, what: str, real: str, folder: str, root: str) -> Finding:
    """Return the problem of a file or folder of another user, with its owner and the current user."""
    owner = os.stat(real)
    belongs = f"it belongs to {owner.st_uid}:{owner.st_gid} (mode {owner.st_mode & 0o7777:o})"
    return problem(
        where,
        f"{what} cannot be written: {belongs}, and Orthanc runs as {identity()}",
        remedy(folder, owner, root),
    )


def is_read_only(real: str) -> bool:
    """Tell whether a folder lies in a file system that nobody can write."""
    return bool(os.statvfs(real).f_flag & os.ST_RDONLY)


def remedy(folder: str, owner: os.stat_result, root: str) -> str:
    """Return the command or the line to write for a folder that belongs to another user."""
    user = identity()
    if os.getgid() != 0 and os.getuid() != USER and owner.st_gid == 0 and owner.st_mode & 0o020:
        mine = f"{os.getuid()}:0"
        return f'Run with group 0: docker run --user {mine} …, or in a compose file user: "{mine}".'
    here = mount(folder, root)
    if here is not None and here.kind == "tmpfs" and here.point == folder:
        owned = f"uid={os.getuid()},gid={os.getgid()}"
        entry = f"{folder}:{owned}"
        return f"Mount it as: docker run --tmpfs {entry} …, or in a compose file tmpfs: {entry}."
    if folder in SYSTEM or folder == "/":
        own = f"{folder.rstrip('/')}/orthanc"
        return f"{folder} is a folder of the system: name one of its own, such as {own}."
    if here is None or here.point != folder:
        return f"Mount a volume or a folder there that {user} may write: docker run -v orthanc:{folder} …"
    if here.volume:
        chown = f"--entrypoint chown -v {here.volume}:{folder} IMAGE -R {user} {folder}"
        return f"Run once: docker run --rm --user 0 {chown}; or start once as root with {FIX}=true."
    return f"On the host, run: chown -R {user} {here.source}; or start once as root with {FIX}=true."


def given(paths: list[str], root: str) -> list[Finding]:
    """Give folders to the user of the images, and go on as that user; return what is wrong.

    A folder that belongs to that user already is left as it is, so only the first start takes time. Links
    are never followed.
    """
    if os.getuid() != 0:
        what = "it does nothing, since the container was not started as root"
        return [
            warning(FIX, what, 'Start it with docker run --user 0:0 …, or user: "0:0" in a compose file.')
        ]
    try:
        for path in dict.fromkeys(paths):
            if path in SYSTEM or path == "/":
                what = f"{path} is a folder of the system, and stays as it is"
                return [problem(FIX, what, "Name a folder of its own for the storage.")]
            give(root + path)
        os.setgroups([])
        os.setgid(GROUP)
        os.setuid(USER)
    except OSError as error:
        what = f"{error.filename or 'the user'} cannot be changed ({(error.strerror or '').lower()})"
        rights = " ".join(f"--cap-add {name}" for name in RIGHTS)
        return [problem(FIX, what, f"Add the capabilities: {rights}.")]
    return []


def give(real: str) -> None:
    """Give a folder and all that is in it to the user of the images, unless it is theirs already."""
    os.makedirs(real, exist_ok=True)
    if is_theirs(real):
        return
    for folder, below, names in os.walk(real, topdown=False, onerror=refuse):
        links = [name for name in below if os.path.islink(f"{folder}/{name}")]
        for name in (*links, *names):
            os.lchown(f"{folder}/{name}", USER, GROUP)
        os.lchown(folder, USER, GROUP)


def is_theirs(real: str, depth: int = 2) -> bool:
    """Tell whether a folder and what is in it, two levels deep, belongs to the user of the images.

    Orthanc keeps files three levels deep; whoever wrote one has mostly made a folder above it too.
    """
    if os.lstat(real).st_uid != USER:
        return False
    if not depth or os.path.islink(real) or not os.path.isdir(real):
        return True
    return all(is_theirs(f"{real}/{name}", depth - 1) for name in os.listdir(real))


def refuse(error: OSError) -> None:
    """Raise what os.walk would pass over."""
    raise error
