"""Which resources a cluster has: the authorisers deny what does not exist as plainly as what is
not allowed, so a mistyped name would look like a missing permission."""

from typing import Any

from drillmaster.definitions.errors import did_you_mean
from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import KubernetesApi, MissingError
from drillmaster.targets.kubernetes.objects.resources import Resource
from drillmaster.targets.kubernetes.rights.questions import Question

_Known = dict[str, dict[str, Any]]


class Discovery:
    """The resources of one cluster. A group that was found is remembered."""

    def __init__(self, api: KubernetesApi) -> None:
        self._api = api
        self._groups: dict[str, tuple[str, _Known]] = {}

    def resource(self, question: Question) -> Resource:
        """The resource that a question is about.

        Raises:
            DeclinedError: the cluster has no such group, resource or part of one, it does not
                know the verb for it, or it is in no namespace and the question names one.
        """
        version, known = self._group(question.group)
        found = known.get(question.path)
        if found is None:
            near = did_you_mean(question.path, known)
            group = f" of the group {question.group}" if question.group else ""
            what = f"the cluster has no resource {question.path}{group}"
            raise DeclinedError(f"{what}; {near}" if near else what)
        if question.verb not in found["verbs"]:
            raise DeclinedError(
                f"{question.path} does not know the verb {question.verb}, "
                f"but {', '.join(found['verbs'])}"
            )
        if question.namespace and not found["namespaced"]:
            raise DeclinedError(f"{question.path} are in no namespace; leave it out")
        return Resource(question.resource, version, found["kind"], found["namespaced"])

    def _group(self, group: str) -> tuple[str, _Known]:
        if group not in self._groups:
            self._groups[group] = self._read(group)
        return self._groups[group]

    def _read(self, group: str) -> tuple[str, _Known]:
        try:
            version = "v1"
            if group:
                version = self._api.get(f"/apis/{group}")["preferredVersion"]["groupVersion"]
            root = f"/apis/{version}" if group else f"/api/{version}"
            resources = self._api.get(root)["resources"]
        except MissingError:
            raise DeclinedError(f"the cluster has no API group {group}") from None
        return version, {one["name"]: one for one in resources}
