"""A real control plane for these tests."""

from collections.abc import Iterator

import pytest

from drillmaster.targets.kubernetes.target import KubernetesTarget
from tests.support.cluster import connected, drillable
from tests.support.controlplane import ControlPlane, controlplane, own_controlplane
from tests.support.stores import store

__all__ = ["controlplane", "own_controlplane", "shop", "store", "target"]


@pytest.fixture
def shop(controlplane: ControlPlane) -> Iterator[str]:
    """A namespace with nothing in it; where a test file has a shop of its own, that one."""
    with drillable(controlplane) as namespace:
        yield namespace


@pytest.fixture
def target(controlplane: ControlPlane, shop: str) -> Iterator[KubernetesTarget]:
    """The connection to it, as the administrator."""
    with connected(controlplane, shop) as connection:
        yield connection
