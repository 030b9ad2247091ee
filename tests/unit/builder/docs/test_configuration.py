"""The page on the configuration, made from the start-up code."""

from builder.docs import configuration
from startup import catalogue, plugins, special
from startup.catalogue import Catalogue

PAGE = configuration.text(catalogue.load())


def test_every_plugin_is_on_the_page() -> None:
    """With its variable."""
    assert [one.name for one in plugins.PLUGINS if f"`{one.switch}`" not in PAGE] == []


def test_every_variable_is_on_the_page() -> None:
    """Special ones and those of the past."""
    names = [*special.SPECIAL, *special.LEGACY, *special.FORMER]
    assert [name for name in names if f"| `{name}` |" not in PAGE] == []


def test_every_setting_is_on_the_page() -> None:
    """By its path."""
    assert [path for path in catalogue.load().lines if f"| `{path}` |" not in PAGE] == []


def test_the_rows_of_a_small_catalogue() -> None:
    """Type, allowed values, default, age and successor of a setting are in its row."""
    small = Catalogue(
        '[Part]\nA | enum(x,y) |  | "x" | 1.2 | Choose\nB | string | secret deprecated=A |  |  | Old | odd'
    )
    assert configuration.settings(small) == [
        "### Part",
        "| Setting | Variable | Type | Default | Meaning |\n"
        "| --- | --- | --- | --- | --- |\n"
        '| `A` | `ORTHANC__A` | one of the allowed words: x, y | `"x"` | Choose (since 1.2) |\n'
        "| `B` | `ORTHANC__B` | text, secret |  | Deprecated, use `A`. Old \\| odd |",
    ]
