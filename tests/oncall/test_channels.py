"""The channels by themselves, against real servers."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from drillmaster.errors import InvalidError
from drillmaster.oncall.channels import registry
from drillmaster.oncall.channels.base import NotDeliveredError, Page
from tests.support.http import Asked, Reply, serving
from tests.support.mail import Box, Refusing, certificate, mail_server
from tests.support.oncall import hooked

PAGE = Page(
    page="0a1b",
    incident="inc-1",
    run="run-1",
    service="checkout",
    severity="critical",
    summary="[DRILL] checkout refuses most requests",
    person="ben",
    role="secondary",
    level=2,
    at=datetime(2026, 11, 24, 14, 0, 3, tzinfo=UTC),
    links={"page": "http://127.0.0.1:1/page/secret-token", "automation": "http://x/robot"},
)


def send(kind: str, spec: dict[str, Any], address: str | None = None, page: Page = PAGE) -> None:
    registry.make(kind, spec, None).send(page, address)


def reach(kind: str, spec: dict[str, Any]) -> None:
    registry.make(kind, spec, None).reach()


class TestPage:
    def test_a_drill_begins_with_the_mark(self) -> None:
        assert PAGE.subject == "[DRILL] Critical: checkout refuses most requests"
        assert PAGE.text.startswith("[DRILL] ")
        assert "This is a drill" in PAGE.text
        assert "http://127.0.0.1:1/page/secret-token" in PAGE.text
        assert "drillmaster ack run-1 --as ben" in PAGE.text

    def test_a_real_page_has_no_mark(self) -> None:
        real = replace(PAGE, run=None, summary="checkout is down", links={})
        assert real.subject == "Critical: checkout is down"
        assert "DRILL" not in real.text
        assert "drillmaster ack inc-1 --as ben" in real.text

    def test_a_subject_is_one_line(self) -> None:
        assert "\n" not in replace(PAGE, summary="one\r\nBcc: all@example.org\ntwo").subject

    def test_links_are_not_shown_by_accident(self) -> None:
        assert "token" not in repr(PAGE)


class TestWebhook:
    def test_the_body(self) -> None:
        with hooked() as hook:
            send("webhook", {"url": hook.url})
        (got,) = hook.got
        assert got == {
            "page": "0a1b",
            "incident": "inc-1",
            "run": "run-1",
            "service": "checkout",
            "severity": "critical",
            "summary": "[DRILL] checkout refuses most requests",
            "person": "ben",
            "role": "secondary",
            "level": 2,
            "links": {"page": "http://127.0.0.1:1/page/secret-token"},
            "text": PAGE.text,
        }
        assert "authorization" not in hook.asked[0].headers

    def test_the_persons_address_there(self) -> None:
        with hooked() as hook:
            send("webhook", {"url": hook.url}, "+351 000")
        assert hook.got[0]["address"] == "+351 000"

    def test_the_token_is_looked_up_when_it_is_needed(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("PAGER_TOKEN", "s3cret")
        (tmp_path / "token").write_text("from-file\n")
        with hooked() as hook:
            send("webhook", {"url": hook.url, "token": "env:PAGER_TOKEN"})
            send("webhook", {"url": hook.url, "token": f"file:{tmp_path / 'token'}"})
        tokens = [asked.headers["authorization"] for asked in hook.asked]
        assert tokens == ["Bearer s3cret", "Bearer from-file"]

    def test_its_whole_address_may_be_a_reference(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with hooked() as hook:
            monkeypatch.setenv("CHAT_URL", f"{hook.url}/s3cret")
            send("webhook", {"url": "env:CHAT_URL"})
        assert [asked.path for asked in hook.asked] == ["/pages/s3cret"]
        with pytest.raises(NotDeliveredError) as error:
            send("webhook", {"url": "env:CHAT_URL"})
        assert "s3cret" not in str(error.value)

    def test_a_secret_that_is_not_there_is_said_by_its_name(self) -> None:
        assert "NO_SUCH_TOKEN" not in os.environ
        with hooked() as hook, pytest.raises(InvalidError, match="NO_SUCH_TOKEN"):
            send("webhook", {"url": hook.url, "token": "env:NO_SUCH_TOKEN"})
        assert hook.got == []

    @pytest.mark.parametrize("status", [200, 202, 204])
    def test_any_success_is_a_delivery(self, status: int) -> None:
        with serving(lambda _: Reply(status, b"")) as url:
            send("webhook", {"url": url})

    @pytest.mark.parametrize("status", [302, 400, 401, 429, 500])
    def test_anything_else_is_none_and_is_not_tried_again(self, status: int) -> None:
        asked: list[Asked] = []

        def answer(request: Asked) -> Reply:
            asked.append(request)
            return Reply(status, b"", {"Location": "/elsewhere"} if status == 302 else {})

        with serving(answer) as url, pytest.raises(NotDeliveredError, match=f"answered {status}"):
            send("webhook", {"url": url})
        assert len(asked) == 1

    def test_nobody_there(self) -> None:
        with pytest.raises(NotDeliveredError, match=r"cannot be reached \(ConnectError\)"):
            send("webhook", {"url": "http://127.0.0.1:9/hook-secret"})

    @pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1/x", "http://[::bad/"])
    def test_an_impossible_url_stands_in_no_message(self, url: str) -> None:
        with pytest.raises(NotDeliveredError) as error:
            send("webhook", {"url": url})
        assert url not in str(error.value)

    def test_it_is_reached_without_a_page(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PAGER_TOKEN", "s3cret")
        asked: list[Asked] = []

        def answer(request: Asked) -> Reply:
            asked.append(request)
            return Reply(404)

        with serving(answer) as url:
            reach("webhook", {"url": f"{url}/hook-secret", "token": "env:PAGER_TOKEN"})
        (request,) = asked
        assert (request.method, request.path, request.body) == ("HEAD", "/", b"")
        assert "authorization" not in request.headers
        with pytest.raises(NotDeliveredError, match=r"cannot be reached \(ConnectError\)"):
            reach("webhook", {"url": "http://127.0.0.1:9/hook-secret"})
        with pytest.raises(InvalidError, match="NO_SUCH_TOKEN"):
            reach("webhook", {"url": url, "token": "env:NO_SUCH_TOKEN"})

    def test_no_proxy_is_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        with hooked() as hook:
            send("webhook", {"url": hook.url})
        assert len(hook.got) == 1


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def server(box: Box) -> Iterator[dict[str, Any]]:
    with mail_server(box) as settings:
        yield settings


class TestEmail:
    def test_the_mail(self, server: dict[str, Any], box: Box) -> None:
        send("email", server, "ben@example.org")
        (mail,) = box.mails
        assert mail["Subject"] == "[DRILL] Critical: checkout refuses most requests"
        assert mail["From"] == "Drills <drills@example.org>"
        assert mail["To"] == "ben@example.org"
        assert mail["Message-ID"] == "<0a1b@example.org>"
        assert mail["Date"] == "Tue, 24 Nov 2026 14:00:03 +0000"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail.get_content_type() == "text/plain"
        assert "http://127.0.0.1:1/page/secret-token" in str(mail.get_payload())

    def test_it_is_reached_without_a_mail(self, server: dict[str, Any], box: Box) -> None:
        reach("email", server)
        assert box.mails == []
        with pytest.raises(NotDeliveredError):
            reach("email", server | {"tls": "starttls"})
        with pytest.raises(NotDeliveredError, match="ConnectionRefusedError"):
            reach("email", server | {"port": 9})

    def test_no_header_can_be_smuggled_in(self, server: dict[str, Any], box: Box) -> None:
        page = replace(PAGE, summary="down\r\nBcc: everybody@example.org")
        send("email", server, "ben@example.org", page)
        assert box.mails[0]["Bcc"] is None
        with pytest.raises(NotDeliveredError, match="ValueError"):
            send("email", server, "ben@example.org\nBcc: everybody@example.org")
        assert len(box.mails) == 1

    def test_a_contact_without_an_address(self, server: dict[str, Any]) -> None:
        with pytest.raises(NotDeliveredError, match="no mail address"):
            send("email", server, None)

    def test_a_refused_recipient(self) -> None:
        with (
            mail_server(Refusing()) as settings,
            pytest.raises(NotDeliveredError, match=r"refused the address \(550\)"),
        ):
            send("email", settings, "ben@example.org")

    def test_nobody_there(self) -> None:
        spec = {"host": "127.0.0.1", "port": 9, "sender": "a@example.org", "tls": "none"}
        with pytest.raises(NotDeliveredError, match="ConnectionRefusedError"):
            send("email", spec, "ben@example.org")

    def test_a_server_without_tls_gets_no_mail_when_tls_is_asked(
        self, server: dict[str, Any], box: Box
    ) -> None:
        with pytest.raises(NotDeliveredError):
            send("email", server | {"tls": "starttls"}, "ben@example.org")
        assert box.mails == []

    @pytest.mark.parametrize("tls", ["starttls", "tls"])
    def test_tls_is_used_and_the_server_must_prove_itself(
        self, box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls: str
    ) -> None:
        cert, context = certificate(tmp_path)
        settings: dict[str, Any] = (
            {"ssl_context": context}
            if tls == "tls"
            else {"tls_context": context, "require_starttls": True}
        )
        with mail_server(box, **settings) as spec:
            with pytest.raises(NotDeliveredError, match="SSLCertVerificationError"):
                send("email", spec | {"tls": tls}, "ben@example.org")
            assert box.mails == []
            monkeypatch.setenv("SSL_CERT_FILE", str(cert))
            send("email", spec | {"tls": tls}, "ben@example.org")
        assert len(box.mails) == 1

    def test_the_login(self, box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        cert, context = certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        monkeypatch.setenv("MAIL_PASSWORD", "hunter2")

        def check(
            _server: object, _session: object, _envelope: object, _how: str, data: Any
        ) -> Any:
            assert isinstance(data, LoginPassword)
            good = (data.login, data.password) == (b"drills", b"hunter2")
            return AuthResult(success=good, handled=False)

        settings = {"authenticator": check, "auth_required": True, "tls_context": context}
        with mail_server(box, **settings) as spec:
            login = {"tls": "starttls", "user": "drills", "password": "env:MAIL_PASSWORD"}
            send("email", spec | login, "ben@example.org")
            monkeypatch.setenv("MAIL_PASSWORD", "wrong")
            with pytest.raises(NotDeliveredError, match="said 535") as error:
                send("email", spec | login, "ben@example.org")
            assert "wrong" not in str(error.value)
            with pytest.raises(NotDeliveredError, match="said 535"):
                reach("email", spec | login)
        assert len(box.mails) == 1


class TestTerminal:
    def test_it_shows_the_page(self) -> None:
        shown: list[Page] = []
        registry.make("terminal", {}, shown.append).send(PAGE, None)
        assert shown == [PAGE]

    def test_without_a_terminal_nothing_is_delivered(self) -> None:
        with pytest.raises(NotDeliveredError, match="no terminal"):
            send("terminal", {})
        with pytest.raises(NotDeliveredError, match="no terminal"):
            reach("terminal", {})
        registry.make("terminal", {}, lambda _: None).reach()

    def test_a_closed_terminal_delivers_nothing(self) -> None:
        def show(_page: Page) -> None:
            raise BrokenPipeError

        with pytest.raises(NotDeliveredError, match="closed"):
            registry.make("terminal", {}, show).send(PAGE, None)
