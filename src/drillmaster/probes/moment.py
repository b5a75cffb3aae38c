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
        asked: float | None = None,
    ) -> Answer:
        """The answer, as of the middle of the asking, give or take half of it. With `asked`, a
        monotonic time in seconds, of an asking that began then, if that was earlier."""
        now, begun = self._clock.now(), self._begun
        if asked is not None:
            begun = min(begun, now - timedelta(seconds=self._clock.monotonic() - asked))
        half = (now - begun) / 2
        return Answer(outcome, value, begun + half, half.total_seconds(), detail, mend)
