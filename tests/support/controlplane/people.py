"""People on a control plane: who they are, what they may do."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.support.controlplane.api import Api
from tests.support.controlplane.identity import Identity, certified
from tests.support.sandbox import eventually

PEOPLE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "primary": ("responder-1", ("on-call",)),
    "secondary": ("responder-2", ("on-call",)),
    "ci": ("drillmaster-ci", ("drillmaster",)),
    "nobody": ("nobody", ()),
}
"""User and groups of each person. None may do anything before a test grants it."""

Rule = Mapping[str, Sequence[str]]
"""A rule of RBAC: `apiGroups`, `resources`, `verbs`, and perhaps `resourceNames`."""


class People(Api):
    """An API server with people. Their files go to a folder."""

    def __init__(self, admin: Identity, folder: Path) -> None:
        super().__init__(admin)
        self._folder = folder
        self._people = dict(PEOPLE)
        self._identities = {"admin": admin}

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
    def grant_everywhere(self, who: str, *rules: Rule) -> Iterator[str]:
        """Let a person do something in the whole cluster, for the block, by the ClusterRole of
        the name that it gives. On a shared control plane other tests have the same `PEOPLE`: take
        one of `add_person`."""
        name = f"grant-{secrets.token_hex(4)}"
        self._bind(who, name, "ClusterRole", rules, None)
        try:
            yield name
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
        eventually(lambda: self._holds(who, rules[0], namespace), 60)

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
