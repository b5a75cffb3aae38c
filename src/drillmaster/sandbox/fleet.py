"""The replicas of the workload: as many as desired, each replaced when it dies.

A replica that died has a successor at once, with a name of its own, which is not ready
until it has been started and has answered its health page: as pods come and go.
"""

import asyncio
import itertools
import random
import signal
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from drillmaster.sandbox.children import Child, Children

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # no word comes of these

Healthy = Callable[[Child], Awaitable[bool]]
"""Waits for the health page of a process; False when it will not come."""


@dataclass(eq=False)
class Pod:
    """One replica."""

    name: str
    child: Child | None = None
    ready: bool = False
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """It is ready, or it will never be."""


class Fleet:
    """All replicas, oldest first."""

    def __init__(
        self,
        children: Children,
        healthy: Healthy,
        workload: str,
        restart: float,
        arguments: dict[str, Any],
    ) -> None:
        self.desired = 0
        self._children = children
        self._healthy = healthy
        self._workload = workload
        self._restart = restart
        self._arguments = arguments
        self._pods: dict[str, Pod] = {}
        self._turn = itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()
        self._rolling: asyncio.Task[None] | None = None

    @property
    def pods(self) -> list[Pod]:
        """All replicas, oldest first."""
        return list(self._pods.values())

    @property
    def ready(self) -> list[Pod]:
        """The replicas that serve, oldest first."""
        return [pod for pod in self._pods.values() if pod.ready]

    @property
    def rollout(self) -> str:
        """`progressing` while replicas are replaced or missing, `complete` otherwise."""
        rolling = self._rolling is not None and not self._rolling.done()
        return "progressing" if rolling or len(self.ready) < self.desired else "complete"

    def rotation(self) -> list[Pod]:
        """The replicas that serve, beginning with the one whose turn it is."""
        ready = self.ready
        if not ready:
            return []
        first = next(self._turn) % len(ready)
        return ready[first:] + ready[:first]

    def scale(self, replicas: int) -> None:
        """Have so many replicas; surplus ones are stopped, youngest first."""
        self.desired = replicas
        self._fill(delay=0.0)
        for pod in self.pods[replicas:]:
            self._retire(pod)

    async def settle(self) -> None:
        """Wait until every replica is ready."""
        for pod in self.pods:
            await pod.settled.wait()

    async def kill(self, names: list[str]) -> list[str]:
        """Kill the named replicas that run; returns their names once they are gone."""
        doomed = [
            pod.child for name in names if (pod := self._pods.get(name)) and pod.child is not None
        ]
        await self._children.kill(*doomed)
        return [child.name for child in doomed]

    def restart(self) -> bool:
        """Replace all replicas, one by one; False when that is under way already."""
        if self._rolling is not None and not self._rolling.done():
            return False
        self._rolling = self._task(self._roll())
        return True

    async def _roll(self) -> None:
        for old in self.pods:
            if old.name not in self._pods:
                continue  # it died, or was surplus, meanwhile
            fresh = self._add(delay=0.0)
            await fresh.settled.wait()
            if old.name in self._pods:
                self._retire(old)
            self._fill(delay=0.0)

    def _fill(self, delay: float) -> None:
        while len(self._pods) < self.desired:
            self._add(delay)

    def _add(self, delay: float) -> Pod:
        pod = Pod(f"{self._workload}-{''.join(random.choices(_LETTERS, k=5))}")  # noqa: S311  # a name
        self._pods[pod.name] = pod
        self._task(self._raise(pod, delay))
        return pod

    async def _raise(self, pod: Pod, delay: float) -> None:
        await asyncio.sleep(delay)
        if self._pods.get(pod.name) is not pod:
            return  # it was surplus before it ran
        pod.child = await self._children.start(
            pod.name, "replica", self._arguments, on_end=lambda: self._ended(pod)
        )
        if self._pods.get(pod.name) is not pod:
            await self._children.kill(pod.child)
        elif await self._healthy(pod.child) and self._pods.get(pod.name) is pod:
            pod.ready = True
            pod.settled.set()

    def _ended(self, pod: Pod) -> None:
        """A process is gone: unless it was told to go, another takes its place."""
        if self._pods.pop(pod.name, None) is None:
            return
        pod.ready = False
        pod.settled.set()
        self._fill(self._restart)

    def _retire(self, pod: Pod) -> None:
        """Take a replica out of the rotation, and let its running requests finish."""
        del self._pods[pod.name]
        pod.ready = False
        pod.settled.set()
        if pod.child is not None:
            self._task(self._children.kill(pod.child, by=signal.SIGTERM))

    def _task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
