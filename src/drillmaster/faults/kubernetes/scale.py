"""Workloads that have no pod left, or far too many."""

from dataclasses import replace
from typing import Any

from drillmaster.definitions.units import count
from drillmaster.definitions.workload_faults import Scale
from drillmaster.faults.base import Injection, Radius
from drillmaster.faults.kubernetes.changing import WorkloadFault
from drillmaster.faults.kubernetes.marked import cluster_of
from drillmaster.faults.kubernetes.owners import Workload, pods_under
from drillmaster.targets.base import DeclinedError, Target
from drillmaster.targets.kubernetes.connection.api import Object
from drillmaster.targets.kubernetes.objects.workloads import is_ready, name_of
from drillmaster.targets.kubernetes.target import KubernetesTarget
from drillmaster.targets.kubernetes.writing.fields import Path, value_at

_REPLICAS: Path = ("spec", "replicas")
_VOLUMES: Path = ("spec", "persistentVolumeClaimRetentionPolicy", "whenScaled")


class ScaleOnKubernetes(WorkloadFault[Scale]):
    """Sets the replicas of the workloads."""

    model = Scale
    scales = True
    fields = (_REPLICAS,)

    def radius(self, fault: Injection, target: Target) -> Radius:
        """Also how far up it goes."""
        to = self.spec(fault).to
        found = self.workloads(fault, cluster_of(target))
        grows = any(to > one.replicas for one in found)
        return replace(super().radius(fault, target), grows_to=to if grows else 0)

    def loses(self, spec: Scale, workload: Workload) -> int:
        """The pods that are too many."""
        return max(0, workload.ready - spec.to)

    def wanted(self, spec: Scale, called: str, thing: Object) -> dict[Path, Any]:
        """The number of pods."""
        now = value_at(thing, _REPLICAS)
        if now == spec.to:
            raise DeclinedError(f"{called} has {count(spec.to, 'replica')} already")
        if spec.to < now and value_at(thing, _VOLUMES) == "Delete":
            raise DeclinedError(
                f"{called} deletes the volumes of pods that are scaled away "
                "(`whenScaled: Delete`), and no undo brings them back"
            )
        return {_REPLICAS: spec.to}

    def seen(self, fault: Injection, cluster: KubernetesTarget) -> str | None:
        """How many pods are ready, once the workloads have come all the way."""
        said = []
        for resource, thing, mark in self.in_force(fault, cluster):
            pods = pods_under(cluster.api, thing)
            ready, before = sum(map(is_ready, pods)), mark.changes[0].before
            to = self.spec(fault).to
            if ready < to or (to < before and ready > to):
                return None
            said.append(
                f"{resource.kind} {name_of(thing)} has {count(ready, 'ready pod')}, not {before}"
            )
        return "; ".join(said) or None
