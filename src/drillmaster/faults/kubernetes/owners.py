"""The workloads that bring the selected pods back, each with all of its pods."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from drillmaster.faults.base import Radius
from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import KubernetesApi, MissingError, Object
from drillmaster.targets.kubernetes.objects.resources import (
    DEPLOYMENTS,
    REPLICA_SETS,
    STATEFUL_SETS,
    Resource,
)
from drillmaster.targets.kubernetes.objects.workloads import (
    is_ready,
    name_of,
    owner_of,
    pods_of,
    workload_of,
)

_KINDS = {one.kind: one for one in (DEPLOYMENTS, STATEFUL_SETS)}
"""By what the reference to it says."""


@dataclass(frozen=True, slots=True)
class Workload:
    """A Deployment or StatefulSet."""

    resource: Resource
    thing: Object
    pods: list[Object]
    """All of its pods that are to stay, selected or not."""

    @property
    def name(self) -> str:
        """Its name."""
        return name_of(self.thing)

    @property
    def called(self) -> str:
        """What it is, for people."""
        return f"{self.resource.kind} {self.name}"

    @property
    def whole(self) -> str:
        """The same, also where several namespaces have one of this name; as `whose` has it."""
        return f"{self.called} in {self.thing['metadata']['namespace']}"

    @property
    def replicas(self) -> int:
        """How many pods it is meant to have."""
        return int(self.thing["spec"].get("replicas", 1))

    @property
    def ready(self) -> int:
        """How many of its pods are ready."""
        return sum(map(is_ready, self.pods))


def workloads_of(api: KubernetesApi, namespace: str, pods: list[Object]) -> list[Workload]:
    """The workloads that own pods, by name.

    Raises:
        DeclinedError: a pod belongs to something else, or to nothing.
    """
    sets = _replica_sets(api, namespace, pods)
    keys = sorted({_key(pod, sets) for pod in pods})
    everything = pods_of(api, namespace, {}) if keys else []
    sets |= _replica_sets(api, namespace, everything)
    found = []
    for kind, name, uid in keys:
        thing = _thing(api, _KINDS[kind].path(namespace, name))
        if thing is None or thing["metadata"]["uid"] != uid:
            raise DeclinedError(f"there is no {kind} {name} any more to which the pods belong")
        own = [pod for pod in everything if _is_of(pod, thing, sets)]
        found.append(Workload(_KINDS[kind], thing, own))
    return found


def pods_under(api: KubernetesApi, thing: Object) -> list[Object]:
    """All pods of a workload that are to stay."""
    namespace = thing["metadata"]["namespace"]
    pods = pods_of(api, namespace, {})
    sets = _replica_sets(api, namespace, pods)
    return [pod for pod in pods if _is_of(pod, thing, sets)]


def whose(pod: Object) -> str:
    """The workload that brings a pod back, for people: `Deployment checkout in shop`."""
    owner = owner_of(pod)
    kind = str(owner["kind"]) if owner else "Pod"
    if kind == "ReplicaSet" and owner and workload_of(pod) != owner["name"]:
        kind = DEPLOYMENTS.kind
    return f"{kind} {workload_of(pod)} in {pod['metadata']['namespace']}"


def by_workload(pods: Iterable[Object]) -> dict[str, list[Object]]:
    """Pods under the workloads that bring them back: those by name, each one's in their order."""
    found: dict[str, list[Object]] = {}
    for pod in pods:
        found.setdefault(whose(pod), []).append(pod)
    return dict(sorted(found.items()))


def lost(pods: Iterable[Object]) -> str | None:
    """Why pods may not go: nothing would bring them back, or not for certain. None where all of
    them come back. A Job counts every pod that is killed as a failure, which no undo takes back,
    and is given up after some (`backoffLimit`): with 0, after one."""
    alone, of_jobs = [], []
    for pod in pods:
        owner, called = owner_of(pod), f"{pod['metadata']['namespace']}/{name_of(pod)}"
        if owner is None:
            alone.append(called)
        elif owner["kind"] == "Job":
            of_jobs.append(called)
    if alone:
        return f"nothing would bring these pods back: {', '.join(alone)}"
    if of_jobs:
        return f"these pods belong to Jobs, which may fail for good: {', '.join(of_jobs)}"
    return None


def radius_of(workloads: Iterable[Workload], loses: Callable[[Workload], int]) -> Radius:
    """What is touched: all pods of the workloads, and the limit holds for each workload apart.

    Args:
        workloads: The workloads.
        loses: How many ready pods one of them loses.
    """
    parts = {one.whole: Radius(len(one.pods), one.ready, loses(one)) for one in workloads}
    return sum_of(parts)


def sum_of(parts: dict[str, Radius]) -> Radius:
    """Several workloads together."""
    whole = Radius(
        selected=sum(part.selected for part in parts.values()),
        ready=sum(part.ready for part in parts.values()),
        takes_down=sum(part.takes_down for part in parts.values()),
    )
    return replace(whole, parts=parts)


def _replica_sets(api: KubernetesApi, namespace: str, pods: Iterable[Object]) -> dict[str, Object]:
    """The ReplicaSets of a namespace by their uid, where pods belong to some."""
    if not any((owner_of(pod) or {}).get("kind") == REPLICA_SETS.kind for pod in pods):
        return {}
    return {one["metadata"]["uid"]: one for one in api.items(REPLICA_SETS.path(namespace))}


def _keeper(pod: Object, sets: Mapping[str, Object]) -> dict[str, Any] | None:
    """The reference to what brings a pod back; for one of a ReplicaSet to what keeps that, because
    a ReplicaSet may have the name of a Deployment, or one as it would be given, and be none of it.
    """
    owner = owner_of(pod)
    if owner is not None and owner["kind"] == REPLICA_SETS.kind and owner["uid"] in sets:
        return owner_of(sets[owner["uid"]]) or owner
    return owner


def _key(pod: Object, sets: Mapping[str, Object]) -> tuple[str, str, str]:
    keeper = _keeper(pod, sets) or {"kind": "nothing", "name": ""}
    if keeper["kind"] not in _KINDS:
        called = f"{keeper['kind']} {keeper['name']}".rstrip()
        raise DeclinedError(
            f"pod {name_of(pod)} belongs to {called}; this fault changes Deployments and "
            "StatefulSets alone"
        )
    return keeper["kind"], keeper["name"], keeper["uid"]


def _is_of(pod: Object, thing: Object, sets: Mapping[str, Object]) -> bool:
    keeper = _keeper(pod, sets)
    return keeper is not None and bool(keeper["uid"] == thing["metadata"]["uid"])


def _thing(api: KubernetesApi, path: str) -> Object | None:
    try:
        return api.get(path)
    except MissingError:
        return None
