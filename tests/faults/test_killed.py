"""Whoever injects is killed at each point of it: the next command undoes the fault, at the target
and in the ledger, and what comes late is refused."""

import subprocess

import pytest

from drillmaster.engine.settling import reaper
from drillmaster.faults.registry import kind_of
from drillmaster.targets.base import ClosedError
from drillmaster.timeline.store import Store
from tests.faults.stagings import Staging
from tests.support.killed import POINTS
from tests.support.killing import begun, kill, killing, owed
from tests.support.sampled import sampled
from tests.support.sandbox import eventually

__all__ = ["killing"]

SAMPLE = {"during:8", "in-the-write"}
"""The request is on its way, and it is through and not told."""


@pytest.mark.parametrize("point", sampled(POINTS, SAMPLE))
def test_it_is_undone_wherever_it_was_killed(
    entry: tuple[str, str],
    staging: Staging,
    point: str,
    store: Store,
    killing: "subprocess.Popen[str]",
) -> None:
    kind, fault, target = kind_of(*entry), staging.fault(entry[0]), staging.target
    kill(killing, begun(store, fault, target), point)
    states = owed(store, fault)
    assert states == ("injected" if point == "written" else "intent")
    if point in {"after-the-call", "in-the-write", "written"}:
        assert kind.present(fault, target)
    ((_, settled),) = reaper.reap(store)
    assert settled.stuck == []
    assert owed(store, fault) == "undone"
    assert not kind.present(fault, target)
    eventually(staging.well)
    if kind.closes_door():
        with pytest.raises(ClosedError):
            kind.inject(fault, target, 1)
    assert not kind.undo(fault, target, "undone").was_present
