"""The door of the admin API: who may come in, and what a request must look like."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from drillmaster.sandbox.given import Right
from drillmaster.sandbox.policy import Caller, Policy

Handler = Callable[[Request], Awaitable[Response]]

B = TypeVar("B", bound=BaseModel)


class Body(BaseModel):
    """What a request carries."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BadRequestError(Exception):
    """The request is wrong, in words for the caller."""


async def read(request: Request, model: type[B]) -> B:
    """The body of a request. Raises BadRequestError."""
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "body"
        raise BadRequestError(f"{where}: {first['msg']}") from None


def failure(status: int, error: str) -> JSONResponse:
    """An answer that says what is wrong."""
    return JSONResponse({"error": error}, status_code=status)


def operator_only(policy: Policy, handler: Handler, right: Right) -> Handler:
    """Let nobody but Drillmaster's own identity in, and that only for what it may do."""

    @wraps(handler)
    async def guarded(request: Request) -> Response:
        caller = _caller(policy, request)
        if caller is None:
            return _unknown()
        if not caller.operator:
            return failure(403, "only the operator may do this")
        if right not in caller.rights:
            return failure(403, f"the operator may not {right}")
        try:
            return await handler(request)
        except BadRequestError as error:
            return failure(400, str(error))

    return guarded


def anybody(policy: Policy, handler: Callable[[Request, str], Awaitable[Response]]) -> Handler:
    """Let people and the operator in, and tell the handler who it is."""

    @wraps(handler)
    async def guarded(request: Request) -> Response:
        caller = _caller(policy, request)
        if caller is None:
            return _unknown()
        if policy.is_control(caller.who):
            return failure(403, "a control is nobody")
        try:
            return await handler(request, caller.who)
        except BadRequestError as error:
            return failure(400, str(error))

    return guarded


def people_only(policy: Policy, handler: Callable[[Request, str], Awaitable[Response]]) -> Handler:
    """Let people in, and tell the handler who it is."""

    @wraps(handler)
    async def guarded(request: Request) -> Response:
        caller = _caller(policy, request)
        if caller is None:
            return _unknown()
        if caller.operator:
            return failure(403, "the operator is no person")
        return await handler(request, caller.who)

    return guarded


def _caller(policy: Policy, request: Request) -> Caller | None:
    return policy.caller(request.headers.get("authorization"))


def _unknown() -> JSONResponse:
    response = failure(401, "the token is missing, or nobody has it")
    response.headers["WWW-Authenticate"] = "Bearer"
    return response
