"""A namespace that admits no more pods."""

from collections.abc import Sequence
from functools import partial

from drillmaster.definitions.object_faults import QuotaExhaustion
from drillmaster.faults.base import Injected, Injection, Radius
from drillmaster.faults.kubernetes.creating import CreatingFault
from drillmaster.faults.kubernetes.marked import Attempt, cluster_of
from drillmaster.faults.kubernetes.rights import rights
from drillmaster.targets.base import DeclinedError, Target
from drillmaster.targets.kubernetes.connection.api import ForbiddenError, Object
from drillmaster.targets.kubernetes.objects.resources import PODS, QUOTAS
from drillmaster.targets.kubernetes.objects.specimen import POD
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.targets.kubernetes.target import KubernetesTarget
from drillmaster.targets.kubernetes.writing.marks import name_for


class QuotaExhaustionOnKubernetes(CreatingFault[QuotaExhaustion]):
    """A ResourceQuota at the number of pods that are there. Pods that are there stay."""

    model = QuotaExhaustion
    resource = QUOTAS

    def radius(self, fault: Injection, target: Target) -> Radius:
        """All pods of the namespace; none is made unavailable."""
        pods = target.pods(self.spec(fault).namespace, {})
        return Radius(len(pods), sum(pod.ready for pod in pods), takes_down=0)

    def inject(self, fault: Injection, target: Target, round_: int) -> Injected:
        """Create the quota."""
        return Injected(self.play(fault, cluster_of(target), round_))

    def body(self, fault: Injection, cluster: KubernetesTarget) -> Object:
        """As many pods as are to stay. Those that are about to go count too for the API server
        until they are gone, and leave no room then."""
        spec = self.spec(fault)
        there = cluster.pods(spec.namespace, {})
        if not there:
            raise DeclinedError(f"there is no pod in {spec.namespace}")
        return {"hard": {"pods": str(len(there) + spec.pods)}}

    def reads(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Question]:  # noqa: ARG002  # nothing is looked at
        """The pods."""
        return rights("list", PODS, self.place(fault))

    def writes(self, fault: Injection, cluster: KubernetesTarget) -> list[Question]:
        """Also a pod is tried."""
        return [*super().writes(fault, cluster), *rights("create", PODS, self.place(fault))]

    def attempts(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Attempt]:
        """Also a pod is tried: one that is refused already would prove nothing."""
        return [*super().attempts(fault, cluster), partial(_try_pod, cluster, self.place(fault))]

    def seen(self, fault: Injection, cluster: KubernetesTarget) -> str | None:
        """A pod that is tried is refused by this very quota."""
        name = name_for(fault.id)
        if not self.present(fault, cluster):  # the API server may not have heard of its end yet
            return None
        try:
            _try_pod(cluster, self.place(fault))
        except ForbiddenError as error:
            if f"exceeded quota: {name}," in str(error):
                return f"no pod is admitted: it would exceed the quota {name}"
        return None


def _try_pod(cluster: KubernetesTarget, namespace: str) -> None:
    cluster.api.create(PODS.path(namespace), POD, dry_run=True)
