"""Looking for the effects of faults at the target."""

import threading
from datetime import datetime

from drillmaster.engine.books.recorder import Recorder, stretch
from drillmaster.engine.drill.workers import Tell, Work
from drillmaster.faults.base import Injection
from drillmaster.faults.registry import kind_of
from drillmaster.faults.signs import effect_of as seen_of
from drillmaster.targets.base import Target, UnreachableError
from drillmaster.timeline.events import FaultEffective

_EFFECT = 0.1  # seconds between two looks for an effect


def effect_of(recorder: Recorder, target: Target, injection: Injection, intended: datetime) -> Work:
    """Look until the fault's effect is seen at the target.

    It came after the last look that found none had begun; where there was no such look, at
    any time since the fault was intended. A target that did not answer said nothing.
    """
    kind = kind_of(injection.kind, target.kind)

    def work(stop: threading.Event, tell: Tell) -> None:
        since = intended
        while not recorder.clock.wait(stop, 0.0):
            looked = recorder.clock.now()
            try:
                seen = seen_of(kind, injection, target)
            except UnreachableError:
                looked, seen = since, None
            if seen is not None:
                when = stretch(since, recorder.clock.now())
                told = {"fault": injection.name, "seen": seen, "source": "target"}
                tell(recorder.make(FaultEffective, **told, **when))
                return
            since = looked
            recorder.clock.wait(stop, _EFFECT)

    return work
