"""NetworkPolicies beside one of ours. They add up: what one of them allows, no other one denies."""

from collections.abc import Iterable, Iterator
from typing import Literal

from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import KubernetesApi, Object
from drillmaster.targets.kubernetes.objects.resources import NETWORK_POLICIES
from drillmaster.targets.kubernetes.objects.selectors import matches
from drillmaster.targets.kubernetes.objects.workloads import name_of

Direction = Literal["ingress", "egress"]


def over(
    api: KubernetesApi, namespace: str, pods: Iterable[Object], direction: Direction
) -> Iterator[tuple[Object, Object]]:
    """The policies that say something about a direction of the pods' traffic, each with the first
    pod that it selects."""
    pods = list(pods)
    for policy in api.items(NETWORK_POLICIES.path(namespace)):
        selector = policy["spec"].get("podSelector") or {}
        selected = (pod for pod in pods if matches(selector, pod["metadata"].get("labels") or {}))
        pod = next(selected, None)
        if pod is not None and direction in _directions(policy):
            yield policy, pod


def refuse_opened(
    api: KubernetesApi, namespace: str, pods: Iterable[Object], directions: Iterable[Direction]
) -> None:
    """Raises DeclinedError where a policy lets traffic of the pods through, which no other one
    denies."""
    pods = list(pods)
    for direction in directions:
        for policy, pod in over(api, namespace, pods, direction):
            if policy["spec"].get(direction):
                raise DeclinedError(
                    f"NetworkPolicy {name_of(policy)} allows {direction} of {name_of(pod)}, and "
                    "policies add up: that traffic would not be cut"
                )


def refuse_host_network(pods: Iterable[Object]) -> None:
    """Raises DeclinedError where a pod is in the network of its node, of which policies say
    nothing."""
    for pod in pods:
        if pod["spec"].get("hostNetwork"):
            raise DeclinedError(
                f"{name_of(pod)} is in the network of its node, for which no NetworkPolicy holds"
            )


def _directions(policy: Object) -> list[str]:
    """As the API server fills them in: egress only where there is a rule for it."""
    spec = policy["spec"]
    told = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
    return [one.lower() for one in told]
