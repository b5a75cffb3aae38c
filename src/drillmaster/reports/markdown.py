"""The scorecard in GitHub-flavoured Markdown, for issues, wikis and pull requests."""

import re
from collections.abc import Iterable, Sequence

from drillmaster.reports import figures, wording
from drillmaster.reports.advice import Advised, advised
from drillmaster.reports.lanes import step_titles
from drillmaster.reports.left import LEFT, left
from drillmaster.reports.mends import mends
from drillmaster.reports.plain import tidy
from drillmaster.reports.tried import denied_in
from drillmaster.reports.words import say
from drillmaster.scoring.scorecard import Changes, Metric, RunbookResult, Scorecard
from drillmaster.timeline.chain import Recorded

_SPECIAL = re.compile(r"([\\`*_\[\]|~#@!]|^[-+=])")
"""What means something in Markdown, some of it only at the beginning of a line."""

_NUMBERED = re.compile(r"^(\d+)([.)])")


def render_markdown(scorecard: Scorecard, records: Sequence[Recorded]) -> bytes:
    """The whole scorecard; the timeline is folded away at its end."""
    card = tidy(scorecard)
    parts = [
        f"# {verdict(card)}: {escape(card.title)}",
        simulated(card),
        escape(wording.sentence_of(card)),
        _facts(card, records),
        _left(records),
        "## Figures and targets",
        metrics_table(card.metrics),
        next_steps(card.metrics),
        "## Acknowledgement",
        _acknowledgement(card),
        *_access(card, records),
        *_runbook(card.runbook, records),
        "## Failure modes exposed",
        failure_modes(card.failure_modes),
        "## Since the last run",
        changes(card),
        *_trend(card),
        "## Timeline",
        _timeline(card, records),
    ]
    return ("\n\n".join(filter(None, parts)) + "\n").encode()


def escape(text: str) -> str:
    """The text as it stands, in any place of a Markdown file."""
    html_safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", html_safe))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are escaped already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def verdict(card: Scorecard) -> str:
    """Icon and word."""
    return wording.marked(wording.tone_of(card.readiness), card.readiness.capitalize())


def simulated(card: Scorecard) -> str:
    """The mark of a run with simulated responders."""
    return f"> **{wording.SIMULATED}**: {wording.simulated_means(card)}" if card.simulated else ""


def metrics_table(metrics: Iterable[Metric]) -> str:
    """Each figure in a row."""
    return table(
        ["Verdict", "Figure", "Value", "Target", "Required", "Evidence", "Events"],
        (
            [
                wording.marked(*wording.verdict_of(metric)),
                f"{escape(wording.capital(metric.name))} ({escape(metric.id)})",
                figures.value_of(metric),
                figures.target_of(metric) or "none",
                "required" if metric.required else "no",
                metric.evidence or "none",
                _numbers(metric.events),
            ]
            for metric in metrics
        ),
    )


def next_steps(metrics: Iterable[Metric]) -> str:
    """For each figure: what was seen; for what is not met also why, and what to do."""
    return "\n".join(map(_advice, advised(metrics)))


def failure_modes(modes: Sequence[str]) -> str:
    """The failure modes with their words."""
    lines = [f"- **{escape(mode)}** {escape(wording.failure_mode(mode))}" for mode in modes]
    return "\n".join(lines) or "None."


def changes(card: Scorecard) -> str:
    """What was fixed, regressed or is new, by the figures' names."""
    if card.changes is None:
        return "This is the first run of this drill."
    names = {metric.id: metric.name for metric in card.metrics}
    told = [
        f"**{what}**: {', '.join(escape(names.get(id_, id_)) for id_ in ids)}."
        for what, ids in _kinds(card.changes)
        if ids
    ]
    since = f"Compared with run {escape(card.changes.since)}: "
    return since + (" ".join(told) or "nothing changed.")


def _advice(group: Advised) -> str:
    first = group.first
    verdict_ = wording.verdict_of(first)[1]
    parts = [f"- **{escape(group.names)}**, {verdict_}: {escape(group.seen)}"]
    parts += [f"Likely cause: {escape(first.cause)}"] if first.cause else []
    parts += [f"Next step: {escape(first.next_step)}"] if first.next_step else []
    return "<br>".join(parts)


def _kinds(changed: Changes) -> list[tuple[str, list[str]]]:
    return [("Fixed", changed.fixed), ("Regressed", changed.regressed), ("New", changed.new)]


def _outcome(outcome: wording.Outcome) -> str:
    return wording.marked(wording.tone_of(outcome), outcome)


def _numbers(seqs: Sequence[int]) -> str:
    return ", ".join(map(str, seqs)) or "none"


def _facts(card: Scorecard, records: Sequence[Recorded]) -> str:
    started = f"{card.started_at:%Y-%m-%d %H:%M:%S} UTC"
    lasted = figures.seconds(figures.lasted(records), 1)
    undone = "everything was undone" if card.settled else "**not everything was undone**"
    return (
        f"Drill {escape(card.drill)} on {escape(card.environment)}, started {started}, "
        f"lasted {lasted}, {card.ended}; {undone}. Run {escape(card.run)}."
    )


def _left(records: Sequence[Recorded]) -> str:
    changes = ", ".join(map(escape, left(records)))
    return f"{LEFT}: {changes}." if changes else ""


def _acknowledgement(card: Scorecard) -> str:
    ack = card.acknowledgement
    after = figures.measured(ack.after, ack.bound)
    return (
        f"{_outcome(ack.outcome)}. {wording.ACKNOWLEDGEMENT[ack.outcome]} "
        f"Role: {escape(ack.role or 'nobody on call')}; after the escalation: {after}; "
        f"events: {_numbers(ack.events)}."
    )


def _access(card: Scorecard, records: Sequence[Recorded]) -> list[str]:
    if not card.access:
        return []
    rows = [
        [escape(row.check), escape(row.person), _outcome(row.answer), row.grade or "none",
         _numbers(row.events)]
        for row in card.access
    ]  # fmt: skip
    found = ["## Access", table(["Check", "Person", "Answer", "Evidence", "Events"], rows)]
    if lines := mends(card, records):
        found += [f"{wording.MEND}:", "\n".join(f"    {line}" for line in lines)]
    return found


def _runbook(runbook: RunbookResult | None, records: Sequence[Recorded]) -> list[str]:
    if runbook is None:
        return []
    titles, denied = step_titles(records), denied_in(records)
    rows = [
        [
            escape(titles.get(step.step, step.step)),
            wording.marked(wording.step_tone(step), wording.step_word(step, denied)),
            "required" if step.required else "no",
            figures.measured(step.after, None),
            escape(", ".join(step.by) or "nobody seen"),
            step.grade or "none",
            _numbers(step.events),
        ]
        for step in runbook.steps
    ]
    head = ["Step", "Outcome", "Required", "After the ACK", "By", "Evidence", "Events"]
    name = f"{escape(runbook.name)}, revision {escape(runbook.revision)}."
    return ["## Runbook", name, table(head, rows)]


def _trend(card: Scorecard) -> list[str]:
    if card.trend is None:
        return []
    told = f"{card.trend} of 100 points; for watching a trend over runs, and never a gate."
    costs = [f"- {cost.points} points for {escape(cost.what)}" for cost in card.costs]
    return ["## Trend figure", "\n".join([told, "", *costs] if costs else [told])]


def _timeline(card: Scorecard, records: Sequence[Recorded]) -> str:
    rows = (
        [
            str(record.seq),
            figures.offset((record.event.occurred_at - card.started_at).total_seconds(), 2),
            escape(record.event.source),
            escape(say(record.event)),
        ]
        for record in records
    )
    body = table(["No.", "After start", "Source", "What happened"], rows)
    summary = f"<summary>{len(records)} events, sealed by {escape(card.chain)}</summary>"
    return f"<details>\n{summary}\n\n{body}\n\n</details>"
