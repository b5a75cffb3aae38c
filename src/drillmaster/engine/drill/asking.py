"""Asking the guard, right before the machine side is told to go."""

from drillmaster.engine.drill.stage import Stage
from drillmaster.engine.planning import guard
from drillmaster.engine.planning.steady import as_events, ask_all
from drillmaster.errors import RefusedError
from drillmaster.probes.base import Asking
from drillmaster.timeline.events import GuardChecked


def ask_guard(stage: Stage) -> None:
    """Ask steady state and every safety rule, and record what they say.

    Raises:
        RefusedError: a rule forbids the drill.
    """
    recorder, bundle = stage.recorder, stage.bundle
    steady = ask_all(bundle.drill.steady_state, Asking(recorder.clock, stage.target))
    recorder.record(*as_events(recorder, "before", steady))
    situation = guard.Situation(
        drill=bundle.drill,
        environment=bundle.environment,
        faults=stage.faults,
        target=stage.target,
        provider=stage.provider,
        steady=steady,
        clock=recorder.clock,
    )
    for verdict in guard.check(situation):
        recorder.record(
            recorder.make(
                GuardChecked, rule=verdict.rule, passed=verdict.passed, message=verdict.message
            )
        )
        if not verdict.passed:
            raise RefusedError(verdict.message)
