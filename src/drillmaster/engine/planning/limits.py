"""The limits of a drill: the stricter of its own and the environment's."""

from drillmaster.definitions.drill import Drill
from drillmaster.definitions.environment import Environment


def pods_limit(drill: Drill, environment: Environment) -> float:
    """The share of the pods that may be unavailable at the same time."""
    return min(drill.limits.pods, environment.limits.pods)


def duration_limit(drill: Drill, environment: Environment) -> float:
    """Seconds from the first fault to the order to undo."""
    return min(drill.limits.duration, environment.limits.duration)


def replicas_limit(drill: Drill, environment: Environment) -> int:
    """The number of replicas to which a fault may scale a workload up."""
    return min(drill.limits.replicas, environment.limits.replicas)
