"""Identities of Drillmaster with few rights, for what it may ask about people."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.support.cluster import address
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.people import Rule

LOOK: Rule = {
    "apiGroups": ["", "apps"],
    "resources": ["pods", "deployments", "statefulsets", "daemonsets", "replicasets"],
    "verbs": ["get", "list"],
}
REVIEW: Rule = {
    "apiGroups": ["authorization.k8s.io"],
    "resources": ["subjectaccessreviews"],
    "verbs": ["create"],
}
IMPERSONATE: Rule = {"apiGroups": [""], "resources": ["users", "groups"], "verbs": ["impersonate"]}


@contextmanager
def as_somebody(
    controlplane: ControlPlane, namespace: str, *rules: Rule, **more: Any
) -> Iterator[KubernetesTarget]:
    """A connection as an identity that may look at workloads, and what the rules say in the whole
    cluster. Further keys belong to the address."""
    who = controlplane.add_person()
    controlplane.grant(who, namespace, LOOK)
    everywhere: Rule = {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]}
    target = KubernetesTarget(address(controlplane, namespace, who=who) | more, 4.0)
    with closing(target), controlplane.grant_everywhere(who, *rules, everywhere):
        yield target
