"""All unit tests: no example of a property has a limit of time, for machines may be busy."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
