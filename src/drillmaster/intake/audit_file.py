"""The file that keeps an audit log, rotated as an API server rotates its own."""

import os
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BufferedWriter
from pathlib import Path

ROTATED = 5
"""How many files that the log was rotated to are kept."""


class AuditFile:
    """An audit log, a record a line. One process may write it."""

    def __init__(self, path: Path, longest: int) -> None:
        """`longest` is how many bytes it may hold before it is rotated to `audit-….log`."""
        self._path, self._longest = path, longest
        self._lock = threading.Lock()
        self._mend()

    def append(self, lines: Iterable[bytes]) -> None:
        """Write lines, and see them on the disk.

        Raises:
            OSError: they may not be there, or not as a whole.
        """
        with self._lock:
            self._rotate()
            with self._open() as file:
                file.write(b"".join(line + b"\n" for line in lines))
                file.flush()
                os.fsync(file.fileno())

    def _mend(self) -> None:
        """End a line that was cut off: what is written next must be a line of its own."""
        with self._open() as file:
            if file.tell() and not _ends_well(self._path):
                file.write(b"\n")

    def _open(self) -> BufferedWriter:
        return open(self._path, "ab", opener=_private)

    def _rotate(self) -> None:
        if not self._path.exists() or self._path.stat().st_size < self._longest:
            return
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%f")
        self._path.rename(self._path.with_stem(f"{self._path.stem}-{now}"))
        pattern = f"{self._path.stem}-*{self._path.suffix}"
        for old in sorted(self._path.parent.glob(pattern))[:-ROTATED]:
            old.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)  # bodies of requests stand in it


def _ends_well(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
