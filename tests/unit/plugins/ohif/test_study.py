"""What OHIF is told of a study, and what is kept of each instance for that."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from typing import Any

import pytest

from orthanc_images.api import Api
from orthanc_images.ohif import media, preload, study, tags
from orthanc_images.ohif.preload import Preload
from tests.unit.plugins.viewers import ChangeType, Server

CT = {
    "0020,000d": "1.2",
    "0020,000e": "1.2.3",
    "0008,0018": "1.2.3.4",
    "0010,0010": "Zoë",
    "0008,0060": "CT",
    "0020,0011": "7",
    "0018,0050": "2.5",
    "0028,0010": "128",
    "0028,0030": "0.5\\0.25",
    "0008,0008": "ORIGINAL\\PRIMARY",
    "0028,1050": "40\\80",
}
PT = {**CT, "0020,000e": "1.2.1", "0008,0018": "1.2.1.1", "0008,0060": "PT"}


def test_a_study_has_series_in_order_and_instances() -> None:
    server = Server({"a": CT, "b": {**CT, "0008,0018": "1.2.3.5"}, "c": PT})
    found = json.loads(study.description(server, "s"))["studies"]
    assert [{key: one[key] for key in one if key != "series"} for one in found] == [
        {"StudyInstanceUID": "1.2", "PatientName": "Zoë", "NumInstances": 3, "Modalities": "CT,PT"}
    ]
    series = found[0]["series"]
    assert [(one["SeriesInstanceUID"], one["Modality"], len(one["instances"])) for one in series] == [
        ("1.2.1", "PT", 1),
        ("1.2.3", "CT", 2),
    ]
    assert (series[1]["SeriesNumber"], series[1]["SliceThickness"]) == (7, 2.5)
    assert series[1]["instances"][0] == {
        "url": "dicomweb:../instances/a/file",
        "metadata": {
            "StudyInstanceUID": "1.2",
            "SeriesInstanceUID": "1.2.3",
            "SOPInstanceUID": "1.2.3.4",
            "Modality": "CT",
            "Rows": 128,
            "PixelSpacing": [0.5, 0.25],
            "ImageType": ["ORIGINAL", "PRIMARY"],
            "WindowCenter": 40.0,
        },
    }


ENDOSCOPY = "1.2.840.10008.5.1.4.1.1.77.1.1.1"


def told(orthanc: Server, instance: str, **values: str) -> dict[str, Any]:
    """Return what OHIF is told of an instance with these values besides those of a CT."""
    orthanc.tags[instance] = {**CT, **{name.replace("_", ","): value for name, value in values.items()}}
    (series,) = json.loads(study.description(orthanc, "s"))["studies"][0]["series"]
    (found,) = series["instances"]
    return dict(found)


def test_a_document_is_found_where_the_page_may_show_it() -> None:
    found = told(Server(), "a", **{"0008_0016": media.PDF})
    assert found["metadata"]["EncapsulatedDocument"] == {"DirectRetrieveURL": "../instances/a/ohif-pdf"}


@pytest.mark.parametrize("number", [102, 108])
def test_a_video_is_found_as_the_browser_plays_it(number: int) -> None:
    """OHIF takes it for a video by its transfer syntax."""
    server, syntax = Server(), f"1.2.840.10008.1.2.4.{number}"
    server.syntaxes["a"] = syntax
    found = told(server, "a", **{"0008_0016": ENDOSCOPY})
    assert (found["url"], found["metadata"]["TransferSyntaxUID"]) == ("../instances/a/ohif-video", syntax)


@pytest.mark.parametrize(
    ("sop_class", "syntax"),
    [
        (ENDOSCOPY, "1.2.840.10008.1.2.4.100"),
        (ENDOSCOPY, ""),
        ("1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.1.2.1"),
        ("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.4.102"),
    ],
    ids=["MPEG-2", "unknown syntax", "secondary capture", "CT"],
)
def test_what_is_no_video_of_browsers_is_a_file(sop_class: str, syntax: str) -> None:
    server = Server()
    if syntax:
        server.syntaxes["a"] = syntax
    found = told(server, "a", **{"0008_0016": sop_class})
    assert found["url"] == "dicomweb:../instances/a/file"
    assert "TransferSyntaxUID" not in found["metadata"]


def test_a_study_without_instances_is_none() -> None:
    assert json.loads(study.description(Server(), "s")) == {"studies": []}


def test_what_is_kept_is_not_computed_again() -> None:
    server = Server({"a": CT})
    first = study.description(server, "s")
    server.asked.clear()
    assert study.description(server, "s") == first
    assert server.asked == ["/studies/s/instances", "/instances/a/metadata/4202"]


def test_what_is_kept_has_the_form_of_orthancs_own_plugin() -> None:
    """Tags as keys, JSON in gzip in base64."""
    server = Server({"a": CT})
    study.kept(server, "a")
    values = json.loads(gzip.decompress(base64.b64decode(server.metadata["a"])))
    assert (values["Version"], values["0028,0010"], values["0010,0010"]) == (2, 128, "Zoë")


@pytest.mark.parametrize(
    "damaged",
    [
        b"?",
        b"AAAA",
        base64.b64encode(gzip.compress(b"{")),
        base64.b64encode(gzip.compress(b"[]")),
        base64.b64encode(gzip.compress(b'{"Version": 1}')),
        base64.b64encode(gzip.compress(b"{}" * 99)[:20]),
    ],
    ids=["no base64", "no gzip", "no JSON", "no object", "another version", "cut off"],
)
def test_what_is_damaged_or_of_another_version_is_made_anew(damaged: bytes) -> None:
    server = Server({"a": CT})
    server.metadata["a"] = damaged
    assert study.kept(server, "a")["0028,0010"] == 128
    assert study.unpacked(server.metadata["a"]) == study.kept(server, "a")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("12", 12),
        (" 12\\13", 12),
        ("1.5", None),
        ("", None),
    ],
)
def test_whole_numbers(given: str, expected: int | None) -> None:
    assert tags.integer(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"), [("1e2", 100.0), ("-0.5\\1", -0.5), ("nan", None), ("inf", None), ("x", None)]
)
def test_numbers_that_json_knows(given: str, expected: float | None) -> None:
    assert tags.number(given) == expected


def test_lists_leave_out_what_is_no_number() -> None:
    assert tags.numbers("1\\x\\2") == [1.0, 2.0]


@pytest.mark.parametrize("given", [None, ["sequence"], 5])
def test_a_tag_that_is_no_text_is_left_out(given: object) -> None:
    assert tags.cached({"0028,0010": given}) == {"Version": 2}


MEDICINE = {"0018,1075": "6586", "0018,1074": "3.7e8", "0018,1072": "101500"}


def described(sequence: Any) -> Any:
    """Return what OHIF is told of a radiopharmaceutical."""
    server = Server({"a": {**PT, "0054,0016": sequence}})
    series = json.loads(study.description(server, "s"))["studies"][0]["series"]
    return series[0]["instances"][0]["metadata"].get("RadiopharmaceuticalInformationSequence")


def test_the_first_radiopharmaceutical_is_told() -> None:
    common = {"RadionuclideHalfLife": 6586.0, "RadionuclideTotalDose": 3.7e8}
    assert described([MEDICINE, {}]) == [{**common, "RadiopharmaceuticalStartTime": "101500"}]
    assert described([{**MEDICINE, "0018,1078": "20240229101500"}]) == [
        {**common, "RadiopharmaceuticalStartDateTime": "20240229101500"}
    ]


@pytest.mark.parametrize("lacking", MEDICINE)
def test_half_a_radiopharmaceutical_is_none(lacking: str) -> None:
    assert described([{key: value for key, value in MEDICINE.items() if key != lacking}]) is None


@pytest.mark.parametrize("sequence", [[], "text", ["text"]])
def test_a_sequence_that_is_none_is_left_out(sequence: object) -> None:
    assert described(sequence) is None


def test_instances_are_prepared_as_they_arrive() -> None:
    """One that cannot be is told, and the next is prepared."""
    server = Server({"a": CT})
    work = Preload(Api(server))
    work.changed(ChangeType.ORTHANC_STARTED, 0, "")
    for name in ("gone", "a"):
        work.changed(ChangeType.NEW_INSTANCE, 3, name)
    work.changed(99, 0, "")
    while "a" not in server.metadata:
        pass
    work.changed(ChangeType.ORTHANC_STOPPED, 0, "")
    assert list(server.metadata) == ["a"]
    assert server.lines == ["I OHIF: nothing was prepared for instance gone: Unknown resource"]


def test_too_many_instances_wait_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit into the queue is computed when it is asked for; the end waits for none of it."""
    monkeypatch.setattr(preload, "LONGEST", 2)
    work = Preload(Api(Server()))
    for name in "abc":
        work.changed(ChangeType.NEW_INSTANCE, 3, name)
    work.changed(ChangeType.ORTHANC_STOPPED, 0, "")


def test_the_end_waits_for_what_is_done_and_for_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instances that still wait are left to be computed when they are asked for."""
    begun, released, prepared = threading.Event(), threading.Event(), []

    def kept(_: object, instance: str) -> None:
        begun.set()
        assert released.wait(20)
        prepared.append(instance)

    monkeypatch.setattr(study, "kept", kept)
    monkeypatch.setattr(preload, "PATIENCE", 0.01)
    work = Preload(Api(Server()))
    work.changed(ChangeType.ORTHANC_STARTED, 0, "")
    work.changed(ChangeType.NEW_INSTANCE, 3, "a")
    assert begun.wait(20)
    for name in "bc":
        work.changed(ChangeType.NEW_INSTANCE, 3, name)
    work.changed(ChangeType.ORTHANC_STOPPED, 0, "")
    released.set()
    work.end()
    work.end()
    assert prepared == ["a"]
