"""The web application behind page links.

A GET changes nothing: mail scanners and chats open links before people do.
"""

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from drillmaster.clock import Clock
from drillmaster.definitions.runbook import Runbook
from drillmaster.errors import DrillmasterError, InvalidError
from drillmaster.intake.acts import Acts
from drillmaster.intake.answers import html, message
from drillmaster.intake.forms import RefusalError, check_origin, fields, wants_json
from drillmaster.intake.said import Said
from drillmaster.intake.tokens import Grant, TokenError, Tokens
from drillmaster.intake.view import is_link, view
from drillmaster.oncall.record import Incident, find
from drillmaster.timeline.store import Store


class Desk:
    """The intake's endpoints."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        tokens: Tokens,
        *,
        run: str | None,
        runbook: Runbook | None,
        bridge: str | None,
        public_url: str | None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._tokens = tokens
        self._run = run
        self._runbook = runbook
        self._bridge = bridge
        self._public_url = public_url
        self._acts = Acts(store, clock, Said(store, clock, runbook, bridge))

    def show(self, request: Request) -> Response:
        """The page of an incident, for the person whose link it is."""
        grant, incident = self._admit(request)
        if grant.person is None:
            raise RefusalError(403, "This link is for an automation.")
        with self._store.read() as connection:
            seen = view(connection, incident, grant.person, self._runbook, self._bridge)
        token = request.path_params["token"]
        return html("page.html", bridge=self._bridge, page=seen, token=token)

    async def act(self, request: Request) -> Response:
        """Something that a person does."""
        check_origin(request, self._public_url)
        form = await fields(request)
        return await run_in_threadpool(self._perform, request, form)

    def _perform(self, request: Request, form: Mapping[str, str]) -> Response:
        grant, _ = self._admit(request)
        name, step = request.path_params["act"], request.path_params.get("step")
        goal = self._acts.perform(grant, name, step, form)
        if wants_json(request):
            return JSONResponse({"done": name, "incident": grant.incident, "next": goal})
        return RedirectResponse(goal if goal and is_link(goal) else back(request), 303)

    def _admit(self, request: Request) -> tuple[Grant, Incident]:
        """What the link allows, and the incident that it is for."""
        token = request.path_params["token"]
        try:
            grant = self._tokens.read(token, self._clock.now().timestamp())
        except TokenError as error:
            raise RefusalError(403, str(error)) from None
        try:
            with self._store.read() as connection:
                incident = find(connection, grant.incident)
        except InvalidError:
            raise RefusalError(404, "There is no such incident.") from None
        if incident.run != self._run:  # its runbook and its bridge are not ours to show
            raise RefusalError(404, "This incident belongs to another drill.")
        return grant, incident


def application(desk: Desk) -> Starlette:
    """The application."""
    return Starlette(
        routes=[
            Route("/page/{token}", desk.show, methods=["GET"]),
            Route("/page/{token}/{act}", desk.act, methods=["POST"]),
            Route("/page/{token}/{act}/{step}", desk.act, methods=["POST"]),
        ],
        exception_handlers={
            RefusalError: _refused,
            DrillmasterError: _failed,
            HTTPException: _unknown,
        },
    )


def back(request: Request) -> str:
    """The way from an act back to its page: relative, because a proxy may add a prefix."""
    ups = "../.." if "step" in request.path_params else ".."
    return f"{ups}/{request.path_params['token']}"


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusalError)
    return message(request, error.status, error.text, _page_of(request))


def _failed(request: Request, error: Exception) -> Response:
    """On-call said no (409), or the store cannot be used (503)."""
    if type(error) is InvalidError:
        text = str(error)
        return message(request, 409, text[:1].upper() + text[1:] + ".", _page_of(request))
    return message(request, 503, "This cannot be recorded just now. Try again.", _page_of(request))


def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = "There is no such page." if error.status_code == 404 else error.detail
    return message(request, error.status_code, text)


def _page_of(request: Request) -> str | None:
    return back(request) if request.method == "POST" else None
