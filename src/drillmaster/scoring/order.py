"""Which steps were done in the runbook's order."""

import math
from collections.abc import Sequence

Moment = tuple[float, float]
"""The earliest and the latest time at which something may have been done."""


def in_order(moments: Sequence[Moment]) -> set[int]:
    """The largest set of steps whose times do not contradict the runbook's order, by index.

    One step out of its place is then one mistake, and not as many as there are steps
    around it. Steps whose moments overlap are taken to be in order. Where several sets are
    as large, earlier steps are kept: of two steps that changed places, the one that was
    done too soon is the one out of order.
    """
    tails = _tails(moments)
    kept: set[int] = set()
    reached, wanted = -math.inf, len(tails[0]) - 1
    for index, (earliest, latest) in enumerate(moments):
        after = tails[index + 1]
        if wanted and latest >= reached and len(after) >= wanted:
            begun = max(reached, earliest)
            if begun <= after[wanted - 1]:
                kept.add(index)
                reached, wanted = begun, wanted - 1
    return kept


def _tails(moments: Sequence[Moment]) -> list[list[float]]:
    """For the steps from each index on: at [k], the latest time that may have been reached
    before them so that k of them can still follow in order."""
    tails: list[list[float]] = [[math.inf]]
    for earliest, latest in reversed(moments):
        rest = tails[-1]
        here = [*rest, -math.inf]
        for length, room in enumerate(rest, 1):
            if earliest <= room:
                here[length] = max(here[length], min(latest, room))
        if here[-1] == -math.inf:
            here.pop()
        tails.append(here)
    return tails[::-1]
