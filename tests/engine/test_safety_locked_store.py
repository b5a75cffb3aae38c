"""Somebody freezes in the middle of a write, and holds the store's lock."""

import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.drills import RunningDrill, eventually, running, write_project


def freeze_in_a_write(drill: RunningDrill, pid: int) -> None:
    """Stop the process, again and again, until it holds the store's lock as it stops."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        os.kill(pid, signal.SIGSTOP)
        if locked(drill):
            return
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.003)  # let it come to its next write
    pytest.fail("it never stopped in the middle of a write")


def locked(drill: RunningDrill) -> bool:
    path = str(drill.store.url.database)
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
        return False


def test_a_supervisor_that_freezes_in_a_write_keeps_no_fault_in(tmp_path: Path) -> None:
    with running(tmp_path, str(write_project(tmp_path))) as drill:
        drill.await_fault("throttle")
        freeze_in_a_write(drill, drill.process.pid)
        eventually(drill.served, 20, "every request is served")
        assert drill.await_settled(10).ended == "aborted"
        drill.process.send_signal(signal.SIGCONT)  # if the lock was another's, it is only lost
        eventually(lambda: drill.processes() == [], 10, "no process is left")
