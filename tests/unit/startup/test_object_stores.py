"""The defaults for files in an object store."""

import pytest

from startup.object_stores import SECTIONS, SETTINGS
from tests.unit.startup.image import AVAILABLE, Image

S3 = {"ORTHANC__AWS_S3_STORAGE__BUCKET_NAME": "radiology", "ORTHANC__AWS_S3_STORAGE__REGION": "eu-central-1"}
WEB = {"DICOM_WEB_PLUGIN_ENABLED": "true"}
STORES = {
    "AWS_S3_STORAGE_PLUGIN_ENABLED": "libOrthancAwsS3Storage.so",
    "AZURE_BLOB_STORAGE_PLUGIN_ENABLED": "libOrthancAzureBlobStorage.so",
    "GOOGLE_CLOUD_STORAGE_PLUGIN_ENABLED": "libOrthancGoogleCloudStorage.so",
}


@pytest.fixture
def stores(image: Image) -> Image:
    """Return an image that has every object store."""
    for library in STORES.values():
        image.file(f"{AVAILABLE}/{library}", "")
    return image


def chosen(image: Image, given: dict[str, str]) -> dict[str, object]:
    """Return what becomes of the settings that have another default with an object store."""
    tree = image.found(given).tree
    return {name: tree.get(name) for name in SETTINGS}


@pytest.mark.parametrize("switch", STORES)
def test_every_object_store_is_read_by_many_threads(stores: Image, switch: str) -> None:
    """Requests wait for each other otherwise, each as long as the store takes to answer."""
    tree = stores.found({switch: "true", **WEB}).tree
    assert {name: tree[name] for name in SETTINGS} == SETTINGS
    assert tree["DicomWeb"] == {"Enable": True, **SECTIONS["DicomWeb"]}
    assert "DicomWeb" not in stores.found({switch: "true"}).tree


@pytest.mark.parametrize(
    "given",
    [
        WEB,
        {"ORTHANC__POSTGRESQL__HOST": "db", "ORTHANC__POSTGRESQL__ENABLE_STORAGE": "true", **WEB},
        {"DELAYED_DELETION_PLUGIN_ENABLED": "true", **WEB},
        {**S3, **WEB, "AWS_S3_STORAGE_PLUGIN_ENABLED": "false"},
    ],
)
def test_nothing_changes_without_an_object_store(stores: Image, given: dict[str, str]) -> None:
    """Disks and databases gain nothing from it, and a section whose plugin is off is none."""
    assert chosen(stores, given) == {
        "StorageLoaderThreadsCount": 4,
        "SequentialDicomReaderThreadsCount": 4,
        "SequentialDicomReaderWindowSize": 4,
        "DicomParserThreadsCount": None,
    }
    assert "WadoRsLoaderThreadsCount" not in str(stores.tree(given)["DicomWeb"])


def test_a_store_that_is_missing_changes_nothing(image: Image) -> None:
    """Where Orthanc starts without it, files are on the disk."""
    given = {"MISSING_PLUGINS": "warn", **S3}
    assert chosen(image, given)["StorageLoaderThreadsCount"] == 4


@pytest.mark.parametrize("mode", ["WriteToFileSystem", "WriteToObjectStorage"])
def test_hybrid_modes_count(stores: Image, mode: str) -> None:
    """Files may have to be read from the store in both."""
    assert chosen(stores, {**S3, "ORTHANC__AWS_S3_STORAGE__HYBRID_MODE": mode}) == SETTINGS


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"STORAGE_LOADER_THREADS_COUNT": "3"}, (3, 3)),
        ({"SEQUENTIAL_DICOM_READER_THREADS_COUNT": "5"}, (32, 5)),
        ({"LOADER_THREADS": "7"}, (None, None)),
        ({"ZIP_LOADER_THREADS": "7"}, (None, None)),
        ({"CONCURRENT_JOBS": "40"}, (40, 40)),
        ({"CONCURRENT_JOBS": "10"}, (32, 32)),
        ({"CONCURRENT_JOBS": "0"}, (32, 32)),
    ],
)
def test_the_user_decides(stores: Image, given: dict[str, str], expected: tuple[int, int]) -> None:
    """Under the old names too; jobs can only raise the threads, as they do without a store."""
    found = chosen(stores, {**S3, **{f"ORTHANC__{name}": value for name, value in given.items()}})
    assert (found["StorageLoaderThreadsCount"], found["SequentialDicomReaderThreadsCount"]) == expected


def test_other_settings_of_the_user(stores: Image) -> None:
    """Each of them is taken alone."""
    given = {
        "ORTHANC__SEQUENTIAL_DICOM_READER_WINDOW_SIZE": "2",
        "ORTHANC__DICOM_PARSER_THREADS_COUNT": "1",
        "ORTHANC__DICOM_WEB__WADO_RS_LOADER_THREADS_COUNT": "0",
    }
    tree = stores.tree({**S3, **given})
    names = ("SequentialDicomReaderWindowSize", "DicomParserThreadsCount", "StorageLoaderThreadsCount")
    assert [tree[name] for name in names] == [2, 1, 32]
    assert tree["DicomWeb"] == {**SECTIONS["DicomWeb"], "Enable": True, "WadoRsLoaderThreadsCount": 0}


def test_where_the_values_come_from(stores: Image) -> None:
    """The origin names the store, and what would hold without it."""
    history = stores.found(S3).history()
    assert [(one.value, one.origin) for one in history[("StorageLoaderThreadsCount",)]] == [
        (4, "image default"),
        (32, "default for files in the object store of AwsS3Storage"),
    ]
