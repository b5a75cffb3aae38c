import pytest

from drillmaster.errors import InvalidError
from drillmaster.oncall import doors
from drillmaster.oncall.base import RealIncident
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline.store import Store
from tests.support.hands import HandClock
from tests.support.oncall import drill, log_of, short, team


@pytest.fixture(autouse=True)
def _open(provider: EmbeddedProvider) -> None:
    provider.open_real("real-1", "billing", "error", "billing is down")


def test_it_escalates_like_any_other(provider: EmbeddedProvider, clock: HandClock) -> None:
    clock.move(60)
    provider.advance()
    log = short(log_of(provider, "real-1"))
    assert log[:3] == ["incident-opened", "level 1 opened", "page ana"]
    assert "level 2 timeout" in log


def test_it_is_seen_for_its_service(provider: EmbeddedProvider) -> None:
    seen = provider.real_incidents("billing", [])
    assert seen == [RealIncident("real-1", "billing", "billing is down")]
    assert provider.real_incidents("checkout", []) == []


@pytest.mark.parametrize("who", ["ana", "ben", "bea", "cleo"])
def test_it_is_seen_for_everyone_on_its_levels(provider: EmbeddedProvider, who: str) -> None:
    assert [seen.id for seen in provider.real_incidents("checkout", ["zoe", who])] == ["real-1"]


def test_it_is_not_seen_for_somebody_who_is_not_on_call(provider: EmbeddedProvider) -> None:
    assert provider.real_incidents("checkout", ["dan"]) == []


def test_it_is_seen_from_another_environment(store: Store, clock: HandClock) -> None:
    other = EmbeddedProvider.for_environment(
        team().model_copy(update={"name": "sandbox"}), store, clock
    )
    assert [seen.id for seen in other.real_incidents("checkout", ["ana"])] == ["real-1"]


def test_a_drill_is_none(provider: EmbeddedProvider, store: Store, clock: HandClock) -> None:
    doors.resolve(store, clock, "real-1", "ana")
    provider.open(drill())
    assert provider.real_incidents("checkout", ["ana"]) == []


def test_an_acknowledged_one_is_still_open(
    provider: EmbeddedProvider, store: Store, clock: HandClock
) -> None:
    doors.acknowledge(store, clock, "real-1", "ana", via="cli")
    assert len(provider.real_incidents("billing", [])) == 1
    doors.resolve(store, clock, "real-1", "ana")
    assert provider.real_incidents("billing", ["ana"]) == []


def test_it_must_not_look_like_a_drill(provider: EmbeddedProvider) -> None:
    with pytest.raises(InvalidError, match="must not begin with"):
        provider.open_real("real-2", "billing", "error", " [drill] billing")
    assert log_of(provider, "real-2") == []
