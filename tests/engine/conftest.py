"""A store for each test."""

from tests.support.stores import store

__all__ = ["store"]
