"""Steps of a runbook that people do at a real cluster, seen in its audit log."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from drillmaster.clock import SteadyClock
from drillmaster.runbooks.watch import EvidenceWatch
from drillmaster.targets.base import Address
from drillmaster.targets.kubernetes.target import KubernetesTarget
from drillmaster.timeline.events import ActionSeen, AnyEvent, StepEvidenced, StepUnseen
from tests.runbooks.books import runbook, step
from tests.support.cluster import address, drillable
from tests.support.cluster_shops import kubectl_as
from tests.support.controlplane import PART, ControlPlane
from tests.support.controlplane.manifests import deployment
from tests.support.controlplane.people import Rule
from tests.support.require import missing
from tests.support.sandbox import eventually

ALL = [
    {
        "apiGroups": ["apps"],
        "resources": ["deployments", "deployments/scale"],
        "verbs": ["get", "list", "patch"],
    },
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "delete"]},
    {"apiGroups": [""], "resources": ["pods/eviction"], "verbs": ["create"]},
]
HISTORY: Rule = {"apiGroups": ["apps"], "resources": ["replicasets"], "verbs": ["list"]}
MERGE = {"Content-Type": "application/merge-patch+json"}
RESTARTED = "kubectl.kubernetes.io/restartedAt"


class Scene:
    """A namespace of which the audit log is watched, and people who act in it."""

    def __init__(self, controlplane: ControlPlane, namespace: str, stack: ExitStack) -> None:
        self._controlplane, self.namespace, self._stack = controlplane, namespace, stack
        self.apps = f"/apis/apps/v1/namespaces/{namespace}/deployments/checkout"
        self.core = f"/api/v1/namespaces/{namespace}/pods"
        self.told: list[AnyEvent] = []

    def watch(self, **more: Any) -> None:
        where: Address = address(self._controlplane, self.namespace)
        users = {f"responder-{one}": {"user": f"responder-{one}"} for one in (1, 2)}
        where |= {"users": users, "audit_log": str(self._controlplane.audit_log)}
        target = self._stack.enter_context(closing(KubernetesTarget(where | more, 4.0)))
        book = runbook(
            step("look", self._audit("view")),
            step("more", self._audit("scale", replicas=3)),
            step("again", self._audit("restart")),
            step("kill", self._audit("evict")),
        )
        self._watch = EvidenceWatch(book, target, list(users), SteadyClock())

    def _audit(self, action: str, **parameters: object) -> dict[str, Any]:
        where = {"namespace": self.namespace, "workload": "checkout", "action": action}
        return {"audit": where | {"parameters": parameters}}

    def client(self, who: str) -> httpx.Client:
        return self._stack.enter_context(self._controlplane.client(who))

    def scale(self, client: httpx.Client, replicas: int, **more: Any) -> httpx.Response:
        body = {"spec": {"replicas": replicas}}
        headers = MERGE | more.pop("headers", {})
        return client.patch(f"{self.apps}/scale", json=body, headers=headers, **more)

    def evict(self, client: httpx.Client, **options: Any) -> httpx.Response:
        pod = self._controlplane.ready(self.namespace)[0]
        kind = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod}}
        return client.post(f"{self.core}/{pod}/eviction", json=kind | options)

    def steps(self) -> dict[str, tuple[str | None, str]]:
        """Who did which step, and how well that is shown."""
        self.told += self._watch.poll()
        return {
            event.step: (event.person, event.grade)
            for event in self.told
            if isinstance(event, StepEvidenced)
        }

    def seen(self, kind: type[AnyEvent]) -> list[Any]:
        self.told += self._watch.poll()
        return [event for event in self.told if isinstance(event, kind)]


@pytest.fixture
def scene(controlplane: ControlPlane) -> Iterator[Scene]:
    if controlplane.audit_log is None:
        missing(PART, "the audit log of somebody else's cluster cannot be read")
    with drillable(controlplane) as namespace, ExitStack() as stack:
        controlplane.apply(deployment(replicas=2), namespace=namespace)
        controlplane.wait_ready(namespace, 2)
        yield Scene(controlplane, namespace, stack)


def test_what_the_secondary_does_is_proved(controlplane: ControlPlane, scene: Scene) -> None:
    controlplane.grant("secondary", scene.namespace, *ALL)
    secondary = scene.client("secondary")
    secondary.get(scene.apps).raise_for_status()  # before the page: no step
    scene.watch()
    secondary.get(scene.apps).raise_for_status()
    scene.scale(secondary, 3).raise_for_status()
    now = {RESTARTED: datetime.now(UTC).isoformat(timespec="seconds")}
    body = {"spec": {"template": {"metadata": {"annotations": now}}}}
    secondary.patch(scene.apps, json=body, headers=MERGE).raise_for_status()
    eventually(lambda: controlplane.ready(scene.namespace) != [], 60)
    scene.evict(secondary).raise_for_status()
    proved = ("responder-2", "proved")
    done = {"look": proved, "more": proved, "again": proved, "kill": proved}
    eventually(lambda: scene.steps() == done)
    actions = scene.seen(ActionSeen)
    assert [one.action for one in actions] == ["view", "scale", "restart", "evict"]
    assert {one.object for one in actions} == {f"{scene.namespace}/checkout"}
    assert all(0 < one.precision < 5 for one in actions)


def test_a_release_that_is_rolled_back_is_named_so(
    controlplane: ControlPlane, scene: Scene
) -> None:
    controlplane.grant("secondary", scene.namespace, *ALL, HISTORY)
    newer = deployment(replicas=2, image="registry.example/checkout:1.1")
    controlplane.apply(newer, namespace=scene.namespace)
    history = f"/apis/apps/v1/namespaces/{scene.namespace}/replicasets"
    eventually(lambda: len(controlplane.admin.get(history).json()["items"]) == 2)
    scene.watch()
    kubectl_as(controlplane, "secondary", scene.namespace, "rollout", "undo", "deployment/checkout")
    eventually(lambda: [one.action for one in scene.seen(ActionSeen)][-1:] == ["rollout-undo"])
    assert scene.seen(ActionSeen)[-1].person == "responder-2"


def test_a_pod_that_is_gone_still_tells_whose_it_was(
    controlplane: ControlPlane, scene: Scene
) -> None:
    controlplane.grant("secondary", scene.namespace, *ALL)
    scene.watch()
    secondary = scene.client("secondary")
    pod = controlplane.ready(scene.namespace)[0]
    secondary.delete(f"{scene.core}/{pod}").raise_for_status()
    eventually(lambda: secondary.get(f"{scene.core}/{pod}").status_code == 404, 60)
    eventually(lambda: "kill" in scene.steps())


def test_a_pod_that_is_only_called_alike_is_nobodys(
    controlplane: ControlPlane, scene: Scene
) -> None:
    controlplane.grant("secondary", scene.namespace, *ALL)
    spec = {"containers": [{"name": "a", "image": "registry.example/a:1"}]}
    cart = {**deployment("cart", 1), "kind": "StatefulSet"}
    bare = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "cart-debug"}, "spec": spec}
    controlplane.apply(cart, bare, namespace=scene.namespace)
    controlplane.wait_ready(scene.namespace, 4)
    scene.watch()
    secondary = scene.client("secondary")
    for name in ("cart-debug", "cart-0"):
        path = f"{scene.core}/{name}"
        secondary.delete(path, params={"gracePeriodSeconds": 0}).raise_for_status()
    gone = f"{scene.core}/cart-debug"
    eventually(lambda: controlplane.admin.get(gone).status_code == 404, 60)
    eventually(lambda: len(scene.seen(ActionSeen)) == 2)
    assert [one.object for one in scene.seen(ActionSeen)] == [
        f"{scene.namespace}/cart-debug",
        f"{scene.namespace}/cart",
    ]


def test_what_is_nobodys_act_never_counts(controlplane: ControlPlane, scene: Scene) -> None:
    """Impersonated, dry, failed, refused and others' actions."""
    scene.watch()
    secondary, admin = scene.client("secondary"), controlplane.admin
    assert scene.scale(secondary, 3).status_code == 403
    assert scene.evict(secondary).status_code == 403
    controlplane.grant("secondary", scene.namespace, *ALL)
    in_name_of = {"Impersonate-User": "responder-2"}
    assert scene.scale(admin, 3, headers=in_name_of).status_code == 200
    assert scene.scale(secondary, 3, params={"dryRun": "All"}).status_code == 200
    assert scene.evict(secondary, deleteOptions={"dryRun": ["All"]}).status_code == 201
    assert scene.scale(admin, 3).status_code == 200
    wrong = {"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 3}}
    conflict = secondary.patch(f"{scene.apps}/scale", json=wrong, headers=MERGE)
    assert conflict.status_code == 409
    assert scene.scale(secondary, 4).status_code == 200  # not what the step asks for
    eventually(lambda: scene.seen(ActionSeen)[-1].parameters == {"replicas": 4})
    assert scene.steps() == {}
    assert [(one.action, one.allowed) for one in scene.seen(ActionSeen)] == [
        ("scale", False),
        ("evict", False),
        ("scale", True),
    ]


def test_without_a_log_no_step_is_seen_and_the_reason_is_told_once(scene: Scene) -> None:
    scene.watch(audit_log=None)
    unseen = scene.seen(StepUnseen)
    assert [event.step for event in unseen] == ["look", "more", "again", "kill"]
    assert all("names no audit_log" in event.detail for event in unseen)
    assert len(scene.seen(StepUnseen)) == 4
