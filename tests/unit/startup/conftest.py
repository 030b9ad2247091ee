"""Fixtures of the tests of the start-up code."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from startup import catalogue
from tests.unit.startup.image import CATALOGUE, Image


@pytest.fixture(autouse=True, scope="package")
def _catalogue() -> Iterator[None]:
    """Read the table once for all tests: a thousand starts would read it, which costs more than the rest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "load", lambda: CATALOGUE)
        yield


@pytest.fixture
def image(tmp_path: Path) -> Image:
    """A root folder that looks like the image's."""
    return Image(tmp_path / "root")


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Put the reactions to signals back that a start replaces."""
    reactions = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    yield
    for each, reaction in reactions.items():
        signal.signal(each, reaction)
