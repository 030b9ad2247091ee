"""Orthanc's files in Amazon S3, Azure Blob Storage or Google Cloud Storage.

One plugin for the three, with the options, the object names and the bytes of the official plugins, so that a
bucket can be read by either. What differs from them on purpose: encryption that is configured wrongly ends
the start instead of storing in clear, removing a file that is not there is no error, and large files go in
parts.

Files in clear are read in ranges (version 2 of Orthanc's storage interface). Encrypted files can only be
checked as a whole, so with encryption Orthanc is offered version 1: it then keeps the DICOM header as a file
of its own, as with the official plugins, and never shows what was not checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orthanc_images.api import Api
from orthanc_images.native import Native
from orthanc_images.section import Section
from orthanc_images.storage import azure, direct, google, move, options, probe, request, s3
from orthanc_images.storage.area import Area
from orthanc_images.storage.disk import Disk
from orthanc_images.storage.move import Mover
from orthanc_images.storage.objects import Objects
from orthanc_images.storage.options import Options
from orthanc_images.storage.place import Place
from orthanc_images.storage.rest import Rest
from orthanc_images.storage.store import StoreSettings

STORES = {
    s3.PLUGIN: s3.read,
    azure.PLUGIN: azure.read,
    google.PLUGIN: google.read,
}


def start(api: Api, configuration: Mapping[str, Any], plugin: str) -> None:
    """Have Orthanc keep its files in the store that the section `plugin` of the configuration describes.

    Raises:
        PluginError: the configuration is wrong, or the store refuses it.
    """
    section = Section(plugin, configuration.get(plugin, {}))
    shared = options.read(section)
    store = STORES[plugin](section, configuration)
    section.check()
    for note in (*shared.notes, *store.notes, *section.unknown()):
        api.warning(note)
    seen = probe.look(store)
    if seen.warning:
        api.warning(seen.warning)
    if seen.error:
        api.error(seen.error)
    places = _places(configuration, shared, store)
    native = Native(plugin, report=api.error)
    begun = direct.begin(native, store, shared, api.warning)
    area = Area(plugin, places, api, shared.keyring, limit=begun.budget, handed_on=begun.renew)
    native.store(area, ranges=shared.keyring is None)
    if len(places) > 1:
        rest = Rest(api)
        mover = Mover(plugin, {place.name: place for place in places}, rest, api)
        native.work_by(move.JOB, mover)
        api.module.RegisterRestCallback(request.ROUTE, request.MoveHandler(mover, native, rest).answer)
    api.warning(_summary(plugin, shared, store, begun.words))


def _places(configuration: Mapping[str, Any], shared: Options, store: StoreSettings) -> tuple[Place, ...]:
    """Return where files can lie: first where they are written."""
    objects = Objects(store.connect(store.patience), shared.keys, store.transfer, store.secrets)
    if shared.hybrid == options.DISABLED:
        return (objects,)
    folder, sync = options.disks(configuration)
    disk = Disk(folder, sync=sync)
    return (objects, disk) if shared.hybrid == options.TO_OBJECTS else (disk, objects)


def _summary(plugin: str, shared: Options, store: StoreSettings, read: str) -> str:
    encrypted = "encrypted" if shared.keyring else "in clear"
    return f"{plugin}: files are kept in {store.where}, {encrypted}, {read}; hybrid mode: {shared.hybrid}"
