"""A store for each test. Import the fixture in a conftest.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from drillmaster.timeline.store import Store
from tests.support.hands import fresh_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store, in the test's folder."""
    store = fresh_store(tmp_path)
    yield store
    store.close()


__all__ = ["store"]
