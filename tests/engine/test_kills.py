"""Real kills of real processes: no fault stays, the run is recorded, nothing is left."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from drillmaster.timeline.events import FaultUndone, RunSealed
from tests.support.drills import RunningDrill, eventually, running, write_project


def kill_supervisor(drill: RunningDrill) -> None:
    os.kill(drill.process.pid, signal.SIGKILL)


def kill_runner(drill: RunningDrill) -> None:
    os.kill(drill.runner_pid(), signal.SIGKILL)


def kill_both(drill: RunningDrill) -> None:
    os.kill(drill.runner_pid(), signal.SIGKILL)
    os.kill(drill.process.pid, signal.SIGKILL)


def kill_group(drill: RunningDrill) -> None:
    os.killpg(drill.process.pid, signal.SIGKILL)


def freeze_runner_kill_supervisor(drill: RunningDrill) -> None:
    os.kill(drill.runner_pid(), signal.SIGSTOP)
    os.kill(drill.process.pid, signal.SIGKILL)


def terminate(drill: RunningDrill) -> None:
    os.kill(drill.process.pid, signal.SIGTERM)


def interrupt_twice(drill: RunningDrill) -> None:
    os.killpg(drill.process.pid, signal.SIGINT)
    time.sleep(0.05)  # the second press comes while the first is being acted on
    os.killpg(drill.process.pid, signal.SIGINT)


def hang_up(drill: RunningDrill) -> None:
    os.killpg(drill.process.pid, signal.SIGHUP)


KILLS = [
    kill_supervisor,
    kill_runner,
    kill_both,
    kill_group,
    freeze_runner_kill_supervisor,
    terminate,
    interrupt_twice,
    hang_up,
]


@pytest.mark.parametrize("kill", KILLS, ids=lambda kill: kill.__name__)
def test_no_fault_stays(kill: Callable[[RunningDrill], None], tmp_path: Path) -> None:
    with running(tmp_path, str(write_project(tmp_path))) as drill:
        drill.await_fault("throttle")
        assert not drill.served(1), "the throttle is in"
        kill(drill)
        eventually(lambda: drill.marks() == [], 10, "no mark at the target")
        eventually(drill.served, 10, "every request is served")
        row = drill.await_settled(10)
        interrupted = kill in {terminate, interrupt_twice, hang_up}
        assert row.ended == ("interrupted" if interrupted else "aborted")
        events = drill.events()
        undone = {event.fault for event in events if isinstance(event, FaultUndone)}
        assert undone == set(drill.faults())
        assert isinstance(events[-1], RunSealed)
        eventually(lambda: drill.processes() == [], 10, "no process is left")


def test_a_frozen_supervisor_costs_one_lease(tmp_path: Path) -> None:
    with running(tmp_path, str(write_project(tmp_path))) as drill:
        drill.await_fault("throttle")
        os.kill(drill.process.pid, signal.SIGSTOP)
        eventually(drill.served, 15, "every request is served")
        row = drill.await_settled(10)
        assert row.ended == "aborted"
        os.kill(drill.process.pid, signal.SIGCONT)
        eventually(lambda: drill.processes() == [], 10, "no process is left")
        assert drill.events()
