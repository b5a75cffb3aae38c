"""Where an API server posts its audit log: batches of records go into a file, a record a line.

A batch counts as taken once it is on the disk. The API server posts one again that was not taken,
so that a record may come twice; it keeps its id.
"""

import hmac
import socket
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from drillmaster.intake.audit_batch import records
from drillmaster.intake.audit_file import AuditFile
from drillmaster.intake.forms import RefusalError, read_body

LONGEST_BATCH = 16 << 20
"""Bytes. With `--audit-webhook-truncate-enabled` an API server posts 10 MiB at the most."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Where batches are taken."""

    where: str
    """`HOST:PORT`; port 0 takes a free one."""
    certificate: Path | None
    """The server's certificate, for TLS, …"""
    key: Path | None
    """… and its private key."""


def application(log: AuditFile, token: str) -> Starlette:
    """Takes batches from whoever has the token."""
    bearer = f"Bearer {token}".encode()

    async def take(request: Request) -> Response:
        try:
            _check(request, bearer)
            lines = _lines(await read_body(request, LONGEST_BATCH))
        except RefusalError as refusal:
            return PlainTextResponse(refusal.text, refusal.status)
        try:
            await run_in_threadpool(log.append, lines)
        except OSError as error:
            return PlainTextResponse(f"It cannot be written: {error.strerror}.", 503)
        return Response(status_code=200)

    return Starlette(routes=[Route("/", take, methods=["POST"])])


def serve(app: Starlette, listener: socket.socket, listening: Listening) -> None:
    """Serve until the process is told to end; with TLS where there is a certificate."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        ssl_certfile=listening.certificate,
        ssl_keyfile=listening.key,
    )
    uvicorn.Server(config).run([listener])


def _check(request: Request, bearer: bytes) -> None:
    given = request.headers.get("authorization", "").encode()
    if not hmac.compare_digest(given, bearer):
        raise RefusalError(401, "The bearer token is not the one that is taken here.")


def _lines(body: bytes) -> list[bytes]:
    try:
        return records(body)
    except ValueError:
        raise RefusalError(400, "This is no batch of an audit log.") from None
