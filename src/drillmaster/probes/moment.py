"""When a question was asked: its answer carries the middle of the asking, and half of it."""

from typing import Any

from drillmaster.clock import Clock
from drillmaster.probes.base import Answer, Outcome


class Moment:
    """The asking of one question, from now until it is answered."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun = clock.now()

    def answer(self, outcome: Outcome, value: Any, detail: str) -> Answer:
        """The answer, as of the middle of the asking, give or take half of it."""
        half = (self._clock.now() - self._begun) / 2
        return Answer(outcome, value, self._begun + half, half.total_seconds(), detail)
