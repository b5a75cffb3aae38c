"""What to paste so that what was denied to people is allowed."""

from collections.abc import Sequence

from drillmaster.reports.plain import one_line
from drillmaster.scoring.scorecard import AccessRow, Scorecard
from drillmaster.timeline.chain import Recorded
from drillmaster.timeline.events import AccessChecked


def mend_of(row: AccessRow, records: Sequence[Recorded]) -> str | None:
    """The line for one check; None where the target did not say."""
    told = (record.event for record in records if record.seq in row.events)
    lines = (event.mend for event in told if isinstance(event, AccessChecked) and event.mend)
    return next(map(one_line, lines), None)


def mends(card: Scorecard, records: Sequence[Recorded]) -> list[str]:
    """The lines for all checks that were denied, each once."""
    denied = [row for row in card.access if row.answer == "denied"]
    return list(dict.fromkeys(filter(None, (mend_of(row, records) for row in denied))))
