"""Whose a pod was, by its name alone: what is left to go by once the pod is gone."""

import re

from drillmaster.targets.kubernetes.objects.resources import DEPLOYMENTS, STATEFUL_SETS, Resource

_LETTER = "[bcdfghjklmnpqrstvwxz2456789]"
"""What the cluster makes random names and hashes of."""

_RANDOM = f"{_LETTER}{{5}}"
_HASH = f"{_LETTER}{{6,10}}"


def belongs_to(kind: Resource, workload: str, name: str) -> bool:
    """Whether a pod's name, or that of a ReplicaSet, is made as the workload has them made."""
    if kind == DEPLOYMENTS:
        rest = rf"{_HASH}(-{_RANDOM})?"
    elif kind == STATEFUL_SETS:
        rest = r"\d+"
    else:
        rest = _RANDOM
    return re.fullmatch(rf"{re.escape(workload)}-{rest}", name) is not None
