"""The machine side of the picture: steady state, each fault, and the undo."""

from collections.abc import Iterator

from drillmaster.definitions.units import count
from drillmaster.reports.lanes import Bar, Lane, Point, Story
from drillmaster.reports.words import say
from drillmaster.timeline.events import (
    FaultEffective,
    FaultFailed,
    FaultInjected,
    FaultIntended,
    FaultStuck,
    FaultUndone,
    PodsChanged,
    RealIncidentSeen,
    RunSealed,
    SteadyStateChecked,
    SteadyStateLost,
    SteadyStateReturned,
    UndoOrdered,
)

FaultEvent = FaultIntended | FaultInjected | FaultEffective | FaultFailed | FaultUndone | FaultStuck


def steady_lane(story: Story) -> Lane:
    """When all was well: before the first fault, and again after the undo."""
    before = [check for check in story.of(SteadyStateChecked) if check.phase == "before"]
    faults = story.of(FaultInjected)
    disturbed = story.at(faults[0]) if faults else story.end
    bars, points = [], []
    if before:
        asked, met = before[-1], sum(check.met for check in before)
        all_met = met == len(before)
        label = "steady" if all_met else f"only {met} of {count(len(before), 'question')} met"
        points.append(Point(story.at(asked), say(asked), label, "good" if all_met else "bad"))
        if all_met:
            bars.append(Bar(story.at(before[0]), disturbed, "steady", "Steady state"))
    for returned in story.of(SteadyStateReturned):
        at = story.at(returned)
        points.append(Point(at, say(returned), "steady again", "good"))
        bars.append(Bar(at, story.end, "steady", "Steady state"))
    points += [
        Point(story.at(lost), say(lost), "did not return", "bad")
        for lost in story.of(SteadyStateLost)
    ]
    return Lane("Steady state", bars, points)


def fault_lanes(story: Story) -> list[Lane]:
    """A lane for each fault, in the order in which they began."""
    by_fault: dict[str, list[FaultEvent]] = {}
    for event in story.events:
        if isinstance(event, FaultEvent):
            by_fault.setdefault(event.fault, []).append(event)
    return [_fault_lane(story, fault, events) for fault, events in by_fault.items()]


def pods_lanes(story: Story) -> list[Lane]:
    """A lane for the pods of each selector: while some of them were not ready."""
    by_selector: dict[str, list[PodsChanged]] = {}
    for event in story.of(PodsChanged):
        by_selector.setdefault(event.selector, []).append(event)
    return [_pods_lane(story, selector, events) for selector, events in by_selector.items()]


def _pods_lane(story: Story, selector: str, events: list[PodsChanged]) -> Lane:
    full, least = events[0].ready, min(events, key=lambda event: event.ready)
    labels = {id(events[-1]): count(events[-1].restarts, "restart") if events[-1].restarts else ""}
    if least.ready < full:
        labels[id(least)] = f"{least.ready} of {full} ready"
    points = [Point(story.at(one), say(one), labels.get(id(one), "")) for one in events[1:]]
    return Lane(f"Pods {selector}", list(_short_of_pods(story, events, full)), points)


def _short_of_pods(story: Story, events: list[PodsChanged], full: int) -> Iterator[Bar]:
    """A bar for each time in which fewer pods were ready than at first."""
    since, least = None, full
    for event in events:
        if event.ready < full:
            since, least = since or event, min(least, event.ready)
        elif since is not None:
            yield Bar(story.at(since), story.at(event), "wait", _least(least, full))
            since, least = None, full
    if since is not None:
        yield Bar(story.at(since), story.end, "wait", _least(least, full))


def _least(least: int, full: int) -> str:
    return f"As few as {least} of {count(full, 'pod')} ready"


def undo_lane(story: Story) -> Lane:
    """From the order to undo until the run is sealed."""
    orders = story.of(UndoOrdered)
    bars = [bar for order in orders for bar in _undo_bars(story, story.at(order))]
    points = [
        Point(story.at(seen), say(seen), "real incident", "bad")
        for seen in story.of(RealIncidentSeen)
    ]
    points += [Point(story.at(order), say(order), "undo ordered") for order in orders]
    points += [
        Point(story.at(seal), say(seal), seal.ended, "good" if _clean(seal) else "bad")
        for seal in story.of(RunSealed)
    ]
    return Lane("Undo", bars, points)


def _undo_bars(story: Story, ordered: float) -> list[Bar]:
    gone = max([ordered, *(_gone(story, undone) for undone in story.of(FaultUndone))])
    after = [*story.of(SteadyStateReturned), *story.of(SteadyStateLost)]
    return [
        Bar(ordered, gone, "undo", "Faults being undone"),
        *(Bar(gone, max(gone, story.at(end)), "recovery", "Recovering") for end in after),
    ]


def _clean(seal: RunSealed) -> bool:
    return seal.settled and seal.ended == "completed"


def _fault_lane(story: Story, fault: str, events: list[FaultEvent]) -> Lane:
    began = next((event for event in events if isinstance(event, FaultInjected)), None)
    over = next((event for event in reversed(events) if isinstance(event, FaultUndone)), None)
    bars = []
    if began:
        start, end = story.at(began), _gone(story, over) if over else story.end
        title = f"Fault {fault} in force" if over else f"Fault {fault}, never seen undone"
        bars.append(Bar(start, max(start, end), "fault" if over else "stuck", title))
    return Lane(fault, bars, [_fault_point(story, event) for event in events])


_OURS = frozenset({"runner", "supervisor", "watchdog", "reaper", "expiry"})
"""Who undoes a fault as it is meant to be undone."""


def _gone(story: Story, undone: FaultUndone) -> float:
    """When a fault was surely gone. Where it was found gone, its end lies anywhere between its
    injection and that look, and a picture must not show it before somebody could have acted."""
    return story.at(undone) + undone.precision


def _fault_point(story: Story, event: FaultEvent) -> Point:
    at, title = story.at(event), say(event)
    match event:
        case FaultInjected(round=1):
            return Point(at, title, "injected")
        case FaultEffective():
            return Point(at, title, "effect seen", effect=True)
        case FaultUndone():
            label = "undone" if event.by in _OURS else "gone already"
            return Point(_gone(story, event), title, label, "good")
        case FaultFailed():
            return Point(at, title, "failed", "bad")
        case FaultStuck():
            return Point(at, title, "could not be undone", "bad")
        case _:
            return Point(at, title)
