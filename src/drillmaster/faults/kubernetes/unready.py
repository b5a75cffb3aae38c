"""Pods that became unready after a network policy: the effect that a cluster itself shows."""

from collections.abc import Iterable
from datetime import datetime

from drillmaster.targets.kubernetes.connection.api import Object
from drillmaster.targets.kubernetes.objects.workloads import is_ready, name_of


def unready_since(policy: Object, pods: Iterable[Object]) -> str | None:
    """The pods that were there before a policy and became unready after it, in words; None while
    one of them is still ready. A policy cuts all of them off, and what makes one unready alone is
    something else.

    The API has whole seconds: what happened in the second of the policy may have come before it.
    A younger pod may be unready because it only starts, and one that was unready before shows
    nothing.
    """
    made = _time(policy["metadata"]["creationTimestamp"])
    before = [pod for pod in pods if _time(pod["metadata"]["creationTimestamp"]) <= made]
    found = [name_of(pod) for pod in before if _unready_after(pod, made)]
    if not found or any(map(is_ready, before)):
        return None
    return f"unready since: {', '.join(found)}"


def _unready_after(pod: Object, made: datetime) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(
        one["type"] == "Ready"
        and one["status"] == "False"
        and _time(one.get("lastTransitionTime") or "1970-01-01T00:00:00Z") > made
        for one in conditions
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
