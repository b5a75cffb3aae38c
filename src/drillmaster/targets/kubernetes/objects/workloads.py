"""Pods and workloads, as the target-neutral questions see them."""

from collections.abc import Sequence
from typing import Any

from drillmaster.targets.base import Pod
from drillmaster.targets.kubernetes.connection.api import KubernetesApi, MissingError, Object
from drillmaster.targets.kubernetes.objects.resources import PODS, WORKLOADS, Resource

_OVER = ("Succeeded", "Failed")


def pods_of(api: KubernetesApi, namespace: str, labels: dict[str, str]) -> list[Object]:
    """The pods with all the labels that are to stay: neither finished nor about to go. Oldest
    first."""
    selector = ",".join(f"{name}={value}" for name, value in labels.items())
    found = api.items(PODS.path(namespace), **({"labelSelector": selector} if selector else {}))
    there = [pod for pod in found if not is_leaving(pod)]
    return sorted(there, key=lambda pod: (pod["metadata"]["creationTimestamp"], name_of(pod)))


def as_pod(pod: Object) -> Pod:
    """A pod in the words of all targets."""
    return Pod(name_of(pod), workload_of(pod), pod["metadata"].get("labels") or {}, is_ready(pod))


def name_of(thing: Object) -> str:
    """An object's name."""
    return str(thing["metadata"]["name"])


def is_leaving(pod: Object) -> bool:
    """Whether a pod is finished or about to go."""
    phase = (pod.get("status") or {}).get("phase")
    return "deletionTimestamp" in pod["metadata"] or phase in _OVER


def is_ready(thing: Object) -> bool:
    """Whether a pod, or a node, says that it is Ready."""
    conditions = (thing.get("status") or {}).get("conditions") or []
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def workload_of(pod: Object) -> str:
    """The workload that brings a pod back; the pod's own name where nothing does.

    A Deployment has its pods through a ReplicaSet, whose name is the Deployment's and a hash
    that the pod has as a label.
    """
    owner = owner_of(pod)
    if owner is None:
        return name_of(pod)
    told = (pod["metadata"].get("labels") or {}).get("pod-template-hash")
    name = str(owner["name"])
    return name.removesuffix(f"-{told}") if told and owner["kind"] == "ReplicaSet" else name


def owner_of(pod: Object) -> dict[str, Any] | None:
    """The owner reference of what brings a pod back."""
    owners: list[dict[str, Any]] = pod["metadata"].get("ownerReferences") or []
    return next((one for one in owners if one.get("controller")), None)


def find_workload(
    api: KubernetesApi, namespace: str, name: str, kinds: Sequence[Resource] = WORKLOADS
) -> tuple[Resource, Object] | None:
    """The workload of a name, and of which kind it is."""
    for kind in kinds:
        try:
            return kind, api.get(kind.path(namespace, name))
        except MissingError:
            continue
    return None
