"""The guard: a drill is refused unless every safety rule holds.

A rule is a function from what is asked to a verdict with its reason. What the files say
is asked first, what only the live target can say just before the runner starts.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from drillmaster.clock import Clock
from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment
from drillmaster.engine.machine.order import PlannedFault
from drillmaster.engine.planning.steady import Asked
from drillmaster.faults.registry import kind_of
from drillmaster.oncall.base import Provider
from drillmaster.targets.base import Target, UnreachableError

_PRODUCTION = re.compile(r"(?:^|[^a-z])(?:prod|production|prd|live)(?:[^a-z]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says."""

    rule: str
    passed: bool
    message: str


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rules are asked about."""

    drill: Drill
    environment: Environment
    faults: list[PlannedFault]
    target: Target
    provider: Provider
    steady: list[Asked]
    clock: Clock


Rule = Callable[[Situation], Verdict]


def check(situation: Situation) -> Iterator[Verdict]:
    """Ask the rules in order, and stop at the first that refuses."""
    for rule in RULES:
        try:
            verdict = rule(situation)
        except UnreachableError as error:
            name = rule.__name__.replace("_", "-")
            verdict = Verdict(name, False, f"the target does not answer: {error}")
        yield verdict
        if not verdict.passed:
            return


def not_production(situation: Situation) -> Verdict:
    """Nothing about the target may look like production."""
    names = [situation.environment.name, *situation.environment.urls.values()]
    names += [str(fault.injection.arguments.get("namespace", "")) for fault in situation.faults]
    for name in names:
        if _PRODUCTION.search(name):
            return Verdict("not-production", False, f"{name!r} looks like production")
    return Verdict("not-production", True, "nothing looks like production")


def drillable(situation: Situation) -> Verdict:
    """The target itself says that it may be drilled."""
    if situation.target.drillable():
        return Verdict("drillable", True, "the target says that it may be drilled")
    return Verdict("drillable", False, "the target does not say that it may be drilled")


def disposable(situation: Situation) -> Verdict:
    """Simulated responders act only on a target that says that it is disposable."""
    if not situation.environment.simulated:
        return Verdict("disposable", True, "nobody is simulated")
    if situation.target.disposable():
        return Verdict("disposable", True, "the target is disposable")
    return Verdict(
        "disposable", False, "simulated responders may not act on a target that is not disposable"
    )


def undoable(situation: Situation) -> Verdict:
    """Every fault is one that can be undone on this kind of target."""
    for fault in situation.faults:
        kind_of(fault.injection.kind, situation.target.kind)  # raises for an unknown one
    return Verdict("undoable", True, "every fault has an undo")


def blast_radius(situation: Situation) -> Verdict:
    """What all faults together make unavailable is within the limit, counted live."""
    down = 0
    for fault in situation.faults:
        kind = kind_of(fault.injection.kind, situation.target.kind)
        radius = kind.radius(fault.injection, situation.target)
        name, selector = fault.injection.name, fault.injection.arguments.get("selector")
        if radius.selected == 0:
            return Verdict("blast-radius", False, f"{name} selects no pod with {selector!r}")
        down += radius.takes_down + (radius.selected - radius.ready)
        allowed = math.floor(pods_limit(situation.drill, situation.environment) * radius.selected)
        if radius.takes_down and down > allowed:
            return Verdict(
                "blast-radius",
                False,
                f"{name} would leave {down} of {radius.selected} pods unavailable; "
                f"the limit is {allowed}",
            )
        if fault.every is not None and radius.takes_down == 0:
            return Verdict(
                "blast-radius",
                False,
                f"{name} would kill no pod: its share of {radius.selected}, rounded down, is 0",
            )
    return Verdict("blast-radius", True, f"at most {down} pods unavailable at the same time")


def steady_state(situation: Situation) -> Verdict:
    """All is well before anything is broken."""
    for asked in situation.steady:
        if not asked.answer.met:
            return Verdict(
                "steady-state", False, f"not in steady state: {asked.name}: {asked.answer.detail}"
            )
    return Verdict("steady-state", True, f"{len(situation.steady)} questions are met")


def no_real_incident(situation: Situation) -> Verdict:
    """Nobody is drilled while a real incident is open for them or for the service."""
    found = situation.provider.real_incidents(
        situation.drill.service, list(situation.environment.people)
    )
    real = [one for one in found if one.summary not in situation.drill.expected_alerts]
    if real:
        return Verdict(
            "no-real-incident", False, f"a real incident is open: {real[0].id}: {real[0].summary}"
        )
    return Verdict("no-real-incident", True, "no real incident is open")


RULES: list[Rule] = [
    not_production,
    drillable,
    disposable,
    undoable,
    steady_state,
    blast_radius,
    no_real_incident,
]


def pods_limit(drill: Drill, environment: Environment) -> float:
    """The stricter of the drill's and the environment's limit."""
    return min(drill.limits.pods, environment.limits.pods)


def duration_limit(drill: Drill, environment: Environment) -> float:
    """The stricter of the drill's and the environment's limit, in seconds."""
    return min(drill.limits.duration, environment.limits.duration)
