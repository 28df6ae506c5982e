"""Hypothesis profiles (`pytest --hypothesis-profile=long` for a night's run, `brief` for a glance).

And a matplotlib that needs no screen.
"""

import os

from hypothesis import HealthCheck, settings

os.environ["MPLBACKEND"] = "Agg"

# The machine may be slow at any moment: no deadline, and no complaint about slow generation. The same examples in every
# run, so that a change is rejected for what it does and not for what was drawn; `long` explores.
settings.register_profile(
    "ci",
    max_examples=40,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "long", max_examples=100_000, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck)
)
# What old versions of the dependencies lack shows at the first examples: the laws are tested with the newest.
settings.register_profile("brief", settings.get_profile("ci"), max_examples=8)
settings.load_profile("ci")
