"""A database of the sandbox: a tiny key-value server, primary or standby.

One line asks, one line answers: `GET key` → `primary 120`. A standby holds the same
data and says that it is the standby.
"""

import asyncio

from drillmaster.sandbox.child import Birth

DATA = {"stock": "120", "price": "18.50"}
"""What both databases hold."""


def run(birth: Birth) -> None:
    """Serve until the process is ended."""
    asyncio.run(_serve(birth))


async def _serve(birth: Birth) -> None:
    birth.end_with_host(asyncio.get_running_loop())
    role = birth.arguments["role"]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            _, _, key = line.decode().strip().partition(" ")
            writer.write(f"{role} {DATA.get(key, '')}\n".encode())
        writer.close()

    server = await asyncio.start_server(answer, sock=birth.listener)
    await server.serve_forever()
