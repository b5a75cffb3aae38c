"""A store, a clock and a provider for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline.store import Store
from tests.support.hands import HandClock, fresh_store
from tests.support.oncall import team
from tests.support.postgres import postgres

__all__ = ["postgres"]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = fresh_store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def provider(store: Store, clock: HandClock) -> EmbeddedProvider:
    """A team whose members have no contacts: pages fail at once."""
    return EmbeddedProvider.for_environment(team(), store, clock)
