"""Strategies for events and scorecards that hold anything a person or a target may write."""

from datetime import UTC, datetime
from typing import Any, get_args

from hypothesis import Phase, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from drillmaster.scoring.scorecard import Metric, Scorecard
from drillmaster.timeline.chain import Recorded
from drillmaster.timeline.events import AnyEvent, Event, PlayedActivity
from tests.reports.sample import chained, records
from tests.reports.scorecards import not_ready

NASTY = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "a | b || c",
    "```\n# heading",
    "[link](javascript:alert(1)) ![i](http://example.test/x.png)",
    "]]>&amp;&lt;",
    "\x1b[31mred\x1b[0m\x07\x00",
    "two\r\nlines\u2028three\u0085four",
    "\u202eright to left",
    "{{ 7 * 7 }} {% raw %}",
    '"quoted" \\ back',
    "\u7d75\u6587\u5b57 \U0001f469\u200d\U0001f692 \u0646\u06cc\u0645\u200c\u0641",
    "w" * 300,
    "- one",
    "+ one",
    "1. one",
    "17) one",
    "---",
    "",
]

a_few = settings(
    max_examples=20, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)
"""A sample. Nothing is shrunk: a run is large, and shrinking one takes minutes."""

texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=40))

KINDS: list[type[Event]] = list(get_args(get_args(AnyEvent)[0]))

_TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 (the strategy adds the zone)


def events(kind: type[Event]) -> st.SearchStrategy[Any]:
    """Events of a kind."""
    return _built(
        kind,
        {
            "precision": st.floats(0, 1e3),
            "unwatched": st.floats(0, 1e6),
            "round": st.integers(1, 99),
        },
    )


@st.composite
def scorecards(draw: st.DrawFn) -> tuple[Scorecard, list[Recorded]]:
    """A scorecard and its timeline, with hostile text in every free field of both."""
    kinds = draw(st.lists(st.sampled_from(KINDS), max_size=8))
    base = records()
    happened = [base[0].event, *(draw(events(kind)) for kind in kinds), base[-1].event]
    timeline = chained(happened)
    metrics = [
        draw(_built(Metric, {"id": st.just(f"id{n}") if n else texts, **_METRIC}))
        for n in range(draw(st.integers(0, 3)))
    ]
    changed = {name: draw(texts) for name in ("drill", "title", "environment", "sentence", "run")}
    card = not_ready(base).model_copy(update={"metrics": metrics, **changed})
    return card, timeline


_METRIC: dict[str, st.SearchStrategy[Any]] = {
    "events": st.lists(st.integers(1, 20), max_size=4),
    "bound": st.none() | st.floats(0, 1e6),
}

_BY_ANNOTATION: dict[Any, st.SearchStrategy[Any]] = {
    str: texts,
    datetime: _TIMES,
    list[str]: st.lists(texts, max_size=3),
    dict[str, str]: st.dictionaries(texts, texts, max_size=2),
    dict[str, Any]: st.dictionaries(texts, texts, max_size=2),
    float: st.floats(-1e6, 1e6),
    list[PlayedActivity]: st.lists(
        st.builds(PlayedActivity, name=texts, status=texts, took=st.floats(0, 1e6)), max_size=3
    ),
}


def _built(
    model: type[BaseModel], given: dict[str, st.SearchStrategy[Any]]
) -> st.SearchStrategy[Any]:
    fields = {
        name: given[name] if name in given else _strategy(field.annotation)
        for name, field in model.model_fields.items()
    }
    built: st.SearchStrategy[Any] = st.builds(model, **fields)
    return built


def _strategy(annotation: Any) -> st.SearchStrategy[Any]:
    if annotation in _BY_ANNOTATION:
        return _BY_ANNOTATION[annotation]
    parts = get_args(annotation)
    if type(None) in parts:
        (rest,) = [part for part in parts if part is not type(None)]
        return st.none() | _strategy(rest)
    return st.from_type(annotation)
