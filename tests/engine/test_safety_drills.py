"""Whole drills around which something fails that no kill shows."""

import os
import shutil
import signal
import sqlite3
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

from drillmaster.results.conclusion import conclude
from drillmaster.timeline.events import StepEvidenced
from tests.support.drills import (
    DRILL,
    ENVIRONMENT,
    RunningDrill,
    command,
    eventually,
    running,
    status,
    write_project,
)
from tests.support.shipped import DRILLS
from tests.support.sweep.ways import RUNNER, WATCHDOG

SANDBOX = "drillmaster.sandbox.host"

QUICK = ENVIRONMENT + "timing: {lease: 2s, heartbeat: 500ms, request: 1s, undo: 20s}\n"
"""The environment, with a lease that a test can wait for."""


class Locked:
    """Somebody else holds the store's lock for a while."""

    def __init__(self, drill: RunningDrill, seconds: float) -> None:
        self._path = str(drill.store.url.database)
        self._seconds = seconds
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._begun.wait(10)

    def _run(self) -> None:
        with closing(sqlite3.connect(self._path, isolation_level=None, timeout=10)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            self._begun.set()
            time.sleep(self._seconds)
            connection.execute("ROLLBACK")

    def join(self) -> None:
        self._thread.join()


def test_a_store_that_is_locked_for_longer_than_a_lease(tmp_path: Path) -> None:
    """The supervisor lives, and is not the one who holds the lock: nobody ends it."""
    with running(tmp_path, str(write_project(tmp_path, environment=QUICK))) as drill:
        drill.await_fault("throttle")
        lock = Locked(drill, 9)
        eventually(lambda: drill.marks() == [], 8, "no mark at the target, the lock still there")
        lock.join()
        row = drill.await_settled(15)
        assert row.ended == "aborted"
        assert drill.process.wait(20) == 4
        said = drill.output()
        assert "Traceback" not in said
        assert "Reports: " in said
        assert drill.events()
        eventually(lambda: drill.processes() == [], 10, "no process is left")


def test_a_target_that_does_not_answer_is_stuck_until_it_does(tmp_path: Path) -> None:
    quick = QUICK.replace("undo: 20s", "undo: 500ms")
    path = write_project(tmp_path, environment=quick)
    with running(tmp_path, str(path)) as drill:
        drill.await_fault("throttle")
        host = psutil.Process(drill.address["process"]["pid"])
        for process in drill.processes():
            process.send_signal(signal.SIGKILL)
        eventually(lambda: drill.processes() == [], 10, "all are dead")
        host.suspend()
        try:
            failed = command(tmp_path, "reap")
            assert failed.returncode == 5, failed.stdout + failed.stderr
            assert "NOT undone" in failed.stdout
            assert [run["state"] for run in status(tmp_path)["runs"]] == ["stuck"]
        finally:
            host.resume()
        assert command(tmp_path, "reap").returncode == 0
        assert drill.marks() == []
        assert drill.served()
        assert drill.events()
        assert status(tmp_path)["runs"] == []


def test_a_command_that_is_asked_does_not_outlive_its_drill(tmp_path: Path) -> None:
    asked = '  - {name: it ends, command: {run: [sleep, "4321"], timeout: 2h}}\nfaults:'
    path = write_project(tmp_path, DRILL.replace("faults:", asked))
    with running(tmp_path, str(path)) as drill:
        (asking,) = eventually(
            lambda: [one for one in psutil.process_iter(["cmdline"]) if is_asking(one)],
            10,
            "the command runs",
        )
        os.kill(drill.process.pid, signal.SIGKILL)
        drill.await_settled(10)
        try:
            eventually(lambda: not asking.is_running(), 5, "the command is gone")
        finally:
            if asking.is_running():
                asking.kill()


def is_asking(process: psutil.Process) -> bool:
    return bool(process.info["cmdline"] == ["sleep", "4321"])


@pytest.mark.parametrize(
    "part",
    [
        RUNNER,
        pytest.param(WATCHDOG, marks=pytest.mark.soak),
        pytest.param(SANDBOX, marks=pytest.mark.soak),
    ],
)
def test_nobody_is_ready_whose_drill_lost_a_part(part: str, tmp_path: Path) -> None:
    """In the second between the last step and the end, when all else says ready."""
    shutil.copytree(DRILLS, tmp_path / "drills")
    with running(tmp_path, "checkout-degraded") as drill:
        eventually(lambda: "scale-out" in steps(drill), 60, "the last required step is done")
        for process in psutil.process_iter():
            if part in command_of(process) and belongs(process, drill):
                process.kill()
        assert drill.process.wait(60) in {1, 4}
        row = drill.await_settled(10)
        assert conclude(drill.store, row.run)[0].readiness != "ready"


def steps(drill: RunningDrill) -> set[str]:
    """The steps that have evidence."""
    return {event.step for event in drill.events_so_far() if isinstance(event, StepEvidenced)}


def command_of(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


def belongs(process: psutil.Process, drill: RunningDrill) -> bool:
    ours = {one.pid for one in drill.processes()} | {int(drill.address["process"]["pid"])}
    return process.pid in ours
