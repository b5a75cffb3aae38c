"""The summary of a CI job: short Markdown, made to be read in passing."""

from collections.abc import Sequence

from drillmaster.reports.markdown import (
    changes,
    escape,
    failure_modes,
    metrics_table,
    next_steps,
    simulated,
    verdict,
)
from drillmaster.reports.plain import tidy
from drillmaster.reports.wording import sentence_of
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.chain import Recorded


def render_summary(scorecard: Scorecard, _records: Sequence[Recorded]) -> bytes:
    """Verdict, sentence, the figures that count, and what to do about those not met."""
    card = tidy(scorecard)
    gates = [metric for metric in card.metrics if metric.required]
    not_met = [metric for metric in card.metrics if metric.verdict != "met"]
    trend = "" if card.trend is None else f", trend {card.trend} of 100"
    parts = [
        f"## {verdict(card)}: {escape(card.drill)} on {escape(card.environment)}",
        simulated(card),
        escape(sentence_of(card)),
        metrics_table(gates) if gates else "No target is required.",
        next_steps(not_met),
        "Failure modes exposed:" if card.failure_modes else "",
        failure_modes(card.failure_modes) if card.failure_modes else "",
        changes(card),
        f"Run {escape(card.run)}{trend}.",
    ]
    return ("\n\n".join(filter(None, parts)) + "\n").encode()
