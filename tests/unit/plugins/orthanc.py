"""What stands in for Orthanc's Python module: it keeps what it was given."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


class Orthanc:
    """The part of Orthanc's module that plugins use at their start; one on-change callback, as in Orthanc."""

    def __init__(self, **configuration: Any) -> None:
        self.configuration = configuration
        self.lines: list[str] = []
        self.page = ""
        self.changed: Callable[[int, int, str], None] | None = None

    def GetConfiguration(self) -> str:
        return json.dumps(self.configuration)

    def RegisterOnChangeCallback(self, callback: Callable[[int, int, str], None]) -> None:
        if self.changed is not None:
            raise ValueError("Can only register one Python on-changes callback")
        self.changed = callback

    def ExtendOrthancExplorer(self, script: str) -> None:
        self.page = script

    def LogInfo(self, line: str) -> None:
        self.lines.append(f"I {line}")

    def LogWarning(self, line: str) -> None:
        self.lines.append(f"W {line}")

    def LogError(self, line: str) -> None:
        self.lines.append(f"E {line}")
