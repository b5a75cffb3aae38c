"""A wall clock that jumps, in every Python process of a drill.

`faketime` would be the usual means, but with it `time.sleep` fails (its `clock_nanosleep`
refuses the monotonic clock with an absolute time, which Python uses since 3.11). So each
process loads a `sitecustomize` that adds an offset, read anew from a file, to all that Python
code asks the wall clock. The monotonic clock stays as it is, as on a real machine.
"""

import os
from dataclasses import dataclass
from pathlib import Path

_PATCH = """\
import datetime, os, pathlib, time

_FOLDER = pathlib.Path(os.environ["TEST_JUMPING_CLOCK"])
_time, _time_ns = time.time, time.time_ns


def _offset():
    return float((_FOLDER / "offset").read_text())


time.time = lambda: _time() + _offset()
time.time_ns = lambda: _time_ns() + round(_offset() * 1e9)
(_FOLDER / f"process-{os.getpid()}").touch()

import drillmaster.clock as clock


class Jumping(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.now(tz) + datetime.timedelta(seconds=_offset())


clock.datetime = Jumping
"""


@dataclass(frozen=True)
class JumpingClock:
    """The clock of all processes that are started with its variables."""

    folder: Path

    @classmethod
    def at(cls, folder: Path, offset: float = 0.0) -> "JumpingClock":
        """A clock that is off by so many seconds."""
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(_PATCH)
        clock = cls(folder)
        clock.jump(offset)
        return clock

    def jump(self, offset: float) -> None:
        """From now on it is off by so many seconds."""
        new = self.folder / "new"
        new.write_text(str(offset))
        new.replace(self.folder / "offset")  # nobody reads half of it

    @property
    def variables(self) -> dict[str, str]:
        """What a process needs to live by it."""
        path = os.pathsep.join(filter(None, [str(self.folder), os.environ.get("PYTHONPATH")]))
        return {"TEST_JUMPING_CLOCK": str(self.folder), "PYTHONPATH": path}

    @property
    def processes(self) -> int:
        """How many processes have lived by it."""
        return len(list(self.folder.glob("process-*")))
