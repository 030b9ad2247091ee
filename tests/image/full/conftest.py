"""Fixtures of the tests of Azure and Google: those of the object stores."""

from tests.image.default.conftest import keep, volume

__all__ = ["keep", "volume"]
