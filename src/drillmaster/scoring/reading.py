"""What a figure measured, and how it stands to its target."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
    ordered: bool
    """Whether the second fact surely came after the first."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """When something may have happened, in seconds since the run began."""

    earliest: float
    latest: float


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
    """The time from one fact to another; None when the other surely came before it. Of two
    facts at exactly one moment, the one that was written first came first."""
    span = apart(start, end)
    if span is None or span.ordered or end.earliest < start.latest - _NOISE:
        return span
    return replace(span, ordered=end.seq > start.seq)


def apart(start: Fact[Any] | Stretch, end: Fact[Any] | Stretch) -> Span | None:
    """The time from one thing to another; None when the other surely came before it."""
    low, high = end.earliest - start.latest, end.latest - start.earliest
    if high < -_NOISE:
        return None
    ordered = low > _NOISE
    low, high = max(low, 0.0), max(high, 0.0)
    return Span(round((low + high) / 2, 6), round((high - low) / 2, 6), low, high, ordered)


def first_of(facts: Iterable[Fact[Any]]) -> Stretch:
    """When the first of some facts may have happened: it need not be the one whose time, as
    it is told, is the smallest."""
    known = list(facts)
    return Stretch(min(f.earliest for f in known), min(f.latest for f in known))


def last_of(facts: Iterable[Fact[Any]]) -> Stretch:
    """When the last of some facts may have happened."""
    known = list(facts)
    return Stretch(max(f.earliest for f in known), max(f.latest for f in known))


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


def nothing_yet(case: Case, why: str) -> Reading:
    """A figure that a run can have once it has come so far: one that was ended before it has
    none because of that."""
    situation: Situation = "ended-early" if case.early else "not-measured"
    return replace(does_not_apply(why), situation=situation)


def weakest(grades: list[Grade]) -> Grade | None:
    """The weakest of some grades; None of none."""
    return min(grades, key=_GRADES.index, default=None)


def strongest(grades: list[Grade]) -> Grade | None:
    """The strongest of some grades; None of none."""
    return max(grades, key=_GRADES.index, default=None)


def without_person(grade: Grade) -> Grade:
    """The grade of evidence that shows nobody: it can say at most that somebody could."""
    return "authorised" if grade == "proved" else grade
