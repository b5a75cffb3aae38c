"""OpenMetrics text, for Prometheus and what reads its format.

Gauges alone and no time stamps on samples, so that the text file collector of the node
exporter, which reads the older format, takes it too. No person and no run is a label:
the first is nobody's business there, the second would make a new series of each run.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import get_args

from drillmaster.reports import figures
from drillmaster.reports.plain import tidy
from drillmaster.scoring.scorecard import Metric, Readiness, Scorecard
from drillmaster.timeline.chain import Recorded
from drillmaster.timeline.events import Answer

_UNITS = {"s": "seconds", "ratio": "ratio", "count": "count"}

Sample = tuple[dict[str, str], float]


def render_openmetrics(scorecard: Scorecard, records: Sequence[Recorded]) -> bytes:
    """All families, and the end mark."""
    card = tidy(scorecard)
    families = [*_of_run(card, records), *_of_metrics(card)]
    return ("".join(families) + "# EOF\n").encode()


def _of_run(card: Scorecard, records: Sequence[Recorded]) -> Iterable[str]:
    common = _common(card)
    started = card.started_at.timestamp()
    answers = Counter(row.answer for row in card.access)

    def family(name: str, text: str, *samples: Sample) -> str:
        return _family(name, text, [(common | labels, value) for labels, value in samples])

    states = [({"state": state}, float(state == card.readiness)) for state in get_args(Readiness)]
    yield family("readiness", "1 for the state the run proved, 0 for the others.", *states)
    trend: list[Sample] = [] if card.trend is None else [({}, card.trend)]
    yield family("trend_points", "0 to 100, for trends only.", *trend)
    yield family("run_started_timestamp_seconds", "When the run started.", ({}, started))
    ended = round(started + figures.lasted(records), 3)
    yield family("run_ended_timestamp_seconds", "When the run was sealed.", ({}, ended))
    yield family("run_completed", "1 if the run was not ended early.",
                 ({}, float(card.ended == "completed")))  # fmt: skip
    yield family("run_settled", "1 if everything was undone.", ({}, float(card.settled)))
    checks = [({"answer": answer}, float(answers[answer])) for answer in get_args(Answer)]
    yield family("access_checks", "Access checks by their answer.", *checks)
    modes: list[Sample] = [({"failure_mode": mode}, 1.0) for mode in card.failure_modes]
    yield family("failure_mode_exposed", "1 for each failure mode that the run exposed.", *modes)


def _of_metrics(card: Scorecard) -> Iterable[str]:
    def samples(value: dict[str, float]) -> list[Sample]:
        return [
            (_common(card) | _labels(metric), value[metric.id])
            for metric in card.metrics
            if metric.id in value
        ]

    metrics = card.metrics
    values = {m.id: m.value for m in metrics if m.value is not None}
    bounds = {m.id: m.bound for m in metrics if m.bound is not None}
    targets = {m.id: m.target for m in metrics if m.target is not None}
    judged = [m for m in metrics if m.target is not None or m.verdict != "met"]
    met = {m.id: float(m.verdict == "met") for m in judged}
    verified = {m.id: float(m.verdict != "unverified") for m in judged}
    yield _family("metric_value", "What was measured, in the unit of its label.", samples(values))
    yield _family("metric_bound", "The true value is within this of the value.", samples(bounds))
    yield _family("metric_target", "What was asked for.", samples(targets))
    yield _family("metric_met", "1 if the target was met.", samples(met))
    yield _family("metric_verified", "0 if nobody can tell.", samples(verified))


def _common(card: Scorecard) -> dict[str, str]:
    simulated = "true" if card.simulated else "false"
    return {"drill": card.drill, "environment": card.environment, "simulated": simulated}


def _labels(metric: Metric) -> dict[str, str]:
    required = "true" if metric.required else "false"
    return {"metric": metric.id, "unit": _UNITS[metric.unit], "required": required}


def _family(name: str, text: str, samples: Iterable[Sample]) -> str:
    full = f"drillmaster_{name}"
    lines = [f"# HELP {full} {text}", f"# TYPE {full} gauge"]
    for labels, value in samples:
        pairs = ",".join(f'{label}="{_escape(said)}"' for label, said in labels.items())
        lines.append(f"{full}{{{pairs}}} {value!r}")
    return "\n".join(lines) + "\n"


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
