"""The human side of the picture: page and acknowledgement, access, runbook."""

from itertools import groupby

from drillmaster.reports.lanes import Bar, Lane, Point, Story
from drillmaster.reports.wording import capital, step_tone, tone_of
from drillmaster.reports.words import say
from drillmaster.timeline.events import (
    AccessChecked,
    Acknowledged,
    AcknowledgementWithdrawn,
    ActionSeen,
    AnyEvent,
    BridgeOpened,
    Escalated,
    HandedOver,
    IncidentOpened,
    IncidentResolved,
    PageDelivered,
    PageFailed,
    PageSent,
    PageSuppressed,
    PolicyExhausted,
    StepAlreadyMet,
    StepEvidenced,
    StepUnseen,
    UndoOrdered,
)

_ENDS_WAIT = (
    Escalated | Acknowledged | HandedOver | PolicyExhausted | IncidentResolved | UndoOrdered
)


def page_lane(story: Story) -> Lane:
    """From the alert to the acknowledgement: a bar while a level is waited for."""
    bars = [_wait(story, level) for level in story.of(Escalated)]
    points = [point for event in story.events if (point := _page_point(story, event))]
    return Lane("Page and ACK", bars, points)


def access_lane(story: Story) -> Lane:
    """The answers to the access checks; equal answers in a row share a mark."""
    checks = [check for check in story.of(AccessChecked) if check.subject == "person"]
    points = []
    for answer, group in groupby(checks, key=lambda check: check.answer):
        same = list(group)
        label = f"{same[0].check}: {answer}" if len(same) == 1 else f"{len(same)} checks {answer}"
        title = "; ".join(map(say, same))
        points.append(Point(story.at(same[0]), title, label, tone_of(answer)))
        points += [Point(story.at(check), say(check)) for check in same[1:]]
    return Lane("Access", [], points)


def runbook_lane(story: Story) -> Lane:
    """The steps with evidence, and what was done or tried beside them."""
    runbook = story.scorecard.runbook
    rows = {row.step: row for row in runbook.steps} if runbook else {}
    evidence = {step.record for step in story.of(StepEvidenced)}
    points = []
    for step in story.of(StepEvidenced):
        row, label = rows.get(step.step), story.step_title(step.step)
        if row and row.outcome != "followed":
            label += f": {row.outcome}"
        points.append(Point(story.at(step), say(step), label, step_tone(row) if row else "plain"))
    for baseline in story.of(StepAlreadyMet):
        label = f"{story.step_title(baseline.step)}: already so"
        points.append(Point(story.at(baseline), say(baseline), label, "unsure"))
    for unseen in story.of(StepUnseen):
        label = f"{story.step_title(unseen.step)}: not seen"
        points.append(Point(story.at(unseen), say(unseen), label, "unsure"))
    for action in story.of(ActionSeen):
        if action.record not in evidence:
            did = capital(action.action)  # spelt as the steps' headings are
            label = did if action.allowed else f"{did}: denied"
            at, title = story.at(action), say(action)
            points.append(Point(at, title, label, "plain" if action.allowed else "bad"))
    return Lane("Runbook", [], points)


def _wait(story: Story, level: Escalated) -> Bar:
    start = story.at(level)
    later = story.events[story.events.index(level) + 1 :]
    end = next((story.at(event) for event in later if isinstance(event, _ENDS_WAIT)), story.end)
    return Bar(start, end, "wait", f"Waiting for the {level.role}")


def _page_point(story: Story, event: AnyEvent) -> Point | None:  # noqa: C901, PLR0911 (one case for each event)
    at, title = story.at(event), say(event)
    match event:
        case IncidentOpened():
            return Point(at, title, "alert")
        case Escalated():
            silent = {page.level for page in story.of(PageSuppressed)}
            how = "kept silent" if event.level in silent else "engaged"
            return Point(at, title, f"{event.role} {how}")
        case PageFailed():
            return Point(at, title, f"{event.channel} failed", "bad")
        case Acknowledged():
            return _ack_point(story, event)
        case AcknowledgementWithdrawn():
            return Point(at, title, f"{event.person} withdrew", "bad")
        case HandedOver():
            return Point(at, title, f"{event.person} handed over")
        case PolicyExhausted():
            return Point(at, title, "nobody answered", "bad")
        case BridgeOpened():
            return Point(at, title, "bridge opened")
        case IncidentResolved():
            return Point(at, title, "resolved")
        case PageSent() | PageDelivered() | PageSuppressed():
            return Point(at, title)
        case _:
            return None


def _ack_point(story: Story, event: Acknowledged) -> Point:
    verdict = story.scorecard.acknowledgement
    who = event.person or "an automation"
    if event not in story.cited(verdict.events):
        return Point(story.at(event), say(event), f"{who} acknowledged")
    how = "" if verdict.outcome == "expected" else f" ({verdict.outcome})"
    tone = tone_of(verdict.outcome)
    return Point(story.at(event), say(event), f"{who} acknowledged{how}", tone)
