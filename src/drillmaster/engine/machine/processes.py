"""Seeing a runner's whole session dead, and whatever left the session too.

A child of an action that called `setsid` outlives the kill of the group; it is found
by the run's id, which every descendant of the runner carries in its environment, and
every command that the supervisor asks.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterator

import psutil

from drillmaster.errors import StuckError
from drillmaster.process import MARK, ProcessIdentity

GRACE = 1.0
"""Seconds that a runner's rollbacks have before it kills its own group."""

_POLL = 0.005  # seconds


def members(run: str, runner: ProcessIdentity | None) -> list[psutil.Process]:
    """The living processes of a run's machine side, on this host."""
    return [process for process in psutil.process_iter() if _belongs(process, run, runner)]


def see_dead(run: str, runner: ProcessIdentity | None, grace: float, deadline: float) -> str:
    """Wait `grace` seconds for the runner to end by itself, kill what is left, see it gone.

    Returns:
        How it ended, in words.

    Raises:
        StuckError: something lives on after `deadline` seconds.
    """
    if runner is not None and not _here(runner):
        return "the runner's host was started anew, or is another one"
    until = time.monotonic() + grace
    while time.monotonic() < until:
        if runner is None or not runner.alive_here() or stopped(runner):
            break  # one that is stopped rolls nothing back
        time.sleep(_POLL)
    if not members(run, runner):
        return "ended by itself"
    for _ in _until(deadline):
        left = members(run, runner)
        if not left:
            return "killed"
        for process in left:
            _kill(process)
    raise StuckError(f"processes of run {run} do not die: {[process.pid for process in left]}")


def stopped(who: ProcessIdentity) -> bool:
    """Whether somebody stopped a process, so that it does nothing until it is continued."""
    with contextlib.suppress(psutil.Error):
        return who.alive_here() and psutil.Process(who.pid).status() == psutil.STATUS_STOPPED
    return False


def _until(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(_POLL)


def _here(runner: ProcessIdentity) -> bool:
    """Whether its number means the same here. A boot is of one host, whose name may change."""
    here = ProcessIdentity.mine()
    if (runner.boot, runner.namespace) != (here.boot, here.namespace):
        return False
    return bool(here.boot) or runner.host == here.host


def _belongs(process: psutil.Process, run: str, runner: ProcessIdentity | None) -> bool:
    try:
        if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
            return False
        if runner is not None and os.getsid(process.pid) == runner.pid and _leads(runner):
            return True
        return process.environ().get(MARK) == run
    except (psutil.Error, OSError):
        return False


def _leads(runner: ProcessIdentity) -> bool:
    """Whether the session that has the runner's number is the runner's. The system gives the
    number to nobody while a process of the session lives, be its leader dead or not."""
    try:
        return ProcessIdentity.of(runner.pid) == runner
    except psutil.NoSuchProcess:
        return True


def _kill(process: psutil.Process) -> None:
    """Kill it, and its group where it leads one: what an undo that hangs has started does not
    carry the run's id."""
    with contextlib.suppress(psutil.Error, OSError):  # gone already, as the next look says
        if os.getpgid(process.pid) == process.pid and process.is_running():
            os.killpg(process.pid, signal.SIGKILL)
        process.send_signal(signal.SIGKILL)
