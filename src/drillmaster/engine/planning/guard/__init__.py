"""The guard: a drill is refused unless every safety rule holds.

What files, store and time alone can answer (`BEFORE`) is asked before the target is brought
up, so that a refusal is quick. The rest (`AT_TARGET`) is asked of the live target, right
before the runner is told to go.
"""

from collections.abc import Iterator, Sequence

from drillmaster.engine.planning.guard.apart import apart
from drillmaster.engine.planning.guard.blast_radius import blast_radius
from drillmaster.engine.planning.guard.consent import consent
from drillmaster.engine.planning.guard.peace import (
    no_abort_condition,
    no_real_incident,
    steady_state,
)
from drillmaster.engine.planning.guard.production import not_production, target_not_production
from drillmaster.engine.planning.guard.rule import F, Files, Live, Rule, Verdict, name_of, refused
from drillmaster.engine.planning.guard.secrets import secrets
from drillmaster.engine.planning.guard.stop import no_stop, no_stop_mark
from drillmaster.engine.planning.guard.target import (
    disposable,
    drillable,
    effect_to_come,
    not_claimed,
    nothing_left,
    undisputed,
    undoable,
)
from drillmaster.engine.planning.guard.windows import still_in_windows, windows
from drillmaster.errors import DrillmasterError

__all__ = ["AT_TARGET", "BEFORE", "Files", "Live", "Rule", "Verdict", "check", "name_of"]

BEFORE: list[Rule[Files]] = [
    no_stop,
    not_production,
    windows,
    consent,
    secrets,
]
"""Asked before the target is there."""

AT_TARGET: list[Rule[Live]] = [
    target_not_production,
    no_stop_mark,
    drillable,
    not_claimed,
    disposable,
    undoable,
    apart,
    steady_state,
    no_abort_condition,
    blast_radius,
    undisputed,
    nothing_left,
    effect_to_come,
    no_real_incident,
    still_in_windows,
]
"""Asked of the live target."""


def check(rules: Sequence[Rule[F]], situation: F) -> Iterator[tuple[str, Verdict]]:
    """Ask rules in order, each by its name, and stop at the first that refuses."""
    for rule in rules:
        verdict = _ask(rule, situation)
        yield name_of(rule), verdict
        if not verdict.passed:
            return


def _ask(rule: Rule[F], situation: F) -> Verdict:
    """What a rule says. One that cannot be answered refuses."""
    try:
        return rule(situation)
    except DrillmasterError as error:
        return refused(f"it cannot be asked: {error}")
