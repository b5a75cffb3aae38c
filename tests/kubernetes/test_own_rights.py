"""Each right that a fault needs is asked for beforehand: over the roles of rbac.yaml."""

import json
import shlex
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from drillmaster.errors import ExitCode
from drillmaster.targets.kubernetes.rights.questions import Question
from drillmaster.timeline.store import Store
from tests.support.cluster import (
    EVERYWHERE,
    OURS,
    as_it_was,
    connected,
    drillable,
    drillable_node,
    in_pool,
)
from tests.support.cluster_drills import as_somebody, project
from tests.support.cluster_shops import budget, kubectl_as, shop
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment, secret
from tests.support.controlplane.people import Rule
from tests.support.drills import command, eventually
from tests.support.guarded import at_target, environment
from tests.support.sampled import sampled

Right = tuple[str, str, str]
"""A verb, an API group and a resource."""

WHERE = {"namespace": "{namespace}", "selector": "app=checkout"}
WORKLOAD = (
    "get list update deployments, get list statefulsets, "
    "list patch replicasets, list controllerrevisions"
)

FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "eviction": (
        {"pod-churn": {**WHERE, "kill": "50%"}},
        "list get pods, create pods/eviction, get list create patch delete configmaps",
    ),
    "deletion": (
        {"pod-churn": {**WHERE, "kill": "50%", "by": "deletion"}},
        "list get delete pods, list poddisruptionbudgets, get list create patch delete configmaps",
    ),
    "scale": ({"scale": {**WHERE, "to": 0}}, f"list pods, {WORKLOAD}"),
    "bad-release": (
        {"bad-release": WHERE},
        f"list delete pods, {WORKLOAD}, delete replicasets",
    ),
    "resource-throttle": (
        {"resource-throttle": {**WHERE, "cpu": "10m"}},
        f"list pods, {WORKLOAD}",
    ),
    "network-cut": (
        {"network-cut": WHERE},
        "list pods, list create delete networkpolicies",
    ),
    "unreachable-dependency": (
        {"unreachable-dependency": {**WHERE, "dependency": "database"}},
        "list pods, list create delete networkpolicies",
    ),
    "throttle": (
        {"throttle": {**WHERE, "share": "10%"}},
        "list pods, get list create update delete virtualservices",
    ),
    "latency": (
        {"latency": {**WHERE, "delay": "1s"}},
        "list pods, get list create update delete virtualservices",
    ),
    "config-break": (
        {
            "config-break": {
                "namespace": "{namespace}",
                "secret": "checkout",
                "key": "password",
                "how": "remove",
            }
        },
        "list pods, get list update secrets, list configmaps",
    ),
    "quota-exhaustion": (
        {"quota-exhaustion": {"namespace": "{namespace}"}},
        "list create pods, list create delete resourcequotas",
    ),
    "node-drain": (
        {"node-drain": {"nodes": "drillmaster.test/pool={namespace}"}},
        "list pods, create pods/eviction, get list update nodes",
    ),
}
"""Each fault, and which rights of rbac.yaml it needs."""

SAMPLE = {"eviction", "scale", "network-cut", "config-break", "node-drain"}
"""Those that `make test` tries; `make soak` tries all."""

EVICTION = ["pods/eviction"]

EVERY_DRILL = "get namespaces, get create update delete leases"


def rights_of(rules: Iterable[Rule]) -> Iterator[Right]:
    for rule in rules:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                yield from ((verb, group, resource) for verb in rule["verbs"])


def named(words: str) -> set[tuple[str, str]]:
    """`get list pods, create leases` as pairs of verb and resource."""
    pairs = set()
    for part in words.split(", "):
        *verbs, resource = part.split()
        pairs |= {(verb, resource) for verb in verbs}
    return pairs


def rules_of(rights: Iterable[Right]) -> list[Rule]:
    return [
        {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
        for verb, group, resource in rights
    ]


def qualified(right: Right) -> str:
    """The resource as kubectl takes it."""
    _, group, resource = right
    return f"{resource}.{group}" if group else resource


def filled(value: Any, namespace: str) -> Any:
    if isinstance(value, dict):
        return {key: filled(one, namespace) for key, one in value.items()}
    return value.format(namespace=namespace) if isinstance(value, str) else value


class Somebody:
    """A person with one role in a namespace, and one in the cluster, both of which change."""

    def __init__(self, controlplane: ControlPlane, stack: ExitStack, namespace: str) -> None:
        self.id = controlplane.add_person()
        self._controlplane = controlplane
        rbac, first = "/apis/rbac.authorization.k8s.io/v1", rules_of([("list", "", "nodes")])
        role = controlplane.grant(self.id, namespace, *first)
        cluster = stack.enter_context(controlplane.grant_everywhere(self.id, *first))
        self._here = f"{rbac}/namespaces/{namespace}/roles/{role}"
        self._everywhere = f"{rbac}/clusterroles/{cluster}"

    def may(self, here: Iterable[Right], everywhere: Iterable[Right]) -> None:
        self._controlplane.merge(self._here, {"rules": rules_of(here)})
        self._controlplane.merge(self._everywhere, {"rules": rules_of(everywhere)})


@pytest.mark.parametrize("name", sampled(FAULTS, SAMPLE))
def test_each_right_that_is_missing_refuses_the_drill(
    controlplane: ControlPlane, store: Store, name: str
) -> None:
    controlplane.install_virtual_services()
    with ExitStack() as stack:
        namespace = stack.enter_context(drillable(controlplane))
        pool = in_pool(namespace)
        if name == "node-drain":
            stack.enter_context(drillable_node(controlplane, namespace))
        workload = deployment(replicas=2, **(pool if name == "node-drain" else {}))
        controlplane.apply(workload, secret("checkout", password="x"), namespace=namespace)
        controlplane.wait_ready(namespace, 2)
        fault, words = FAULTS[name]
        fault, needs = filled(fault, namespace), named(words) | named(EVERY_DRILL)
        somebody = Somebody(controlplane, stack, namespace)
        target = stack.enter_context(connected(controlplane, namespace, who=somebody.id))
        target.address["dependencies"] = {"database": {"address": "10.20.0.7"}}
        limits: dict[str, Any] = {"limits": {"pods": "100%"}}

        def said() -> str:
            """Why it is refused; empty where it is not."""
            verdicts = at_target(store, target, environment(**limits), faults=[fault], **limits)
            verdict = list(verdicts.values())[-1]
            return "" if verdict.passed else verdict.message

        in_cluster = name == "node-drain"
        here = [one for one in rights_of(OURS) if (one[0], one[2]) in needs]
        everywhere = [
            one for one in rights_of(EVERYWHERE) if in_cluster and (one[0], one[2]) in needs
        ]
        if in_cluster:
            here = [one for one in here if one[2] != "pods"]
        assert {(one[0], one[2]) for one in [*here, *everywhere]} == needs
        somebody.may(here, everywhere)
        eventually(lambda: not said(), 20, f"the least is enough: {said()}")
        before, pods = as_it_was(controlplane, namespace), controlplane.ready(namespace)
        asked = [*here, *everywhere]
        if name != "eviction":  # what every drill needs is tried with one of them
            asked = [one for one in asked if (one[0], one[2]) in named(words)]
        for right in asked:
            somebody.may(
                [one for one in here if one != right], [one for one in everywhere if one != right]
            )
            cure = f"--verb={right[0]} --resource={qualified(right)}"
            missed = partial(lambda cure: cure in said(), cure)
            eventually(missed, 20, f"{right} is missed: {said()}")
        assert as_it_was(controlplane, namespace) == before
        assert controlplane.ready(namespace) == pods


def test_a_drill_that_may_not_evict_ends_before_anything_is_touched(
    controlplane: ControlPlane, tmp_path: Path
) -> None:
    who, rest = controlplane.add_person(), [one for one in OURS if one["resources"] != EVICTION]
    with drillable(controlplane) as shop:
        controlplane.grant(who, shop, *rest)
        controlplane.apply(deployment(replicas=4), namespace=shop)
        controlplane.wait_ready(shop, 4)
        before, pods = as_it_was(controlplane, shop), controlplane.ready(shop)
        path = project(tmp_path, controlplane, shop, environment=as_somebody(controlplane, who))
        done = command(tmp_path, "run", str(path), "--yes")
        assert done.returncode == ExitCode.REFUSED, done.stdout + done.stderr
        told = " ".join(done.stdout.split())
        assert f"Drillmaster itself may not create pods/eviction in {shop}" in told
        assert (as_it_was(controlplane, shop), controlplane.ready(shop)) == (before, pods)
        looked = command(tmp_path, "preflight", "cluster", "--format", "json")
        mends = [row["mend"] for row in json.loads(looked.stdout)["rows"]]
        (mend,) = {mend for mend in mends if mend and "eviction" in mend}
        for line in mend.split(" && "):
            kubectl_as(controlplane, "admin", shop, *shlex.split(line)[1:])
        with connected(controlplane, shop, who=who) as target:
            needs = [Question("create", "pods", "", "eviction", shop)]
            eventually(lambda: target.own.lacks(needs) is None, 20, "the pasted line helps")


@pytest.mark.parametrize("by", ["eviction", "deletion"])
def test_a_pod_that_is_tried_stays_and_a_budget_is_no_missing_right(
    controlplane: ControlPlane, by: str
) -> None:
    with shop(controlplane) as found:
        found.put(deployment(replicas=2))
        controlplane.apply(budget(maxUnavailable=0), namespace=found.namespace)
        path = f"/apis/policy/v1/namespaces/{found.namespace}/poddisruptionbudgets/checkout"

        def counted() -> bool:
            status = controlplane.admin.get(path).json().get("status") or {}
            return bool(status.get("expectedPods") == 2)

        eventually(counted, 20, "the budget counts its pods")
        pods = controlplane.ready(found.namespace)
        assert found.fault("pod-churn", kill="50%", by=by).hindrance() is None
        assert controlplane.ready(found.namespace) == pods
