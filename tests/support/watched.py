"""A watch of pods that goes on beside a test."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from drillmaster.targets.base import PodsNow, Target
from tests.support.sandbox import eventually


@dataclass
class Watched:
    """What was told so far."""

    told: list[PodsNow] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    """When, by the monotonic clock."""
    failed: list[Exception] = field(default_factory=list)

    def await_word(self, word: str, after: int = 0) -> PodsNow:
        """Wait until a change with a word in it is told."""

        def found() -> PodsNow | None:
            return next((now for now in self.told[after:] if word in now.change), None)

        eventually(found, 30)
        now = found()
        assert now is not None
        return now

    def await_ready(self, ready: int) -> PodsNow:
        """Wait until so many are ready, as told last."""
        eventually(lambda: bool(self.told) and self.told[-1].ready == ready, 30)
        return self.told[-1]


@contextmanager
def watching(target: Target, namespace: str, labels: dict[str, str]) -> Iterator[Watched]:
    """Watch the pods of a selector for the block."""
    seen, stop = Watched(), threading.Event()

    def watch() -> None:
        try:
            for now in target.watch(namespace, labels, stop):
                seen.at.append(time.monotonic())
                seen.told.append(now)
        except Exception as error:
            seen.failed.append(error)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
