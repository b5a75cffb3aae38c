"""What a drain of nodes would evict, and whether it may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drillmaster.definitions.production import looks_like_production
from drillmaster.faults.base import Radius
from drillmaster.faults.kubernetes.owners import by_workload, lost, sum_of
from drillmaster.targets.kubernetes.connection.api import KubernetesApi, Object
from drillmaster.targets.kubernetes.objects.resources import NODES, PODS
from drillmaster.targets.kubernetes.objects.workloads import (
    is_leaving,
    is_ready,
    name_of,
    owner_of,
    pods_of,
)
from drillmaster.targets.kubernetes.writing.marks import DRILLABLE

_MIRROR = "kubernetes.io/config.mirror"
"""The annotation of a pod that is no more than the picture of one that the kubelet itself runs."""


@dataclass(frozen=True, slots=True)
class Drained:
    """A node, and the pods that a drain evicts from it."""

    node: Object
    evicts: list[Object]

    @property
    def name(self) -> str:
        """The node's name."""
        return name_of(self.node)


def nodes_of(api: KubernetesApi, selector: str) -> list[Object]:
    """The nodes with all the labels of a selector, by name."""
    return sorted(api.items(NODES.path(None), labelSelector=selector), key=name_of)


def drained(api: KubernetesApi, node: Object) -> Drained:
    """A node with what a drain evicts: neither the pods of DaemonSets, nor mirror pods, nor those
    that are finished or about to go."""
    there = api.items(PODS.path(None), fieldSelector=f"spec.nodeName={name_of(node)}")
    return Drained(node, [pod for pod in there if _is_evicted(pod)])


def refusal(planned: Sequence[Drained], namespaces: Sequence[str]) -> str | None:
    """Why these nodes may not be drained; None where they may."""
    closed = [one.name for one in planned if _labels(one.node).get(DRILLABLE) != "true"]
    if closed:
        names = " ".join(closed)
        return (
            f"these nodes do not say that they may be drained: {', '.join(closed)}; "
            f"`kubectl label node {names} {DRILLABLE}=true`"
        )
    for name in (name for one in planned for name in _names(one.node)):
        if looks_like_production(name):
            return f"{name!r} of a node looks like production"
    pods = [pod for one in planned for pod in one.evicts]
    foreign = [_called(pod) for pod in pods if pod["metadata"]["namespace"] not in namespaces]
    if foreign:
        return (
            "these pods would be evicted, and their namespaces are none of the environment's: "
            f"{', '.join(foreign)}"
        )
    return lost(pods)


def radius_of(api: KubernetesApi, planned: Sequence[Drained]) -> Radius:
    """The pods that would be evicted, of all pods of their workloads."""
    evicted = by_workload(pod for one in planned for pod in one.evicts)
    namespaces = sorted({pods[0]["metadata"]["namespace"] for pods in evicted.values()})
    there = by_workload(pod for namespace in namespaces for pod in pods_of(api, namespace, {}))
    return sum_of({workload: _part(there, workload, gone) for workload, gone in evicted.items()})


def _part(there: Mapping[str, list[Object]], workload: str, gone: list[Object]) -> Radius:
    pods = there.get(workload, [])
    return Radius(len(pods), sum(map(is_ready, pods)), sum(map(is_ready, gone)))


def _is_evicted(pod: Object) -> bool:
    owner = owner_of(pod)
    stays = owner is not None and owner["kind"] == "DaemonSet"
    mirror = _MIRROR in (pod["metadata"].get("annotations") or {})
    return not (stays or mirror or is_leaving(pod))


def _names(node: Object) -> list[str]:
    return [name_of(node), *(f"{key}={value}" for key, value in _labels(node).items())]


def _labels(thing: Object) -> dict[str, str]:
    return thing["metadata"].get("labels") or {}


def _called(pod: Object) -> str:
    return f"{pod['metadata']['namespace']}/{name_of(pod)}"
