"""Whole drills, killed in some way at some moment of their life, and what became of them.

A drill of a second and a half is started as a user starts it. At a moment of its life, from
the first import to the last report, something is done to its processes. Then its
target is looked at, until the run is settled and every process is gone.
"""

from tests.support.sweep.fate import Fate
from tests.support.sweep.figures import sweep, table
from tests.support.sweep.judge import live
from tests.support.sweep.moments import Moment, moments
from tests.support.sweep.ways import WAYS, Way

__all__ = ["WAYS", "Fate", "Moment", "Way", "live", "moments", "sweep", "table"]
