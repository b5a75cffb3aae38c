"""When a question was asked: its answer carries the middle of the asking, and half of it."""

from datetime import timedelta
from typing import Any

from drillmaster.clock import Clock
from drillmaster.probes.base import Answer, Outcome


class Moment:
    """The asking of one question, from now until it is answered."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun = clock.now()

    def answer(
        self,
        outcome: Outcome,
        value: Any,
        detail: str,
        mend: str | None = None,
        age: float = 0.0,
    ) -> Answer:
        """The answer, as of the middle of the asking, give or take half of it. With `age`, in
        seconds, of an asking that began so long ago, if that was earlier."""
        now = self._clock.now()
        begun = min(self._begun, now - timedelta(seconds=age))
        half = (now - begun) / 2
        return Answer(outcome, value, begun + half, half.total_seconds(), detail, mend)
