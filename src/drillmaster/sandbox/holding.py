"""The hold port: the sandbox lives while somebody holds a connection to it.

A holder that is killed lets go, because its system closes the connection; no heartbeat
is needed and none can be forgotten.
"""

import asyncio
from collections.abc import Callable
from typing import Any

LINGER = 0.4
"""Seconds from the last holder's leaving to the end: a holder that hands over has time,
and all is gone within half a second."""


class Holding:
    """Who holds the sandbox, and when to leave."""

    def __init__(self, greeting: str, leave: Callable[[], None]) -> None:
        self._greeting = greeting
        self._leave = leave
        self._holders: set[asyncio.BaseTransport] = set()
        self._timer: asyncio.TimerHandle | None = None

    def wait(self, seconds: float) -> None:
        """Leave in so many seconds, unless somebody holds by then."""
        self._timer = asyncio.get_running_loop().call_later(seconds, self._leave)

    def add(self, transport: asyncio.WriteTransport) -> None:
        """Somebody holds. They are told which sandbox they hold."""
        self._holders.add(transport)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        transport.write(f"{self._greeting}\n".encode())

    def drop(self, transport: asyncio.BaseTransport) -> None:
        """Somebody let go."""
        self._holders.discard(transport)
        if not self._holders:
            self.wait(LINGER)


class Holder(asyncio.Protocol):
    """One holder's connection."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is open."""
        self._transport = transport
        self._holding.add(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # the base class's
        """The connection is closed, in whatever way."""
        self._holding.drop(self._transport)
