"""A real control plane for these tests."""

from tests.support.controlplane import controlplane, own_controlplane

__all__ = ["controlplane", "own_controlplane"]
