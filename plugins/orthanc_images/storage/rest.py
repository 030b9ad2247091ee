"""Orthanc's own REST API, as seen from inside Orthanc."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from orthanc_images.api import Api
from orthanc_images.storage.keys import Attachment

LEVELS = {"Instances": "instances", "Series": "series", "Studies": "studies", "Patients": "patients"}
"""The levels of resources, as jobs name them and as addresses do, in the order in which to look for one."""


class UnknownError(Exception):
    """Orthanc has no such resource."""


class Rest(NamedTuple):
    """The API of the Orthanc around us."""

    api: Api

    def get(self, path: str) -> Any:
        """Return what Orthanc answers to GET.

        Raises:
            UnknownError: there is no such resource.
        """
        module = self.api.module
        try:
            return json.loads(module.RestApiGet(path))
        except module.OrthancException as error:
            if error.args[0] in (module.ErrorCode.UNKNOWN_RESOURCE, module.ErrorCode.INEXISTENT_ITEM):
                raise UnknownError(path) from error
            raise

    def level(self, resource: str) -> str:
        """Return the level of a resource, as jobs name it.

        Raises:
            UnknownError: it is on none.
        """
        for level, folder in LEVELS.items():
            try:
                self.get(f"/{folder}/{resource}")
            except UnknownError:
                continue
            return level
        raise UnknownError(resource)

    def instances(self, level: str, resource: str) -> list[str]:
        """Return the identifiers of the instances of a resource."""
        if level == "Instances":
            return [resource]
        found = self.get(f"/{LEVELS[level]}/{resource}/instances?expand=false")
        return [item["ID"] if isinstance(item, dict) else item for item in found]

    def attachments(self, instance: str) -> list[Attachment]:
        """Return the attachments of an instance.

        Raises:
            UnknownError: there is no such instance, or no longer.
        """
        numbers = self.get(f"/instances/{instance}/attachments?full").values()
        return [Attachment(self._uuid(instance, int(number)), int(number)) for number in numbers]

    def _uuid(self, instance: str, number: int) -> str:
        found: str = self.get(f"/instances/{instance}/attachments/{number}/info")["Uuid"]
        return found
