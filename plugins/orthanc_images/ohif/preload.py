"""Computing what OHIF wants to know of each instance as it arrives, in a thread beside Orthanc's own."""

from __future__ import annotations

import queue
import threading

from orthanc_images.api import Api
from orthanc_images.ohif import study

LONGEST = 10_000
"""So many instances wait at most; what comes then is computed when it is asked for."""

PATIENCE = 5.0
"""Seconds that the end of Orthanc waits for the instance at hand."""


class Preload:
    """The thread, and the instances that wait for it."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._waiting: queue.Queue[str | None] = queue.Queue(LONGEST)
        self._thread = threading.Thread(target=self._work, name="ohif-preload", daemon=True)
        self._begun = False

    def changed(self, change: int, _: int, resource: str) -> None:
        """Begin with Orthanc, take each new instance, and end with Orthanc."""
        kinds = self._api.module.ChangeType
        if change == kinds.ORTHANC_STARTED:
            self._begun = True
            self._thread.start()
        elif change == kinds.NEW_INSTANCE and not self._waiting.full():
            self._waiting.put(resource)
        elif change == kinds.ORTHANC_STOPPED and self._begun:
            self.end()

    def end(self) -> None:
        """Let the thread end after what it does now."""
        while not self._waiting.empty():
            self._waiting.get()
        self._waiting.put(None)
        self._thread.join(PATIENCE)

    def _work(self) -> None:
        while (instance := self._waiting.get()) is not None:
            try:
                study.kept(self._api.module, instance)
            except Exception as error:
                self._api.info(f"OHIF: nothing was prepared for instance {instance}: {error}")
