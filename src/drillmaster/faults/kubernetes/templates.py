"""What faults do to the pod template of a workload, and what its rollout takes down."""

import math
from abc import abstractmethod
from typing import Any, TypeVar

from drillmaster.definitions.workload_faults import BadRelease, ResourceThrottle
from drillmaster.faults.kubernetes.changing import WorkloadFault
from drillmaster.faults.kubernetes.owners import Workload
from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import Object
from drillmaster.targets.kubernetes.objects.resources import STATEFUL_SETS
from drillmaster.targets.kubernetes.writing.fields import Path

T = TypeVar("T", bound=BadRelease | ResourceThrottle)

CONTAINERS: Path = ("spec", "template", "spec", "containers")


class TemplateFault(WorkloadFault[T]):
    """Changes one container of the template, which the workload then rolls out."""

    def loses(self, spec: T, workload: Workload) -> int:  # noqa: ARG002  # whatever it changes
        """What the rollout may take down."""
        return taken_down(workload)

    def wanted(self, spec: T, called: str, thing: Object) -> dict[Path, Any]:
        """The new values of the container's fields."""
        return self.contained(spec, called, container_of(called, thing, spec.container))

    @abstractmethod
    def contained(self, spec: T, called: str, container: dict[str, Any]) -> dict[Path, Any]:
        """The new values, by their paths in the workload.

        Raises:
            DeclinedError: it would change nothing.
        """


def container_of(called: str, thing: Object, name: str | None) -> dict[str, Any]:
    """The container of a name, or the only one.

    Raises:
        DeclinedError: there is none of this name, or several and no name.
    """
    containers: list[dict[str, Any]] = thing["spec"]["template"]["spec"]["containers"]
    if name is None and len(containers) == 1:
        return containers[0]
    for container in containers:
        if container["name"] == name:
            return container
    there = ", ".join(container["name"] for container in containers)
    problem = "needs `container`" if name is None else f"has no container {name}"
    raise DeclinedError(f"{called} {problem}: there is {there}")


def container_path(container: dict[str, Any], *inside: str) -> Path:
    """The path of something in a container of the template."""
    return (*CONTAINERS, f"[name={container['name']}]", *inside)


def taken_down(workload: Workload) -> int:
    """How many ready pods the rollout of a new template makes unavailable at the same time, at
    the most."""
    count = _of_set(workload) if workload.resource == STATEFUL_SETS else _of_deployment(workload)
    return min(count, workload.ready)


def _of_deployment(workload: Workload) -> int:
    strategy = workload.thing["spec"].get("strategy") or {}
    if strategy.get("type") == "Recreate":
        return workload.replicas
    rolling = strategy.get("rollingUpdate") or {}
    down = _number(rolling.get("maxUnavailable", "25%"), workload.replicas, math.floor)
    more = _number(rolling.get("maxSurge", "25%"), workload.replicas, math.ceil)
    return down or (0 if more else 1)  # else it could not begin at all


def _of_set(workload: Workload) -> int:
    strategy = workload.thing["spec"].get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        return 0
    rolling = strategy.get("rollingUpdate") or {}
    updated = max(0, workload.replicas - int(rolling.get("partition") or 0))
    most = _number(rolling.get("maxUnavailable") or 1, workload.replicas, math.ceil)
    return min(updated, max(1, most))


def _number(written: int | str, of: int, rounded: Any) -> int:
    """A number, or a share of one as `25%`."""
    if isinstance(written, int):
        return written
    return int(rounded(int(written.rstrip("%")) * of / 100))
