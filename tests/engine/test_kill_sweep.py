"""Drills that are killed at random moments of their whole life, in every way.

`make test` lives a few of these lives; `make soak` and `make kill-sweep` a hundred for each
way. The seed stands in every failure; DRILLMASTER_SWEEP_SEED sets it.
"""

import os
import random
from pathlib import Path

import pytest

from tests.support.sweep import WAYS, Way, live, moments, sweep, table

SAMPLE = 4

SEED = int(os.environ.get("DRILLMASTER_SWEEP_SEED", "20261124"))
"""The same moments each time, so that a failure can be looked at again."""


@pytest.mark.parametrize("number", range(SAMPLE))
def test_a_sample(number: int, tmp_path: Path) -> None:
    way = random.Random(SEED).sample(WAYS, SAMPLE)[number]
    moment = moments(SEED, SAMPLE)[number]
    print(f"seed {SEED}: {way.name} at {moment}")
    fate = live(way, moment, tmp_path)
    assert not fate.problems, f"seed {SEED}: {fate}"


@pytest.mark.soak
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.act.__name__)
def test_the_whole(way: Way, capsys: pytest.CaptureFixture[str]) -> None:
    fates = sweep([way], 100, SEED, print)
    with capsys.disabled():
        print(f"\nseed {SEED}\n{table(fates)}")
    wrong = [str(fate) for fate in fates if fate.problems]
    assert not wrong, "\n".join(wrong)
