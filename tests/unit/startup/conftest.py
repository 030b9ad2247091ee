"""Fixtures of the tests of the start-up code."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.startup.image import Image


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
