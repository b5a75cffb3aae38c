"""A drill's machine side as a Chaos Toolkit experiment.

Every fault is one background action, so that all start together; `hold` keeps the
method open until the runner is told to stop; each fault has its rollback. The steady
state is the supervisor's to ask: a failed gate of Chaos Toolkit ends 'completed'.
"""

from typing import Any

from drillmaster.engine.machine.order import RunnerOrder

_MODULE = "drillmaster.engine.machine.activities"


def compile_experiment(order: RunnerOrder) -> dict[str, Any]:
    """The experiment that the runner plays."""
    names = [planned.injection.name for planned in order.faults]
    return {
        "title": order.title,
        "description": f"The machine side of run {order.run}.",
        "method": [*(_action("inject", name, background=True) for name in names), _action("hold")],
        "rollbacks": [_action("undo", name) for name in reversed(names)],
    }


def _action(func: str, fault: str | None = None, *, background: bool = False) -> dict[str, Any]:
    action: dict[str, Any] = {
        "type": "action",
        "name": f"{func} {fault}" if fault else func,
        "provider": {"type": "python", "module": _MODULE, "func": func},
    }
    if fault:
        action["provider"]["arguments"] = {"fault": fault}
    if background:
        action["background"] = True
    return action
