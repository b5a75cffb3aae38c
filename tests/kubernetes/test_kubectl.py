"""What a person may do to a workload, held against kubectl as that person."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.support.cluster import drillable
from tests.support.controlplane import PART, ControlPlane
from tests.support.controlplane.keeper import KUBECTL
from tests.support.controlplane.manifests import deployment
from tests.support.controlplane.people import Rule
from tests.support.drills import eventually
from tests.support.require import missing

Command = Sequence[str | Path]
Right = tuple[str, str, str]
"""A verb, an API group, and a resource."""

READ: Right = ("get", "apps", "deployments")
RIGHTS: dict[str, list[Right]] = {
    "view": [READ, ("get", "", "pods"), ("list", "", "pods")],
    "scale": [READ, ("patch", "apps", "deployments/scale")],
    "restart": [READ, ("patch", "apps", "deployments")],
    "evict": [("create", "", "pods/eviction")],
}
"""What an action takes, and nothing beyond it."""

AGAIN = "within the past second"
"""What kubectl says of a workload that was restarted in this second already, by whomever: it
asks nobody for permission then."""


@pytest.fixture
def shop(controlplane: ControlPlane) -> Iterator[str]:
    if not KUBECTL.exists():
        missing(PART, "kubectl is not built (make controlplane)")
    with drillable(controlplane) as namespace:
        controlplane.apply(deployment(replicas=2), namespace=namespace)
        controlplane.wait_ready(namespace, 2)
        yield namespace


@pytest.mark.parametrize("action", RIGHTS)
def test_a_check_and_kubectl_agree(
    controlplane: ControlPlane, target: KubernetesTarget, shop: str, tmp_path: Path, action: str
) -> None:
    rights = RIGHTS[action]
    for granted in (rights, *(_without(rights, one) for one in rights)):
        who = controlplane.add_person()
        if granted:
            controlplane.grant(who, shop, *(_rule(*right) for right in granted))
        told = target.permitted(controlplane.user(who), action, shop, "checkout").allowed
        done = [
            _kubectl(controlplane, who, shop, command)
            for command in _commands(controlplane, shop, action, tmp_path)
        ]
        assert (told, all(done)) == (granted == rights, granted == rights), (granted, done)


def _without(rights: Sequence[Right], one: Right) -> list[Right]:
    return [right for right in rights if right != one]


def _rule(verb: str, group: str, resource: str) -> Rule:
    return {"apiGroups": [group], "resources": [resource], "verbs": [verb]}


def _commands(
    controlplane: ControlPlane, shop: str, action: str, folder: Path
) -> Sequence[Command]:
    pod = controlplane.wait_ready(shop, 2)[0]
    file = folder / "eviction.json"
    kind = {"apiVersion": "policy/v1", "kind": "Eviction"}
    file.write_text(json.dumps({**kind, "metadata": {"name": pod}}), encoding="utf-8")
    commands: dict[str, Sequence[Command]] = {
        "view": [["get", "deployment/checkout"], ["get", "pods"], ["get", "pod", pod]],
        "scale": [["scale", "deployment/checkout", "--replicas=2"]],
        "restart": [["rollout", "restart", "deployment/checkout"]],
        "evict": [
            ["create", "--raw", f"/api/v1/namespaces/{shop}/pods/{pod}/eviction", "-f", file]
        ],
    }
    return commands[action]


def _kubectl(controlplane: ControlPlane, who: str, namespace: str, command: Command) -> bool:
    """Whether kubectl does it; where it does not, it must be for a missing permission."""

    def answers() -> bool:
        tries.append(
            subprocess.run(
                [KUBECTL, "--namespace", namespace, *command],
                env={"KUBECONFIG": str(controlplane.kubeconfig(who)), "HOME": "/nonexistent"},
                check=False,
                capture_output=True,
                text=True,
            )
        )
        return AGAIN not in tries[-1].stderr

    tries: list[subprocess.CompletedProcess[str]] = []
    eventually(answers, 30, f"kubectl has an answer for {who}")
    done = tries[-1]
    assert done.returncode == 0 or "forbidden" in done.stderr.lower(), done.stderr
    return done.returncode == 0
