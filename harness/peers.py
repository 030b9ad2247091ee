"""DICOM clients, and a DICOM server that keeps what it is sent."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import docker
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
)
from pynetdicom import AE, StoragePresentationContexts, build_role, evt
from pynetdicom.association import Association
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    CTImageStorage,
    ModalityWorklistInformationFind,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

from harness.containers import HOST

TITLE = "TESTER"
"""The AET of the tests, as a client and as a server."""

SYNTAXES: Sequence[str] = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000Lossless]


class Server(Protocol):
    """What a client needs to know of a DICOM server."""

    @property
    def dicom_address(self) -> tuple[str, int]:
        """Return host and port."""

    @property
    def aet(self) -> str:
        """Return its AET."""


class PeerPlace(NamedTuple):
    """A DICOM server by its address and its AET."""

    dicom_address: tuple[str, int]
    aet: str


class Receiver:
    """The DICOM server TESTER; `received` holds each instance that it was sent, by its UID."""

    def __init__(self, address: str) -> None:
        self.received: dict[str, Dataset] = {}
        entity: Any = AE(ae_title=TITLE)
        entity.supported_contexts = StoragePresentationContexts
        for context in entity.supported_contexts:
            context.transfer_syntax = [*SYNTAXES]
        entity.add_supported_context(Verification)
        self.server = entity.start_server(
            (address, 0), block=False, evt_handlers=[(evt.EVT_C_STORE, self.keep)]
        )
        self.port = int(self.server.socket.getsockname()[1])

    def keep(self, event: evt.Event) -> int:
        """Keep the instance, and return success."""
        dataset = event.dataset
        dataset.file_meta = event.file_meta
        self.received[str(dataset.SOPInstanceUID)] = dataset
        return 0x0000

    @property
    def modality(self) -> list[str | int]:
        """Return how Orthanc's DicomModalities name this server, seen from a container."""
        return [TITLE, HOST, self.port]

    @classmethod
    @contextlib.contextmanager
    def on(cls, client: docker.DockerClient) -> Iterator[Receiver]:
        """Yield a receiver that containers reach: on the bridge, or on the loopback where that is remote."""
        receiver = cls(bridge(client))
        try:
            yield receiver
        finally:
            receiver.server.shutdown()


def bridge(client: docker.DockerClient) -> str:
    """Return the address of this machine that containers see: the gateway of the bridge, else the loopback.

    Docker Desktop keeps the bridge in a machine of its own and hands the host gateway on to the loopback.
    """
    gateway = str(client.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"])
    with socket.socket() as probe:
        try:
            probe.bind((gateway, 0))
        except OSError:
            return "127.0.0.1"
    return gateway


@contextlib.contextmanager
def association(
    server: Server,
    contexts: Sequence[tuple[str, str | Sequence[str] | None]],
    *,
    roles: Sequence[str] = (),
    received: dict[str, Dataset] | None = None,
    title: str = TITLE,
) -> Iterator[Association]:
    """Yield an accepted association of `title` with the server; instances from a C-GET go to `received`."""
    kept = {} if received is None else received

    def keep(event: evt.Event) -> int:
        dataset = event.dataset
        dataset.file_meta = event.file_meta
        kept[str(dataset.SOPInstanceUID)] = dataset
        return 0x0000

    entity = AE(ae_title=title)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 30
    for abstract, syntaxes in contexts:
        entity.add_requested_context(abstract, syntaxes or SYNTAXES[:2])
    made = entity.associate(
        *server.dicom_address,
        ae_title=server.aet,
        ext_neg=[build_role(UID(role), scp_role=True) for role in roles],
        evt_handlers=[(evt.EVT_C_STORE, keep)],
    )
    try:
        assert made.is_established, f"{server.aet} refused the association"
        yield made
    finally:
        if made.is_established:
            made.release()


def echo(server: Server) -> int:
    """Return the status of a C-ECHO, 0 for success."""
    with association(server, [(Verification, None)]) as link:
        return int(link.send_c_echo().Status)


def store(server: Server, datasets: Sequence[Dataset]) -> list[int]:
    """Return the status of a C-STORE of each instance in its own transfer syntax, 0 for success."""
    wanted = {(str(each.SOPClassUID), str(each.file_meta.TransferSyntaxUID)) for each in datasets}
    with association(server, sorted(wanted)) as link:
        return [int(link.send_c_store(each).Status) for each in datasets]


def query(level: str, **keys: Any) -> Dataset:
    """Return the identifier of a C-FIND, C-MOVE or C-GET: the level, and keys with what they must match."""
    identifier = Dataset()
    identifier.QueryRetrieveLevel = level
    for key, value in keys.items():
        setattr(identifier, key, value)
    return identifier


def find(server: Server, identifier: Dataset, model: str = "", title: str = TITLE) -> list[Dataset]:
    """Return the matches of a C-FIND; `model` is the study root unless another one is given."""
    chosen = UID(model or StudyRootQueryRetrieveInformationModelFind)
    with association(server, [(chosen, None)], title=title) as link:
        return matches(link, identifier, chosen)


def matches(link: Association, identifier: Dataset, model: str) -> list[Dataset]:
    """Return the matches of a C-FIND over an association."""
    answers = list(link.send_c_find(identifier, UID(model)))
    statuses = [answer.get("Status") for answer, match in answers if match is None]
    assert statuses == [0x0000], f"C-FIND ended with {statuses}"
    return [match for _, match in answers if match is not None]


def worklist(server: Server, identifier: Dataset, title: str = TITLE) -> list[Dataset]:
    """Return the matches of a C-FIND in the modality worklist."""
    return find(server, identifier, ModalityWorklistInformationFind, title)


def move(server: Server, identifier: Dataset, destination: str = TITLE) -> Dataset:
    """Return the final response of a C-MOVE to the destination: Status and the numbers of sub-operations."""
    model = StudyRootQueryRetrieveInformationModelMove
    with association(server, [(model, None)]) as link:
        return list(link.send_c_move(identifier, destination, model))[-1][0]


def get(server: Server, identifier: Dataset, sop_class: str = CTImageStorage) -> dict[str, Dataset]:
    """Return the instances that came back over a C-GET, by UID."""
    model = StudyRootQueryRetrieveInformationModelGet
    received: dict[str, Dataset] = {}
    contexts: list[tuple[str, Sequence[str] | None]] = [(model, None), (sop_class, SYNTAXES)]
    with association(server, contexts, roles=[sop_class], received=received) as link:
        statuses = [answer.get("Status") for answer, _ in link.send_c_get(identifier, model)]
    assert statuses[-1] == 0x0000, f"C-GET ended with {statuses[-1]}"
    return received


def meta(syntax: str, dataset: Dataset) -> FileMetaDataset:
    """Return file meta information for the instance in this transfer syntax."""
    information = FileMetaDataset()
    information.MediaStorageSOPClassUID = dataset.SOPClassUID
    information.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    information.TransferSyntaxUID = UID(syntax)
    return information
