"""What ends a drill, in the order in which it is looked for."""

from collections.abc import Callable
from dataclasses import dataclass

from drillmaster.engine.drill.children import Runner
from drillmaster.engine.drill.progress import Progress
from drillmaster.engine.drill.stage import Stage
from drillmaster.engine.planning.limits import duration_limit
from drillmaster.engine.settling.settlement import Why
from drillmaster.timeline.events import Ended
from drillmaster.timeline.log import LostError

EFFECT = 60.0
"""Seconds in which some fault must show an effect, once one is in: a drill without one
measures nothing."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a drill stands at one moment."""

    stage: Stage
    runner: Runner | None
    progress: Progress
    abort: str | None
    """Why a worker, or a fault, ends it."""
    elapsed: float
    """Seconds since its first fault was ordered."""


Ending = Callable[[Standing], tuple[Ended, str] | None]


def over(standing: Standing) -> Why | None:
    """Why the drill is over; None while it is not.

    Raises:
        LostError: the run was taken over by somebody else.
    """
    if standing.stage.heartbeat.lost.is_set():
        raise LostError(f"run {standing.stage.recorder.hold.run} was taken over")
    for ending in ENDINGS:
        found = ending(standing)
        if found is not None:
            watched = standing.stage.heartbeat.watched_until()
            return Why(*found, standing.stage.recorder.clock.now(), watched)
    return None


def interrupted(standing: Standing) -> tuple[Ended, str] | None:
    """Somebody pressed a key, or closed the terminal."""
    received = standing.stage.signals.received
    return ("interrupted", f"{received} was received") if received else None


def unwatched(standing: Standing) -> tuple[Ended, str] | None:
    """Without a watchdog nobody would undo what a dead supervisor leaves."""
    return None if standing.stage.watchdog.alive() else ("aborted", "the watchdog died or hangs")


def unrenewed(standing: Standing) -> tuple[Ended, str] | None:
    """Who cannot write any more has no say any more, and must not wait to be told so."""
    lapsed = standing.stage.heartbeat.lapsed()
    return ("aborted", "its lease could not be renewed in the store") if lapsed else None


def frozen(standing: Standing) -> tuple[Ended, str] | None:
    """Who stood still for longer than a lease has watched nobody meanwhile."""
    silent = standing.stage.heartbeat.watched_until() is not None
    return ("aborted", "it did not move for longer than its lease") if silent else None


def aborted(standing: Standing) -> tuple[Ended, str] | None:
    """An abort condition holds, a fault failed, or a worker did."""
    return ("aborted", standing.abort) if standing.abort else None


def completed(standing: Standing) -> tuple[Ended, str] | None:
    """The human side is over."""
    reason = standing.progress.over(standing.stage.recorder.clock.now())
    return ("completed", reason) if reason else None


def runner_ended(standing: Standing) -> tuple[Ended, str] | None:
    """The runner holds its method open until it is told to stop; it never ends before."""
    if standing.runner is None:
        return None
    if standing.runner.stopped():
        return "aborted", "the runner was stopped, and plays nothing"
    if not standing.runner.ended():
        return None
    return "aborted", f"the runner ended unexpectedly: {standing.runner.complaint() or 'killed'}"


def without_effect(standing: Standing) -> tuple[Ended, str] | None:
    """The faults are in, and nothing at the target shows it."""
    if standing.progress.fruitless(standing.stage.recorder.clock.now()) > EFFECT:
        return "aborted", f"no fault had an effect within {EFFECT:g} s"
    return None


def too_long(standing: Standing) -> tuple[Ended, str] | None:
    """The stricter limit of drill and environment is over."""
    bundle = standing.stage.bundle
    limit = duration_limit(bundle.drill, bundle.environment)
    return (
        ("aborted", f"its longest duration, {limit:g} s, is over")
        if standing.elapsed > limit
        else None
    )


# A drill whose watchdog, worker or runner died is never called completed.
ENDINGS: list[Ending] = [
    interrupted,
    unwatched,
    unrenewed,
    frozen,
    aborted,
    runner_ended,
    completed,
    without_effect,
    too_long,
]
