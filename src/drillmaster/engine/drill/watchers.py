"""Workers that watch the machine side: effects of faults, and conditions that abort."""

import threading

from drillmaster.clock import Clock
from drillmaster.definitions.drill import Drill
from drillmaster.definitions.probes import AbortCondition
from drillmaster.engine.books.recorder import Recorder
from drillmaster.engine.drill.workers import Abort, Tell, Work
from drillmaster.faults.base import Injection
from drillmaster.faults.registry import kind_of
from drillmaster.oncall.base import Provider
from drillmaster.probes.base import Asking
from drillmaster.probes.registry import ask
from drillmaster.targets.base import Target, UnreachableError
from drillmaster.timeline.events import FaultEffective, RealIncidentSeen

_EFFECT = 0.1  # seconds between two looks for an effect
_ABORT = 0.5  # seconds between two looks at an abort condition


def effect_of(recorder: Recorder, target: Target, injection: Injection) -> Work:
    """Look until the fault's effect is seen at the target."""
    kind = kind_of(injection.kind, target.kind)

    def work(stop: threading.Event, tell: Tell) -> None:
        while not recorder.clock.wait(stop, 0.0):
            looked = recorder.clock.monotonic()
            try:
                seen = kind.effect(injection, target)
            except UnreachableError:
                seen = None
            if seen is not None:
                took = recorder.clock.monotonic() - looked
                tell(
                    recorder.make(
                        FaultEffective,
                        fault=injection.name,
                        seen=seen,
                        source="target",
                        precision=took + _EFFECT,
                    )
                )
                return
            recorder.clock.wait(stop, _EFFECT)

    return work


def abort_conditions(
    recorder: Recorder, drill: Drill, people: list[str], target: Target, provider: Provider
) -> Work:
    """Look at the abort conditions until one has held for as long as it says."""
    asking = Asking(recorder.clock, target)

    def met(condition: AbortCondition, tell: Tell) -> str | None:
        if condition.real_incident:
            return _real_incident(recorder, drill, people, provider, tell)
        answer = ask(condition.body, asking)
        return f"{condition.kind}: {answer.detail}" if answer.met else None

    def work(stop: threading.Event, tell: Tell) -> None:
        held = Held(recorder.clock)
        while not recorder.clock.wait(stop, _ABORT):
            for number, condition in enumerate(drill.abort_when):
                why = met(condition, tell)
                wanted = 0.0 if condition.real_incident else condition.body.for_
                if held.long_enough(number, why is not None, wanted):
                    tell(Abort(f"abort condition: {why}"))
                    return

    return work


class Held:
    """Since when conditions hold without a break."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: dict[int, float] = {}

    def long_enough(self, number: int, holds: bool, wanted: float) -> bool:
        """Whether a condition that holds now has held for as long as is wanted."""
        if not holds:
            self._since.pop(number, None)
            return False
        now = self._clock.monotonic()
        return now - self._since.setdefault(number, now) >= wanted


def _real_incident(
    recorder: Recorder, drill: Drill, people: list[str], provider: Provider, tell: Tell
) -> str | None:
    for incident in provider.real_incidents(drill.service, people):
        if incident.summary not in drill.expected_alerts:
            tell(
                recorder.make(
                    RealIncidentSeen,
                    incident=incident.id,
                    summary=incident.summary,
                    precision=_ABORT,
                )
            )
            return f"a real incident is open: {incident.summary}"
    return None
