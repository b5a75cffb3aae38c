"""Controllers that may take a change of a workload back by themselves."""

from collections.abc import Iterator, Mapping
from typing import Any

from drillmaster.faults.kubernetes.owners import Workload
from drillmaster.targets.kubernetes.api import ForbiddenError, KubernetesApi, MissingError, Object
from drillmaster.targets.kubernetes.resources import AUTOSCALERS
from drillmaster.targets.kubernetes.workloads import name_of

_GITOPS: Mapping[str, tuple[str, ...]] = {
    "Argo CD": ("argocd.argoproj.io/tracking-id", "argocd.argoproj.io/instance"),
    "Flux": ("kustomize.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/name"),
}
"""Labels and annotations by which a GitOps controller knows what it keeps."""


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
        metadata = workload.thing["metadata"]
        told = {*(metadata.get("labels") or {}), *(metadata.get("annotations") or {})}
        for controller, keys in _GITOPS.items():
            if told & set(keys):
                yield f"{controller} keeps {workload.called} as it is, and may undo the fault"


def _autoscalers(api: KubernetesApi, namespace: str) -> list[Object]:
    try:
        return api.items(AUTOSCALERS.path(namespace))
    except (ForbiddenError, MissingError):
        return []  # it is advice: an identity that may not look does without


def _scales(target: Mapping[str, Any], workload: Workload) -> bool:
    return (target.get("kind"), target.get("name")) == (workload.resource.kind, workload.name)
