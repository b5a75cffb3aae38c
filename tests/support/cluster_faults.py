"""A namespace of a real cluster, and the objects in it that faults create or change."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from drillmaster.faults.base import FaultKind, Injection
from drillmaster.faults.registry import kind_of
from drillmaster.targets.kubernetes.objects.resources import Resource
from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.support.cluster import as_it_was, connected, drillable
from tests.support.controlplane import ControlPlane


@dataclass(frozen=True)
class Shop:
    """A drillable namespace, and Drillmaster's connection to it."""

    controlplane: ControlPlane
    namespace: str
    target: KubernetesTarget

    def fault(self, kind: str, name: str = "f", **arguments: Any) -> Injection:
        """A fault in this namespace; of all pods of checkout where it takes a selector."""
        where: dict[str, Any] = {"namespace": self.namespace}
        if kind not in ("config-break", "quota-exhaustion"):
            where["selector"] = "app=checkout"
        return Injection(
            id=f"r1-{name}",
            run="r1",
            name=name,
            kind=kind,
            arguments=where | arguments,
            expires=float(int(time.time())) + 60,
        )

    def get(self, resource: Resource, name: str) -> dict[str, Any]:
        """An object of the namespace."""
        path = resource.path(self.namespace, name)
        found: dict[str, Any] = self.controlplane.admin.get(path).raise_for_status().json()
        return found

    def edit(self, resource: Resource, name: str, change: dict[str, Any]) -> None:
        """Change an object of the namespace, as somebody else does."""
        self.controlplane.merge(resource.path(self.namespace, name), change)

    def delete(self, resource: Resource, name: str) -> None:
        """Delete an object of the namespace."""
        path = resource.path(self.namespace, name)
        self.controlplane.admin.delete(path).raise_for_status()

    def put(self, resource: Resource, name: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Read an object of the namespace, change it, and write it, as somebody else does."""
        self.controlplane.rewrite(resource.path(self.namespace, name), change)

    def all(self) -> dict[str, Any]:
        """All that a fault may have touched."""
        return as_it_was(self.controlplane, self.namespace)


@contextmanager
def shop_of(controlplane: ControlPlane, *manifests: Any, pods: int = 0) -> Iterator[Shop]:
    """A namespace with these objects, once so many pods are ready."""
    with drillable(controlplane) as namespace, connected(controlplane, namespace) as target:
        controlplane.apply(*manifests, namespace=namespace)
        controlplane.wait_ready(namespace, pods)
        yield Shop(controlplane, namespace, target)


def on_kubernetes(kind: str) -> FaultKind:
    """A kind of fault, on a cluster."""
    return kind_of(kind, "kubernetes")
