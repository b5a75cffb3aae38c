"""A drill while it runs: a small view on a terminal, and plain lines anywhere else.

A terminal can go away, or stand still, at any time, and a drill must still be undone.
So a thread of its own prints: whoever reports an event neither waits for the terminal
nor hears of its failures, and nothing is printed after the first of them.
"""

import queue
import textwrap
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from rich.cells import cell_len
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from drillmaster.clock import Clock, SteadyClock
from drillmaster.reports.figures import offset
from drillmaster.reports.plain import ascii_only, one_line
from drillmaster.reports.progress import Progress, State
from drillmaster.reports.wording import ICONS, SIMULATED
from drillmaster.reports.words import say
from drillmaster.timeline.chain import Recorded

TICK = 0.25
"""Seconds between two paints, so that the time on the screen moves."""

PATIENCE = 2.0
"""Seconds that `stop` waits for a terminal that stands still."""

NAMES = 17
"""Columns taken by the icons and names of the phases."""

_ICONS: dict[State, str] = {
    "waiting": ICONS["plain"], "going": ">", "good": ICONS["good"], "bad": ICONS["bad"],
}  # fmt: skip

_STYLES: dict[State, str] = {
    "waiting": "dim", "going": "bold cyan", "good": "bold green", "bad": "bold red",
}  # fmt: skip


class LiveProgress:
    """Shows a run's events as they are recorded. `start`, then `event` for each, then `stop`.

    None of them raises or waits for the terminal, but for `stop`, which waits a little.
    What else is printed meanwhile goes through the same console, which keeps it apart.
    With `plain`, lines are printed on a terminal too: for when somebody types there.
    """

    def __init__(
        self, console: Console, clock: Clock | None = None, *, plain: bool = False
    ) -> None:
        self._records: queue.SimpleQueue[Recorded | None] = queue.SimpleQueue()
        lively = console.is_terminal and not console.is_dumb_terminal and not plain
        screen = _View(console, clock or SteadyClock()) if lively else _Lines(console)
        self._thread = threading.Thread(
            target=_print, args=(self._records, screen), name="progress", daemon=True
        )

    def start(self) -> None:
        """Begin to show."""
        self._thread.start()

    def event(self, record: Recorded) -> None:
        """Show an event."""
        self._records.put(record)

    def stop(self) -> None:
        """Show what is left; a view stays on the screen, and the cursor is given back."""
        self._records.put(None)
        self._thread.join(PATIENCE)


class _Lines:
    """A line for each event."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._start: datetime | None = None

    def open(self) -> None:
        """Nothing to do."""

    def add(self, record: Recorded) -> None:
        """Print it."""
        at = record.event.occurred_at
        self._start = self._start or at
        line = f"{_since(self._start, at):<7} {say(record.event)}"
        if self._console.options.ascii_only:
            line = ascii_only(line)
        if self._console.is_terminal:  # a terminal would break within words
            line = textwrap.fill(line, self._console.width, subsequent_indent=" " * 8)
        self._console.file.write(line + "\n")
        self._console.file.flush()

    def paint(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


class _View:
    """The phases of the drill, painted over and over."""

    def __init__(self, console: Console, clock: Clock) -> None:
        self._console = console
        self._clock = clock
        self._live = Live(
            console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
        )
        self._progress = Progress()
        self._last = ""
        self._start: tuple[datetime, float] | None = None
        self._sealed_after: float | None = None

    def open(self) -> None:
        """Take the lower end of the screen."""
        self._live.start()

    def add(self, record: Recorded) -> None:
        """Take it in; it is seen with the next paint."""
        at = record.event.occurred_at
        self._start = self._start or (at, self._clock.monotonic())
        self._last = f"{_since(self._start[0], at):<7} {say(record.event)}"
        self._progress.add(record)
        if record.event.type == "run-sealed":
            self._sealed_after = (at - self._start[0]).total_seconds()

    def paint(self) -> None:
        """Show where the drill stands."""
        self._live.update(self._group(), refresh=True)

    def close(self) -> None:
        """Leave the last view and give the cursor back."""
        self._live.stop()
        self._console.line()

    def _group(self) -> Group:
        now = self._sealed_after or self._elapsed()
        head = Text(f"{offset(now)}  ", "bold").append(self._shown(self._progress.title))
        if self._progress.simulated:
            head.append(f"  {SIMULATED}", "bold yellow")
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True)
        room = self._console.width - NAMES
        for phase in self._progress.phases():
            style = _STYLES[phase.state]
            cells = (Text(self._shown(_ICONS[phase.state]), style), Text(phase.name, style))
            grid.add_row(*cells, Text(self._shown(_flow(phase.parts, room))))
        last = Text(self._shown(self._last), "dim", no_wrap=True, overflow="ellipsis")
        return Group(head, grid, last)

    def _elapsed(self) -> float:
        return self._clock.monotonic() - self._start[1] if self._start else 0.0

    def _shown(self, text: str) -> str:
        return ascii_only(text) if self._console.options.ascii_only else text


def _print(records: "queue.SimpleQueue[Recorded | None]", screen: _View | _Lines) -> None:
    sound, running = _survives(screen.open), True
    while running:
        try:
            record = records.get(timeout=TICK)
        except queue.Empty:
            record = None
        else:
            running = record is not None
        if record is not None:
            sound = sound and _survives(partial(screen.add, record))
        if records.empty():
            sound = sound and _survives(screen.paint)
    _survives(screen.close)  # the cursor is given back even if painting failed


def _survives(act: Callable[[], None]) -> bool:
    try:
        act()
    except (Exception, SystemExit):  # Rich exits when a pipe is closed
        return False
    return True


def _since(start: datetime, at: datetime) -> str:
    return offset((at - start).total_seconds())


def _flow(parts: Sequence[str], width: int) -> str:
    """The parts beside each other, each kept whole where a line has room for it."""
    lines = [""]
    for part in map(one_line, parts):
        joined = f"{lines[-1]}  {part}" if lines[-1] else part
        if cell_len(joined) <= width or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(part)
    return "\n".join(lines)
