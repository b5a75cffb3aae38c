"""What the identity in use may do itself."""

from drillmaster.targets.kubernetes.connection.api import KubernetesApi
from drillmaster.targets.kubernetes.objects.resources import Resource


def may(api: KubernetesApi, verb: str, resource: Resource, namespace: str | None) -> bool:
    """Whether the authorisers let us do something to a kind of object, by a review."""
    attributes = {"verb": verb, "group": resource.group, "resource": resource.plural}
    if namespace is not None:
        attributes["namespace"] = namespace
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    return bool(api.create(path, review)["status"].get("allowed"))
