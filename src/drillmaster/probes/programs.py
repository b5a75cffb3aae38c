"""Running a program so that nothing of it is left afterwards."""

import contextlib
import os
import signal
import subprocess
import threading
from dataclasses import dataclass
from typing import IO

LONGEST_OUTPUT = 64 << 10
"""Bytes of a program's output that are kept; the rest is read and dropped."""

_LAST_WORDS = 0.5
"""Seconds to wait for the end of the output of a program that is gone."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended."""

    code: int | None
    """Its exit code, or minus the signal that ended it; None: it had to be killed."""
    output: str
    """What it wrote, on either stream."""


def run(arguments: list[str], environment: dict[str, str], seconds: float) -> Ended:
    """Run a program to its end, or kill it and all of its process group at the time-out.

    Whatever the program started and left in its group is killed as well.

    Raises:
        OSError: it cannot be started.
        ValueError: an argument or a variable cannot be passed on.
    """
    process = subprocess.Popen(
        arguments,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
        start_new_session=True,
    )
    assert process.stdout is not None
    output = _Output(process.stdout)
    code: int | None = None
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = process.wait(seconds)
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return Ended(code, output.text())


class _Output:
    """Reads a pipe to its end, so that the program never waits for a reader.

    The thread owns the pipe: a process that left the group may hold its other end for
    ever, and a file must not be closed under a reader.
    """

    def __init__(self, pipe: IO[bytes]) -> None:
        self._kept = bytearray()
        self._thread = threading.Thread(target=self._read, args=(pipe,), daemon=True)
        self._thread.start()

    def text(self) -> str:
        """What was written so far, soon after the program's end."""
        self._thread.join(_LAST_WORDS)
        return bytes(self._kept).decode(errors="replace")

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            while chunk := pipe.read(8192):
                self._kept += chunk[: LONGEST_OUTPUT - len(self._kept)]
