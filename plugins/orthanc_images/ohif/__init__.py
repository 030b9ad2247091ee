"""OHIF: the viewer's page below /ohif, its settings, what it reads of a study, and its buttons."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from orthanc_images.api import Api
from orthanc_images.ohif import media, options, settings, study
from orthanc_images.ohif.preload import Preload
from orthanc_images.site import HOME, PAGES, Output, Site, buttons, entrance, page

PAGE, SETTINGS = "index.html", "app-config.js"

MODES = ("viewer", "tmtv", "segmentation", "microscopy")
"""What OHIF can open a study as: paths of which its page itself makes something."""

ISOLATED = {
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""With these a browser lets the page share memory between its threads (SharedArrayBuffer)."""


def start(api: Api, configuration: Mapping[str, Any], _: str, home: Path = HOME, pages: Path = PAGES) -> None:
    """Serve OHIF as `OHIF` says.

    Raises:
        PluginError: when a setting is wrong, or the image has no OHIF.
    """
    chosen = options.read(configuration)
    site, root = Site("ohif", ISOLATED, home), entrance("OHIF")
    script = page(settings.text(chosen), "text/javascript")

    def enter(output: Output, _: str, **request: Any) -> None:
        site.send(output, root, request)

    def file(output: Output, _: str, **request: Any) -> None:
        name = request["groups"][0]
        answer = script if name == SETTINGS else site.file(PAGE if name in MODES else name)
        site.send(output, answer, request)

    def describe(output: Output, _: str, **request: Any) -> None:
        content = found(api, output, request, study.description)
        if content is not None:
            output.AnswerBuffer(content, "application/json")

    def show(output: Output, _: str, **request: Any) -> None:
        content = found(api, output, request, media.document_in)
        if content is not None:
            for key, value in ISOLATED.items():
                output.SetHttpHeader(key, value)
            output.AnswerBuffer(content, "application/pdf")

    def play(output: Output, _: str, **request: Any) -> None:
        content = found(api, output, request, media.video_in)
        if content is not None:
            answer_part(output, content, "video/mp4", request["headers"].get("range", ""))

    api.module.RegisterRestCallback("/ohif", enter)
    api.module.RegisterRestCallback("/ohif/(.*)", file)
    api.module.RegisterRestCallback("/studies/([0-9a-f-]+)/ohif-dicom-json", describe)
    api.module.RegisterRestCallback("/instances/([0-9a-f-]+)/ohif-pdf", show)
    api.module.RegisterRestCallback("/instances/([0-9a-f-]+)/ohif-video", play)
    is_dicom_web = chosen.source == options.DICOM_WEB
    api.extend_explorer(buttons("ohif", pages).replace("IS_DICOM_WEB", json.dumps(is_dicom_web)))
    if chosen.preload and not is_dicom_web:
        api.on_change(Preload(api).changed)


def found(
    api: Api, output: Output, request: Mapping[str, Any], read: Callable[[Any, str], bytes]
) -> bytes | None:
    """Return what `read` makes of Orthanc and the identifier in the path; None when it was answered."""
    if request["method"] != "GET":
        output.SendMethodNotAllowed("GET")
        return None
    try:
        return read(api.module, request["groups"][0])
    except api.module.OrthancException:
        output.SendHttpStatusCode(404)
        return None


def answer_part(output: Output, content: bytes, mime: str, header: str) -> None:
    """Answer with as much of the content as the header Range asks for: without that, no browser can seek."""
    asked = media.part(header, len(content))
    output.SetHttpHeader("Accept-Ranges", "bytes")
    if asked is None:
        output.AnswerBuffer(content, mime)
    elif not asked:
        output.SetHttpHeader("Content-Range", f"bytes */{len(content)}")
        output.SendHttpStatusCode(416)
    else:
        output.SetHttpHeader("Content-Range", f"bytes {asked.start}-{asked.stop - 1}/{len(content)}")
        output.SetHttpHeader("Content-Type", mime)  # Orthanc adds another one, text/plain
        output.SendHttpStatus(206, content[asked.start : asked.stop])
