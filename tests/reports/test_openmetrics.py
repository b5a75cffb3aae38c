"""OpenMetrics text, as two parsers read it."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.openmetrics.parser import text_string_to_metric_families as _new_format
from prometheus_client.parser import text_string_to_metric_families as _old_format

from drillmaster.reports.openmetrics import render_openmetrics
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.chain import Recorded
from tests.reports.hostile import a_few, scorecards
from tests.reports.sample import START, records
from tests.reports.scorecards import metric, not_ready, scorecard

Parser = Callable[[str], Iterable[Family]]

new_format: Parser = _new_format
old_format: Parser = _old_format


def families(card: Scorecard) -> dict[str, Family]:
    text = render_openmetrics(card, records()).decode()
    return {family.name: family for family in new_format(text)}


def value(card: Scorecard, name: str, **labels: str) -> float | None:
    """The value of the one sample with these labels, if there is one."""
    found = [
        sample.value
        for sample in families(card)[f"drillmaster_{name}"].samples
        if labels.items() <= sample.labels.items()
    ]
    assert len(found) <= 1
    return found[0] if found else None


def test_readiness_is_one_of_three_states() -> None:
    card = not_ready(records())
    assert value(card, "readiness", state="not ready") == 1
    assert value(card, "readiness", state="ready") == 0
    assert value(card, "readiness", state="unverified") == 0


def test_figures_have_value_bound_target_and_verdict() -> None:
    card = not_ready(records())
    assert value(card, "metric_value", metric="M1", unit="seconds", required="true") == 2.04
    assert value(card, "metric_bound", metric="M1") == 0.02
    assert value(card, "metric_target", metric="M1") == 10
    assert value(card, "metric_met", metric="M1") == 1
    assert value(card, "metric_met", metric="M7") == 0
    assert value(card, "metric_met", metric="recovery_time") == 0
    assert value(card, "metric_verified", metric="recovery_time") == 0


def test_what_is_not_known_has_no_sample() -> None:
    card = scorecard(metrics=[metric(value=None, bound=None, target=None)])
    for name in ("metric_value", "metric_bound", "metric_target", "metric_met"):
        assert value(card, name) is None


def test_the_run_is_told() -> None:
    card = not_ready(records())
    assert value(card, "run_started_timestamp_seconds") == START.timestamp()
    ended = value(card, "run_ended_timestamp_seconds")
    assert ended == pytest.approx(START.timestamp() + 37.1, abs=0.001)
    assert value(card, "run_settled") == 1
    assert value(card, "run_completed") == 1
    assert value(card, "trend_points") == 71
    assert value(card, "access_checks", answer="denied") == 1
    assert value(card, "failure_mode_exposed", failure_mode="F3") == 1


def test_every_sample_says_whether_it_was_simulated() -> None:
    for family in families(not_ready(records())).values():
        assert {sample.labels["simulated"] for sample in family.samples} == {"true"}


def test_no_person_and_no_run_is_a_label() -> None:
    text = render_openmetrics(not_ready(records()), records()).decode()
    assert "responder" not in text
    assert not_ready(records()).run not in text


def _samples(found: Iterable[Family]) -> list[tuple[str, dict[str, str], float]]:
    return [(s.name, s.labels, s.value) for family in found for s in family.samples]


@a_few
@given(scorecards())
def test_both_formats_read_the_same(drawn: tuple[Scorecard, list[Recorded]]) -> None:
    text = render_openmetrics(*drawn).decode()
    assert text.endswith("# EOF\n")
    assert _samples(new_format(text)) == _samples(old_format(text))


def test_labels_keep_what_they_hold() -> None:
    odd = 'a "b" \\ c'
    assert value(scorecard(drill=odd), "trend_points", drill=odd) == 100
