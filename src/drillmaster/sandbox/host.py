"""The host: serves the proxy, the admin API and the hold port, and minds the processes."""

import asyncio
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from drillmaster.clock import SteadyClock
from drillmaster.process import ProcessIdentity
from drillmaster.sandbox import beacon
from drillmaster.sandbox.audit import Audit
from drillmaster.sandbox.children import Child, Children
from drillmaster.sandbox.control import Control
from drillmaster.sandbox.door import failure
from drillmaster.sandbox.fleet import Fleet
from drillmaster.sandbox.given import Settings
from drillmaster.sandbox.holding import Holder, Holding
from drillmaster.sandbox.listening import listener, port_of
from drillmaster.sandbox.people import People
from drillmaster.sandbox.policy import Policy
from drillmaster.sandbox.proxy import Proxy
from drillmaster.sandbox.relay import PRIMARY, STANDBY, Relay
from drillmaster.sandbox.serving import serve
from drillmaster.sandbox.staging import Staging
from drillmaster.sandbox.upstream import Asked, BrokenError, RefusedError, Upstream

_HEALTH = Asked(b"GET", b"/healthz", [])
_HEALTH_PAUSE = 0.02  # seconds between two looks at a health page that is not there yet


class Host:
    """A sandbox from its start to its end."""

    def __init__(self, settings: Settings, control: socket.socket) -> None:
        self._settings = settings
        self._upstream = Upstream()
        self._children = Children(control)
        self._relay = Relay()
        fleet = Fleet(
            self._children,
            self._healthy,
            settings.workload,
            settings.restart,
            {"database_port": self._relay.port},
        )
        self._staging = Staging(settings, fleet, self._relay)
        self._leaving = asyncio.Event()
        self._holding = Holding(settings.id, self._leaving.set)
        self._admin, self._proxy, self._hold = (listener() for _ in range(3))

    async def run(self) -> int:
        """Live until nobody holds the sandbox any more; the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._leaving.set)
        await self._children.connect()
        served = asyncio.create_task(self._serve())
        lost = asyncio.create_task(self._children.lost.wait())
        started = asyncio.create_task(self._start())
        await asyncio.wait({started, lost}, return_when=asyncio.FIRST_COMPLETED)
        if lost.done():
            print("its processes could not be started", file=sys.stderr)  # noqa: T201  # to launch()
            return 1
        await started
        await loop.create_server(lambda: Holder(self._holding), sock=self._hold)
        self._holding.wait(self._settings.grace)
        await beacon.listen(self._settings.id, self._address())
        _announce(self._address())
        leaving = asyncio.create_task(self._leaving.wait())
        await asyncio.wait({leaving, lost, served}, return_when=asyncio.FIRST_COMPLETED)
        await self._children.dismiss()
        return 0

    async def _start(self) -> None:
        for name in (PRIMARY, STANDBY):
            await self._start_database(name)
        await self._relay.apply(frozenset())
        self._staging.fleet.scale(self._settings.replicas)
        await self._staging.fleet.settle()

    async def _start_database(self, name: str) -> None:
        """Start a database, now and whenever it ends; only the relay makes it unreachable."""
        role = name.removeprefix("database-")
        child = await self._children.start(
            name,
            "database",
            {"role": role},
            on_end=lambda: asyncio.create_task(self._start_database(name)),
        )
        self._relay.databases[name] = child

    async def _healthy(self, child: Child) -> bool:
        while not child.ended.is_set():
            with suppress(RefusedError, BrokenError, TimeoutError):
                if (await self._upstream.ask(child.port, _HEALTH)).status == 200:
                    return True
            await asyncio.sleep(_HEALTH_PAUSE)
        return False

    async def _serve(self) -> None:
        settings = self._settings
        policy, audit = Policy(settings), Audit(SteadyClock(settings.anchor))
        admin = Starlette(
            routes=[
                Route("/healthz", _alive),
                *Control(self._staging, policy, audit).routes(),
                *People(self._staging, policy, audit).routes(),
            ],
            exception_handlers={HTTPException: _no_page},
        )
        proxy = Proxy(self._staging, self._upstream)
        await serve({self._admin: admin, self._proxy: proxy}, settings.id)

    def _address(self) -> dict[str, Any]:
        settings = self._settings
        ports = {"admin": port_of(self._admin), "proxy": port_of(self._proxy)}
        return {
            "kind": "sandbox",
            "id": settings.id,
            "run": settings.run,
            "environment": settings.environment,
            "admin": f"http://127.0.0.1:{ports['admin']}",
            "proxy": f"http://127.0.0.1:{ports['proxy']}",
            "hold": ["127.0.0.1", port_of(self._hold)],
            "ports": ports,
            "process": ProcessIdentity.mine().model_dump(mode="json"),
            "token": settings.operator,
            "tokens": {who: token for token, who in settings.tokens.items()},
        }


async def _no_page(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return failure(error.status_code, error.detail)


async def _alive(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def _announce(address: dict[str, Any]) -> None:
    """Say where the sandbox is, and let go of whoever started it."""
    sys.stdout.write(json.dumps(address) + "\n")
    sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)


async def _run(settings: Settings, control: socket.socket) -> int:
    return await Host(settings, control).run()


def main() -> None:
    """Be a host: settings from standard input, the nursery's connection from the arguments.

    The second argument is the lifeline, whose other end all children watch. It is never
    written to, and ends with this process.
    """
    os.chdir("/")  # nobody's folder is kept in use
    control = socket.socket(fileno=int(sys.argv[1]))
    for descriptor in map(int, sys.argv[1:3]):
        os.set_inheritable(descriptor, False)
    try:
        settings = Settings.model_validate_json(sys.stdin.readline())
    except ValidationError as error:
        sys.exit(f"the settings are wrong: {error}")
    sys.exit(asyncio.run(_run(settings, control)))


if __name__ == "__main__":
    main()
