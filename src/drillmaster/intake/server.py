"""Starts the intake: the application on a socket, in a thread of this process."""

import secrets
import socket

from drillmaster.clock import Clock
from drillmaster.definitions.listen import host_and_port
from drillmaster.definitions.runbook import Runbook
from drillmaster.errors import InvalidError
from drillmaster.intake.app import Desk, application
from drillmaster.intake.background import Background
from drillmaster.intake.tokens import Grant, Tokens
from drillmaster.timeline.store import Store

LIFETIME = 12 * 3600.0
"""Seconds for which a link is good. 12 h: the longest usual shift."""


class Intake:
    """A running intake."""

    def __init__(self, server: Background, url: str, tokens: Tokens, clock: Clock) -> None:
        self._server = server
        self._tokens = tokens
        self._clock = clock
        self.url = url
        """Its address, as links begin."""

    def links(self, incident: str, person: str) -> dict[str, str]:
        """The links of an incident for one person: `page`, and `automation`."""
        return {
            "page": self._link(Grant(incident, person)),
            "automation": self.automation(incident),
        }

    def automation(self, incident: str) -> str:
        """The link by which an automation acknowledges: a POST to `{link}/ack`."""
        return self._link(Grant(incident, None))

    def close(self) -> None:
        """Stop; requests that are under way may end. Closing again does nothing."""
        self._server.close()

    def _link(self, grant: Grant) -> str:
        token = self._tokens.sign(grant, self._clock.now().timestamp() + LIFETIME)
        return f"{self.url}/page/{token}"


def start(
    store: Store,
    clock: Clock,
    run: str | None,
    *,
    runbook: Runbook | None = None,
    bridge: str | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    public_url: str | None = None,
) -> Intake:
    """Start the intake for the incidents of a run, or for real ones (`run` is None).

    Port 0 takes a free one. `public_url` is how people reach it, where that is not
    `http://host:port`: the address of a proxy that adds TLS, for example.

    Raises:
        InvalidError: it cannot listen there, or nobody could follow its links.
    """
    listener = listen(host, port)
    url = (public_url or _own_url(listener, host)).rstrip("/")
    tokens = Tokens(secrets.token_bytes(32))
    desk = Desk(
        store, clock, tokens, run=run, runbook=runbook, bridge=bridge, public_url=public_url
    )
    return Intake(Background(application(desk), listener), url, tokens, clock)


def place_of(text: str) -> tuple[str, int]:
    """Host and port of what `--listen` says.

    Raises:
        InvalidError: it is not written as `HOST:PORT`.
    """
    try:
        return host_and_port(text)
    except ValueError as error:
        raise InvalidError(f"--listen {error}") from None


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes a free one.

    Raises:
        InvalidError: it cannot listen there.
    """
    if not 0 <= port <= 65535:
        raise InvalidError(f"the intake cannot listen on {host}:{port}: there is no such port")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise InvalidError(f"the intake cannot listen on {host}:{port}: {error}") from None


def _own_url(listener: socket.socket, host: str) -> str:
    address, port = listener.getsockname()[:2]
    if address in {"0.0.0.0", "::"}:  # noqa: S104 (compared, not bound)
        listener.close()
        raise InvalidError(f"links to {host} lead nowhere; say how people reach the intake")
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"
