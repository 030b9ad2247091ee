"""Values of the right type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from startup import convert, jsonc, write
from startup.catalogue import Setting
from startup.convert import Conversion, Source
from startup.errors import UnconvertibleError
from tests.unit.startup.image import CATALOGUE
from tests.unit.startup.test_jsonc import JSON

TREES = st.dictionaries(st.text(), JSON, max_size=4)


def setting(kind: str, marks: str = "") -> Setting:
    """A setting of this type."""
    return Setting("Some.Setting", f"{kind} | {marks} | | |")


@pytest.mark.parametrize("word", ["true", "True", "TRUE", "yes", "Yes", "on", "ON", "1", " true "])
def test_true_in_all_its_words(word: str) -> None:
    """One grammar: true, yes, on and 1, in any case."""
    assert convert.boolean(word) is True
    assert convert.typed(setting("bool"), word) is True


@pytest.mark.parametrize("word", ["false", "False", "no", "NO", "off", "Off", "0"])
def test_false_in_all_its_words(word: str) -> None:
    """One grammar: false, no, off and 0, in any case."""
    assert convert.boolean(word) is False
    assert convert.typed(setting("bool"), word) is False


@pytest.mark.parametrize("word", ["", "tru", "2", "enabled", "oui", "null", "t"])
def test_other_words_are_no_booleans(word: str) -> None:
    """Anything else is refused."""
    with pytest.raises(UnconvertibleError) as caught:
        convert.boolean(word)
    assert f"'{word}' is neither true nor false" == caught.value.what


@given(st.text())
def test_text_stays_text(text: str) -> None:
    """Whatever it looks like, the value of a text setting is the text itself."""
    assert text == convert.typed(setting("string"), text)


@given(st.integers(0, convert.LARGEST))
def test_numbers_arrive_as_numbers(number: int) -> None:
    """A whole number arrives from text and from JSON alike."""
    assert number == convert.typed(setting("int"), str(number))
    assert number == convert.typed(setting("int"), f" {number} ")
    assert number == convert.typed(setting("int"), number)
    assert str(number) == convert.typed(setting("string"), number)


@pytest.mark.parametrize("number", ["-1", str(2**31)])
def test_a_number_that_orthanc_breaks_down_with_is_refused(number: str) -> None:
    """Orthanc reads 32 bits, and no number below zero."""
    with pytest.raises(UnconvertibleError) as caught:
        convert.typed(setting("int"), number)
    assert (caught.value.what, caught.value.remedy) == (
        f"'{number}' is out of range",
        "Write a whole number from 0 to 2147483647.",
    )


def test_endless_digits_are_no_number() -> None:
    """Python itself would refuse to read them."""
    with pytest.raises(UnconvertibleError):
        convert.typed(setting("int"), "9" * 5000)
    assert convert.unknown("9" * 5000) == "9" * 5000


@pytest.mark.parametrize("path", ["HttpPort", "DicomPort"])
@pytest.mark.parametrize("number", ["0", "65536", "-1"])
def test_a_port_is_one(path: str, number: str) -> None:
    """Orthanc would listen on another port than the one that was given."""
    known = CATALOGUE.setting(path)
    assert known is not None
    with pytest.raises(UnconvertibleError) as caught:
        convert.typed(known, number)
    assert (caught.value.what, caught.value.remedy) == (
        f"'{number}' is out of range",
        "Write a whole number from 1 to 65535.",
    )


@given(TREES)
def test_objects_arrive_from_their_json(tree: dict[str, object]) -> None:
    """An object written as JSON is that object."""
    assert tree == convert.typed(setting("object"), write.text(tree))
    assert tree == convert.typed(setting("record"), write.text(tree))
    assert tree == convert.typed(setting("any"), write.text(tree))


@given(st.lists(JSON, max_size=4))
def test_lists_arrive_from_their_json(items: list[object]) -> None:
    """A list written as JSON is that list."""
    for kind in ("list", "texts", "record", "any"):
        assert items == convert.typed(setting(kind), write.text(items))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("bool", 1, True),
        ("bool", 0, False),
        ("enum(Never,Always)", "always", "Always"),
        ("enum(2008,2021b)", 2008, "2008"),
        ("int(1..10)", "10", 10),
        ("int(0,1,4)", "4", 4),
        ("texts", "plain", "plain"),
        ("texts", '["a"]', ["a"]),
        ("list(a,b)", ["a"], ["a"]),
        ("any", "plain", "plain"),
        ("any", '"1"', "1"),
        ("any", 5, 5),
        ("any", None, None),
        ("record", ["a", "b", 1], ["a", "b", 1]),
    ],
)
def test_values_that_fit(kind: str, value: object, expected: object) -> None:
    """Each type takes what is plainly one of its values."""
    assert expected == convert.typed(setting(kind), value)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("bool", "tru", "'tru' is not true or false. Write true or false."),
        ("bool", 2, "'2' is not true or false. Write true or false."),
        ("int", "8042.0", "'8042.0' is not a whole number. Write a whole number."),
        ("int", '"8042"', "'\"8042\"' is not a whole number. Write a whole number."),
        ("int", "", "'' is not a whole number. Write a whole number."),
        ("int", True, "'true' is not a whole number. Write a whole number."),
        ("int", "٣", "'٣' is not a whole number. Write a whole number."),
        ("int", 1.5, "'1.5' is not a whole number. Write a whole number."),
        ("int(1..10)", "11", "'11' is out of range. Write a whole number from 1 to 10."),
        ("int(0,1)", "2", "'2' is not allowed. Write one of 0, 1."),
        ("string", 1.5, "'1.5' is not text. Write text."),
        ("string", True, "'true' is not text. Write text."),
        ("string", ["a"], "a list is not text. Write text."),
        ("string", None, "null is not allowed. Write text, or leave it out."),
        ("enum(a,b)", "c", "'c' is not one of a, b. Write one of a, b."),
        ("enum(a,b)", 1, "'1' is not one of a, b. Write one of a, b."),
        (
            "list",
            "a,b",
            "it is not valid JSON: 'a' is not expected in line 1, column 1. Write a JSON list"
            ' such as ["a", "b"].',
        ),
        (
            "list",
            {},
            'an object is not a JSON list such as ["a", "b"]. Write a JSON list such as ["a", "b"].',
        ),
        ("list(a,b)", ["c"], "'c' is not allowed in its list. Allowed are a, b."),
        (
            "object",
            '{"a":1,}',
            "it is not valid JSON: there is a comma with nothing after it in line 1, column 7."
            ' Write a JSON object such as {"key": "value"}.',
        ),
        (
            "object",
            "[1]",
            'a list is not a JSON object such as {"key": "value"}.'
            ' Write a JSON object such as {"key": "value"}.',
        ),
        ("record", "1", "'1' is not a JSON object or list. Write a JSON object or list."),
        (
            "any",
            "{",
            "it is not valid JSON: the text ends too early in line 1, column 2. Write a JSON value.",
        ),
    ],
)
def test_values_that_do_not_fit(kind: str, value: object, expected: str) -> None:
    """What does not fit is refused with what to write instead."""
    with pytest.raises(UnconvertibleError) as caught:
        convert.typed(setting(kind), value)
    assert expected == f"{caught.value.what}. {caught.value.remedy}"


def test_refusals_do_not_show_secrets() -> None:
    """The value of a secret setting is not in the message, a long one is cut."""
    with pytest.raises(UnconvertibleError) as caught:
        convert.typed(setting("bool", "secret"), "hunter2")
    assert caught.value.what == "the value (not shown) is not true or false"
    with pytest.raises(UnconvertibleError) as caught:
        convert.typed(setting("bool"), "x" * 100)
    assert f"'{'x' * 77}...' is not true or false" == caught.value.what


def test_null_where_a_setting_takes_it() -> None:
    """Null is a value for the settings that are marked so."""
    assert convert.typed(setting("string", "nullable"), None) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("12", 12),
        ("-3", -3),
        ("012", "012"),
        ("1.0", "1.0"),
        ("null", "null"),
        ("plain", "plain"),
        ('"quoted"', '"quoted"'),
        ('{"a": 1}', {"a": 1}),
        (" [1] ", [1]),
    ],
)
def test_unknown_settings_take_plain_forms(text: str, expected: object) -> None:
    """Where no type is known, only what cannot be meant otherwise is more than text."""
    assert expected == convert.unknown(text)
    assert type(expected) is type(convert.unknown(text))


def test_unknown_settings_refuse_broken_json() -> None:
    """A text that begins like an object must be one."""
    with pytest.raises(UnconvertibleError) as caught:
        convert.unknown("{a}")
    assert caught.value.what == "it is not valid JSON: keys need double quotes in line 1, column 2"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("always", "Always"), ("true", "Always"), (True, "Always"), ("no", "Never"), (False, "Never")],
)
def test_overwrite_instances_may_be_a_boolean(value: object, expected: str) -> None:
    """OverwriteInstances was a boolean before it got its words."""
    known = CATALOGUE.setting("OverwriteInstances")
    assert known is not None
    assert expected == convert.typed(known, value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("my.lua", "/etc/orthanc/my.lua"),
        ("./a/../b.lua", "/etc/orthanc/b.lua"),
        ("../x/", "/etc/x/"),
        ("/a/b", "/a/b"),
        ("", ""),
        (["a", "/b"], ["/etc/orthanc/a", "/b"]),
        (5, 5),
    ],
)
def test_relative_paths_start_from_the_folder(value: object, expected: object) -> None:
    """A path is made absolute, so that it does not depend on where the written file is."""
    assert expected == convert.absolute(value, "/etc/orthanc")


def members(tree: dict[str, object]) -> tuple[dict[str, object], list[str]]:
    """A document converted, and what was found."""
    conversion = Conversion(CATALOGUE, Source("file"))
    found = conversion.members((), "", tree)
    return found, [repr(finding) for finding in conversion.findings]


def test_documents_are_converted_throughout() -> None:
    """Each known setting in a document gets its type, at any depth."""
    tree: dict[str, object] = {
        "HttpPort": "80",
        "DicomWeb": {"Ssl": "on", "Servers": {"s": {"Url": "u", "Timeout": "5"}}},
        "DicomModalities": {"p": ["A", "h", 104], "q": {"AET": 5, "Port": "104"}},
    }
    expected = {
        "HttpPort": 80,
        "DicomWeb": {"Ssl": True, "Servers": {"s": {"Url": "u", "Timeout": 5}}},
        "DicomModalities": {"p": ["A", "h", 104], "q": {"AET": "5", "Port": 104}},
    }
    assert (expected, []) == members(tree)


def test_documents_keep_unknown_keys_with_a_warning() -> None:
    """An unknown key is passed on as it is and named, with the nearest known one."""
    tree: dict[str, object] = {"DicomSeverEnabled": "x", "DicomWeb": {"Rot": 1}, "Mine": {"HttpPort": "1"}}
    found, said = members(tree)
    assert tree == found
    assert said == [
        "Warning(\"file, 'DicomSeverEnabled': there is no such setting. Did you mean"
        " 'DicomServerEnabled'?\")",
        "Warning(\"file, 'DicomWeb.Rot': there is no such setting. Did you mean 'Root'?\")",
        "Warning(\"file, 'Mine': there is no such setting. It is passed on as it is.\")",
    ]


def test_objects_without_known_keys_take_any() -> None:
    """Where the catalogue knows nothing of what is in an object, nothing is said."""
    assert members({"ConnectivityChecks": {"any": {"x": 1}}}) == (
        {"ConnectivityChecks": {"any": {"x": 1}}},
        [],
    )


def test_documents_lose_what_does_not_fit() -> None:
    """A value that does not fit is a problem, and is left out."""
    assert members({"HttpPort": "x", "Name": "a"}) == (
        {"Name": "a"},
        ["Problem(\"file, 'HttpPort': 'x' is not a whole number. Write a whole number.\")"],
    )


def test_deprecated_settings_name_their_successor() -> None:
    """A setting of the past is passed on with a warning."""
    found, said = members({"RejectSopClasses": [], "LoaderThreads": 4})
    assert found == {"RejectSopClasses": [], "LoaderThreads": 4}
    assert said == [
        "Warning(\"file, 'RejectSopClasses': 'RejectSopClasses' is deprecated. Use"
        " 'RejectedSopClasses' instead.\")",
        "Warning(\"file, 'LoaderThreads': 'LoaderThreads' is deprecated. Leave it out.\")",
    ]


def test_settings_that_nothing_reads_any_more_say_what_they_were() -> None:
    """And what to write instead, where there is something."""
    current = {"MultipleStorages": {"CurrentStorage": "1"}}
    _, said = members({"LimitJobs": 10, "AdvancedStorage": current})
    assert said == [
        "Warning(\"file, 'LimitJobs': 'LimitJobs' has no effect: older versions read it (How many jobs might"
        ' be under way). Leave it out.")',
        "Warning(\"file, 'AdvancedStorage.MultipleStorages.CurrentStorage':"
        " 'AdvancedStorage.MultipleStorages.CurrentStorage' has no effect: older versions read it (Name of"
        " the folder for new files). Use 'AdvancedStorage.MultipleStorages.CurrentWriteStorage' instead.\")",
    ]


def test_successors_of_settings_are_known() -> None:
    """Each setting that is named as a successor is in the catalogue."""
    named = [
        path
        for name in CATALOGUE.lines
        if (setting := CATALOGUE.setting(name))
        for path in (setting.replacement, setting.successor)
        if path
    ]
    assert [path for path in named if path not in CATALOGUE] == []
    assert len(named) > 10


@given(TREES)
def test_conversion_settles(tree: dict[str, object]) -> None:
    """What has been converted once is not changed by converting it again."""
    once, _ = members(tree)
    assert once == members(once)[0]


def read_back(known: Setting) -> list[object]:
    """The default of a setting, and what becomes of it as a value and as a text, or why it is refused."""
    default = jsonc.value(known.default)
    text = default if isinstance(default, str) else write.compact(default)
    try:
        return [default, convert.typed(known, default), convert.typed(known, text)]
    except UnconvertibleError as refusal:
        return [default, refusal.what]


def test_every_default_fits_its_own_setting() -> None:
    """The table is consistent: a default has the type of its setting, and its text form reads back."""
    settings = [found for path in CATALOGUE.lines if (found := CATALOGUE.setting(path)) and found.default]
    read = {each.path: read_back(each) for each in settings}
    assert {path: each for path, each in read.items() if each != 3 * each[:1]} == {}
    assert len(read) > 300
