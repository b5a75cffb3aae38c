"""Taking faults back while nothing can be recorded."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from functools import partial

from drillmaster.definitions.environment import Timing
from drillmaster.engine.settling.once import most, takes_long
from drillmaster.faults.base import Injection
from drillmaster.faults.registry import kind_of
from drillmaster.probes.bounded import bounded, started
from drillmaster.targets.base import Target

_TICK = 0.5  # seconds between two signs of life while an undo is waited for


def take_back(
    faults: Iterable[Injection],
    target: Target,
    timing: Timing,
    tick: Callable[[], None] = lambda: None,
) -> None:
    """Take faults back while nothing can be recorded: without the store nobody can settle,
    but what is in need not stay. Whoever settles the run later looks again. One that takes
    long keeps no other in for longer than a lease."""
    going = []
    for fault in sorted(faults, key=lambda one: takes_long(one, target)):
        going.append(started(partial(_take_back_one, fault, target, timing.lease)))
        _await(going[-1:], timing.lease, tick)
    _await(going, math.inf, tick)


def _take_back_one(fault: Injection, target: Target, lease: float) -> None:
    with suppress(Exception):  # the settlement says what could not be undone
        kind = kind_of(fault.kind, target.kind)
        bounded(partial(kind.undo, fault, target, "intent"), most(fault, target, lease))


def _await(going: Sequence["Future[None]"], seconds: float, tick: Callable[[], None]) -> None:
    until = time.monotonic() + seconds
    tick()
    while (left := until - time.monotonic()) > 0 and wait(going, min(left, _TICK)).not_done:
        tick()
