"""What all unit tests stand on: no example of a property has a time limit of its own, for machines are busy."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
