"""Which program wrote a field, by the `managedFields` that the API server keeps."""

import json
from typing import Any

from drillmaster.targets.kubernetes.connection.api import US, Object
from drillmaster.targets.kubernetes.writing.fields import Path

_CONTROLLERS = {
    *("kube-controller-manager", "cluster-autoscaler", "keda", "vpa-updater"),
    *("argocd-controller", "argocd-application-controller"),
    *("kustomize-controller", "helm-controller", "flux"),
}
"""Programs that write without being told to by a person, by the names that they give."""


def is_controller(writer: str) -> bool:
    """Whether a program is known to write by itself."""
    return writer in _CONTROLLERS


def writer_of(thing: Object, path: Path) -> str | None:
    """The program that wrote what is at a path last; None where only we did, or nobody knows."""
    entries = [
        entry
        for entry in thing["metadata"].get("managedFields") or []
        if entry.get("manager") != US and _has(entry.get("fieldsV1") or {}, path)
    ]
    last = max(entries, key=lambda entry: entry.get("time", ""), default=None)
    return str(last["manager"]) if last and last.get("manager") else None


def is_written_by_us(thing: Object) -> bool:
    """Whether we wrote a field of an object, and still own it."""
    return any(entry.get("manager") == US for entry in thing["metadata"].get("managedFields") or [])


def disown(thing: Object) -> None:
    """Let us own no field of an object any more. Else whoever applies it from a manifest next
    would be told of a conflict with us."""
    metadata = thing["metadata"]
    entries = metadata.get("managedFields") or []
    metadata["managedFields"] = [entry for entry in entries if entry.get("manager") != US]


def _has(fields: dict[str, Any], path: Path) -> bool:
    """Whether a set of fields has a path, or something above it as a whole."""
    for key in path:
        inner = fields.get(f"f:{key}")
        if key.startswith("["):
            name, _, value = key[1:-1].partition("=")
            inner = fields.get("k:" + json.dumps({name: value}, separators=(",", ":")))
        if inner is None:
            return False
        if not inner:
            return True
        fields = inner
    return True
