"""Requests to a cluster's pods that are refused, and requests that are slow."""

from typing import Any

from drillmaster.definitions.faults import Latency, Throttle
from drillmaster.faults.base import Injection
from drillmaster.faults.kubernetes.mesh import MeshFault


class ThrottleOnKubernetes(MeshFault[Throttle]):
    """A share of the requests is answered with 429."""

    model = Throttle
    part = "abort"

    def value(self, fault: Injection) -> dict[str, Any]:
        """The status, and the percentage of requests."""
        return {"httpStatus": 429, "percentage": _percentage(self.spec(fault).share)}


class LatencyOnKubernetes(MeshFault[Latency]):
    """A share of the requests is held."""

    model = Latency
    part = "delay"

    def value(self, fault: Injection) -> dict[str, Any]:
        """The delay, which Istio wants in whole milliseconds at the least, and the percentage."""
        spec = self.spec(fault)
        delay = f"{max(1, round(spec.delay * 1000))}ms"
        return {"fixedDelay": delay, "percentage": _percentage(spec.share)}


def _percentage(share: float) -> dict[str, float]:
    return {"value": round(share * 100, 6)}
