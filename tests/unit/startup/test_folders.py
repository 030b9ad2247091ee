"""The folders that Orthanc writes to, and what to do when it cannot."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from startup import folders

OVERLAY = "1 0 0:1 / / rw - overlay overlay rw\n"
VOLUME = "2 1 8:1 /var/lib/docker/volumes/orthanc/_data {} rw - ext4 /dev/sda1 rw\n"
BIND = "3 1 8:1 /srv/my\\040images {} rw - ext4 /dev/sda1 rw\n"
TMPFS = "4 1 0:9 / {} rw - tmpfs tmpfs rw\n"
STORAGE = "/var/lib/orthanc/db"

Deny = Callable[[str], None]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A container with its storage folder."""
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / STORAGE[1:]).mkdir(parents=True)
    return tmp_path


@pytest.fixture
def deny(monkeypatch: pytest.MonkeyPatch) -> Deny:
    """Take the right to write from everybody, and be the user 999:999."""
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    monkeypatch.setattr(os, "getuid", lambda: 999)
    monkeypatch.setattr(os, "getgid", lambda: 999)
    return lambda _: None


def mounted(root: Path, *lines: str, at: str = STORAGE) -> str:
    (root / "proc/self/mountinfo").write_text("".join((OVERLAY, *lines)).replace("{}", at))
    return str(root)


def remedy(root: str, path: str = STORAGE) -> str:
    found = folders.unwritable("X", path, root)
    assert found is not None
    return found.remedy


def test_a_folder_that_can_be_written_is_no_problem(root: Path) -> None:
    assert folders.unwritable("X", STORAGE, str(root)) is None
    assert folders.unwritable("X", "/new/deep", str(root)) is None


def test_a_file_is_no_folder(root: Path) -> None:
    (root / "file").write_text("")
    assert str(folders.unwritable("X", "/file", str(root))) == (
        "X: /file is not a folder. Give the path of a folder."
    )


def test_no_folder_is_given_away_for_one_that_does_not_exist(root: Path, deny: Deny) -> None:
    owner = root.stat()
    assert str(folders.unwritable("X", "/nope", str(root))) == (
        f"X: the folder /nope does not exist, and cannot be made in /, which belongs to {owner.st_uid}:"
        f"{owner.st_gid} (mode {owner.st_mode & 0o7777:o}), by 999:999. Correct the path, or mount a volume"
        " there: docker run -v orthanc:/nope …"
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            VOLUME,
            "Run once: docker run --rm --user 0 --entrypoint chown -v orthanc:/var/lib/orthanc/db IMAGE -R"
            " 999:999 /var/lib/orthanc/db; or start once as root with ORTHANC_FIX_OWNERSHIP=true.",
        ),
        (
            BIND,
            "On the host, run: chown -R 999:999 /srv/my images; or start once as root with"
            " ORTHANC_FIX_OWNERSHIP=true.",
        ),
        (
            TMPFS,
            "Mount it as: docker run --tmpfs /var/lib/orthanc/db:uid=999,gid=999 …, or in a compose file"
            " tmpfs: /var/lib/orthanc/db:uid=999,gid=999.",
        ),
        (
            "",
            "Mount a volume or a folder there that 999:999 may write: docker run -v"
            " orthanc:/var/lib/orthanc/db …",
        ),
    ],
)
def test_the_remedy_is_the_command_for_this_mount(root: Path, deny: Deny, line: str, expected: str) -> None:
    assert remedy(mounted(root, line)) == expected


def test_a_mount_above_is_not_the_settings_own(root: Path, deny: Deny) -> None:
    assert "chown" not in remedy(mounted(root, BIND, at="/var/lib"))


def test_a_folder_of_the_system_is_never_given_away(root: Path, deny: Deny) -> None:
    expected = "/var/lib is a folder of the system: name one of its own, such as /var/lib/orthanc."
    assert remedy(mounted(root, VOLUME, at="/var/lib"), "/var/lib") == expected


def test_another_user_needs_group_0(root: Path, deny: Deny, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folders of the image belong to that group, and it may write them."""
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    owner = os.stat_result((0o40775, 0, 0, 1, 999, 0, 0, 0, 0, 0))
    assert folders.remedy(STORAGE, owner, str(root)) == (
        'Run with group 0: docker run --user 1000:0 …, or in a compose file user: "1000:0".'
    )


def test_a_read_only_container_needs_a_mount(root: Path, deny: Deny, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever owns the folder, nobody can write it."""
    monkeypatch.setattr(folders, "is_read_only", lambda _: True)
    assert str(folders.unwritable("X", STORAGE, str(root))) == (
        "X: the folder /var/lib/orthanc/db is in a file system that is read-only."
        " Mount a volume there: docker run -v orthanc:/var/lib/orthanc/db …"
    )


def test_the_disk_of_the_tests_can_be_written(root: Path) -> None:
    assert not folders.is_read_only(str(root))


def test_what_lies_in_the_container_itself_is_lost_with_it(root: Path) -> None:
    place = mounted(root, VOLUME)
    assert folders.lost([STORAGE], place) == []
    assert folders.lost(["/index", "/index"], place) == [
        "/index is in the container itself, and is deleted with it. To keep it, mount a volume:"
        " docker run -v orthanc:/index …"
    ]


def test_where_nothing_is_known_of_mounts_nothing_is_said(tmp_path: Path) -> None:
    assert folders.lost([STORAGE], str(tmp_path)) == []


class Given:
    """What is given to whom, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[tuple[object, ...]] = []
        monkeypatch.setattr(os, "getuid", lambda: 0)
        monkeypatch.setattr(os, "lchown", lambda path, *ids: self.done.append((path, *ids)))
        for name in ("setgroups", "setgid", "setuid"):
            monkeypatch.setattr(os, name, lambda value, name=name: self.done.append((name, value)))


def test_folders_are_given_to_the_user_who_then_takes_over(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Links are changed themselves, not what they lead to; a folder that is missing is made."""
    storage = root / STORAGE[1:]
    (storage / "a0").mkdir()
    (storage / "a0/link").symlink_to("/etc")
    given = Given(monkeypatch)
    assert folders.given([STORAGE, "/logs"], str(root)) == []
    assert given.done == [
        (f"{storage}/a0/link", 999, 999),
        (f"{storage}/a0", 999, 999),
        (str(storage), 999, 999),
        (f"{root}/logs", 999, 999),
        ("setgroups", []),
        ("setgid", 999),
        ("setuid", 999),
    ]


def test_what_another_user_left_in_a_folder_of_theirs_is_given_too(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root has run Orthanc on a volume that the image had made."""
    storage = root / STORAGE[1:]
    (storage / "a0/b1").mkdir(parents=True)
    owner = storage.stat().st_uid
    monkeypatch.setattr(folders, "USER", owner)
    assert folders.is_theirs(str(storage))
    real = os.lstat

    def lstat(path: str) -> os.stat_result:
        found = list(real(path))
        found[4] += path.endswith("/b1")
        return os.stat_result(found)

    monkeypatch.setattr(os, "lstat", lstat)
    assert not folders.is_theirs(str(storage))


def test_a_folder_that_is_theirs_stays_as_it_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So only the first start takes time."""
    given = Given(monkeypatch)
    monkeypatch.setattr(folders, "USER", (root / STORAGE[1:]).stat().st_uid)
    assert folders.given([STORAGE], str(root)) == []
    assert [name for name, *_ in given.done] == ["setgroups", "setgid", "setuid"]


def test_nothing_is_given_without_root(root: Path, deny: Deny) -> None:
    (found,) = folders.given([STORAGE], str(root))
    assert (found.fatal, str(found)) == (
        False,
        "ORTHANC_FIX_OWNERSHIP: it does nothing, since the container was not started as root."
        ' Start it with docker run --user 0:0 …, or user: "0:0" in a compose file.',
    )


def test_the_system_keeps_its_folders(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = Given(monkeypatch)
    (found,) = folders.given(["/var/lib"], str(root))
    assert str(found) == (
        "ORTHANC_FIX_OWNERSHIP: /var/lib is a folder of the system, and stays as it is."
        " Name a folder of its own for the storage."
    )
    assert given.done == []


def test_missing_rights_are_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, *_: int) -> None:
        raise PermissionError(1, "Operation not permitted", path)

    Given(monkeypatch)
    monkeypatch.setattr(os, "lchown", refuse)
    (found,) = folders.given([STORAGE], str(root))
    assert str(found) == (
        f"ORTHANC_FIX_OWNERSHIP: {root}{STORAGE} cannot be changed (operation not permitted). Add the"
        " capabilities: --cap-add CHOWN --cap-add DAC_READ_SEARCH --cap-add SETGID --cap-add SETUID."
    )


def test_a_folder_that_cannot_be_listed_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = PermissionError(13, "Permission denied", "/x")
    with pytest.raises(PermissionError):
        folders.refuse(error)
