"""A replica of the service: a small HTTP server that needs its database to check out.

`/healthz` says that the process serves; `/checkout` reads the database through the
host's relay, and answers 503 when that cannot be done. A bare ASGI function: the
nursery loads before any replica can start, and loads the faster the less it imports.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn
import uvicorn.lifespan.off
import uvicorn.protocols.http.h11_impl  # loaded before the fork, not in each child

from drillmaster.sandbox.child import Birth

UNREACHABLE_HEADER = b"x-unreachable"
"""What a replica could not reach when it answered 503."""

_PATIENCE = 2.0  # seconds for one answer of the database

Message = MutableMapping[str, Any]


class Connection:
    """A kept connection to the database, made anew when it broke."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._turn = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, key: str) -> tuple[str, str]:
        """Which database answered, and the value.

        Raises:
            OSError: the connection is refused or breaks.
            EOFError: the database closed the connection.
            TimeoutError: no answer within two seconds; an OSError, too.
        """
        async with self._turn, asyncio.timeout(_PATIENCE):
            try:
                return await self._ask(key)
            except (ConnectionError, EOFError):
                return await self._ask(key)  # a kept connection may have ended since

    async def _ask(self, key: str) -> tuple[str, str]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        try:
            writer.write(f"GET {key}\n".encode())
            line = await reader.readuntil(b"\n")
        except BaseException:  # a time-out too: the answer that comes late is another's
            self._streams = None
            writer.close()
            raise
        role, _, value = line.decode().strip().partition(" ")
        return role, value


class Service:
    """The ASGI application of one replica."""

    def __init__(self, name: str, database: Connection) -> None:
        self._name = name
        self._database = database

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],  # noqa: ARG002  # no page reads a body
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Answer one request."""
        status, body, headers = await self._answer(scope["path"])
        content = json.dumps({"pod": self._name, **body}).encode()
        headers += [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(content)).encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _answer(self, path: str) -> tuple[int, dict[str, str], list[tuple[bytes, bytes]]]:
        if path == "/healthz":
            return 200, {"status": "ok"}, []
        if path != "/checkout":
            return 404, {"error": "there is no such page"}, []
        try:
            role, stock = await self._database.get("stock")
        except (OSError, EOFError):
            error = "the database cannot be reached"
            return 503, {"error": error}, [(UNREACHABLE_HEADER, b"database")]
        return 200, {"database": role, "stock": stock}, []


def run(birth: Birth) -> None:
    """Serve until the process is ended; SIGTERM lets running requests finish."""
    asyncio.run(_serve(birth))


async def _serve(birth: Birth) -> None:
    birth.end_with_host(asyncio.get_running_loop())
    service = Service(birth.name, Connection(birth.arguments["database_port"]))
    config = uvicorn.Config(
        service,
        http="h11",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_keep_alive=60,  # longer than the proxy keeps one, so that it never meets the end
        timeout_graceful_shutdown=2,
    )
    await uvicorn.Server(config).serve(sockets=[birth.listener])
