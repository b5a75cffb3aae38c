"""Faults that tests try on a namespace of a real cluster."""

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from drillmaster.faults.base import FaultKind, Injected, Injection, Known, Radius, Undone
from drillmaster.faults.registry import kind_of
from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.support.cluster import as_it_was, connected, copied, drillable
from tests.support.controlplane import PART, ControlPlane
from tests.support.controlplane.keeper import KUBECTL
from tests.support.controlplane.manifests import deployment
from tests.support.require import missing

_NUMBER = count()


@dataclass(frozen=True)
class Tried:
    """A fault, what carries it out, and where."""

    fault: Injection
    kind: FaultKind
    target: KubernetesTarget

    def radius(self) -> Radius:
        return self.kind.radius(self.fault, self.target)

    def hindrance(self) -> str | None:
        return self.kind.hindrance(self.fault, self.target)

    def inject(self, round_: int = 1) -> Injected:
        return self.kind.inject(self.fault, self.target, round_)

    def present(self) -> bool:
        return self.kind.present(self.fault, self.target)

    def effect(self) -> str | None:
        return self.kind.effect(self.fault, self.target)

    def undo(self, known: Known = "injected") -> Undone:
        return self.kind.undo(self.fault, self.target, known)


def tried(target: KubernetesTarget, kind: str, **arguments: Any) -> Tried:
    """A fault of a kind at a target."""
    name = f"{kind}-{next(_NUMBER)}"
    fault = Injection(
        id=f"r1-{name}",
        run="r1",
        name=name,
        kind=kind,
        arguments=arguments,
        expires=float(int(time.time())) + 60,
    )
    return Tried(fault, kind_of(kind, target.kind), target)


class Shop:
    """A namespace with workloads, and Drillmaster's connection to it."""

    def __init__(self, controlplane: ControlPlane, namespace: str, target: KubernetesTarget):
        self.controlplane = controlplane
        self.namespace = namespace
        self.target = target

    def put(self, *manifests: Mapping[str, Any]) -> None:
        """Apply manifests, and wait until all pods that they ask for are ready."""
        self.controlplane.apply(*manifests, namespace=self.namespace)
        wanted = [one["spec"]["replicas"] for one in manifests if "replicas" in one["spec"]]
        if wanted:
            self.controlplane.wait_ready(self.namespace, sum(wanted))

    def fault(self, kind: str, **arguments: Any) -> Tried:
        """A fault here, on the pods of checkout where nothing else is said."""
        where = {"namespace": self.namespace, "selector": "app=checkout"}
        return tried(self.target, kind, **{**where, **arguments})

    def path(self, name: str = "checkout", plural: str = "deployments") -> str:
        return f"/apis/apps/v1/namespaces/{self.namespace}/{plural}/{name}"

    def get(self, name: str = "checkout", plural: str = "deployments") -> dict[str, Any]:
        found: dict[str, Any] = self.controlplane.admin.get(self.path(name, plural)).json()
        return found

    def ready(self, selector: str = "") -> int:
        return len(self.controlplane.ready(self.namespace, selector))

    def all(self) -> dict[str, Any]:
        """All that a fault may leave here."""
        found = as_it_was(self.controlplane, self.namespace)
        return {**found, "copies": copied(self.controlplane, self.namespace)}


@contextmanager
def shop(controlplane: ControlPlane, who: str = "admin", *also: str) -> Iterator[Shop]:
    """An empty namespace that may be drilled, as somebody."""
    with (
        drillable(controlplane) as namespace,
        connected(controlplane, namespace, *also, who=who) as target,
    ):
        yield Shop(controlplane, namespace, target)


def kubectl(found: Shop, *arguments: str) -> None:
    """Do something as the administrator does it by hand."""
    kubectl_as(found.controlplane, "admin", found.namespace, *arguments)


def kubectl_as(controlplane: ControlPlane, who: str, namespace: str, *arguments: str) -> None:
    """Do something as somebody does it by hand."""
    if not KUBECTL.exists():
        missing(PART, "kubectl is not built (make controlplane)")
    subprocess.run(
        [KUBECTL, "-n", namespace, *arguments],
        env={"KUBECONFIG": str(controlplane.kubeconfig(who)), "HOME": "/nonexistent"},
        check=True,
        capture_output=True,
    )


def stateful_set(name: str = "checkout", replicas: int = 3, **spec: Any) -> dict[str, Any]:
    """A StatefulSet of pods with the label `app`. Further keys belong to its own spec."""
    manifest = deployment(name, replicas)
    manifest["kind"] = "StatefulSet"
    manifest["spec"] |= {"serviceName": name, **spec}
    return manifest


def labelled(manifest: dict[str, Any], **labels: str) -> dict[str, Any]:
    """A workload whose pods have further labels."""
    metadata = manifest["spec"]["template"]["metadata"]
    metadata["labels"] = {**metadata["labels"], **labels}
    return manifest


def budget(name: str = "checkout", **spec: Any) -> dict[str, Any]:
    """A PodDisruptionBudget over the pods with the label `app`."""
    selector = {"matchLabels": {"app": name}}
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name},
        "spec": {"selector": selector, **spec},
    }
