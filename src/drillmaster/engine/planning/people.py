"""Who is paged by a drill."""

from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment
from drillmaster.engine.planning.faults import unreachable_primary


def rings(drill: Drill, environment: Environment) -> list[str]:
    """Whom the policy's levels ring, level by level; on two levels means rung twice."""
    silent = "primary" if unreachable_primary(drill) == "drill-policy" else None
    levels = [level.page for level in environment.oncall.policy if level.page != silent]
    return [who for level in levels for who in environment.holders(level)]


def rung(drill: Drill, environment: Environment) -> list[str]:
    """Whoever stands on a level of the policy that rings, each once, in the policy's order."""
    return list(dict.fromkeys(rings(drill, environment)))


def paged_people(drill: Drill, environment: Environment) -> list[str]:
    """The people who may really be paged: neither simulated nor on a level that rings nobody."""
    everyone = rung(drill, environment)
    return [who for who in everyone if environment.people[who].simulate is None]
