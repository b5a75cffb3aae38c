"""All that stands ready when a drill begins."""

from dataclasses import dataclass

from drillmaster.definitions.bundle import Bundle
from drillmaster.engine.books.heartbeat import Heartbeat
from drillmaster.engine.books.recorder import Recorder
from drillmaster.engine.drill.children import Watchdog
from drillmaster.engine.drill.signals import Signals
from drillmaster.engine.machine.order import PlannedFault
from drillmaster.oncall.base import Provider
from drillmaster.targets.base import Target


@dataclass(frozen=True, slots=True)
class Stage:
    """Target, provider, timeline and those who watch over the run."""

    bundle: Bundle
    faults: list[PlannedFault]
    target: Target
    provider: Provider
    recorder: Recorder
    heartbeat: Heartbeat
    watchdog: Watchdog
    signals: Signals
