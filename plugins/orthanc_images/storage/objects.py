"""An object store as a place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import obstore

from orthanc_images.storage import failure
from orthanc_images.storage.content import Content, MissingError, StorageError, Stored, whole
from orthanc_images.storage.keys import Attachment, Keys
from orthanc_images.storage.place import OBJECTS
from orthanc_images.storage.store import Transfer

if TYPE_CHECKING:
    from obstore import GetOptions, GetResult
    from obstore.store import ObjectStore

# From here on a file is read as a stream, so that memory holds little more than what was asked for.
STREAMED = 16 * 1024 * 1024
_CHUNK = 4 * 1024 * 1024

# What a store says when more than the object is missing: then nothing was removed.
_NO_CONTAINER = ("NoSuchBucket", "ContainerNotFound")


class Objects:
    """Files in an object store. One client serves all threads, and none waits for another."""

    name = OBJECTS

    def __init__(
        self, store: ObjectStore, keys: Keys, transfer: Transfer, secrets: Sequence[str] = ()
    ) -> None:
        self._store = store
        self._keys = keys
        self._transfer = transfer
        self._secrets = secrets
        self._attributes = dict(transfer.attributes) or None
        self._tags = dict(transfer.tags) or None

    def write(self, attachment: Attachment, content: Content) -> None:
        """Write the file: in one request, or in parts when it is larger than one part."""
        key, transfer = self._keys.key(attachment), self._transfer
        large = content.size > transfer.part
        try:
            obstore.put(
                self._store,
                key,
                content.parts(transfer.part) if large else whole(content),
                attributes=self._attributes,
                tags=self._tags,
                use_multipart=large,
                chunk_size=transfer.part,
                max_concurrency=transfer.at_once,
            )
        except Exception as error:
            raise self._failed(error) from error

    def read_into(self, attachment: Attachment, start: int, target: memoryview) -> None:
        """Fill `target` with the bytes of the file from `start` on: a request for just these bytes."""
        size = len(target)
        for key in self._keys.all(attachment):
            try:
                if size < STREAMED:
                    found = obstore.get_range(self._store, key, start=start, length=size)
                    _fill(target, [memoryview(found)])
                else:
                    _fill(target, _chunks(obstore.get(self._store, key, options=_range(start, size))))
            except FileNotFoundError as error:
                missing = error
                continue
            except Exception as error:
                raise self._failed(error) from error
            return
        raise self._missing(missing) from missing

    def open(self, attachment: Attachment) -> Stored:
        """Return the whole content of the file."""
        for key in self._keys.all(attachment):
            try:
                found = obstore.get(self._store, key)
            except FileNotFoundError as error:
                missing = error
                continue
            except Exception as error:
                raise self._failed(error) from error
            return Stored(found.meta["size"], self._streamed(_chunks(found)))
        raise self._missing(missing) from missing

    def has(self, attachment: Attachment) -> bool:
        """Tell whether there is such a file."""
        for key in self._keys.all(attachment):
            try:
                obstore.head(self._store, key)
            except FileNotFoundError:
                continue
            except Exception as error:
                raise self._failed(error) from error
            return True
        return False

    def remove(self, attachment: Attachment) -> None:
        """Remove the file, under all names that it may have."""
        for key in self._keys.all(attachment):
            try:
                obstore.delete(self._store, key)
            except FileNotFoundError as error:
                if failure.code(error) in _NO_CONTAINER:
                    raise self._failed(error) from error
            except Exception as error:
                raise self._failed(error) from error

    def _streamed(self, chunks: Iterator[memoryview]) -> Iterator[memoryview]:
        try:
            yield from chunks
        except Exception as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> StorageError:
        return error if isinstance(error, StorageError) else StorageError(failure.line(error, self._secrets))

    def _missing(self, error: Exception) -> MissingError:
        return MissingError(failure.line(error, self._secrets))


def _range(start: int, size: int) -> GetOptions:
    return {"range": (start, start + size)}


def _chunks(found: GetResult) -> Iterator[memoryview]:
    for chunk in found.stream(min_chunk_size=_CHUNK):
        yield memoryview(chunk)


def _fill(target: memoryview, chunks: Iterable[memoryview]) -> None:
    """Copy the chunks into `target`, which must be exactly as long as all of them together."""
    done = 0
    for chunk in chunks:
        end = done + len(chunk)
        if end <= len(target):
            target[done:end] = chunk
        done = end
    if done != len(target):
        raise StorageError(f"{done} bytes came, where {len(target)} were asked for")
