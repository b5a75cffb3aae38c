"""Whom a drill rings, and whose part in it is played."""

from typing import Literal

from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment, Role


def unreachable_primary(drill: Drill) -> Literal["drill-policy", "briefed"] | None:
    """How the primary is made unreachable: `drill-policy`, `briefed`, or not at all."""
    for fault in drill.faults:
        if fault.unreachable_primary is not None:
            return fault.unreachable_primary.by
    return None


def ringing_roles(drill: Drill, environment: Environment) -> list[Role]:
    """The roles of the policy's levels that ring, level by level."""
    silent = "primary" if unreachable_primary(drill) == "drill-policy" else None
    return [level.page for level in environment.oncall.policy if level.page != silent]


def rings(drill: Drill, environment: Environment) -> list[str]:
    """Whom the policy's levels ring, level by level; on two levels means rung twice."""
    return [who for role in ringing_roles(drill, environment) for who in environment.holders(role)]


def rung(drill: Drill, environment: Environment) -> list[str]:
    """Whoever stands on a level of the policy that rings, each once, in the policy's order."""
    return list(dict.fromkeys(rings(drill, environment)))


def played_roles(drill: Drill, environment: Environment) -> list[Role]:
    """The roles in which a simulated responder takes part. One whom nobody rings, because the
    drill keeps that level silent, takes none."""
    people = environment.people
    return [
        role
        for role in dict.fromkeys(ringing_roles(drill, environment))
        if any(people[who].simulate for who in environment.holders(role))
    ]
