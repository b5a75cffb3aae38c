"""What people did at the target, held against the runbook's steps."""

from collections import defaultdict
from dataclasses import dataclass, field

from drillmaster.definitions.runbook import Step
from drillmaster.scoring.case import Case, Fact
from drillmaster.scoring.reading import between
from drillmaster.timeline.events import ActionSeen, StepEvidenced

LOOKING = "view"
"""The action that changes nothing: it is never a mistake, whoever does it."""


def is_looking(step: Step) -> bool:
    """Whether a step is no more than looking at something."""
    probe = step.evidence.audit if step.evidence else None
    return probe is not None and probe.action == LOOKING


def is_of(step: Step, action: ActionSeen) -> bool:
    """Whether an action is what a step asks for."""
    probe = step.evidence.audit if step.evidence else None
    return (
        probe is not None
        and action.action == probe.action
        and action.object == f"{probe.namespace}/{probe.workload}"
        and all(action.parameters.get(key) == value for key, value in probe.parameters.items())
    )


@dataclass(slots=True)
class Strays:
    """Actions since the escalation that belong to no step, until a step claims them."""

    by_secondary: list[Fact[ActionSeen]] = field(default_factory=list)
    by_others: list[Fact[ActionSeen]] = field(default_factory=list)

    def claim(self, begin: float, end: float) -> Fact[ActionSeen] | None:
        """Take the secondary's first action strictly between two times, if there is one."""
        for index, action in enumerate(self.by_secondary):
            if begin < action.at < end:
                return self.by_secondary.pop(index)
        return None

    def rest(self) -> dict[tuple[str, str], list[Fact[ActionSeen]]]:
        """What nobody claimed, by action and person, first seen first."""
        found: dict[tuple[str, str], list[Fact[ActionSeen]]] = defaultdict(list)
        for action in sorted(self.by_secondary + self.by_others, key=lambda act: (act.at, act.seq)):
            found[action.event.action, action.event.person].append(action)
        return dict(found)


def strays(case: Case, steps: list[Step], counted: list[Fact[StepEvidenced]]) -> Strays:
    """Actions by the environment's people that are evidence of no step.

    What was denied was not done; looking is harmless; and what the secondary repeats of a
    step is no other action. `counted` is the evidence that a step's outcome rests on.
    """
    records = {evidence.event.record for evidence in counted}
    found = Strays()
    for action in case.human(ActionSeen):
        event = action.event
        if not event.allowed or event.action == LOOKING or event.record in records:
            continue
        if case.escalation is None or between(case.escalation, action) is None:
            continue
        if event.person in case.expected:
            if not any(is_of(step, event) for step in steps):
                found.by_secondary.append(action)
        elif event.person in case.environment.people:
            found.by_others.append(action)
    return found


def denied(case: Case) -> list[Fact[ActionSeen]]:
    """What the secondary tried and was not allowed to do."""
    return [
        action
        for action in case.human(ActionSeen)
        if not action.event.allowed and action.event.person in case.expected
    ]
