"""How a run begins, is guarded, settled and sealed."""

from typing import Any, Literal

from pydantic import Field

from drillmaster.timeline.events.base import Event

Ended = Literal["completed", "aborted", "interrupted", "refused"]
"""How a run ended."""


class RunStarted(Event):
    """A run began."""

    type: Literal["run-started"] = "run-started"
    run: str
    drill: str
    environment: str
    service: str
    target: str
    """The kind of target."""
    simulated: bool
    """A simulated responder takes part."""
    operator: str
    """The system user who started it."""
    version: str
    """Drillmaster's version."""
    definitions: dict[str, Any]
    """The resolved definitions: `drill`, `environment`, and `access` and `runbook` where
    the drill names them. They hold references to secrets, never a secret."""


class HistoryRecorded(Event):
    """The run of this drill before this one, so that a report can say what changed."""

    type: Literal["history-recorded"] = "history-recorded"
    run: str
    readiness: str
    verdicts: dict[str, str]
    """Verdict by the metric's id."""


class GuardChecked(Event):
    """A safety rule was asked."""

    type: Literal["guard-checked"] = "guard-checked"
    rule: str
    """The rule's name: `drillable`, `blast-radius`, `steady-state`, …"""
    passed: bool
    message: str


class SteadyStateChecked(Event):
    """A question of steady state was asked."""

    type: Literal["steady-state-checked"] = "steady-state-checked"
    phase: Literal["before", "after"]
    name: str
    met: bool
    detail: str


class SteadyStateReturned(Event):
    """All questions of steady state were met again after the undo."""

    type: Literal["steady-state-returned"] = "steady-state-returned"


class SteadyStateLost(Event):
    """Steady state did not return in time."""

    type: Literal["steady-state-lost"] = "steady-state-lost"
    names: list[str]
    """The questions that are not met."""


class UndoOrdered(Event):
    """The drill is over, or is ended early: everything is to be undone."""

    type: Literal["undo-ordered"] = "undo-ordered"
    ended: Ended
    why: str
    unwatched: float = Field(0.0, ge=0, allow_inf_nan=False)
    """Seconds before the order for which nobody had watched the drill: whoever did had died, or
    did not move."""


class RunnerEnded(Event):
    """The runner's process group is gone."""

    type: Literal["runner-ended"] = "runner-ended"
    how: str


class SettlementStarted(Event):
    """Somebody took it on to undo and close the run."""

    type: Literal["settlement-started"] = "settlement-started"
    by: str
    fence: int


class StuckAccepted(Event):
    """A person looked at the target by hand, and released a run that nothing could settle."""

    type: Literal["stuck-accepted"] = "stuck-accepted"
    by: str
    """The system user who did."""
    why: str
    left: list[str]
    """What could not be settled, in words."""
    unseen: str | None = None
    """Why Drillmaster itself could not look at the target; None where it saw nothing left."""


class RunSealed(Event):
    """The last event of a run."""

    type: Literal["run-sealed"] = "run-sealed"
    ended: Ended
    settled: bool
    """Every fault is undone."""
