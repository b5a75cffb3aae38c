"""What Drillmaster itself asks of the sandbox: state, faults, permissions, the audit record."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from drillmaster.sandbox.audit import Audit
from drillmaster.sandbox.door import BadRequestError, Body, Handler, failure, operator_only, read
from drillmaster.sandbox.given import Right
from drillmaster.sandbox.marks import Order, UndoneError
from drillmaster.sandbox.policy import Policy
from drillmaster.sandbox.staging import Staging


class Kill(Body):
    """Which replicas to kill."""

    pods: list[str]


class Permission(Body):
    """What somebody wants to do."""

    who: str
    action: str
    namespace: str
    workload: str


class Control:
    """The operator's part of the admin API."""

    def __init__(self, staging: Staging, policy: Policy, audit: Audit) -> None:
        self._staging = staging
        self._policy = policy
        self._audit = audit

    def routes(self) -> list[Route]:
        """All routes, each behind the operator's token."""
        return [
            self._route("/v1/state", "GET", self.state, "look"),
            self._route("/v1/faults", "GET", self.faults, "look"),
            self._route("/v1/faults/{fault}", "PUT", self.put, "inject"),
            self._route("/v1/faults/{fault}", "DELETE", self.undo, "undo"),
            self._route("/v1/faults/{fault}/kill", "POST", self.kill, "inject"),
            self._route("/v1/permissions", "POST", self.permission, "look"),
            self._route("/v1/audit", "GET", self.audit, "look"),
        ]

    def _route(self, path: str, method: str, handler: Handler, right: Right) -> Route:
        return Route(path, operator_only(self._policy, handler, right), methods=[method])

    async def state(self, _request: Request) -> Response:
        """The state of the workload."""
        return JSONResponse(self._staging.as_data())

    async def faults(self, _request: Request) -> Response:
        """The faults that are not undone, with what they did so far."""
        return JSONResponse([mark.as_data() for mark in self._staging.marks])

    async def put(self, request: Request) -> Response:
        """Bring a fault in."""
        order = await read(request, Order)
        if order.workload != self._staging.settings.workload:
            return failure(404, f"there is no workload {order.workload!r}")
        try:
            new = await self._staging.put(request.path_params["fault"], order)
        except UndoneError:
            return _undone()
        return JSONResponse({"new": new}, status_code=201 if new else 200)

    async def undo(self, request: Request) -> Response:
        """Take a fault out, and refuse it from now on; as a dry run, only say that one may."""
        dry_run = request.query_params.get("dry-run")
        if dry_run not in {None, "true"}:
            raise BadRequestError("dry-run: is true, or is left out")
        if dry_run:
            return JSONResponse({"may": True})
        fault = request.path_params["fault"]
        went = self._staging.marks.went(fault)
        present, residue = await self._staging.undo(fault, request.query_params.get("by"))
        before = went.as_data() if went else None
        return JSONResponse({"was_present": present, "residue": residue, "went": before})

    async def kill(self, request: Request) -> Response:
        """Kill replicas for a fault."""
        order = await read(request, Kill)
        try:
            mark = self._staging.marks.get(request.path_params["fault"])
        except UndoneError:
            return _undone()
        if mark is None:
            return failure(404, "there is no such fault")
        return JSONResponse({"killed": await self._staging.kill(mark, order.pods)})

    async def permission(self, request: Request) -> Response:
        """Whether somebody may do something."""
        asked = await read(request, Permission)
        allowed = self._policy.allows(asked.who, asked.action, asked.namespace, asked.workload)
        return JSONResponse({"allowed": allowed})

    async def audit(self, request: Request) -> Response:
        """The audit record after a record."""
        after = request.query_params.get("after", "0")
        if not after.isdecimal():
            raise BadRequestError(f"after: {after!r} is no id of a record")
        return JSONResponse(self._audit.after(int(after)))


def _undone() -> JSONResponse:
    return failure(410, "this fault was undone; it does not come in again")
