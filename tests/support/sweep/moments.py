"""Moments in the life of a drill."""

import random
from dataclasses import dataclass
from typing import Literal

Stage = Literal["start", "target", "fault", "undo", "end"]

_SPAN: dict[Stage, float] = {"start": 4.0, "target": 0.8, "fault": 1.3, "undo": 0.6, "end": 0.8}
"""Seconds after the beginning of each stage in which its moments lie."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in the life of a drill."""

    stage: Stage
    """What has begun: the process, its target, its first fault, the undo; or `end`: the run
    is settled, and its reports are being written."""
    after: float
    """Seconds since then."""

    def __str__(self) -> str:
        return f"{self.stage}+{self.after:.3f}s"


def moments(seed: int, number: int) -> list[Moment]:
    """Moments drawn by chance, each stage as often as the others."""
    chance = random.Random(seed)
    stages = list(_SPAN)
    return [
        Moment(stage, round(chance.uniform(0.0, _SPAN[stage]), 3))
        for stage in (stages[index % len(stages)] for index in range(number))
    ]
