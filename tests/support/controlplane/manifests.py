"""What tests put on a control plane."""

import base64
from typing import Any


def deployment(
    name: str = "checkout",
    replicas: int = 3,
    *,
    image: str = "registry.example/checkout:1.0",
    annotations: dict[str, str] | None = None,
    **spec: Any,
) -> dict[str, Any]:
    """A Deployment of pods with the label `app`. An image with `does-not-exist` in its name or
    tag, or of a host below `.invalid`, cannot be pulled. Further keys belong to the pods' spec.

    Annotations of the pods say how they behave: `drillmaster.test/start` and `…/stop` (how long
    each takes, such as `2s`), `…/ready: "false"`, `…/restarts: "2"`.
    """
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels, "annotations": annotations or {}},
                "spec": {"containers": [{"name": name, "image": image}], **spec},
            },
        },
    }


def secret(name: str, **values: str) -> dict[str, Any]:
    """A Secret."""
    metadata = {"name": name}
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": encoded}


def with_secret(workload: dict[str, Any], key: str) -> dict[str, Any]:
    """A Deployment whose containers do not start without a key of the Secret of its name."""
    for container in workload["spec"]["template"]["spec"]["containers"]:
        ref = {"name": workload["metadata"]["name"], "key": key}
        container["env"] = [{"name": "READ", "valueFrom": {"secretKeyRef": ref}}]
    return workload


def virtual_service(
    name: str, *routes: dict[str, Any], host: str = "checkout", **spec: Any
) -> dict[str, Any]:
    """A VirtualService of Istio."""
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": name},
        "spec": {"hosts": [host], **({"http": list(routes)} if routes else {}), **spec},
    }


def job(name: str, **spec: Any) -> dict[str, Any]:
    """A Job of one pod with the label `app` that is given up when that is killed. Further keys
    belong to the pod's spec."""
    template = deployment(name, 1, restartPolicy="Never", **spec)["spec"]["template"]
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"backoffLimit": 0, "template": template},
    }


def on_node(node: str) -> dict[str, Any]:
    """The part of a pod's spec that brings it to a node of a test's own."""
    return {
        "nodeSelector": {"kubernetes.io/hostname": node},
        "tolerations": [{"key": "drillmaster.test/own", "operator": "Equal", "value": node}],
    }


VIRTUAL_SERVICES: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "virtualservices.networking.istio.io"},
    "spec": {
        "group": "networking.istio.io",
        "scope": "Namespaced",
        "names": {
            "kind": "VirtualService",
            "listKind": "VirtualServiceList",
            "plural": "virtualservices",
            "singular": "virtualservice",
            "shortNames": ["vs"],
        },
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            part: {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
                            for part in ("spec", "status")
                        },
                    }
                },
                "subresources": {"status": {}},
            }
        ],
    },
}
"""Just enough of Istio's kind that objects of it can be stored."""
