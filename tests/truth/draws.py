"""Drills drawn at random: how the world is, what people do and when."""

from random import Random
from typing import Any

from tests.support.timeline_definitions import (
    ACCESS,
    DRILL,
    ENVIRONMENT,
    PRIMARY,
    RUNBOOK,
    SECONDARY,
    changed,
)
from tests.truth.plans import Do, Person, Plan
from tests.truth.staging import Nature

OTHER = "responder-4"
"""A second secondary, where there is one."""

STEADY = {"namespace": "shop", "workload": "checkout", "what": "ready-replicas", "at_least": 4}

SCALED = {"namespace": "shop", "workload": "checkout", "what": "desired-replicas", "at_least": 6}

SILENT = {"unreachable-primary": {"by": "drill-policy"}}

TARGETS = {
    **DRILL["targets"],
    "delivery": "100%",
    "undo_time": "20s",
    "recovery_time": "20s",
    "alert_noise": 5.0,
}

ENGAGES = ("timeout", "hand-over", "at-once")


def nature(random: Random) -> Nature:
    """A staging with clocks that are wrong, requests that take time, and moods."""
    precision = random.choice([0.001, 0.05, 0.5, 1.0])
    return Nature(
        latency=random.choice([0.005, 0.05, 0.4]),
        effect=random.uniform(0.0, 2.0),
        recovery=random.uniform(0.0, 3.0),
        precision=precision,
        skew=random.uniform(-precision, precision),
        lag=random.choice([0.0, 0.0, 0.3]),
        deaf=random.choice([0.0, 0.0, 0.02]),
    )


def drill(random: Random, engage: str, **changes: Any) -> dict[str, Any]:
    """A drill with one fault or two, whose primary is silent or hands over."""
    faults = [DRILL["faults"][0]]
    if random.random() < 0.5:
        scope = {"namespace": "shop", "selector": "app=checkout", "delay": "1s"}
        faults.append({"latency": scope})
    if engage != "hand-over":
        faults.append(SILENT)
    targets = TARGETS | ({"hand_over_time": "30s"} if engage == "hand-over" else {})
    return changed(
        DRILL,
        **{
            "steady_state": [{"name": "every replica is ready", "state": STEADY}],
            "faults": faults,
            "escalation__engage": engage,
            "escalation__page": random.choice(["when-effective", "when-effective", "immediately"]),
            "targets": targets,
            "limits": {"duration": "5m"},
            **changes,
        },
    )


def environment(two: bool = False, **changes: Any) -> dict[str, Any]:
    """The environment; nobody takes a run over while its time jumps."""
    more: dict[str, Any] = {f"people__{OTHER}": {"roles": ["secondary"]}} if two else {}
    return changed(
        ENVIRONMENT, **{"timing": {"lease": "10h", "engagement": "20s"}, **more, **changes}
    )


def runbook(random: Random) -> dict[str, Any]:
    """The runbook; its last step may show as a state alone."""
    steps = [dict(step) for step in RUNBOOK["steps"]]
    if random.random() < 0.4:
        steps[2]["evidence"] = {"state": SCALED}
    return changed(RUNBOOK, steps=steps)


def primary(random: Random, engage: str) -> list[Person]:
    """The primary: silent, or one who hands over."""
    if engage != "hand-over":
        return []
    does = [Do(random.uniform(0.2, 2.0), "ack"), Do(random.uniform(0.1, 2.0), "hand-over")]
    return [Person(PRIMARY, does)]


def work(random: Random, shortest: float, longest: float, skips: float = 0.0) -> list[Do]:
    """The steps of the runbook, in order."""
    steps = [("view", {}), ("lift-throttle", {}), ("scale", {"replicas": 6})]
    return [
        Do(random.uniform(shortest, longest), "act", action, parameters)
        for action, parameters in steps
        if random.random() >= skips
    ]


def plan(random: Random, engage: str, does: list[Do], **changes: Any) -> Plan:
    """A drill in which the secondary does all that."""
    return Plan(
        **{
            "drill": drill(random, engage),
            "environment": environment(),
            "access": ACCESS,
            "runbook": runbook(random),
            "people": [*primary(random, engage), Person(SECONDARY, does)],
            "nature": nature(random),
            "busy": random.choice([0.0, 0.02, 0.5]),
            "slow_channel": random.choice([0.0, 0.1, 1.0]),
            "rhythm": random.uniform(2.0, 10.0),
            **changes,
        }
    )


def anything(random: Random) -> Plan:
    """A secondary of any speed, who may take the ACK back and leave steps out."""
    does = [Do(random.uniform(0.05, 14.0), "ack")]
    if random.random() < 0.15:
        does += [Do(random.uniform(0.1, 3.0), "withdraw"), Do(random.uniform(0.1, 3.0), "ack")]
    does += work(random, 0.05, 8.0, skips=0.1)
    wayward = nature(random)
    if random.random() < 0.1:
        wayward.denied = frozenset({SECONDARY})
    return plan(random, random.choice(ENGAGES), does, nature=wayward)


def honest(random: Random, **changes: Any) -> Plan:
    """A secondary who does everything well, comfortably within the targets, and no faster than
    the looks at the target and its clock can tell apart."""
    benign = nature(random)
    benign.effect = random.uniform(0.0, 0.4)  # there before anybody can ease it
    drawn = plan(random, random.choice(ENGAGES), [], nature=benign, **changes)
    drawn.rhythm = random.uniform(1.0, 4.0)
    told_apart = 2 * benign.precision + 4 * benign.latency + 0.5 * drawn.rhythm
    does = [Do(random.uniform(0.5, 5.0), "ack"), *work(random, told_apart, told_apart + 2.0)]
    drawn.people[-1].does = does
    return drawn
