"""VolView: the viewer's page below /volview, and its buttons in Orthanc Explorer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orthanc_images.api import Api
from orthanc_images.section import Section
from orthanc_images.site import HOME, PAGES, Output, Site, buttons, entrance


def start(api: Api, configuration: Mapping[str, Any], _: str, home: Path = HOME, pages: Path = PAGES) -> None:
    """Serve VolView, unless VolView.Enable is false.

    Raises:
        PluginError: when a setting is wrong, or the image has no VolView.
    """
    section = Section("VolView", configuration.get("VolView", {}))
    enabled = section.flag("Enable", True)
    section.check()
    if not enabled:
        api.info("VolView is off, as VolView.Enable says")
        return
    site, root = Site("volview", home=home), entrance("VolView")

    def enter(output: Output, _: str, **request: Any) -> None:
        site.send(output, root, request)

    def file(output: Output, _: str, **request: Any) -> None:
        site.send(output, site.file(request["groups"][0]), request)

    api.module.RegisterRestCallback("/volview", enter)
    api.module.RegisterRestCallback("/volview/(.*)", file)
    api.extend_explorer(buttons("volview", pages))
