"""Writing the timeline of a run that we hold, and telling whoever watches."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection

from drillmaster.clock import Clock
from drillmaster.engine.books.ledger import Hold
from drillmaster.timeline.chain import Recorded
from drillmaster.timeline.events import AnyEvent, Event
from drillmaster.timeline.log import append, drain, read, waiting
from drillmaster.timeline.store import Store

Observer = Callable[[Recorded], None]
"""Sees each event once it is in the store. It cannot disturb the run."""

Also = Callable[[Connection], None]
"""What is done in the same transaction as events are written."""

E = TypeVar("E", bound=Event)

_log = logging.getLogger(__name__)


def stretch(since: datetime, until: datetime) -> dict[str, Any]:
    """The fields of an event of which is known only that it happened between two times."""
    half = max(until - since, timedelta(0)) / 2
    return {"occurred_at": until - half, "precision": half.total_seconds()}


class Recorder:
    """The one writer of a run's timeline, for as long as the fence is ours."""

    def __init__(
        self,
        store: Store,
        hold: Hold,
        clock: Clock,
        source: str,
        observers: Sequence[Observer] = (),
    ) -> None:
        self.store = store
        self.hold = hold
        self.clock = clock
        self.source = source
        self._observers = observers

    def make(self, kind: type[E], /, **fields: Any) -> E:
        """An event that happens now, seen by ourselves."""
        now = self.clock.now()
        told = {"occurred_at": now, "observed_at": now, "source": self.source, "precision": 0.001}
        return kind(**(told | fields))

    def record(self, *new: AnyEvent, also: Also | None = None) -> list[Recorded]:
        """Append events, and do what belongs to them in the ledger, both or neither.

        Raises:
            LostError: the run is not ours any more.
            StoreError: the store cannot be written.
        """
        with self.store.write() as connection:
            written = append(connection, self.hold.run, self.hold.fence, new)
            if also is not None:
                also(connection)
        return self._tell(written)

    def drain(self) -> list[Recorded]:
        """Append what lies in the inbox. Raises as `record`."""
        with self.store.read() as connection:
            if not waiting(connection, self.hold.run):
                return []
        with self.store.write() as connection:
            arrived = [self._observed(event) for event in drain(connection, self.hold.run)]
            written = append(connection, self.hold.run, self.hold.fence, arrived)
        return self._tell(written)

    def replay(self) -> None:
        """Tell the observers what stands in the timeline already."""
        self._tell(read(self.store, self.hold.run))

    def _observed(self, event: AnyEvent) -> AnyEvent:
        return event.model_copy(update={"observed_at": self.clock.now()})

    def _tell(self, written: list[Recorded]) -> list[Recorded]:
        for record in written:
            for observer in self._observers:
                try:
                    observer(record)
                except Exception:  # whoever watches must not end a run
                    _log.debug("an observer failed", exc_info=True)
        return written
