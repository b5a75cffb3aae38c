"""Whether work followed an ACK: a step, an action, a decision, a note or the bridge."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from drillmaster.scoring.case import Case, Fact
from drillmaster.scoring.reading import strongest
from drillmaster.timeline.events import (
    Acknowledged,
    ActionSeen,
    BridgeOpened,
    DecisionAnswered,
    Grade,
    NoteAdded,
    StepEvidenced,
)


class Engagement(NamedTuple):
    """What followed an ACK."""

    followed: Literal["yes", "open", "no"]
    """`open`: it cannot be told, because the drill was ended before the time was over, or
    the only act may have been outside of it."""
    grade: Grade | None = None
    """The strongest evidence for it: one act is enough."""
    events: tuple[int, ...] = ()


NOTHING = Engagement("no")


class Acts:
    """What each person did, apart from acknowledging."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._window = case.environment.timing.engagement
        self._by: dict[str, list[tuple[Fact[Any], Grade]]] = {}
        for person, fact, grade in _acts(case):
            self._by.setdefault(person, []).append((fact, grade))
        for acts in self._by.values():
            acts.sort(key=lambda act: (act[0].at, act[0].seq))
        self._slack = max(
            (fact.event.precision for acts in self._by.values() for fact, _ in acts), default=0.0
        )

    def after(self, ack: Fact[Acknowledged]) -> Engagement:
        """What the person who acknowledged did within the environment's `engagement` time."""
        sure: list[tuple[int, Grade]] = []
        perhaps: list[int] = []
        for fact, grade in self._around(ack):
            if fact.earliest >= ack.latest and fact.latest <= ack.earliest + self._window:
                sure.append((fact.seq, grade))
            elif fact.latest >= ack.earliest and fact.earliest <= ack.latest + self._window:
                perhaps.append(fact.seq)
            if grade == "proved" and sure:
                break
        if sure:
            best = strongest([grade for _, grade in sure])
            return Engagement("yes", best, tuple(seq for seq, grade in sure if grade == best)[:1])
        if perhaps:
            return Engagement("open", None, tuple(perhaps[:1]))
        cut_short = self._case.early and not self._case.lapsed(ack, self._window)
        return Engagement("open" if cut_short else "no")

    def _around(self, ack: Fact[Acknowledged]) -> Iterator[tuple[Fact[Any], Grade]]:
        acts = self._by.get(ack.event.person or "", [])
        begin = bisect_left(acts, ack.earliest - self._slack, key=lambda act: act[0].at)
        for index in range(begin, len(acts)):
            if acts[index][0].at > ack.latest + self._window + self._slack:
                return
            yield acts[index]


def _acts(case: Case) -> Iterable[tuple[str, Fact[Any], Grade]]:
    for step in case.human(StepEvidenced):
        if step.event.person is not None:
            yield step.event.person, step, step.event.grade
    for action in case.human(ActionSeen):
        yield action.event.person, action, "proved"  # an attempt that was denied, too
    for bridge in case.human(BridgeOpened):
        yield bridge.event.person, bridge, "self-reported"
    for note in case.human(NoteAdded):
        yield note.event.person, note, "self-reported"
    for decision in case.human(DecisionAnswered):
        yield decision.event.person, decision, "self-reported"
