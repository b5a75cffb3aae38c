"""Each event in one line for people."""

from typing import assert_never

from drillmaster.definitions.units import count
from drillmaster.reports.figures import seconds
from drillmaster.reports.plain import one_line
from drillmaster.timeline.events import (
    AccessChecked,
    Acknowledged,
    AcknowledgementWithdrawn,
    ActionSeen,
    ActivitiesPlayed,
    AlertRaised,
    AnyEvent,
    BridgeOpened,
    DecisionAnswered,
    Escalated,
    FaultEffective,
    FaultFailed,
    FaultInjected,
    FaultIntended,
    FaultStuck,
    FaultUndone,
    GuardChecked,
    HandedOver,
    HistoryRecorded,
    IncidentOpened,
    IncidentResolved,
    NoteAdded,
    PageDelivered,
    PageFailed,
    PageSent,
    PageSuppressed,
    PodsChanged,
    PolicyExhausted,
    RealIncidentSeen,
    RunnerEnded,
    RunSealed,
    RunStarted,
    SettlementStarted,
    SteadyStateChecked,
    SteadyStateLost,
    SteadyStateReturned,
    StepAlreadyMet,
    StepEvidenced,
    StepUnseen,
    StuckAccepted,
    UndoFailed,
    UndoOrdered,
)

_ID_LETTERS = 8
"""Enough of a random id to tell pages of one run apart."""

_ESCALATED_BECAUSE = {
    "opened": "the incident opened",
    "timeout": "nobody acknowledged in time",
    "hand-over": "it was handed over",
    "at-once": "both are engaged at once",
}

_HELD_BACK_BECAUSE = {
    "drill-policy": "the drill's policy rings nobody here",
    "briefed": "they agreed to stay silent",
}

_UNDONE_BY = {
    "expiry": "ended by itself: its time was over",
    "responder": "was gone already: a responder had ended it",
    "unknown": "was gone already: who ended it is not known",
}


def say(event: AnyEvent) -> str:
    """The event in one line, safe to show anywhere."""
    return one_line(_say(event))


def _say(event: AnyEvent) -> str:  # noqa: C901, PLR0911, PLR0912, PLR0915 (a case for each)
    match event:
        case RunStarted():
            crew = ", with a simulated responder" if event.simulated else ""
            return f"Drill {event.drill} started on {event.environment} by {event.operator}{crew}"
        case HistoryRecorded():
            return f"The last run of this drill, {event.run}, was {event.readiness}"
        case GuardChecked():
            holds = "holds" if event.passed else "refuses"
            return f"Guard rule {event.rule} {holds}: {event.message}"
        case SteadyStateChecked():
            when = "before the first fault" if event.phase == "before" else "after the undo"
            return f"Steady state {when}: {event.name}: {_met(event.met)} ({event.detail})"
        case SteadyStateReturned():
            return "Steady state returned"
        case SteadyStateLost():
            return f"Steady state did not return: {', '.join(event.names)}"
        case FaultIntended():
            return f"Fault {event.fault} ({event.kind}) is about to start; its undo is recorded"
        case FaultInjected():
            return _injected(event)
        case FaultFailed():
            return f"Fault {event.fault} failed: {event.reason}"
        case FaultEffective():
            return f"Fault {event.fault} has an effect: {event.seen}"
        case PodsChanged():
            return _pods(event)
        case FaultUndone():
            return _undone(event)
        case ActivitiesPlayed():
            return _played(event)
        case UndoFailed():
            return f"An undo of fault {event.fault} failed: {event.reason}"
        case FaultStuck():
            return f"Fault {event.fault} could not be undone: {event.reason}"
        case UndoOrdered():
            return _ordered(event)
        case RunnerEnded():
            return f"The runner ended: {event.how}"
        case SettlementStarted():
            return f"Settlement taken on by the {event.by}"
        case StuckAccepted():
            unseen = f" (the target could not be looked at: {event.unseen})" if event.unseen else ""
            left = "; ".join(event.left)
            return f"Released by {event.by}, who says: {event.why}; not settled: {left}{unseen}"
        case RunSealed():
            rest = "everything undone" if event.settled else "not everything undone"
            return f"Run sealed: {event.ended}, {rest}"
        case IncidentOpened():
            return f"Synthetic {event.severity} incident opened ({event.provider}): {event.summary}"
        case AlertRaised():
            return f"Alert raised: {event.name}"
        case Escalated():
            people = ", ".join(event.people) or "nobody"
            why = _ESCALATED_BECAUSE[event.why]
            return f"Escalated to level {event.level}, {event.role} ({people}): {why}"
        case PageSent():
            return f"{_page(event)} sent to {event.person} ({event.role}, level {event.level})"
        case PageDelivered():
            return f"{_page(event)} delivered by {event.channel}"
        case PageFailed():
            return f"{_page(event)} not delivered by {event.channel}: {event.reason}"
        case PageSuppressed():
            why = _HELD_BACK_BECAUSE[event.by]
            return f"Page to {event.person} ({event.role}, level {event.level}) held back: {why}"
        case Acknowledged():
            return _acknowledged(event)
        case AcknowledgementWithdrawn():
            return f"{event.person} took the acknowledgement back"
        case HandedOver():
            return f"{event.person} handed over to the next level"
        case PolicyExhausted():
            return "The escalation policy ran out: nobody acknowledged"
        case IncidentResolved():
            return f"Synthetic incident resolved by {event.by}"
        case RealIncidentSeen():
            return f"Real incident {event.incident} is open: {event.summary}"
        case BridgeOpened():
            return f"{event.person} opened the bridge"
        case NoteAdded():
            return f"{event.person} noted: {event.text}"
        case AccessChecked():
            return _access(event)
        case ActionSeen():
            return _action(event)
        case StepEvidenced():
            return _evidenced(event)
        case StepAlreadyMet():
            seen = f"{event.how}: {event.detail}"
            return f"Step {event.step} cannot be seen: its evidence was there already ({seen})"
        case StepUnseen():
            return f"Step {event.step} cannot be seen: {event.detail}"
        case DecisionAnswered():
            return f"{event.person} decided at {event.step}: {event.choice}"
        case _:
            assert_never(event)


def _met(met: bool) -> str:
    return "met" if met else "not met"


def _page(event: PageSent | PageDelivered | PageFailed) -> str:
    return f"Page {event.page[:_ID_LETTERS]}"


def _injected(event: FaultInjected) -> str:
    again = f", round {event.round}" if event.round > 1 else ""
    touched = f": {', '.join(event.touched)}" if event.touched else ""
    return f"Fault {event.fault} injected{again}{touched}"


def _pods(event: PodsChanged) -> str:
    restarts = f", {count(event.restarts, 'restart')}" if event.restarts else ""
    now = f"{event.ready} of {count(event.present, 'pod')} ready{restarts}"
    return f"Pods {event.selector} in {event.namespace}: {now} ({event.change})"


def _ordered(event: UndoOrdered) -> str:
    before = f"; nobody had watched for {seconds(event.unwatched)}" if event.unwatched else ""
    return f"Undo ordered ({event.ended}): {event.why}{before}"


def _undone(event: FaultUndone) -> str:
    how = _UNDONE_BY.get(event.by, f"undone by the {event.by}")
    left = f"; left as it was found: {event.residue}" if event.residue else ""
    return f"Fault {event.fault} {how}{left}"


def _played(event: ActivitiesPlayed) -> str:
    failed = [one.name for one in event.activities if one.status != "succeeded"]
    part = "for" if event.part == "method" else "to undo"
    what = f"Chaos Toolkit played {count(len(event.activities), 'activity', 'activities')}"
    return f"{what} {part} fault {event.fault}{_failed(failed)}"


def _failed(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"; not succeeded: {', '.join(names[:3])}{more}" if names else ""


def _acknowledged(event: Acknowledged) -> str:
    if event.agent == "automation":
        return f"An automation acknowledged through {event.via}"
    role = f"as {event.role}" if event.role else "who is not on call"
    return f"{event.person} acknowledged through {event.via}, {role}"


def _evidenced(event: StepEvidenced) -> str:
    who = f" by {event.person}" if event.person else ""
    seen = "" if event.how == "self-report" else f", seen by {event.how}"
    return f"Step {event.step} done{who} ({event.grade}{seen})"


def _access(event: AccessChecked) -> str:
    match event.subject:
        case "person":
            who = f"Access of {event.person}"
        case "positive-control":
            who = "Control that must be allowed"
        case "negative-control":
            who = "Control that must be denied"
    return f"{who}: {event.check}: {event.answer} ({event.detail})"


def _action(event: ActionSeen) -> str:
    settings = ", ".join(f"{name}={value}" for name, value in sorted(event.parameters.items()))
    with_what = f" ({settings})" if settings else ""
    done = "did" if event.allowed else "was denied"
    return f"{event.person} {done} {event.action} on {event.object}{with_what}"
