"""Where pages to simulated responders arrive: a webhook on loopback."""

import socket
import threading

import httpx
import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from drillmaster.clock import Clock
from drillmaster.sandbox.responders.play import Player
from drillmaster.sandbox.responders.settings import Paged, Settings

_PATIENCE = 5.0
"""Seconds that a responder waits for a link or an action."""


def serve(settings: Settings, clock: Clock) -> str:
    """Take pages from now on, in threads that end with the process; returns the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        _app(settings, clock), log_config=None, access_log=False, lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, args=([listener],), daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _app(settings: Settings, clock: Clock) -> Starlette:
    client = httpx.Client(trust_env=False, timeout=_PATIENCE)
    player = Player(settings, client, clock)
    taken: set[tuple[str, str]] = set()

    async def page(request: Request) -> Response:
        """A person acts once on an incident, however often the pager rings."""
        person = request.path_params["person"]
        if person not in settings.people:
            return JSONResponse({"error": f"nobody plays {person}"}, status_code=404)
        try:
            paged = Paged.model_validate_json(await request.body())
        except ValidationError:
            return JSONResponse({"error": "this is no page"}, status_code=400)
        if (person, paged.incident) not in taken:
            taken.add((person, paged.incident))
            threading.Thread(target=player.play, args=(person, paged), daemon=True).start()
        return JSONResponse({"taken": True}, status_code=202)

    return Starlette(routes=[Route("/pages/{person}", page, methods=["POST"])])
