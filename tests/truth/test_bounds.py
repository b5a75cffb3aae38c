"""The true value of every figure lies within its bound."""

from itertools import chain
from pathlib import Path
from random import Random

import pytest

from drillmaster.scoring.score import score
from tests.truth.draws import anything
from tests.truth.seeds import seeds
from tests.truth.truths import truths
from tests.truth.world import World

NOISE = 1e-5
"""Seconds; figures are rounded to a millionth."""


def outside(seed: int, folder: Path) -> list[str]:
    """The figures of one drill whose bound does not hold."""
    folder.mkdir()
    plan = anything(Random(f"anything {seed}"))
    with pytest.MonkeyPatch.context() as patch:
        told = World(plan, seed, folder).play(patch)
    true = truths(plan, told)
    return [
        f"seed {seed}: {row.id} is {row.value} ± {row.bound}, and truly {true.get(row.id)}"
        for row in score(told.records).metrics
        if row.value is not None
        and row.bound is not None
        and not abs(row.value - true.get(row.id, float("nan"))) <= row.bound + NOISE
    ]


def sweep(number: int, folder: Path) -> None:
    wrong = [found for seed in seeds(number) if (found := outside(seed, folder / str(seed)))]
    assert len(wrong) <= number // 100, "\n".join(chain(*wrong))


@pytest.mark.timeout(600)
def test_the_true_value_lies_within_the_bound(tmp_path: Path) -> None:
    sweep(12, tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_it_does_so_in_two_hundred_drills(tmp_path: Path) -> None:
    sweep(200, tmp_path)
