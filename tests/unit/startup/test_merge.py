"""Layers laid over each other."""

from hypothesis import given
from hypothesis import strategies as st

from startup.merge import Layer, at, layer, merged

SCALARS = (
    st.integers() | st.text(max_size=2) | st.booleans() | st.none() | st.lists(st.integers(), max_size=2)
)
KEYS = st.sampled_from("abcd")
TREES = st.dictionaries(
    KEYS,
    st.recursive(SCALARS, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=6),
    max_size=4,
)
LEAVES = st.dictionaries(st.tuples(KEYS, KEYS), SCALARS, max_size=6)


def tree(leaves: dict[tuple[str, str], object]) -> dict[str, object]:
    """The two-level tree with these leaves."""
    found: dict[str, object] = {}
    for (first, second), value in leaves.items():
        branch = found.setdefault(first, {})
        assert isinstance(branch, dict)
        branch[second] = value
    return found


@given(TREES)
def test_one_layer_is_itself(one: dict[str, object]) -> None:
    """A single layer comes out unchanged."""
    result = merged([Layer("one", one)])
    assert one == result.tree
    assert result.findings == []


@given(st.lists(LEAVES, max_size=4))
def test_the_last_value_of_each_setting_holds(layers: list[dict[tuple[str, str], object]]) -> None:
    """Where forms agree, each setting has the value of the last layer that gives it, and no other."""
    result = merged([Layer(str(i), tree(leaves)) for i, leaves in enumerate(layers)])
    expected: dict[tuple[str, str], object] = {}
    for leaves in layers:
        expected.update(leaves)
    assert tree(expected) == result.tree
    assert result.findings == []


@given(st.lists(LEAVES, max_size=4))
def test_every_setting_knows_all_its_values(layers: list[dict[tuple[str, str], object]]) -> None:
    """The history of a setting is the list of values it was given, in order, with their origins."""
    result = merged([Layer(str(i), tree(leaves)) for i, leaves in enumerate(layers)])
    expected: dict[tuple[str, ...], list[tuple[str, object]]] = {}
    for i, leaves in enumerate(layers):
        for path, value in leaves.items():
            expected.setdefault(path, []).append((str(i), value))
    found = {path: [(each.origin, each.value) for each in values] for path, values in result.history.items()}
    assert expected == found


@given(TREES, TREES, TREES)
def test_merging_changes_none_of_its_layers(
    one: dict[str, object], two: dict[str, object], three: dict[str, object]
) -> None:
    """Layers are values: they are as they were after they have been merged."""
    before = repr((one, two, three))
    merged([Layer("1", one), Layer("2", two), Layer("3", three)])
    assert before == repr((one, two, three))


@given(TREES, TREES)
def test_the_same_layer_twice_changes_nothing(one: dict[str, object], two: dict[str, object]) -> None:
    """Laying a layer over what it has already made gives the same settings."""
    once = merged([Layer("1", one), Layer("2", two)])
    if not once.findings:
        assert once.tree == merged([Layer("1", one), Layer("2", two), Layer("2", two)]).tree


@given(TREES, TREES)
def test_every_value_of_the_result_has_an_origin(one: dict[str, object], two: dict[str, object]) -> None:
    """Each leaf of the result has a history that ends with its value."""
    result = merged([Layer("1", one), Layer("2", two)])
    for path, values in result.history.items():
        assert values[-1].value == at(result.tree, path) or isinstance(at(result.tree, path), dict)


def test_objects_merge_and_the_rest_replaces() -> None:
    """Lists and single values replace each other, objects unite."""
    one: dict[str, object] = {"a": {"x": 1, "y": [1, 2]}, "b": "text"}
    two: dict[str, object] = {"a": {"y": [3]}, "b": 2, "c": {}}
    assert merged([Layer("1", one), Layer("2", two)]).tree == {"a": {"x": 1, "y": [3]}, "b": 2, "c": {}}


def test_an_object_over_a_single_value_is_a_problem() -> None:
    """Both places are named, and the earlier value stays."""
    result = merged([Layer("a.json", {"DicomWeb": True}), Layer("VARIABLE", {"DicomWeb": {"Root": "/x"}})])
    assert result.tree == {"DicomWeb": True}
    assert [str(each) for each in result.findings] == [
        "VARIABLE: 'DicomWeb' is an object here but a single value in a.json."
        " Give it the same form in both places."
    ]


def test_a_single_value_over_an_object_is_a_problem() -> None:
    """The same the other way round."""
    result = merged([Layer("a.json", {"X": {"Y": {"Z": 1}}}), Layer("b.json", {"X": {"Y": 5}})])
    assert result.tree == {"X": {"Y": {"Z": 1}}}
    assert [str(each) for each in result.findings] == [
        "b.json: 'X.Y' is a single value here but an object in a.json. Give it the same form in both places."
    ]


def test_a_list_and_an_object_replace_each_other() -> None:
    """A modality may be a list in one place and an object in another."""
    one: dict[str, object] = {"p": ["A", "h", 1]}
    two: dict[str, object] = {"p": {"AET": "A"}}
    there = merged([Layer("1", one), Layer("2", two)])
    back = merged([Layer("1", two), Layer("2", one)])
    assert (two, one) == (there.tree, back.tree)
    assert {path: values[-1].origin for path, values in there.history.items()} == {("p", "AET"): "2"}
    assert {path: values[-1].origin for path, values in back.history.items()} == {("p",): "2"}


def test_a_layer_can_be_one_value() -> None:
    """The layer of a variable holds one value at its path."""
    one = layer("V", ("a", "b"), 5)
    assert (one.origin, one.tree) == ("V", {"a": {"b": 5}})


def test_the_origin_of_an_object_is_that_of_its_first_value() -> None:
    """An object has no origin of its own."""
    result = merged([Layer("1", {"a": {"b": 1}}), Layer("2", {"a": {"b": 2, "c": 3}})])
    assert (result.origin(("a",)), result.origin(("a", "b")), result.origin(("z",))) == ("2", "2", "")


def test_nothing_is_found_below_a_single_value() -> None:
    """Looking further than the tree goes gives nothing."""
    assert at({"a": 1}, ("a", "b")) is None
    assert at({"a": 1}, ("b",)) is None
