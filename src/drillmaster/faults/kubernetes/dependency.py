"""A dependency that a cluster's pods cannot reach."""

import ipaddress
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from drillmaster.definitions.errors import did_you_mean, listed
from drillmaster.definitions.faults import UnreachableDependency
from drillmaster.definitions.targets import Dependency
from drillmaster.faults.base import Injection
from drillmaster.faults.kubernetes.network import PolicyFault
from drillmaster.faults.kubernetes.policies import over
from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import Object
from drillmaster.targets.kubernetes.objects.workloads import name_of
from drillmaster.targets.kubernetes.target import KubernetesTarget

_ALL = {4: "0.0.0.0/0", 6: "::/0"}
_LAST = 65535


class UnreachableDependencyOnKubernetes(PolicyFault[UnreachableDependency]):
    """The pods may go everywhere but to the dependency's address and ports."""

    model = UnreachableDependency

    def must_add_up(self, fault: Injection, cluster: KubernetesTarget, pods: list[Object]) -> None:
        """Another policy may say what the pods may reach: the two would add up, so either this
        one would open what the other keeps shut, or the other one what this one shuts. One that
        says the same does neither."""
        spec, ours = self.spec(fault), self.rules(fault, cluster)
        for policy, pod in over(cluster.api, spec.namespace, pods, "egress"):
            if policy["spec"].get("egress") != ours["egress"]:
                raise DeclinedError(
                    f"NetworkPolicy {name_of(policy)} says already what {name_of(pod)} may reach, "
                    f"and policies add up: {spec.dependency} could not be cut off by one more"
                )

    def rules(self, fault: Injection, cluster: KubernetesTarget) -> Object:
        """All traffic out, but for the dependency."""
        name = self.spec(fault).dependency
        return {"policyTypes": ["Egress"], "egress": everything_but(_found(cluster, name))}


def everything_but(dependency: Dependency) -> list[dict[str, Any]]:
    """Egress rules that allow all but a dependency. Pods and addresses are allowed apart, because
    to some networks an address range is none of pods."""
    network = ipaddress.ip_network(dependency.address)
    peers: list[dict[str, Any]] = [{"namespaceSelector": {}}]
    for version, cidr in _ALL.items():
        if version != network.version:
            peers.append({"ipBlock": {"cidr": cidr}})
        elif str(network) != cidr:
            peers.append({"ipBlock": {"cidr": cidr, "except": [str(network)]}})
    rules: list[dict[str, Any]] = [{"to": peers}]
    if dependency.ports:
        there = [{"ipBlock": {"cidr": str(network)}}]
        rules.append({"to": there, "ports": list(_ports_but(dependency.ports))})
    return rules


def _ports_but(ports: Sequence[int]) -> Iterator[dict[str, Any]]:
    """All ports but these TCP ports."""
    for before, after in pairwise([0, *sorted(set(ports)), _LAST + 1]):
        if after - before > 1:
            yield {"protocol": "TCP", "port": before + 1, "endPort": after - 1}
    yield {"protocol": "UDP"}
    yield {"protocol": "SCTP"}


def _found(cluster: KubernetesTarget, name: str) -> Dependency:
    known: dict[str, Any] = cluster.address.get("dependencies", {})
    if name not in known:
        hint = did_you_mean(name, known) or f"it has {listed(known) or 'none'}"
        raise DeclinedError(
            f"the target of the environment has no {name} among its dependencies; {hint}"
        )
    return Dependency.model_validate(known[name])
