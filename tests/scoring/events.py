"""Hypothesis strategies for timelines: any well-formed events in any order, and runs of the
simulated responders with something lost, moved or told twice."""

import types
from datetime import timedelta
from typing import Any, Literal, Union, get_args, get_origin

from hypothesis import settings
from hypothesis import strategies as st
from pydantic import BaseModel

from drillmaster.definitions.simulation import BEHAVIOURS
from drillmaster.timeline.events import AnyEvent, Event, RunStarted
from tests.support.responders import HAND_OVER, responder
from tests.support.timeline_definitions import (
    ACTIONS,
    BYSTANDER,
    DRILL,
    ENVIRONMENT,
    PRIMARY,
    SECONDARY,
    changed,
)
from tests.support.timelines import INCIDENT, START, Story

CALMLY = settings(deadline=None, max_examples=60)
"""A busy machine is no failure, and an example here is a whole timeline."""

PEOPLE = [PRIMARY, SECONDARY, BYSTANDER, "stranger"]

KINDS: list[type[Event]] = [
    kind for kind in get_args(get_args(AnyEvent)[0]) if kind is not RunStarted
]

NAMED: dict[str, st.SearchStrategy[Any]] = {
    "person": st.sampled_from(PEOPLE),
    "people": st.lists(st.sampled_from(PEOPLE), max_size=2),
    "role": st.sampled_from(["primary", "secondary", "third"]),
    "incident": st.sampled_from([INCIDENT, INCIDENT, "another"]),
    "step": st.sampled_from([*ACTIONS, "tell", "unknown"]),
    "action": st.sampled_from(["view", "lift-throttle", "scale", "restart"]),
    "object": st.just("shop/checkout"),
    "parameters": st.sampled_from([{}, {"replicas": 6}, {"replicas": 8}]),
    "fault": st.sampled_from(["throttle", "latency"]),
    "check": st.sampled_from(["may scale", "may lift-throttle"]),
    "page": st.sampled_from(["page-1", "page-2"]),
    "verdicts": st.dictionaries(st.sampled_from(["M1", "M3"]), st.sampled_from(["met", "missed"])),
    "level": st.integers(1, 3),
}

times = st.integers(0, 60_000).map(lambda milliseconds: milliseconds / 1000)

precisions = st.sampled_from([0.0, 0.01, 0.5, 5.0])

drills = st.sampled_from(
    [
        DRILL,
        HAND_OVER,
        changed(DRILL, targets={}),
        changed(DRILL, targets__alert_noise=2.0, targets__undo_time="1s"),
        *(
            changed(DRILL, escalation__pattern=pattern, escalation__severity=severity)
            for pattern in ("advisory", "shared-pool", "gatekeeper")
            for severity in ("critical", "warning")
        ),
    ]
)

environments = st.sampled_from([ENVIRONMENT, changed(ENVIRONMENT, timing={"engagement": "10s"})])


def _of_type(annotation: Any) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in {Union, types.UnionType}:
        return st.one_of(*map(_of_type, arguments))
    if origin is list:
        return st.lists(_of_type(arguments[0]), max_size=2)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        parts = {name: _of_type(part.annotation) for name, part in annotation.model_fields.items()}
        return st.fixed_dictionaries(parts)
    simple: dict[Any, st.SearchStrategy[Any]] = {
        float: st.sampled_from([0.0, 1.5]),
        str: st.sampled_from(["a", "b"]),
        bool: st.booleans(),
        int: st.integers(0, 3),
        type(None): st.none(),
    }
    return simple[annotation]


def _fields(kind: type[Event]) -> st.SearchStrategy[dict[str, Any]]:
    strategies = {}
    for name, field in kind.model_fields.items():
        if name in Event.model_fields or name == "type":
            continue
        named = NAMED.get(name)
        optional = type(None) in get_args(field.annotation)
        if named is None:
            strategies[name] = _of_type(field.annotation)
        else:
            strategies[name] = st.none() | named if optional else named
    return st.fixed_dictionaries(strategies)


@st.composite
def events(draw: st.DrawFn) -> tuple[float, type[Event], float, dict[str, Any]]:
    """Any event but the start of a run: time, kind, precision and fields."""
    kind = draw(st.sampled_from(KINDS))
    return draw(times), kind, draw(precisions), draw(_fields(kind))


@st.composite
def chaos(draw: st.DrawFn) -> Story:
    """The start of a run, and then anything."""
    story = Story(draw(drills), draw(environments))
    for at, kind, precision, fields in draw(st.lists(events(), max_size=20)):
        story.add(at, kind, precision=precision, **fields)
    return story


@st.composite
def damaged(draw: st.DrawFn) -> Story:
    """A responder's run in which some events are lost, moved, told twice or added."""
    story = responder(
        draw(st.sampled_from(list(BEHAVIOURS))), draw(st.sampled_from(["timeout", "hand-over"]))
    )
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(1, len(story.events) - 1)) if len(story.events) > 1 else 0
        match draw(st.sampled_from(["lose", "twice", "move", "add"])):
            case "lose" if place:
                story.events.pop(place)
            case "twice" if place:
                story.events.append(story.events[place])
            case "move" if place:
                moment = START + timedelta(seconds=draw(times))
                moved = {"occurred_at": moment, "observed_at": moment}
                story.events[place] = story.events[place].model_copy(update=moved)
            case _:
                at, kind, precision, fields = draw(events())
                story.add(at, kind, precision=precision, **fields)
    return story
