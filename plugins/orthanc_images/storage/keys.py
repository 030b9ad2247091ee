"""The names of files in the stores: those of the official plugins, so that both find each other's files."""

from __future__ import annotations

from typing import NamedTuple

DICOM, SUMMARY, HEADER = 1, 2, 3

_ENDINGS = {DICOM: ".dcm", SUMMARY: ".json", HEADER: ".dcm.head"}
_OTHER = ".unk"
_ENCRYPTED = ".enc"

FLAT, LEGACY = "flat", "legacy"


class Attachment(NamedTuple):
    """One file of Orthanc: its identifier, and its content type as Orthanc numbers it."""

    uuid: str
    type: int


class Keys(NamedTuple):
    """How files are named: what all names begin with, the structure, and whether files are encrypted."""

    root: str = ""
    structure: str = FLAT
    encrypted: bool = False
    legacy_unknown: bool = False

    def key(self, attachment: Attachment) -> str:
        """Return the name under which the file is written."""
        return self._named(attachment.uuid, _ENDINGS.get(attachment.type, _OTHER))

    def all(self, attachment: Attachment) -> tuple[str, ...]:
        """Return the names under which the file may lie, in the order in which to look for it.

        Headers that the official plugin 1.2.0 wrote with Orthanc 1.9.3 are named as files of an unknown type.
        """
        written = self.key(attachment)
        if not self.legacy_unknown or attachment.type != HEADER or self.structure == LEGACY:
            return (written,)
        return (written, self._named(attachment.uuid, _OTHER))

    def _named(self, uuid: str, ending: str) -> str:
        if self.structure == LEGACY:
            name = f"{uuid[:2]}/{uuid[2:4]}/{uuid}"
        else:
            name = uuid + ending + (_ENCRYPTED if self.encrypted else "")
        return f"{self.root.rstrip('/')}/{name}" if self.root else name
