"""What somebody tried, and the target did not allow."""

from collections.abc import Iterable

from drillmaster.timeline.chain import Recorded
from drillmaster.timeline.events import ActionSeen


def denied_in(records: Iterable[Recorded]) -> frozenset[int]:
    """The `seq` of each action that was denied."""
    return frozenset(
        record.seq
        for record in records
        if isinstance(record.event, ActionSeen) and not record.event.allowed
    )
