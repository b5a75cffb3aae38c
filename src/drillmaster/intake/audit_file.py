"""The file that keeps an audit log, rotated as an API server rotates its own."""

import fcntl
import os
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

ROTATED = 5
"""How many files that the log was rotated to are kept."""


class AuditFile:
    """An audit log, a record a line, that this process alone writes."""

    def __init__(self, path: Path, longest: int) -> None:
        """`longest` is how many bytes it may hold before it is rotated to `audit-….log`.

        Raises:
            OSError: it cannot be written; BlockingIOError where another process keeps it.
        """
        self._path, self._longest = path, longest
        self._lock = threading.Lock()
        self._file = self._opened()

    def append(self, lines: Iterable[bytes]) -> None:
        """Write lines, and see them on the disk.

        Raises:
            OSError: they may not be there, or not as a whole.
        """
        with self._lock:
            self._be_current()
            self._end_line()
            left = memoryview(b"".join(line + b"\n" for line in lines))
            while left:
                left = left[self._file.write(left) :]
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let go of the file; closing again does nothing."""
        self._file.close()

    def _opened(self) -> FileIO:
        file = open(self._path, "ab+", buffering=0, opener=_private)  # noqa: SIM115 (kept open)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException:
            file.close()
            raise
        return file

    def _be_current(self) -> None:
        """Rotate a log that is long, and begin anew where somebody has taken it away."""
        here = os.fstat(self._file.fileno())
        if self._path.exists() and os.path.samestat(here, self._path.stat()):
            if here.st_size < self._longest:
                return
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%f")
            self._path.rename(self._path.with_stem(f"{self._path.stem}-{now}"))
            self._forget_oldest()
        new = self._opened()
        self._file.close()
        self._file = new

    def _forget_oldest(self) -> None:
        pattern = f"{self._path.stem}-*{self._path.suffix}"
        for old in sorted(self._path.parent.glob(pattern))[:-ROTATED]:
            old.unlink(missing_ok=True)

    def _end_line(self) -> None:
        """End a line that was cut off, by a full disk or with its process: what is written next
        must be a line of its own."""
        if self._file.seek(0, os.SEEK_END):
            self._file.seek(-1, os.SEEK_END)
            if self._file.read(1) != b"\n":
                self._file.write(b"\n")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)  # bodies of requests stand in it
