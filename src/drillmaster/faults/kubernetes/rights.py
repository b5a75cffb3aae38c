"""What a fault must be allowed, as questions to the authorisers."""

from drillmaster.targets.kubernetes.objects.resources import Resource
from drillmaster.targets.kubernetes.rights.questions import Question


def rights(
    verbs: str, resource: Resource, namespace: str | None, *, part: str = "", name: str = ""
) -> list[Question]:
    """Verbs, as `get list`, on a kind of object in a namespace, on a part of it (as `eviction`)
    or on one object alone."""
    return [
        Question(verb, resource.plural, resource.group, part, namespace or "", name)
        for verb in verbs.split()
    ]
