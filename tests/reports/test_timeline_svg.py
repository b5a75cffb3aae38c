"""The picture of a run."""

import re
from dataclasses import dataclass
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from drillmaster.reports.labels import width_of
from drillmaster.reports.lanes import Story
from drillmaster.reports.timeline_svg import SIZE, WIDTH, lanes_of, tick_step, timeline_svg
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.chain import Recorded
from drillmaster.timeline.events import AnyEvent
from tests.reports.hostile import a_few, scorecards
from tests.reports.sample import (
    after,
    before,
    chained,
    event,
    failing,
    records,
    responding,
    started,
)
from tests.reports.scorecards import not_ready, scorecard


@dataclass(frozen=True)
class Box:
    """Where a text stands."""

    text: str
    left: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        beside = self.right <= other.left or other.right <= self.left
        return not beside and abs(self.bottom - other.bottom) < SIZE


def picture(card: Scorecard, timeline: list[Recorded]) -> ET.Element:
    return ET.fromstring(timeline_svg(card, timeline))


def boxes(svg: ET.Element) -> list[Box]:
    found = []
    for text in svg.iter("text"):
        words, x, bottom = text.text or "", float(text.attrib["x"]), float(text.attrib["y"])
        size = 12 if text.attrib["class"] == "tick-label" else SIZE
        width = width_of(words, size)
        anchors = {"tick-label": width / 2, "label leftwards": width}
        left = x - anchors.get(text.attrib["class"], 0.0)
        found.append(Box(words, left, left + width, bottom))
    return found


def leaders(svg: ET.Element) -> list[tuple[float, float, float]]:
    """The lines from marks to labels: where they stand, and from where down to where."""
    found = [one.attrib for one in svg.iter("line") if one.attrib["class"] == "leader"]
    return [(float(one["x1"]), float(one["y1"]), float(one["y2"])) for one in found]


def lanes(*events: AnyEvent) -> dict[str, list[str]]:
    """The labels of each lane of a run made of these events."""
    timeline = chained([started(), *events])
    story = Story(scorecard(), timeline)
    return {
        lane.name: [point.label for point in lane.points if point.label] for lane in lanes_of(story)
    }


def test_everything_stands_on_one_axis() -> None:
    timeline = records()
    story = Story(not_ready(timeline), timeline)
    assert [lane.name for lane in lanes_of(story)] == [
        "Steady state", "pod-churn", "throttle", "Page and ACK", "Access", "Runbook", "Undo",
    ]  # fmt: skip


def test_the_first_sight_of_an_effect_lies_on_top() -> None:
    """Whatever happened at the same moment, and however late it was written."""
    at_once = chained(
        [
            started(),
            event(2, "fault-effective", "supervisor", fault="throttle", seen="429"),
            event(2, "fault-injected", "runner", fault="throttle", round=1, touched=["checkout"]),
        ]
    )
    picture = timeline_svg(not_ready(records()), at_once)
    marks = re.findall(r'class="mark (\w+)"', picture)
    assert marks == ["plain", "effect"]


def test_the_lanes_tell_what_happened() -> None:
    told = lanes(*before()[1:], *failing(), *responding(), *after())
    assert told["Steady state"] == ["steady", "steady again"]
    assert told["pod-churn"] == ["injected", "effect seen", "undone"]
    assert told["throttle"] == ["injected", "effect seen", "gone already"]
    assert "responder-2 acknowledged" in told["Page and ACK"]
    assert "webhook failed" in told["Page and ACK"]
    assert told["Page and ACK"][1:3] == ["primary kept silent", "secondary engaged"]
    assert told["Page and ACK"][-1] == "resolved", "no nameless tick stands at the lane's end"
    assert told["Access"][1] == "may scale checkout: denied"
    assert "Scale: denied" in told["Runbook"]
    assert told["Undo"] == ["undo ordered", "completed"]


def pods(at: float, ready: int, restarts: int = 0, present: int = 4) -> AnyEvent:
    where = {"namespace": "shop", "selector": "app=checkout"}
    counts = {"present": present, "ready": ready, "restarts": restarts}
    return event(at, "pods-changed", "target", 0.1, **where, **counts, change="checkout-1 is gone")


def test_pods_that_were_missing_have_a_lane() -> None:
    changes = [pods(1, 4), pods(2, 3), pods(3, 2), pods(4, 4, 1), pods(6, 3, 1), pods(9, 3, 2)]
    story = Story(scorecard(), chained([started(), *changes]))
    (lane,) = lanes_of(story)
    assert lane.name == "Pods app=checkout"
    assert [point.label for point in lane.points if point.label] == ["2 of 4 ready", "2 restarts"]
    assert [(bar.start, bar.end, bar.title) for bar in lane.bars] == [
        (2.0, 4.0, "As few as 2 of 4 pods ready"),
        (6.0, 9.0, "As few as 3 of 4 pods ready"),
    ]
    assert lane.points[0].title == (
        "Pods app=checkout in shop: 3 of 4 pods ready (checkout-1 is gone)"
    )


def test_pods_that_were_always_there_draw_nothing() -> None:
    assert lanes(pods(1, 4)) == {}


def test_a_step_that_was_met_before_the_page_stands_in_the_runbooks_lane() -> None:
    baseline = event(
        2, "step-already-met", "target", step="scale-out", how="state", detail="6 replicas"
    )
    assert lanes(baseline)["Runbook"] == ["Scale out: already so"]


def test_a_step_of_which_the_record_cannot_tell_stands_in_the_runbooks_lane() -> None:
    unseen = event(2, "step-unseen", "target", step="scale-out", how="audit", detail="no log")
    assert lanes(unseen)["Runbook"] == ["Scale out: not seen"]


def test_no_label_overlaps_another() -> None:
    timeline = records()
    for one, other in combinations(boxes(picture(not_ready(timeline), timeline)), 2):
        assert not one.overlaps(other), f"{one.text!r} and {other.text!r}"


@a_few
@given(scorecards())
def test_no_label_overlaps_another_whatever_happened(
    drawn: tuple[Scorecard, list[Recorded]],
) -> None:
    for one, other in combinations(boxes(picture(*drawn)), 2):
        assert not one.overlaps(other), f"{one.text!r} and {other.text!r}"


def test_no_leader_crosses_a_label() -> None:
    timeline = records()
    svg = picture(not_ready(timeline), timeline)
    lines = leaders(svg)
    assert len(lines) > 10
    for x, top, end in lines:
        for box in boxes(svg):
            beside = x <= box.left or x >= box.right
            apart = box.bottom <= top or box.bottom - SIZE >= end
            assert beside or apart, f"a line crosses {box.text!r}"


def test_nothing_leaves_the_picture() -> None:
    timeline = records()
    svg = picture(not_ready(timeline), timeline)
    height = float(svg.attrib["viewBox"].split()[3])
    for box in boxes(svg):
        assert box.left >= 0
        assert box.right <= WIDTH + 0.1
        assert box.bottom <= height
    for bar in svg.iter("rect"):
        assert float(bar.attrib["x"]) + float(bar.attrib["width"]) <= WIDTH + 0.1


def test_a_bar_lasts_from_injection_to_undo() -> None:
    timeline = records()
    bars = list(picture(not_ready(timeline), timeline).iter("rect"))
    titles = {bar.findtext("title"): float(bar.attrib["width"]) for bar in bars}
    churn = titles["Fault pod-churn in force, +1.3s to +35.0s"]
    throttle = titles["Fault throttle in force, +1.4s to +10.4s"]
    assert churn / throttle == pytest.approx(33.71 / 9.02, rel=0.01)
    assert "Waiting for the secondary, +4.8s to +6.8s" in titles
    assert "Recovering, +35.0s to +36.7s" in titles


def test_a_fault_that_was_never_undone_looks_different() -> None:
    stuck = [
        event(1, "fault-injected", "runner", fault="throttle", round=1, touched=[]),
        event(9, "fault-stuck", "reaper", fault="throttle", reason="no answer"),
    ]
    svg = picture(scorecard(), chained([started(), *stuck]))
    assert [bar.attrib["class"] for bar in svg.iter("rect")] == ["bar stuck"]
    assert lanes(*stuck)["throttle"] == ["injected", "could not be undone"]


def test_steady_state_that_does_not_return_is_marked() -> None:
    lost = event(9, "steady-state-lost", "supervisor", names=["checkout answers"])
    assert lanes(lost)["Steady state"] == ["did not return"]


def test_a_refused_run_says_what_was_not_steady() -> None:
    check = {"phase": "before", "name": "checkout answers", "met": False, "detail": "status 503"}
    told = lanes(event(0.2, "steady-state-checked", "supervisor", **check))
    assert told == {"Steady state": ["only 0 of 1 question met"]}


def test_an_acknowledgement_that_does_not_count_says_why() -> None:
    ack = {"incident": "i", "person": "responder-3", "role": None, "agent": "person", "via": "cli"}
    timeline = chained([started(), event(2, "acknowledged", "oncall", **ack)])
    outcome = {"outcome": "wrong-person", "role": None, "after": None, "bound": None, "events": [2]}
    (lane,) = lanes_of(Story(scorecard(acknowledgement=outcome), timeline))
    assert lane.points[0].label == "responder-3 acknowledged (wrong-person)"
    assert lane.points[0].tone == "bad"


def test_equal_answers_in_a_row_share_a_mark() -> None:
    common = {"person": "responder-2", "subject": "person", "grade": None, "detail": "no answer"}
    checks = [
        event(n, "access-checked", "s", check=f"check {n}", answer="unreachable", **common)
        for n in range(1, 5)
    ]
    assert lanes(*checks) == {"Access": ["4 checks unreachable"]}


def test_the_picture_says_what_it_shows_to_those_who_do_not_see_it() -> None:
    timeline = records()
    svg = picture(not_ready(timeline), timeline)
    named = svg.attrib["aria-labelledby"].split()
    told = {element.attrib.get("id"): element.text or "" for element in svg.iter()}
    assert svg.attrib["role"] == "img"
    assert "responder-2 acknowledged at +6.8s" in told[named[1]]
    assert told[named[0]].startswith("What happened in run")


@pytest.mark.parametrize(
    ("seconds", "step"), [(0.9, 0.2), (37, 5), (60, 10), (1800, 300), (7200, 900), (90000, 14400)]
)
def test_ticks_are_round_numbers_of_seconds(seconds: float, step: float) -> None:
    assert tick_step(seconds) == step


def test_the_axis_begins_just_before_the_first_thing_to_see() -> None:
    late = event(23.9, "fault-injected", "runner", fault="throttle", round=1, touched=[])
    seal = event(40, "run-sealed", "supervisor", ended="completed", settled=True)
    svg = picture(scorecard(), chained([started(), late, seal]))
    ticks = [text.text for text in svg.iter("text") if text.attrib["class"] == "tick-label"]
    assert ticks == ["20 s", "25 s", "30 s", "35 s", "40 s"]


def test_a_timeline_of_one_event_can_be_drawn() -> None:
    svg = picture(scorecard(), chained([started()]))
    assert next(svg.iter("text")).text == "0 s"
