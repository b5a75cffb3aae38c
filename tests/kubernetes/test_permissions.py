"""What people may do to a workload of a cluster: the authorisers' word, and what would mend it."""

import shlex
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from drillmaster.clock import SteadyClock
from drillmaster.definitions.probes import PermissionProbe
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.registry import ask
from drillmaster.targets.base import Identity
from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.support.cluster import address, drillable
from tests.support.cluster_people import IMPERSONATE, LOOK, REVIEW, as_somebody
from tests.support.controlplane import PART, ControlPlane
from tests.support.controlplane.keeper import KUBECTL
from tests.support.controlplane.manifests import deployment
from tests.support.controlplane.people import Rule
from tests.support.require import missing
from tests.support.sandbox import eventually

EVICT = {"apiGroups": [""], "resources": ["pods/eviction"], "verbs": ["create"]}
WHO = "responder-2"


@pytest.fixture
def shop(controlplane: ControlPlane) -> Iterator[str]:
    with drillable(controlplane) as namespace:
        controlplane.apply(deployment(replicas=1), namespace=namespace)
        yield namespace


def put(target: KubernetesTarget, action: str, who: str = WHO, **more: Any) -> Answer:
    where = {"namespace": target.namespaces[0], "workload": "checkout", "can": action}
    probe = PermissionProbe.model_validate(where | more)
    return ask(probe, Asking(SteadyClock(), target, Identity(who)))


def test_a_missing_permission_is_named_with_the_line_that_grants_it(
    controlplane: ControlPlane, target: KubernetesTarget, shop: str
) -> None:
    answer = put(target, "evict")
    assert (answer.outcome, answer.detail) == ("denied", f"{WHO} may not evict {shop}/checkout")
    name = f"{WHO}-create-pods-eviction"
    assert answer.mend == (
        f"kubectl create role {name} --verb=create --resource=pods/eviction --namespace={shop}"
        f" && kubectl create rolebinding {name} --role={name} --user={WHO} --namespace={shop}"
    )
    controlplane.grant("secondary", shop, EVICT)
    eventually(lambda: put(target, "evict").outcome == "yes")
    assert put(target, "evict").mend is None
    assert put(target, "evict", "responder-1").outcome == "denied"


@pytest.mark.parametrize("action", ["view", "scale", "restart", "evict"])
def test_the_line_grants_what_is_missing_and_nothing_else(
    controlplane: ControlPlane, target: KubernetesTarget, shop: str, action: str
) -> None:
    if not KUBECTL.exists():
        missing(PART, "kubectl is not built (make controlplane)")
    mend = put(target, action).mend
    assert mend is not None
    for line in mend.split(" && "):
        program, *arguments = shlex.split(line)
        assert program == "kubectl"
        subprocess.run(
            [KUBECTL, *arguments],
            env={"KUBECONFIG": str(controlplane.kubeconfig("admin")), "HOME": "/nonexistent"},
            check=True,
            capture_output=True,
        )
    eventually(lambda: put(target, action).outcome == "yes")
    others = {"view", "scale", "restart", "evict"} - {action}
    assert {other: put(target, other).outcome for other in others} == dict.fromkeys(
        others, "denied"
    )


def test_the_controls_are_asked_as_the_environment_names_them(
    controlplane: ControlPlane, shop: str, target: KubernetesTarget
) -> None:
    assert put(target, "restart", "positive-control").outcome == "yes"
    assert put(target, "restart", "negative-control").outcome == "denied"
    controls = {"controls": {"allowed": {"user": "nobody", "groups": []}}}
    with closing(KubernetesTarget(address(controlplane, shop) | controls, 4.0)) as other:
        assert put(other, "restart", "positive-control").outcome == "denied"


@pytest.mark.parametrize("rules", [[REVIEW], [IMPERSONATE]], ids=["reviews", "impersonation"])
def test_groups_count_as_the_environment_names_them(
    controlplane: ControlPlane, shop: str, rules: list[Rule]
) -> None:
    team = f"team-{shop}"
    bind(controlplane, shop, team, EVICT)
    bind(controlplane, shop, "system:authenticated", LOOK)
    users = {
        "ana": {"user": "ana@example.org", "groups": [team]},
        "ben": {"user": "ben@example.org", "groups": []},
    }
    with as_somebody(controlplane, shop, *rules, users=users) as target:
        eventually(lambda: put(target, "evict", "ana").outcome == "yes")
        assert put(target, "evict", "ben").outcome == "denied"
        assert put(target, "view", "ben").outcome == "yes"  # by having logged in
        assert put(target, "evict", "chris").outcome == "denied"


def test_what_cannot_be_said_is_no_denial(
    controlplane: ControlPlane, target: KubernetesTarget, shop: str
) -> None:
    for action in ("failover", "lift-throttle"):
        answer = put(target, action)
        assert (answer.outcome, answer.mend) == ("unclear", None)
        assert f"what {action} takes is not known on a kubernetes target" in answer.detail
    answer = put(target, "scale", workload="checkuot")
    assert (answer.outcome, answer.detail) == (
        "unclear",
        f"there is no workload checkuot in {shop}",
    )
    agent = {**deployment("agent", 0), "kind": "DaemonSet"}
    agent["spec"].pop("replicas")
    controlplane.apply(agent, namespace=shop)
    assert "no number of replicas" in put(target, "scale", workload="agent").detail
    assert put(target, "restart", workload="agent").outcome == "denied"


def test_drillmaster_without_the_right_to_ask_says_so(
    controlplane: ControlPlane, shop: str
) -> None:
    with as_somebody(controlplane, shop) as target:
        answer = put(target, "restart")
    assert answer.outcome == "unclear"
    assert "subjectaccessreviews" in answer.detail


def test_a_target_that_does_not_answer_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = {
            "server": f"http://127.0.0.1:{server.getsockname()[1]}",
            "token": f"file:{tmp_path / 'token'}",
            "namespaces": ["shop"],
        }
        with closing(KubernetesTarget({"kind": "kubernetes", **where}, 0.2)) as target:
            assert put(target, "restart").outcome == "unreachable"


def bind(controlplane: ControlPlane, namespace: str, group: str, rule: Rule) -> None:
    """Let everybody of a group do something."""
    api = "rbac.authorization.k8s.io"
    head: dict[str, Any] = {
        "apiVersion": f"{api}/v1",
        "metadata": {"name": group.replace(":", "-")},
    }
    binding = {
        **head,
        "kind": "RoleBinding",
        "subjects": [{"kind": "Group", "apiGroup": api, "name": group}],
        "roleRef": {"kind": "Role", "apiGroup": api, "name": head["metadata"]["name"]},
    }
    controlplane.apply({**head, "kind": "Role", "rules": [rule]}, binding, namespace=namespace)
