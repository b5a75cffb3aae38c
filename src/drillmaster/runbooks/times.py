"""Whether the time of an action is one of the drill.

It is the target's, and a record may come late. What was done before the page is nobody's response,
and what has not happened yet was not done.
"""

from datetime import datetime, timedelta
from typing import Final

from drillmaster.targets.base import ActionRecord

CLOCK: Final = timedelta(minutes=5)
"""How far behind a clock may be that nobody has noticed."""

_AHEAD: Final = 2.0
"""How many seconds a clock may be ahead of ours and still be believed."""

_DATED: Final = "its record is dated"


def time_doubt(record: ActionRecord, begun: datetime, now: datetime) -> str | None:
    """Why it cannot be known whether an action was done since the drill's page; None where it
    can. `begun` is when the page was about to be sent, `now` when the record was seen."""
    early = (begun - record.at).total_seconds()
    ahead = (record.at - now).total_seconds()
    if early > record.precision:
        return f"{_DATED} {early:.1f} s before the page: late, or the target's clock is behind"
    if ahead - record.precision > _AHEAD:
        return f"{_DATED} {ahead:.1f} s after it was seen: the target's clock is ahead"
    return None


def ended(record: ActionRecord) -> datetime:
    """The latest moment at which a record's action can have happened."""
    return record.at + timedelta(seconds=record.precision)
