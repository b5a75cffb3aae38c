"""Traffic of a cluster's pods that is cut, by NetworkPolicies of ours."""

import json
from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeVar

from drillmaster.definitions.object_faults import NetworkCut
from drillmaster.definitions.placed import Scoped
from drillmaster.faults.base import Injection
from drillmaster.faults.kubernetes.base import ClusterFault
from drillmaster.faults.kubernetes.creating import CreatingFault
from drillmaster.faults.kubernetes.marked import Attempt, cluster_of
from drillmaster.faults.kubernetes.policies import Direction, refuse_host_network, refuse_opened
from drillmaster.faults.kubernetes.rights import rights
from drillmaster.faults.kubernetes.unready import unready_since
from drillmaster.faults.selector import labels_of
from drillmaster.targets.base import Target
from drillmaster.targets.kubernetes.connection.api import Object
from drillmaster.targets.kubernetes.objects.resources import NETWORK_POLICIES
from drillmaster.targets.kubernetes.objects.workloads import name_of
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.targets.kubernetes.target import KubernetesTarget

S = TypeVar("S", bound=Scoped)


class PolicyFault(CreatingFault[S], ClusterFault[S]):
    """A NetworkPolicy over the selected pods.

    The API server stores it whether or not something in the cluster enforces it. So its effect
    is none that it is there, but pods that became unready, or what the drill's `effect` says.
    """

    resource = NETWORK_POLICIES

    def reads(self, fault: Injection, cluster: KubernetesTarget) -> list[Question]:
        """The pods, and the policies beside ours."""
        listed = rights("list", NETWORK_POLICIES, self.place(fault))
        return [*super().reads(fault, cluster), *listed]

    def attempts(self, fault: Injection, cluster: KubernetesTarget) -> Sequence[Attempt]:
        """The policy goes. Raises DeclinedError where it would be of no use."""
        self._must_be_of_use(fault, cluster)
        return super().attempts(fault, cluster)

    def body(self, fault: Injection, cluster: KubernetesTarget) -> Object:
        """The policy, once it is known that no other one has made it vain since the guard."""
        self._must_be_of_use(fault, cluster)
        labels = labels_of(self.spec(fault).selector)
        return {"podSelector": {"matchLabels": labels}, **self.rules(fault, cluster)}

    def exclusive(self, fault: Injection, target: Target) -> dict[str, str]:
        """What the pods may reach: policies add up, so that one that lets something through undoes
        one that does not."""
        cluster = cluster_of(target)
        rules = self.rules(fault, cluster)
        if "Egress" not in rules["policyTypes"]:
            return {}
        what = json.dumps(rules.get("egress"))
        pods = self.objects(fault, cluster)
        return {
            f"what {name_of(pod)} in {self.spec(fault).namespace} may reach": what for pod in pods
        }

    def seen(self, fault: Injection, cluster: KubernetesTarget) -> str | None:
        """Pods that became unready after it."""
        pods = self.objects(fault, cluster)
        found = (unready_since(thing, pods) for _, thing, _ in self.touched(fault, cluster))
        return next(filter(None, found), None)

    def _must_be_of_use(self, fault: Injection, cluster: KubernetesTarget) -> None:
        pods = self.objects(fault, cluster)
        refuse_host_network(pods)
        self.must_add_up(fault, cluster, pods)

    @abstractmethod
    def must_add_up(self, fault: Injection, cluster: KubernetesTarget, pods: list[Object]) -> None:
        """Raises DeclinedError where the policy and others over the pods would not do together
        what it should."""

    @abstractmethod
    def rules(self, fault: Injection, cluster: KubernetesTarget) -> Object:
        """What it says of traffic."""


class NetworkCutOnKubernetes(PolicyFault[NetworkCut]):
    """Nothing reaches the pods, or they reach nothing: a policy without any rule allows none."""

    model = NetworkCut

    def must_add_up(self, fault: Injection, cluster: KubernetesTarget, pods: list[Object]) -> None:
        """Another policy may allow something."""
        spec = self.spec(fault)
        refuse_opened(cluster.api, spec.namespace, pods, _directions(spec))

    def rules(self, fault: Injection, cluster: KubernetesTarget) -> Object:  # noqa: ARG002  # another kind asks it
        """None, for the directions that are cut."""
        return {"policyTypes": [one.capitalize() for one in _directions(self.spec(fault))]}


def _directions(spec: NetworkCut) -> list[Direction]:
    return ["ingress", "egress"] if spec.direction == "both" else [spec.direction]
