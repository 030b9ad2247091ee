"""Names of variables, from settings and back."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from startup import names
from tests.unit.startup.image import CATALOGUE
from tests.unit.startup.rule import by_rule

SETTINGS = [tuple(path.split(".")) for path in CATALOGUE.lines if "*" not in path]
CHOSEN = [path for path in CATALOGUE.lines if path.endswith(".*")]
WORDS = st.text(alphabet="abcXYZ012_-.", min_size=1)


def shown(path: tuple[str, ...]) -> str:
    """The name that people are shown."""
    return names.variable(path, CATALOGUE)


@pytest.mark.parametrize("form", [by_rule, shown])
def test_rule_and_catalogue_agree(form: Callable[[tuple[str, ...]], str]) -> None:
    """The name by the documented rule and the name that people are shown both lead back to the setting."""
    found = {form(path): names.path(form(path), CATALOGUE) for path in SETTINGS}
    assert found == {form(path): (path, ".".join(path)) for path in SETTINGS}
    assert len(found) > 600


@pytest.mark.parametrize("form", [by_rule, shown])
def test_no_two_settings_share_a_name(form: object) -> None:
    """Each setting has a name that no other has."""
    assert callable(form)
    assert len(SETTINGS) == len({form(path) for path in SETTINGS})


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("StableAge", "ORTHANC__STABLE_AGE"),
        ("DicomWeb.Root", "ORTHANC__DICOM_WEB__ROOT"),
        ("DicomWeb.Servers", "ORTHANC__DICOM_WEB__SERVERS"),
        ("DicomWeb.StudiesMetadata", "ORTHANC__DICOM_WEB__STUDIES_METADATA"),
        ("SynchronousCMove", "ORTHANC__SYNCHRONOUS_C_MOVE"),
        ("PostgreSQL.Host", "ORTHANC__POSTGRE_S_Q_L__HOST"),
    ],
)
def test_rule_is_the_documented_one(path: str, expected: str) -> None:
    """An underscore before each capital, two at each level, capitals, the prefix."""
    assert expected == by_rule(tuple(path.split(".")))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ORTHANC__POSTGRESQL__HOST", "PostgreSQL.Host"),
        ("ORTHANC__POSTGRESQL", "PostgreSQL"),
        ("ORTHANC__MYSQL__SSL_CA_CERTIFICATES", "MySQL.SslCACertificates"),
        ("ORTHANC__DICOM_AET", "DicomAet"),
        ("ORTHANC__STORE_MD5_FOR_ATTACHMENTS", "StoreMD5ForAttachments"),
        ("ORTHANC__HTTPS_CA_CERTIFICATES", "HttpsCACertificates"),
        ("ORTHANC__CASE_SENSITIVE_PN", "CaseSensitivePN"),
        ("ORTHANC__OHIF__DATA_SOURCE", "OHIF.DataSource"),
        ("ORTHANC__STL__ENABLE_NEXUS", "STL.EnableNexus"),
        ("ORTHANC__STL__ENABLE_NIFTI", "STL.EnableNIfTI"),
        ("ORTHANC__MAXIMUM_REQUEST_BODY_SIZE_MB", "MaximumRequestBodySizeMB"),
        ("ORTHANC__SYNCHRONOUS_CMOVE", "SynchronousCMove"),
        ("ORTHANC__WHOLE_SLIDE_IMAGING__ENABLE_IIIF", "WholeSlideImaging.EnableIIIF"),
        ("ORTHANC__WARNINGS__W003_DECODER_FAILURE", "Warnings.W003_DecoderFailure"),
        ("ORTHANC__WARNINGS__W003__DECODER_FAILURE", "Warnings.W003_DecoderFailure"),
        ("ORTHANC__ORTHANC_EXPLORER_2__IS_DEFAULT_ORTHANC_UI", "OrthancExplorer2.IsDefaultOrthancUI"),
        ("ORTHANC__ORTHANC_EXPLORER2__IS_DEFAULT_ORTHANC_UI", "OrthancExplorer2.IsDefaultOrthancUI"),
        ("ORTHANC__DICOMWEB__ROOT", "DicomWeb.Root"),
        ("ORTHANC__DE_IDENTIFY_LOGS", "DeidentifyLogs"),
    ],
)
def test_natural_names_arrive(name: str, expected: str) -> None:
    """A name that a person would write reaches the setting, without a table of exceptions."""
    assert tuple(expected.split(".")) == names.path(name, CATALOGUE)[0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ORTHANC__REGISTERED_USERS__demo", ("RegisteredUsers", "demo")),
        ("ORTHANC__REGISTERED_USERS__Demo_User", ("RegisteredUsers", "Demo_User")),
        ("ORTHANC__REGISTERED_USERS__a__b", ("RegisteredUsers", "a__b")),
        ("ORTHANC__DICOM_MODALITIES__pacs", ("DicomModalities", "pacs")),
        ("ORTHANC__DICOM_MODALITIES__my_PACS__PORT", ("DicomModalities", "my_PACS", "Port")),
        ("ORTHANC__ORTHANC_PEERS__p__HTTP_HEADERS__X-Key", ("OrthancPeers", "p", "HttpHeaders", "X-Key")),
        ("ORTHANC__DICOM_WEB__SERVERS__s__URL", ("DicomWeb", "Servers", "s", "Url")),
        ("ORTHANC__SERVE_FOLDERS__FOLDERS__images", ("ServeFolders", "Folders", "images")),
        ("ORTHANC__SERVE_FOLDERS__ALLOW_CACHE", ("ServeFolders", "AllowCache")),
    ],
)
def test_chosen_keys_keep_their_case(name: str, expected: tuple[str, ...]) -> None:
    """Keys that users choose are taken letter by letter."""
    path, pattern = names.path(name, CATALOGUE)
    assert expected == path
    assert pattern == CATALOGUE.pattern(expected)


@given(st.sampled_from(CHOSEN), WORDS)
def test_chosen_keys_read_back(pattern: str, key: str) -> None:
    """Any key that a user may choose survives the way to a variable and back, unless it is a known key."""
    path = tuple(key if part == "*" else part for part in pattern.split("."))
    if pattern.count("*") == 1 and "__" not in key and CATALOGUE.pattern(path) == pattern:
        found = names.path(names.variable(path, CATALOGUE), CATALOGUE)
        own = CATALOGUE.children(pattern.removesuffix(".*")).get(
            key.upper().replace("_", "").replace("-", "")
        )
        assert own is not None or (path, pattern) == found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ORTHANC__DICOM_SEVER_ENABLED", ("DicomSeverEnabled",)),
        ("ORTHANC__DICOM_WEB__NEW_OPTION", ("DicomWeb", "NewOption")),
        ("ORTHANC__MY_PLUGIN__SOME_KEY", ("MyPlugin", "SomeKey")),
        ("ORTHANC__LUA_SCRIPTS__0", ("LuaScripts", "0")),
        ("ORTHANC__DICOM_MODALITIES__pacs__NEW_KEY", ("DicomModalities", "pacs", "NewKey")),
        ("ORTHANC__MY_PLUGIN__servers", ("MyPlugin", "servers")),
    ],
)
def test_unknown_names_follow_the_rule(name: str, expected: tuple[str, ...]) -> None:
    """What the catalogue does not know is still passed on, by the rule read backwards."""
    assert (expected, None) == names.path(name, CATALOGUE)


KEYS = st.lists(
    st.from_regex(r"[A-Z][a-z]{1,5}([A-Z][a-z]{1,5}){0,2}", fullmatch=True), min_size=1, max_size=3
).map(tuple)


@given(KEYS)
def test_rule_reads_back_for_any_name_in_camel_case(path: tuple[str, ...]) -> None:
    """For names of whole words the rule and its reversal agree, known or not."""
    found, pattern = names.path(by_rule(path), CATALOGUE)
    assert found == path or (pattern is not None and CATALOGUE.pattern(path) is None)
