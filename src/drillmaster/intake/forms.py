"""Reading what a browser or a program sent, with limits."""

import json
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

LONGEST_BODY = 16 * 1024
"""Bytes. A note is the longest thing that anybody sends."""


class RefusalError(Exception):
    """The request is refused, with an HTTP status and a line for the person."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def wants_json(request: Request) -> bool:
    """Whether a program asks, rather than a browser."""
    return any(
        "application/json" in request.headers.get(name, "") for name in ("accept", "content-type")
    )


def check_origin(request: Request, own: str | None) -> None:
    """Refuse a form of another site; `own` is the public address, where a proxy hides it.

    Raises:
        RefusalError: the Origin header names another site.
    """
    origin = request.headers.get("origin")
    if origin is None:
        return
    allowed = {request.headers.get("host"), own and urlsplit(own).netloc}
    if not urlsplit(origin).netloc or urlsplit(origin).netloc not in allowed:
        raise RefusalError(403, "This form came from another site.")


async def fields(request: Request) -> dict[str, str]:
    """The fields of a form or a JSON object; values are text.

    Raises:
        RefusalError: the body is too long, or is neither of the two.
    """
    body = await read_body(request, LONGEST_BODY)
    if not body:
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            return _texts(json.loads(body))
        if kind == "application/x-www-form-urlencoded":
            return dict(parse_qsl(body.decode(), max_num_fields=16, errors="strict"))
    except (ValueError, RecursionError):
        raise RefusalError(400, "The request's body cannot be read.") from None
    raise RefusalError(415, "Send a form or JSON.")


async def read_body(request: Request, longest: int) -> bytes:
    """The body, of so many bytes at the most.

    Raises:
        RefusalError: it is longer. The rest is not read.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > longest:
            raise RefusalError(413, "That is too long.")
    return bytes(body)


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise RefusalError(400, "Send a JSON object of texts.")
    return value
