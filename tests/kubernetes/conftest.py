"""A real control plane for these tests."""

from tests.support.controlplane import controlplane, own_controlplane
from tests.support.stores import store

__all__ = ["controlplane", "own_controlplane", "store"]
