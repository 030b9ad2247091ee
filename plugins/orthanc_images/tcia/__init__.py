"""Tcia: series of The Cancer Imaging Archive, or of another server of its kind (NBIA), imported into Orthanc.

The settings, routes, jobs and stored form of jobs are those of the official plugin. What differs on purpose:
all requests go to `BaseUrl`, archives are verified before anything of them is imported, and nothing is
downloaded into memory or below a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orthanc_images.api import Api
from orthanc_images.native import Native
from orthanc_images.site import PAGES, POLICY, Site, buttons
from orthanc_images.tcia import options
from orthanc_images.tcia.jobs import JOB, Importer
from orthanc_images.tcia.routes import Routes
from orthanc_images.tcia.service import ArchiveService


def start(api: Api, configuration: Mapping[str, Any], plugin: str, pages: Path = PAGES) -> None:
    """Offer imports, unless Tcia.Enable is false.

    Raises:
        PluginError: when a setting is wrong, or the image has no page.
    """
    chosen = options.read(configuration)
    if not chosen.enabled:
        api.info("Tcia is off, as Tcia.Enable says")
        return
    service = ArchiveService(chosen)
    importer = Importer(api, service, chosen.folder)
    native = Native(plugin, report=api.error)
    native.work_by(JOB, importer)
    Routes(api, Site("tcia", POLICY, pages), service, importer, native).register()

    def changed(change: int, _: int, __: str) -> None:
        if change == api.module.ChangeType.ORTHANC_STOPPED:
            importer.close()

    api.on_change(changed)
    api.module.SetRootUri2("tcia", "/tcia/app/index.html")
    api.extend_explorer(buttons("tcia", pages))
    api.warning(f"Tcia: series are imported from {chosen.base}")
