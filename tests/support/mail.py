"""A real mail server on a free port, and a certificate for it."""

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message as Mail
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from tests.support.require import missing


class Box(Message):
    """Keeps the mails that it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Mail] = []

    def handle_message(self, message: Mail) -> None:
        self.mails.append(message)


class Refusing:
    """Takes no recipient."""

    async def handle_RCPT(self, *_: object) -> str:  # noqa: N802 - the library's name
        return "550 no such user"


class _OnAFreePort(Controller):
    def _create_server(self) -> Any:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        return self.loop.create_server(self._factory_invoker, sock=listener, ssl=self.ssl_context)


@contextmanager
def mail_server(handler: object, **settings: Any) -> Iterator[dict[str, Any]]:
    """A running mail server; yields the definition of a channel that leads to it."""
    server = _OnAFreePort(handler, hostname="127.0.0.1", **settings)
    server.start()
    try:
        yield {
            "host": "127.0.0.1",
            "port": server.port,
            "sender": "Drills <drills@example.org>",
            "tls": "none",
            "timeout": "5s",
        }
    finally:
        server.stop()


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1, and a server's context with it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        missing("openssl", "there is no openssl command")
    cert, key = folder / "cert.pem", folder / "key.pem"
    request = (
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test "
        "-addext subjectAltName=IP:127.0.0.1 -addext keyUsage=critical,digitalSignature,keyCertSign"
    )
    subprocess.run(
        [openssl, *request.split(), "-keyout", str(key), "-out", str(cert)],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context
