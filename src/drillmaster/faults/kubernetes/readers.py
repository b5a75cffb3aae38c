"""Which pods read a key of a Secret or ConfigMap, as far as their own specs say."""

from collections.abc import Iterator
from typing import Any

from drillmaster.targets.kubernetes.connection.api import Object
from drillmaster.targets.kubernetes.objects.resources import SECRETS, Resource


def reads(pod: Object, resource: Resource, name: str, key: str) -> bool:
    """Whether a pod has a key in its environment or in a volume."""
    return any(
        found == name and (keys is None or key in keys)
        for found, keys in (*_environment(pod, resource), *_volumes(pod, resource))
    )


def _environment(pod: Object, resource: Resource) -> Iterator[tuple[str, list[str] | None]]:
    """Objects, and which of their keys; None for all."""
    one, all_ = ("secretKeyRef", "secretRef"), ("configMapKeyRef", "configMapRef")
    single, whole = one if resource is SECRETS else all_
    for container in _containers(pod):
        for variable in container.get("env") or []:
            if ref := (variable.get("valueFrom") or {}).get(single):
                yield ref.get("name", ""), [ref["key"]]
        for source in container.get("envFrom") or []:
            if ref := source.get(whole):
                yield ref.get("name", ""), None


def _volumes(pod: Object, resource: Resource) -> Iterator[tuple[str, list[str] | None]]:
    field, named = ("secret", "secretName") if resource is SECRETS else ("configMap", "name")
    for volume in pod["spec"].get("volumes") or []:
        if source := volume.get(field):
            yield source.get(named, ""), _items(source)
        for part in (volume.get("projected") or {}).get("sources") or []:
            if source := part.get(field):
                yield source.get("name", ""), _items(source)


def _containers(pod: Object) -> Iterator[dict[str, Any]]:
    for field in ("initContainers", "containers"):
        yield from pod["spec"].get(field) or []


def _items(source: dict[str, Any]) -> list[str] | None:
    items: list[dict[str, str]] = source.get("items") or []
    return [item["key"] for item in items] or None
