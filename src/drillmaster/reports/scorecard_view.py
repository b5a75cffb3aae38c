"""The scorecard for a terminal of 80 columns, with colours or without."""

from collections.abc import Callable, Iterable, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from drillmaster.reports import figures, wording
from drillmaster.reports.advice import advised
from drillmaster.reports.left import LEFT, left
from drillmaster.reports.mends import mends
from drillmaster.reports.plain import ascii_only, tidy
from drillmaster.reports.tried import denied_in
from drillmaster.scoring.scorecard import Metric, Scorecard
from drillmaster.timeline.chain import Recorded

STYLES: dict[wording.Tone, str] = {
    "good": "bold green",
    "bad": "bold red",
    "unsure": "bold yellow",
    "plain": "dim",
}


def scorecard_view(scorecard: Scorecard, records: Sequence[Recorded] = ()) -> RenderableType:
    """The whole scorecard; what is not met says what to do. With the timeline, what was denied
    says what to paste."""
    return _View(tidy(scorecard), records)


def verdict_line(scorecard: Scorecard) -> Text:
    """The verdict on one line: `✗ NOT READY  checkout-degraded on sandbox  SIMULATED`."""
    return _verdict(tidy(scorecard))


class _View:
    """Renders when it is printed, because only then the console is known."""

    def __init__(self, card: Scorecard, records: Sequence[Recorded]) -> None:
        self._card, self._mends, self._left = card, mends(card, records), left(records)
        self._denied = denied_in(records)
        self._ascii = False

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        self._ascii = options.ascii_only
        card = self._card
        yield _verdict(card, ascii_only if self._ascii else str)
        yield self._text(wording.sentence_of(card))
        yield self._text(self._facts(), "dim")
        if self._left:
            yield self._text(f"{LEFT}: {', '.join(self._left)}", "dim")
        yield self._text(f"Run {card.run}", "dim")
        yield from self._section("Figures", self._metrics())
        not_met = [metric for metric in card.metrics if metric.verdict != "met"]
        if not_met:
            yield from self._section("What to do", self._advice(not_met))
        if card.access:
            lines = [f"{wording.MEND}:", *self._mends] if self._mends else []
            yield from self._section("Access", self._access(), *map(self._text, lines))
        if card.runbook:
            yield from self._section(f"Runbook {card.runbook.name}", self._steps())
        if card.failure_modes:
            modes = [f"{mode}  {wording.failure_mode(mode)}" for mode in card.failure_modes]
            yield from self._section("Failure modes exposed", *map(self._text, modes))
        yield from self._section("Since the last run", *map(self._text, self._changes()))
        if card.simulated:
            yield Text()
            yield self._text(
                f"{wording.SIMULATED}: {wording.simulated_means(self._card)}", STYLES["unsure"]
            )

    def _section(self, title: str, *parts: RenderableType) -> Iterable[RenderableType]:
        yield Text()
        yield self._text(title, "bold")
        for part in parts:
            yield Padding(part, (0, 0, 0, 2))

    def _facts(self) -> str:
        card = self._card
        undone = "everything undone" if card.settled else "NOT everything undone"
        started = f"{card.started_at:%Y-%m-%d %H:%M:%S} UTC"
        trend = "" if card.trend is None else f" · trend {card.trend} of 100"
        return f"{started} · {card.ended} · {undone}{trend}"

    def _metrics(self) -> Table:
        table = _grid("Verdict", "Figure", "Value", "Target", "Evidence")
        for metric in self._card.metrics:
            required = " *" if metric.required else ""
            table.add_row(
                self._marked(*wording.verdict_of(metric)),
                self._text(wording.capital(metric.name) + required),
                self._text(figures.value_of(metric)),
                self._text(figures.target_of(metric)),
                self._text(metric.evidence or "", "dim"),
            )
        table.caption = self._text("* required: a gate of readiness", "dim")
        table.caption_justify = "left"
        return table

    def _advice(self, metrics: Iterable[Metric]) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        for group in advised(metrics):
            seen = self._text(f"{group.names}: {group.seen}", "bold")
            told = (("Likely cause", group.first.cause), ("Next step", group.first.next_step))
            lines = [self._text(f"{what}: {why}") for what, why in told if why]
            table.add_row(self._outcome(group.first.verdict), Group(seen, *lines))
        return table

    def _access(self) -> Table:
        table = _grid("Answer", "Check", "Person")
        for row in self._card.access:
            cells = self._text(row.check), self._text(row.person)
            table.add_row(self._outcome(row.answer), *cells)
        return table

    def _steps(self) -> Table:
        table = _grid("Outcome", "Step", "After the ACK", "By")
        for step in self._card.runbook.steps if self._card.runbook else []:
            after = "" if step.after is None else figures.seconds(step.after)
            name = step.step + ("" if step.required else " (optional)")
            cells = name, after, ", ".join(step.by)
            marked = self._marked(wording.step_tone(step), wording.step_word(step, self._denied))
            table.add_row(marked, *map(self._text, cells))
        return table

    def _changes(self) -> list[str]:
        changes = self._card.changes
        if changes is None:
            return ["This is the first run of this drill."]
        names = {metric.id: metric.name for metric in self._card.metrics}
        told = [
            f"{what}: {', '.join(names.get(id_, id_) for id_ in ids)}"
            for what, ids in (
                ("Fixed", changes.fixed),
                ("Regressed", changes.regressed),
                ("New", changes.new),
            )
            if ids
        ]
        return told or ["Nothing changed."]

    def _outcome(self, outcome: wording.Outcome) -> Text:
        return self._marked(wording.tone_of(outcome), outcome)

    def _marked(self, tone: wording.Tone, word: str) -> Text:
        return self._text(wording.marked(tone, word), STYLES[tone])

    def _text(self, text: str, style: str = "") -> Text:
        return Text(ascii_only(text) if self._ascii else text, style)


def _verdict(card: Scorecard, shown: Callable[[str], str] = str) -> Text:
    tone = wording.tone_of(card.readiness)
    verdict = wording.marked(tone, card.readiness.upper())
    line = Text(shown(verdict), STYLES[tone], overflow="ellipsis")
    line.append(shown(f"  {card.drill} on {card.environment}"), "not dim")
    if card.simulated:
        line.append(f"  {wording.SIMULATED}", STYLES["unsure"])
    return line


def _grid(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for number, column in enumerate(columns):
        table.add_column(column, no_wrap=number == 0, overflow="fold")
    return table
