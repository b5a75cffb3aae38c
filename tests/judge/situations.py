"""The ten responders as people in a virtual drill, and the situations into which they come."""

from collections.abc import Callable
from typing import Any

from drillmaster.definitions.simulation import BEHAVIOURS, Behaviour
from tests.support.timeline_definitions import (
    ACCESS,
    BYSTANDER,
    DRILL,
    PRIMARY,
    RUNBOOK,
    SECONDARY,
    changed,
)
from tests.truth.draws import OTHER, SCALED, SILENT, STEADY, environment
from tests.truth.plans import Do, Person, Plan
from tests.truth.staging import Nature

Situation = Callable[[Plan], None]

STEPS: list[tuple[str, dict[str, Any]]] = [
    ("view", {}),
    ("lift-throttle", {}),
    ("scale", {"replicas": 6}),
]


def plan_of(responder: str, situation: str) -> Plan:
    """A responder in a situation."""
    behaviour = BEHAVIOURS[responder]
    plan = Plan(
        drill=changed(
            DRILL,
            steady_state=[{"name": "every replica is ready", "state": STEADY}],
            limits={"duration": "5m"},
        ),
        environment=environment(),
        access=ACCESS,
        runbook=RUNBOOK,
        people=list(_cast(behaviour)),
        nature=Nature(),
        rhythm=4.0,
    )
    if behaviour.access == "denied":
        plan.nature.denied = frozenset({SECONDARY})
    SITUATIONS[situation](plan)
    return plan


def _cast(behaviour: Behaviour) -> list[Person]:
    """Who does what when the secondary is paged."""
    if behaviour.acknowledge == "never":
        return []
    ack = Do(behaviour.acknowledge, "ack")
    if behaviour.by == "automation":
        return [Person(None, [ack], page_of=SECONDARY)]
    who = SECONDARY if behaviour.by == "self" else behaviour.by
    work = _work(behaviour) if behaviour.then == "engage" else []
    people = [Person(who, [ack, *work], page_of=SECONDARY)]
    if behaviour.runbook.also:
        later = Do(behaviour.acknowledge + 0.2, "look up")
        people.append(Person(BYSTANDER, [later, *work], page_of=SECONDARY))
    return people


def _work(behaviour: Behaviour) -> list[Do]:
    how, done = behaviour.runbook, []
    for number, (action, parameters) in enumerate(STEPS, 1):
        if str(number) in how.skip:
            continue
        instead = how.instead.get(str(number))
        done.append(Do(how.step_time, "act", instead or action, {} if instead else parameters))
    return done


def _timeout(plan: Plan) -> None:
    """The primary cannot be reached."""


def _hand_over(plan: Plan) -> None:
    """The primary answers, and hands over."""
    plan.drill["faults"] = [fault for fault in plan.drill["faults"] if fault != SILENT]
    plan.drill["escalation"]["engage"] = "hand-over"
    plan.drill["targets"]["hand_over_time"] = "15s"
    plan.people.append(Person(PRIMARY, [Do(1.0, "ack"), Do(0.5, "hand-over")]))


def _at_once(plan: Plan) -> None:
    """Both are paged at once."""
    plan.drill["escalation"]["engage"] = "at-once"


def _no_fault(plan: Plan) -> None:
    """A drill without a fault: the page alone."""
    plan.drill["faults"] = [SILENT]


def _heals(plan: Plan) -> None:
    """The last step leaves a state behind that comes about by itself, after the ACK; the
    others cannot be seen at all but by word."""
    steps = [dict(step) for step in RUNBOOK["steps"]]
    steps[2]["evidence"] = {"state": SCALED}
    plan.runbook = changed(RUNBOOK, steps=steps)
    plan.nature.heals = 6.5
    plan.drill["faults"][0]["throttle"]["for"] = "5s"


def _pool(plan: Plan) -> None:
    """Two members of a pool, of whom one does not answer."""
    plan.environment = environment(two=True)
    plan.drill["escalation"]["pattern"] = "shared-pool"


def _both(plan: Plan) -> None:
    """Two members of a pool, and the other takes the incident as well."""
    _pool(plan)
    plan.people.append(Person(OTHER, [Do(3.0, "ack"), Do(0.5, "note")]))


def _late_effect(plan: Plan) -> None:
    """The fault takes its time to show."""
    plan.nature.effect = 8.0


def _no_effect(plan: Plan) -> None:
    """The page goes out, and no fault shows."""
    plan.drill["escalation"]["page"] = "immediately"
    plan.nature.effect = float("inf")


def _denied(plan: Plan) -> None:
    """The secondary's access was taken away."""
    plan.nature.denied = frozenset({SECONDARY})


def _primary_answers(plan: Plan) -> None:
    """The primary was to stay silent, and takes the page."""
    plan.drill["faults"][1] = {"unreachable-primary": {"by": "briefed"}}
    plan.people.append(Person(PRIMARY, [Do(1.0, "ack")]))


def _primary_joins(plan: Plan) -> None:
    """The primary was to stay silent, and answers after the secondary was paged."""
    plan.people.append(Person(PRIMARY, [Do(3.0, "ack")], page_of=SECONDARY))


def _no_page(plan: Plan) -> None:
    """No channel takes the secondary's page; they hear of it all the same."""
    plan.undelivered = frozenset({SECONDARY})
    for person in plan.people:
        if person.page_of == SECONDARY and person.does:
            first, *rest = person.does
            person.begins = "alert"
            person.does = [Do(first.after + 3.5, first.what), *rest]


SITUATIONS: dict[str, Situation] = {
    "timeout": _timeout,
    "hand-over": _hand_over,
    "at once": _at_once,
    "no fault": _no_fault,
    "heals by itself": _heals,
    "pool": _pool,
    "pool, both act": _both,
    "late effect": _late_effect,
    "no effect": _no_effect,
    "access revoked": _denied,
    "primary answers": _primary_answers,
    "primary joins": _primary_joins,
    "no page": _no_page,
}
