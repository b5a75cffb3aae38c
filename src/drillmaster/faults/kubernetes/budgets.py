"""PodDisruptionBudgets, honoured where the API server would not ask them."""

from typing import Any

from drillmaster.targets.base import DeclinedError
from drillmaster.targets.kubernetes.connection.api import KubernetesApi, Object
from drillmaster.targets.kubernetes.objects.resources import DISRUPTION_BUDGETS
from drillmaster.targets.kubernetes.objects.selectors import matches
from drillmaster.targets.kubernetes.objects.workloads import name_of


def allowed_by_budgets(api: KubernetesApi, namespace: str, pods: list[Object]) -> list[Object]:
    """As many of the pods as the budgets over them let go now, in the same order.

    Raises:
        DeclinedError: they let none of them go.
    """
    budgets = api.items(DISRUPTION_BUDGETS.path(namespace))
    left = {
        name_of(budget): int((budget.get("status") or {}).get("disruptionsAllowed", 0))
        for budget in budgets
    }
    allowed: list[Object] = []
    for pod in pods:
        over = [name_of(budget) for budget in budgets if _covers(budget, pod)]
        if all(left[name] > 0 for name in over):
            allowed.append(pod)
            left.update({name: left[name] - 1 for name in over})
    if pods and not allowed:
        raise DeclinedError(f"PodDisruptionBudget {_tightest(left)} lets no pod go now")
    return allowed


def _covers(budget: Object, pod: Object) -> bool:
    selector: dict[str, Any] | None = budget["spec"].get("selector")
    return selector is not None and matches(selector, pod["metadata"].get("labels") or {})


def _tightest(left: dict[str, int]) -> str:
    return min(left, key=lambda name: left[name])
