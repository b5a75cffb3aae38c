"""How a fault ended, as its timeline tells it: by whom, and when."""

from datetime import datetime
from typing import Any

from drillmaster.engine.books.recorder import stretch
from drillmaster.faults.base import Known, Undone
from drillmaster.targets.base import RUN


def told_of(
    done: Undone, known: Known, ours: str, since: datetime, until: datetime
) -> dict[str, Any]:
    """The fields of the event.

    Args:
        done: What the undo found.
        known: What was known of the fault before it.
        ours: Whoever of the run undid it.
        since: Since when it may be gone.
        until: When it was seen gone.
    """
    when = stretch(since, until)
    if done.ended_at is not None:  # the target knows better
        when = {"occurred_at": done.ended_at, "precision": 0.001}
    return {"by": _by(done, known, ours), "residue": done.residue, **when}


def _by(done: Undone, known: Known, ours: str) -> str:
    if done.was_present or done.ended_by == RUN:
        return ours
    if done.ended_by is not None:
        return done.ended_by
    if done.by_others:
        return "responder"
    if done.residue is not None or known != "injected":
        return ours  # the target is gone, or the fault may never have been in
    return "expiry" if done.by_itself else "unknown"
