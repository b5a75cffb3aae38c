"""Would the guard let each drill go, if it began now? Its own rules are asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from drillmaster.clock import Clock
from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.units import count
from drillmaster.engine.planning import guard
from drillmaster.engine.planning.faults import planned_faults
from drillmaster.engine.planning.steady import Asked, ask_all
from drillmaster.engine.preflight.mending import mend_of
from drillmaster.engine.preflight.row import Row, ok, problem, warning
from drillmaster.engine.preflight.subject import Subject
from drillmaster.oncall.registry import provider_for
from drillmaster.probes.base import Asking
from drillmaster.targets.base import Target
from drillmaster.timeline.store import Store

CHECK = "drills"


@dataclass(frozen=True, slots=True)
class Judged:
    """A drill, and what the guard says of it now."""

    bundle: Bundle
    refusals: Mapping[str, str]
    """Why it is refused, by the rule's name."""
    rules: int
    """How many were asked."""
    steady: Sequence[Asked]
    warnings: Sequence[str]
    """What should be known although it refuses nothing."""


def judge(bundle: Bundle, store: Store, target: Target, clock: Clock) -> Judged:
    """Ask every rule about a drill, also when one refuses.

    Args:
        bundle: The drill, with its look-ups replaced.
        store: The store, or an empty one.
        target: The target.
        clock: By which it is asked.
    """
    steady = ask_all(bundle.drill.steady_state, Asking(clock, target))
    files = guard.Files(bundle, store, clock)
    live = guard.Live(
        bundle=bundle,
        store=store,
        clock=clock,
        faults=planned_faults(bundle, "preflight", clock.now()),
        target=target,
        provider=provider_for(bundle.environment, store, clock),
        steady=steady,
    )
    said = [one for rule in guard.BEFORE for one in guard.check([rule], files)]
    said += [one for rule in guard.AT_TARGET for one in guard.check([rule], live)]
    refusals = {name: verdict.message for name, verdict in said if not verdict.passed}
    warnings = [verdict.message for _, verdict in said if verdict.warns]
    return Judged(bundle, refusals, len(said), steady, warnings)


def rows(subject: Subject, judged: Sequence[Judged]) -> Iterator[Row]:
    """What stops several drills in the same way is said once."""
    for one in judged:
        if not one.refusals:
            rules = count(one.rules, "safety rule")
            yield ok(CHECK, f"{one.bundle.drill.name} could begin now: {rules} hold")
        yield from (warning(CHECK, f"{one.bundle.drill.name}: {told}") for told in one.warnings)
    same: dict[str, list[tuple[str, Judged]]] = {}
    for one in judged:
        for rule, message in one.refusals.items():
            same.setdefault(message, []).append((rule, one))
    for message, found in same.items():
        rule, first = found[0]
        names = ", ".join(dict.fromkeys(one.bundle.drill.name for _, one in found))
        mend, where = mend_of(rule, message, first.bundle, subject, first.steady)
        yield problem(CHECK, f"{names} would be refused: {message} ({rule})", mend, where)
