"""Signals that end a drill: noted, and acted on by the loop, so that none cuts an undo."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """While it is entered, INT, TERM and HUP are only noted, however often they come."""

    def __init__(self) -> None:
        self.received: str | None = None
        self.event = threading.Event()
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in _ENDING:
            self._before[number] = signal.signal(number, self._note)
        for before in self._before.values():
            self._take_over(getattr(before, "__self__", None))
        return self

    def _take_over(self, outer: object) -> None:
        """What was noted around us a moment before is for us: nobody else acts on it."""
        if isinstance(outer, Signals) and outer.received:
            self.received = self.received or outer.received
            self.event.set()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.received = self.received or signal.Signals(number).name
        self.event.set()
