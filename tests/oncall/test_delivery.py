import threading
from typing import Any

import pytest

from drillmaster.definitions.environment import Channel, Environment
from drillmaster.oncall import doors
from drillmaster.oncall.channels.base import Page
from drillmaster.oncall.claims import Claims
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline.events import PageDelivered, PageFailed
from drillmaster.timeline.store import Store
from tests.support.hands import HandClock
from tests.support.http import dripping
from tests.support.oncall import drill, hooked, log_of, short, team

NOWHERE = {"webhook": {"url": "http://127.0.0.1:9/", "timeout": "1s"}}


def deliveries(provider: EmbeddedProvider) -> list[str]:
    return [line for line in short(log_of(provider)) if line.startswith(("failed", "delivered"))]


def with_contacts(channels: dict[str, Any], *, simulate: tuple[str, ...] = ()) -> Environment:
    """Ana is reached over all the channels, in order."""
    contacts = {"ana": [{"channel": name, "address": "ana@example.org"} for name in channels]}
    return team(channels=channels, contacts=contacts, simulate=simulate)


def test_opening_fires_and_advancing_delivers(store: Store, clock: HandClock) -> None:
    with hooked() as hook:
        environment = with_contacts({"chat": {"webhook": {"url": hook.url}}})
        provider = EmbeddedProvider.for_environment(environment, store, clock)
        provider.open(drill())
        assert deliveries(provider) == []
        clock.move(2)
        provider.advance()
        provider.advance()
        delivered = log_of(provider)[-1]
    assert isinstance(delivered, PageDelivered)
    assert delivered.occurred_at == clock.now()
    assert [got["page"] for got in hook.got] == [delivered.page]


def test_the_next_contact_is_tried_when_one_fails(store: Store, clock: HandClock) -> None:
    with hooked() as broken, hooked() as hook, hooked() as spare:
        broken.status = 503
        channels = {
            "down": NOWHERE,
            "broken": {"webhook": {"url": broken.url}},
            "chat": {"webhook": {"url": hook.url}},
            "spare": {"webhook": {"url": spare.url}},
        }
        provider = EmbeddedProvider.for_environment(with_contacts(channels), store, clock)
        provider.open(drill())
        provider.advance()
        provider.advance()
    assert deliveries(provider) == ["failed down", "failed broken", "delivered chat"]
    assert (len(broken.got), len(hook.got), len(spare.got)) == (1, 1, 0)


def test_when_every_contact_fails_the_page_is_lost_and_the_level_still_times_out(
    store: Store, clock: HandClock
) -> None:
    provider = EmbeddedProvider.for_environment(with_contacts({"down": NOWHERE}), store, clock)
    provider.open(drill())
    provider.advance()
    provider.advance()
    assert deliveries(provider) == ["failed down"]
    clock.move(60)
    provider.advance()
    assert "level 2 timeout" in short(log_of(provider))


def test_somebody_without_a_contact_is_seen_in_the_log(provider: EmbeddedProvider) -> None:
    provider.open(drill())
    provider.advance()
    failed = log_of(provider)[-1]
    assert isinstance(failed, PageFailed)
    assert (failed.channel, failed.reason) == ("none", "ana has no contact")


def test_everyone_at_a_level_is_paged_side_by_side(store: Store, clock: HandClock) -> None:
    shown = threading.Barrier(2, timeout=5)  # neither returns before both are there

    def show(page: Page) -> None:
        if page.level == 2:
            shown.wait()

    contacts = {who: [{"channel": "screen"}] for who in ("ana", "ben", "bea")}
    environment = team(channels={"screen": {"terminal": {}}}, contacts=contacts)
    provider = EmbeddedProvider.for_environment(environment, store, clock, show=show)
    provider.open(drill())
    clock.move(60)
    provider.advance()
    assert deliveries(provider) == ["delivered screen"] * 3


def test_a_channel_that_hangs_does_not_hold_up_the_next_level(
    store: Store, clock: HandClock
) -> None:
    seen: list[str] = []
    at_the_second_level = threading.Event()

    def show(page: Page) -> None:
        if page.person == "ana":
            clock.move(60)  # ana's time runs out while her page is on its way
            at_the_second_level.wait(5)
        else:
            at_the_second_level.set()
        seen.append(page.person)

    contacts = {who: [{"channel": "screen"}] for who in ("ana", "ben")}
    environment = team(channels={"screen": {"terminal": {}}}, contacts=contacts)
    provider = EmbeddedProvider.for_environment(environment, store, clock, show=show)
    provider.open(drill())
    provider.advance()
    assert seen == ["ben", "ana"]


def test_a_channel_that_drips_is_given_up_in_time(store: Store, clock: HandClock) -> None:
    with dripping(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n") as (url, _), hooked() as hook:
        channels = {
            "drip": {"webhook": {"url": url, "timeout": "300ms"}},
            "chat": {"webhook": {"url": hook.url}},
        }
        provider = EmbeddedProvider.for_environment(with_contacts(channels), store, clock)
        provider.open(drill())
        provider.advance()
    assert deliveries(provider) == ["failed drip", "delivered chat"]
    failed = next(event for event in log_of(provider) if isinstance(event, PageFailed))
    assert failed.reason == "no answer within 0.3 s"


def test_extra_contacts_come_before_a_persons_own(store: Store, clock: HandClock) -> None:
    shown: list[Page] = []
    environment = with_contacts({"down": NOWHERE})
    provider = EmbeddedProvider.for_environment(
        environment,
        store,
        clock,
        show=shown.append,
        extra_contacts={"ana": [Channel.model_validate({"terminal": {}})]},
    )
    provider.open(drill())
    provider.advance()
    assert deliveries(provider) == ["delivered terminal"]
    assert shown[0].subject == "[DRILL] Critical: checkout refuses most requests"


def test_a_simulation_rings_nobody(store: Store, clock: HandClock) -> None:
    with hooked() as real:
        environment = with_contacts({"chat": {"webhook": {"url": real.url}}}, simulate=("ana",))
        provider = EmbeddedProvider.for_environment(
            environment,
            store,
            clock,
            extra_contacts={"ana": [Channel.model_validate(NOWHERE)]},
        )
        provider.open(drill())
        provider.advance()
    assert deliveries(provider) == ["failed webhook"]
    assert real.got == []


def test_a_page_that_fails_for_an_unknown_reason_is_a_failed_page(
    store: Store, clock: HandClock
) -> None:
    def show(page: Page) -> None:
        raise ZeroDivisionError("secret inside")

    environment = with_contacts({"screen": {"terminal": {}}})
    provider = EmbeddedProvider.for_environment(environment, store, clock, show=show)
    provider.open(drill())
    provider.advance()
    failed = log_of(provider)[-1]
    assert isinstance(failed, PageFailed)
    assert failed.reason == "the channel failed (ZeroDivisionError)"


def test_a_sender_that_died_is_replaced_over_the_next_contact(
    store: Store, clock: HandClock
) -> None:
    with hooked() as first, hooked() as second:
        channels = {
            "first": {"webhook": {"url": first.url, "timeout": "5s"}},
            "second": {"webhook": {"url": second.url}},
        }
        provider = EmbeddedProvider.for_environment(with_contacts(channels), store, clock)
        provider.open(drill())
        dead = Claims(store, clock)  # claims the first contact, and nobody hears of it again
        (page,) = dead.due(frozenset({"inc-1"}))
        claim = dead.take(page)
        assert claim is not None
        provider.advance()
        assert deliveries(provider) == []
        clock.move(10.1)
        provider.advance()
        assert deliveries(provider) == ["failed first", "delivered second"]
        dead.conclude(claim, clock.now(), None)  # not dead but frozen: it comes too late
    failed = next(event for event in log_of(provider) if isinstance(event, PageFailed))
    assert "whether it arrived is unknown" in failed.reason
    assert (len(first.got), len(second.got)) == (0, 1)
    assert deliveries(provider) == ["failed first", "delivered second"]


def test_a_resolved_incident_sends_no_more_pages(store: Store, clock: HandClock) -> None:
    with hooked() as hook:
        environment = with_contacts({"chat": {"webhook": {"url": hook.url}}})
        provider = EmbeddedProvider.for_environment(environment, store, clock)
        provider.open(drill())
        doors.resolve(store, clock, "inc-1", "ana")
        provider.advance()
    assert hook.got == []


@pytest.mark.parametrize("simulated", [True, False])
def test_only_a_simulated_responder_gets_the_links_of_others(
    store: Store, clock: HandClock, *, simulated: bool
) -> None:
    with hooked() as hook:
        environment = with_contacts(
            {"chat": {"webhook": {"url": hook.url}}}, simulate=("ana",) if simulated else ()
        )
        provider = EmbeddedProvider.for_environment(
            environment,
            store,
            clock,
            links=lambda incident, person: {
                "page": f"http://intake/{incident}/{person}",
                "automation": f"http://intake/{incident}/automation",
            },
        )
        provider.open(drill())
        provider.advance()
    (got,) = hook.got
    assert got["links"] == {"page": "http://intake/inc-1/ana"}
    if simulated:
        assert got["automation"] == "http://intake/inc-1/automation"
        assert set(got["others"]) == {"ben", "bea", "cleo", "dan"}
        assert got["others"]["dan"] == "http://intake/inc-1/dan"
    else:
        assert "others" not in got
        assert "automation" not in got
