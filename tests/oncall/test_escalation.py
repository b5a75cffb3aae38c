from datetime import timedelta

import pytest

from drillmaster.oncall import doors
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline.events import Escalated, IncidentOpened, PageSent, PageSuppressed
from drillmaster.timeline.store import Store
from tests.support.hands import HandClock
from tests.support.oncall import drill, log_of, short, team


def steps(provider: EmbeddedProvider) -> list[str]:
    """The log without deliveries."""
    return [line for line in short(log_of(provider)) if not line.startswith("failed")]


def test_opening_is_the_alert_and_pages_the_first_level(provider: EmbeddedProvider) -> None:
    provider.open(drill())
    assert steps(provider) == ["incident-opened", "level 1 opened", "page ana"]
    opened = log_of(provider)[0]
    assert isinstance(opened, IncidentOpened)
    assert (opened.provider, opened.severity) == ("embedded", "critical")
    assert opened.summary == "[DRILL] checkout refuses most requests"


def test_opening_twice_does_nothing(provider: EmbeddedProvider) -> None:
    provider.open(drill())
    provider.open(drill())
    assert steps(provider) == ["incident-opened", "level 1 opened", "page ana"]


def test_a_drill_is_always_marked(provider: EmbeddedProvider) -> None:
    provider.open(drill(summary="checkout is down"))
    opened = log_of(provider)[0]
    assert isinstance(opened, IncidentOpened)
    assert opened.summary == "[DRILL] checkout is down"


def test_every_level_is_reached_in_its_time_and_then_the_policy_is_exhausted(
    provider: EmbeddedProvider, clock: HandClock
) -> None:
    start = clock.now()
    provider.open(drill())
    for seconds in (59.9, 0.1, 119.9, 0.1, 179.9, 0.1, 1000):
        clock.move(seconds)
        provider.advance()
    assert steps(provider) == [
        "incident-opened",
        "level 1 opened",
        "page ana",
        "level 2 timeout",
        "page ben",
        "page bea",
        "level 3 timeout",
        "page cleo",
        "policy-exhausted",
    ]
    times = [e.occurred_at - start for e in log_of(provider) if isinstance(e, Escalated)]
    assert times == [timedelta(0), timedelta(seconds=60), timedelta(seconds=180)]
    level = next(e for e in log_of(provider) if isinstance(e, Escalated) and e.level == 2)
    assert (level.role, level.people) == ("secondary", ["ben", "bea"])


def test_events_say_when_and_how_precisely(provider: EmbeddedProvider, clock: HandClock) -> None:
    provider.open(drill())
    for event in log_of(provider):
        assert event.source == "oncall"
        assert event.occurred_at == event.observed_at == clock.now()
        assert 0 < event.precision <= 0.01


def test_reading_goes_on_where_it_ended(provider: EmbeddedProvider, clock: HandClock) -> None:
    provider.open(drill())
    first, cursor = provider.read("inc-1", 0)
    assert len(first) == 3
    assert provider.read("inc-1", cursor) == ([], cursor)
    clock.move(60)
    provider.advance()
    rest, end = provider.read("inc-1", cursor)
    assert "level 2 timeout" in short(rest)
    assert end > cursor
    assert provider.read("unheard-of", 0) == ([], 0)


def test_a_long_absence_skips_no_level(provider: EmbeddedProvider, clock: HandClock) -> None:
    provider.open(drill())
    clock.move(100_000)
    provider.advance()
    assert [line for line in steps(provider) if "level" in line] == [
        "level 1 opened",
        "level 2 timeout",
    ]


def test_an_ack_stops_the_escalation(
    provider: EmbeddedProvider, store: Store, clock: HandClock
) -> None:
    provider.open(drill())
    doors.acknowledge(store, clock, "inc-1", "ana", via="cli")
    clock.move(1000)
    provider.advance()
    assert steps(provider)[-1] == "ack ana primary person"


@pytest.mark.parametrize("who", [None, "dan"])
def test_any_ack_stops_the_escalation(
    provider: EmbeddedProvider, store: Store, clock: HandClock, who: str | None
) -> None:
    provider.open(drill())
    doors.acknowledge(store, clock, "inc-1", who, via="link")
    clock.move(1000)
    provider.advance()
    agent = "automation" if who is None else "person"
    assert steps(provider)[-1] == f"ack {who} None {agent}"


def test_at_once_pages_the_first_two_levels(provider: EmbeddedProvider, clock: HandClock) -> None:
    provider.open(drill(engage="at-once"))
    assert steps(provider) == [
        "incident-opened",
        "level 1 at-once",
        "page ana",
        "level 2 at-once",
        "page ben",
        "page bea",
    ]
    clock.move(119)
    provider.advance()
    assert "level 3 timeout" not in steps(provider)
    clock.move(1)
    provider.advance()
    assert "level 3 timeout" in steps(provider)


def test_at_once_with_one_level_pages_that_one(store: Store, clock: HandClock) -> None:
    single = team(policy=[{"page": "primary", "timeout": "60s"}])
    provider = EmbeddedProvider.for_environment(single, store, clock)
    provider.open(drill(engage="at-once"))
    clock.move(60)
    provider.advance()
    assert steps(provider) == ["incident-opened", "level 1 at-once", "page ana", "policy-exhausted"]


def test_a_drill_policy_rings_nobody_at_the_first_level(
    provider: EmbeddedProvider, clock: HandClock
) -> None:
    provider.open(drill(unreachable_primary="drill-policy"))
    provider.advance()
    clock.move(59)
    provider.advance()
    assert steps(provider) == ["incident-opened", "level 1 opened", "silent ana"]
    suppressed = log_of(provider)[-1]
    assert isinstance(suppressed, PageSuppressed)
    assert (suppressed.by, suppressed.role, suppressed.level) == ("drill-policy", "primary", 1)
    clock.move(1)
    provider.advance()
    assert steps(provider)[3:] == ["level 2 timeout", "page ben", "page bea"]


def test_a_briefed_primary_is_paged_as_usual(provider: EmbeddedProvider) -> None:
    provider.open(drill(unreachable_primary="briefed"))
    assert steps(provider) == ["incident-opened", "level 1 opened", "page ana"]


def test_pages_have_ids_of_their_own(provider: EmbeddedProvider, clock: HandClock) -> None:
    provider.open(drill())
    clock.move(60)
    provider.advance()
    pages = [event.page for event in log_of(provider) if isinstance(event, PageSent)]
    assert len(set(pages)) == len(pages) == 3


def test_the_policy_is_fixed_when_the_incident_is_opened(
    provider: EmbeddedProvider, store: Store, clock: HandClock
) -> None:
    provider.open(drill())
    changed = team(policy=[{"page": "primary", "timeout": "1h"}])
    other = EmbeddedProvider.for_environment(changed, store, clock)
    other.open(drill())
    clock.move(60)
    other.advance()
    assert steps(provider)[3] == "level 2 timeout"


def test_a_provider_works_on_its_own_incidents_alone(
    provider: EmbeddedProvider, store: Store, clock: HandClock
) -> None:
    provider.open(drill())
    other = EmbeddedProvider.for_environment(team(), store, clock)
    clock.move(60)
    other.advance()
    assert steps(provider)[-1] == "page ana"
    other.follow("inc-1")
    other.advance()
    assert steps(provider)[-1] == "page bea"


def test_a_resolved_incident_is_left_alone(provider: EmbeddedProvider, clock: HandClock) -> None:
    provider.open(drill())
    provider.resolve("inc-1", "supervisor")
    provider.resolve("inc-1", "supervisor")
    clock.move(1000)
    provider.advance()
    assert short(log_of(provider))[-1] == "resolved supervisor"
    assert short(log_of(provider)).count("resolved supervisor") == 1
    provider.open(drill())
    assert short(log_of(provider))[-1] == "resolved supervisor"


def test_resolving_what_was_never_opened_does_nothing(provider: EmbeddedProvider) -> None:
    provider.resolve("inc-1", "reaper")
    assert log_of(provider) == []
