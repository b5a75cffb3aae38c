"""What people do to the workload; every attempt is in the audit record, allowed or not."""

from dataclasses import asdict
from typing import Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from drillmaster.sandbox.actions import BY_NAME, ParameterError
from drillmaster.sandbox.audit import Attempt, Audit
from drillmaster.sandbox.dashboard import page
from drillmaster.sandbox.door import BadRequestError, Body, anybody, failure, people_only, read
from drillmaster.sandbox.policy import Policy
from drillmaster.sandbox.staging import Staging, StopMark

CHECK_HEADER = "Drillmaster-Check"
"""Drillmaster asks in the person's name; the record of it is no act of the person."""


class Call(Body):
    """To what an action is done, and how."""

    namespace: str
    workload: str
    parameters: dict[str, Any] = {}


class Stop(Body):
    """Why nobody may drill here."""

    why: str = Field(min_length=1, max_length=1024)


class People:
    """The people's part of the admin API. Whoever has access may stop drills here: no grant is
    needed for that, and it is no act on the workload."""

    def __init__(self, staging: Staging, policy: Policy, audit: Audit) -> None:
        self._staging = staging
        self._policy = policy
        self._audit = audit

    def routes(self) -> list[Route]:
        """All routes, each behind a person's token."""
        act, dashboard = (people_only(self._policy, h) for h in (self.act, self.dashboard))
        stop, resume = (anybody(self._policy, h) for h in (self.stop, self.resume))
        return [
            Route("/v1/actions/{action}", act, methods=["POST"]),
            Route("/dashboard/{workload}", dashboard, methods=["GET"]),
            Route("/v1/stop", stop, methods=["PUT"]),
            Route("/v1/stop", resume, methods=["DELETE"]),
        ]

    async def act(self, request: Request, who: str) -> Response:
        """Do an action."""
        action = request.path_params["action"]
        try:
            call = await read(request, Call)
        except BadRequestError as error:
            attempt = self._attempt(request, who, action, Call(namespace="", workload=""))
            self._audit.record(attempt, allowed=False, succeeded=False)
            return failure(400, str(error))
        attempt = self._attempt(request, who, action, call)
        if refusal := self._refusal(attempt):
            return refusal
        try:
            result = await BY_NAME[action](self._staging, who, call.parameters)
        except ParameterError as error:
            self._audit.record(attempt, allowed=True, succeeded=False)
            return failure(400, str(error))
        record = self._audit.record(attempt, allowed=True, succeeded=True)
        return JSONResponse({"record": record, "result": result})

    async def dashboard(self, request: Request, who: str) -> Response:
        """Look at the workload; in the record this is `view`."""
        name = request.path_params["workload"]
        call = Call(namespace=self._staging.settings.namespace, workload=name)
        attempt = self._attempt(request, who, "view", call)
        if refusal := self._refusal(attempt):
            return refusal
        self._audit.record(attempt, allowed=True, succeeded=True)
        return HTMLResponse(page(name, self._staging.as_data()["workloads"][name]))

    async def stop(self, request: Request, who: str) -> Response:
        """Let nobody drill here from now on; who did so first stays written."""
        why = (await read(request, Stop)).why
        since = f"{self._audit.clock.now():%Y-%m-%d %H:%M:%S} UTC"
        self._staging.stop = self._staging.stop or StopMark(who, why, since)
        return JSONResponse({"stopped": asdict(self._staging.stop)})

    async def resume(self, _request: Request, _who: str) -> Response:
        """Take the stop mark away, whoever set it."""
        self._staging.stop = None
        return JSONResponse({"stopped": None})

    def _refusal(self, attempt: Attempt) -> Response | None:
        """The answer to somebody who may not; 404 only for those who might have."""
        allowed = self._policy.allows(
            attempt.who, attempt.action, attempt.namespace, attempt.workload
        )
        if allowed:
            return None
        self._audit.record(attempt, allowed=False, succeeded=False)
        if attempt.action not in BY_NAME:
            return failure(404, f"there is no action {attempt.action!r}")
        if not self._staging.has(attempt.namespace, attempt.workload):
            return failure(404, f"there is no workload {attempt.namespace}/{attempt.workload}")
        return failure(403, f"{attempt.who} may not {attempt.action} {attempt.workload}")

    def _attempt(self, request: Request, who: str, action: str, call: Call) -> Attempt:
        return Attempt(
            began=self._audit.clock.now(),
            who=who,
            action=action,
            namespace=call.namespace,
            workload=call.workload,
            parameters=call.parameters,
            check=request.headers.get(CHECK_HEADER) == "1",
        )
