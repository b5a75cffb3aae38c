"""Sockets on loopback, at free ports.

Each names its protocol, which `socket.create_server` leaves open: without it asyncio does
not turn Nagle's algorithm off on what is accepted, and every answer takes 40 ms.
"""

import socket


def listener() -> socket.socket:
    """A socket that listens at a free port."""
    made = _socket()
    made.bind(("127.0.0.1", 0))
    made.listen(1024)
    return made


def bound(port: int) -> socket.socket:
    """A socket that has a port (0: any free one) and does not listen yet.

    Several may have one port, so that one can keep it while others come and go.
    """
    made = _socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(("127.0.0.1", port))
    return made


def port_of(made: socket.socket) -> int:
    """The port that a socket has."""
    port: int = made.getsockname()[1]
    return port


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setblocking(False)
    return made
