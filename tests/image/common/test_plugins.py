"""Each plugin at work: slides, worklists, folders, clean-up, tenants, NIfTI, Python."""

from __future__ import annotations

import gzip
import io
import json
import struct
import textwrap

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian
from testinfra.host import Host

from harness import dicom, peers
from harness.containers import DICOM_PORT, HTTP_PORT, LOGIN, Orthanc
from harness.peers import query
from startup.plugins import PLUGINS
from tests.image.conftest import Start

pytestmark = pytest.mark.inherited

TILE = 64

SIGNED_IN = [f"--username={LOGIN[0]}", f"--password={LOGIN[1]}"]


def slide() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return a picture of 4 x 3 tiles in colour, no two tiles alike."""
    rows, columns = np.mgrid[0 : 3 * TILE, 0 : 4 * TILE]
    return np.stack([rows, columns, (rows // TILE) * 60 + (columns // TILE) * 15], axis=-1).astype("u1")


def tiff(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    """Return the picture as a TIFF file without compression."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="TIFF")
    return buffer.getvalue()


@pytest.fixture
def slides(start: Start) -> Orthanc:
    """Return a server with one slide, made from a TIFF by the command-line tool that is in the image."""
    server = start({"WSI_PLUGIN_ENABLED": "true"})
    server.write("/tmp/slide.tif", tiff(slide()))
    said = server.run(
        "OrthancWSIDicomizer", "--orthanc=http://localhost:8042", *SIGNED_IN,
        "--pyramid=1", f"--tile-width={TILE}", f"--tile-height={TILE}", "--compression=none",
        "/tmp/slide.tif",
    )  # fmt: skip
    assert said.code == 0, said.stderr
    return server


def test_dicomizer_makes_a_pyramid_of_a_tiff(slides: Orthanc) -> None:
    """OrthancWSIDicomizer turns a TIFF into DICOM that the plugin serves as a pyramid with several levels."""
    (series,) = slides.json("/series")
    pyramid = slides.json(f"/wsi/pyramids/{series}")
    assert (pyramid["TotalWidth"], pyramid["TotalHeight"]) == (4 * TILE, 3 * TILE)
    assert pyramid["Resolutions"][:2] == [1, 2]
    assert pyramid["TilesCount"][0] == [4, 3]


@pytest.mark.parametrize(("column", "row"), [(0, 0), (3, 2), (1, 2)])
def test_tile_has_the_pixels_of_the_tiff(slides: Orthanc, column: int, row: int) -> None:
    """A tile of the finest level shows its part of the picture."""
    (series,) = slides.json("/series")
    answer = slides.get(f"/wsi/tiles/{series}/0/{column}/{row}", headers={"Accept": "image/png"})
    assert answer.status_code == 200, answer.text
    part = slide()[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
    assert np.array_equal(part, np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB")))


def test_slide_becomes_a_tiff_again(slides: Orthanc) -> None:
    """OrthancWSIDicomToTiff turns the DICOM back into a TIFF of the same size."""
    (series,) = slides.json("/series")
    said = slides.run(
        "OrthancWSIDicomToTiff", "--orthanc=http://localhost:8042", *SIGNED_IN,
        "--reencode=1", series, "/tmp/back.tif",
    )  # fmt: skip
    assert said.code == 0, said.stderr
    picture = Image.open(io.BytesIO(slides.read("/tmp/back.tif")))
    assert picture.size == (4 * TILE, 3 * TILE)
    difference = np.abs(np.asarray(picture.convert("RGB")).astype(int) - slide())
    assert difference.mean() < 5


def worklist_item(patient: str, modality: str) -> bytes:
    """Return a worklist file with one scheduled step."""
    item = dicom.instance(
        "1.2.276.0.7230010.3.1.0.1",
        patient=patient, study="worklist", series="w", number=1, modality=modality,
    )  # fmt: skip
    step = Dataset()
    step.Modality, step.ScheduledStationAETitle = modality, "TESTER"
    step.ScheduledProcedureStepStartDate, step.ScheduledProcedureStepStartTime = "20240301", "080000"
    item.ScheduledProcedureStepSequence = [step]
    item.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dicom.encoded(item)


def test_worklists_are_found(start: Start) -> None:
    """C-FIND in the worklist finds the files of the documented folder, by modality."""
    server = start(
        {
            "WORKLISTS_PLUGIN_ENABLED": "true",
            "ORTHANC__DICOM_MODALITIES": '{"tester": ["TESTER", "localhost", 104]}',
        },
        files={
            "/var/lib/orthanc/worklists/one.wl": worklist_item("WL-1", "CT"),
            "/var/lib/orthanc/worklists/two.wl": worklist_item("WL-2", "MR"),
        },
    )
    wanted = Dataset()
    wanted.PatientID = ""
    step = Dataset()
    step.Modality = "MR"
    wanted.ScheduledProcedureStepSequence = [step]
    assert [match.PatientID for match in peers.worklist(server, wanted)] == ["WL-2"]


def test_folders_are_served(start: Start) -> None:
    """ServeFolders hands out the files of a folder, and only them."""
    server = start(
        {"ORTHANC__SERVE_FOLDERS": '{"/site": "/usr/local/share/site"}'},
        files={"/usr/local/share/site/hello.html": "<h1>Zoë</h1>"},
    )
    page = server.get("/site/hello.html")
    assert (page.status_code, page.content.decode()) == (200, "<h1>Zoë</h1>")
    assert "text/html" in page.headers["Content-Type"]
    assert server.get("/site/other.html").status_code == 404


def test_housekeeper_reports(start: Start) -> None:
    """Housekeeper is on and answers."""
    status = start({"HOUSEKEEPER_PLUGIN_ENABLED": "true"}).json("/plugins/housekeeper/status")
    assert "LastProcessedConfiguration" in status


def test_deletion_is_delayed(start: Start) -> None:
    """DelayedDeletion takes deleted files over and removes them from the storage in the end."""
    server = start({"DELAYED_DELETION_PLUGIN_ENABLED": "true"})
    said = server.upload(dicom.encoded(dicom.ct(patient="delete")))
    server.delete(f"/instances/{said['ID']}").raise_for_status()
    assert server.get(f"/instances/{said['ID']}").status_code == 404
    assert "FilesPendingDeletion" in server.json("/plugins/delayed-deletion/status")


def test_tenants_see_their_own(start: Start) -> None:
    """MultitenantDicom opens another DICOM port whose clients see and store only what has its label."""
    tenants = {
        "Servers": [
            {
                "Port": 4343, "AET": "TENANT", "Labels": ["mine"], "LabelsConstraint": "All",
                "LabelsStoreLevels": ["Study", "Series", "Instance"],
            }
        ]
    }  # fmt: skip
    server = start(
        {
            "ORTHANC__MULTITENANT_DICOM": json.dumps(tenants),
            "ORTHANC__DICOM_MODALITIES": '{"tester": ["TESTER", "localhost", 104]}',
        },
        ports=dict.fromkeys((HTTP_PORT, DICOM_PORT, "4343/tcp"), ("127.0.0.1", None)),
    )
    tenant = peers.PeerPlace(server.address("4343/tcp"), "TENANT")
    server.upload(dicom.encoded(dicom.ct(patient="other", study="theirs")))
    assert peers.store(tenant, [dicom.ct(patient="mine", study="ours")]) == [0x0000]
    everything = query("STUDY", PatientID="", StudyInstanceUID="")
    assert [match.PatientID for match in peers.find(tenant, everything)] == ["mine"]
    assert {"mine", "other"} == {match.PatientID for match in peers.find(server, everything)}


def test_series_becomes_nifti(start: Start) -> None:
    """Neuro turns an MR series into one NIfTI file with its size and its voxels."""
    server = start({"NEURO_PLUGIN_ENABLED": "true"})
    slices = [dicom.mr(number) for number in (1, 2, 3)]
    for each in slices:
        said = server.upload(dicom.encoded(each))
    series = said["ParentSeries"]
    answer = server.get(f"/series/{series}/nifti?compress")
    assert answer.status_code == 200, answer.text
    volume = gzip.decompress(answer.content) if answer.content[:2] == b"\x1f\x8b" else answer.content
    assert struct.unpack("<i", volume[:4])[0] == 348
    assert struct.unpack("<4h", volume[40:48]) == (3, 48, 32, 3)
    (offset,) = struct.unpack("<f", volume[108:112])
    voxels = np.frombuffer(volume[int(offset) :], "<u2")
    assert sorted(np.concatenate([each.pixel_array.ravel() for each in slices])) == sorted(voxels)


def emptied(dataset: Dataset) -> None:
    """Take what tells how thick a slice is."""
    dataset.SliceThickness = ""


def grouped(dataset: Dataset) -> None:
    """Move that into the functional groups, where enhanced images have it."""
    measures, groups = Dataset(), Dataset()
    measures.SliceThickness = dataset.SliceThickness
    del dataset.SliceThickness
    groups.PixelMeasuresSequence = [measures]
    dataset.SharedFunctionalGroupsSequence = [groups]


def doubled(dataset: Dataset) -> None:
    """Make two frames of one."""
    dicom.add_pixels(dataset, np.stack([dataset.pixel_array] * 2), stored=12)


def halved(dataset: Dataset) -> None:
    """Leave 8 bits of each pixel."""
    dicom.add_pixels(dataset, dataset.pixel_array.astype("u1"))


REFUSED = {
    emptied: (400, "Unable to determine spacing between slices"),
    grouped: (400, "Unable to determine spacing between slices"),
    doubled: (500, "Cannot detect the 3D coordinates in a multiframe instance"),
    halved: (500, None),
}


def test_neuro_refuses_what_it_cannot_place(start: Start) -> None:
    """As docs/limits.md says: the web pages do not offer it for these, by the same tags."""
    server = start({"NEURO_PLUGIN_ENABLED": "true"})
    for change, (status, details) in REFUSED.items():
        one = dicom.mr(patient=change.__name__)
        change(one)
        series = server.upload(dicom.encoded(one))["ParentSeries"]
        answer = server.get(f"/series/{series}/nifti")
        assert (answer.status_code, answer.json().get("Details")) == (status, details), change.__name__


def test_neuro_needs_no_thickness_beside_the_spacing(start: Start) -> None:
    """The distance of slices is that of their positions; rows and columns have each other's spacing."""
    server = start({"NEURO_PLUGIN_ENABLED": "true"})
    for number in (1, 2, 3):
        one = dicom.mr(number)
        del one.SliceThickness
        one.SpacingBetweenSlices, one.PixelSpacing = 7, [2, 0.5]
        series = server.upload(dicom.encoded(one))["ParentSeries"]
    assert struct.unpack("<3f", server.get(f"/series/{series}/nifti").content[80:92]) == (2, 0.5, 3)


SCRIPT = textwrap.dedent(
    """
    import json, ssl, sqlite3, sys
    import orthanc

    def answer(output, uri, **request):
        system = json.loads(orthanc.RestApiGet("/system"))
        said = {"name": system["Name"], "python": sys.version_info[:2], "word": "Zoë", "uri": uri}
        output.AnswerBuffer(json.dumps(said), "application/json")

    def stored(dicom, identifier):
        orthanc.LogWarning("stored " + dicom.GetInstanceSimplifiedJson()[:0] + identifier)

    orthanc.RegisterRestCallback("/hello", answer)
    orthanc.RegisterOnStoredInstanceCallback(stored)
    """
)


def test_python_plugin_answers(start: Start) -> None:
    """A user's PythonScript adds a route and hears of each stored instance."""
    server = start(
        files={
            "/etc/orthanc/hello.py": SCRIPT,
            "/etc/orthanc/python.json": '{"PythonScript": "/etc/orthanc/hello.py", "Name": "Łódź"}',
        }
    )
    expected = {"name": "Łódź", "python": [3, 14], "word": "Zoë", "uri": "/hello"}
    assert expected == server.json("/hello")
    said = server.upload(dicom.encoded(dicom.ct(patient="python")))
    server.wait_for_log(f"stored {said['ID']}")


def test_lua_script_answers(start: Start) -> None:
    """A user's Lua script is called."""
    script = 'function OnStoredInstance(id, tags) print("kept " .. tags["PatientID"]) end'
    server = start(
        {"ORTHANC__LUA_SCRIPTS": '["/etc/orthanc/hello.lua"]'}, files={"/etc/orthanc/hello.lua": script}
    )
    server.upload(dicom.encoded(dicom.ct(patient="lua")))
    server.wait_for_log("kept lua")


def test_web_viewer_shows_a_series(start: Start) -> None:
    """OrthancWebViewer serves its page and the picture of an instance."""
    server = start({"ORTHANC_WEB_VIEWER_PLUGIN_ENABLED": "true"})
    said = server.upload(dicom.encoded(dicom.jpeg2000(dicom.ct(patient="viewer"))))
    assert server.get("/web-viewer/app/viewer.html").status_code == 200
    series = server.json(f"/web-viewer/series/{said['ParentSeries']}")
    assert len(series["Slices"]) == 1
    picture = server.get(f"/web-viewer/instances/jpeg95-{said['ID']}_0")
    assert picture.status_code == 200, picture.text
    shown = picture.json()["Orthanc"]
    assert (picture.json()["width"], picture.json()["height"]) == (64, 64)
    assert shown["Compression"] == "Jpeg"


def test_users_own_plugin_folder_is_loaded(start: Start, orthanc: Orthanc) -> None:
    """A library that lies in /usr/share/orthanc/plugins is loaded without any switch."""
    where = "/usr/share/orthanc/plugins-available/libServeFolders.so"
    library = orthanc.read(where)
    server = start(files={"/usr/share/orthanc/plugins/mine.so": library})
    assert {"gdcm", "orthanc-explorer-2", "serve-folders"} == server.plugins()


def test_native_parts_are_those_of_the_table(host: Host) -> None:
    """Each plugin of the table that has one, and each library knows the name under which Orthanc lists it."""
    folder = "/usr/lib/orthanc-image/native"
    native = {
        library.names[0]: title
        for plugin in PLUGINS
        for library, title in zip(plugin.libraries, plugin.titles, strict=False)
    }
    assert set(host.file(folder).listdir()) == {
        *native,
        "authorization-explain",
        "database-check",
        "pixels-worker",
    }
    for library, name in native.items():
        assert name.encode() in host.file(f"{folder}/{library}").content
