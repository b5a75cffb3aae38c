"""What a figure measured, and how it stands to its target."""

from dataclasses import dataclass
from typing import Any

from drillmaster.scoring.case import Case, Fact
from drillmaster.scoring.causes import Situation
from drillmaster.scoring.scorecard import Verdict
from drillmaster.timeline.events import Grade

_NOISE = 1e-9  # what floating point adds to a value that equals its target

BEST_FIRST: tuple[Verdict, ...] = ("met", "unverified", "missed")
"""Of several things that may count, the one that stands best is taken."""

_GRADES: tuple[Grade, ...] = ("self-reported", "authorised", "proved")


@dataclass(frozen=True, slots=True)
class Span:
    """The time between two facts: `value` ± `bound` seconds, and never below zero."""

    value: float
    bound: float
    low: float
    high: float

    @property
    def ordered(self) -> bool:
        """Whether the second fact surely came after the first."""
        return self.value >= self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A figure as it was measured."""

    verdict: Verdict
    seen: str
    """One line; roles, never names or ids of people."""
    value: float | None = None
    bound: float | None = None
    situation: Situation | None = None
    """What went wrong, where the verdict is not `met`."""
    events: tuple[int, ...] = ()
    evidence: Grade | None = None
    applies: bool = True
    """False: the figure has no meaning in this run, and is shown only if it is required."""


def between(start: Fact[Any], end: Fact[Any]) -> Span | None:
    """The time from one fact to another; None when the other surely came before it."""
    apart = end.at - start.at
    bound = round(start.event.precision + end.event.precision, 6)
    if apart < -bound - _NOISE:
        return None
    value = round(max(apart, 0.0), 6)
    return Span(value, bound, max(0.0, apart - bound), max(0.0, apart + bound))


def judge(low: float, high: float, target: float | None, *, floor: bool = False) -> Verdict:
    """The verdict on a true value that lies between two bounds.

    The target is the most that is allowed; with `floor`, the least. A figure without a
    target is met by being measured.
    """
    if target is None:
        return "met"
    if floor:
        low, high, target = -high, -low, -target
    if high <= target + _NOISE:
        return "met"
    return "missed" if low > target + _NOISE else "unverified"


def timed(
    start: Fact[Any],
    end: Fact[Any],
    span: Span,
    target: float | None,
    *,
    seen: str,
    slow: Situation,
    evidence: Grade | None = None,
) -> Reading:
    """The reading of a time between two facts."""
    verdict = judge(span.low, span.high, target)
    return Reading(
        value=span.value,
        bound=span.bound,
        verdict=verdict,
        seen=seen,
        situation=slow if verdict == "missed" else "straddles",
        events=(start.seq, end.seq),
        evidence=evidence,
    )


def never_came(case: Case, start: Fact[Any] | None, target: float | None) -> Verdict:
    """The verdict on something that did not happen: missed when there was time for it."""
    if target is None or (case.early and not case.lapsed(start, target)):
        return "unverified"
    return "missed"


def does_not_apply(why: str) -> Reading:
    """A figure that this run cannot have."""
    return Reading(verdict="unverified", seen=why, situation="not-measured", applies=False)


def weakest(grades: list[Grade]) -> Grade | None:
    """The weakest of some grades; None of none."""
    return min(grades, key=_GRADES.index, default=None)


def strongest(grades: list[Grade]) -> Grade | None:
    """The strongest of some grades; None of none."""
    return max(grades, key=_GRADES.index, default=None)


def without_person(grade: Grade) -> Grade:
    """The grade of evidence that shows nobody: it can say at most that somebody could."""
    return "authorised" if grade == "proved" else grade
