"""From a JSON configuration to variables, and back."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from startup import convert, translate
from startup.catalogue import Setting
from startup.sources import World
from tests.unit.startup.image import CATALOGUE
from tests.unit.startup.test_jsonc import JSON

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def values(setting: Setting) -> st.SearchStrategy[object]:
    """Values that fit a setting."""
    if setting.kind == "enum":
        return st.sampled_from(setting.allowed)
    limits = setting.limits
    if limits:
        return st.integers(*limits)
    if setting.kind == "int" and setting.allowed:
        return st.sampled_from([int(word) for word in setting.allowed])
    if setting.kind == "list" and setting.allowed:
        return st.lists(st.sampled_from(setting.allowed), max_size=3)
    return {
        "bool": st.booleans(),
        "int": st.integers(0, convert.LARGEST),
        "string": TEXT.map(lambda text: f"/{text}" if "path" in setting.marks else text),
        "list": st.lists(TEXT.map(lambda text: f"/{text}"), max_size=3),
        "texts": st.lists(TEXT.map(lambda text: f"/{text}"), max_size=3),
        "any": JSON,
        "record": st.lists(TEXT, max_size=4),
        "object": st.just({}),
    }[setting.kind]


PATHS = [path for path in CATALOGUE.lines if "*" not in path]


@st.composite
def documents(draw: st.DrawFn) -> dict[str, object]:
    """Configurations with known and unknown settings."""
    tree: dict[str, object] = {}
    for path in draw(st.lists(st.sampled_from(PATHS), max_size=5)):
        setting = CATALOGUE.setting(path)
        assert setting is not None
        *above, last = path.split(".")
        branch = tree
        for key in above:
            inner = branch.setdefault(key, {})
            assert isinstance(inner, dict)
            branch = inner
        branch.setdefault(last, draw(values(setting)))
    tree.update(draw(st.dictionaries(st.sampled_from(["Mine", "x y", "a__b"]), JSON, max_size=2)))
    return tree


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_variables_make_the_same_configuration(document: dict[str, object]) -> None:
    """From a document to variables, through a compose file, and back: nothing is lost or changed."""
    variables = translate.variables(document, CATALOGUE)
    assert variables == translate.environment("\n".join(translate.compose(variables)))
    tree, findings = translate.tree(World(variables), CATALOGUE)
    assert [str(finding) for finding in findings if finding.fatal] == []
    assert document == tree


def test_a_compose_file_can_be_read_by_yaml() -> None:
    """YAML refuses halves of characters and control characters, so neither is written."""
    variables = {"ORTHANC__NAME": "\U0001f600\x7f\n\u00e9$"}
    lines = translate.compose(variables)
    assert lines == ['ORTHANC__NAME: "\U0001f600\\u007f\\n\\u00e9$$"']
    assert translate.environment(lines[0]) == variables


def test_what_stays_in_the_document() -> None:
    """Empty texts, values of another type and unknown keys have no variable of their own."""
    document: dict[str, object] = {"Name": "", "Mine": 1, "HttpPort": 80, "WebViewer": {"CachePath": None}}
    assert translate.variables(document, CATALOGUE) == {
        "ORTHANC__HTTP_PORT": "80",
        "ORTHANC_JSON": '{ "Name": "", "Mine": 1, "WebViewer": { "CachePath": null } }',
    }


def test_equal_is_not_the_same() -> None:
    """True is not 1, at any depth."""
    assert not translate.same({"a": [1]}, {"a": [True]})
    assert not translate.same([1], [1, 2])
    assert translate.same({"a": [1]}, {"a": [1]})
