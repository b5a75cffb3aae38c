"""A runner that stands still: between its order and the target, or between the target and its
word of it. When a fault was in force, and every figure, must be told truly all the same."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from drillmaster.scoring.score import score
from drillmaster.timeline.chain import Recorded
from drillmaster.timeline.events import FaultInjected, FaultIntended, FaultUndone
from tests.truth.draws import anything
from tests.truth.plans import Told
from tests.truth.seeds import seeds
from tests.truth.staging import VirtualFault
from tests.truth.test_bounds import NOISE
from tests.truth.truths import truths
from tests.truth.world import World

Of = FaultIntended | FaultInjected | FaultUndone

STILL = 4.0
"""Seconds for which it stands still; more than most of the drills' looks and steps take."""


def freeze(patch: pytest.MonkeyPatch, what: str, when: str) -> None:
    """Let every call of a kind take long before it arrives, or after it did."""
    call = getattr(VirtualFault, what)

    def slow(kind: VirtualFault, fault: Any, target: Any, *rest: Any) -> Any:
        if when == "before":
            target.staging.hub.pause(STILL)
        done = call(kind, fault, target, *rest)
        if when == "after":
            target.staging.hub.pause(STILL)
        return done

    patch.setattr(VirtualFault, what, slow)


def seconds(told: Told, kind: type[Of], fault: str) -> Iterator[tuple[float, float]]:
    """Between which times each event of a fault says that it happened."""
    records: list[Recorded] = list(told.records)
    begin = records[0].event.occurred_at
    for record in records:
        event = record.event
        if isinstance(event, kind) and event.fault == fault:
            at = (event.occurred_at - begin).total_seconds()
            yield at - event.precision - NOISE, at + event.precision + NOISE


def wrong(told: Told, plan: Any) -> Iterator[str]:
    """What the timeline and the scorecard tell that is not so."""
    for name, hidden in told.staging.faults.items():
        ends = list(seconds(told, FaultUndone, name))
        if ends and not any(early <= hidden.gone <= late for early, late in ends):
            yield f"{name} was gone at {hidden.gone}, and is told gone within {ends}"
        for intended, _ in seconds(told, FaultIntended, name):
            if hidden.came < intended:
                yield f"{name} came at {hidden.came}, before its intent at {intended}"
        for _, injected in seconds(told, FaultInjected, name):
            if hidden.came > injected:
                yield f"{name} came at {hidden.came}, after its call had returned at {injected}"
    true = truths(plan, told)
    for row in score(told.records).metrics:
        value = true.get(row.id, float("nan"))
        if row.value is None or row.bound is None:
            continue
        if not abs(row.value - value) <= row.bound + NOISE:
            yield f"{row.id} is {row.value} ± {row.bound}, and truly {value}"


@pytest.mark.parametrize("what", ["inject", "undo"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_runner_that_stands_still_changes_no_truth(what: str, when: str, tmp_path: Path) -> None:
    found = []
    for seed in seeds(3):
        folder = tmp_path / str(seed)
        folder.mkdir()
        plan = anything(Random(f"frozen {seed}"))
        with pytest.MonkeyPatch.context() as patch:
            freeze(patch, what, when)
            told = World(plan, seed, folder).play(patch)
        found += [f"seed {seed}: {one}" for one in wrong(told, plan)]
    assert found == []
