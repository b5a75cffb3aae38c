"""How a sandbox is found by somebody who has nothing but the environment's name.

A sandbox's address is known to the store of its run alone, and holds its tokens. So that a
fault can be undone without the store, every sandbox also listens on an abstract Unix socket,
which Linux lists and which is no file: nothing is left behind, and no secret lies on a disk
or in a process argument. It tells its address to its own user and to nobody else.
"""

import asyncio
import json
import os
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

LISTED: Final = Path("/proc/net/unix")
"""Where Linux lists the sockets; elsewhere there is no abstract socket."""

_LISTENS = 1 << 16  # the flag of a listening socket in that list; the others were accepted
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid


def prefix() -> str:
    """How the names of this user's sandboxes begin."""
    return f"drillmaster-sandbox-{os.getuid()}-"


async def listen(sandbox: str, address: dict[str, Any]) -> None:
    """Tell the address to whoever asks and is our own user, until the loop ends."""
    if not LISTED.exists():
        return
    told = json.dumps(address).encode() + b"\n"

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if user_of(writer.get_extra_info("socket")) == os.getuid():
            writer.write(told)
        with suppress(OSError):
            await writer.drain()
        writer.close()

    await asyncio.start_unix_server(answer, f"\0{prefix()}{sandbox}")


def listed() -> list[str]:
    """The names of this user's sandboxes."""
    names = set()
    for line in LISTED.read_text(encoding="utf-8", errors="replace").splitlines()[1:]:
        fields = line.split()
        name = fields[-1].removeprefix("@")
        if int(fields[3], 16) & _LISTENS and name.startswith(prefix()):
            names.add(name)
    return sorted(names)


def user_of(connection: Any) -> int:
    """The user at the other end of a Unix socket, as the kernel knows it."""
    return _credentials(connection)[1]


def process_of(connection: Any) -> int:
    """The process at the other end of a Unix socket, as the kernel knows it."""
    return _credentials(connection)[0]


def _credentials(connection: Any) -> tuple[int, int, int]:
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, user, group = _CREDENTIALS.unpack(found)
    return pid, user, group
