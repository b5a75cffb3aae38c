"""A drill while it runs, on a terminal and elsewhere; whatever becomes of the terminal."""

import io
import os
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from rich.console import Console

from drillmaster.reports import live
from drillmaster.reports.terminal import LiveProgress
from drillmaster.scoring.scorecard import Scorecard
from drillmaster.timeline.chain import Recorded
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

ESCAPE = re.compile(r"\x1b\[[?0-9;]*[a-zA-Z]|\r")


def shown(
    timeline: Sequence[Recorded],
    *,
    terminal: bool,
    plain: bool = False,
    encoding: str = "utf-8",
    term: str = "xterm",
) -> str:
    """All that is written while these events come in."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    console = Console(file=file, width=80, force_terminal=terminal, _environ={"TERM": term})
    progress = LiveProgress(console, plain=plain)
    progress.start()
    for record in timeline:
        progress.event(record)
    progress.stop()
    file.seek(0)
    return file.read()


def view(timeline: Sequence[Recorded]) -> list[str]:
    """The last view on a terminal, line by line."""
    painted = shown(timeline, terminal=True).rpartition("\x1b[2K")[2]
    return [line.rstrip() for line in ESCAPE.sub("", painted).strip().splitlines()]


def phase(timeline: Sequence[Recorded], name: str) -> str:
    """What the view says of a phase."""
    (line,) = [line for line in view(timeline) if line[3:].startswith(name)]
    return line


def test_elsewhere_each_event_is_a_plain_line() -> None:
    lines = shown(records(), terminal=False).splitlines()
    assert len(lines) == len(records())
    assert "+6.8s   responder-2 acknowledged through link, as secondary" in lines
    assert "+34.9s  Fault pod-churn undone by the runner" in lines


def unwrapped(lines: str) -> str:
    """Lines that were wrapped for a terminal, as they were before."""
    return lines.replace("\n" + " " * 8, " ")


def test_lines_can_be_asked_for_on_a_terminal() -> None:
    lines = shown(records(), terminal=True, plain=True)
    assert unwrapped(lines) == shown(records(), terminal=False)


def test_a_terminal_that_cannot_move_its_cursor_gets_lines() -> None:
    lines = shown(records(), terminal=True, term="dumb")
    assert unwrapped(lines) == shown(records(), terminal=False)


def test_on_a_terminal_lines_break_between_words() -> None:
    lines = shown(records(), terminal=True, plain=True).splitlines()
    assert max(map(len, lines)) <= 80


def test_long_lines_are_not_broken() -> None:
    note = event(1, "note-added", "intake", person="responder-2", text="word " * 60)
    assert len(shown(chained([started(), note]), terminal=False).splitlines()) == 2


def test_a_whole_run_in_a_view() -> None:
    assert view(records()) == [
        "+37.1s  checkout-degraded on sandbox  SIMULATED",
        "✓  guard         4 rules hold",
        "✓  steady state  2 of 2 questions met",
        "✓  faults        pod-churn undone  throttle undone",
        "✓  page          level 2, secondary: responder-2, by terminal",
        "✓  ACK           responder-2 (secondary) by link",
        "✗  access        2 allowed, 1 denied",
        "✗  runbook       ✓ Look at the dashboard  ✓ Lift the throttle  · Scale out",
        "                 ✓ Tell the team",
        "✓  undo          everything undone, completed",
        "+37.1s  Run sealed: completed, everything undone",
    ]


def test_a_runbook_is_done_when_its_required_steps_are() -> None:
    steps = [
        {"id": "look", "title": "Look"},
        {"id": "tell", "title": "Tell the team", "optional": True},
    ]
    done = event(
        4,
        "step-evidenced",
        "target",
        step="look",
        person="responder-2",
        grade="proved",
        how="audit",
    )
    timeline = chained([started(definitions={"runbook": {"steps": steps}}), done])
    assert phase(timeline, "runbook") == "✓  runbook       ✓ Look  · Tell the team"


def test_what_has_not_begun_waits() -> None:
    timeline = chained([*before(), *failing()])
    assert (
        phase(timeline, "faults") == ">  faults        pod-churn effect seen  throttle effect seen"
    )
    assert phase(timeline, "ACK") == "·  ACK"
    assert phase(timeline, "undo") == "·  undo"


def test_a_repeated_fault_stays_what_it_was_seen_to_be() -> None:
    timeline = chained([*before(), *failing(), *responding()])
    assert "pod-churn effect seen  throttle undone" in phase(timeline, "faults")


@pytest.mark.parametrize(
    ("kind", "fields", "name", "said"),
    [
        ("guard-checked", {"rule": "drillable", "passed": False, "message": "no"},
         "guard", "✗  guard         refused by drillable"),
        ("fault-stuck", {"fault": "throttle", "reason": "no answer"},
         "faults", "✗  faults        throttle STUCK"),
        ("page-failed", {"page": "p", "channel": "webhook", "reason": "gone"},
         "page", ">  page          level 2, secondary: responder-2, webhook failed"),
        ("policy-exhausted", {"incident": "i"}, "ACK", "✗  ACK           nobody answered"),
        ("acknowledgement-withdrawn", {"incident": "i", "person": "responder-2"},
         "ACK", "✗  ACK           responder-2 took it back"),
        ("steady-state-lost", {"names": ["checkout answers"]},
         "undo", "✗  undo          steady state did not return: checkout answers"),
        ("run-sealed", {"ended": "aborted", "settled": False},
         "undo", "✗  undo          NOT everything undone, aborted"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_marked(
    kind: str, fields: dict[str, object], name: str, said: str
) -> None:
    escalated = {"incident": "i", "level": 2, "role": "secondary", "people": ["responder-2"]}
    told = [
        event(1, "escalated", "oncall", **escalated, why="timeout"),
        event(2, kind, "supervisor", **fields),
    ]
    assert phase(chained([started(), *told]), name) == said


def test_a_lost_steady_state_is_not_made_good_by_the_seal() -> None:
    told = [*after()[:-3], event(40, "steady-state-lost", "supervisor", names=["x"]), after()[-1]]
    assert phase(chained([started(), *told]), "undo").startswith("✗")


def test_a_console_without_unicode_is_enough() -> None:
    for terminal in (True, False):
        text = shown(records(), terminal=terminal, encoding="ascii")
        assert text.isascii()
    assert "+  guard" in ESCAPE.sub("", shown(records(), terminal=True, encoding="ascii"))


@a_few
@given(scorecards())
def test_no_event_steers_the_terminal(drawn: tuple[Scorecard, list[Recorded]]) -> None:
    for terminal in (True, False):
        rest = ESCAPE.sub("", shown(drawn[1], terminal=terminal))
        assert all(char.isprintable() or char in "\n\u200c\u200d" for char in rest)


class Broken(io.StringIO):
    """A terminal that went away."""

    def __init__(self, failure: BaseException, sound: int) -> None:
        super().__init__()
        self._failure, self._sound = failure, sound

    def write(self, text: str) -> int:
        self._sound -= 1
        if self._sound < 0:
            raise self._failure
        return super().write(text)


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("sound", [0, 1, 3])
@pytest.mark.parametrize(
    "failure", [OSError(5, "Input/output error"), ValueError("closed"), RuntimeError()], ids=repr
)
def test_a_terminal_that_goes_away_is_not_noticed(
    failure: Exception, sound: int, terminal: bool
) -> None:
    file = Broken(failure, sound)
    console = Console(file=file, width=80, force_terminal=terminal, _environ={"TERM": "xterm"})
    progress = LiveProgress(console)
    progress.start()
    for record in records():
        progress.event(record)
    progress.stop()


PROGRAM = """
import sys
from rich.console import Console
from drillmaster.reports.terminal import LiveProgress
from tests.reports.sample import records

progress = LiveProgress(Console(force_terminal=sys.argv[1] == "terminal"))
progress.start()
for record in records():
    progress.event(record)
progress.stop()
sys.stderr.write("went on")
"""


@pytest.mark.parametrize("kind", ["terminal", "lines"])
def test_a_closed_pipe_does_not_end_the_program(kind: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-c", PROGRAM, kind]
    environment = os.environ | {"TERM": "xterm"}
    result = subprocess.run(
        command,
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=Path(__file__).parents[2],
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert result.stderr.decode().startswith("went on")


class Frozen(io.StringIO):
    """A terminal that stands still."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()

    def write(self, text: str) -> int:
        self.go_on.wait(30)
        return super().write(text)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_that_stands_still_holds_nobody_up(
    terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "PATIENCE", 0.1)
    file = Frozen()
    console = Console(file=file, width=80, force_terminal=terminal, _environ={"TERM": "xterm"})
    progress = LiveProgress(console)
    progress.start()
    for record in records():
        progress.event(record)
    progress.stop()
    assert file.getvalue() == ""
    file.go_on.set()


def test_the_time_moves_while_nothing_happens() -> None:
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=True, _environ={"TERM": "xterm"})
    progress = LiveProgress(console)
    progress.start()
    progress.event(records()[0])
    deadline = threading.Event()
    for _ in range(100):
        if re.search(r"\+0\.[3-9]s  checkout-degraded", ESCAPE.sub("", file.getvalue())):
            break
        deadline.wait(0.1)
    else:
        pytest.fail("the time on the screen stood still")
    progress.stop()
