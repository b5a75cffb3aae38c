"""A hard bound on how long a question may take.

Time-outs of libraries hold for one read or one connection attempt at a time: a server
that sends a byte a second, a name server that does not answer, or a statement that never
ends keeps them waiting for ever. So the work is done in a thread of its own, and whoever
asks waits for it no longer than was said.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from drillmaster.definitions.units import format_duration
from drillmaster.errors import DrillmasterError

T = TypeVar("T")


class OvertimeError(DrillmasterError):
    """The work took longer than it may."""


_TICK = 0.5  # seconds


def bounded(
    work: Callable[[], T],
    seconds: float,
    abandon: Callable[[], object] | None = None,
    tick: Callable[[], object] = lambda: None,
) -> T:
    """What the work returns, or raises, within the seconds.

    Args:
        work: what is done, in a thread that does not keep the process alive.
        seconds: how long to wait for it.
        abandon: called at the time-out; makes the work end soon, so that its thread does.
        tick: called meanwhile, twice a second: to wait for what has a bound is not to hang.

    Raises:
        OvertimeError: it is not done in time; what it does later is lost.
    """
    future = started(work)
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        tick()
        if wait([future], min(left, _TICK)).done:
            return future.result()
    if abandon is not None:
        with contextlib.suppress(Exception):  # the answer is the time-out, whatever this says
            abandon()
    raise OvertimeError(f"no whole answer within {format_duration(seconds)}")


def started(work: Callable[[], T]) -> "Future[T]":
    """What the work returns or raises later, in a thread that does not keep the process alive."""
    future: Future[T] = Future()
    threading.Thread(target=_settle, args=(future, work), name="probe", daemon=True).start()
    return future


def _settle(future: Future[T], work: Callable[[], T]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # it is raised again by whoever waits
        future.set_exception(error)
        del future, work  # the error holds this frame, and this frame would hold the error
