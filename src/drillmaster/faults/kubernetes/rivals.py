"""Controllers that may take a change of an object back by themselves."""

from collections.abc import Iterator, Mapping
from typing import Any

from drillmaster.faults.kubernetes.owners import Workload
from drillmaster.targets.kubernetes.connection.api import (
    ForbiddenError,
    KubernetesApi,
    MissingError,
    Object,
)
from drillmaster.targets.kubernetes.objects.resources import AUTOSCALERS
from drillmaster.targets.kubernetes.objects.workloads import name_of, owner_of

_KEEPERS: Mapping[str, tuple[str, ...]] = {
    "Argo CD": ("argocd.argoproj.io/tracking-id", "argocd.argoproj.io/instance"),
    "Flux": ("kustomize.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/name"),
    "cert-manager": ("cert-manager.io/certificate-name",),
}
"""Labels and annotations by which a controller knows what it keeps."""


def rivals_of(
    api: KubernetesApi, namespace: str, workloads: list[Workload], *, scaled: bool
) -> Iterator[str]:
    """Who may take back what is changed, in words; autoscalers only where it is scaled."""
    autoscalers = _autoscalers(api, namespace) if scaled else []
    for workload in workloads:
        for autoscaler in autoscalers:
            if _scales(autoscaler["spec"]["scaleTargetRef"], workload):
                named = f"HorizontalPodAutoscaler {name_of(autoscaler)}"
                yield f"{named} scales {workload.called}, and may undo the fault"
        yield from keepers_of(workload.thing, workload.called)


def keepers_of(thing: Object, called: str) -> Iterator[str]:
    """Who keeps an object as it is, by what the object says, in words: its owner too."""
    metadata = thing["metadata"]
    told = {*(metadata.get("labels") or {}), *(metadata.get("annotations") or {})}
    keepers = [controller for controller, keys in _KEEPERS.items() if told & set(keys)]
    if owner := owner_of(thing):
        keepers.append(f"{owner['kind']} {owner['name']}")
    for keeper in keepers:
        yield f"{keeper} keeps {called} as it is, and may undo the fault"


def _autoscalers(api: KubernetesApi, namespace: str) -> list[Object]:
    try:
        return api.items(AUTOSCALERS.path(namespace))
    except (ForbiddenError, MissingError):
        return []  # it is advice: an identity that may not look does without


def _scales(target: Mapping[str, Any], workload: Workload) -> bool:
    return (target.get("kind"), target.get("name")) == (workload.resource.kind, workload.name)
