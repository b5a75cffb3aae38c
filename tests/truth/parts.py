"""What stands in a virtual drill for threads, processes and the disk. Everything else in it
is the real thing."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Self

import pytest
from sqlalchemy import Connection, select

from drillmaster.access import checks
from drillmaster.engine.drill import conductor, effects, human, watchers
from drillmaster.engine.drill.workers import Message, Work, Workers
from drillmaster.engine.planning import steady
from drillmaster.engine.settling import once, settlement, undoing
from drillmaster.faults import registry
from drillmaster.probes import through
from drillmaster.runbooks import turned
from drillmaster.timeline.store import Store
from drillmaster.timeline.tables import oncall_log
from tests.truth.hub import Hub, Task
from tests.truth.staging import VirtualFault

Log = Callable[[float, dict[str, Any]], None]
"""Told of what the on-call system wrote into its log, and when it came to write."""


class SlowStore(Store):
    """A store in which a writer waits for others, and for the disk."""

    hub: Hub
    busy: float = 0.0
    """The longest that a writer waits, in seconds."""
    log: Log
    _seen = 0

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """As the store's own."""
        self.hub.pause(self.hub.random.uniform(0, self.busy))
        with super().write() as connection:
            at = self.hub.now
            yield connection
            query = select(oncall_log).where(oncall_log.c.id > self._seen)
            for row in connection.execute(query.order_by(oncall_log.c.id)).all():
                self._seen = row.id
                self.log(at, row.entry)
        self.hub.pause(self.hub.random.uniform(0, 0.01))


class VirtualWorkers(Workers):
    """The workers of a conductor, as threads under the hub."""

    hub: Hub  # of this run: set on a class of its own

    def __init__(self) -> None:
        super().__init__()
        self._arrived = threading.Event()
        self._tasks: list[Task] = []

    def start(self, name: str, work: Work) -> None:
        self._tasks.append(self.hub.spawn(name, lambda: self._run(name, work)))

    def told(self, wait: float) -> list[Message]:
        if self._queue.empty() and wait:
            self._arrived.clear()
            self.hub.pause(wait, self._arrived)
        return super().told(0.0001) if not self._queue.empty() else []

    def join(self, wait: float) -> None:
        until = self.hub.now + wait
        while self.hub.now < until and any(task.alive for task in self._tasks):
            self.hub.pause(0.01)


class AtOnce:
    """A pool of threads in which everything is done as soon as it is submitted."""

    def __init__(self, *_arguments: Any, **_named: Any) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def submit(self, work: Callable[..., Any], *arguments: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_result(work(*arguments))
        return future

    def shutdown(self, **_named: Any) -> None:
        pass


class Quiet:
    """Watchdog, heartbeat, signals and runner of a drill in which no process dies."""

    received: str | None = None
    lost = threading.Event()

    def alive(self) -> bool:
        return True

    def lapsed(self) -> bool:
        return False

    def watched_until(self) -> None:
        return None

    def ended(self) -> bool:
        return False

    def stopped(self) -> bool:
        return False

    def complaint(self) -> str | None:
        return None


def _unbounded(work: Callable[[], Any], *_arguments: Any, **_named: Any) -> Any:
    return work()


def put_in(patch: pytest.MonkeyPatch, hub: Hub, rhythm: Callable[[float], float]) -> None:
    """Let the real parts run under the hub. `rhythm` says how long a pause is in this run."""

    class Mine(VirtualWorkers):
        pass

    class Threads:
        @staticmethod
        def Thread(target: Callable[[], None], **_named: Any) -> Any:  # noqa: N802 (its name)
            class Started:
                def start(self) -> None:
                    self.is_alive = hub.spawn("evidence", target).is_alive

            return Started()

    Mine.hub = hub
    patch.setattr(conductor, "Workers", Mine)
    patch.setattr(turned, "threading", Threads)
    patch.setattr(checks, "ThreadPoolExecutor", AtOnce)
    patch.setattr(steady, "ThreadPoolExecutor", AtOnce)
    for module in (through, once, settlement):
        patch.setattr(module, "bounded", _unbounded)
    patch.setattr(settlement, "see_dead", lambda *_a, **_n: hub.await_all("machine"))
    patch.setitem(registry.KINDS, ("throttle", "virtual"), VirtualFault())
    patch.setitem(registry.KINDS, ("latency", "virtual"), VirtualFault())
    patch.setattr(human, "_PAGER", rhythm(0.05))
    patch.setattr(human, "_EVIDENCE", rhythm(0.1))
    patch.setattr(effects, "_EFFECT", rhythm(0.1))
    patch.setattr(turned, "EVERY", rhythm(0.25))
    patch.setattr(conductor, "_TICK", rhythm(0.05))
    patch.setattr(settlement, "_PAUSE", rhythm(0.1))
    patch.setattr(undoing, "_PAUSE", rhythm(0.1))
    patch.setattr(watchers, "_STOP", 5.0)
