"""Whether work followed an ACK: a step, an action, a decision, a note or the bridge."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from drillmaster.scoring.case import Case, Fact
from drillmaster.scoring.evidence import first_fault_gone
from drillmaster.scoring.reading import strongest
from drillmaster.timeline.events import (
    Acknowledged,
    ActionSeen,
    BridgeOpened,
    DecisionAnswered,
    Grade,
    NoteAdded,
    StepEvidenced,
    StepUnseen,
)


class Engagement(NamedTuple):
    """What followed an ACK."""

    followed: Literal["yes", "open", "no"]
    """`open`: it cannot be told, because the drill was ended before the time was over, or
    what followed shows nobody or may have been outside of the time, or no record shows it."""
    grade: Grade | None = None
    """The strongest evidence for it: one act is enough."""
    events: tuple[int, ...] = ()


NOTHING = Engagement("no")

Act = tuple[Fact[Any], Grade | None]
"""Something that was done; without a grade it shows nobody."""


class Acts:
    """What each person did, apart from acknowledging."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._window = case.environment.timing.engagement
        self._by: dict[str | None, list[Act]] = {}
        for person, fact, grade in _acts(case):
            self._by.setdefault(person, []).append((fact, grade))
        for acts in self._by.values():
            acts.sort(key=lambda act: (act[0].at, act[0].seq))
        self._slack = max(
            (fact.event.precision for acts in self._by.values() for fact, _ in acts), default=0.0
        )

    def after(self, ack: Fact[Acknowledged]) -> Engagement:
        """What the person who acknowledged did within the environment's `engagement` time."""
        sure: dict[Grade, int] = {}
        perhaps: list[int] = []
        for fact, grade in self._around(ack):
            within = fact.latest <= ack.earliest + self._window
            if grade is not None and within and fact.earliest >= ack.latest:
                sure.setdefault(grade, fact.seq)
            elif fact.latest >= ack.earliest and fact.earliest <= ack.latest + self._window:
                perhaps.append(fact.seq)
            if "proved" in sure:
                break
        best = strongest(list(sure))
        if best is not None:
            return Engagement("yes", best, (sure[best],))
        perhaps += [fact.seq for fact in self._case.human(StepUnseen)]  # it may have been those
        if perhaps:
            return Engagement("open", None, (min(perhaps),))
        cut_short = self._case.early and not self._case.lapsed(ack, self._window)
        return Engagement("open") if cut_short else NOTHING

    def _around(self, ack: Fact[Acknowledged]) -> Iterator[Act]:
        """What the person did, and what shows nobody, about the time that counts."""
        begin = ack.earliest - self._slack
        end = ack.latest + self._window + self._slack
        for acts in (self._by.get(ack.event.person, []), self._by.get(None, [])):
            for index in range(bisect_left(acts, begin, key=lambda act: act[0].at), len(acts)):
                if acts[index][0].at > end:
                    break
                yield acts[index]


def _acts(case: Case) -> Iterable[tuple[str | None, Fact[Any], Grade | None]]:
    healed = first_fault_gone(case)
    for step in case.human(StepEvidenced):
        if step.event.person is not None:
            yield step.event.person, step, step.event.grade
        elif step.earliest <= healed:
            yield None, step, None
    for action in case.human(ActionSeen):
        yield action.event.person, action, "proved"  # an attempt that was denied, too
    for bridge in case.human(BridgeOpened):
        yield bridge.event.person, bridge, "self-reported"
    for note in case.human(NoteAdded):
        yield note.event.person, note, "self-reported"
    for decision in case.human(DecisionAnswered):
        yield decision.event.person, decision, "self-reported"
