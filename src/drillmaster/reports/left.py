"""What the responders changed at the target, and the undo left as they made it."""

from collections.abc import Iterator, Sequence

from drillmaster.reports.plain import one_line
from drillmaster.scoring.actions import LOOKING
from drillmaster.timeline.chain import Recorded
from drillmaster.timeline.events import ActionSeen, FaultUndone
from drillmaster.timeline.events.machine import GONE

LEFT = "Left as the responders made it"


def left(records: Sequence[Recorded]) -> list[str]:
    """`scale checkout (responder-2)` for each change that the target's record shows, and then
    what an undo found changed and no such record tells; each once."""
    return list(dict.fromkeys(map(one_line, _left(records))))


def _left(records: Sequence[Recorded]) -> Iterator[str]:
    events = [record.event for record in records]
    actions = [event for event in events if isinstance(event, ActionSeen)]
    changes = [event for event in actions if event.allowed and event.action != LOOKING]
    for change in changes:
        yield f"{change.action} {change.object.rpartition('/')[2]} ({change.person})"
    people = {change.person for change in changes}
    for event in events:
        if not isinstance(event, FaultUndone) or event.residue in (None, GONE):
            continue
        if people.isdisjoint(event.residue.split()):  # or else it is told already, with its doer
            yield f"{event.fault}: {event.residue}"
