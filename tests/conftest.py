"""What holds for all tests."""

import signal

import pytest
from hypothesis import settings

# What is started in the background (`nohup make test &`, some CI systems) may inherit that
# interrupts are ignored, and would hand that on to the processes that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long one example takes says more of the machine than of the code. What else holds in CI stays.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

LONG = ("judge", "truth", "kubernetes", "engine", "packaging", "docs")
"""Folders of tests that drill whole drills. They come first: what is begun last should be short,
or one worker is still at it when the others are done."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long ones first."""
    items.sort(key=lambda item: not item.nodeid.startswith(tuple(f"tests/{one}/" for one in LONG)))
