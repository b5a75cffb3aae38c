"""The reverse proxy in front of the replicas, where requests are throttled and held."""

import asyncio
import json

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from drillmaster.sandbox.metrics import Metrics
from drillmaster.sandbox.replica import UNREACHABLE_HEADER
from drillmaster.sandbox.staging import Staging
from drillmaster.sandbox.upstream import Answer, Asked, BrokenError, Headers, RefusedError, Upstream

_OF_ONE_CONNECTION = frozenset(
    {
        b"connection",
        b"content-length",
        b"host",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Headers that are not handed on (RFC 9110, 7.6.1), or are made anew."""

_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that may be sent to another replica after one broke off in the middle."""


class Proxy:
    """An ASGI application: every path but `/metrics` goes to a replica."""

    def __init__(self, staging: Staging, upstream: Upstream) -> None:
        self._staging = staging
        self._upstream = upstream
        self._metrics = Metrics()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"] == "/metrics":
            page = self._metrics.text(ready=len(self._staging.fleet.ready))
            answer = Answer(200, [(b"content-type", b"text/plain; version=0.0.4")], page.encode())
        else:
            answer = await self._answer(Request(scope, receive))
            self._metrics.requests[answer.status] += 1
        length = (b"content-length", str(len(answer.content)).encode())
        start = {"type": "http.response.start", "status": answer.status}
        await send({**start, "headers": [*answer.headers, length]})
        await send({"type": "http.response.body", "body": answer.content})

    async def _answer(self, request: Request) -> Answer:
        for mark in self._staging.marks.in_force("throttle"):
            if mark.hits():
                mark.limited += 1
                self._metrics.limited += 1
                return _failure(429, "too many requests", (b"retry-after", b"1"))
        await self._hold()
        answer = await self._forward(request)
        if any(name == UNREACHABLE_HEADER for name, _ in answer.headers):
            for mark in self._staging.marks.in_force("unreachable-dependency"):
                mark.refused += 1
        return answer

    async def _hold(self) -> None:
        """Hold the request for as long as the latencies say, or until they are over."""
        for mark in self._staging.marks.in_force("latency"):
            if not mark.hits():
                continue
            try:
                await asyncio.wait_for(mark.over.wait(), mark.order.delay)
            except TimeoutError:
                mark.delayed += 1
                self._metrics.delayed += 1

    async def _forward(self, request: Request) -> Answer:
        """The answer of the first replica that gives one."""
        asked = Asked(
            method=request.method.encode(),
            target=_target(request),
            headers=_handed_on(request.headers.raw),
            body=await request.body(),
        )
        rotation = self._staging.fleet.rotation()
        for pod in rotation:
            assert pod.child is not None
            try:
                answer = await self._upstream.ask(pod.child.port, asked)
            except RefusedError:
                continue
            except TimeoutError:
                return _failure(504, "the replica did not answer in time")
            except BrokenError:
                if request.method in _REPEATABLE:
                    continue
                return _failure(502, "the replica broke off")
            return Answer(answer.status, _handed_on(answer.headers), answer.content)
        if rotation:
            return _failure(502, "no replica takes the connection")
        return _failure(503, "no replica is ready")


def _target(request: Request) -> bytes:
    path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return path + b"?" + query if query else path


def _handed_on(headers: Headers) -> Headers:
    return [(name, value) for name, value in headers if name not in _OF_ONE_CONNECTION]


def _failure(status: int, error: str, *headers: tuple[bytes, bytes]) -> Answer:
    content = json.dumps({"error": error}).encode()
    return Answer(status, [(b"content-type", b"application/json"), *headers], content)
