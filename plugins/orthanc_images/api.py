"""Orthanc's Python module as several plugins share it: with each other, and with the user's own script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Change = Callable[[int, int, str], None]
"""Called with the type of a change, the level of the resource, and its Orthanc identifier."""


class Api:
    """Orthanc's Python module; what it can register only once can be registered by each plugin here.

    The same holds for the module itself, so that the user's script need not know that it is not alone.
    """

    def __init__(self, module: Any) -> None:
        self.module = module
        self._changes: list[Change] = []
        self._pages: list[str] = []
        self._listen = module.RegisterOnChangeCallback
        self._extend = module.ExtendOrthancExplorer
        module.RegisterOnChangeCallback = self.on_change
        module.ExtendOrthancExplorer = self.extend_explorer

    def on_change(self, callback: Change) -> None:
        """Call `callback` for each change, beside those that others gave."""
        if not self._changes:
            self._listen(self._changed)
        self._changes.append(callback)

    def _changed(self, change: int, level: int, resource: str) -> None:
        """Call every callback, also after one that failed; Orthanc logs the last failure."""
        failure: Exception | None = None
        for callback in self._changes:
            try:
                callback(change, level, resource)
            except Exception as error:
                if failure is not None:
                    self.error(f"a callback for changes failed: {failure!r}")
                failure = error
        if failure is not None:
            raise failure

    def extend_explorer(self, script: str) -> None:
        """Add JavaScript to the pages of Orthanc Explorer, after that of others."""
        self._pages.append(script)
        self._extend("\n".join(self._pages))

    def info(self, line: str) -> None:
        """Write an INFO line to Orthanc's log."""
        self.module.LogInfo(line)

    def warning(self, line: str) -> None:
        """Write a WARNING line to Orthanc's log."""
        self.module.LogWarning(line)

    def error(self, line: str) -> None:
        """Write an ERROR line to Orthanc's log."""
        self.module.LogError(line)
