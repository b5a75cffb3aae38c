"""Processes that play a fault and are killed at a point of it.

Told, line by line, an order and the point; for each a process is begun that has all modules
already, plays the order's one fault as a runner does, and kills itself there. Says by which
signal it ended.
"""

import json
import os
import signal
import sys
import threading
from typing import Any, cast

from drillmaster.clock import SteadyClock
from drillmaster.engine.machine.machine import Machine
from drillmaster.engine.machine.order import PlannedFault, RunnerOrder
from drillmaster.faults.base import FaultKind, Injected
from drillmaster.targets.registry import connect
from drillmaster.timeline.store import Store

POINTS = [
    "before-the-call",
    "during:2",
    "during:8",
    "during:25",
    "after-the-call",
    "in-the-write",
    "written",
]
"""Where; `during` with the milliseconds since the call began."""


def _die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    threading.Event().wait(60)


class _Mortal(Machine):
    """A machine that is killed somewhere on the way."""

    point: str

    def _tell_played(self, *_: Any) -> None:
        if self.point == "in-the-write":  # the fault is in the ledger, and not committed
            _die()

    def _inject(self, planned: PlannedFault, round_: int) -> bool:
        done = super()._inject(planned, round_)
        _die()
        return done

    def _kind(self, planned: PlannedFault) -> FaultKind:
        return cast("FaultKind", _MortalKind(super()._kind(planned), self.point))


class _MortalKind:
    def __init__(self, kind: FaultKind, point: str) -> None:
        self._kind = kind
        self._point = point

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kind, name)

    def inject(self, *of: Any) -> Injected:
        if self._point == "before-the-call":
            _die()
        if self._point.startswith("during"):
            later = float(self._point.partition(":")[2]) / 1000
            threading.Timer(later, _die).start()
        done = self._kind.inject(*of)
        if self._point not in {"in-the-write", "written"}:
            _die()
        return done


def _play(order: RunnerOrder, point: str) -> None:
    store, clock = Store.open_url(order.database), SteadyClock(order.anchor)
    machine = _Mortal(order, store, connect(order.target, order.request), clock)
    machine.point = point
    machine.inject(order.faults[0].injection.name)


def main() -> None:
    """Begin one process after another."""
    for line in sys.stdin:
        told = json.loads(line)
        order = RunnerOrder.model_validate(told["order"])
        child = os.fork()  # this process has one thread
        if not child:
            try:
                _play(order, told["point"])
            finally:
                os._exit(1)
        print(os.WTERMSIG(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
