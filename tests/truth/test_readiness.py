"""Nothing is called ready that was not proved, and what was well done is ready."""

import os
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from drillmaster.scoring.score import score
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.chain import ChainError, parse, verify
from tests.truth.draws import honest
from tests.truth.plans import Told
from tests.truth.seeds import seeds
from tests.truth.spoiling import LOST, WAYS, spoil, without
from tests.truth.world import World

ONLY = os.environ.get("DRILLMASTER_TRUTH_WAY")
"""Of the ways to spoil a drill, this one alone."""


def played(seed: int, folder: Path, *ways: str) -> Told:
    """An honest drill, spoilt in some ways."""
    folder.mkdir()
    random = Random(f"readiness {seed}")
    plan = honest(random)
    if ways:
        spoil(random, plan, ways)
    with pytest.MonkeyPatch.context() as patch:
        return World(plan, seed, folder).play(patch)


def spoilt(seed: int, folder: Path) -> tuple[list[str], Scorecard]:
    """An honest drill, spoilt in one way or in two; each way has its turn."""
    names = [ONLY] if ONLY else list(WAYS)
    first = names[seed % len(names)]
    ways = [first]
    if seed >= len(names) and not ONLY:
        second = Random(f"second {seed}").choice(names)
        ways += [second] if second in MIXABLE and first in MIXABLE and second != first else []
    return ways, score(played(seed, folder, *ways).records)


MIXABLE = {
    "silent",
    "hollow",
    "skipped",
    "denied",
    "broken_controls",
    "no_effect",
    "fault_fails",
    "aborted",
    "never_steady",
    "deaf",
}
"""Ways of which none undoes another."""


def never_ready(number: int, folder: Path) -> None:
    false = []
    for seed in seeds(number):
        ways, card = spoilt(seed, folder / str(seed))
        if card.readiness == "ready":
            false.append(f"seed {seed}, {' and '.join(ways)}: {card.sentence}")
    assert not false, "\n".join(false)


def nearly_always_ready(number: int, folder: Path) -> None:
    false = [
        f"seed {seed}: {card.sentence}"
        for seed in seeds(number)
        if (card := score(played(seed, folder / str(seed)).records)).readiness != "ready"
    ]
    assert len(false) <= number // 100, "\n".join(false)


@pytest.mark.timeout(600)
def test_no_drill_is_ready_that_must_not_be(tmp_path: Path) -> None:
    never_ready(len(WAYS), tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_none_of_five_hundred_is_ready(tmp_path: Path) -> None:
    never_ready(500, tmp_path)


@pytest.mark.timeout(600)
def test_what_was_well_done_is_ready(tmp_path: Path) -> None:
    nearly_always_ready(6, tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_two_hundred_that_were_well_done_are_ready(tmp_path: Path) -> None:
    nearly_always_ready(200, tmp_path)


def test_without_what_proves_it_nothing_is_ready(tmp_path: Path) -> None:
    records = played(0, tmp_path / "drill").records
    assert score(records).readiness == "ready"
    for kind in LOST:
        assert score(without(records, kind)).readiness != "ready", kind


def test_a_timeline_that_was_changed_is_no_proof(tmp_path: Path) -> None:
    records = played(0, tmp_path / "drill").records
    verify(records)
    for place, record in enumerate(records):
        changed = replace(
            record, event=record.event.model_copy(update={"precision": record.event.precision / 2})
        )
        with pytest.raises(ChainError):
            verify([*records[:place], changed, *records[place + 1 :]])
        lines = [one.line() for one in records]
        lines[place] = lines[place].replace('"precision":', '"precision":1', 1)
        with pytest.raises(ChainError):
            verify(parse(lines))
