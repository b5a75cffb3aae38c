"""Threads beside the supervisor's loop: each watches one thing and tells the loop.

The loop alone writes the timeline. A worker that fails tells so, and the drill is
aborted: a silent watcher would be a drill that measures nothing.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from drillmaster.engine.failures import log_bug, reason_of
from drillmaster.timeline.events import AnyEvent


@dataclass(frozen=True, slots=True)
class Failed:
    """A worker ended with a failure."""

    worker: str
    reason: str


@dataclass(frozen=True, slots=True)
class Abort:
    """A worker saw what ends the drill."""

    why: str


@dataclass(frozen=True, slots=True)
class Done:
    """A worker has done what it was started for."""

    worker: str


Message = AnyEvent | Failed | Abort | Done

Tell = Callable[[Message], None]

Work = Callable[[threading.Event, Tell], None]
"""Works until the event is set, and tells what it sees."""

_log = logging.getLogger(__name__)


class Workers:
    """The threads of one run and the queue in which they tell."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._queue: queue.Queue[Message] = queue.Queue()
        self._threads: list[threading.Thread] = []

    def start(self, name: str, work: Work) -> None:
        """Start a worker."""
        thread = threading.Thread(target=self._run, args=(name, work), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def told(self, wait: float) -> list[Message]:
        """What was told since the last call; waits so many seconds for a first message."""
        messages: list[Message] = []
        try:
            messages.append(self._queue.get(timeout=wait))
            while True:
                messages.append(self._queue.get_nowait())
        except queue.Empty:
            return messages

    def stop(self) -> None:
        """Tell all to stop."""
        self._stop.set()

    def join(self, wait: float) -> None:
        """Wait for all to stop, so many seconds at the most: one may hang."""
        until = time.monotonic() + wait
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _run(self, name: str, work: Work) -> None:
        try:
            work(self._stop, self._queue.put)
        except Exception as error:  # whatever it is, the loop must know
            log_bug(_log, name, error)
            self._queue.put(Failed(name, reason_of(error)))
        else:
            self._queue.put(Done(name))
