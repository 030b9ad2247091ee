"""PixelsMasker: what is masked is compared with numpy, and all else with what was there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import docker
import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from harness import containers, dicom
from harness.containers import Orthanc
from tests.image.conftest import steady
from tests.image.default.pictures import KINDS, LOSSLESS, LOSSY, colour, grey, palette, pixels_of, reading
from tests.image.default.test_pixels import holds, transcoded, turned

pytestmark = pytest.mark.inherited

SAMPLES = Path(str(files("pydicom"))) / "data" / "test_files"
EXPLICIT = LOSSLESS["explicit"]
PREFIX = "/plugins/pixels-masker"

SETTINGS = {"PIXELS_MASKER_PLUGIN_ENABLED": "true", "ORTHANC__OVERWRITE_INSTANCES": "true"}

Array = np.ndarray[Any, Any]


@pytest.fixture(scope="module")
def launched(client: docker.DockerClient, image: str) -> Iterator[Orthanc]:
    """Yield the server that the tests of this module share."""
    server = containers.launch(client, image, SETTINGS)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.remove()


@pytest.fixture
def server(request: pytest.FixtureRequest, launched: Orthanc) -> Iterator[Orthanc]:
    """Yield the module's server, which is the same process after the test, and is empty before it."""
    for patient in launched.json("/patients"):
        launched.delete(f"/patients/{patient}")
    yield from steady(request, launched)


def fill(origin: list[float], end: list[float], value: int = 0, **more: Any) -> dict[str, Any]:
    kind = "2D" if len(origin) == 2 else "3D"
    region = {"MaskType": "Fill", "FillValue": value, "RegionType": kind, "Origin": origin, "End": end}
    return {**region, **more}


def mean(origin: list[float], end: list[float], width: int = 5, **more: Any) -> dict[str, Any]:
    region = fill(origin, end, **more)
    del region["FillValue"]
    return {**region, "MaskType": "MeanFilter", "FilterWidth": width}


def ask(server: Orthanc, path: str, *regions: dict[str, Any], **body: Any) -> Any:
    """Return the answer to a request that masks these regions, whatever its status."""
    asked = {"MaskPixelData": {"Regions": list(regions)}, **body}
    return server.post(f"{PREFIX}{path}", json.dumps(asked))


def masked(server: Orthanc, content: bytes, *regions: dict[str, Any], **body: Any) -> bytes:
    """Return the file that the instance becomes."""
    identifier = server.upload(content)["ID"]
    try:
        answer = ask(server, f"/instances/{identifier}/modify", *regions, **body)
        assert answer.status_code == 200, answer.text
        return bytes(answer.content)
    finally:
        server.delete(f"/instances/{identifier}")


def in_frames(pixels: Array, samples: int) -> Array:
    """Return the pixels as frames, rows, columns and samples."""
    shape = pixels.shape if samples > 1 else (*pixels.shape, 1)
    return pixels.reshape((1, *shape) if len(shape) == 3 else shape)


def means(frame: Array, box: tuple[int, int, int, int], width: int) -> Array:
    """Return a copy in which each pixel of the box is the mean of the square around it, rounded upwards."""
    left, top, right, bottom = box
    wide, made = frame.astype("i8"), frame.copy()
    for row in range(top, bottom):
        for column in range(left, right):
            above, before = max(0, row - width // 2), max(0, column - width // 2)
            part = wide[above : row - width // 2 + width, before : column - width // 2 + width]
            count = part.shape[0] * part.shape[1]
            made[row, column] = (2 * part.sum(axis=(0, 1)) + count) // (2 * count)
    return made


def expected(pixels: Array, samples: int, region: dict[str, Any]) -> Array:
    """Return what numpy makes of the pixels by a region in two dimensions."""
    made = in_frames(pixels, samples).copy()
    (left, top), (right, bottom) = region["Origin"], region["End"]
    for number, frame in enumerate(made):
        if "FillValue" in region:
            frame[top:bottom, left:right] = region["FillValue"]
        else:
            box = (left, top, min(right, frame.shape[1]), min(bottom, frame.shape[0]))
            made[number] = means(frame, box, region["FilterWidth"])
    return made.reshape(pixels.shape)


def half(dataset: Dataset) -> tuple[list[float], list[float]]:
    """Return the corners of a region inside of the image, which is not at a border where there is room."""
    columns, rows = dataset.Columns, dataset.Rows
    origin: list[float] = [min(1, columns - 1), min(1, rows - 1)]
    return origin, [max(2, columns // 2 + 1) if columns > 1 else 1, max(2, rows // 2 + 1) if rows > 1 else 1]


def value_in(dataset: Dataset) -> int:
    return -3 if dataset.PixelRepresentation else min(5, (1 << dataset.BitsStored) - 1)


@pytest.mark.parametrize("kind", [one for one in KINDS if one != "numbers"])
def test_every_kind_in_every_lossless_syntax(server: Orthanc, kind: str) -> None:
    """The region is what numpy makes of it, the rest stays bit for bit, and so does the transfer syntax."""
    original = dicom.encoded(KINDS[kind]())
    dataset, pixels = reading(original), pixels_of(original)
    corners = half(dataset)
    regions = [fill(*corners, value_in(dataset))]
    if kind != "palette":
        regions.append(mean(*corners))
    for name, uid in LOSSLESS.items():
        if not holds(kind, name):
            continue
        stored = transcoded(server, original, uid)
        assert stored is not None
        for region in regions:
            made = masked(server, stored, region, Replace={"PatientName": "MASKED"})
            result = reading(made)
            assert result.file_meta.TransferSyntaxUID == uid, name
            assert result.PatientName == "MASKED"
            assert result.SOPInstanceUID != dataset.SOPInstanceUID
            if turned(made):  # pydicom leaves the bytes of each word where they are
                made = transcoded(server, made, EXPLICIT) or b""
            there = expected(pixels, dataset.SamplesPerPixel, region)
            assert np.array_equal(pixels_of(made), there), (name, region["MaskType"])


def ybr(interpretation: str, frames: int = 2) -> Dataset:
    """Return an image with colour differences, of which two pixels share them where that is its name."""
    dataset = colour(interpretation, "u1", 8, size=18, frames=frames)
    dataset.PhotometricInterpretation = interpretation
    if interpretation == "YBR_FULL_422":
        pixels = np.frombuffer(dataset.PixelData, "u1").reshape(-1, 2, 3)
        pairs = [pixels[:, 0, 0], pixels[:, 1, 0], pixels[:, 0, 1], pixels[:, 0, 2]]
        dataset.PixelData = np.stack(pairs, axis=-1).tobytes()
    return dataset


@pytest.mark.parametrize("interpretation", ["YBR_FULL", "YBR_FULL_422"])
def test_colour_differences(server: Orthanc, interpretation: str) -> None:
    """A constant is a grey, and a mean that of each of the three; the other pixels keep theirs."""
    original = dicom.encoded(ybr(interpretation))
    pixels = pixels_of(original)
    there = pixels.copy()
    there[:, 2:9, 3:12] = [40, 128, 128]
    assert np.array_equal(pixels_of(masked(server, original, fill([3, 2], [12, 9], 40))), there)
    region = mean([3, 2], [12, 9], 4)
    assert np.array_equal(pixels_of(masked(server, original, region)), expected(pixels, 3, region))


def test_monochrome1(server: Orthanc) -> None:
    """The value is the one that is stored, although 0 is white."""
    dataset = grey("white", "<u2", 12)
    dataset.PhotometricInterpretation = "MONOCHROME1"
    original, region = dicom.encoded(dataset), fill([3, 2], [12, 9], 4095)
    made = masked(server, original, region)
    assert reading(made).PhotometricInterpretation == "MONOCHROME1"
    assert np.array_equal(pixels_of(made), expected(pixels_of(original), 1, region))


def test_mean_of_a_palette(server: Orthanc) -> None:
    """It is the colour around that is nearest to the mean, of the same table."""
    original = dicom.encoded(palette("palette"))
    dataset, pixels = reading(original), pixels_of(original)
    words = ("Red", "Green", "Blue")
    raw = [getattr(dataset, f"{word}PaletteColorLookupTableData") for word in words]
    table = np.stack([np.frombuffer(one, "<u2") for one in raw], axis=-1).astype("i8")
    left, top, right, bottom, width = 3, 2, 12, 9, 5
    wanted = means(table[pixels], (left, top, right, bottom), width)
    around = np.unique(pixels[top - 2 : bottom + 2, left - 2 : right + 2])
    there = pixels.copy()
    for row in range(top, bottom):
        for column in range(left, right):
            distances = ((table[around] - wanted[row, column]) ** 2).sum(axis=-1)
            there[row, column] = around[distances.argmin()]
    made = masked(server, original, mean([left, top], [right, bottom], width))
    assert np.array_equal(pixels_of(made), there)


@pytest.mark.parametrize("name", LOSSY)
def test_nothing_is_lost_twice(server: Orthanc, name: str) -> None:
    """What was lossy becomes native, says still that it was lossy, and changes in the region only."""
    kind = "colour" if name in ("jpeg-baseline", "jpeg-2000-lossy") else "8 bits"
    lossy = transcoded(server, dicom.encoded(KINDS[kind]()), LOSSY[name])
    assert lossy is not None
    native = transcoded(server, lossy, EXPLICIT)
    assert native is not None
    region = fill([3, 2], [12, 9], 7)
    result = masked(server, lossy, region)
    dataset = reading(result)
    assert dataset.file_meta.TransferSyntaxUID == EXPLICIT
    assert dataset.LossyImageCompression == "01"
    assert dataset.LossyImageCompressionMethod == reading(lossy).LossyImageCompressionMethod
    samples = int(dataset.SamplesPerPixel)
    assert np.array_equal(pixels_of(result), expected(pixels_of(native), samples, region))


def test_a_lossy_syntax_that_is_wanted(server: Orthanc) -> None:
    """Whoever asks for one gets it, after the region was masked."""
    original = dicom.encoded(grey("wanted", "u1", 8, rows=64, columns=64))
    made = masked(server, original, fill([16, 16], [48, 48], 200), Transcode=LOSSY["jpeg-baseline"])
    dataset = reading(made)
    assert dataset.file_meta.TransferSyntaxUID == LOSSY["jpeg-baseline"]
    assert np.abs(pixels_of(made)[20:44, 20:44].astype(int) - 200).max() < 5


def test_files_of_pydicom(server: Orthanc) -> None:
    """Real files: those that can be decoded are masked, and differ from what they were in the region only."""
    done = 0
    for path in sorted(SAMPLES.glob("*.dcm")):
        content = path.read_bytes()
        stored = server.post("/instances", content)
        if stored.status_code != 200:
            continue
        identifier = stored.json()["ID"]
        answer = server.get(f"/instances/{identifier}/file?transcode={EXPLICIT}")
        native = answer.content if answer.status_code == 200 else b""
        dataset = reading(native) if native else Dataset()
        ready = "PixelData" in dataset and {"Rows", "Columns", "BitsStored", "PixelRepresentation"} <= set(
            dataset.dir()
        )
        if ready:
            region = fill(*half(dataset), value_in(dataset))
            answer = ask(server, f"/instances/{identifier}/anonymize", region)
            assert answer.status_code == 200, (path.name, answer.text)
            if dataset.PhotometricInterpretation in ("RGB", "MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"):
                made = transcoded(server, answer.content, EXPLICIT)
                assert made is not None, path.name
                there = expected(pixels_of(native), int(dataset.SamplesPerPixel), region)
                assert np.array_equal(pixels_of(made), there), path.name
                done += 1
        server.delete(f"/instances/{identifier}")
    assert done > 30


def study(server: Orthanc, *datasets: Dataset) -> tuple[str, dict[str, bytes]]:
    """Return the study that the instances make, and their files by Orthanc's identifiers."""
    stored = {}
    for one in datasets:
        content = dicom.encoded(one)
        stored[server.upload(content)["ID"]] = content
    (found,) = server.json("/studies")
    return str(found), stored


def results(server: Orthanc, sources: dict[str, bytes], origin: str = "ModifiedFrom") -> dict[str, bytes]:
    """Return the files that were made of the sources, by the identifiers of these."""
    made = {}
    for identifier in server.json("/instances"):
        if identifier not in sources:
            source = server.get(f"/instances/{identifier}/metadata/{origin}").text
            assert source not in made
            made[source] = server.get(f"/instances/{identifier}/file").content
    return made


def job(server: Orthanc, answer: Any) -> dict[str, Any]:
    """Return the job of the answer when it has ended."""
    assert answer.status_code == 200, answer.text
    end = time.monotonic() + 60
    while (found := server.json(answer.json()["Path"]))["State"] in ("Pending", "Running"):
        assert time.monotonic() < end, found
        time.sleep(0.1)
    return dict(found)


def slices(count: int = 4) -> list[Dataset]:
    """Return slices in two series, whose pixels are the same."""
    made = []
    for series, name in enumerate(("thin", "thick"), 1):
        for number in range(1, count + 1):
            made.append(dicom.ct(number, patient="M", study="S", series=name))
            made[-1].SeriesNumber = series
    return made


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_study_in_three_dimensions(server: Orthanc, asynchronous: bool) -> None:
    """The box is masked in the slices that it cuts, of the series that it is for; the study stays one."""
    identifier, sources = study(server, *slices())
    series = {one["ID"]: one for one in server.json(f"/studies/{identifier}/series")}
    thin = next(key for key, one in series.items() if one["MainDicomTags"]["SeriesDescription"] == "thin")
    region = fill([5, 8, 3.5], [12.25, 10, 6], -1000, TargetSeries=[thin])
    body = {"Replace": {"StudyDescription": "masked"}, "Asynchronous": asynchronous}
    answer = ask(server, f"/studies/{identifier}/modify", region, **body)
    if asynchronous:
        found = job(server, answer)
        assert (found["State"], found["Type"], found["Progress"]) == ("Success", "ResourceModification", 100)
    else:
        assert answer.json()["Type"] == "Study"
    made = results(server, sources)
    assert set(made) == set(sources)
    for source, content in made.items():
        before, after = reading(sources[source]), reading(content)
        there = pixels_of(sources[source]).copy()
        if before.SeriesDescription == "thin" and before.InstanceNumber in (2, 3):
            there[16:21, 10:25] = -1000
        assert np.array_equal(pixels_of(content), there), (before.SeriesDescription, before.InstanceNumber)
        assert after.StudyDescription == "masked"
        assert after.file_meta.TransferSyntaxUID == before.file_meta.TransferSyntaxUID
        kept = {"SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "StudyDescription", "PixelData"}
        changed = {
            one.keyword for one in after if one.tag not in before or before[one.tag].value != one.value
        }
        assert changed <= kept
        assert {one.keyword for one in before} == {one.keyword for one in after}
    assert len({str(reading(one).StudyInstanceUID) for one in made.values()}) == 1
    assert len({str(reading(one).SeriesInstanceUID) for one in made.values()}) == 2


def test_an_anonymized_study_without_its_source(server: Orthanc) -> None:
    """All is masked, references are mapped as Orthanc does, and the source is gone."""
    first, second = dicom.ct(1, patient="M", study="S"), dicom.ct(2, patient="M", study="S")
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = (
        first.SOPClassUID,
        first.SOPInstanceUID,
    )
    second.SourceImageSequence = Sequence([reference])
    report = dicom.pdf(patient="M")
    report.StudyInstanceUID = first.StudyInstanceUID
    identifier, sources = study(server, first, second, report)
    answer = ask(server, f"/studies/{identifier}/anonymize", fill([0, 0], [64, 10]), KeepSource=False)
    assert answer.status_code == 200, answer.text
    made = results(server, {}, "AnonymizedFrom")
    assert set(made) == set(sources)
    images = [one for one in map(reading, made.values()) if "PixelData" in one]
    found = {int(one.InstanceNumber): one for one in images}
    referenced = found[2].SourceImageSequence[0].ReferencedSOPInstanceUID
    assert referenced == found[1].SOPInstanceUID != first.SOPInstanceUID
    for number, one in found.items():
        there = dicom.ct(number, patient="M", study="S").pixel_array.copy()
        there[:10] = 0
        assert np.array_equal(one.pixel_array, there)
        assert "orthanc-images" not in str(one)
        assert one.PatientIdentityRemoved == "YES"


def test_images_with_the_same_pixels(server: Orthanc) -> None:
    """Their place tells them apart; where nothing does, the request is refused, and each alone works."""
    datasets = [dicom.ct(number, patient="M", study="S") for number in (1, 2)]
    datasets[1].PixelData = datasets[0].PixelData
    twin = dicom.ct(1, patient="M", study="S", series="twin")
    identifier, sources = study(server, *datasets)
    target = next(key for key, one in sources.items() if reading(one).InstanceNumber == 2)
    region = fill([1, 1], [9, 9], 3, TargetInstances=[target])
    assert ask(server, f"/studies/{identifier}/modify", region).status_code == 200
    made = results(server, sources)
    for source, content in made.items():
        assert np.array_equal(pixels_of(content), pixels_of(sources[source])) is (source != target)
    other = server.upload(dicom.encoded(twin))["ID"]
    region["TargetInstances"] = [other]
    answer = ask(server, f"/studies/{identifier}/modify", region)
    assert answer.status_code == 400
    assert "have the same pixels and the same place" in answer.json()["Details"]
    parent = server.json(f"/instances/{other}")["ParentSeries"]
    assert ask(server, f"/series/{parent}/modify", region).status_code == 200


def enhanced(positions: bool = True) -> Dataset:
    """Return an image of three frames, each of which has a place."""
    dataset = grey("enhanced", "<i2", 16, frames=3)
    groups = []
    for frame in range(3):
        place, group = Dataset(), Dataset()
        place.ImagePositionPatient = [0, 0, 5 * frame]
        group.PlanePositionSequence = Sequence([place])
        groups.append(group)
    orientation, measures, shared = Dataset(), Dataset(), Dataset()
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    measures.PixelSpacing = [1, 2]
    shared.PlaneOrientationSequence = Sequence([orientation])
    shared.PixelMeasuresSequence = Sequence([measures])
    if positions:
        dataset.PerFrameFunctionalGroupsSequence = Sequence(groups)
        dataset.SharedFunctionalGroupsSequence = Sequence([shared])
    return dataset


def test_frames_with_places_of_their_own(server: Orthanc) -> None:
    """Those that the box cuts are masked."""
    original = dicom.encoded(enhanced())
    there = pixels_of(original).copy()
    there[1, 3:6, 2:5] = -7
    made = masked(server, original, fill([3, 3, 4], [8, 5, 9], -7))
    assert np.array_equal(pixels_of(made), there)


def test_overlays_and_icons(server: Orthanc) -> None:
    """An overlay is emptied where the image is masked, and small pictures of it are gone."""
    dataset = dicom.ct(patient="overlay")
    icon = Dataset()
    icon.Rows = icon.Columns = 2
    icon.SamplesPerPixel, icon.PhotometricInterpretation, icon.PixelRepresentation = 1, "MONOCHROME2", 0
    icon.BitsAllocated, icon.BitsStored, icon.HighBit, icon.PixelData = 8, 8, 7, b"\1\2\3\4"
    icon["PixelData"].VR = "OB"
    dataset.IconImageSequence = Sequence([icon])
    dataset.add_new(0x60000010, "US", 64)
    dataset.add_new(0x60000011, "US", 64)
    dataset.add_new(0x60000040, "CS", "G")
    dataset.add_new(0x60000050, "SS", [1, 1])
    dataset.add_new(0x60000100, "US", 1)
    dataset.add_new(0x60000102, "US", 0)
    dataset.add_new(0x60003000, "OW", b"\xff" * 512)
    there = np.ones((64, 64), "u1")
    there[2:9, 3:12] = 0
    original = dicom.encoded(dataset)
    for syntax in ("explicit", "implicit", "jpeg-2000", "big-endian"):
        stored = transcoded(server, original, LOSSLESS[syntax])
        assert stored is not None
        made = masked(server, stored, fill([3, 2], [12, 9]), Transcode=EXPLICIT)
        result = reading(made)
        assert "IconImageSequence" not in result
        assert np.array_equal(result.overlay_array(0x6000), there), syntax


Wrong = tuple[Callable[[], Dataset], dict[str, Any], str]

WRONG: dict[str, Wrong] = {
    "outside": (dicom.ct, fill([64, 0], [70, 5]), "it is outside of the instance"),
    "a value": (dicom.ct, fill([0, 0], [5, 5], 40000), "Give one from -32768 to 32767."),
    "no place": (dicom.ultrasound, fill([0, 0, 0], [5, 5, 5]), "has no place in the patient"),
    "no frames' places": (lambda: enhanced(False), fill([0, 0, 0], [5, 5, 5]), "no position each"),
    "beside": (dicom.ct, fill([0, 0, 90], [5, 5, 99]), "no pixel of what is modified is in it"),
    "a series": (dicom.ct, fill([0, 0], [5, 5], TargetSeries=["x"]), "TargetSeries: 'x' is not a part of"),
    "an instance": (dicom.ct, fill([0, 0], [5, 5], TargetInstances=["y"]), "'y' is not a part of"),
    "video": (dicom.video, fill([0, 0], [5, 5]), "nothing here decodes the transfer syntax"),
    "a document": (dicom.pdf, fill([0, 0], [5, 5]), "no pixel of what is modified is in it"),
    "numbers": (KINDS["numbers"], fill([0, 0], [5, 5]), "floating-point numbers"),
    "empty": (dicom.ct, fill([5, 5], [5, 9]), "there is nothing between Origin and End"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_masked_is_refused(server: Orthanc, name: str) -> None:
    """With 400, the place and a remedy; nothing is modified."""
    make, region, words = WRONG[name]
    identifier, sources = study(server, make())
    for path in (f"/studies/{identifier}/modify", f"/instances/{next(iter(sources))}/anonymize"):
        answer = ask(server, path, region)
        assert answer.status_code == 400, answer.text
        assert answer.json()["Details"].startswith("MaskPixelData.Regions[0]")
        assert words in answer.json()["Details"]
    assert server.json("/instances") == list(sources)


def test_requests_that_make_no_sense(server: Orthanc) -> None:
    identifier, _ = study(server, dicom.ct())
    path = f"{PREFIX}/studies/{identifier}/modify"
    answer = server.post(path, "{}")
    assert answer.status_code == 400
    assert answer.json()["Details"].startswith("MaskPixelData: it is absent.")
    assert server.post(path, "[").status_code == 400
    assert server.get(path).status_code == 405
    assert ask(server, "/studies/none/modify", fill([0, 0], [5, 5])).status_code == 404
    answer = ask(server, f"/studies/{identifier}/modify", fill([0, 0], [5, 5]), Transcode="1.2.3")
    assert answer.status_code == 400
    answer = ask(server, f"/studies/{identifier}/modify", fill([0, 0], [5, 5]), Keep=["SOPInstanceUID"])
    assert answer.status_code == 400  # Orthanc's own: it wants Force
    assert len(server.json("/instances")) == 1


def test_an_instance_that_fails_half_way(server: Orthanc) -> None:
    """No source goes although it was not to be kept, and nothing is stored that is not masked."""
    datasets = [dicom.ct(number, patient="M", study="S") for number in range(1, 5)]
    stored = {}
    for one in datasets:
        content = transcoded(server, dicom.encoded(one), LOSSLESS["jpeg-2000"])
        assert content is not None
        if one.InstanceNumber == 3:
            broken = bytearray(content)
            middle = content.index(b"\xff\x93") + 40
            broken[middle - 60 : middle - 40] = bytes(20)
            content = bytes(broken)
        stored[server.upload(content)["ID"]] = content
    (identifier,) = server.json("/studies")
    answer = ask(server, f"/studies/{identifier}/modify", fill([0, 0], [64, 64], 5), KeepSource=False)
    assert answer.status_code == 500
    assert "cannot be masked, and is not stored" in answer.json()["Details"]
    assert set(stored) <= set(server.json("/instances"))
    for content in results(server, stored).values():
        assert (pixels_of(content) == 5).all()


def test_originals_that_are_replaced(server: Orthanc) -> None:
    """With the identifiers kept, the masked instances take the place of the others."""
    identifier, sources = study(server, *slices(2))
    keep = ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"]
    body = {"Keep": keep, "Force": True}
    answer = ask(server, f"/studies/{identifier}/modify", fill([0, 0], [64, 10], 1), **body)
    assert answer.status_code == 200, answer.text
    assert sorted(server.json("/instances")) == sorted(sources)
    for one, content in sources.items():
        there = pixels_of(content).copy()
        there[:10] = 1
        assert np.array_equal(pixels_of(server.get(f"/instances/{one}/file").content), there)


def test_syntaxes_that_a_study_mixes(server: Orthanc) -> None:
    """Each instance keeps its own; with a wish, all get that."""
    uids = [LOSSLESS[one] for one in ("implicit", "deflated", "jpeg-ls", "rle", "big-endian", "explicit")]
    sources = {}
    for number, uid in enumerate(uids, 1):
        content = transcoded(server, dicom.encoded(dicom.ct(number, patient="M", study="S")), uid)
        assert content is not None
        sources[server.upload(content)["ID"]] = content
    (identifier,) = server.json("/studies")
    region = mean([5, 5], [30, 40], 7)
    assert ask(server, f"/studies/{identifier}/modify", region).status_code == 200
    made = results(server, sources)
    assert set(made) == set(sources)
    for source, content in made.items():
        assert (
            reading(content).file_meta.TransferSyntaxUID
            == reading(sources[source]).file_meta.TransferSyntaxUID
        )
        there = expected(pixels_of(sources[source]), 1, region)
        assert np.array_equal(pixels_of(content), there)
    answer = ask(server, f"/studies/{identifier}/modify", region, Transcode=LOSSLESS["htj2k"])
    assert answer.status_code == 200
    path = answer.json()["Path"]
    for one in server.json(f"{path}/instances"):
        content = server.get(f"/instances/{one['ID']}/file").content
        assert reading(content).file_meta.TransferSyntaxUID == UID(LOSSLESS["htj2k"])


def test_a_job_that_waits_during_a_restart(client: docker.DockerClient, image: str) -> None:
    """It masks all when its turn has come, although the server has forgotten what was to be done."""
    settings = {"PIXELS_MASKER_PLUGIN_ENABLED": "true", "ORTHANC__CONCURRENT_JOBS": "1"}
    server = containers.launch(client, image, settings)
    try:
        server.wait_until_ready()
        slow = [dicom.jpeg2000(dicom.ct(number, patient="M", study="S", size=512)) for number in range(8)]
        identifier, sources = study(server, *slow)
        path = f"/studies/{identifier}/modify"
        first = ask(server, path, fill([0, 0], [512, 512], 1), Asynchronous=True)
        region = fill([0, 0], [512, 512], 2, TargetInstances=sorted(sources)[:4])
        second = ask(server, path, region, Asynchronous=True)
        assert server.json(second.json()["Path"])["State"] == "Pending"
        server.stop(timeout=60)
        server.start_again()
        for answer in (first, second):
            assert job(server, answer)["State"] == "Success"
        made: dict[str, list[int]] = {}
        for one in set(server.json("/instances")) - set(sources):
            source = server.get(f"/instances/{one}/metadata/ModifiedFrom").text
            pixels = pixels_of(server.get(f"/instances/{one}/file").content)
            values = [value for value in (1, 2) if (pixels == value).all()]
            made.setdefault(source, []).extend(values or [0])
        assert {source: sorted(found) for source, found in made.items()} == {
            source: [1, 2] if source in region["TargetInstances"] else [0, 1] for source in sources
        }
    finally:
        server.remove()


def test_without_the_plugin(client: docker.DockerClient, image: str) -> None:
    """Its routes are not there, unless it is enabled; it is no default."""
    server = containers.launch(client, image, {})
    try:
        server.wait_until_ready()
        assert "orthanc-pixels-masker" not in server.plugins()
        assert server.post(f"{PREFIX}/studies/one/modify", "{}").status_code == 404
    finally:
        server.remove()
