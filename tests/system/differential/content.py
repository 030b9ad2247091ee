"""What the differential test sends: instances, and requests that read or write, as hypothesis has them."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import lru_cache
from typing import Any, NamedTuple

from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import SecondaryCaptureImageStorage

from harness import dicom

LEVELS = ("patients", "studies", "series", "instances")
KINDS = ("Patient", "Study", "Series", "Instance")

TEXTS = (
    *("a", "A", "aB", "AB", "ab", "abc", "ABC^DEF", "a b", "a;b", "a_b", "axb", "z" * 60),
    *("Ä", "ä", "ß", "SS", "Ω", "山田^太郎", "😀"),
    *("O'Neil", 'say "x"', "50%", "x?y", "x!y", "[ab]", "{0}", "$1", ":x", "--", "~"),
    *("10", "9", "-3", "1.5", "1e2"),
)
"""Values in which collations, patterns and quoting go wrong."""
PATTERNS = (
    "*",
    "a*",
    "*b",
    "*b*",
    "?",
    "??",
    "A?",
    "*_*",
    "*%*",
    "[*",
    "*'*",
    "*😀*",
    "ä*",
    "1*",
    "",
    "*0",
    "z*",
)
NUMBERS = ("1", "2", "10", "9", "-3", "007", "", "  ")
DATES = ("20200101", "20201231", "20210615", "", "19991231")
RANGES = (
    "20200101-20201231",
    "-20201231",
    "20210101-",
    "20200101",
    "20200101-20200101",
    "20200101\\20210615",
)
MODALITIES = ("CT", "MR", "US", "OT")
PATIENTS = ("P0", "p0", "P_1", "P%1", "Pä", "P 2", "P", "P-7", "O'P", 'P"', "P\u00df", "PSS")
SHAPE = (len(PATIENTS), 2, 2, 3)
"""How many patients, studies of each, series of each and instances of each there can be."""

LABELS = ("a", "A", "ab", "a-b", "a_b", "urgent", "Urgent", "1")
METADATA = ("1024", "1025", "named", "4294")
ATTACHMENTS = ("report", "1026")
STORES, QUEUES, PROPERTIES = ("s", "S", "s'"), ("q", "Q"), (1024, 4000)


class Identity(NamedTuple):
    """Where a resource is: the indexes of its patient, study, series and instance; `level` of them count."""

    patient: int
    study: int = 0
    series: int = 0
    instance: int = 0

    def uids(self) -> tuple[str, str, str, str]:
        """Return its identifiers of DICOM: PatientID and three UIDs."""
        name = PATIENTS[self.patient]
        return (
            name,
            str(dicom.uid("study", name, self.study)),
            str(dicom.uid("series", name, self.study, self.series)),
            str(dicom.uid("instance", name, self.study, self.series, self.instance)),
        )

    def public(self, level: int) -> str:
        """Return the identifier that Orthanc gives to its resource of this level."""
        digest = hashlib.sha1("|".join(self.uids()[: level + 1]).encode()).hexdigest()
        return "-".join(digest[start : start + 8] for start in range(0, 40, 8))


class Tags(NamedTuple):
    """The values of an instance beside its identifiers."""

    name: str
    birth: str
    date: str
    accession: str
    study: str
    modality: str
    series: str
    station: str
    series_number: str
    number: str
    comment: str


class Request(NamedTuple):
    """One request, the same for both servers. `label` names it among what must be reached.

    A path may hold {change:N}: the server's own number of the change N of all that it lists.
    """

    label: str
    method: str
    path: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        """Return it in short, for the report of a failing example."""
        body = f" <{len(self.body)} bytes>" if b"DICM" in self.body else f" {self.body.decode('latin-1')}"
        return f"{self.method} {self.path}{body if self.body else ''}{dict(self.headers) or ''}"


@lru_cache(maxsize=4096)
def file(identity: Identity, tags: Tags) -> bytes:
    """Return an instance without pixels as a DICOM file."""
    patient, study, series, instance = identity.uids()
    dataset = dicom.instance(
        SecondaryCaptureImageStorage,
        patient=patient,
        study="",
        series="",
        number=0,
        modality=tags.modality,
        name=tags.name,
    )
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID = study, series, instance
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.PatientBirthDate, dataset.StudyDate, dataset.AccessionNumber = (
        tags.birth,
        tags.date,
        tags.accession,
    )
    dataset.StudyDescription, dataset.SeriesDescription, dataset.StationName = (
        tags.study,
        tags.series,
        tags.station,
    )
    _number(dataset, "SeriesNumber", tags.series_number)
    _number(dataset, "InstanceNumber", tags.number)
    dataset.ImageComments = tags.comment
    return dicom.encoded(dataset)


def _number(dataset: Dataset, keyword: str, text: str) -> None:
    if text:
        dataset.add_new(keyword, "IS", text)
    elif keyword in dataset:
        del dataset[keyword]


def _posted(label: str, path: str, value: Any) -> Request:
    return Request(label, "POST", path, json.dumps(value).encode())


def _called(name: str, *arguments: Any) -> Request:
    return _posted(f"plugin: {name}", "/proof", [name, *arguments])


def _either(*ways: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return one of the strategies, each as often as it is given: one_of leaves out those that are equal."""
    return st.integers(0, len(ways) - 1).flatmap(lambda which: ways[which])


text = st.sampled_from(TEXTS)
identity = st.builds(Identity, *(st.integers(0, size - 1) for size in SHAPE))
tags = st.builds(
    Tags,
    name=text,
    birth=st.sampled_from(DATES),
    date=st.sampled_from(DATES),
    accession=text,
    study=text,
    modality=st.sampled_from(MODALITIES),
    series=text,
    station=text.map(lambda one: one[:16]),
    series_number=st.sampled_from(NUMBERS),
    number=st.sampled_from(NUMBERS),
    comment=text,
)
level = st.integers(0, 3)
binary = st.sampled_from([b"", b"\0", b"\xff\x00\\'", b"text", b"x" * 3000]).map(
    lambda value: base64.b64encode(value).decode()
)


def stored(one: Identity, of: Tags) -> Request:
    """Return the request that stores an instance."""
    return Request("store", "POST", "/instances", file(one, of))


def resource(lowest: int = 3) -> st.SearchStrategy[str]:
    """Return the paths of resources, that may be there or not."""
    return st.builds(lambda one, at: f"/{LEVELS[at]}/{one.public(at)}", identity, st.integers(0, lowest))


# --- reading ---------------------------------------------------------------------------------------------

SEARCHED: tuple[dict[str, st.SearchStrategy[str]], ...] = (
    {
        "PatientID": st.sampled_from([*PATIENTS, *PATTERNS]),
        "PatientName": st.sampled_from([*TEXTS, *PATTERNS]),
        "PatientBirthDate": st.sampled_from(RANGES),
        "PatientSex": st.sampled_from(["O", "M", "*", "o"]),
    },
    {
        "StudyDate": st.sampled_from(RANGES),
        "AccessionNumber": st.sampled_from([*TEXTS, *PATTERNS, "a\\A", "10\\9"]),
        "StudyDescription": st.sampled_from([*TEXTS, *PATTERNS]),
        "ModalitiesInStudy": st.sampled_from(["CT", "CT\\MR", "XX", "*", "C*"]),
        "StudyInstanceUID": identity.map(lambda one: one.uids()[1]),
    },
    {
        "Modality": st.sampled_from([*MODALITIES, "CT\\MR", "?T", "ct"]),
        "SeriesDescription": st.sampled_from([*TEXTS, *PATTERNS]),
        "StationName": st.sampled_from([*TEXTS, *PATTERNS]),
        "SeriesInstanceUID": identity.map(lambda one: one.uids()[2]),
        "SeriesNumber": st.sampled_from(["1", "10", "9", "2"]),
    },
    {
        "InstanceNumber": st.sampled_from(["1", "10", "2", "9"]),
        "SOPInstanceUID": identity.map(lambda one: one.uids()[3]),
        "ImageComments": st.sampled_from([*TEXTS, *PATTERNS]),
    },
)
"""The tags that are searched for, by level, and what for."""
REQUESTED = (
    "PatientName",
    "StudyDescription",
    "Modality",
    "InstanceNumber",
    "NumberOfPatientRelatedStudies",
    "NumberOfPatientRelatedSeries",
    "NumberOfPatientRelatedInstances",
    "NumberOfStudyRelatedSeries",
    "NumberOfStudyRelatedInstances",
    "NumberOfSeriesRelatedInstances",
    "ModalitiesInStudy",
    "SOPClassesInStudy",
    "InstanceAvailability",
    "PatientID",
    "ImageComments",
    "0008,0005",
)
CONTENT = (
    "MainDicomTags",
    "Metadata",
    "Children",
    "Parent",
    "Labels",
    "Status",
    "IsStable",
    "IsProtected",
    "Attachments",
    "RequestedTags",
)
ORDERED: tuple[tuple[str, ...], ...] = (
    ("PatientName", "PatientBirthDate", "PatientSex"),
    ("StudyDate", "StudyDescription", "AccessionNumber"),
    ("Modality", "SeriesDescription", "SeriesNumber"),
    ("InstanceNumber", "ImageComments"),
)
SOMETIMES = ("SeriesNumber", "InstanceNumber")
"""What not every resource has: ours puts those last, SQLite does so for the last key only, or downwards."""
UNIQUE = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    """Return the conditions of a search."""
    at = draw(level)
    names = [name for tags_ in SEARCHED[: at + 1] for name in tags_]
    if at > 1:
        names.remove("ModalitiesInStudy")
    chosen = draw(st.lists(st.sampled_from(names), max_size=3, unique=True))
    by_name = {name: values for tags_ in SEARCHED for name, values in tags_.items()}
    query: dict[str, Any] = {"Level": KINDS[at], "Query": {name: draw(by_name[name]) for name in chosen}}
    if draw(st.integers(0, 3)) == 0:
        query["CaseSensitive"] = draw(st.booleans())
    if at and draw(st.integers(0, 3)) == 0:
        parent = draw(st.integers(0, at - 1))
        query[f"Parent{KINDS[parent]}"] = draw(identity).public(parent)
    if draw(st.integers(0, 2)) == 0:
        query["Labels"] = draw(st.lists(st.sampled_from(LABELS), max_size=3, unique=True))
        query["LabelsConstraint"] = draw(st.sampled_from(["All", "Any", "None"]))
    if draw(st.integers(0, 3)) == 0:
        query["MetadataQuery"] = {draw(st.sampled_from(METADATA)): draw(st.sampled_from([*TEXTS, *PATTERNS]))}
    return query


@st.composite
def find(draw: st.DrawFn) -> Request:
    """Return a request to /tools/find."""
    query = draw(conditions())
    at = KINDS.index(query["Level"])
    keys = [
        {
            "Type": "DicomTag",
            "Key": tag,
            "Direction": "DESC" if tag in SOMETIMES else draw(st.sampled_from(["ASC", "DESC"])),
        }
        for tag in draw(
            st.lists(
                st.sampled_from([tag for tags_ in ORDERED[: at + 1] for tag in tags_]),
                max_size=2,
                unique=True,
            )
        )
    ]
    if draw(st.integers(0, 3)) == 0:
        keys.append({"Type": "Metadata", "Key": draw(st.sampled_from(METADATA)), "Direction": "DESC"})
    if keys:  # the order of equals is nobody's promise
        query["OrderBy"] = [*keys, {"Type": "DicomTag", "Key": UNIQUE[at], "Direction": "ASC"}]
    if draw(st.integers(0, 2)) == 0:
        query["Since"], query["Limit"] = draw(st.integers(0, 6)), draw(st.integers(0, 6))
    shape = draw(st.integers(0, 3))
    if shape == 0:
        query["ResponseContent"] = draw(st.lists(st.sampled_from(CONTENT), unique=True))
    if shape in (0, 1):
        query["Expand"] = True
        query["RequestedTags"] = draw(st.lists(st.sampled_from(REQUESTED), max_size=5, unique=True))
    if shape == 2:
        query["Expand"] = True
    return _posted("find", "/tools/find", query)


counted = conditions().map(
    lambda query: _posted("count", "/tools/count-resources", {**query, "CaseSensitive": False})
)


def _got(label: str, path: str) -> Request:
    return Request(label, "GET", path)


def _below(path: str) -> st.SearchStrategy[Request]:
    at = LEVELS.index(path.split("/")[1])
    relatives = [*LEVELS[at + 1 :], *map(str.lower, KINDS[:at])]
    details = [
        "",
        "/metadata",
        "/metadata?expand",
        "/labels",
        "/attachments",
        "/statistics",
        "/attachments?full",
    ]
    names = [
        "/attachments/dicom/size",
        "/attachments/dicom/md5",
        "/attachments/dicom/info",
        "/attachments/report/data",
        "/attachments/1026/compressed-size",
        "/metadata/1024",
        "/metadata/named",
        "/labels/a",
        "/is-stable",
    ]
    if at == 0:
        names.append("/protected")
    if at == 3:
        names += ["/tags?simplify", "/file"]
    return _either(
        st.sampled_from(details).map(lambda detail: _got("resource", path + detail)),
        st.sampled_from(names).map(lambda name: _got("detail", path + name)),
        st.sampled_from(relatives).map(lambda name: _got("relatives", f"{path}/{name}")),
    )


@st.composite
def bulk(draw: st.DrawFn) -> Request:
    """Return a request for several resources at once."""
    paths = draw(st.lists(resource(), min_size=1, max_size=5, unique=True))
    asked: dict[str, Any] = {"Resources": [path.split("/")[-1] for path in paths]}
    if draw(st.booleans()):
        asked["Level"] = draw(st.sampled_from(KINDS))
    return _posted("bulk content", "/tools/bulk-content", asked)


CHANGES = ("NewInstance", "NewSeries", "NewStudy", "NewPatient", "CompletedSeries", "NewInstance;NewPatient")
page = st.tuples(st.integers(0, 20), st.integers(0, 6))
reading: st.SearchStrategy[Request] = _either(
    find(),
    find(),
    find(),
    find(),
    counted,
    counted,
    resource().flatmap(_below),
    resource().flatmap(_below),
    st.builds(
        lambda at, of, more: _got("list", f"/{at}?since={of[0]}&limit={of[1]}{more}"),
        st.sampled_from(LEVELS),
        page,
        st.sampled_from(["", "&expand", "&expand&requested-tags=PatientName;ModalitiesInStudy"]),
    ),
    st.builds(
        lambda at, more: _got("list", f"/{at}{more}"),
        st.sampled_from(LEVELS),
        st.sampled_from(["", "?expand"]),
    ),
    st.builds(
        lambda of, more: _got("changes", f"/changes?since={{change:{of[0]}}}&limit={of[1]}{more}"),
        page,
        st.sampled_from(["", *(f"&type={kind}" for kind in CHANGES)]),
    ),
    st.builds(
        lambda of, more: _got("changes to", f"/changes?to={{change:{of[0]}}}&limit={of[1]}{more}"),
        page,
        st.sampled_from(["", *(f"&type={kind}" for kind in CHANGES)]),
    ),
    st.just(_got("last change", "/changes?last")),
    st.just(_got("exports", "/exports")),
    st.just(_got("last export", "/exports?last")),
    st.just(_got("statistics", "/statistics")),
    st.just(_got("labels", "/tools/labels")),
    bulk(),
    st.builds(
        lambda one, at: Request("lookup", "POST", "/tools/lookup", one.uids()[at].encode()), identity, level
    ),
)

# --- writing ---------------------------------------------------------------------------------------------

CURRENT, STALE = (("If-Match", "current"),), (("If-Match", '"7-d41d8cd98f00b204e9800998ecf8427e"'),)
"""The revision that the server has at this moment, and one that it never has."""
matching = st.sampled_from([CURRENT, CURRENT, CURRENT, (), STALE])
small = st.builds(
    Identity, st.integers(0, 4), st.sampled_from([0, 0, 0, 1]), st.just(0), st.sampled_from([0, 0, 1])
)


def _modified(one: Identity, to: int, keep: bool, name: str) -> Request:
    target = Identity(to, one.study).uids()[1]
    body = {
        "Replace": {"PatientID": f"NEW{to}", "PatientName": name, "StudyInstanceUID": f"{target}.1"},
        "Keep": ["SeriesInstanceUID", "SOPInstanceUID"],
        "Force": True,
        "KeepSource": keep,
        "Synchronous": True,
    }
    return _posted("modify", f"/studies/{one.public(1)}/modify", body)


def _anonymized(one: Identity) -> Request:
    body = {
        # Each server makes a new one of another length, and files of other sizes.
        "Keep": ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"],
        "Force": True,
        "Synchronous": True,
        "Replace": {"PatientID": f"ANON{one.patient}"},
    }
    return _posted("anonymize", f"/studies/{one.public(1)}/anonymize", body)


name_of_store, name_of_queue = st.sampled_from([*STORES, "s"]), st.sampled_from([*QUEUES, "q", "q"])
key = st.sampled_from(["k", "K", "ä", "k'", "10", "9", "k" * 200])


def _paths(place: st.SearchStrategy[Identity]) -> st.SearchStrategy[str]:
    return st.builds(lambda one, at: f"/{LEVELS[at]}/{one.public(at)}", place, level)


def _attached(place: st.SearchStrategy[Identity]) -> st.SearchStrategy[str]:
    files = place.map(lambda one: f"/instances/{one.public(3)}/attachments/dicom")
    others = st.builds(
        lambda at, name: f"{at}/attachments/{name}", _paths(place), st.sampled_from(ATTACHMENTS)
    )
    return _either(files, files, others)


def writing(place: st.SearchStrategy[Identity]) -> st.SearchStrategy[Request]:
    """Return the requests that write, at these places."""
    path = _paths(place)
    return _either(
        st.builds(stored, place, tags),
        st.builds(stored, place, tags),
        st.builds(stored, small, tags),
        path.map(lambda at: Request("delete", "DELETE", at)),
        st.builds(
            lambda ids: _posted("bulk delete", "/tools/bulk-delete", {"Resources": ids}),
            st.lists(path.map(lambda at: at.split("/")[-1]), min_size=1, max_size=3, unique=True),
        ),
        st.builds(
            lambda at, name, value, match: Request(
                "set metadata", "PUT", f"{at}/metadata/{name}", value.encode(), match
            ),
            path,
            st.sampled_from(METADATA),
            text,
            matching,
        ),
        st.builds(
            lambda at, name, match: Request("delete metadata", "DELETE", f"{at}/metadata/{name}", b"", match),
            path,
            st.sampled_from(METADATA),
            matching,
        ),
        st.builds(
            lambda at, name: Request("add label", "PUT", f"{at}/labels/{name}"), path, st.sampled_from(LABELS)
        ),
        st.builds(
            lambda at, name: Request("remove label", "DELETE", f"{at}/labels/{name}"),
            path,
            st.sampled_from(LABELS),
        ),
        st.builds(
            lambda at, name, size, match: Request(
                "attach", "PUT", f"{at}/attachments/{name}", b"\0\xff" * size, match
            ),
            path,
            st.sampled_from(ATTACHMENTS),
            st.integers(0, 900),
            matching,
        ),
        st.builds(
            lambda at, name, match: Request("detach", "DELETE", f"{at}/attachments/{name}", b"", match),
            path,
            st.sampled_from(ATTACHMENTS),
            matching,
        ),
        st.builds(
            lambda at, how: Request(how, "POST", f"{at}/{how}"),
            _attached(place),
            st.sampled_from(["compress", "uncompress"]),
        ),
        st.builds(
            lambda one, on: Request("protect", "PUT", f"/patients/{one.public(0)}/protected", on),
            place,
            st.sampled_from([b"1", b"0"]),
        ),
        st.builds(_modified, place, st.integers(0, 5), st.booleans(), text),
        st.builds(_anonymized, place),
        path.map(lambda at: Request("reconstruct", "POST", f"{at}/reconstruct", b"{}")),
        st.builds(
            lambda name: Request("modality", "PUT", f"/modalities/{name}", b'["SELF", "127.0.0.1", 4242]'),
            st.sampled_from(["m", "M"]),
        ),
        st.builds(
            lambda name: Request("forget modality", "DELETE", f"/modalities/{name}"),
            st.sampled_from(["m", "M"]),
        ),
        st.builds(
            lambda name, at: Request(
                "export", "POST", f"/modalities/{name}/store", at.split("/")[-1].encode()
            ),
            st.sampled_from(["m", "M"]),
            path,
        ),
        st.sampled_from(
            [Request("clear changes", "DELETE", "/changes"), Request("clear exports", "DELETE", "/exports")]
        ),
    )


def calling(place: st.SearchStrategy[Identity]) -> st.SearchStrategy[Request]:
    """Return what the script calls, for resources at these places."""
    return _either(
        st.builds(_called, st.just("store"), name_of_store, key, binary),
        st.builds(_called, st.just("value"), name_of_store, key),
        st.builds(_called, st.just("forget"), name_of_store, key),
        st.builds(_called, st.just("pairs"), name_of_store),
        st.builds(_called, st.just("enqueue"), name_of_queue, binary),
        st.builds(_called, st.just("enqueue"), name_of_queue, binary),
        st.builds(_called, st.just("dequeue"), name_of_queue, st.booleans()),
        st.builds(_called, st.just("length"), name_of_queue),
        st.builds(_called, st.just("reserve"), name_of_queue, st.booleans(), st.just(600)),
        st.builds(_called, st.just("reserve"), name_of_queue, st.booleans(), st.just(600)),
        st.builds(_called, st.just("acknowledge"), name_of_queue, st.integers(0, 1)),
        st.builds(_called, st.just("acknowledge"), name_of_queue, st.integers(0, 1)),
        st.builds(_called, st.just("prop"), st.sampled_from(PROPERTIES), text),
        st.builds(_called, st.just("props"), st.sampled_from(PROPERTIES)),
        st.builds(_called, st.just("custom"), _attached(place)),
        st.builds(_called, st.just("customize"), _attached(place), binary),
        st.builds(_called, st.just("stray"), binary),
    )


@st.composite
def history(draw: st.DrawFn) -> list[Request]:
    """Return requests that begin with some instances, and then write, read and ask as a plugin does."""
    places = draw(st.lists(small, min_size=4, max_size=10))
    begun = [stored(place, draw(tags)) for place in places]
    place = _either(*[st.sampled_from(places)] * 3, small)
    step = _either(writing(place), writing(place), calling(place), reading)
    return begun + draw(st.lists(step, min_size=30, max_size=40))


def tour() -> list[Request]:
    """Return a history that does everything once, with success."""
    one, other = Identity(0), Identity(1, instance=1)
    plain = Tags("a", "20200101", "20200101", "a", "a", "CT", "a", "a", "1", "1", "a")
    patient, study, instance = (
        f"/patients/{one.public(0)}",
        f"/studies/{one.public(1)}",
        f"/instances/{one.public(3)}",
    )
    value = base64.b64encode(b"\0\xff").decode()
    return [
        stored(one, plain),
        stored(other, plain),
        Request("set metadata", "PUT", f"{study}/metadata/1024", b"v"),
        Request("set metadata", "PUT", f"{study}/metadata/1024", b"w", CURRENT),
        Request("delete metadata", "DELETE", f"{study}/metadata/1024", b"", CURRENT),
        Request("add label", "PUT", f"{study}/labels/a"),
        Request("remove label", "DELETE", f"{study}/labels/a"),
        Request("attach", "PUT", f"{study}/attachments/report", b"\0\xff"),
        Request("attach", "PUT", f"{study}/attachments/report", b"\0\xff\0", CURRENT),
        Request("compress", "POST", f"{study}/attachments/report/compress"),
        Request("uncompress", "POST", f"{study}/attachments/report/uncompress"),
        _called("customize", f"{study}/attachments/report", value),
        _called("custom", f"{study}/attachments/report"),
        Request("detach", "DELETE", f"{study}/attachments/report", b"", CURRENT),
        _called("customize", f"{instance}/attachments/dicom", value),
        _called("stray", value),
        Request("protect", "PUT", f"{patient}/protected", b"1"),
        *(stored(Identity(number), plain) for number in range(2, 6)),
        Request("protect", "PUT", f"{patient}/protected", b"0"),
        _modified(one, 0, True, "new"),
        _anonymized(one),
        Request("reconstruct", "POST", f"{study}/reconstruct", b"{}"),
        Request("modality", "PUT", "/modalities/m", b'["SELF", "127.0.0.1", 4242]'),
        Request("export", "POST", "/modalities/m/store", one.public(1).encode()),
        Request("exports", "GET", "/exports?limit=1"),
        Request("last export", "GET", "/exports?last"),
        Request("forget modality", "DELETE", "/modalities/m"),
        Request("clear exports", "DELETE", "/exports"),
        Request("clear changes", "DELETE", "/changes"),
        _called("store", "s", "k", value),
        _called("store", "s", "k", value),
        _called("value", "s", "k"),
        _called("pairs", "s"),
        _called("forget", "s", "k"),
        _called("enqueue", "q", value),
        _called("enqueue", "q", value),
        _called("reserve", "q", True, 600),
        _called("length", "q"),
        _called("dequeue", "q", False),
        _called("acknowledge", "q", 0),
        _called("prop", 1024, "v"),
        _called("prop", 1024, "w"),
        _called("props", 1024),
        Request("delete", "DELETE", study),
        _posted("bulk delete", "/tools/bulk-delete", {"Resources": [other.public(0)]}),
    ]
