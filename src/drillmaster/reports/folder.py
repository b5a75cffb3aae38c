"""Files into a folder: all of them, or nothing."""

import errno
import os
import shutil
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from drillmaster.errors import DrillmasterError, ExitCode

_BESIDE = ".reports-"

_LEFT = 60.0
"""Seconds after which half-written files are surely nobody's any more."""


class ReportError(DrillmasterError):
    """The reports cannot be written."""

    exit_code = ExitCode.INVALID


def write_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files into a folder, which is made where it is not yet there.

    All are written beside their places and are on the disk before the first takes its
    place, so a disk that fills up leaves what was there before, whole.

    Raises:
        ReportError: the folder cannot be made or written.
    """
    try:
        _make(folder, contents)
        _sweep(folder)
        with TemporaryDirectory(prefix=_BESIDE, dir=folder) as beside:
            for name, content in contents.items():
                _write(Path(beside) / name, content)
            for name in contents:
                (Path(beside) / name).replace(folder / name)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ReportError(f"the reports cannot be written to {folder}: {reason}") from None


def _make(folder: Path, names: Iterable[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if (folder / name).is_dir():  # or the files before it would be replaced alone
            raise IsADirectoryError(errno.EISDIR, f"{name} is a folder")


def _sweep(folder: Path) -> None:
    """Remove what a process left that was killed while it wrote."""
    for left in folder.glob(f"{_BESIDE}*"):
        if time.time() - left.stat().st_mtime > _LEFT:
            shutil.rmtree(left, ignore_errors=True)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
