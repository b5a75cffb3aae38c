"""The supervisor's children: the watchdog, which outlives it, and the runner, which does not."""

import contextlib
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

import psutil

from drillmaster.engine.machine.order import SAYS, RunnerOrder
from drillmaster.engine.machine.processes import GRACE
from drillmaster.engine.settling.watchdog import ALIVE
from drillmaster.errors import DrillmasterError, RefusedError
from drillmaster.process import MARK, ProcessIdentity

_ERROR = re.compile(r"(?:\w+\.)*(\w+(?:Error|Exception))(?::|$)")
"""How Python's own last line begins."""

_START = 20.0  # seconds; importing the store takes most of one, on a busy machine more
_SILENCE = 10.0  # seconds; it looks twice a second, and a slow store may hold it up
_END = GRACE + 2.0  # seconds; it kills itself one second after the end of its pipe


class Watchdog:
    """The supervisor's end of the watchdog's line."""

    def __init__(self) -> None:
        mine, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [*_python(), "drillmaster.engine.settling.watchdog", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
            )
        self._line = mine
        self._line.settimeout(_START)
        self._talk = mine.makefile("rw")
        self._process = process
        self._heard_at = time.monotonic()

    def watch(self, database: str, run: str) -> None:
        """Tell it the run; back when it is ready.

        Raises:
            RefusedError: it could not start.
        """
        self._say({"database": database, "run": run}, "ready")
        self._process.wait()  # the first fork; the watchdog itself is nobody's child

    def hold(self, address: dict[str, object]) -> None:
        """Let it hold the target; back when it does.

        Raises:
            RefusedError: it died, or cannot.
        """
        self._say({"hold": address}, "held")

    def alive(self) -> bool:
        """Whether it still watches: it says so at every look. Its death is the end of the
        line; one that is stopped, or hangs, falls silent."""
        while select.select([self._line], [], [], 0)[0]:
            try:
                said = self._line.recv(4096)
            except OSError:
                return False
            if not said:
                return False
            self._heard_at = time.monotonic()
        return time.monotonic() - self._heard_at < _SILENCE

    def close(self) -> None:
        """Let it go: it sees the end of the line, and that the run is settled."""
        with contextlib.suppress(OSError):  # what it did not take before it died
            self._talk.close()
        self._line.close()

    def _say(self, order: dict[str, object], expected: str) -> None:
        try:
            self._talk.write(json.dumps(order) + "\n")
            self._talk.flush()
            answer = ALIVE
            while answer == ALIVE:
                answer = self._talk.readline().strip()
        except OSError as error:
            raise RefusedError(f"the watchdog does not answer: {error}") from None
        if answer != expected:
            raise RefusedError("the watchdog could not start; nothing was injected")
        self._heard_at = time.monotonic()


class Runner:
    """The supervisor's end of the runner's pipe."""

    def __init__(self, run: str) -> None:
        reading, self._pipe = os.pipe()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (nameless: gone with the process)
        try:
            self._process = subprocess.Popen(
                [*_python(), "drillmaster.engine.machine.runner", str(reading)],
                pass_fds=[reading],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                env={**os.environ, MARK: run},
            )
        finally:
            os.close(reading)
        self.identity = ProcessIdentity.of(self._process.pid)

    def go(self, order: RunnerOrder) -> None:
        """Tell it what to do. Whatever it writes down comes through the store."""
        line = order.model_dump_json().encode() + b"\n"
        try:
            while line:
                line = line[os.write(self._pipe, line) :]
        except BrokenPipeError:
            raise DrillmasterError("the runner died before it was told what to do") from None

    def ended(self) -> bool:
        """Whether it is gone."""
        return self._process.poll() is not None

    def stopped(self) -> bool:
        """Whether somebody stopped it: it plays nothing then."""
        with contextlib.suppress(psutil.Error):
            return psutil.Process(self._process.pid).status() == psutil.STATUS_STOPPED
        return False

    def complaint(self) -> str:
        """Why it ended, for people: what it says itself, or the kind of the error that it
        died of. Whatever else an action or a library wrote there may hold a secret."""
        self._errors.seek(0)
        lines = self._errors.read()[-4096:].decode(errors="replace").strip().splitlines()
        last = lines[-1] if lines else ""
        if last.startswith(SAYS):
            return last.removeprefix(SAYS)
        error = _ERROR.match(last)
        return error[1] if error else ""

    def stop(self) -> None:
        """Close its pipe: it rolls back and ends."""
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1

    def close(self) -> None:
        """Take its exit status, so that it is no zombie. One that hangs, or was stopped, does
        not see the end of its pipe."""
        self.stop()
        try:
            self._process.wait(_END)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._errors.close()


def _python() -> list[str]:
    """This Python, which imports no file of the folder in which a drill is started."""
    return [sys.executable, "-P", "-m"]
