import threading
import time
from typing import Any

import pytest

from drillmaster.clock import SteadyClock
from drillmaster.definitions.probes import HttpProbe
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.http import LONGEST_BODY, ask
from drillmaster.targets.base import Identity
from tests.support.http import Asked, Reply, closed_port, dripping, serving

ME = Identity("responder-2", token="t0ken")


def put(url: str, identity: Identity | None = None, **probe: Any) -> Answer:
    shape = {"url": url, "timeout": "2s"} | probe
    return ask(HttpProbe.model_validate(shape), Asking(SteadyClock(), identity=identity))


@pytest.mark.parametrize(
    ("probe", "status", "outcome"),
    [
        ({}, 200, "yes"),
        ({}, 204, "yes"),
        ({}, 302, "no"),
        ({}, 404, "no"),
        ({}, 503, "no"),
        ({}, 401, "denied"),
        ({}, 403, "denied"),
        ({"status": 200}, 204, "no"),
        ({"status": 404}, 404, "yes"),
        ({"status": 403}, 403, "yes"),
        ({"status": 200}, 403, "denied"),
        ({"status_not": 200}, 200, "no"),
        ({"status_not": 200}, 500, "yes"),
        ({"status_not": 200}, 403, "yes"),
    ],
)
def test_a_status_is_judged(probe: dict[str, Any], status: int, outcome: str) -> None:
    body = b"" if status == 204 else b"fine"
    with serving(lambda _: Reply(status, body)) as url:
        answer = put(url, **probe)
    assert (answer.outcome, answer.value) == (outcome, status)
    assert str(status) in answer.detail


@pytest.mark.parametrize(
    ("body", "headers", "outcome"),
    [
        (b"all is well", {}, "yes"),
        (b"all is bad", {}, "no"),
        ("alles ist gut: schön well".encode("latin-1"), {}, "yes"),
        (b"well", {"Content-Type": "text/plain; charset=nonsense"}, "yes"),
    ],
)
def test_a_body_must_hold_the_text(body: bytes, headers: dict[str, str], outcome: str) -> None:
    with serving(lambda _: Reply(200, body, headers)) as url:
        assert put(url, contains="well").outcome == outcome


def test_the_charset_of_the_page_counts() -> None:
    page = Reply(200, "schön".encode("latin-1"), {"Content-Type": "text/plain; charset=latin-1"})
    with serving(lambda _: page) as url:
        assert put(url, contains="schön").outcome == "yes"


def test_a_text_beyond_the_first_mebibyte_is_not_seen() -> None:
    with serving(lambda _: Reply(200, b"x" * LONGEST_BODY + b"well")) as url:
        assert put(url, contains="well").outcome == "no"
        assert put(url).outcome == "yes"


def test_no_redirect_is_followed() -> None:
    seen: list[str] = []

    def answer(asked: Asked) -> Reply:
        seen.append(asked.path)
        return Reply(302, b"", {"Location": "/login"})

    with serving(answer) as url:
        assert put(f"{url}/page").value == 302
    assert seen == ["/page"]


def test_method_and_headers_are_sent() -> None:
    seen: list[Asked] = []

    def answer(asked: Asked) -> Reply:
        seen.append(asked)
        return Reply()

    with serving(answer) as url:
        put(url, method="DELETE", headers={"X-Team": "checkout"})
    (asked,) = seen
    assert asked.method == "DELETE"
    assert asked.headers["x-team"] == "checkout"
    assert "authorization" not in asked.headers
    assert "drillmaster-check" not in asked.headers


def test_drillmaster_asks_with_the_probes_own_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBE_TOKEN", "of-drillmaster")
    with serving(lambda asked: Reply(200, asked.headers["authorization"].encode())) as url:
        assert put(url, token="env:PROBE_TOKEN", contains="Bearer of-drillmaster").met


@pytest.mark.parametrize("identity", [ME, Identity("nobody")], ids=lambda who: who.id)
def test_a_person_asks_with_their_own_token_alone(
    identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBE_TOKEN", "of-drillmaster")
    seen: list[Asked] = []

    def answer(asked: Asked) -> Reply:
        seen.append(asked)
        return Reply()

    with serving(answer) as url:
        put(url, identity, token="env:PROBE_TOKEN", headers={"authorization": "Basic eA=="})
    (asked,) = seen
    mine = f"Bearer {identity.token}" if identity.token else None
    assert asked.headers.get("authorization") == mine
    assert asked.headers["drillmaster-check"] == "1"


def test_a_secret_that_is_not_there_is_unclear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_TOKEN", raising=False)
    answer = put("http://127.0.0.1:1/", token="env:NO_SUCH_TOKEN")
    assert answer.outcome == "unclear"
    assert "NO_SUCH_TOKEN" in answer.detail


@pytest.mark.parametrize(("probe", "outcome"), [({}, "unreachable"), ({"status_not": 200}, "yes")])
def test_nobody_listens(probe: dict[str, Any], outcome: str) -> None:
    answer = put(f"http://127.0.0.1:{closed_port()}/?key=s3cret", **probe)
    assert (answer.outcome, answer.value, answer.detail) == (outcome, None, "no connection")


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{closed_port()}")
    with serving(lambda _: Reply()) as url:
        assert put(url).met


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["status", "headers", "body", "chunks"],
)
@pytest.mark.parametrize(("probe", "outcome"), [({}, "unreachable"), ({"status_not": 200}, "yes")])
def test_a_slow_drip_does_not_hang(
    start: bytes, drop: bytes, probe: dict[str, Any], outcome: str
) -> None:
    before = set(threading.enumerate())  # another test's probe may still hang
    with dripping(start, drop) as (url, gone):
        begun = time.monotonic()
        answer = put(url, timeout="300ms", **probe)
        assert time.monotonic() - begun < 5
        assert gone.wait(10), "the connection is left open"
    assert answer.outcome == outcome
    assert "300ms" in answer.detail
    assert not _threads(before)


def _threads(before: set[threading.Thread]) -> list[str]:
    """The probes' threads that have come and are left, a moment later."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        come = set(threading.enumerate()) - before
        left = [thread.name for thread in come if thread.name == "probe"]
        if not left:
            return []
        time.sleep(0.01)
    return left


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", b"\x15"])
def test_a_broken_answer_is_none(start: bytes) -> None:
    with dripping(start, b"") as (url, _):
        assert put(url, timeout="200ms").outcome == "unreachable"


@pytest.mark.parametrize(
    "url", ["ftp://host/", "http://[::1/", "no address", "http://ho st/", "http://127.0.0.1:99999/"]
)
def test_an_address_that_is_none_is_unclear(url: str) -> None:
    assert put(url, ME).outcome in ("unclear", "unreachable")
    assert "t0ken" not in put(url, ME).detail


@pytest.mark.parametrize("token", ["two\nlines", "snow☃man", "nul\0"])
def test_a_token_that_cannot_be_sent_is_unclear(token: str) -> None:
    with serving(lambda _: Reply()) as url:
        answer = put(url, Identity("responder-2", token=token))
    assert answer.outcome == "unclear"
    assert token not in answer.detail


def test_the_answer_carries_its_time() -> None:
    clock = SteadyClock()

    def slowly(_: Asked) -> Reply:
        time.sleep(0.1)
        return Reply()

    with serving(slowly) as url:
        before = clock.now()
        answer = ask(HttpProbe(url=url), Asking(clock))
        after = clock.now()
    assert before < answer.at < after
    assert 0.05 <= answer.precision <= (after - before).total_seconds() / 2
