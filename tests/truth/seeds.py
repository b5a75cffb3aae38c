"""How many drills are drawn, and from which seeds.

`make test` plays a part of them and `make soak` all. DRILLMASTER_TRUTH_SEED begins elsewhere,
and DRILLMASTER_TRUTH_RUNS=1 plays the one drill of that seed again.
"""

import os

FIRST = int(os.environ.get("DRILLMASTER_TRUTH_SEED", "0"))

_RUNS = os.environ.get("DRILLMASTER_TRUTH_RUNS")


def seeds(number: int) -> range:
    """The seeds of so many drills, or of as many as the environment says."""
    return range(FIRST, FIRST + (int(_RUNS) if _RUNS else number))
