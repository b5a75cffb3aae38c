"""The way to the database: a cut is a refused connection, and the port stays ours."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from drillmaster.sandbox.children import Child
from drillmaster.sandbox.relay import PRIMARY, STANDBY, Relay


@contextlib.asynccontextmanager
async def database(name: str) -> AsyncIterator[Child]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionResetError):
            while await reader.readline():
                writer.write(f"{name}\n".encode())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield Child(name, port=server.sockets[0].getsockname()[1])


async def ask(relay: Relay) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    writer.write(b"who\n")
    answer = (await reader.readline()).decode().strip()
    writer.close()
    return answer


@contextlib.asynccontextmanager
async def relayed() -> AsyncIterator[Relay]:
    relay = Relay()
    async with database("one") as primary, database("two") as standby:
        relay.databases.update({PRIMARY: primary, STANDBY: standby})
        await relay.apply(frozenset())
        yield relay
        await relay.apply(frozenset({PRIMARY, STANDBY}))
        if closing := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(closing)
        relay._reserved.close()


def test_the_port_leads_to_the_primary_and_after_a_failover_to_the_standby() -> None:
    async def scenario() -> None:
        async with relayed() as relay:
            assert (await ask(relay), relay.state) == ("one", "primary")
            await relay.apply(frozenset(), current=STANDBY)
            assert (await ask(relay), relay.state) == ("two", "standby")

    asyncio.run(scenario())


def test_a_cut_is_refused_and_its_end_leads_there_again_on_the_same_port() -> None:
    async def scenario() -> None:
        async with relayed() as relay:
            for _ in range(3):
                await relay.apply(frozenset({PRIMARY}))
                assert relay.state == "unreachable"
                with pytest.raises(ConnectionRefusedError):
                    await ask(relay)
                await relay.apply(frozenset())
                assert await ask(relay) == "one"

    asyncio.run(scenario())


def test_a_cut_breaks_connections_that_are_open() -> None:
    async def scenario() -> None:
        async with relayed() as relay:
            reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
            writer.write(b"who\n")
            assert await reader.readline() == b"one\n"
            await relay.apply(frozenset({PRIMARY}))
            with contextlib.suppress(ConnectionResetError):
                assert await asyncio.wait_for(reader.read(), 1) == b""
            writer.close()

    asyncio.run(scenario())


def test_only_the_database_in_use_matters() -> None:
    async def scenario() -> None:
        async with relayed() as relay:
            await relay.apply(frozenset({STANDBY}))
            assert (await ask(relay), relay.state) == ("one", "primary")
            await relay.apply(frozenset({STANDBY}), current=STANDBY)
            assert relay.state == "unreachable"
            await relay.apply(frozenset({PRIMARY}))
            assert (await ask(relay), relay.state) == ("two", "standby")

    asyncio.run(scenario())
