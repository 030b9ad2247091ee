"""Jobs that move files, and the requests that make them."""

import itertools
import json
import time
from pathlib import Path
from typing import Any

import pytest

from orthanc_images.api import Api
from orthanc_images.native import DONE, FAILED, MORE
from orthanc_images.storage.keys import Attachment
from orthanc_images.storage.move import Mover, Order, restored
from orthanc_images.storage.place import FILES, OBJECTS, Place
from orthanc_images.storage.request import MoveHandler
from orthanc_images.storage.rest import Rest
from tests.unit.plugins.orthanc import Orthanc
from tests.unit.plugins.storage.places import Bucket, Bytes, Lines, content, disk
from tests.unit.plugins.storage.test_area import Away

DICOM, HEADER, NOTE = (Attachment(f"3fa1c0d{n}-0b1c-4d2e-8f3a-5b6c7d8e9f00", n) for n in (1, 3, 1024))
SECOND = Attachment("aaaabbbb-0b1c-4d2e-8f3a-5b6c7d8e9f00", 1)
INSTANCES = {"i1": (DICOM, HEADER, NOTE), "i2": (SECOND,)}


class Server(Orthanc):
    """An Orthanc with a patient p of a study st of a series se of the instances i1 and i2, and its jobs."""

    class OrthancException(Exception):  # noqa: N818 # the name is that of Orthanc's module
        pass

    class ErrorCode:
        UNKNOWN_RESOURCE, INEXISTENT_ITEM = 17, 8

    def __init__(self) -> None:
        super().__init__()
        self.instances = dict(INSTANCES)
        self.job: dict[str, Any] = {}
        self.asked = 0

    def answers(self) -> dict[str, Any]:
        found: dict[str, Any] = {"/patients/p": {}, "/studies/st": {}, "/series/se": {}, "/jobs/j": self.job}
        found["/patients/p/instances?expand=false"] = [{"ID": name} for name in self.instances]
        found["/studies/st/instances?expand=false"] = list(self.instances)
        for name, attachments in self.instances.items():
            found[f"/instances/{name}"] = {}
            found[f"/instances/{name}/attachments"] = []
            found[f"/instances/{name}/attachments?full"] = {
                f"a{each.type}": each.type for each in attachments
            }
            for each in attachments:
                found[f"/instances/{name}/attachments/{each.type}/info"] = {"Uuid": each.uuid}
        return found

    def RestApiGet(self, path: str) -> bytes:  # noqa: N802 # the name is that of Orthanc's module
        self.asked += 1
        if path == "/broken":
            raise self.OrthancException(1, "broken")
        if path not in self.answers():
            raise self.OrthancException(17, "Unknown resource")
        return json.dumps(self.answers()[path]).encode()


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Place]:
    """Both places, with the files of both instances in the object store."""
    bucket, files = Bucket().place, disk(tmp_path)
    for each in itertools.chain(*INSTANCES.values()):
        bucket.write(each, Bytes(each.uuid.encode()))
    return {OBJECTS: bucket, FILES: files}


def mover(places: dict[str, Place], server: Server) -> tuple[Mover, list[str]]:
    lines = Lines()
    return Mover("S3", places, Rest(Api(server)), lines), lines.lines


def ordered(target: str, *instances: str) -> Order:
    return Order({"Instances": list(instances)}, target, instances)


def where(places: dict[str, Place], attachment: Attachment) -> list[str]:
    return [name for name, place in places.items() if place.has(attachment)]


def test_an_instance_a_step(places: dict[str, Place], server: Server) -> None:
    found, lines = mover(places, server)
    job = found.add(ordered(FILES, "i1", "i2"))
    assert found.progress(job) == 0
    assert found.step(job) == MORE
    assert found.progress(job) == 0.5
    assert [where(places, each) for each in (*INSTANCES["i1"], SECOND)] == [[FILES]] * 3 + [[OBJECTS]]
    assert found.step(job) == DONE
    assert found.progress(job) == 1
    assert where(places, SECOND) == [FILES]
    assert content(places[FILES], HEADER) == HEADER.uuid.encode()  # type: ignore[arg-type]
    assert lines[0] == f"I S3: moved attachment {DICOM.uuid} to file-system"


def test_back_and_again(places: dict[str, Place], server: Server) -> None:
    """What is there already is no error, and a job that begins again does the rest."""
    found, _ = mover(places, server)
    for target, expected in ((FILES, [FILES]), (FILES, [FILES]), (OBJECTS, [OBJECTS])):
        job = found.add(ordered(target, "i1"))
        assert found.step(job) == DONE
        assert [where(places, each) for each in INSTANCES["i1"]] == [expected] * 3
        found.reset(job)
        assert found.progress(job) == 0
        assert found.step(job) == DONE


def test_a_copy_that_a_crash_left_behind_is_removed(places: dict[str, Place], server: Server) -> None:
    places[FILES].write(DICOM, Bytes(DICOM.uuid.encode()))
    found, _ = mover(places, server)
    assert found.step(found.add(ordered(FILES, "i1"))) == DONE
    assert where(places, DICOM) == [FILES]


def test_an_outage_is_no_success(places: dict[str, Place], server: Server) -> None:
    """The job fails and says why, and no file is lost."""
    for broken in (OBJECTS, FILES):
        both = {**places, broken: Away()}
        found, lines = mover(both, server)
        job = found.add(ordered(FILES, "i1"))
        assert found.step(job) == FAILED
        assert json.loads(found.describe(job, saved=False)) == {
            "Instances": ["i1"],
            "Failure": "instance i1: no connection",
        }
        assert lines == ["E S3: error while moving to file-system, instance i1: no connection"]
        found.reset(job)
        assert json.loads(found.describe(job, saved=False)) == {"Instances": ["i1"]}
    assert where(places, DICOM) == [OBJECTS]


def test_a_file_that_is_nowhere_fails_the_job(places: dict[str, Place], server: Server) -> None:
    places[OBJECTS].remove(DICOM)
    found, lines = mover(places, server)
    assert found.step(found.add(ordered(FILES, "i1"))) == FAILED
    what = f"instance i1: the file {DICOM.uuid} is in neither place"
    assert lines == [f"E S3: error while moving to file-system, {what}"]


def test_an_instance_that_was_deleted_is_passed_over(places: dict[str, Place], server: Server) -> None:
    del server.instances["i1"]
    found, _ = mover(places, server)
    assert found.step(found.add(ordered(FILES, "i1"))) == DONE


def test_an_instance_that_is_deleted_meanwhile_leaves_nothing(
    places: dict[str, Place], server: Server
) -> None:
    class Deleting(Away):
        """The place that the files come to, while somebody deletes their instance."""

        name = FILES

        def write(self, attachment: Attachment, content: Any) -> None:
            places[FILES].write(attachment, content)
            server.instances.pop("i2", None)

        def remove(self, attachment: Attachment) -> None:
            places[FILES].remove(attachment)

    found, _ = mover({OBJECTS: places[OBJECTS], FILES: Deleting()}, server)
    assert found.step(found.add(ordered(FILES, "i2"))) == DONE
    assert where(places, SECOND) == []


def test_a_job_is_saved_as_the_official_plugins_do(places: dict[str, Place], server: Server) -> None:
    found, _ = mover(places, server)
    order = Order({"Studies": ["st"]}, FILES, ("i1", "i2"))
    saved = found.describe(found.add(order), saved=True)
    assert json.loads(saved) == {
        "Content": {"Studies": ["st"]},
        "TargetStorage": "file-system",
        "Instances": ["i1", "i2"],
    }
    assert restored(saved) == order
    again = found.restore(saved)
    assert json.loads(found.describe(again, saved=False)) == {"Studies": ["st"]}
    assert found.step(again) == MORE


@pytest.mark.parametrize(
    "saved", ["", "[]", "{}", '{"Content": {}, "TargetStorage": "moon", "Instances": []}']
)
def test_what_is_no_job_of_ours_is_not_restored(places: dict[str, Place], server: Server, saved: str) -> None:
    assert mover(places, server)[0].restore(saved) == 0


def test_a_job_of_nothing_is_done(places: dict[str, Place], server: Server) -> None:
    found, _ = mover(places, server)
    job = found.add(ordered(FILES))
    assert (found.progress(job), found.step(job)) == (1, DONE)
    found.end(job)
    found.end(job)
    with pytest.raises(KeyError):
        found.step(job)


class Output:
    """What Orthanc sends to the client."""

    def __init__(self) -> None:
        self.status = 0
        self.body: Any = None

    def AnswerBuffer(self, text: str, kind: str) -> None:  # noqa: N802 # the names are those of Orthanc's module
        assert kind == "application/json"
        self.status, self.body = 200, json.loads(text)

    def SendMethodNotAllowed(self, allowed: str) -> None:  # noqa: N802
        self.status, self.body = 405, allowed

    def SetHttpHeader(self, name: str, value: str) -> None:  # noqa: N802
        assert (name, value) == ("Content-Type", "application/json")

    def SendHttpStatus(self, status: int, text: str) -> None:  # noqa: N802
        self.status, self.body = status, json.loads(text)


class Queue:
    """The native part, which runs a job at once, and shows it as Orthanc does."""

    def __init__(self, found: Mover, server: Server) -> None:
        self.mover = found
        self.server = server
        self.priority: int | None = None

    def submit(self, job: int, priority: int) -> str:
        self.priority = priority
        while (answer := self.mover.step(job)) == MORE:
            pass
        self.server.job = {
            "State": "Success" if answer == DONE else "Failure",
            "Content": json.loads(self.mover.describe(job, saved=False)),
            "ErrorDescription": "Error",
        }
        return "j"


def asked(places: dict[str, Place], server: Server, body: object, method: str = "POST") -> tuple[int, Any]:
    found, _ = mover(places, server)
    output = Output()
    handler = MoveHandler(found, Queue(found, server), Rest(Api(server)))  # type: ignore[arg-type]
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.answer(output, "/move-storage", method=method, body=text)
    return output.status, output.body


def test_who_waits_gets_what_was_moved(places: dict[str, Place], server: Server) -> None:
    body = {"Resources": ["st", "i1", "p"], "TargetStorage": FILES, "Priority": -3}
    expected = {"Studies": ["st"], "Instances": ["i1"], "Patients": ["p"]}
    assert asked(places, server, body) == (200, expected)
    assert where(places, DICOM) == where(places, SECOND) == [FILES]


def test_a_job_is_waited_for(
    places: dict[str, Place], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for until it is done, with a pause each time."""
    pauses: list[float] = []
    states, answers = ("Pending", "Running"), server.answers

    def slowly() -> dict[str, Any]:
        found = answers()
        if len(pauses) < len(states):
            found["/jobs/j"] = {"State": states[len(pauses)]}
        return found

    monkeypatch.setattr(server, "answers", slowly)
    monkeypatch.setattr(time, "sleep", pauses.append)
    rest = Rest(Api(server))
    found, _ = mover(places, server)
    output = Output()
    handler = MoveHandler(found, Queue(found, server), rest)  # type: ignore[arg-type]
    body = json.dumps({"Resources": ["i1"], "TargetStorage": FILES}).encode()
    handler.answer(output, "/move-storage", method="POST", body=body)
    assert (output.status, output.body, len(pauses)) == (200, {"Instances": ["i1"]}, 2)


@pytest.mark.parametrize(
    "how", [{"Asynchronous": True}, {"Synchronous": False}, {"Asynchronous": True, "Synchronous": True}]
)
def test_who_does_not_wait_gets_the_job(
    places: dict[str, Place], server: Server, how: dict[str, bool]
) -> None:
    body = {"Resources": ["i1"], "TargetStorage": FILES, **how}
    assert asked(places, server, body) == (200, {"ID": "j", "Path": "/jobs/j"})


def test_a_job_that_fails_fails_the_request(places: dict[str, Place], server: Server) -> None:
    places[OBJECTS].remove(DICOM)
    status, answer = asked(
        places, server, {"Resources": ["i1"], "TargetStorage": FILES, "Asynchronous": False}
    )
    what = f"instance i1: the file {DICOM.uuid} is in neither place"
    assert (status, answer["Message"]) == (500, what)


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"{", 400, "The body is not a JSON object"),
        ([], 400, "The body is not a JSON object"),
        ({}, 400, "Resources is not a list of Orthanc identifiers"),
        ({"Resources": [1]}, 400, "Resources is not a list of Orthanc identifiers"),
        ({"Resources": []}, 400, 'TargetStorage is neither "file-system" nor "object-storage"'),
        ({"Resources": ["nowhere"], "TargetStorage": FILES}, 404, "There is no resource 'nowhere'"),
        ({"Resources": [""], "TargetStorage": FILES}, 404, "There is no resource ''"),
        ({"Resources": [], "TargetStorage": FILES, "Priority": "1"}, 400, "Priority is not a whole number"),
        ({"Resources": [], "TargetStorage": FILES, "Priority": True}, 400, "Priority is not a whole number"),
        (
            {"Resources": [], "TargetStorage": FILES, "Synchronous": 1},
            400,
            "Synchronous is neither true nor false",
        ),
        (
            {"Resources": [], "TargetStorage": FILES, "Asynchronous": 1},
            400,
            "Asynchronous is neither true nor false",
        ),
    ],
)
def test_what_cannot_be_done_is_refused(
    places: dict[str, Place], server: Server, body: object, status: int, message: str
) -> None:
    assert asked(places, server, body) == (
        status,
        {
            "HttpError": {400: "Bad Request", 404: "Not Found"}[status],
            "HttpStatus": status,
            "Message": message,
            "Method": "POST",
            "Uri": "/move-storage",
        },
    )


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_posts_are_answered(places: dict[str, Place], server: Server, method: str) -> None:
    assert asked(places, server, {}, method) == (405, "POST")


def test_an_error_of_orthanc_is_no_traceback(places: dict[str, Place], server: Server) -> None:
    """Its log has the error, and the client a status."""
    with pytest.raises(Server.OrthancException):
        Rest(Api(server)).get("/broken")
    server.instances["i1"] = (DICOM,)
    server.RestApiGet = lambda _: b"no JSON"  # type: ignore[method-assign,assignment]
    status, answer = asked(places, server, {"Resources": ["i1"], "TargetStorage": FILES})
    assert (status, answer["Message"]) == (500, "Orthanc's log says why")
    assert server.lines[0].startswith("E /move-storage: JSONDecodeError(")
