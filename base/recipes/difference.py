"""Copy what one root file system has and an earlier one lacks: the content of an image's layer.

Usage: difference.py BEFORE AFTER LAYER

Owners, modes, times and links are kept. A file that AFTER no longer has is an error: layers only add, so
that nothing is shipped that is not seen.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import stat
import sys
from collections.abc import Iterator


def entries(root: str) -> Iterator[str]:
    """Yield the path below `root` of everything in it, folders before what they hold, in order of name."""
    for folder, folders, files in os.walk(root):
        folders.sort()
        below = os.path.relpath(folder, root)
        for name in sorted([*files, *folders]):
            yield os.path.normpath(os.path.join(below, name))


def same(before: str, after: str) -> bool:
    """Tell whether two paths hold the same thing: kind, mode, owner, and content or target.

    Times say nothing here: tidy gives the files that a step wrote the same one.
    """
    try:
        old, new = os.lstat(before), os.lstat(after)
    except FileNotFoundError:
        return False
    if (old.st_mode, old.st_uid, old.st_gid) != (new.st_mode, new.st_uid, new.st_gid):
        return False
    if stat.S_ISLNK(new.st_mode):
        return os.readlink(before) == os.readlink(after)
    if stat.S_ISREG(new.st_mode):
        return old.st_size == new.st_size and filecmp.cmp(before, after, shallow=False)
    return True


def copy(source: str, target: str, linked: dict[int, str]) -> None:
    """Copy one entry, without what a folder holds; regular files, folders and links are all there is.

    `linked` holds the first copy of each file that has several names, so that the layer has it once too.
    """
    state = os.lstat(source)
    if stat.S_ISREG(state.st_mode) and state.st_nlink > 1:
        first = linked.setdefault(state.st_ino, target)
        if first != target:
            os.link(first, target)
            return
    if stat.S_ISLNK(state.st_mode):
        os.symlink(os.readlink(source), target)
    elif stat.S_ISDIR(state.st_mode):
        os.mkdir(target)
    elif stat.S_ISREG(state.st_mode):
        shutil.copyfile(source, target)
    else:
        raise SystemExit(f"{source}: is neither a file, a folder nor a link. Take it out in tidy.")
    os.chown(target, state.st_uid, state.st_gid, follow_symlinks=False)
    if not stat.S_ISLNK(state.st_mode):
        os.chmod(target, stat.S_IMODE(state.st_mode))


def timed(source: str, target: str) -> None:
    """Give `target` the time of `source`; folders need it after they were filled."""
    moment = os.lstat(source).st_mtime_ns
    os.utime(target, ns=(moment, moment), follow_symlinks=False)


def main(before: str, after: str, layer: str) -> None:
    """Fill the folder `layer`, and refuse when something of `before` is gone."""
    gone = [path for path in entries(before) if not os.path.lexists(os.path.join(after, path))]
    if gone:
        raise SystemExit(
            "\n".join(f"{path}: is gone in this layer. Keep it, or leave it out below." for path in gone)
        )
    copied: set[str] = set()
    linked: dict[int, str] = {}
    os.makedirs(layer)
    for path in entries(after):
        if same(os.path.join(before, path), os.path.join(after, path)):
            continue
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            part = "/".join(parts[:depth])
            if part not in copied:
                copy(os.path.join(after, part), os.path.join(layer, part), linked)
                copied.add(part)
    for part in sorted(copied, reverse=True):
        timed(os.path.join(after, part), os.path.join(layer, part))
    timed(after, layer)


if __name__ == "__main__":
    main(*sys.argv[1:])
