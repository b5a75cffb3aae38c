"""One undo of one fault, and one look whether it is gone, each within its bound."""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row

from drillmaster.errors import DrillmasterError, InvalidError, StuckError
from drillmaster.faults.base import Injection, Known, Undone
from drillmaster.faults.registry import kind_of
from drillmaster.probes.bounded import bounded
from drillmaster.targets.base import Target


def injection_of(row: Row[Any]) -> Injection:
    """The fault that an obligation stands for.

    Raises:
        ValidationError: its undo is none; a newer version may have written it.
        StuckError: it is that of another fault, perhaps of another run.
    """
    injection = Injection.model_validate(row.undo)
    if not injection.id == row.obligation == f"{row.run}-{injection.name}":
        raise StuckError(f"its undo is that of another fault: {injection.id}")
    return injection


def undo_once(
    fault: Injection,
    target: Target,
    known: Known,
    lease: float,
    tick: Callable[[], None] = lambda: None,
) -> Undone:
    """One undo, and a look whether the fault is gone. Each may take as long as a lease, or as
    the fault itself may: one that hangs must neither keep the other faults in nor cost us the
    lease, for which `tick` is called meanwhile.

    Raises:
        GoneError: the target is gone, and the fault with it.
        DrillmasterError: the fault is still there, or the target does not answer.
    """
    kind = kind_of(fault.kind, target.kind)
    done = bounded(lambda: kind.undo(fault, target, known), most(fault, target, lease), tick=tick)
    if look(fault, target, lease, tick):
        raise DrillmasterError("it is still at the target after its undo")
    return done


def look(
    fault: Injection, target: Target, lease: float, tick: Callable[[], None] = lambda: None
) -> bool:
    """Whether a fault is at the target, in no more time than an undo may take."""
    kind = kind_of(fault.kind, target.kind)
    return bounded(lambda: kind.present(fault, target), most(fault, target, lease), tick=tick)


def most(fault: Injection, target: Target, lease: float) -> float:
    """The seconds that an undo may take: a lease, or as long as the fault itself says."""
    return max(lease, kind_of(fault.kind, target.kind).patience(fault) or 0.0)


def takes_long(fault: Injection, target: Target) -> bool:
    """Whether an undo may take longer than a lease; one that nobody can tell may."""
    try:
        return kind_of(fault.kind, target.kind).patience(fault) is not None
    except (ValidationError, InvalidError):
        return True
