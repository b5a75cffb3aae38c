"""Workers that watch for what ends a drill: stops, and conditions that abort."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from drillmaster.clock import Clock
from drillmaster.definitions.probes import AbortCondition
from drillmaster.engine.books import stops
from drillmaster.engine.books.recorder import Recorder, stretch
from drillmaster.engine.drill.stage import Stage
from drillmaster.engine.drill.workers import Abort, Tell, Work
from drillmaster.faults.selector import labels_of
from drillmaster.probes.base import Asking
from drillmaster.probes.registry import ask
from drillmaster.targets.base import DeclinedError, GoneError, Target, UnreachableError
from drillmaster.timeline.events import PodsChanged, RealIncidentSeen

_ABORT = 0.5  # seconds between two looks at an abort condition
_STOP = 0.2  # seconds between two looks for a stop in the store
_MARK = 0.5  # and for one at the target, which may have better things to answer


def stop_in_store(recorder: Recorder, environment: str) -> Work:
    """Look whether somebody stops the environment, or everything."""

    def seen() -> str | None:
        with recorder.store.read() as connection:
            found = stops.stopping(connection, environment)
        return str(found) if found else None

    return _until(recorder.clock, seen, _STOP)


def stop_mark(recorder: Recorder, target: Target) -> Work:
    """Look whether somebody puts a stop mark on the target, or the target is gone: what is
    then not seen there any more was mended by nobody."""

    def seen() -> str | None:
        try:
            mark = target.stopped()
        except GoneError:
            return "the target is gone"
        except UnreachableError:
            return None  # it may only be busy with the fault
        return f"the target bears a stop mark: {mark}" if mark else None

    return _until(recorder.clock, seen, _MARK)


def pods(recorder: Recorder, target: Target, namespace: str, selector: str) -> Work:
    """Tell of every change of the pods that a fault selects. Nothing depends on it: where the
    identity in use may not watch, nothing is told."""

    def work(stop: threading.Event, tell: Tell) -> None:
        with suppress(DeclinedError, GoneError):
            for now in target.watch(namespace, labels_of(selector), stop):
                at = recorder.clock.now()
                tell(
                    recorder.make(
                        PodsChanged,
                        source="target",
                        namespace=namespace,
                        selector=selector,
                        present=now.present,
                        ready=now.ready,
                        restarts=now.restarts,
                        change=now.change,
                        **stretch(at - timedelta(seconds=now.within), at),
                    )
                )

    return work


def _until(clock: Clock, seen: Callable[[], str | None], every: float) -> Work:
    """Look every so many seconds until something is seen, which ends the drill."""

    def work(stop: threading.Event, tell: Tell) -> None:
        while not clock.wait(stop, every):
            if why := seen():
                tell(Abort(why))
                return

    return work


def abort_condition(stage: Stage, condition: AbortCondition) -> Work:
    """Look at an abort condition until it has held for as long as it says. Each has a worker
    of its own: one that is slow to be asked must not hide another."""
    clock = stage.recorder.clock
    asking = Asking(clock, stage.target)

    def met(tell: Tell) -> str | None:
        if condition.real_incident:
            return _real_incident(stage, tell)
        answer = ask(condition.body, asking)
        if answer.outcome == "unclear":  # it may hold, and nobody would see it
            return f"{condition.kind} cannot be judged: {answer.detail}"
        return f"{condition.kind}: {answer.detail}" if answer.met else None

    def work(stop: threading.Event, tell: Tell) -> None:
        held = Held(clock, 0.0 if condition.real_incident else condition.body.for_)
        while not clock.wait(stop, _ABORT):
            why = met(tell)
            if held.long_enough(why is not None):
                tell(Abort(f"abort condition: {why}"))
                return

    return work


class Held:
    """Since when a condition holds without a break."""

    def __init__(self, clock: Clock, wanted: float) -> None:
        """`wanted` is in seconds."""
        self._clock = clock
        self._wanted = wanted
        self._since: float | None = None

    def long_enough(self, holds: bool) -> bool:
        """Whether the condition, which holds now or does not, has held for as long as is
        wanted."""
        now = self._clock.monotonic()
        if not holds:
            self._since = None
        elif self._since is None:
            self._since = now
        return self._since is not None and now - self._since >= self._wanted


def _real_incident(stage: Stage, tell: Tell) -> str | None:
    drill, people = stage.bundle.drill, list(stage.bundle.environment.people)
    for incident in stage.provider.real_incidents(drill.service, people):
        if incident.summary not in drill.expected_alerts:
            tell(
                stage.recorder.make(
                    RealIncidentSeen,
                    incident=incident.id,
                    summary=incident.summary,
                    precision=_ABORT,
                )
            )
            return f"a real incident is open: {incident.summary}"
    return None
