"""Time, injected: one steady clock for every process of a run.

Wall clocks jump (NTP, daylight saving by hand, a suspended laptop), and a metric
must not. A run therefore anchors its wall time once to the machine's monotonic
clock, which all processes of one boot share, and every local time of the run is
read from there.
"""

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict


class Clock(Protocol):
    """What the code may ask about time."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never run backwards."""

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until the event is set (True) or the seconds have passed (False)."""


class Anchor(BaseModel):
    """A wall time and the monotonic seconds at the same moment, in one boot."""

    model_config = ConfigDict(frozen=True)

    wall: datetime
    monotonic: float
    boot: str

    @classmethod
    def here(cls) -> "Anchor":
        """An anchor at this moment on this machine."""
        return cls(wall=datetime.now(UTC), monotonic=time.monotonic(), boot=boot_id())


class SteadyClock:
    """The clock of a run: its anchor's wall time plus monotonic seconds since.

    In another boot than the anchor's (or on another host) the monotonic clocks
    have nothing in common, so there it reads the wall clock.
    """

    def __init__(self, anchor: Anchor | None = None) -> None:
        self.anchor = anchor or Anchor.here()
        self._same_boot = self.anchor.boot == boot_id()

    def now(self) -> datetime:
        """The anchored time, in UTC."""
        if not self._same_boot:
            return datetime.now(UTC)
        return self.anchor.wall + timedelta(seconds=time.monotonic() - self.anchor.monotonic)

    def monotonic(self) -> float:
        """The machine's monotonic seconds."""
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for the event, at most the given seconds."""
        return event.wait(max(0.0, seconds))


def boot_id() -> str:
    """The identity of this machine's current boot; empty where the system has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
