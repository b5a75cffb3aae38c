import pytest

from drillmaster.errors import InvalidError
from drillmaster.oncall import doors
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline.events import Acknowledged
from drillmaster.timeline.store import Store
from tests.support.hands import HandClock
from tests.support.oncall import drill, log_of, short


@pytest.fixture(autouse=True)
def _open(provider: EmbeddedProvider) -> None:
    provider.open(drill())


class Team:
    """The doors, for one incident."""

    def __init__(self, store: Store, clock: HandClock) -> None:
        self.store = store
        self.clock = clock

    def ack(self, person: str | None) -> Acknowledged | None:
        return doors.acknowledge(self.store, self.clock, "inc-1", person, via="cli")

    def withdraw(self, person: str) -> None:
        doors.withdraw(self.store, self.clock, "inc-1", person)

    def hand_over(self, person: str) -> None:
        doors.hand_over(self.store, self.clock, "inc-1", person)


@pytest.fixture
def people(store: Store, clock: HandClock) -> Team:
    return Team(store, clock)


def after_the_opening(provider: EmbeddedProvider) -> list[str]:
    return [line for line in short(log_of(provider))[3:] if not line.startswith("failed")]


def test_an_ack_says_who_in_which_role_and_through_which_door(
    people: Team, clock: HandClock
) -> None:
    clock.move(7)
    event = people.ack("ben")
    assert event is not None
    assert (event.person, event.role, event.agent, event.via) == (
        "ben",
        "secondary",
        "person",
        "cli",
    )
    assert event.occurred_at == clock.now()


def test_the_same_ack_again_is_one(people: Team, provider: EmbeddedProvider) -> None:
    assert people.ack("ana") is not None
    assert people.ack("ana") is None
    assert people.ack(None) is not None
    assert people.ack(None) is None
    assert after_the_opening(provider) == ["ack ana primary person", "ack None None automation"]


def test_an_ack_by_another_person_is_recorded_too(people: Team, provider: EmbeddedProvider) -> None:
    people.ack("ana")
    people.ack("dan")
    assert after_the_opening(provider) == ["ack ana primary person", "ack dan None person"]


def test_a_withdrawal_pages_the_current_level_again(
    people: Team, provider: EmbeddedProvider, clock: HandClock
) -> None:
    clock.move(60)
    provider.advance()
    people.ack("ben")
    clock.move(30)
    people.withdraw("ben")
    clock.move(119)
    provider.advance()
    assert after_the_opening(provider) == [
        "level 2 timeout",
        "page ben",
        "page bea",
        "ack ben secondary person",
        "withdrawn ben",
        "page ben",
        "page bea",
    ]
    clock.move(1)
    provider.advance()
    assert after_the_opening(provider)[-2:] == ["level 3 timeout", "page cleo"]


def test_a_withdrawal_leaves_the_ack_of_another(
    people: Team, provider: EmbeddedProvider, clock: HandClock
) -> None:
    people.ack("ana")
    people.ack("ben")
    people.withdraw("ana")
    clock.move(1000)
    provider.advance()
    assert after_the_opening(provider)[-1] == "withdrawn ana"
    people.withdraw("ben")
    assert after_the_opening(provider)[-1] == "page ana"


def test_who_took_it_back_may_acknowledge_again(people: Team, provider: EmbeddedProvider) -> None:
    people.ack("ana")
    people.withdraw("ana")
    assert people.ack("ana") is not None
    assert after_the_opening(provider)[-1] == "ack ana primary person"


def test_a_hand_over_reaches_the_next_level_at_once(
    people: Team, provider: EmbeddedProvider, clock: HandClock
) -> None:
    people.ack("ana")
    clock.move(5)
    people.hand_over("ana")
    assert after_the_opening(provider) == [
        "ack ana primary person",
        "hand-over ana",
        "level 2 hand-over",
        "page ben",
        "page bea",
    ]
    clock.move(120)
    provider.advance()
    assert after_the_opening(provider)[-2] == "level 3 timeout"


def test_a_late_primary_hands_over_to_the_secondary_all_the_same(
    people: Team, provider: EmbeddedProvider, clock: HandClock
) -> None:
    clock.move(60)
    provider.advance()
    people.ack("ana")
    people.hand_over("ana")
    assert after_the_opening(provider)[-3:] == ["level 2 hand-over", "page ben", "page bea"]


def test_somebody_not_on_call_hands_over_to_the_level_after_the_current(
    people: Team, provider: EmbeddedProvider
) -> None:
    people.ack("dan")
    people.hand_over("dan")
    assert "level 2 hand-over" in after_the_opening(provider)


def test_a_hand_over_wants_a_new_ack(
    people: Team, provider: EmbeddedProvider, clock: HandClock
) -> None:
    people.ack("ana")
    people.ack("ben")
    people.hand_over("ana")
    clock.move(120)
    provider.advance()
    assert "level 3 timeout" in after_the_opening(provider)


def test_the_last_level_has_nobody_to_hand_over_to(people: Team) -> None:
    people.ack("cleo")
    with pytest.raises(InvalidError, match="no level after third"):
        people.hand_over("cleo")


def test_only_who_acknowledged_may_withdraw_or_hand_over(people: Team) -> None:
    with pytest.raises(InvalidError, match="nobody has acknowledged incident inc-1"):
        people.withdraw("ana")
    people.ack("ana")
    people.ack(None)
    with pytest.raises(
        InvalidError, match="ben has not acknowledged incident inc-1, but ana and an automation did"
    ):
        people.withdraw("ben")
    with pytest.raises(InvalidError, match="ben has not acknowledged"):
        people.hand_over("ben")
    people.hand_over("ana")
    with pytest.raises(InvalidError, match="nobody has acknowledged"):
        people.hand_over("ana")


def test_a_mistyped_person_is_met_with_the_closest_name(people: Team) -> None:
    with pytest.raises(InvalidError, match="nobody is called 'anna'; did you mean 'ana'"):
        people.ack("anna")
    with pytest.raises(InvalidError, match="there is ana, ben, bea, cleo or dan"):
        people.withdraw("zzz")


def test_a_mistyped_incident_is_met_with_the_closest_id(store: Store, clock: HandClock) -> None:
    with pytest.raises(InvalidError, match="no incident 'inc-2'; did you mean 'inc-1'"):
        doors.acknowledge(store, clock, "inc-2", "ana", via="cli")
    with pytest.raises(InvalidError, match=r"no incident 'zzz'$"):
        doors.resolve(store, clock, "zzz", "ana")


def test_a_resolved_incident_takes_nothing_more(
    people: Team, store: Store, clock: HandClock
) -> None:
    people.ack("ana")
    doors.resolve(store, clock, "inc-1", "ana")
    for door in (people.ack, people.withdraw, people.hand_over):
        with pytest.raises(InvalidError, match="incident inc-1 is resolved"):
            door("ana")


def test_an_ack_after_exhaustion_counts(
    people: Team, provider: EmbeddedProvider, clock: HandClock
) -> None:
    for seconds in (60, 120, 180):
        clock.move(seconds)
        provider.advance()
    assert after_the_opening(provider)[-1] == "policy-exhausted"
    people.ack("cleo")
    assert after_the_opening(provider)[-1] == "ack cleo third person"
    people.withdraw("cleo")
    assert after_the_opening(provider)[-1] == "page cleo"
