"""What every on-call provider must do."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from drillmaster.oncall.registry import PROVIDERS
from drillmaster.timeline.events import (
    Acknowledged,
    AnyEvent,
    Escalated,
    IncidentOpened,
    IncidentResolved,
)
from tests.oncall.systems import SYSTEMS, System
from tests.support.oncall import drill


@pytest.fixture(params=PROVIDERS)
def system(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[System]:
    """Every line of the registry."""
    made = SYSTEMS[request.param](tmp_path)
    yield made
    made.close()


def everything(system: System) -> list[AnyEvent]:
    return system.provider.read("inc-1", 0)[0]


def roles(system: System) -> list[str]:
    """The roles that were escalated to, in order."""
    return [event.role for event in everything(system) if isinstance(event, Escalated)]


def test_it_says_who_is_on_call(system: System) -> None:
    roster = system.provider.roster()
    assert "ana" in roster["primary"]
    assert "ben" in roster["secondary"]


def test_opening_pages_the_primary_and_marks_the_drill(system: System) -> None:
    system.provider.open(drill())
    opened = [event for event in everything(system) if isinstance(event, IncidentOpened)]
    assert [event.summary.startswith("[DRILL]") for event in opened] == [True]
    assert roles(system) == ["primary"]


def test_opening_may_be_repeated(system: System) -> None:
    system.provider.open(drill())
    before = everything(system)
    system.provider.open(drill())
    assert everything(system) == before


def test_the_secondary_is_next_when_nobody_answers(system: System) -> None:
    system.provider.open(drill())
    system.time_out()
    system.provider.advance()
    assert roles(system) == ["primary", "secondary"]


def test_an_answer_ends_the_escalation(system: System) -> None:
    system.provider.open(drill())
    system.acknowledge("inc-1", "ana")
    system.time_out()
    system.provider.advance()
    (acknowledged,) = [event for event in everything(system) if isinstance(event, Acknowledged)]
    assert (acknowledged.person, acknowledged.role) == ("ana", "primary")
    assert roles(system) == ["primary"]


def test_its_record_is_read_on_from_a_cursor(system: System) -> None:
    system.provider.open(drill())
    first, cursor = system.provider.read("inc-1", 0)
    assert system.provider.read("inc-1", cursor) == ([], cursor)
    system.time_out()
    system.provider.advance()
    rest, _ = system.provider.read("inc-1", cursor)
    assert rest
    assert everything(system) == first + rest


def test_its_events_tell_when_and_how_precisely(system: System) -> None:
    system.provider.open(drill())
    system.acknowledge("inc-1", "ben")
    for event in everything(system):
        assert event.occurred_at.utcoffset() is not None
        assert event.occurred_at <= event.observed_at
        assert event.precision >= 0


def test_resolving_may_be_repeated_and_also_from_data(system: System) -> None:
    system.provider.open(drill())
    assert json.loads(json.dumps(system.provider.as_data())) == system.provider.as_data()
    again = system.again()
    for provider in (again, again, system.provider):
        provider.resolve("inc-1", by="reaper")
    resolved = [event for event in everything(system) if isinstance(event, IncidentResolved)]
    assert [event.by for event in resolved] == ["reaper"]
    assert again.read("inc-1", 0)[0] == everything(system)


def test_a_real_incident_is_told_from_a_drill(system: System) -> None:
    provider = system.provider
    provider.open(drill())
    assert provider.real_incidents("checkout", ["ana", "ben"]) == []
    real = system.alert()
    assert [found.id for found in provider.real_incidents("checkout", [])] == [real]
    assert provider.real_incidents("another", ["nobody"]) == []
