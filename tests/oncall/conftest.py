"""A store, a clock and a provider for each test."""

import pytest

from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline.store import Store
from tests.support.hands import HandClock
from tests.support.oncall import team
from tests.support.postgres import postgres
from tests.support.stores import store

__all__ = ["postgres", "store"]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def provider(store: Store, clock: HandClock) -> EmbeddedProvider:
    """A team whose members have no contacts: pages fail at once."""
    return EmbeddedProvider.for_environment(team(), store, clock)
