"""What a person can do to the workload, by the name of the action."""

from collections.abc import Awaitable, Callable
from typing import Any

from drillmaster.sandbox.given import ACTIONS
from drillmaster.sandbox.staging import Staging

Act = Callable[[Staging, str, dict[str, Any]], Awaitable[dict[str, Any]]]
"""Does it, for somebody and with parameters; what came of it. Raises ParameterError."""

_MOST_REPLICAS = 16


class ParameterError(Exception):
    """A parameter is wrong; nothing was done."""


async def view(staging: Staging, _who: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Look at the state."""
    _only(parameters)
    return staging.as_data()


async def scale(staging: Staging, who: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Have so many replicas from now on."""
    _only(parameters, "replicas")
    replicas = parameters.get("replicas")
    if type(replicas) is not int or not 1 <= replicas <= _MOST_REPLICAS:
        raise ParameterError(f"replicas must be a whole number from 1 to {_MOST_REPLICAS}")
    staging.scale(who, replicas)
    return {"replicas": replicas}


async def restart(staging: Staging, _who: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Replace all replicas, one by one, while the others serve."""
    _only(parameters)
    return {"began": staging.fleet.restart()}


async def evict(staging: Staging, _who: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Kill one replica, the oldest unless one is named; another takes its place."""
    _only(parameters, "pod")
    running = [pod.name for pod in staging.fleet.pods if pod.child is not None]
    name = parameters.get("pod", running[0] if running else None)
    if name not in running:
        raise ParameterError(f"there is no pod {name}" if name else "no pod runs")
    return {"evicted": await staging.fleet.kill([name])}


async def lift_throttle(staging: Staging, who: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Serve every request again."""
    _only(parameters)
    return {"lifted": staging.lift_throttle(who)}


async def lift_latency(staging: Staging, who: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Hold no request any more."""
    _only(parameters)
    return {"lifted": staging.lift_latency(who)}


async def failover(staging: Staging, who: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Use the standby database from now on."""
    _only(parameters)
    await staging.fail_over(who)
    return {"database": staging.relay.state}


def _only(parameters: dict[str, Any], *known: str) -> None:
    if unknown := sorted(set(parameters) - set(known)):
        raise ParameterError(f"there is no parameter {', '.join(unknown)}")


BY_NAME: dict[str, Act] = dict(
    zip(ACTIONS, (view, scale, restart, evict, lift_throttle, lift_latency, failover), strict=True)
)
"""Every action."""
