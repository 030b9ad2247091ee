"""STL: models of regions and volumes, compared with what other libraries make, and their viewers."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from typing import Any

import docker
import numpy as np
import pytest

from harness import browser, containers, dicom, models, viewers
from harness.browser import Browser
from harness.containers import Orthanc
from services import running
from services.fixtures import Services
from tests.image.conftest import Start, steady

pytestmark = pytest.mark.inherited

ON = {"STL_PLUGIN_ENABLED": "true"}

ALL = {**ON, "ORTHANC__STL__ENABLE_NEXUS": "true", "ORTHANC__STL__ENABLE_NIFTI": "true"}

ORIGIN = "http://orthanc:8042"

BALL, TORUS = models.ball(30), models.torus(28, 12)

STL_CLASS = "1.2.840.10008.5.1.4.1.1.104.3"

NEXUS = b" sxN" + bytes(range(256))


@pytest.fixture(scope="module")
def launched(client: docker.DockerClient, image: str) -> Iterator[Orthanc]:
    """Yield the server that the tests of this module share."""
    server = containers.launch(client, image, ALL)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.remove()


@pytest.fixture
def orthanc(request: pytest.FixtureRequest, launched: Orthanc) -> Iterator[Orthanc]:
    yield from steady(request, launched)


def shapes(orthanc: Orthanc) -> str:
    """Return the identifier of an RT-STRUCT with a ball and a torus."""
    return str(orthanc.upload(dicom.encoded(models.structures({"Ball": BALL, "Torus": TORUS})))["ID"])


def encoded(orthanc: Orthanc, route: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a route answers, which must have made an instance."""
    answer = orthanc.post(route, json.dumps(body))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refusal(orthanc: Orthanc, route: str, body: Mapping[str, Any]) -> tuple[int, str]:
    """Return the status of an answer, and why."""
    answer = orthanc.post(route, json.dumps(body))
    return answer.status_code, str(answer.json()["Details"])


def data_uri(content: bytes) -> str:
    return f"data:application/octet-stream;base64,{base64.b64encode(content).decode()}"


@pytest.mark.parametrize("smooth", [True, False])
@pytest.mark.parametrize(
    ("name", "slices", "exact"),
    [
        ("Ball", BALL, 4 / 3 * np.pi * 30**3),
        ("Torus", TORUS, 2 * np.pi**2 * 28 * 12**2),
    ],
)
def test_regions_become_closed_models_of_their_volume(
    orthanc: Orthanc, name: str, slices: models.Slices, exact: float, smooth: bool
) -> None:
    """Within one per cent of the contours, and of the shape; trimesh finds no hole."""
    body = {"Instance": shapes(orthanc), "RoiNames": [name], "Resolution": 128, "Smooth": smooth}
    mesh = models.model(orthanc, encoded(orthanc, "/stl/encode-rtstruct", body)["ID"])
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.volume == pytest.approx(models.volume(slices), rel=0.01)
    assert mesh.volume == pytest.approx(exact, rel=0.015)
    assert mesh.euler_number == (2 if name == "Ball" else 0)
    assert np.abs(mesh.bounds.sum(axis=0)).max() < 1


def test_a_real_file_becomes_the_model_that_others_make(orthanc: Orthanc) -> None:
    """The RT-STRUCT of pydicom: its contours name no images, and two of its regions are points."""
    content, slices = models.real_structures()
    instance = orthanc.upload(content)["ID"]
    assert orthanc.json(f"/stl/rt-struct/{instance}") == ["Isocenter 1", "Isocenter 2", "patient"]
    body = {"Instance": instance, "RoiNames": ["patient"]}
    mesh = models.model(orthanc, encoded(orthanc, "/stl/encode-rtstruct", body)["ID"])
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx(models.volume(slices, 10), rel=0.01)
    drawn = np.array([models.filled(outlines[0], 400) for _, outlines in slices])
    assert mesh.volume == pytest.approx(models.independent(drawn, (10, 1, 1)), rel=0.01)
    status, why = refusal(orthanc, "/stl/encode-rtstruct", {**body, "RoiNames": ["Isocenter 1"]})
    assert (status, why) == (
        400,
        'RT-STRUCT: the region "Isocenter 1", contour 1: is POINT, and only CLOSED_PLANAR encloses anything.'
        " Choose other regions.",
    )


def test_the_new_instance_says_what_it_is(orthanc: Orthanc) -> None:
    """It belongs to the study and the frame of reference; tags that are given win."""
    source = models.structures({"Ball": BALL})
    instance = orthanc.upload(dicom.encoded(source))["ID"]
    body = {"Instance": instance, "RoiNames": ["Ball"], "Resolution": 32, "Tags": {"0020,0011": "77"}}
    made = encoded(orthanc, "/stl/encode-rtstruct", body)
    assert made["ParentStudy"] == orthanc.json(f"/instances/{instance}/study")["ID"]
    answer = orthanc.get(f"/instances/{made['ID']}/file")
    found = dicom.decoded(answer.content)
    assert (found.SOPClassUID, found.Modality, found.MIMETypeOfEncapsulatedDocument) == (
        STL_CLASS,
        "M3D",
        "model/stl",
    )
    assert found.FrameOfReferenceUID == source.FrameOfReferenceUID
    assert (found.SeriesDescription, found.SeriesNumber) == ("Contours: Ball", 77)
    assert found.Manufacturer == "orthanc-images"
    assert found.BurnedInAnnotation == "NO"
    (unit,) = found.MeasurementUnitsCodeSequence
    assert (unit.CodeValue, unit.CodingSchemeDesignator) == ("mm", "UCUM")
    assert len(found.ConceptNameCodeSequence) == 0


def test_contours_lie_in_the_plane_of_their_image(orthanc: Orthanc) -> None:
    image = dicom.ct()
    orthanc.upload(dicom.encoded(image))
    source = models.structures({"Ball": BALL}, str(image.SOPInstanceUID))
    body = {"Instance": orthanc.upload(dicom.encoded(source))["ID"], "RoiNames": ["Ball"], "Resolution": 64}
    mesh = models.model(orthanc, encoded(orthanc, "/stl/encode-rtstruct", body)["ID"])
    assert mesh.volume == pytest.approx(models.volume(BALL), rel=0.01)


def test_a_volume_becomes_the_model_that_others_make(orthanc: Orthanc) -> None:
    """Plain and compressed, with voxels that are longer in one direction."""
    z, y, x = np.mgrid[0:32, 0:48, 0:48]
    voxels = np.hypot(np.hypot(x - 23.5, y - 23.5), 1.5 * (z - 15.5)) <= 20
    study = orthanc.upload(dicom.encoded(dicom.ct()))["ParentStudy"]
    expected = models.independent(voxels, (1.5, 1, 1))
    plain = models.nifti(voxels, (1, 1, 1.5))
    for content in (plain, gzip.compress(plain)):
        body = {"Nifti": data_uri(content), "ParentStudy": study, "Resolution": 96}
        made = encoded(orthanc, "/stl/encode-nifti", body)
        assert made["ParentStudy"] == study
        mesh = models.model(orthanc, made["ID"])
        assert mesh.is_watertight
        assert mesh.volume == pytest.approx(expected, rel=0.01)


def test_what_is_asked_for_wrongly_is_refused_with_a_reason(orthanc: Orthanc) -> None:
    instance = shapes(orthanc)
    image = orthanc.upload(dicom.encoded(dicom.ct()))
    route, good = "/stl/encode-rtstruct", {"Instance": instance, "RoiNames": ["Ball"]}
    names = 'RoiNames: there is no region "Lung" in this RT-STRUCT. GET /stl/rt-struct/{id} lists them.'
    assert refusal(orthanc, route, {**good, "RoiNames": ["Lung"]}) == (400, names)
    status, why = refusal(orthanc, route, {**good, "Resolution": 1025})
    assert status == 400
    assert why.startswith("Body.Resolution: ")
    none = "RT-STRUCT: there is no StructureSetROISequence: it is no RT-STRUCT, or it has no regions."
    assert refusal(orthanc, route, {**good, "Instance": image["ID"]}) == (400, none)
    assert orthanc.get(f"/stl/rt-struct/{image['ID']}").status_code == 400
    assert orthanc.get(f"/instances/{image['ID']}/stl").status_code == 400
    for path in ("/instances/0-0/stl", "/stl/rt-struct/0-0", "/stl/app/none.js"):
        assert orthanc.get(path).status_code == 404
    assert refusal(orthanc, route, {**good, "Instance": "0-0"})[0] == 404
    route, good = "/stl/encode-nifti", {"ParentStudy": image["ParentStudy"]}
    status, why = refusal(orthanc, route, {**good, "Nifti": data_uri(b"not this")})
    assert (status, why) == (400, "Nifti: it is no NIfTI file in one piece (.nii or .nii.gz).")
    assert len(orthanc.json("/instances")) >= 2


@pytest.mark.timeout(300)
def test_the_greatest_models_are_refused_without_much_memory(orthanc: Orthanc) -> None:
    """Neither a fine one, nor a small file that unpacks to much, nor one that promises much."""
    body = {"Instance": shapes(orthanc), "RoiNames": ["Ball"], "Resolution": 1024}
    assert refusal(orthanc, "/stl/encode-rtstruct", body) == (
        413,
        "the model would have more than 5000000 triangles. Give a smaller Resolution.",
    )
    study = orthanc.json("/studies")[0]
    large = bytearray(models.nifti(np.zeros((1, 1, 1))))
    large[42:48] = np.array([4096, 4096, 33], "<i2").tobytes()
    bomb = models.nifti(np.zeros((1, 1, 1))) + bytes(1 << 28)
    for content, words in ((bytes(large), "more than 512 MiB"), (gzip.compress(bomb), "the same value")):
        body = {"Nifti": data_uri(content), "ParentStudy": study}
        status, why = refusal(orthanc, "/stl/encode-nifti", body)
        assert (status, words in why) == (400, True)
    # The most that it ever had.
    peak = orthanc.run("grep", "VmHWM", "/proc/1/status").stdout.split()[1]
    assert int(peak) < 1_000_000


def test_nexus_models_are_kept_and_read_in_parts(orthanc: Orthanc) -> None:
    study = orthanc.upload(dicom.encoded(dicom.ct()))["ParentStudy"]
    content = base64.b64encode(NEXUS).decode()
    made = encoded(orthanc, "/stl/create-nexus", {"Content": content, "Parent": study, "Tags": {}})
    found = dicom.decoded(orthanc.get(f"/instances/{made['ID']}/file").content)
    assert (found.SOPClassUID, found.Modality) == ("1.2.840.10008.5.1.4.1.1.66", "OT")
    assert found.private_block(0x4205, "OrthancSTL")[1].value == NEXUS
    for path in (f"/instances/{made['ID']}/nexus", f"/stl/3dhop-instances/{made['ID']}.nxz"):
        answer = orthanc.get(path, headers={"Range": "bytes=4-13"})
        assert (answer.status_code, answer.content) == (206, NEXUS[4:14])
        assert answer.headers["Content-Range"] == f"bytes 4-13/{len(NEXUS)}"
        assert orthanc.get(path).status_code == 416
    for path in ("/stl/nexus/threejs.html", "/stl/3dhop/3DHOP_all_tools.html"):
        answer = orthanc.get(path)
        assert answer.status_code == 404
        assert "are not part of these images" in answer.json()["Details"]


def test_it_may_be_off(start: Start) -> None:
    """Then the plugin is loaded, and offers nothing; the routes of Nexus are off by default."""
    orthanc = start({**ON, "ORTHANC__STL__ENABLE": "false"})
    assert orthanc.get("/stl/app/o3dv.html").status_code == 404
    orthanc = start(ON)
    assert orthanc.get("/stl/app/o3dv.html").status_code == 200
    assert orthanc.get("/stl/nexus/threejs.html").status_code == 404
    assert orthanc.post("/stl/create-nexus", "{}").status_code == 404


def shows_model(window: Browser) -> None:
    """Wait until a viewer shows a model: something bright on dark, with shades."""
    window.until(lambda: window.run("return document.getElementById('root').dataset.shown"), "the model")

    def drawn() -> bool:
        pictures = window.canvases()
        return len(pictures) == 1 and pictures[0].max() > 120 and len(np.unique(pictures[0])) > 30

    window.until(drawn, "a canvas shows the model")


@pytest.mark.timeout(400)
def test_viewers_and_buttons(
    start: Start, client: docker.DockerClient, network: str, services: Services
) -> None:
    """From an RT-STRUCT in Orthanc Explorer to its model in both viewers, with nothing from elsewhere."""
    orthanc = start(ALL, **running.on(client, network, "orthanc"))
    instance = shapes(orthanc)
    with viewers.signed_in(services("chromium"), ORIGIN) as window:
        window.open(f"/app/explorer.html#instance?uuid={instance}")
        window.click("#instance-stl-generate")
        window.click("#instance form button, .ui-simpledialog-container form button")
        window.until(lambda: "#series?uuid=" in window.address(), "the page of the new series")
        series = window.address().partition("uuid=")[2]
        (model,) = orthanc.json(f"/series/{series}")["Instances"]
        window.click("#series-stl-viewer")
        for page in ("three.html", "o3dv.html"):
            window.shown(f"a[href='../stl/app/{page}?instance={model}']")
        window.requests()
        for page in ("three.html", "o3dv.html"):
            window.open(f"/stl/app/{page}?instance={model}")
            shows_model(window)
            viewers.kept(window, f"stl-{page.partition('.')[0]}")
        assert browser.wrong(window.requests(), ORIGIN) == []
        study = orthanc.json(f"/series/{series}")["ParentStudy"]
        window.open(f"/ui/app/study?id={study}")
        unfold = "const all = [...document.querySelectorAll('.choice details')]; "
        unfold += "all.forEach((one) => { one.open = true; }); return all.length"
        window.until(lambda: window.run(unfold), "the series of the study")
        window.shown("//*[normalize-space(text())='3D model']")
        window.open("/stl/app/three.html")
        assert "?instance=" in str(window.run("return document.body.textContent"))
        window.open(f"/app/explorer.html#study?uuid={study}")
        for button in ("stl", "nifti", "nexus"):
            window.shown(f"#study-attach-{button}")
        window.open(f"/app/explorer.html#instance?uuid={instance}")
        window.shown("#instance-stl-generate")
        assert not window.run("return document.querySelector('#instance-stl-viewer').offsetParent")


def test_other_programs_find_it_among_the_plugins(orthanc: Orthanc) -> None:
    assert "stl" in orthanc.json("/plugins")
    assert orthanc.json("/ui/api/configuration")["Plugins"]["stl"]["Enabled"] is True
