"""Workloads that get less of a processor, or of memory, than they need."""

from typing import Any

from drillmaster.definitions.workload_faults import ResourceThrottle
from drillmaster.faults.base import Injection
from drillmaster.faults.kubernetes.templates import CONTAINERS, TemplateFault, container_path
from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.objects.quantities import amount
from drillmaster.targets.kubernetes.target import KubernetesTarget
from drillmaster.targets.kubernetes.writing.fields import Path


class ResourceThrottleOnKubernetes(TemplateFault[ResourceThrottle]):
    """Lowers the limits of a container in the pod template of the workloads."""

    model = ResourceThrottle
    fields = tuple((*CONTAINERS, "*", "resources", part, "*") for part in ("limits", "requests"))

    def contained(
        self, spec: ResourceThrottle, called: str, container: dict[str, Any]
    ) -> dict[Path, Any]:
        """The limits, and those requests that would be above them."""
        resources = container.get("resources") or {}
        limits, requests = (resources.get(part) or {} for part in ("limits", "requests"))
        changes: dict[Path, Any] = {}
        for what, limit in spec.limits.items():
            if what in limits and amount(limits[what]) <= amount(limit):
                raise DeclinedError(f"{called} has a limit of {limits[what]} {what} already")
            changes[container_path(container, "resources", "limits", what)] = limit
            if what in requests and amount(requests[what]) > amount(limit):
                changes[container_path(container, "resources", "requests", what)] = limit
        return changes

    def seen(self, fault: Injection, cluster: KubernetesTarget) -> str | None:  # noqa: ARG002  # see below
        """Nothing: that limits are stored says nothing of what they do. Whether the service is
        any slower shows only where it is used, which the drill's `effect` asks."""
        return None
