import threading
from collections.abc import Callable

import httpx
import pytest

from drillmaster.errors import InvalidError
from tests.intake.conftest import Desk
from tests.support.oncall import drill, hooked, team


def test_it_listens_on_loopback_and_a_free_port(make_desk: Callable[..., Desk]) -> None:
    first, second = make_desk(), make_desk()
    assert first.intake.url.startswith("http://127.0.0.1:")
    assert first.intake.url != second.intake.url


def test_the_links_of_one_intake_do_not_open_another(make_desk: Callable[..., Desk]) -> None:
    first, second = make_desk(), make_desk()
    first.provider.open(drill())
    token = first.link("ben").rpartition("/")[2]
    assert second.browser.get(f"{second.intake.url}/page/{token}").status_code == 403


def test_closing_frees_the_port_and_the_thread(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    desk.close()
    desk.intake.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "intake"]
    with pytest.raises(httpx.ConnectError):
        httpx.get(desk.intake.url, trust_env=False)
    port = int(desk.intake.url.rpartition(":")[2])
    make_desk(port=port)


def test_a_port_in_use_is_an_error_of_one_line(make_desk: Callable[..., Desk]) -> None:
    port = int(make_desk().intake.url.rpartition(":")[2])
    with pytest.raises(InvalidError, match=rf"cannot listen on 127\.0\.0\.1:{port}"):
        make_desk(port=port)


@pytest.mark.parametrize(("host", "port"), [("no-such-host.invalid", 0), ("127.0.0.1", 99999)])
def test_an_impossible_address_is_an_error_of_one_line(
    make_desk: Callable[..., Desk], host: str, port: int
) -> None:
    with pytest.raises(InvalidError, match="the intake cannot listen on"):
        make_desk(host=host, port=port)


def test_links_must_lead_somewhere(make_desk: Callable[..., Desk]) -> None:
    with pytest.raises(InvalidError, match="say how people reach the intake"):
        make_desk(host="0.0.0.0")
    desk = make_desk(host="0.0.0.0", public_url="https://oncall.example.org")
    assert desk.link("ben").startswith("https://oncall.example.org/page/")


def test_a_page_brings_its_link_to_the_person(make_desk: Callable[..., Desk]) -> None:
    """The whole way: escalation, webhook, link, ACK."""
    desk = make_desk()
    with hooked() as hook:
        environment = team(
            channels={"chat": {"webhook": {"url": hook.url}}},
            contacts={"ana": [{"channel": "chat"}]},
        )
        provider = type(desk.provider).for_environment(
            environment, desk.store, desk.clock, links=desk.intake.links
        )
        provider.open(drill())
        provider.advance()
    link = hook.got[0]["links"]["page"]
    assert link in hook.got[0]["text"]
    assert desk.browser.post(f"{link}/ack", json={}).status_code == 200
    assert desk.log()[-1].type == "acknowledged"
