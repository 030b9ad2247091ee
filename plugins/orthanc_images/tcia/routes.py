"""What Tcia answers: its page, what the service says, and orders to import series."""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from orthanc_images.api import Api
from orthanc_images.native import Native
from orthanc_images.request import (
    FAILED,
    GATEWAY,
    NOT_FOUND,
    RefusedError,
    answered,
    flag,
    read,
    refuse,
    urgency,
)
from orthanc_images.site import Output, Site
from orthanc_images.tcia.cart import ordered
from orthanc_images.tcia.jobs import Importer
from orthanc_images.tcia.service import ArchiveService, ServiceAnswer, ServiceError

CACHE = 64 << 20
"""The most that kept answers of the service may have, in bytes; the ones asked for longest ago go first."""

PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
"""What the proxy asks the service for: nothing beside or above the service's address."""

PAGE = "/tcia/app/(.*)"
PROXY = "/tcia/proxy/(.*)"
CLEAR = "/tcia/clear-cache"
IMPORT = "/tcia/import"


class Routes:
    """The handlers of requests, as Orthanc's Python module hands them over."""

    def __init__(
        self, api: Api, site: Site, service: ArchiveService, importer: Importer, native: Native
    ) -> None:
        self._api, self._site, self._service = api, site, service
        self._importer, self._native = importer, native
        self._cache = Cache()

    def register(self) -> None:
        """Have Orthanc call them."""
        module = self._api.module
        module.RegisterRestCallback(PAGE, self.page)
        module.RegisterRestCallback(PROXY, self.proxy)
        module.RegisterRestCallback(CLEAR, self.clear)
        module.RegisterRestCallback(IMPORT, self.order)

    def page(self, output: Output, _: str, **request: Any) -> None:
        """Answer with a file of the page."""
        self._site.send(output, self._site.file(request["groups"][0]), request)

    def proxy(self, output: Output, uri: str, **request: Any) -> None:
        """Answer with what the service answers, which is kept."""
        if request["method"] != "GET":
            output.SendMethodNotAllowed("GET")
            return
        try:
            found = self._proxied(request["groups"][0], request["get"])
        except RefusedError as error:
            self._api.warning(f"Tcia: {error}")
            refuse(output, uri, error, "GET")
        else:
            output.AnswerBuffer(found.body, found.mime)

    def _proxied(self, path: str, arguments: Mapping[str, str]) -> ServiceAnswer:
        """Return what the service answers.

        Orthanc splits the query after decoding it, so that a value with '&' can come encoded twice only.
        """
        if not PATH.fullmatch(path):
            raise RefusedError(NOT_FOUND, f"{path!r} is not the path of a call of the service")
        address = self._service.address(path, {name: unquote(value) for name, value in arguments.items()})
        found = self._cache.found(address)
        if found is None:
            try:
                found = self._service.answer(address)
            except ServiceError as error:
                status = NOT_FOUND if error.status == NOT_FOUND else GATEWAY
                raise RefusedError(status, str(error)) from error
            self._cache.keep(address, found)
        return found

    def clear(self, output: Output, _: str, **request: Any) -> None:
        """Forget what the service answered."""
        if request["method"] != "POST":
            output.SendMethodNotAllowed("POST")
            return
        self._cache.clear()
        output.AnswerBuffer(b"", "text/plain")

    def order(self, output: Output, uri: str, **request: Any) -> None:
        """Import the series of a request."""
        if request["method"] != "POST":
            output.SendMethodNotAllowed("POST")
            return
        try:
            answer = json.dumps(self._ordered(read(request["body"])), indent=1)
        except RefusedError as error:
            refuse(output, uri, error)
        except Exception as error:  # a traceback is no answer
            self._api.error(f"{uri}: {error!r}")
            refuse(output, uri, RefusedError(FAILED, "Orthanc's log says why"))
        else:
            output.AnswerBuffer(answer.encode(), "application/json")

    def _ordered(self, found: Mapping[str, Any]) -> dict[str, Any]:
        series = ordered(found.get("Type"), found.get("Content"))
        asked, permissive = urgency(found), flag(found, "Permissive", False)
        number = self._importer.add(series, permissive=permissive)
        identifier = self._native.submit(number, asked.priority)
        return answered(self._api.module, identifier, wait=asked.wait)


class Cache:
    """Answers of the service by their addresses, up to a size."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, ServiceAnswer] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def found(self, address: str) -> ServiceAnswer | None:
        """Return the answer at an address; None when it is not kept."""
        with self._lock:
            if address in self._answers:
                self._answers.move_to_end(address)
            return self._answers.get(address)

    def keep(self, address: str, answer: ServiceAnswer) -> None:
        """Keep an answer, and forget others if need be."""
        with self._lock:
            before = self._answers.pop(address, None)
            self._size += len(answer.body) - (len(before.body) if before else 0)
            self._answers[address] = answer
            while self._size > CACHE:
                _, gone = self._answers.popitem(last=False)
                self._size -= len(gone.body)

    def clear(self) -> None:
        """Forget all answers."""
        with self._lock:
            self._answers.clear()
            self._size = 0
