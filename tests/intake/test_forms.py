"""Limits of what is read, and whose forms."""

import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.intake.conftest import Desk
from tests.support.oncall import drill


@pytest.mark.parametrize("how", ["length", "chunks"])
def test_a_body_has_a_limit(desk: Desk, how: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"text="
        for _ in range(5):
            yield b"x" * 4096

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    body = b"text=" + b"x" * 20_000 if how == "length" else chunks()
    assert desk.post("note", content=body, headers=kind).status_code == 413
    assert desk.said() == []


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"[1", 400),
        ("application/json", b'["text"]', 400),
        ("application/json", b'{"text": 5}', 400),
        ("application/json", b'{"text": {"a": "b"}}', 400),
        ("application/json", b"[" * 10_000, 400),
        ("application/json", b"\xff", 400),
        ("application/x-www-form-urlencoded", b"text=\xff", 400),
        ("application/x-www-form-urlencoded", b"text=%ff", 400),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 50), 400),
        ("application/x-www-form-urlencoded", b"", 400),
        ("text/plain", b"text=hello", 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("", b"text=hello", 415),
        ("Application/JSON; charset=utf-8", b'{"text": "hello"}', 303),
        ("application/x-www-form-urlencoded; charset=utf-8", b"text=hello", 303),
    ],
)
def test_what_can_be_read(desk: Desk, kind: str, body: bytes, status: int) -> None:
    answer = desk.post("note", content=body, headers={"Content-Type": kind, "Accept": "text/html"})
    expected = 200 if status == 303 and "application/json" in kind else status
    assert answer.status_code == expected
    assert bool(desk.said()) == (status == 303)


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 303),
        ("own", 303),
        ("null", 403),
        ("https://evil.example.org", 403),
        ("http://127.0.0.1", 403),
        ("", 403),
    ],
)
def test_a_form_of_another_site_is_refused(desk: Desk, origin: str | None, status: int) -> None:
    own = f"http://{urlsplit(desk.intake.url).netloc}"
    headers = {} if origin is None else {"Origin": own if origin == "own" else origin}
    assert desk.post("ack", headers=headers).status_code == status


def test_the_public_address_is_our_own_too(make_desk: Callable[..., Desk]) -> None:
    """Behind a proxy that adds TLS and a prefix, and passes on a Host of its own."""
    desk = make_desk(public_url="https://oncall.example.org/drills/", port=0)
    desk.provider.open(drill())
    public = desk.link("ben")
    assert public.startswith("https://oncall.example.org/drills/page/")


def test_a_host_that_is_not_there_is_no_pass(desk: Desk) -> None:
    """A request without a Host, and an Origin that names none either."""
    host, port = desk.intake.url.removeprefix("http://").split(":")
    path = urlsplit(desk.link("ben")).path
    with socket.create_connection((host, int(port))) as line:
        line.sendall(
            f"POST {path}/ack HTTP/1.0\r\nOrigin: null\r\nContent-Length: 0\r\n\r\n".encode()
        )
        assert b" 403 " in line.recv(4096).split(b"\r\n")[0]
