"""The page on the configuration, made from the start-up code."""

from pathlib import Path

import pytest

from builder import configuration_docs
from builder.errors import BuildError
from startup import catalogue, plugins, special
from startup.catalogue import Catalogue

ROOT = Path(__file__).parents[3]

PAGE = configuration_docs.text(catalogue.load())


def test_the_page_in_the_tree_is_up_to_date() -> None:
    """docs/configuration.md is what the start-up code says today."""
    configuration_docs.check(ROOT)


def test_a_page_that_is_out_of_date_is_refused(tmp_path: Path) -> None:
    """A missing or changed page fails the check, and writing it heals that."""
    with pytest.raises(BuildError) as caught:
        configuration_docs.check(tmp_path)
    assert caught.value.message == "docs/configuration.md: it is not up to date with base/startup"
    target = configuration_docs.write(tmp_path)
    configuration_docs.check(tmp_path)
    target.write_text("changed")
    with pytest.raises(BuildError):
        configuration_docs.check(tmp_path)


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
    assert configuration_docs.settings(small) == [
        "### Part",
        "| Setting | Variable | Type | Default | Meaning |\n"
        "| --- | --- | --- | --- | --- |\n"
        '| `A` | `ORTHANC__A` | one of the allowed words: x, y | `"x"` | Choose (since 1.2) |\n'
        "| `B` | `ORTHANC__B` | text, secret |  | Deprecated, use `A`. Old \\| odd |",
    ]
