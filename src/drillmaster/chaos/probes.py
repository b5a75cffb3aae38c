"""Probes: the questions of Drillmaster's steady state, for any experiment."""

from typing import Any

from drillmaster.chaos.target import connected, injection_of
from drillmaster.clock import SteadyClock
from drillmaster.definitions.lookup import resolve
from drillmaster.definitions.probes import Question
from drillmaster.faults.registry import kind_of
from drillmaster.probes.base import Asking
from drillmaster.probes.registry import ask

__all__ = ["fault_is_present", "question_is_met"]


def question_is_met(question: dict[str, Any], target: dict[str, Any]) -> bool:
    """Whether the answer to a question is yes.

    Args:
        question: As in a drill's `steady_state`; it may look up `{{ ports.NAME }}`.
        target: The target: its `kind` and what else it needs.
    """
    there = connected(target)
    asked = resolve(Question.model_validate(question), {"ports": there.address.get("ports", {})})
    return ask(asked.body, Asking(SteadyClock(), there)).met


def fault_is_present(
    kind: str, arguments: dict[str, Any], target: dict[str, Any], name: str = ""
) -> bool:
    """Whether a fault is at the target now.

    Args:
        kind: As it was injected.
        arguments: As it was injected.
        target: As it was injected.
        name: As it was injected.
    """
    there = connected(target)
    injection = injection_of(kind, arguments, name)
    return kind_of(kind, there.kind).present(injection, there)
