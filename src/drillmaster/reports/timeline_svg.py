"""The picture of a run: every lane on one time axis, as SVG.

Colours are classes, so that the page around it decides on light, dark and paper.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from drillmaster.reports.figures import offset
from drillmaster.reports.labels import Placed, place, shorten, width_of
from drillmaster.reports.lanes import Bar, Lane, Point, Story
from drillmaster.reports.machine_lanes import fault_lanes, pods_lanes, steady_lane, undo_lane
from drillmaster.reports.people_lanes import access_lane, page_lane, runbook_lane
from drillmaster.reports.plain import tidy
from drillmaster.reports.svg import child, line, text, titled
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.chain import Recorded

WIDTH = 960.0
GUTTER = 132.0
"""Left of the axis: the lanes' names."""
MARGIN = 16.0
SIZE = 13.0
"""Of the letters, in pixels."""
ROW = 19.0
"""From one row of labels to the next."""
AXIS = 30.0
PADDING = 12.0
BAR = 10.0

MOST_LETTERS = 34
TICKS = 8
"""About as many steps on the axis."""


@dataclass(frozen=True, slots=True)
class _Scale:
    """From seconds to pixels."""

    start: float
    """Where the axis begins: a tick."""
    end: float
    step: float
    """Seconds from one tick to the next."""

    @classmethod
    def of(cls, lanes: Sequence[Lane], end: float) -> "_Scale":
        """An axis from the tick before the first thing that is drawn."""
        first = min(
            (moment for lane in lanes for moment in _moments(lane)),
            default=0.0,
        )
        end = max(end, first + 1.0)
        step = tick_step(end - first)
        return cls(math.floor(first / step) * step, end, step)

    def x(self, at: float) -> float:
        """Where a moment stands."""
        share = (at - self.start) / (self.end - self.start)
        return GUTTER + share * (WIDTH - GUTTER - MARGIN)

    def ticks(self) -> Iterator[float]:
        """The moments of the ticks."""
        for number in range(int((self.end - self.start) / self.step + 1e-9) + 1):
            yield self.start + number * self.step


def timeline_svg(scorecard: Scorecard, records: Sequence[Recorded]) -> str:
    """The picture, as one `<svg>` element with a title and a description."""
    story = Story(tidy(scorecard), records)
    lanes = lanes_of(story)
    scale = _Scale.of(lanes, story.end)
    svg = ET.Element("svg", {"class": "timeline", "role": "img"})
    svg.set("aria-labelledby", "picture-title picture-desc")
    title = child(svg, "title", id="picture-title")
    title.text = f"What happened in run {story.scorecard.run}"
    child(svg, "desc", id="picture-desc").text = _description(lanes)
    grid = child(svg, "g", class_="grid")
    top = AXIS
    for lane in lanes:
        top = _draw_lane(svg, lane, scale, top)
    _draw_axis(grid, scale, top)
    svg.set("viewBox", f"0 0 {WIDTH:g} {top + MARGIN:g}")
    return ET.tostring(svg, encoding="unicode")


def lanes_of(story: Story) -> list[Lane]:
    """The lanes that have something to show, from the world to the people and back."""
    lanes = [
        steady_lane(story),
        *fault_lanes(story),
        *pods_lanes(story),
        page_lane(story),
        access_lane(story),
        runbook_lane(story),
        undo_lane(story),
    ]
    return [lane for lane in lanes if lane.bars or lane.points]


def tick_step(seconds: float) -> float:
    """A round number of seconds between two ticks."""
    for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600):
        if seconds / step <= TICKS:
            return step
    return 7200.0 * max(1, round(seconds / TICKS / 7200))


def _draw_axis(grid: ET.Element, scale: _Scale, bottom: float) -> None:
    for moment in scale.ticks():
        x = scale.x(moment)
        line(grid, "tick", start=(x, AXIS - 6), end=(x, bottom))
        text(grid, "tick-label", f"{round(moment, 1):g} s", at=(x, AXIS - 12))


def _draw_lane(svg: ET.Element, lane: Lane, scale: _Scale, top: float) -> float:
    group = child(svg, "g", class_="lane")
    line(group, "edge", start=(0, top), end=(WIDTH, top))
    middle = top + PADDING + BAR / 2
    text(group, "lane-name", shorten(lane.name, 18), at=(0, middle + 4.5))
    for bar in lane.bars:
        _draw_bar(group, bar, scale, middle)
    for point in lane.points:
        if not point.label:
            _draw_tick(group, point, scale.x(point.at), middle)
    rows = _draw_labelled(group, [point for point in lane.points if point.label], scale, middle)
    return top + 2 * PADDING + BAR + rows * ROW


def _draw_labelled(group: ET.Element, points: Sequence[Point], scale: _Scale, middle: float) -> int:
    """Draw the labels, then the marks over their lines; the number of rows it took."""
    texts = [shorten(point.label, MOST_LETTERS) for point in points]
    places = _places(points, texts, scale)
    for point, where in zip(points, places, strict=True):
        x, end = scale.x(point.at), _baseline(where, middle)
        line(group, "leader", start=(x, middle), end=(x, end))
    for words, where in zip(texts, places, strict=True):
        _draw_label(group, words, where, _baseline(where, middle))
    for point in sorted(points, key=lambda point: point.effect):  # what counts most, on top
        _draw_mark(group, point, scale.x(point.at), middle)
    return 1 + max((where.row for where in places), default=-1)


def _places(points: Sequence[Point], texts: Sequence[str], scale: _Scale) -> list[Placed]:
    marks = [
        (scale.x(point.at), width_of(text, SIZE)) for point, text in zip(points, texts, strict=True)
    ]
    return place(marks, GUTTER, WIDTH)


def _draw_bar(group: ET.Element, bar: Bar, scale: _Scale, middle: float) -> None:
    x, end = scale.x(bar.start), scale.x(bar.end)
    width = max(2.0, end - x)
    size = {"width": width, "height": BAR, "rx": 3.0}
    box = child(group, "rect", class_=f"bar {bar.kind}", x=x, y=middle - BAR / 2, **size)
    titled(box, f"{bar.title}, {offset(bar.start)} to {offset(bar.end)}")


def _draw_tick(group: ET.Element, point: Point, x: float, middle: float) -> None:
    top, bottom = middle - BAR / 2, middle + BAR / 2
    titled(line(group, "minor", start=(x, top), end=(x, bottom)), _timed(point))


def _draw_label(group: ET.Element, words: str, where: Placed, baseline: float) -> None:
    if where.leftwards:
        text(group, "label leftwards", words, at=(where.x + where.width, baseline))
    else:
        text(group, "label", words, at=(where.x, baseline))


def _baseline(where: Placed, middle: float) -> float:
    return middle + BAR / 2 + (where.row + 1) * ROW - 3


def _draw_mark(group: ET.Element, point: Point, x: float, middle: float) -> None:
    tone = "effect" if point.effect else point.tone
    mark = child(group, "path", class_=f"mark {tone}", d=_SHAPES[tone])
    mark.set("transform", f"translate({x:.1f} {middle:.1f})")
    titled(mark, _timed(point))


_SHAPES = {
    "good": "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0M-3 0l2 2.4l4 -4.6",
    "bad": "M-6 -6h12v12h-12zM-3 -3l6 6M3 -3l-6 6",
    "unsure": "M0 -7l7 7l-7 7l-7 -7zM0 -3v3M0 2.6v.4",
    "plain": "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0",
    "effect": "M1.5 -10l-8 11h5.5l-1.5 9l8 -11h-5.5z",
}


def _moments(lane: Lane) -> list[float]:
    return [*(bar.start for bar in lane.bars), *(point.at for point in lane.points)]


def _description(lanes: Sequence[Lane]) -> str:
    told = "; ".join(
        f"{lane.name}: " + (", ".join(map(_brief, filter(_named, lane.points))) or "no event")
        for lane in lanes
    )
    return f"{told}. The table of the timeline lists every event."


def _named(point: Point) -> bool:
    return bool(point.label)


def _brief(point: Point) -> str:
    return f"{point.label} at {offset(point.at)}"


def _timed(point: Point) -> str:
    return f"{offset(point.at)}  {point.title}"
