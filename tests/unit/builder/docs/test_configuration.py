"""The page on the configuration, made from the start-up code."""

import pytest

from builder.docs import configuration
from startup import catalogue, plugins, special
from startup.catalogue import Catalogue

PAGE = configuration.text(catalogue.load())


@pytest.mark.parametrize("plugin", plugins.PLUGINS, ids=lambda plugin: plugin.name)
def test_every_plugin_is_on_the_page(plugin: plugins.Plugin) -> None:
    """With its variable."""
    assert f"`{plugin.switch}`" in PAGE


@pytest.mark.parametrize("name", [*special.SPECIAL, *special.LEGACY, *special.FORMER])
def test_every_variable_is_on_the_page(name: str) -> None:
    """Special ones and those of the past."""
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("path", catalogue.load().lines)
def test_every_setting_is_on_the_page(path: str) -> None:
    """By its path."""
    assert f"| `{path}` |" in PAGE


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
