"""An application on a socket, in a thread of this process."""

import socket
import threading
import time

import uvicorn
from starlette.applications import Starlette

from drillmaster.errors import InvalidError

PATIENCE = 5.0
"""Seconds that the server may take to start, and requests to end when it closes."""


class Background:
    """A server that runs in the background until `close`."""

    def __init__(self, app: Starlette, listener: socket.socket) -> None:
        """Start it.

        Raises:
            InvalidError: it does not start in time.
        """
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,  # paths hold tokens
                lifespan="off",
                ws="none",
                server_header=False,
                timeout_graceful_shutdown=int(PATIENCE),
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), daemon=True, name="intake"
        )
        self._thread.start()
        deadline = time.monotonic() + PATIENCE
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise InvalidError("the intake did not start")
            time.sleep(0.005)

    def close(self) -> None:
        """Stop; requests that are under way may end. Closing again does nothing."""
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            self._server.force_exit = True
            self._thread.join(PATIENCE)
