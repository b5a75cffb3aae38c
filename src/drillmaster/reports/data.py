"""The reports that other programs read back: nothing in them is shortened or rounded."""

from collections.abc import Sequence

from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.chain import Recorded


def render_json(scorecard: Scorecard, _records: Sequence[Recorded]) -> bytes:
    """`scorecard.json`: the same scorecard always gives the same bytes."""
    return (scorecard.model_dump_json(by_alias=True, indent=2) + "\n").encode()


def render_timeline(_scorecard: Scorecard, records: Sequence[Recorded]) -> bytes:
    """`timeline.jsonl`: one event a line, as it is in the chain."""
    return "".join(record.line() + "\n" for record in records).encode()
