"""The names of files, as the official plugins have them; written out by hand."""

import pytest

from orthanc_images.storage.keys import LEGACY, Attachment, Keys

UUID = "3fa1c0de-0b1c-4d2e-8f3a-5b6c7d8e9f00"


@pytest.mark.parametrize(
    ("kind", "ending"),
    [(1, ".dcm"), (2, ".json"), (3, ".dcm.head"), (0, ".unk"), (4, ".unk"), (1024, ".unk"), (65535, ".unk")],
)
def test_the_ending_tells_the_type(kind: int, ending: str) -> None:
    attachment = Attachment(UUID, kind)
    assert Keys().key(attachment) == UUID + ending
    assert Keys(encrypted=True).key(attachment) == UUID + ending + ".enc"
    assert Keys(structure=LEGACY).key(attachment) == f"3f/a1/{UUID}"
    assert Keys(structure=LEGACY, encrypted=True).key(attachment) == f"3f/a1/{UUID}"


@pytest.mark.parametrize("root", ["hospital/ct", "hospital/ct/"])
def test_one_slash_stands_between_root_and_name(root: str) -> None:
    assert Keys(root).key(Attachment(UUID, 1)) == f"hospital/ct/{UUID}.dcm"
    assert Keys(root, LEGACY).key(Attachment(UUID, 1)) == f"hospital/ct/3f/a1/{UUID}"


def test_old_headers_are_found_under_their_old_name_too() -> None:
    """Only headers have two names, and only in the flat structure."""
    keys = Keys("r", encrypted=True, legacy_unknown=True)
    assert keys.all(Attachment(UUID, 3)) == (f"r/{UUID}.dcm.head.enc", f"r/{UUID}.unk.enc")
    assert keys.all(Attachment(UUID, 1)) == (f"r/{UUID}.dcm.enc",)
    legacy = keys._replace(structure=LEGACY)
    assert legacy.all(Attachment(UUID, 3)) == (f"r/3f/a1/{UUID}",)
    assert Keys().all(Attachment(UUID, 3)) == (f"{UUID}.dcm.head",)
