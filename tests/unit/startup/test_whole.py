"""The whole way from the sources to a configuration, for whatever comes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from startup import configuration, explain, mask, names, write
from startup.sources import World
from startup.special import SPECIAL
from tests.unit.startup.image import CATALOGUE, Image
from tests.unit.startup.test_jsonc import JSON

SETTINGS = [names.variable(tuple(path.split(".")), CATALOGUE).replace("*", "key") for path in CATALOGUE.lines]
TOP = [path for path in CATALOGUE.lines if "." not in path]

NAMES = st.sampled_from([*SETTINGS, *SPECIAL, *(f"{name}_FILE" for name in SETTINGS[:20])]) | st.from_regex(
    r"(ORTHANC|ORTAHNC)_{1,3}[A-Za-z_]{0,12}", fullmatch=True
)
TEXTS = (
    st.sampled_from(["true", "no", "8042", "/etc/passwd", "[]", "{}", '["a"]', '{"a": 1}', "{", '"x"'])
    | JSON.map(json.dumps)
    | st.text(alphabet=st.characters(exclude_characters="\0"), max_size=8)
)
ENVIRONMENTS = st.dictionaries(NAMES, TEXTS, max_size=6)
DOCUMENTS = st.dictionaries(st.sampled_from(TOP) | st.text(max_size=6), JSON, max_size=5)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """An image for many examples; none of them writes into it but its one file."""
    return Image(tmp_path_factory.mktemp("whole") / "root")


@given(ENVIRONMENTS, DOCUMENTS)
def test_whatever_comes_gives_findings_or_a_configuration(
    shared: Image, environment: dict[str, str], document: dict[str, object]
) -> None:
    """No input ends in an exception, and every finding is a sentence with a place."""
    shared.file("/etc/orthanc/a.json", document)
    found = configuration.configuration(World(environment, shared.root), CATALOGUE)
    for finding in found.findings:
        assert finding.where
        assert finding.remedy.endswith((".", "?"))
    assert json.loads(write.for_orthanc(found.tree)) == found.tree
    assert explain.lines(found, CATALOGUE)


SECRET = [
    path
    for path, setting in ((path, CATALOGUE.setting(path)) for path in CATALOGUE.lines)
    if setting is not None and "secret" in setting.marks
]


def test_there_are_secrets() -> None:
    """The catalogue marks what must not be seen."""
    assert {"RegisteredUsers.*", "PostgreSQL.Password", "AwsS3Storage.SecretKey"} <= set(SECRET)


@pytest.mark.parametrize("path", SECRET)
def test_no_secret_is_ever_shown(shared: Image, path: str) -> None:
    """Whatever the setting, its secret is in no finding and in no line about it."""
    shared.file("/etc/orthanc/a.json", {})
    keys = tuple("key" if part == "*" else part for part in path.split("."))
    name = names.variable(keys, CATALOGUE)
    world = World({name: "s3cr3t-s3cr3t"}, shared.root)
    found = configuration.configuration(world, CATALOGUE)
    said = [str(finding) for finding in found.findings] + explain.lines(found, CATALOGUE)
    assert "s3cr3t" not in "\n".join(said)
    assert "s3cr3t" not in write.text(mask.masked(found.tree, (), CATALOGUE))


def test_the_same_world_gives_the_same_configuration(shared: Image) -> None:
    """Nothing depends on chance or on what was asked before."""
    environment = {"ORTHANC_PASSWORD": "p", "ORTHANC__NAME": "n", "DICOM_WEB_PLUGIN_ENABLED": "1"}
    one, two = shared.found(environment), shared.found(environment)
    assert write.for_orthanc(one.tree) == write.for_orthanc(two.tree)
    assert [str(each) for each in one.findings] == [str(each) for each in two.findings]
