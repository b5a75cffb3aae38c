"""What the faults on the pods of a selector have in common."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeVar

from drillmaster.definitions.placed import Scoped
from drillmaster.faults.base import Injected, Injection, Radius
from drillmaster.faults.kubernetes.marked import Attempt, MarkedFault, Touched, cluster_of
from drillmaster.faults.kubernetes.rights import rights
from drillmaster.faults.selector import labels_of
from drillmaster.targets.base import DeclinedError, Pod, Target
from drillmaster.targets.kubernetes.connection.api import Object
from drillmaster.targets.kubernetes.objects.resources import PODS
from drillmaster.targets.kubernetes.objects.workloads import pods_of
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.targets.kubernetes.target import KubernetesTarget

S = TypeVar("S", bound=Scoped)

__all__ = ["Attempt", "ClusterFault", "S", "Touched", "cluster_of"]


class ClusterFault(MarkedFault[S]):
    """A fault on the pods of a selector in one namespace."""

    def radius(self, fault: Injection, target: Target) -> Radius:
        """What the next round would touch; it makes no pod unavailable."""
        pods = self.selected(fault, target)
        return Radius(len(pods), sum(pod.ready for pod in pods), takes_down=0)

    def hindrance(self, fault: Injection, target: Target) -> str | None:
        """As for all; the namespace must be one of the environment's."""
        cluster_of(target).require(self.spec(fault).namespace)
        return super().hindrance(fault, target)

    def inject(self, fault: Injection, target: Target, round_: int) -> Injected:
        """Do it to what is selected."""
        if not self.selected(fault, target):
            spec = self.spec(fault)
            raise DeclinedError(f"no pod in {spec.namespace} has the labels {spec.selector}")
        return Injected(self.play(fault, cluster_of(target), round_))

    def reads(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Question]:  # noqa: ARG002  # nothing is looked at
        """The pods."""
        return rights("list", PODS, self.place(fault))

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
        """The namespace of the pods."""
        return self.spec(fault).namespace

    @abstractmethod
    def play(self, fault: Injection, cluster: KubernetesTarget, round_: int) -> list[str]:
        """Do one round; what was touched, by name."""
