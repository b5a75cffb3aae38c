"""What the picture of a run is made of, before anything is drawn: lanes on one axis."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from drillmaster.reports.plain import one_line, tidy
from drillmaster.reports.wording import Tone
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.chain import Recorded
from drillmaster.timeline.events import AnyEvent, Event

E = TypeVar("E", bound=Event)

BarKind = Literal["steady", "fault", "stuck", "wait", "undo", "recovery"]


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that lasted."""

    start: float
    """Seconds since the run's start."""
    end: float
    kind: BarKind
    title: str


@dataclass(frozen=True, slots=True)
class Point:
    """Something that happened."""

    at: float
    """Seconds since the run's start."""
    title: str
    """The whole of it, in one line."""
    label: str = ""
    """What is written at it; nothing for a mere tick."""
    tone: Tone = "plain"
    effect: bool = False
    """It is the first sight of a fault's effect, which has a mark of its own."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the picture."""

    name: str
    bars: Sequence[Bar]
    points: Sequence[Point]


class Story:
    """A run's events in the order in which they occurred, with their times."""

    def __init__(self, scorecard: Scorecard, records: Iterable[Recorded]) -> None:
        self.scorecard = scorecard
        ordered = sorted(records, key=lambda record: record.event.occurred_at)
        self._by_seq = {record.seq: tidy(record.event) for record in ordered}
        self._titles = step_titles(ordered)
        self.events: list[AnyEvent] = list(self._by_seq.values())
        self.end = max(map(self.at, self.events), default=0.0)

    def at(self, event: Event) -> float:
        """Seconds since the run's start; what is dated before it is drawn at 0."""
        return max(0.0, (event.occurred_at - self.scorecard.started_at).total_seconds())

    def of(self, kind: type[E]) -> list[E]:
        """All events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def cited(self, seqs: Sequence[int]) -> list[AnyEvent]:
        """The events that a row of the scorecard names."""
        return [self._by_seq[seq] for seq in seqs if seq in self._by_seq]

    def step_title(self, step: str) -> str:
        """A step's heading in the runbook; its id where the run holds no runbook."""
        return self._titles.get(step, step)


def step_titles(records: Iterable[Recorded]) -> dict[str, str]:
    """The headings of the runbook's steps, by their ids."""
    first = next((r.event for r in records if r.event.type == "run-started"), None)
    runbook = first.definitions.get("runbook") if first else None
    steps = runbook.get("steps", []) if isinstance(runbook, dict) else []
    return {step["id"]: one_line(step["title"]) for step in steps}
