"""The evidence for each step: the secondary's, other people's, and what shows nobody's act."""

import math
from dataclasses import dataclass, field
from typing import Any

from drillmaster.definitions.runbook import Step
from drillmaster.scoring.actions import LOOKING, is_of
from drillmaster.scoring.case import Case, Fact
from drillmaster.scoring.reading import between, without_person
from drillmaster.timeline.events import (
    Acknowledged,
    ActionSeen,
    FaultInjected,
    FaultIntended,
    FaultUndone,
    Grade,
    StepAlreadyMet,
    StepEvidenced,
    StepUnseen,
)


@dataclass(slots=True)
class StepEvidence:
    """What shows that one step was done."""

    ours: list[Fact[StepEvidenced]] = field(default_factory=list)
    """By the secondary, or a state that changed when only the secondary can have changed it."""
    others: list[Fact[StepEvidenced]] = field(default_factory=list)
    """By somebody else, since the escalation to the secondary."""
    unproved: list[Fact[StepEvidenced]] = field(default_factory=list)
    """What may look like the secondary's work, and proves none: a state that others, the end
    of a fault or the undo may have changed; what was done before the page; and a word where
    the runbook asks for more."""
    already: list[Fact[StepAlreadyMet]] = field(default_factory=list)
    """What the step leaves behind was there before the page: it proves nobody's act."""
    unseen: list[Fact[StepUnseen]] = field(default_factory=list)
    """The record that is to show who did it cannot show it."""

    @property
    def second(self) -> Fact[StepEvidenced] | None:
        """The first evidence that a second person did the step that the secondary did."""
        if not self.ours:
            return None
        named = [fact for fact in [*self.ours, *self.others] if fact.event.person is not None]
        named.sort(key=lambda fact: (fact.at, fact.seq))
        return next((fact for fact in named if fact.event.person != named[0].event.person), None)


def gather(case: Case, taken: Fact[Acknowledged] | None) -> dict[str, StepEvidence]:
    """The evidence by the step's id; `taken` is the first ACK of the secondary that stood."""
    found: dict[str, StepEvidence] = {}
    steps = {step.id: step for step in case.runbook.steps} if case.runbook else {}
    disturbed, injecting = _disturbed(case), _injecting(case)
    for fact in case.human(StepEvidenced):
        step, person = steps.get(fact.event.step), fact.event.person
        of = found.setdefault(fact.event.step, StepEvidence())
        if person is not None and person not in case.expected:
            if case.escalation and between(case.escalation, fact) is not None:
                of.others.append(fact)
        elif _only_told(step, fact.event) or case.maybe_after_end(fact):
            of.unproved.append(fact)
        elif person is None:
            theirs = taken is not None and _after(taken, fact) and fact.latest < disturbed
            theirs = theirs and not any(
                since <= fact.latest and fact.earliest <= until for since, until in injecting
            )
            (of.ours if theirs else of.unproved).append(fact)
        elif case.escalation is None or _after(case.escalation, fact):
            of.ours.append(fact)
        else:
            again = _again(case, step, fact)
            (of.ours if again else of.unproved).append(again or fact)
    for baseline in case.of(StepAlreadyMet):  # it tells of the evidence, whenever it was seen
        found.setdefault(baseline.event.step, StepEvidence()).already.append(baseline)
    for unseen in case.human(StepUnseen):
        found.setdefault(unseen.event.step, StepEvidence()).unseen.append(unseen)
    for of in found.values():
        of.ours.sort(key=lambda fact: (fact.at, fact.seq))
    return found


def grade_of(fact: Fact[StepEvidenced]) -> Grade:
    """The grade of evidence; without a person it cannot be `proved`."""
    grade = fact.event.grade
    return grade if fact.event.person is not None else without_person(grade)


def first_fault_gone(case: Case) -> float:
    """From when on a state may have healed by itself: the first fault that was gone without
    the responder's doing."""
    undone = (fact.earliest for fact in case.of(FaultUndone) if fact.event.by != "responder")
    return min(undone, default=math.inf)


def _disturbed(case: Case) -> float:
    """From when on a state that changed need not be the secondary's work: a fault was gone by
    itself, the drill was over and the undo began, or somebody else had changed something."""
    others = (
        action.earliest
        for action in case.human(ActionSeen)
        if action.event.allowed
        and action.event.action != LOOKING
        and action.event.person not in case.expected
    )
    return min(first_fault_gone(case), case.end, *others)


def _injecting(case: Case) -> list[tuple[float, float]]:
    """When the drill itself was at work at the target: the method of an experiment goes on for
    as long as it likes, and a state that changed may have been changed by it."""
    begun: dict[str, float] = {}
    done: dict[str, float] = {}
    for intended in case.of(FaultIntended):
        begun.setdefault(intended.event.fault, intended.earliest)
    for injected in case.of(FaultInjected):
        done.setdefault(injected.event.fault, injected.latest)
    return [(begun.get(fault, -math.inf), done.get(fault, math.inf)) for fault in {**begun, **done}]


def _after(start: Fact[Any], fact: Fact[Any]) -> bool:
    """Whether something surely came after something."""
    span = between(start, fact)
    return span is not None and span.ordered


def _only_told(step: Step | None, event: StepEvidenced) -> bool:
    """Whether somebody says so where the runbook asks for more than a word."""
    evidence = step.evidence if step else None
    asked = evidence is not None and evidence.kind != "self-report"
    return asked and event.how == "self-report"


def _again(case: Case, step: Step | None, early: Fact[StepEvidenced]) -> Fact[StepEvidenced] | None:
    """The same done once more by the same person after the page, if it was. Each person has
    evidence of a step once, be it before the page or after it."""
    if step is None or case.escalation is None:
        return None
    for action in case.human(ActionSeen):
        if action.event.person != early.event.person or not action.event.allowed:
            continue
        if is_of(step, action.event) and _after(case.escalation, action):
            told = {"occurred_at": action.event.occurred_at, "precision": action.event.precision}
            event = early.event.model_copy(update={**told, "record": action.event.record})
            return Fact(action.seq, action.at, event)
    return None
