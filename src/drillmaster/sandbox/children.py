"""The host's side of the nursery: start a process, kill it, hear of its end."""

import asyncio
import json
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class Child:
    """A process of the nursery."""

    name: str
    started: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    pid: int = 0
    port: int = 0


class Children:
    """All processes of the nursery."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._writer: asyncio.StreamWriter | None = None
        self._living: dict[str, Child] = {}
        self._listening: asyncio.Task[None] | None = None
        self.lost = asyncio.Event()
        """Set when the nursery is gone, and every child with it or soon after."""

    async def connect(self) -> None:
        """Begin to listen to the nursery."""
        reader, self._writer = await asyncio.open_connection(sock=self._control)
        self._listening = asyncio.create_task(self._listen(reader))

    async def start(
        self,
        name: str,
        role: str,
        arguments: dict[str, Any],
        on_end: Callable[[], object] | None = None,
    ) -> Child:
        """Start a process; returns once it has its pid and its port.

        `on_end` is called when the process has ended, for whatever reason.
        """
        child = self._living[name] = Child(name)
        self._order({"start": name, "role": role, "arguments": arguments})
        if on_end is not None:
            asyncio.create_task(self._watch(child, on_end))  # noqa: RUF006  # ends with the child
        await child.started.wait()
        return child

    async def kill(self, *children: Child, by: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to processes, and wait until they are gone."""
        for child in children:
            self._order({"kill": child.name, "signal": int(by)})
        for child in children:
            await child.ended.wait()

    async def dismiss(self) -> None:
        """Close the nursery, and wait until it and all children are gone."""
        if self._writer is not None:
            self._writer.write_eof()
        await self.lost.wait()

    def _order(self, order: dict[str, Any]) -> None:
        assert self._writer is not None
        self._writer.write(json.dumps(order).encode() + b"\n")

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                self._hear(json.loads(line))
        finally:
            self.lost.set()

    def _hear(self, news: dict[str, Any]) -> None:
        if "started" in news:
            child = self._living[news["started"]]
            child.pid, child.port = news["pid"], news["port"]
            child.started.set()
        else:
            self._living.pop(news["ended"]).ended.set()

    @staticmethod
    async def _watch(child: Child, on_end: Callable[[], object]) -> None:
        await child.ended.wait()
        on_end()
