"""What the figures of a drill should be, from what really happened alone."""

import math

from tests.support.timeline_definitions import ACTIONS, PRIMARY, RUNBOOK, SECONDARY
from tests.truth.plans import Plan, Told


def truths(plan: Plan, told: Told) -> dict[str, float]:
    """The true value of each figure that the drill has; a figure that is not there has none,
    because what it measures did not happen."""
    staging, escalated = told.staging, told.escalated
    acks = _standing(told, SECONDARY)
    effects = [fault.effect for fault in staging.faults.values() if fault.effect < fault.gone]
    gone = [fault.gone for fault in staging.faults.values()]
    found: dict[str, float] = {
        "M1": acks - escalated,
        "M3": min(_steps(plan, told, mitigating=True).values(), default=math.nan) - escalated,
        "M7": float(_denials(plan, told)),
        "M8": 1.0,
        "M10": escalated - told.opened,
        "delivery": len(told.pages["taken"]) / max(1, len(told.pages["fired"])),
        "detection_time": told.opened - min(effects, default=math.nan),
        "hand_over_time": acks - _standing(told, PRIMARY),
        "runbook_adherence": _followed(plan, told, acks) / 3,
        "recovery_time": staging.well() - max([told.ordered, *gone]),
        "undo_time": max(gone, default=math.nan) - told.ordered,
    }
    return {name: max(value, 0.0) for name, value in found.items() if math.isfinite(value)}


def _standing(told: Told, who: str) -> float:
    """When somebody gave the ACK that stands; not a number where none does."""
    stands = math.nan
    for at, person, what in told.done:
        if person == who and what in {"ack", "withdraw"}:
            stands = at if what == "ack" else math.nan
    return stands


def _steps(plan: Plan, told: Told, *, mitigating: bool = False) -> dict[str, float]:
    """When the secondary did each step."""
    wanted = {"lift", "scale"} if mitigating else set(ACTIONS)
    return {
        step: min(times)
        for step, (action, parameters) in ACTIONS.items()
        if step in wanted
        and (
            times := [
                at
                for at, who, what, how, allowed in told.staging.acts
                if (who, what, how) == (SECONDARY, action, parameters) and allowed
            ]
        )
    }


def _followed(plan: Plan, told: Told, ack: float) -> int:
    within = {step["id"]: float(step["within"][:-1]) for step in RUNBOOK["steps"][:3]}
    done = _steps(plan, told)
    return sum(at - ack <= within[step] for step, at in done.items())


def _denials(plan: Plan, told: Told) -> int:
    tried = sum(
        who == SECONDARY and not allowed and at <= told.ordered
        for at, who, _, _, allowed in told.staging.acts
    )
    checks = 2 if SECONDARY in plan.nature.denied else 0
    return tried + checks
