"""What a drill takes for granted: where it did not hold, good figures prove nothing."""

from collections.abc import Iterator

from drillmaster.scoring.acknowledgement import Response
from drillmaster.scoring.actions import LOOKING, is_looking
from drillmaster.scoring.case import Case
from drillmaster.timeline.events import (
    Acknowledged,
    ActionSeen,
    DecisionAnswered,
    FaultEffective,
    StepEvidenced,
)


def without_effect(case: Case) -> list[str]:
    """Planned faults whose effect was not seen while the drill went on. Nobody being
    reachable has none to see."""
    effective = {fact.event.fault for fact in case.of(FaultEffective) if fact.latest <= case.end}
    planned = [fault for fault in case.drill.faults if fault.kind != "unreachable-primary"]
    return [fault.id for fault in planned if fault.id not in effective]


def not_held(case: Case) -> Iterator[str]:
    """Each premise that did not hold, in one line."""
    for fault in without_effect(case):
        yield f"no effect of the fault {fault} was seen"
    silent = any(fault.kind == "unreachable-primary" for fault in case.drill.faults)
    primaries = case.primaries - case.expected
    if silent and any(ack.event.person in primaries for ack in case.human(Acknowledged)):
        yield "the primary answered, although the drill makes them unreachable"


def shared(case: Case, response: Response) -> bool:
    """Whether more than one member of a pool took the incident: only one of them is to."""
    if case.drill.escalation.pattern != "shared-pool" or case.escalation is None:
        return False
    begin = case.escalation.earliest
    looks = {step.id for step in case.runbook.steps if is_looking(step)} if case.runbook else set()
    steps = {
        fact.event.person
        for fact in case.human(StepEvidenced)
        if fact.latest >= begin and fact.event.step not in looks
    }
    actions = {
        fact.event.person
        for fact in case.human(ActionSeen)
        if fact.latest >= begin and fact.event.allowed and fact.event.action != LOOKING
    }
    return len({*response.starts, *steps, *actions} & case.expected) > 1


def ungated(case: Case) -> bool:
    """Whether, in the gatekeeper pattern, something that is no person acted before the secondary
    had decided anything: no step of an automation is to be done without their approval."""
    if case.drill.escalation.pattern != "gatekeeper" or case.escalation is None:
        return False
    people = case.expected | set(case.environment.people)
    approvals = [d.at for d in case.human(DecisionAnswered) if d.event.person in case.expected]
    approved = min(approvals, default=case.end)
    return any(
        action.event.allowed
        and action.event.person not in people
        and case.escalation.at <= action.at < approved
        for action in case.human(ActionSeen)
    )
