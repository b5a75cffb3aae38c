"""Which action of a person a request is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from drillmaster.targets.kubernetes.objects.resources import WORKLOADS

CHANGE: Final = "change"
"""A change of a workload that is none of the actions that have a name."""

RESTARTED: Final = "kubectl.kubernetes.io/restartedAt"
"""The annotation with which pods are replaced: what `kubectl rollout restart` writes."""

ROLLOUT_UNDO: Final = "rollout-undo"
"""An earlier template of the pods that is written over the present one as a whole, as
`kubectl rollout undo` does it."""

_BODILESS: Final = "the audit log does not hold the bodies of such requests"

_OF_NOW: Final = timedelta(minutes=1)
"""How far the clock of whoever restarts may be off the API server's."""

_KINDS: Final = {(kind.group, kind.plural) for kind in WORKLOADS}

_NAMING: Final = frozenset({"name", "namespace", "uid", "resourceVersion"})
_HEAD: Final = frozenset({"apiVersion", "kind", "metadata"})
"""What says of which object a body is, and changes nothing."""

_WRITING: Final = ("patch", "update")


@dataclass(frozen=True, slots=True)
class Request:
    """A request, as the audit log has it."""

    verb: str
    group: str
    resource: str
    subresource: str
    body: Any
    has_body: bool
    """The log keeps the bodies of such requests, if they had one."""
    at: datetime
    """When it came."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What a request did."""

    action: str
    of_pod: bool = False
    """It was done to a pod of the workload."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    doubt: str | None = None
    """Why it cannot be known what was done, or whether it was."""


def deed_of(request: Request) -> Deed | None:
    """The action; None for a request that is none on a workload, or was a dry run."""
    if (request.group, request.resource) == ("", "pods"):
        return _of_pod(request)
    if (request.group, request.resource) in _KINDS:
        return _of_workload(request)
    return None


def _of_pod(request: Request) -> Deed | None:
    what = request.verb, request.subresource
    if what in {("get", ""), ("get", "log"), ("get", "status")}:
        return Deed("view", of_pod=True)
    if what not in {("create", "eviction"), ("delete", "")}:
        return None
    if not request.has_body:  # a dry run may be said in the body alone
        return Deed("evict", of_pod=True, doubt=f"{_BODILESS}, so it may have been a dry run")
    return None if _is_dry(request.body) else Deed("evict", of_pod=True)


def _is_dry(body: Any) -> bool:
    if not isinstance(body, dict):
        return False
    options = body.get("deleteOptions")
    return bool(body.get("dryRun")) or (isinstance(options, dict) and bool(options.get("dryRun")))


def _of_workload(request: Request) -> Deed | None:
    if request.verb == "get" and request.subresource in ("", "scale", "status"):
        return Deed("view")
    if request.verb == "delete" and not request.subresource:
        return Deed(CHANGE)
    if request.verb not in _WRITING:
        return None
    if request.subresource == "scale":
        replicas = _at(request.body, "spec", "replicas")
        if isinstance(replicas, int) and not isinstance(replicas, bool):
            return Deed("scale", parameters={"replicas": replicas})
        return Deed("scale", doubt=f"{_BODILESS}, so the number of replicas is not known")
    return None if request.subresource else _of_change(request)


def _of_change(request: Request) -> Deed:
    """A patch says what it changes. A whole object that was written does not."""
    body = request.body
    if request.verb == "patch" and _takes_back(body):
        return Deed(ROLLOUT_UNDO)
    if request.verb == "patch" and isinstance(body, dict):
        if _restarts(body):
            return Deed("restart", doubt=_no_restart(request))
        replicas = _at(body, "spec", "replicas")
        if isinstance(replicas, int) and set(body["spec"]) == {"replicas"}:
            return Deed("scale", parameters={"replicas": replicas})
    if not request.has_body:
        return Deed(CHANGE, doubt=f"{_BODILESS}, so what was changed is not known")
    return Deed(CHANGE)


def _restarts(body: Mapping[str, Any]) -> bool:
    """Whether it sets the annotation and nothing else. A manifest that is applied as a whole bears
    the annotation of an earlier restart, too."""
    annotations = _at(body, "spec", "template", "metadata", "annotations")
    if not isinstance(annotations, dict) or set(annotations) != {RESTARTED}:
        return False
    alone = {"spec": {"template": {"metadata": {"annotations": annotations}}}}
    head = body.get("metadata")
    named = head is None or (isinstance(head, dict) and set(head) <= _NAMING)
    return named and {key: body[key] for key in body if key not in _HEAD} == alone


def _no_restart(request: Request) -> str | None:
    """Why the annotation may have been there already, so that nothing was restarted."""
    value = _at(request.body, "spec", "template", "metadata", "annotations", RESTARTED)
    try:
        apart = abs(datetime.fromisoformat(value) - request.at)
    except (TypeError, ValueError):  # no time, or none with a zone
        return f"{RESTARTED} holds no time, so nothing may have been restarted"
    if apart > _OF_NOW:
        return f"{RESTARTED} is of another time, so nothing may have been restarted"
    return None


def _takes_back(body: Any) -> bool:
    """For a Deployment it is a JSON patch of the template and the annotations; for the others a
    strategic one that replaces the template."""
    if not isinstance(body, list):
        return bool(_at(body, "spec", "template", "$patch") == "replace")
    replaced = [(_at(step, "op"), _at(step, "path")) for step in body]
    return replaced == [("replace", "/spec/template"), ("replace", "/metadata/annotations")]


def _at(body: Any, *path: str) -> Any:
    for key in path:
        if not isinstance(body, dict):
            return None
        body = body.get(key)
    return body
