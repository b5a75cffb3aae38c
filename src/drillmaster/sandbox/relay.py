"""The way from the replicas to their database, which can be cut and pointed elsewhere.

Replicas know one port. While the database behind it is cut, nobody listens there, so
that a replica meets a refused connection, as it would if the database were down.
"""

import asyncio
from contextlib import suppress

from drillmaster.sandbox.children import Child
from drillmaster.sandbox.listening import bound, port_of

PRIMARY = "database-primary"
STANDBY = "database-standby"


class Relay:
    """One port in front of two databases."""

    def __init__(self) -> None:
        # Bound and never listening: it keeps the port while the one that listens is closed.
        self._reserved = bound(0)
        self.port = port_of(self._reserved)
        self.current = PRIMARY
        """Which database the port leads to."""
        self.databases: dict[str, Child] = {}
        """The database processes, by name."""
        self._cut: frozenset[str] = frozenset()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def state(self) -> str:
        """`primary`, `standby`, or `unreachable`."""
        if self.current in self._cut:
            return "unreachable"
        return "primary" if self.current == PRIMARY else "standby"

    async def apply(self, cut: frozenset[str], current: str | None = None) -> None:
        """Cut these databases, and lead to `current` from now on.

        Connections that were open to what is cut, or to another database, are broken.
        """
        moved = current is not None and current != self.current
        self._cut = cut
        self.current = current or self.current
        if self.current in cut:
            self._close()
        elif self._server is None:
            listener = bound(self.port)
            listener.listen()
            self._server = await asyncio.start_server(self._serve, sock=listener)
        elif moved:
            self._break()

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        self._break()

    def _break(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = self.databases[self.current].port
        self._writers.add(writer)
        try:
            there, back = await asyncio.open_connection("127.0.0.1", port)
            self._writers.add(back)
            try:
                await asyncio.gather(_pump(reader, back), _pump(there, writer))
            finally:
                self._writers.discard(back)
                back.close()
        except OSError:
            pass  # the database is down, or one side broke: the other is told by the close
        finally:
            self._writers.discard(writer)
            writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    with suppress(OSError):
        writer.write_eof()
