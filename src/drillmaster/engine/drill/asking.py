"""Asking the guard: before the target is there, and right before the machine side is told to go."""

from collections.abc import Iterable

from drillmaster.definitions.bundle import Bundle
from drillmaster.engine.books.recorder import Recorder
from drillmaster.engine.drill.stage import Stage
from drillmaster.engine.planning import guard
from drillmaster.engine.planning.guard import Verdict
from drillmaster.engine.planning.steady import as_events, ask_all
from drillmaster.errors import RefusedError
from drillmaster.probes.base import Asking
from drillmaster.timeline.events import GuardChecked


def ask_before(recorder: Recorder, bundle: Bundle) -> None:
    """Ask the rules that need no target, and record what they say.

    Raises:
        RefusedError: a rule forbids the drill.
    """
    situation = guard.Files(bundle, recorder.store, recorder.clock)
    _record(recorder, guard.check(guard.BEFORE, situation))


def ask_at_target(stage: Stage) -> None:
    """Ask steady state and the rules that the live target answers, and record what they say.

    Raises:
        RefusedError: a rule forbids the drill.
    """
    recorder, bundle = stage.recorder, stage.bundle
    steady = ask_all(bundle.drill.steady_state, Asking(recorder.clock, stage.target))
    recorder.record(*as_events(recorder, "before", steady))
    situation = guard.Live(
        bundle,
        recorder.store,
        recorder.clock,
        faults=stage.faults,
        target=stage.target,
        provider=stage.provider,
        steady=steady,
    )
    _record(recorder, guard.check(guard.AT_TARGET, situation))


def _record(recorder: Recorder, verdicts: Iterable[tuple[str, Verdict]]) -> None:
    for rule, verdict in verdicts:
        recorder.record(
            recorder.make(GuardChecked, rule=rule, passed=verdict.passed, message=verdict.message)
        )
        if not verdict.passed:
            raise RefusedError(verdict.message)
