"""One drill as a user starts it: its processes, its store, and its target."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import threading
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
from sqlalchemy import select as query

from drillmaster.timeline.store import Store, sqlite_url
from drillmaster.timeline.tables import obligations, runs
from tests.support.drills import COMMAND
from tests.support.sweep.moments import Stage
from tests.support.sweep.places import Place

_MARK = "PYTHON_DRILL_MARK"
"""The sandbox passes on what begins like this, so that its processes are found as well."""


def _as_from_a_shell() -> None:
    """Whoever started the sweep in the background has us ignore these."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _in_terminal() -> None:
    _as_from_a_shell()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Life:
    """A `drillmaster run`, all its processes, and the place of its faults."""

    def __init__(self, folder: Path, place: Place, *, terminal: bool) -> None:
        self.folder = folder
        self.place = place
        self._mark = uuid4().hex
        self.store = Store.open(sqlite_url(folder / ".drillmaster" / "drillmaster.db"))
        self.found = False
        """The target of the run is known."""
        self.master = -1
        self.said = bytearray()
        self.struck = False
        self._deaf = threading.Event()
        for name in ("tmp", "state"):
            (folder / name).mkdir()
        self.started = time.monotonic()
        self.process = self._start(str(place.project(folder)), terminal)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _start(self, drill: str, terminal: bool) -> "subprocess.Popen[bytes]":
        environment = {
            **os.environ,
            _MARK: self._mark,
            "TMPDIR": str(self.folder / "tmp"),
            "XDG_STATE_HOME": str(self.folder / "state"),
        }
        command = [*COMMAND, "run", drill, *self.place.arguments()]
        if terminal:
            self.master, slave = pty.openpty()
            try:
                return subprocess.Popen(
                    command,
                    cwd=self.folder,
                    env=environment,
                    stdin=slave,
                    stdout=slave,
                    stderr=slave,
                    start_new_session=True,
                    preexec_fn=_in_terminal,  # noqa: PLW1509
                )
            finally:
                os.close(slave)
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_as_from_a_shell,  # noqa: PLW1509
        )

    def _read(self) -> None:
        descriptor = self.master
        if self.process.stdout is not None:
            descriptor = self.process.stdout.fileno()
        with contextlib.suppress(OSError, ValueError):
            # A read that waits would keep a terminal open that is being closed.
            while not self._deaf.is_set():
                if select.select([descriptor], [], [], 0.01)[0]:
                    chunk = os.read(descriptor, 65536)
                    if not chunk:
                        return
                    self.said += chunk

    def row(self) -> Any:
        """The run's row, once there is one."""
        with self.store.read() as connection:
            return connection.execute(query(runs)).first()

    def faults(self) -> dict[str, str]:
        """State by fault."""
        with self.store.read() as connection:
            rows = connection.execute(query(obligations).where(obligations.c.kind == "fault"))
            return {row.undo["name"]: row.state for row in rows}

    def look(self) -> bool:
        """Let the place know of the target as soon as it is known; whether a fault is in force
        there."""
        if not self.found:
            row = self.row()
            address = row and row.settlement.get("target")
            if not address:
                return False
            self.found = True
            self.place.find(address)
        return self.place.look()

    def begun(self, stage: Stage) -> bool:
        """Whether a stage of the life has begun."""
        row = self.row()
        match stage:
            case "start":
                return True
            case "target":
                return self.found
            case "fault":
                return "injected" in self.faults().values() or self._past(row, "settling")
            case "undo":
                return self._past(row, "settling", "settled")
            case "end":
                return self._past(row, "settled")

    @staticmethod
    def _past(row: Any, *states: str) -> bool:
        return row is not None and row.state in {*states, "settled"}

    def processes(self, module: str = "") -> list[psutil.Process]:
        """Every living process of the drill, its sandbox's too; or those of one module."""
        return [process for process in psutil.process_iter() if self._is_ours(process, module)]

    def _is_ours(self, process: psutil.Process, module: str) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            if process.environ().get(_MARK) != self._mark:
                return False
            return not module or module in process.cmdline()
        except (psutil.Error, OSError):
            return False

    def send(self, number: int, *modules: str, supervisor: bool = False) -> None:
        """Send a signal to processes, as near to one moment as may be."""
        pids = [one.pid for module in modules for one in self.processes(module)]
        if supervisor and self.process.poll() is None:
            pids.append(self.process.pid)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
                self.struck = True

    def send_group(self, number: int) -> None:
        """Send a signal to the supervisor's process group, as a terminal does."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
            self.struck = True

    def hang_up(self) -> None:
        """Close the terminal."""
        self._deaf.set()
        self._reader.join()
        self.struck = self.process.poll() is None
        os.close(self.master)
        self.master = -1

    def close(self) -> None:
        """Let go of everything, and kill what is left."""
        self.place.close()
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                process.kill()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.master >= 0:
            os.close(self.master)
            self.master = -1
        self._reader.join(2)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.store.close()
