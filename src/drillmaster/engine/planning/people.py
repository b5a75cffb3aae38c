"""Who is paged by a drill."""

from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.rung import rung


def paged_people(drill: Drill, environment: Environment) -> list[str]:
    """The people who may really be paged: neither simulated nor on a level that rings nobody."""
    everyone = rung(drill, environment)
    return [who for who in everyone if environment.people[who].simulate is None]
