"""How a fault is seen, where the drill itself says it."""

from drillmaster.clock import SteadyClock
from drillmaster.definitions.chaos import Sign
from drillmaster.faults.base import FaultKind, Injection
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.registry import ask as ask_probe
from drillmaster.targets.base import Target, UnreachableError


def ask(sign: Sign, target: Target) -> Answer:
    """Whether a sign is met: yes or no.

    Raises:
        UnreachableError: nobody can tell.
        GoneError: the target is gone, and what is asked of with it.
    """
    answer = ask_probe(sign.body, Asking(SteadyClock(), target))
    if answer.outcome not in {"yes", "no"}:
        if sign.state is not None:
            target.refusal()  # says so where the target is gone
        raise UnreachableError(f"what shows the fault does not answer: {answer.detail}")
    return answer


def effect_of(kind: FaultKind, fault: Injection, target: Target) -> str | None:
    """The effect that can be seen now, in words: what the drill's `effect` says while the fault
    is in, because what is not in has none, whatever another fault does. Without an `effect`:
    what the fault itself shows. Raises UnreachableError, GoneError."""
    sign = _effect(fault)
    if sign is None:
        return kind.effect(fault, target)
    if not kind.present(fault, target):
        return None
    answer = ask(sign, target)
    return answer.detail if answer.met else None


def spoiled(fault: Injection, target: Target) -> str | None:
    """Why the drill's `effect` would prove nothing if it were met later; None where it says now
    that there is no effect yet, or the drill has none. Raises GoneError."""
    sign = _effect(fault)
    if sign is None:
        return None
    try:
        answer = ask(sign, target)
    except UnreachableError as error:
        return f"its `effect` cannot be asked: {error}"
    if answer.met:
        return f"its `effect` is met already: {answer.detail}"
    return None


def _effect(fault: Injection) -> Sign | None:
    told = fault.arguments.get("effect")
    return None if told is None else Sign.model_validate(told)
