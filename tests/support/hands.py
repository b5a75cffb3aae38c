"""A clock that is moved by hand, and stores that are made fast."""

import threading
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from drillmaster.timeline.store import Store, sqlite_url


class HandClock:
    """Stands still until it is moved."""

    def __init__(self, start: datetime = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._start = start

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)

    def now(self) -> datetime:
        """The time to which it was moved."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since it was made."""
        return (self._now - self._start).total_seconds()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """The seconds pass at once, unless the event is set."""
        if not event.is_set():
            self.move(seconds)
        return event.is_set()


def fresh_store(folder: Path) -> Store:
    """An empty store in a folder."""
    path = folder / "drillmaster.db"
    path.write_bytes(_empty())
    return Store.open(sqlite_url(path))


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        Store.open(sqlite_url(path)).close()
        return path.read_bytes()
