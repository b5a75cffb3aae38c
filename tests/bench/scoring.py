"""Scoring a long timeline."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from drillmaster.scoring.score import score
from drillmaster.timeline.chain import Recorded, link, parse
from drillmaster.timeline.events import AnyEvent, RunStarted, UndoOrdered
from tests.bench.figure import Figure
from tests.bench.turns import medians
from tests.support.shipped import ROOT

EVENTS = 10_000


def figures(_folder: Path, turns: int = 7) -> Iterator[Figure]:
    """The recorded example, each event of its drill many times over."""
    records = long_timeline(EVENTS)

    def take() -> float:
        began = time.perf_counter()
        score(records)
        return time.perf_counter() - began

    (ours,) = medians(turns, take)
    yield Figure(f"scoring a timeline of {len(records):,} events", ours, goal=1.0)


def long_timeline(number: int) -> list[Recorded]:
    """A timeline of so many events, of every type that the example has."""
    text = (ROOT / "reports" / "example" / "timeline.jsonl").read_text("utf-8")
    events = [record.event for record in parse(text.splitlines())]
    first = events[0]
    assert isinstance(first, RunStarted)
    undo = next(i for i, event in enumerate(events) if isinstance(event, UndoOrdered))
    drill, rest = events[1:undo], events[undo:]
    each, left = divmod(number - 1 - len(rest), len(drill))
    many = [
        _later(event, copy)
        for place, event in enumerate(drill)
        for copy in range(each + (place < left))
    ]
    chain: list[Recorded] = []
    for event in [first, *many, *rest]:
        chain.append(link(first.run, chain[-1] if chain else None, event))
    return chain


def _later(event: AnyEvent, copy: int) -> AnyEvent:
    by = timedelta(microseconds=100 * copy)
    times = {"occurred_at": event.occurred_at + by, "observed_at": event.observed_at + by}
    return event.model_copy(update=times)
