"""VolView: the viewer's page below /volview, and its buttons in Orthanc Explorer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orthanc_images.api import Api
from orthanc_images.errors import PluginError
from orthanc_images.site import HOME, Output, Site, entrance

BUTTONS = Path(__file__).with_name("explorer.js")


def start(api: Api, configuration: Mapping[str, Any], _: str, home: Path = HOME) -> None:
    """Serve VolView, unless VolView.Enable is false.

    Raises:
        PluginError: when a setting is wrong, or the image has no VolView.
    """
    section = configuration.get("VolView", {})
    if not isinstance(section, dict):
        raise PluginError('VolView: is no object. Write it as "VolView": {}.')
    enabled = section.get("Enable", True)
    if not isinstance(enabled, bool):
        raise PluginError(f"VolView.Enable: {enabled!r} is neither true nor false. Write true or false.")
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
    api.extend_explorer(BUTTONS.read_text(encoding="utf-8"))
