"""What became of one drill."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.support.sweep.moments import Moment


@dataclass(slots=True)
class Fate:
    """What became of one drill."""

    way: str
    moment: Moment
    struck: bool = False
    """There was something to do it to: a runner, a watchdog, a supervisor that lived."""
    early: bool = True
    """It happened before the run was being settled."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When it happened."""
    had_fault: bool = False
    """A fault was in force when it happened."""
    undone: float | None = None
    """Seconds until the last mark was gone; None where there never was one."""
    settled: float | None = None
    """Seconds until the run was settled; None where there was no run, or it was settled."""
    code: int | None = None
    ended: str | None = None
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        times = [
            f"{name} {value:.3f}s"
            for name, value in (("undone", self.undone), ("settled", self.settled))
            if value is not None
        ]
        told = f"{self.way} at {self.moment}: exit {self.code}, {self.ended} {' '.join(times)}"
        return "\n    ".join([told, *self.problems])
