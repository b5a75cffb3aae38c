"""A drill while it runs: a small view on a terminal, and plain lines anywhere else.

A terminal can go away at any time, and a drill must still be undone: whatever fails
here, no exception leaves it, and nothing is printed after the first failure.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

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

NAMES = 17
"""Columns taken by the icons and names of the phases."""

_ICONS: dict[State, str] = {
    "waiting": ICONS["plain"], "going": ">", "good": ICONS["good"], "bad": ICONS["bad"],
}  # fmt: skip

_STYLES: dict[State, str] = {
    "waiting": "dim", "going": "bold cyan", "good": "bold green", "bad": "bold red",
}  # fmt: skip


class LiveProgress:
    """Shows a run's events as they are recorded. `start`, then `event` for each, then `stop`."""

    def __init__(self, console: Console, clock: Clock | None = None) -> None:
        self._console = console
        self._clock = clock or SteadyClock()
        self._ascii = console.options.ascii_only
        self._progress = Progress()
        self._last = ""
        self._began: tuple[datetime, float] | None = None
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._broken = False
        self._live: Live | None = None
        self._ticker: threading.Thread | None = None

    def start(self) -> None:
        """Begin to show; a no-op where lines are printed."""
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._live = Live(console=self._console, auto_refresh=False, redirect_stdout=False,
                              redirect_stderr=False)  # fmt: skip
            self._safely(self._live.start)
            self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True)
            self._ticker.start()

    def event(self, record: Recorded) -> None:
        """Show an event."""
        with self._lock:
            if self._began is None:
                self._began = (record.event.occurred_at, self._clock.monotonic())
            after = (record.event.occurred_at - self._began[0]).total_seconds()
            self._last = f"{offset(after):<7} {say(record.event)}"
            self._safely(lambda: self._progress.add(record))
            self._safely(self._paint if self._live else self._print)

    def stop(self) -> None:
        """Leave the last view on the screen and give the cursor back."""
        self._stopped.set()
        if self._ticker:
            self._ticker.join()
        if self._live:
            self._broken = False  # the cursor is given back even if painting failed
            self._safely(self._live.stop)

    def _tick(self) -> None:
        while not self._clock.wait(self._stopped, TICK):
            with self._lock:
                self._safely(self._paint)

    def _safely(self, act: Callable[[], None]) -> None:
        if self._broken:
            return
        try:
            act()
        except (Exception, SystemExit):  # Rich exits the program when a pipe is closed
            self._broken = True

    def _print(self) -> None:
        line = ascii_only(self._last) if self._ascii else self._last
        self._console.file.write(line + "\n")
        self._console.file.flush()

    def _paint(self) -> None:
        if self._live:
            self._live.update(self._view(), refresh=True)

    def _view(self) -> Group:
        now = self._clock.monotonic() - self._began[1] if self._began else 0.0
        head = Text(f"{offset(now)}  ", "bold").append(self._text(self._progress.title))
        if self._progress.simulated:
            head.append(f"  {SIMULATED}", "bold yellow")
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="ellipsis")
        room = self._console.width - NAMES
        for phase in self._progress.phases():
            style = _STYLES[phase.state]
            cells = (Text(self._text(_ICONS[phase.state]), style), Text(phase.name, style))
            grid.add_row(*cells, Text(self._text(_flow(phase.parts, room))))
        last = Text(self._text(self._last), "dim", no_wrap=True, overflow="ellipsis")
        return Group(head, grid, last)

    def _text(self, text: str) -> str:
        return ascii_only(text) if self._ascii else text


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
