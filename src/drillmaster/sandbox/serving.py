"""Several applications in one web server, each on its own port."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from drillmaster.sandbox.listening import port_of

ID_HEADER = "drillmaster-sandbox"
"""Every answer says which sandbox it came from, so that whatever listens on the port
after its end is not taken for it."""


class _Server(uvicorn.Server):
    """Leaves signals alone: the host decides when to leave, and what must end before."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(applications: Mapping[socket.socket, ASGIApp], sandbox: str) -> None:
    """Serve each application on its socket until cancelled."""
    by_port = {port_of(listener): app for listener, app in applications.items()}

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        await by_port[scope["server"][1]](scope, receive, send)

    config = uvicorn.Config(
        dispatch,
        http="h11",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        headers=[(ID_HEADER, sandbox)],
        backlog=1024,
        timeout_keep_alive=60,  # longer than clients keep one, so that none meets its end
    )
    await _Server(config).serve(sockets=list(applications))
