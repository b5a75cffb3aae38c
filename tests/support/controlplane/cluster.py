"""A control plane as tests use it: people, namespaces, manifests, permissions, the audit log."""

import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.support.controlplane.identity import Identity, certified
from tests.support.controlplane.keeper import Keeper
from tests.support.controlplane.manifests import VIRTUAL_SERVICES

PEOPLE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "primary": ("responder-1", ("on-call",)),
    "secondary": ("responder-2", ("on-call",)),
    "ci": ("drillmaster-ci", ("drillmaster",)),
    "nobody": ("nobody", ()),
}
"""User and groups of each person. None may do anything before a test grants it."""

Rule = Mapping[str, Sequence[str]]
"""A rule of RBAC: `apiGroups`, `resources`, `verbs`, and perhaps `resourceNames`."""


class ControlPlane:
    """A Kubernetes API server, with all that makes pods run or seem to."""

    def __init__(self, admin: Identity, folder: Path, audit_log: Path | None) -> None:
        self.server = admin.server
        self.ca = admin.ca
        self.audit_log = audit_log
        """The audit log, a record a line; None where the server is somebody else's."""
        self.admin = admin.client()
        """A connection as an administrator."""
        self._folder = folder
        self._people = dict(PEOPLE)
        self._identities = {"admin": admin}
        self._paths: dict[tuple[str, str], tuple[str, bool]] = {}

    # People

    def add_person(self, groups: Iterable[str] = ()) -> str:
        """Somebody new, whom no other test knows: grants for a whole cluster are theirs alone."""
        user = f"person-{secrets.token_hex(4)}"
        self._people[user] = (user, tuple(groups))
        return user

    def user(self, who: str) -> str:
        """What the API calls a person."""
        return "admin" if who == "admin" else self._people[who][0]

    def context(self, who: str) -> str:
        """The one context of a person's kubeconfig file."""
        return f"drill-test-{who}"

    def kubeconfig(self, who: str) -> Path:
        """A kubeconfig file: of `admin`, or of one of the people."""
        path = self._folder / f"{who}.kubeconfig"
        if not path.exists():
            self._identity(who).write(path, self.context(who))
        return path

    def client(self, who: str) -> httpx.Client:
        """A new connection as a person."""
        return self._identity(who).client()

    def _identity(self, who: str) -> Identity:
        if who not in self._identities:
            user, groups = self._people[who]
            self._identities[who] = certified(self._identities["admin"], user, groups, self._folder)
        return self._identities[who]

    # Permissions

    def grant(self, who: str, namespace: str, *rules: Rule) -> str:
        """Let a person do something in a namespace. Returns what `revoke` takes."""
        name = f"grant-{secrets.token_hex(4)}"
        self._bind(who, name, "Role", rules, namespace)
        return name

    def revoke(self, namespace: str, grant: str) -> None:
        """Take back what was granted in a namespace."""
        rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
        self.admin.delete(f"{rbac}/rolebindings/{grant}").raise_for_status()

    @contextmanager
    def grant_everywhere(self, who: str, *rules: Rule) -> Iterator[None]:
        """Let a person do something in the whole cluster, for the block. On a shared control
        plane other tests have the same `PEOPLE`: take one of `add_person`."""
        name = f"grant-{secrets.token_hex(4)}"
        self._bind(who, name, "ClusterRole", rules, None)
        try:
            yield
        finally:
            rbac = "/apis/rbac.authorization.k8s.io/v1"
            self._forget(f"{rbac}/clusterrolebindings/{name}", f"{rbac}/clusterroles/{name}")

    def _bind(
        self, who: str, name: str, kind: str, rules: Sequence[Rule], namespace: str | None
    ) -> None:
        group = "rbac.authorization.k8s.io"
        head = {"apiVersion": f"{group}/v1", "metadata": {"name": name}}
        person = {"kind": "User", "apiGroup": group, "name": self.user(who)}
        role = {"kind": kind, "apiGroup": group, "name": name}
        binding = {**head, "kind": f"{kind}Binding", "subjects": [person], "roleRef": role}
        self.apply({**head, "kind": kind, "rules": rules}, binding, namespace=namespace)
        until(lambda: self._holds(who, rules[0], namespace))

    def _holds(self, who: str, rule: Rule, namespace: str | None) -> bool:
        """Whether the authoriser has heard of a rule; it does within some milliseconds."""
        resource, _, subresource = rule["resources"][0].partition("/")
        attributes = {
            "verb": rule["verbs"][0],
            "group": rule["apiGroups"][0],
            "resource": resource,
            "subresource": subresource,
            "namespace": namespace or "",
            "name": next(iter(rule.get("resourceNames", [])), ""),
        }
        review = self.admin.post(
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            json={
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SubjectAccessReview",
                "spec": {"user": self.user(who), "resourceAttributes": attributes},
            },
        ).raise_for_status()
        allowed: bool = review.json()["status"]["allowed"]
        return allowed

    # Objects

    @contextmanager
    def namespace(
        self,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
        prefix: str = "shop",
    ) -> Iterator[str]:
        """A new namespace for the block, in which pods can be made. Its name."""
        name = f"{prefix}-{secrets.token_hex(4)}"
        metadata = {"name": name, "labels": labels or {}, "annotations": annotations or {}}
        self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        account = f"/api/v1/namespaces/{name}/serviceaccounts/default"
        until(lambda: self.admin.get(account).is_success)
        try:
            yield name
        finally:
            self._forget(f"/api/v1/namespaces/{name}")

    def apply(
        self, *manifests: str | Mapping[str, Any], namespace: str | None = None
    ) -> list[dict[str, Any]]:
        """Apply manifests (YAML with any number of objects, or objects) as the administrator, as
        `kubectl apply --server-side` does. Returns what the API made of them."""
        return [self._apply(one, namespace) for one in _objects(manifests)]

    def _apply(self, manifest: Mapping[str, Any], namespace: str | None) -> dict[str, Any]:
        metadata = manifest["metadata"]
        path = self.path(
            manifest["apiVersion"], manifest["kind"], metadata.get("namespace", namespace)
        )
        answer = self.admin.patch(
            f"{path}/{metadata['name']}",
            params={"fieldManager": "drill-test", "force": "true"},
            headers={"Content-Type": "application/apply-patch+yaml"},
            content=json.dumps(manifest),
        )
        assert answer.is_success, answer.text
        applied: dict[str, Any] = answer.json()
        return applied

    def install_virtual_services(self) -> None:
        """Let Istio's VirtualServices be stored; there is no mesh that would obey them."""
        self.apply(VIRTUAL_SERVICES)
        until(lambda: self.admin.get("/apis/networking.istio.io/v1/virtualservices").is_success)

    @contextmanager
    def node(self, labels: Mapping[str, str] | None = None) -> Iterator[str]:
        """A new node for the block, on which only those pods run that ask for it with
        `nodeName`, or with what `on_node` gives. Its name."""
        name = f"node-{secrets.token_hex(4)}"
        own = {"drillmaster.test/fake": "true", "kubernetes.io/hostname": name}
        taint = {"key": "drillmaster.test/own", "value": name, "effect": "NoSchedule"}
        metadata = {"name": name, "labels": {**own, **(labels or {})}}
        node = {"apiVersion": "v1", "kind": "Node", "metadata": metadata}
        self.apply({**node, "spec": {"taints": [taint]}})
        until(lambda: _is_ready(self.admin.get(f"/api/v1/nodes/{name}").json()))
        try:
            yield name
        finally:
            self._forget(f"/api/v1/nodes/{name}")

    def path(self, version: str, kind: str, namespace: str | None = None) -> str:
        """The path of a kind's list, such as of `apps/v1` and `Deployment`."""
        root = f"/api/{version}" if "/" not in version else f"/apis/{version}"
        if (version, kind) not in self._paths:
            for resource in self.admin.get(root).raise_for_status().json()["resources"]:
                if "/" not in resource["name"]:
                    place = (resource["name"], resource["namespaced"])
                    self._paths[version, resource["kind"]] = place
        plural, namespaced = self._paths[version, kind]
        return f"{root}/namespaces/{namespace}/{plural}" if namespaced else f"{root}/{plural}"

    def pods(self, namespace: str, selector: str = "") -> list[dict[str, Any]]:
        """The pods of a namespace, those that are about to go among them."""
        answer = self.admin.get(
            f"/api/v1/namespaces/{namespace}/pods", params={"labelSelector": selector}
        ).raise_for_status()
        pods: list[dict[str, Any]] = answer.json()["items"]
        return pods

    def ready(self, namespace: str, selector: str = "") -> list[str]:
        """The names of the pods that are Ready and stay."""
        return [
            pod["metadata"]["name"]
            for pod in self.pods(namespace, selector)
            if "deletionTimestamp" not in pod["metadata"] and _is_ready(pod)
        ]

    def wait_ready(self, namespace: str, count: int, selector: str = "") -> list[str]:
        """Wait until exactly so many pods are Ready. Their names."""
        until(lambda: len(self.ready(namespace, selector)) == count)
        return self.ready(namespace, selector)

    def audited(self, who: str) -> list[dict[str, Any]]:
        """The records of what a person did, from the audit log."""
        assert self.audit_log is not None, "this API server's audit log is not ours"
        records = map(json.loads, self.audit_log.read_text(encoding="utf-8").splitlines())
        return [one for one in records if one["user"]["username"] == self.user(who)]

    def close(self) -> None:
        """End the administrator's connection."""
        self.admin.close()

    def _forget(self, *paths: str) -> None:
        """Delete what nobody needs any more. Where the API is away, so is the control plane."""
        with suppress(httpx.TransportError):
            for path in paths:
                self.admin.delete(path)


class OwnControlPlane(ControlPlane):
    """A control plane of one test, which may take its API away.

    The controllers and the kubelet end with the API and come back with it.
    """

    def __init__(self, admin: Identity, folder: Path, keeper: Keeper) -> None:
        super().__init__(admin, folder, Path(keeper.news["audit"]))
        self._keeper = keeper
        self.keeper = int(keeper.news["keeper"])
        """The process that is the parent of all parts."""

    def stop_api(self) -> None:
        """Kill the API server. Connections are refused from now on."""
        self._keeper.order("stop-api")

    def start_api(self) -> None:
        """Start it again, on the same port. Returns when it is ready."""
        self._keeper.order("start-api")

    def pause(self) -> None:
        """Let the API server hang: connections are accepted by the kernel, and not answered."""
        self._keeper.order("pause-api")

    def resume(self) -> None:
        """Let it go on."""
        self._keeper.order("resume-api")


def until(holds: Callable[[], object], timeout: float = 60.0) -> None:
    """Wait until something holds, with a deadline, in seconds."""
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline, f"did not come in {timeout:.0f} s"
        time.sleep(0.02)


def _objects(manifests: Iterable[str | Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for manifest in manifests:
        if isinstance(manifest, str):
            yield from (one for one in yaml.safe_load_all(manifest) if one)
        else:
            yield manifest


def _is_ready(pod: Mapping[str, Any]) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
