"""The workloads that bring the selected pods back, each with all of its pods."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from drillmaster.faults.base import Radius
from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import KubernetesApi, MissingError, Object
from drillmaster.targets.kubernetes.objects.resources import DEPLOYMENTS, STATEFUL_SETS, Resource
from drillmaster.targets.kubernetes.objects.workloads import (
    is_ready,
    name_of,
    owner_of,
    pods_of,
    workload_of,
)

_KINDS = {"ReplicaSet": DEPLOYMENTS, "StatefulSet": STATEFUL_SETS}
"""By what owns the pods itself."""


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
    keys = sorted({_key(pod) for pod in pods})
    everything = pods_of(api, namespace, {}) if keys else []
    found = []
    for kind, name in keys:
        own = [pod for pod in everything if _is_of(pod, kind, name)]
        try:
            thing = api.get(_KINDS[kind].path(namespace, name))
        except MissingError as error:
            raise DeclinedError(f"there is no {_KINDS[kind].kind} {name}") from error
        found.append(Workload(_KINDS[kind], thing, own))
    return found


def pods_under(api: KubernetesApi, resource: Resource, thing: Object) -> list[Object]:
    """All pods of a workload that are to stay."""
    (owned,) = [kind for kind, owner in _KINDS.items() if owner == resource]
    pods = pods_of(api, thing["metadata"]["namespace"], {})
    return [pod for pod in pods if _is_of(pod, owned, name_of(thing))]


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
    """Why pods may not go: nothing would bring them back. None where all of them come back."""
    alone = [
        f"{pod['metadata']['namespace']}/{name_of(pod)}" for pod in pods if owner_of(pod) is None
    ]
    return f"nothing would bring these pods back: {', '.join(alone)}" if alone else None


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


def _key(pod: Object) -> tuple[str, str]:
    owner = owner_of(pod) or {"kind": "nothing", "name": ""}
    if owner["kind"] not in _KINDS:
        called = f"{owner['kind']} {owner['name']}".rstrip()
        raise DeclinedError(
            f"pod {name_of(pod)} belongs to {called}; this fault changes Deployments and "
            "StatefulSets alone"
        )
    return owner["kind"], workload_of(pod)


def _is_of(pod: Object, kind: str, name: str) -> bool:
    owner = owner_of(pod)
    return owner is not None and owner["kind"] == kind and workload_of(pod) == name
