"""A drill that says itself how the effect of its fault is seen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drillmaster.engine.drill.request import RunOutcome
from drillmaster.timeline import log
from drillmaster.timeline.chain import verify
from drillmaster.timeline.events import FaultEffective, FaultInjected, IncidentOpened
from drillmaster.timeline.store import Store
from tests.support.chaos import shown_by
from tests.support.supervised import DRILL, Supervised, supervised


@pytest.fixture
def drill(store: Store) -> Iterator[Supervised]:
    yield from supervised(store)


@pytest.fixture
def sign(tmp_path: Path) -> Path:
    """A file: while it is there, the effect shows."""
    return tmp_path / "sign"


def run(drill: Supervised, sign: Path) -> RunOutcome:
    (throttle,) = DRILL["faults"]
    drill.drill |= {"faults": [{"throttle": throttle["throttle"] | {"effect": shown_by(sign)}}]}
    return drill.run()


def events(store: Store, outcome: RunOutcome) -> list[Any]:
    return [record.event for record in verify(log.read(store, outcome.run))]


def test_it_is_effective_when_that_is_seen_and_no_sooner(
    drill: Supervised, store: Store, sign: Path
) -> None:
    """The fault itself would have shown its effect at once."""
    inject = drill.there.kind.inject

    def then_seen(*of: Any) -> Any:
        done = inject(*of)
        sign.touch()
        return done

    drill.patch.setattr(drill.there.kind, "inject", then_seen)
    told = events(store, run(drill, sign))
    (effective,) = [event for event in told if isinstance(event, FaultEffective)]
    assert effective.seen == "test ended with 0"
    kinds = [type(event) for event in told]
    assert kinds.index(FaultEffective) < kinds.index(IncidentOpened), "it is the page's signal"


def test_what_is_not_seen_is_no_effect_whatever_the_fault_shows(
    drill: Supervised, store: Store, sign: Path
) -> None:
    told = events(store, run(drill, sign))
    assert any(isinstance(event, FaultInjected) for event in told)
    assert not any(isinstance(event, FaultEffective | IncidentOpened) for event in told)


def test_what_is_seen_before_refuses_the_drill(drill: Supervised, store: Store, sign: Path) -> None:
    sign.touch()
    outcome = run(drill, sign)
    assert outcome.ended == "refused"
    assert outcome.reason == (
        "throttle would prove nothing: its `effect` is met already: test ended with 0"
    )
    assert not any(isinstance(event, FaultInjected) for event in events(store, outcome))
