"""What all faults on a cluster have in common: every object that they touch bears a mark."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

from drillmaster.definitions.faults import Scoped
from drillmaster.faults.base import Injected, Injection, Known, Radius, Undone
from drillmaster.faults.selector import labels_of
from drillmaster.targets.base import DeclinedError, Pod, Target
from drillmaster.targets.kubernetes.api import Object
from drillmaster.targets.kubernetes.changes import is_in_force
from drillmaster.targets.kubernetes.marks import ObjectMark, mark_of
from drillmaster.targets.kubernetes.resources import Resource
from drillmaster.targets.kubernetes.target import KubernetesTarget
from drillmaster.targets.kubernetes.workloads import name_of, pods_of

S = TypeVar("S", bound=Scoped)

Attempt = Callable[[], object]
"""A request as a dry run."""


class ClusterFault(ABC, Generic[S]):
    """A fault that marks objects of a cluster; the kinds say which, and what is done to them."""

    model: type[S]
    """How the fault is written in a drill."""
    resources: Sequence[Resource]
    """The kinds of object that may bear its mark."""

    def radius(self, fault: Injection, target: Target) -> Radius:
        """What the next round would touch; it makes no pod unavailable."""
        pods = self.selected(fault, target)
        return Radius(len(pods), sum(pod.ready for pod in pods), takes_down=0)

    def hindrance(self, fault: Injection, target: Target) -> str | None:
        """What the API server says to dry runs of what the undo does."""
        cluster = cluster_of(target)
        cluster.require(self.spec(fault).namespace)
        return cluster.changes.hindrance(self.attempts(fault, cluster))

    def inject(self, fault: Injection, target: Target, round_: int) -> Injected:
        """Do it to what is selected."""
        if not self.selected(fault, target):
            spec = self.spec(fault)
            raise DeclinedError(f"no pod in {spec.namespace} has the labels {spec.selector}")
        return Injected(self.play(fault, cluster_of(target), round_))

    def present(self, fault: Injection, target: Target) -> bool:
        """Whether an object bears the mark, and is as the fault made it."""
        return any(is_in_force(thing, mark) for _, thing, mark in self.touched(fault, target))

    def effect(self, fault: Injection, target: Target) -> str | None:
        """What was seen of it at the cluster."""
        return self.seen(fault, cluster_of(target))

    def undo(self, fault: Injection, target: Target, known: Known) -> Undone:
        """Take back what is still ours in all objects that bear the mark."""
        cluster, was_present, residue = cluster_of(target), False, []
        for resource, thing, mark in self.touched(fault, target):
            namespace = thing["metadata"].get("namespace")
            if mark.created:
                was_present |= cluster.changes.remove(resource, namespace, name_of(thing))
                continue
            done = cluster.changes.restore(resource, namespace, name_of(thing), fault.id)
            was_present |= done.in_force
            residue += done.residue
        if known == "injected" and not (was_present or residue):
            residue = ["somebody had taken it away"]
        return Undone(was_present, "; ".join(residue) or None)

    def closes_door(self) -> bool:
        """A cluster does not remember what was undone."""
        return False

    def reenters(self) -> bool:
        """Only the first round writes the marks."""
        return False

    def patience(self, fault: Injection) -> float | None:  # noqa: ARG002  # all are quick
        """Every call is a few requests."""
        return None

    def spec(self, fault: Injection) -> S:
        """The fault as the drill has it."""
        return self.model.model_validate(fault.arguments)

    def selected(self, fault: Injection, target: Target) -> list[Pod]:
        """The pods that the fault's selector matches now, oldest first."""
        spec = self.spec(fault)
        return target.pods(spec.namespace, labels_of(spec.selector))

    def objects(self, fault: Injection, cluster: KubernetesTarget) -> list[Object]:
        """The same pods, as the cluster has them."""
        spec = self.spec(fault)
        cluster.require(spec.namespace)
        return pods_of(cluster.api, spec.namespace, labels_of(spec.selector))

    def place(self, fault: Injection) -> str | None:
        """The namespace of the objects; None for those that are in none."""
        return self.spec(fault).namespace

    def touched(
        self, fault: Injection, target: Target
    ) -> list[tuple[Resource, Object, ObjectMark]]:
        """The objects that bear the mark."""
        changes, place = cluster_of(target).changes, self.place(fault)
        return [
            (resource, thing, mark)
            for resource in self.resources
            for thing in changes.bearing(resource, place, fault.run, fault.id)
            if (mark := mark_of(thing, fault.id)) is not None
        ]

    def mark(self, fault: Injection) -> ObjectMark:
        """The mark of a fault, for an object that is about to bear it."""
        expires = datetime.fromtimestamp(fault.expires, UTC)
        arguments: dict[str, Any] = fault.arguments
        return ObjectMark(fault.id, fault.run, fault.kind, expires, arguments=arguments)

    @abstractmethod
    def play(self, fault: Injection, cluster: KubernetesTarget, round_: int) -> list[str]:
        """Do one round; what was touched, by name."""

    @abstractmethod
    def seen(self, fault: Injection, cluster: KubernetesTarget) -> str | None:
        """The effect in words, if there is one."""

    @abstractmethod
    def attempts(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Attempt]:
        """What the undo does, as dry runs."""


def cluster_of(target: Target) -> KubernetesTarget:
    """The target, which the registry's key says is a cluster."""
    assert target.kind == "kubernetes"
    return cast("KubernetesTarget", target)
