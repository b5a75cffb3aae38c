"""A cluster, as one person: what kubectl would ask of it, with their own kubeconfig."""

import contextlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import httpx

from drillmaster.errors import DrillmasterError
from drillmaster.sandbox.responders.settings import Login
from drillmaster.sandbox.steps import Action
from drillmaster.targets.kubernetes.audit.deeds import RESTARTED
from drillmaster.targets.kubernetes.connection.api import KubernetesApi, MissingError, Object
from drillmaster.targets.kubernetes.connection.connecting import connected
from drillmaster.targets.kubernetes.objects.resources import PODS, WORKLOADS
from drillmaster.targets.kubernetes.objects.workloads import is_ready, name_of, pods_of, workload_of

_PATIENCE = 5.0
"""Seconds that a person waits for an answer."""


class ClusterConsole:
    """A cluster, as one person; without a log-in of theirs they do nothing there."""

    def __init__(self, client: httpx.Client, login: Login | None) -> None:
        self._client, self._login = client, login

    def act(self, action: Action) -> None:
        """Do it once. A refusal is no reason to stop, and what has no meaning on a cluster is
        left out."""
        do = _DOING.get(action.action)
        if self._login is None or do is None:
            return
        address = {"kubeconfig": self._login.kubeconfig, "context": self._login.context}
        with contextlib.suppress(DrillmasterError):
            api = connected(address, _PATIENCE)
            with contextlib.closing(api):
                do(api, action)

    def visit(self, url: str) -> None:
        """Open a page."""
        with contextlib.suppress(httpx.HTTPError, httpx.InvalidURL):
            self._client.get(url)


def _view(api: KubernetesApi, action: Action) -> None:
    _of_any_kind(action, api.get)


def _scale(api: KubernetesApi, action: Action) -> None:
    body = {"spec": {"replicas": action.parameters["replicas"]}}
    _of_any_kind(action, lambda path: api.patch(f"{path}/scale", body))


def _restart(api: KubernetesApi, action: Action) -> None:
    annotations = {RESTARTED: datetime.now(UTC).isoformat()}
    body = {"spec": {"template": {"metadata": {"annotations": annotations}}}}
    _of_any_kind(action, lambda path: api.patch(path, body))


def _of_any_kind(action: Action, do: Callable[[str], Object]) -> None:
    """To the workload of this name, of whichever kind it is."""
    for kind in WORKLOADS:
        with contextlib.suppress(MissingError):
            do(kind.path(action.namespace, action.workload))
            return


def _evict(api: KubernetesApi, action: Action) -> None:
    """The pod that is named, or else the oldest that is ready."""
    there = [
        name_of(pod)
        for pod in pods_of(api, action.namespace, {})
        if workload_of(pod) == action.workload and is_ready(pod)
    ]
    for name in [str(action.parameters.get("pod", "")), *there]:
        if name:
            kind = {"apiVersion": "policy/v1", "kind": "Eviction"}
            body = {**kind, "metadata": {"name": name}}
            api.create(PODS.path(action.namespace, name, "eviction"), body)
            return


_DOING: Mapping[str, Callable[[KubernetesApi, Action], None]] = {
    "view": _view,
    "scale": _scale,
    "restart": _restart,
    "evict": _evict,
}
