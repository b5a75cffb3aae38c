"""Virtual time: threads that believe in a clock, of which one at a time runs.

A thread that waits hands over to whoever is due next, and the time jumps there. So a drill of
half a minute takes as long as its work takes, and the same seed gives the same drill.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

_PATIENCE = 60.0  # real seconds that a thread waits for its turn; then something hangs


class Over(BaseException):
    """The drill is over: whoever acts in it goes home."""


class Task:
    """A thread under the hub."""

    def __init__(self, name: str, actor: bool) -> None:
        self.name = name
        self.actor = actor
        self.gate = threading.Semaphore(0)
        self.alive = True
        self.wake = 0.0
        self.ticket = 0
        self.event: threading.Event | None = None

    def is_alive(self) -> bool:
        """As a thread says it."""
        return self.alive


class Hub:
    """Owns the time, and who runs."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.now = 0.0
        """Virtual seconds since the beginning."""
        self.over = threading.Event()
        self.errors: list[BaseException] = []
        self._main = Task("main", actor=False)
        self._tasks = {threading.get_ident(): self._main}
        self._others: list[Task] = []
        self._tickets = 0

    def spawn(self, name: str, work: Callable[[], None], *, actor: bool = False) -> Task:
        """A new thread; it begins when the others wait."""
        task = Task(name, actor)
        self._due(task, self.now)

        def run() -> None:
            self._tasks[threading.get_ident()] = task
            task.gate.acquire()
            try:
                work()
            except Over:
                pass
            except BaseException as error:
                self.errors.append(error)
            finally:
                task.alive = False
                self._others.remove(task)
                del self._tasks[threading.get_ident()]
                self._next().gate.release()

        self._others.append(task)
        threading.Thread(target=run, name=name, daemon=True).start()
        return task

    def pause(self, seconds: float, event: threading.Event | None = None) -> None:
        """Let time pass, or an event come. A thread that is not ours (a courier's) makes
        everybody wait for it, as a busy machine does."""
        task = self._tasks.get(threading.get_ident())
        if task is None:
            self.now += max(0.0, seconds)
            return
        self._due(task, self.now + max(0.0, seconds))
        task.event = event
        following = self._next()
        if following is not task:
            following.gate.release()
            assert task.gate.acquire(timeout=_PATIENCE), f"{task.name} waits for ever"
        task.event = None
        if task.actor and self.over.is_set():
            raise Over

    def finish(self) -> None:
        """Send the actors home, and wait for all others."""
        self.over.set()
        while self._others:
            self.pause(0.01)

    def await_all(self, name: str) -> str:
        """Wait until the threads of a name are done."""
        while any(task.name == name for task in self._others):
            self.pause(0.01)
        return "it ended"

    def at(self) -> datetime:
        """The time, as a clock says it."""
        return START + timedelta(seconds=self.now)

    def _due(self, task: Task, at: float) -> None:
        self._tickets += 1
        task.wake, task.ticket = at, self._tickets

    def _next(self) -> Task:
        chosen = min([self._main, *self._others], key=lambda one: (self._at(one), one.ticket))
        self.now = self._at(chosen)
        return chosen

    def _at(self, task: Task) -> float:
        awake = (task.event is not None and task.event.is_set()) or (
            task.actor and self.over.is_set()
        )
        return self.now if awake else max(task.wake, self.now)


class VirtualClock:
    """The clock that everything in the drill is given. Whoever waits wakes up late."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def now(self) -> datetime:
        """The virtual time."""
        return self._hub.at()

    def monotonic(self) -> float:
        """The same in seconds."""
        return self._hub.now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for the event, and never exactly as long as was asked."""
        if seconds > 0 and not event.is_set():
            random = self._hub.random
            late = random.uniform(0, 0.3) if random.random() < 0.03 else random.uniform(0, 0.01)
            self._hub.pause(seconds + late, event)
        return event.is_set()
