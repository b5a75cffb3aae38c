"""Reading a log as it is written, also while it is rotated.

A file is known by its inode and its first line. So a file that was renamed is still the same; one
that was emptied and written anew is another, and so is one that begins with a record that was
posted twice.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from drillmaster.targets.base import DeclinedError

_MOST_OF_A_LINE = 1 << 22
"""Bytes of a first line; the API server cuts what is much shorter than that."""


class LogFiles:
    """A log, and the files that it was rotated to: `audit.log`, and `audit-….log` beside it."""

    def __init__(self, path: Path, *, history: bool) -> None:
        """Without `history`, what the log was rotated to before now is not read."""
        self._path = path
        self._read: dict[tuple[int, bytes], int] = {}
        """How many bytes of a file were read, by its inode and its first line."""
        self._before = frozenset() if history else frozenset(self._rotated())

    def lines(self) -> Iterator[bytes]:
        """The whole lines that nobody has read yet, oldest first.

        Raises:
            DeclinedError: there is no such log, or it may not be read.
        """
        for path in self._paths():
            try:
                yield from self._new(path)
            except FileNotFoundError:
                continue  # it was rotated away between two looks; it is met under its new name
            except OSError as error:
                raise DeclinedError(
                    f"the audit log {path} cannot be read: {error.strerror}"
                ) from None

    def _paths(self) -> list[Path]:
        """The rotated files by the times in their names, then the log itself."""
        if not self._path.parent.is_dir():
            raise DeclinedError(f"the audit log {self._path} is not there")
        rotated = [path for path in self._rotated() if path not in self._before]
        if not rotated and not self._path.exists():
            raise DeclinedError(f"the audit log {self._path} is not there")
        return [*rotated, self._path]

    def _rotated(self) -> list[Path]:
        return sorted(self._path.parent.glob(f"{self._path.stem}-*{self._path.suffix}"))

    def _new(self, path: Path) -> Iterator[bytes]:
        with path.open("rb") as file:
            first = file.readline(_MOST_OF_A_LINE)
            if not first.endswith(b"\n"):
                return  # empty, or its first line is half written
            known = (os.fstat(file.fileno()).st_ino, first)
            file.seek(self._read.get(known, 0))
            for line in file:
                if not line.endswith(b"\n"):
                    return  # half written: it is read when it is whole
                yield line
                self._read[known] = self._read.get(known, 0) + len(line)
