"""The target may be drilled, by its own word, and what is done to it can be undone."""

from drillmaster.engine.planning.guard.rule import Live, Verdict, holds, refused, warned
from drillmaster.faults.registry import kind_of
from drillmaster.faults.signs import spoiled


def drillable(live: Live) -> Verdict:
    """The target itself says that it may be drilled."""
    refusal = live.target.refusal()
    return holds("the target says that it may be drilled") if refusal is None else refused(refusal)


def not_claimed(live: Live) -> Verdict:
    """No run of another store has the target."""
    claimed = live.target.claimed()
    return holds("no other run has claimed the target") if claimed is None else refused(claimed)


def disposable(live: Live) -> Verdict:
    """Simulated responders act only on a target that says that it is disposable."""
    if not live.environment.simulated:
        return holds("nobody is simulated")
    if live.target.disposable():
        return holds("the target is disposable")
    return refused("simulated responders may not act on a target that is not disposable")


def nothing_left(live: Live) -> Verdict:
    """No fault of another run is at the target: nobody could tell its effect from ours."""
    for mark in live.target.marks():
        return refused(
            f"the target still bears {mark.fault} ({mark.kind}); `drillmaster sweep "
            f"{live.environment.name}` undoes what dead runs have left"
        )
    return holds("no other fault is at the target")


def undoable(live: Live) -> Verdict:
    """Every fault has an undo on this kind of target, the identity in use may do it, and nothing
    that is there would keep the fault from being one."""
    for planned in live.faults:
        fault = planned.injection
        hindrance = kind_of(fault.kind, live.target.kind).hindrance(fault, live.target)
        if hindrance is not None:
            return refused(f"{fault.name} may not be injected: {hindrance}")
    return holds("every fault can be undone")


def undisputed(live: Live) -> Verdict:
    """Nothing is known that would take a fault back by itself. Where something is, the drill may
    begin all the same: to see it do so may be what the drill is for."""
    rivals = [
        f"{planned.injection.name}: {rival}"
        for planned in live.faults
        for rival in kind_of(planned.injection.kind, live.target.kind)
        .radius(planned.injection, live.target)
        .rivals
    ]
    if rivals:
        return warned("; ".join(rivals))
    return holds("nothing is known that would take a fault back by itself")


def effect_to_come(live: Live) -> Verdict:
    """No `effect` of a fault is met before the fault is in: it would prove nothing."""
    for planned in live.faults:
        why = spoiled(planned.injection, live.target)
        if why is not None:
            return refused(f"{planned.injection.name} would prove nothing: {why}")
    return holds("no effect is seen before its fault is in")
