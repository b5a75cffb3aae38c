"""The control plane that tests have: it behaves as a cluster does."""

import subprocess

import pytest

from tests.support.controlplane import PART, ControlPlane
from tests.support.controlplane.keeper import KUBECTL
from tests.support.controlplane.manifests import deployment, on_node
from tests.support.require import missing
from tests.support.sandbox import eventually

EVICT = {"apiGroups": [""], "resources": ["pods/eviction"], "verbs": ["create"]}
LOOK = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}


def test_pods_of_a_deployment_become_ready_and_are_replaced(controlplane: ControlPlane) -> None:
    with controlplane.namespace() as shop:
        controlplane.apply(deployment(replicas=3), namespace=shop)
        before = controlplane.wait_ready(shop, 3)
        controlplane.admin.delete(f"/api/v1/namespaces/{shop}/pods/{before[0]}").raise_for_status()
        eventually(
            lambda: before[0] not in [pod["metadata"]["name"] for pod in controlplane.pods(shop)],
            60,
        )
        after = controlplane.wait_ready(shop, 3)
    assert len(set(after) & set(before)) == 2


@pytest.mark.parametrize("image", ["checkout:does-not-exist", "registry.invalid:5000/checkout:2"])
def test_an_image_that_cannot_be_pulled_shows_as_it_would(
    controlplane: ControlPlane, image: str
) -> None:
    with controlplane.namespace() as shop:
        controlplane.apply(deployment(replicas=2), namespace=shop)
        controlplane.wait_ready(shop, 2)
        controlplane.apply(deployment(replicas=2, image=image), namespace=shop)
        eventually(lambda: "ImagePullBackOff" in waiting(controlplane, shop), 60)
        assert len(controlplane.ready(shop)) == 2  # the rollout is stuck, and the old pods stay


def test_a_key_that_is_missing_keeps_new_pods_from_starting(controlplane: ControlPlane) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}}
    needing = deployment(replicas=1)
    container = needing["spec"]["template"]["spec"]["containers"][0]
    source = {"configMapKeyRef": {"name": "settings", "key": "url"}}
    container["env"] = [{"name": "URL", "valueFrom": source}]
    with controlplane.namespace() as shop:
        controlplane.apply({**config, "data": {}}, needing, namespace=shop)
        eventually(lambda: "CreateContainerConfigError" in waiting(controlplane, shop), 60)
        controlplane.apply({**config, "data": {"url": "http://x"}}, namespace=shop)
        controlplane.wait_ready(shop, 1)


def test_a_restart_shows_as_it_would(controlplane: ControlPlane) -> None:
    with controlplane.namespace() as shop:
        controlplane.apply(deployment(replicas=1), namespace=shop)
        [name] = controlplane.wait_ready(shop, 1)
        path = f"/api/v1/namespaces/{shop}/pods/{name}"
        controlplane.merge(path, {"metadata": {"annotations": {"drillmaster.test/restarts": "1"}}})

        def container() -> dict[str, object]:
            status: dict[str, object] = controlplane.pods(shop)[0]["status"]["containerStatuses"][0]
            return status

        eventually(lambda: container()["restartCount"] == 1, 60)
        assert container()["lastState"]
        assert controlplane.ready(shop) == [name]


def test_a_person_may_do_what_was_granted_and_the_log_says_so(controlplane: ControlPlane) -> None:
    with controlplane.namespace() as shop, controlplane.client("secondary") as secondary:
        controlplane.apply(deployment(replicas=1), namespace=shop)
        [name] = controlplane.wait_ready(shop, 1)
        path = f"/api/v1/namespaces/{shop}/pods/{name}"
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
        assert secondary.post(f"{path}/eviction", json=eviction).status_code == 403
        grant = controlplane.grant("secondary", shop, EVICT, LOOK)
        assert secondary.post(f"{path}/eviction", json=eviction).status_code == 201
        controlplane.revoke(shop, grant)
        eventually(lambda: secondary.get(path).status_code == 403, 60)
        codes = [
            record["responseStatus"]["code"]
            for record in controlplane.audited("secondary")
            if record["objectRef"].get("namespace") == shop
            and record["objectRef"].get("subresource") == "eviction"
        ]
        assert codes == [403, 201]


def test_everyone_is_whom_their_kubeconfig_says(controlplane: ControlPlane) -> None:
    if not KUBECTL.exists():
        missing(PART, "kubectl is not built (make controlplane)")
    for who, user in (("ci", "drillmaster-ci"), ("primary", "responder-1"), ("nobody", "nobody")):
        said = subprocess.run(
            [KUBECTL, "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"],
            env={"KUBECONFIG": str(controlplane.kubeconfig(who)), "HOME": "/nonexistent"},
            check=True,
            capture_output=True,
            text=True,
        )
        assert said.stdout == user


def test_a_person_of_a_tests_own_may_do_something_everywhere(controlplane: ControlPlane) -> None:
    who = controlplane.add_person(groups=["on-call"])
    nodes = {"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]}
    with controlplane.client(who) as client:
        assert client.get("/api/v1/nodes").status_code == 403
        with controlplane.grant_everywhere(who, nodes):
            assert client.get("/api/v1/nodes").status_code == 200
        eventually(lambda: client.get("/api/v1/nodes").status_code == 403, 60)


def test_a_node_of_a_tests_own_takes_its_pods_alone(controlplane: ControlPlane) -> None:
    cluster = controlplane
    with cluster.namespace() as shop, cluster.node() as node:
        elsewhere = deployment("elsewhere", replicas=2)
        cluster.apply(deployment(replicas=2, **on_node(node)), elsewhere, namespace=shop)
        cluster.wait_ready(shop, 4)
        there = [
            pod["metadata"]["labels"]["app"]
            for pod in cluster.pods(shop)
            if pod["spec"]["nodeName"] == node
        ]
    assert there == ["checkout", "checkout"]


def test_virtual_services_can_be_stored(controlplane: ControlPlane) -> None:
    controlplane.install_virtual_services()
    spec = {"hosts": ["checkout"], "http": [{"fault": {"abort": {"httpStatus": 429}}}]}
    kind = {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService"}
    with controlplane.namespace() as shop:
        manifest = {**kind, "metadata": {"name": "checkout"}, "spec": spec}
        [stored] = controlplane.apply(manifest, namespace=shop)
    assert stored["spec"] == spec


def waiting(cluster: ControlPlane, namespace: str) -> list[str]:
    """Why containers do not start."""
    return [
        container["state"]["waiting"]["reason"]
        for pod in cluster.pods(namespace)
        for container in pod["status"].get("containerStatuses", [])
        if "waiting" in container["state"]
    ]
