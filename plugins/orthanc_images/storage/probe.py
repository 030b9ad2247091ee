"""A look at the store before Orthanc starts: what it refuses is a mistake in the configuration."""

from __future__ import annotations

import http.client
import uuid
from typing import TYPE_CHECKING

import obstore

from orthanc_images.errors import PluginError
from orthanc_images.storage import failure
from orthanc_images.storage.content import StorageError
from orthanc_images.storage.store import StoreSettings

if TYPE_CHECKING:
    from obstore.store import ObjectStore


class Seen:
    """What the look found, for the log: nothing, a warning, or an error that may pass."""

    def __init__(self, warning: str = "", error: str = "") -> None:
        self.warning = warning
        self.error = error


def look(store: StoreSettings) -> Seen:
    """Return what a listing of no files finds, after making the container when it is missing.

    Raises:
        PluginError: the store refuses what is configured; the sentence names the setting.
    """
    try:
        client = store.connect(store.patience.hurried())
    except Exception as refused:  # the library refuses what is configured before it asks the store
        what = failure.line(refused, store.secrets)
        raise PluginError(f"{store.plugin}.{store.address}: {what}. Correct it.") from refused
    error = _refusal(client)
    made = ""
    if error is not None and failure.code(error) == "ContainerNotFound" and store.repair is not None:
        made = _made(store)
        error = _refusal(client) if made else error
    return Seen(warning=made) if error is None else _judged(store, error)


def _refusal(client: ObjectStore) -> Exception | None:
    """Return the error of listing files whose name begins as none does, if there is one."""
    try:
        next(iter(obstore.list(client, prefix=f"orthanc-{uuid.uuid4()}")), None)
    except Exception as error:  # whatever the library raises is what this is about
        return error
    return None


def _made(store: StoreSettings) -> str:
    assert store.repair is not None
    try:
        done = store.repair()
    except StorageError as error:
        what = failure.line(error, store.secrets)
        how = "Make it by hand, and set CreateContainerIfNotExists to false."
        raise PluginError(f"{store.plugin}.CreateContainerIfNotExists: {what}. {how}") from error
    return f"{store.plugin}: {store.where} was made. See that it is private." if done else ""


def _judged(store: StoreSettings, error: Exception) -> Seen:
    """Return what an error means when it may pass; raise it when it is a mistake in the configuration."""
    sentence = store.explain(error)
    if sentence is not None:
        raise PluginError(f"{store.plugin}.{sentence}")
    what = failure.line(error, store.secrets)
    if failure.status(error) in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
        how = "Grant the right to list it, or ignore this if files can be written and read."
        return Seen(warning=f"{store.plugin}: {store.where} does not let us list its files: {what}. {how}")
    how = "Files can be neither stored nor read until it answers."
    return Seen(error=f"{store.plugin}.{store.address}: {store.where} does not answer: {what}. {how}")
