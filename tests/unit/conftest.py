"""All unit tests: how many examples a property is tried with.

An everyday run tries a few, other ones each time. HYPOTHESIS_PROFILE=thorough tries many, as workflows do.
No example has a limit of time, for machines may be busy.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "everyday", max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", settings.get_profile("everyday"), max_examples=300)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday"))
