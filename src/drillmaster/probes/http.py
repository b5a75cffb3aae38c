"""Is this page there? One HTTP request, without redirects, proxies or cookies."""

import contextlib
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from drillmaster.certificates import trusted_for
from drillmaster.definitions.probes import HttpProbe
from drillmaster.definitions.secrets import resolve_secret
from drillmaster.definitions.units import format_duration
from drillmaster.errors import DrillmasterError
from drillmaster.probes.base import Answer, Asking, Outcome
from drillmaster.probes.bounded import OvertimeError, bounded
from drillmaster.probes.moment import Moment
from drillmaster.targets.base import Identity

CHECK_HEADER = "Drillmaster-Check"
"""Marks a request in a person's name as a check, so that it is not taken for their act."""

LONGEST_BODY = 1 << 20
"""Bytes of a body that are read. A page that is longer is there all the same."""

_UNASKABLE = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL, ValueError)
"""The request itself is wrong: nothing was asked."""


@dataclass(frozen=True, slots=True)
class _Page:
    status: int
    text: str


class _Line:
    """The connection of a request, so that another thread can cut it."""

    def __init__(self) -> None:
        self._stream: Any = None  # httpcore's NetworkStream
        self._cut = threading.Event()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """httpcore's own hook: it hands out the connection as soon as there is one."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._stream = info["return_value"]
        if self._cut.is_set():  # it was cut before there was a connection
            self._hang_up()
            raise httpx.ReadTimeout("cut")

    def cut(self) -> None:
        """End the request: a thread that waits for the next byte wakes up."""
        self._cut.set()
        self._hang_up()

    def _hang_up(self) -> None:
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def ask(probe: HttpProbe, asking: Asking) -> Answer:
    """Ask a page. The value is its status code; None where nothing answered.

    401 and 403 are `denied`, unless the probe expects just them. A page whose body does
    not end within the time-out is no answer.
    """
    moment = Moment(asking.clock)
    line = _Line()
    try:
        headers = _headers(probe, asking.identity)
        page = bounded(lambda: _fetch(probe, headers, line), probe.timeout, line.cut)
    except _UNASKABLE:
        return moment.answer("unclear", None, "the address or a header cannot be sent")
    except (httpx.TimeoutException, OvertimeError):
        why = f"no whole answer within {format_duration(probe.timeout)}"
        return moment.answer(_silence(probe), None, why)
    except httpx.HTTPError as error:
        return moment.answer(_silence(probe), None, _why(error))
    except DrillmasterError as error:  # a secret that is not there
        return moment.answer("unclear", None, str(error))
    outcome, detail = _judge(probe, page)
    return moment.answer(outcome, page.status, detail)


def _headers(probe: HttpProbe, identity: Identity | None) -> httpx.Headers:
    """Those of the probe, and the identity's own token: never the probe's for a person."""
    headers = httpx.Headers(probe.headers)
    headers["Accept-Encoding"] = "identity"  # what is read is what is compared, and no bomb
    if identity is None:
        token = resolve_secret(probe.token) if probe.token else None
    else:
        token = identity.token
        headers.pop("Authorization", None)
        headers[CHECK_HEADER] = "1"
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return headers


def _fetch(probe: HttpProbe, headers: httpx.Headers, line: _Line) -> _Page:
    extensions = {"trace": line.trace}
    verify = trusted_for(probe.url)
    with (
        httpx.Client(
            trust_env=False, follow_redirects=False, timeout=probe.timeout, verify=verify
        ) as client,
        client.stream(probe.method, probe.url, headers=headers, extensions=extensions) as response,
    ):
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) >= LONGEST_BODY:
                break
        return _Page(response.status_code, _text(bytes(body[:LONGEST_BODY]), response))


def _text(body: bytes, response: httpx.Response) -> str:
    try:
        return body.decode(response.charset_encoding or "utf-8", errors="replace")
    except LookupError:  # a charset that nobody knows
        return body.decode(errors="replace")


def _judge(probe: HttpProbe, page: _Page) -> tuple[Outcome, str]:
    detail = f"answered {page.status}"
    if not _expected(probe, page.status):
        return ("denied" if page.status in (401, 403) else "no"), detail
    if probe.contains is not None and probe.contains not in page.text:
        return "no", f"{detail}, without the text that is looked for"
    return "yes", detail


def _expected(probe: HttpProbe, status: int) -> bool:
    if probe.status is not None:
        return status == probe.status
    if probe.status_not is not None:
        return status != probe.status_not
    return 200 <= status <= 299


def _silence(probe: HttpProbe) -> Outcome:
    """What no answer means: for `status_not` it is a yes like any other failure."""
    return "unreachable" if probe.status_not is None else "yes"


def _why(error: httpx.HTTPError) -> str:
    """In our own words: the text of an error may hold what was sent."""
    if isinstance(error, httpx.ConnectError):
        return "no connection"
    return "the connection broke off before the answer was whole"
