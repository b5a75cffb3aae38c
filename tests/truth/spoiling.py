"""Spoiling drills: which target must show what was done to them."""

from collections.abc import Callable, Sequence
from random import Random

from drillmaster.timeline.chain import Recorded, link
from drillmaster.timeline.events import AnyEvent
from tests.truth import ways
from tests.truth.plans import Plan

Way = Callable[[Random, Plan], None]

SHOWN_BY: dict[str, Sequence[Way]] = {
    "secondary_response": (
        ways.silent,
        ways.wrong_person,
        ways.automation,
        ways.too_early,
        ways.late,
        ways.taken_back,
        ways.taken_over,
        ways.hollow,
        ways.unpaged,
        ways.deaf,
        ways.primary_answers,
        ways.both,
    ),
    "runbook_adherence": (
        ways.work_of_others,
        ways.skipped,
        ways.substituted,
        ways.wrongly,
        ways.disordered,
        ways.slow_step,
        ways.doubled,
        ways.only_told,
        ways.heals,
        ways.ahead_of_the_page,
        ways.unrecorded,
        ways.half_recorded,
    ),
    "access_failures": (
        ways.denied,
        ways.broken_controls,
        ways.unasked_member,
    ),
    "": (
        ways.no_effect,
        ways.fault_fails,
        ways.aborted,
        ways.never_steady,
    ),
}
"""What is done to a drill that would be ready, before it is played: by the target that shows
it, whatever else is listed. Under "" stands what must show even where no target does."""

WAYS: dict[str, Way] = {way.__name__: way for some in SHOWN_BY.values() for way in some}


def spoil(random: Random, plan: Plan, names: Sequence[str]) -> None:
    """Spoil a drill in some ways, and leave it little more than the targets that show it."""
    for name in names:
        WAYS[name](random, plan)
    shown = {target for target, some in SHOWN_BY.items() for way in some if way.__name__ in names}
    listed = plan.drill["targets"]
    kept = {name for name in listed if name in shown or random.random() < 0.3}
    kept = kept or {"secondary_response"}
    plan.drill["targets"] = {name: value for name, value in listed.items() if name in kept}


LOST: Sequence[str] = (
    "acknowledged",
    "escalated",
    "access-checked",
    "step-evidenced",
    "fault-effective",
    "fault-undone",
    "page-delivered",
    "page-sent",
    "steady-state-returned",
    "run-sealed",
    "incident-opened",
)
"""Events without which nothing is proved."""


def without(records: Sequence[Recorded], kind: str) -> list[Recorded]:
    """The timeline as it would be if events of a kind had never been written."""
    chain: list[Recorded] = []
    for record in records:
        event: AnyEvent = record.event
        if event.type != kind:
            chain.append(link("run-1", chain[-1] if chain else None, event))
    return chain
