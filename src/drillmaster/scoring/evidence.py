"""The evidence for each step: the secondary's, and other people's."""

import math
from dataclasses import dataclass, field

from drillmaster.scoring.case import Case, Fact
from drillmaster.scoring.reading import between, without_person
from drillmaster.timeline.events import FaultUndone, Grade, StepAlreadyMet, StepEvidenced


@dataclass(slots=True)
class StepEvidence:
    """What shows that one step was done."""

    ours: list[Fact[StepEvidenced]] = field(default_factory=list)
    """By the secondary, or showing nobody: a state that changed."""
    others: list[Fact[StepEvidenced]] = field(default_factory=list)
    """By somebody else, since the escalation to the secondary."""
    healed: list[Fact[StepEvidenced]] = field(default_factory=list)
    """Showing nobody, when a fault was already gone by itself: it proves nobody's act."""
    already: list[Fact[StepAlreadyMet]] = field(default_factory=list)
    """What the step leaves behind was there before the page: it proves nobody's act."""

    @property
    def second(self) -> Fact[StepEvidenced] | None:
        """The first evidence that a second person did the step that the secondary did."""
        if not self.ours:
            return None
        named = [fact for fact in [*self.ours, *self.others] if fact.event.person is not None]
        named.sort(key=lambda fact: (fact.at, fact.seq))
        return next((fact for fact in named if fact.event.person != named[0].event.person), None)


def gather(case: Case) -> dict[str, StepEvidence]:
    """The evidence by the step's id."""
    found: dict[str, StepEvidence] = {}
    gone = first_fault_gone(case)
    for fact in case.human(StepEvidenced):
        step = found.setdefault(fact.event.step, StepEvidence())
        if fact.event.person is None and fact.at > gone:
            step.healed.append(fact)
        elif fact.event.person is None or fact.event.person in case.expected:
            step.ours.append(fact)
        elif case.escalation and between(case.escalation, fact) is not None:
            step.others.append(fact)
    for baseline in case.of(StepAlreadyMet):  # it tells of the evidence, whenever it was seen
        found.setdefault(baseline.event.step, StepEvidence()).already.append(baseline)
    return found


def grade_of(fact: Fact[StepEvidenced]) -> Grade:
    """The grade of evidence; without a person it cannot be `proved`."""
    grade = fact.event.grade
    return grade if fact.event.person is not None else without_person(grade)


def first_fault_gone(case: Case) -> float:
    """From when on a state may have healed by itself: the first fault that was gone without
    the responder's doing."""
    undone = (fact.at for fact in case.of(FaultUndone) if fact.event.by != "responder")
    return next(undone, math.inf)
