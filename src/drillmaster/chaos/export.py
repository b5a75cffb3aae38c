"""A drill's machine side as an experiment that `chaos run` plays by itself.

It leaves the human side out: nobody is paged. How long the faults stay is the
configuration `drillmaster_hold`, in seconds.
"""

from typing import Any

from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.chaos import Chaos, Experiment
from drillmaster.definitions.faults import Fault
from drillmaster.definitions.lookup import resolve
from drillmaster.definitions.probes import Question
from drillmaster.faults.chaostoolkit.order import experiment_of

HOLD = 30
"""Seconds for which the exported faults stay, unless the experiment is told otherwise."""


def export(bundle: Bundle) -> dict[str, Any]:
    """The experiment."""
    drill, environment = bundle.drill, bundle.environment
    faults = [fault for fault in drill.faults if fault.kind != "unreachable-primary"]
    target = environment.target.model_dump(mode="json", include={"kind", "replicas"})
    questions = [
        _probe(question.name, "question_is_met", {"question": asked, "target": target})
        for question, asked in ((one, _question(one, bundle)) for one in drill.steady_state)
    ]
    hold = {"type": "action", "name": "hold", **_call("wait", {"seconds": "${drillmaster_hold}"})}
    return {
        "title": drill.title,
        "description": f"The machine side of the drill {drill.name}.",
        "configuration": {"drillmaster_hold": HOLD, **_merged(bundle, "configuration")},
        "secrets": _merged(bundle, "secrets"),
        "controls": [one for played in _played(bundle) for one in played.get("controls", [])],
        "steady-state-hypothesis": {"title": "Steady state", "probes": questions},
        "method": [*(one for fault in faults for one in _inject(fault, bundle, target)), hold],
        "rollbacks": [one for fault in reversed(faults) for one in _undo(fault, bundle, target)],
    }


def _own(fault: Fault, bundle: Bundle) -> dict[str, Any] | None:
    """The experiment of a fault that Chaos Toolkit plays anyway."""
    if not isinstance(fault.body, Chaos | Experiment):
        return None
    return experiment_of(fault.body, bundle.experiments)


def _played(bundle: Bundle) -> list[dict[str, Any]]:
    own = (_own(fault, bundle) for fault in bundle.drill.faults)
    return [experiment for experiment in own if experiment is not None]


def _merged(bundle: Bundle, part: str) -> dict[str, Any]:
    return {key: one for played in _played(bundle) for key, one in played.get(part, {}).items()}


def _question(question: Question, bundle: Bundle) -> dict[str, Any]:
    """The question as it can be asked without the environment's file; ports stay open."""
    environment = bundle.environment
    names = {
        "urls": environment.urls,  # they may look up ports, which only the target knows
        "environment": environment.name,
        "service": bundle.drill.service,
        "bridge": environment.bridge,
    }
    return resolve(question, names).model_dump(mode="json", exclude_none=True)


def _inject(fault: Fault, bundle: Bundle, target: dict[str, Any]) -> list[dict[str, Any]]:
    if (own := _own(fault, bundle)) is not None:
        return list(own["method"])
    activity: dict[str, Any] = {"type": "action", "name": f"inject {fault.id}"}
    if hasattr(fault.body, "every"):
        arguments = {**_of(fault, target), "seconds": "${drillmaster_hold}"}
        return [{**activity, **_call("repeat_fault", arguments), "background": True}]
    return [{**activity, **_call("inject_fault", _of(fault, target))}]


def _undo(fault: Fault, bundle: Bundle, target: dict[str, Any]) -> list[dict[str, Any]]:
    if (own := _own(fault, bundle)) is not None:
        return list(own["rollbacks"])
    call = _call("undo_fault", _of(fault, target))
    return [{"type": "action", "name": f"undo {fault.id}", **call}]


def _of(fault: Fault, target: dict[str, Any]) -> dict[str, Any]:
    # How an effect is seen may look up ports of the target; nothing asks for it in an experiment.
    arguments = fault.body.model_dump(mode="json", exclude_none=True, exclude={"effect"})
    return {"kind": fault.kind, "name": fault.id, "arguments": arguments, "target": target}


def _probe(name: str, func: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "probe",
        "name": name,
        "tolerance": True,
        **_call(func, arguments, "drillmaster.chaos.probes"),
    }


def _call(
    func: str, arguments: dict[str, Any], module: str = "drillmaster.chaos.actions"
) -> dict[str, Any]:
    return {"provider": {"type": "python", "module": module, "func": func, "arguments": arguments}}
