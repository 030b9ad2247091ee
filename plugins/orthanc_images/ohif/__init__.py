"""OHIF: the viewer's page below /ohif, its settings, what it reads of a study, and its buttons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orthanc_images.api import Api
from orthanc_images.ohif import options, settings, study
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
        if request["method"] != "GET":
            output.SendMethodNotAllowed("GET")
            return
        try:
            answer = study.description(api.module, request["groups"][0])
        except api.module.OrthancException:
            output.SendHttpStatusCode(404)
            return
        output.AnswerBuffer(answer.encode(), "application/json")

    api.module.RegisterRestCallback("/ohif", enter)
    api.module.RegisterRestCallback("/ohif/(.*)", file)
    api.module.RegisterRestCallback("/studies/([0-9a-f-]+)/ohif-dicom-json", describe)
    is_dicom_web = chosen.source == options.DICOM_WEB
    api.extend_explorer(buttons("ohif", pages).replace("IS_DICOM_WEB", json.dumps(is_dicom_web)))
    if chosen.preload and not is_dicom_web:
        api.on_change(Preload(api).changed)
