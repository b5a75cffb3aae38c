"""Access checks in a cluster's own words, asked in three ways and with controls."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from drillmaster.access.checks import run_profile
from drillmaster.access.identities import Controls, identities_for
from drillmaster.clock import SteadyClock
from drillmaster.definitions.access import AccessProfile
from drillmaster.definitions.environment import Environment
from drillmaster.definitions.probes import KubernetesProbe
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.registry import ask
from drillmaster.targets.base import Identity, Target
from drillmaster.targets.kubernetes.target import KubernetesTarget
from drillmaster.timeline.events import AccessChecked
from tests.support.cluster_people import IMPERSONATE, REVIEW, as_somebody
from tests.support.controlplane import ControlPlane
from tests.support.controlplane.manifests import deployment
from tests.support.controlplane.people import Rule
from tests.support.sandbox import eventually
from tests.support.target import MemoryTarget

WHO = "responder-2"
EVICT: Rule = {"apiGroups": [""], "resources": ["pods/eviction"], "verbs": ["create"]}
CONTROLS = Controls(Identity("positive-control"), Identity("negative-control"))


def eviction(shop: str, how: str = "review", **more: Any) -> dict[str, Any]:
    what = {"verb": "create", "resource": "pods", "subresource": "eviction", "namespace": shop}
    return what | {"how": how} | more


def put(target: Target, question: dict[str, Any], who: Identity | None = None) -> Answer:
    probe = KubernetesProbe.model_validate(question)
    return ask(probe, Asking(SteadyClock(), target, who or Identity(WHO)))


def checked(target: Target, question: dict[str, Any], who: Identity | None = None) -> AccessChecked:
    """What a check says about a person, whose controls are asked too."""
    head = {"schema": "drillmaster/v1", "kind": "access", "name": "checkout"}
    check = {"name": "may evict", "kubernetes": question}
    profile = AccessProfile.model_validate(head | {"checks": [check]})
    events = list(
        run_profile(profile, who or Identity(WHO), CONTROLS, Asking(SteadyClock(), target))
    )
    assert [event.subject for event in events] == ["positive-control", "negative-control", "person"]
    return events[-1]


@pytest.mark.parametrize("how", ["review", "dry-run"])
def test_a_missing_rule_is_named_and_then_granted(
    controlplane: ControlPlane, shop: str, target: KubernetesTarget, how: str
) -> None:
    controlplane.apply(deployment(replicas=1), namespace=shop)
    controlplane.wait_ready(shop, 1)
    denied = checked(target, eviction(shop, how))
    assert (denied.answer, denied.grade) == ("denied", "authorised")
    assert denied.detail == f"{WHO} may not create pods/eviction in {shop}"
    assert denied.mend is not None
    assert denied.mend.startswith("kubectl create role ")
    assert "--verb=create --resource=pods/eviction" in denied.mend
    controlplane.grant("secondary", shop, EVICT)
    eventually(lambda: checked(target, eviction(shop, how)).answer == "allowed")
    assert "mend" not in checked(target, eviction(shop, how)).model_dump(exclude_unset=True)
    assert len(controlplane.ready(shop)) == 1  # nothing was evicted


def test_an_answer_that_was_shared_says_how_old_it_is(shop: str, target: KubernetesTarget) -> None:
    first = put(target, eviction(shop))
    second = put(target, eviction(shop))
    assert second.at.timestamp() - second.precision <= first.at.timestamp() + first.precision


@pytest.mark.parametrize(
    ("question", "detail"),
    [
        ({"resource": "podz"}, "no resource podz; did you mean 'pods'"),
        ({"resource": "deployments"}, "no resource deployments"),
        ({"resource": "deployments", "group": "app"}, "no API group app"),
        ({"resource": "pods", "subresource": "evict"}, "no resource pods/evict"),
        (
            {"resource": "pods", "subresource": "eviction"},
            "does not know the verb list, but create",
        ),
        ({"resource": "nodes", "namespace": "shop"}, "are in no namespace"),
    ],
)
@pytest.mark.parametrize("how", ["review", "dry-run"])
def test_what_the_cluster_does_not_know_is_unverified(
    target: KubernetesTarget, question: dict[str, Any], detail: str, how: str
) -> None:
    event = checked(target, {"verb": "list", "how": how} | question)
    assert event.answer == "unverified"
    assert detail in event.detail


def test_what_is_in_no_namespace_is_granted_by_a_cluster_role(target: KubernetesTarget) -> None:
    answer = put(target, {"verb": "patch", "resource": "nodes", "name": "node-1"})
    name = f"{WHO}-patch-nodes-node-1"
    assert answer.mend == (
        f"kubectl create clusterrole {name} --verb=patch --resource=nodes --resource-name=node-1"
        f" && kubectl create clusterrolebinding {name} --clusterrole={name} --user={WHO}"
    )


def test_another_target_is_no_cluster() -> None:
    answer = put(MemoryTarget(), eviction("shop"))
    assert (answer.outcome, answer.detail) == (
        "unclear",
        "a memory target is no cluster that could tell",
    )


class TestDryRun:
    @pytest.fixture(autouse=True)
    def _config_map(self, controlplane: ControlPlane, shop: str) -> None:
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}}
        controlplane.apply({**config, "data": {"a": "b"}}, namespace=shop)

    @pytest.mark.parametrize(
        "verb", ["get", "list", "create", "update", "patch", "delete", "deletecollection"]
    )
    def test_every_verb_is_tried_and_changes_nothing(
        self, controlplane: ControlPlane, shop: str, target: KubernetesTarget, verb: str
    ) -> None:
        path = f"/api/v1/namespaces/{shop}/configmaps"
        root = "kube-root-ca.crt"  # a controller brings it to each new namespace
        eventually(lambda: controlplane.admin.get(f"{path}/{root}").is_success)
        before = controlplane.admin.get(path).json()["items"]
        question = {"verb": verb, "resource": "configmaps", "namespace": shop, "how": "dry-run"}
        assert put(target, question).outcome == "denied"
        rule: Rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": [verb]}
        controlplane.grant("secondary", shop, rule)
        eventually(lambda: put(target, question).outcome == "yes")
        assert controlplane.admin.get(path).json()["items"] == before

    def test_a_budget_that_says_no_is_no_denial(
        self, controlplane: ControlPlane, shop: str, target: KubernetesTarget
    ) -> None:
        spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "checkout"}}}
        kind = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget"}
        budget = {**kind, "metadata": {"name": "checkout"}, "spec": spec}
        controlplane.apply(budget, deployment(replicas=1), namespace=shop)
        controlplane.wait_ready(shop, 1)
        controlplane.grant("secondary", shop, EVICT)
        eventually(lambda: checked(target, eviction(shop, "dry-run")).answer == "allowed")

    def test_what_cannot_be_tried_is_unverified(self, shop: str, target: KubernetesTarget) -> None:
        nothing = put(target, eviction(shop, "dry-run"))
        assert (nothing.outcome, "nothing to try it on" in nothing.detail) == ("unclear", True)
        gone = {"verb": "get", "resource": "configmaps", "namespace": shop, "name": "gone"}
        mighty = Identity("positive-control")
        assert "no such object" in put(target, gone | {"how": "dry-run"}, mighty).detail
        watch = {"verb": "watch", "resource": "pods", "namespace": shop, "how": "dry-run"}
        assert "cannot be tried" in put(target, watch, mighty).detail
        shell = {"verb": "create", "resource": "pods", "subresource": "exec", "name": "a"}
        assert "cannot be tried" in put(target, shell | {"how": "dry-run"}, mighty).detail

    def test_a_server_that_refuses_for_another_reason_is_no_denial(
        self, controlplane: ControlPlane, shop: str, target: KubernetesTarget
    ) -> None:
        quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "none"}}
        controlplane.apply({**quota, "spec": {"hard": {"configmaps": "0"}}}, namespace=shop)
        question = {"verb": "create", "resource": "configmaps", "namespace": shop}
        path = f"/api/v1/namespaces/{shop}/resourcequotas/none"
        eventually(lambda: "status" in controlplane.admin.get(path).json())
        answer = put(target, question | {"how": "dry-run"}, Identity("positive-control"))
        assert answer.outcome == "unclear"
        assert "exceeded quota" in answer.detail

    @pytest.mark.parametrize("resource", ["configmaps", "pods"])
    def test_what_a_policy_denies_is_never_allowed(
        self, controlplane: ControlPlane, shop: str, target: KubernetesTarget, resource: str
    ) -> None:
        controlplane.grant("secondary", shop, creating("", resource))
        with nobody_creates(controlplane, shop, resource):
            question = {"verb": "create", "resource": resource, "namespace": shop}
            event = checked(target, question | {"how": "dry-run"})
        assert event.answer == "unverified"
        assert "denied request: nobody makes these" in event.detail

    def test_a_pod_that_is_tried_is_one_that_policies_may_look_at(
        self, controlplane: ControlPlane, shop: str, target: KubernetesTarget
    ) -> None:
        question = {"verb": "create", "resource": "pods", "namespace": shop, "how": "dry-run"}
        assert put(target, question).outcome == "denied"
        controlplane.grant("secondary", shop, creating("", "pods"))
        eventually(lambda: put(target, question).outcome == "yes")
        assert controlplane.pods(shop) == []

    def test_what_needs_content_says_nothing_of_admission(
        self, controlplane: ControlPlane, shop: str, target: KubernetesTarget
    ) -> None:
        """The API server refuses it before it asks the policies that would deny it."""
        what = {"verb": "create", "resource": "deployments", "group": "apps", "namespace": shop}
        question = what | {"how": "dry-run"}
        assert put(target, question).outcome == "denied"
        controlplane.grant("secondary", shop, creating("apps", "deployments"))
        eventually(lambda: put(target, question).outcome == "unclear")
        detail = put(target, question).detail
        assert "what was tried lacks content" in detail
        assert "ask with how: review" in detail

    def test_without_the_right_to_impersonate_it_is_unverified(
        self, controlplane: ControlPlane, shop: str
    ) -> None:
        users_alone: Rule = {**IMPERSONATE, "resources": ["users"]}
        for rules in ([REVIEW], [REVIEW, users_alone]):
            with as_somebody(controlplane, shop, *rules) as target:
                event = checked(target, eviction(shop, "dry-run"))
                assert event.answer == "unverified"
                assert "may not impersonate" in event.detail


class TestSelf:
    def test_a_person_is_asked_by_their_own_log_in(
        self, controlplane: ControlPlane, shop: str, target: KubernetesTarget
    ) -> None:
        me = own(controlplane, "secondary")
        assert checked(target, eviction(shop, "self"), me).answer == "denied"
        controlplane.grant("secondary", shop, EVICT)
        eventually(lambda: checked(target, eviction(shop, "self"), me).answer == "allowed")
        other = own(controlplane, "primary")
        assert checked(target, eviction(shop, "self"), other).answer == "denied"

    def test_without_a_log_in_nobody_can_be_asked(
        self, shop: str, target: KubernetesTarget, tmp_path: Path
    ) -> None:
        event = checked(target, eviction(shop, "self"))
        assert (event.answer, event.detail) == (
            "unverified",
            f"{WHO} has no kubeconfig here to ask with",
        )
        nowhere = Identity(WHO, kubeconfig=str(tmp_path / "none"), context="a")
        assert "there is no such file" in checked(target, eviction(shop, "self"), nowhere).detail

    def test_the_environment_says_where_the_log_in_is(
        self, controlplane: ControlPlane, target: KubernetesTarget
    ) -> None:
        me = own(controlplane, "secondary")
        login = {"kubeconfig": me.kubeconfig, "context": me.context}
        people = {"responder-2": {"roles": ["secondary"], "credentials": login}}
        cluster = {"kind": "kubernetes", "context": "staging", "namespaces": ["shop"]}
        policy = [{"page": "secondary", "timeout": "3s"}]
        environment = Environment.model_validate(
            {
                "schema": "drillmaster/v1",
                "kind": "environment",
                "name": "cluster",
                "target": cluster,
                "oncall": {"provider": "embedded", "policy": policy},
                "people": people,
            }
        )
        assert identities_for(environment, target, WHO)[0] == me


def own(controlplane: ControlPlane, who: str) -> Identity:
    """A person with their own kubeconfig."""
    file, context = controlplane.kubeconfig(who), controlplane.context(who)
    return Identity(controlplane.user(who), kubeconfig=str(file), context=context)


def creating(group: str, resource: str) -> Rule:
    return {"apiGroups": [group], "resources": [resource], "verbs": ["create"]}


@contextmanager
def nobody_creates(controlplane: ControlPlane, namespace: str, resource: str) -> Iterator[None]:
    """A policy that denies every creation in a namespace, for the block."""
    api = "admissionregistration.k8s.io/v1"
    name = f"none-{namespace}-{resource}"
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"]}
    here = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    policy = {
        "matchConstraints": {
            "namespaceSelector": here,
            "resourceRules": [{**rule, "resources": [resource]}],
        },
        "validations": [{"expression": "false", "message": "nobody makes these"}],
    }
    kinds = {
        "ValidatingAdmissionPolicy": policy,
        "ValidatingAdmissionPolicyBinding": {"policyName": name, "validationActions": ["Deny"]},
    }
    for kind, spec in kinds.items():
        controlplane.apply(
            {"apiVersion": api, "kind": kind, "metadata": {"name": name}, "spec": spec}
        )
    body: dict[str, Any] = {"metadata": {"generateName": "try-"}}
    if resource == "pods":
        body["spec"] = {"containers": [{"name": "a", "image": "registry.example/a:1"}]}
    path = f"/api/v1/namespaces/{namespace}/{resource}"

    def denied() -> bool:
        answer = controlplane.admin.post(path, params={"dryRun": "All"}, json=body)
        return answer.status_code == 422

    try:
        eventually(denied)
        yield
    finally:
        for kind in kinds:
            controlplane.admin.delete(f"{controlplane.path(api, kind)}/{name}")
