"""What a process is born with in the nursery, and how it knows that it must end."""

import asyncio
import os
import socket
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Birth:
    """What the nursery gives to a child."""

    name: str
    listener: socket.socket
    """Open already; the child serves it."""
    lifeline: int
    """A pipe from the host that nothing is ever written to: its end is the host's end."""
    arguments: dict[str, Any]

    def end_with_host(self, loop: asyncio.AbstractEventLoop) -> None:
        """End this process, whatever it does, once the host is gone."""
        loop.add_reader(self.lifeline, os._exit, 0)
