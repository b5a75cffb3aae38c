"""`--responder me`: the user of this terminal is the secondary.

What is typed goes through the same doors as everybody's: the links on the page, and the
target's own actions with the person's own token.
"""

import sys
import termios
import threading
from typing import Any, TextIO

import httpx
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from drillmaster.definitions.bundle import Bundle
from drillmaster.definitions.runbook import Decision, Runbook, Step
from drillmaster.definitions.units import shown
from drillmaster.engine.books.recorder import Observer
from drillmaster.oncall.channels.base import Page
from drillmaster.sandbox.steps import Action, Visit, deed_for
from drillmaster.targets.base import Address
from drillmaster.targets.sandbox import SandboxTarget
from drillmaster.timeline.chain import Recorded
from drillmaster.timeline.events import (
    AccessChecked,
    FaultIntended,
    GuardChecked,
    HistoryRecorded,
    PageDelivered,
    PageSent,
    SteadyStateChecked,
    UndoOrdered,
)

_PATIENCE = 5.0  # seconds that one act may take

HELP = (
    "With Enter: a acknowledge · 1, 2, … do a step · n TEXT write a note · h hand over · "
    "? this help"
)

OVER = "the drill is over: nothing more is taken down"

_NOT_MINE = (
    AccessChecked,
    FaultIntended,
    GuardChecked,
    HistoryRecorded,
    PageDelivered,
    PageSent,
    SteadyStateChecked,
)
"""What Drillmaster does around the responder: they have enough to read."""


def mine_alone(observer: Observer) -> Observer:
    """An observer that is told only what a responder in the terminal wants to read."""

    def told(record: Recorded) -> None:
        if not isinstance(record.event, _NOT_MINE):
            observer(record)

    return told


class TerminalResponder:
    """Shows the page, and does what is typed."""

    def __init__(self, console: Console, person: str, keys: TextIO = sys.stdin) -> None:
        self._console = console
        self._person = person
        self._keys = keys
        self._target: SandboxTarget | None = None
        self._runbook: Runbook | None = None
        self._link = ""
        self._over = threading.Event()

    def ready(self, _run: str, bundle: Bundle, address: Address) -> None:
        """The target is there: learn how to act on it."""
        sandbox = address["kind"] == "sandbox"
        self._target = SandboxTarget(address, _PATIENCE) if sandbox else None
        self._runbook = bundle.runbook

    def show(self, page: Page) -> None:
        """Show the page, and listen to the keys from now on."""
        first = not self._link
        if first:
            _forget_typed(self._keys)
        self._link = page.links["page"]
        self._console.print(Panel(Text(page.text), title="You are paged", border_style="bold"))
        self._console.print(self._menu())
        if first:
            threading.Thread(target=self._listen, name="keys", daemon=True).start()
            threading.Thread(target=self._tell_over, name="over", daemon=True).start()

    def hear(self, record: Recorded) -> None:
        """Learn when the drill is over. The supervisor tells, and must not wait for a terminal:
        a thread of our own says so."""
        if isinstance(record.event, UndoOrdered):
            self._over.set()

    def close(self) -> None:
        """Drop what was typed after the end: it is for no shell, and answers no question."""
        self._over.set()
        _forget_typed(self._keys)

    def _tell_over(self) -> None:
        self._over.wait()
        self._say(OVER)

    def _say(self, text: str) -> None:
        self._console.print(Text.assemble(("→ ", "dim"), text), soft_wrap=True)

    def _menu(self) -> Text:
        steps = self._steps()
        lines = [f"  {number}  {step.title}" for number, step in enumerate(steps, 1)]
        title = f"Runbook: {self._runbook.title}" if self._runbook else "There is no runbook"
        return Text("\n".join([title, *lines, HELP, f"On the web: {self._link}"]))

    def _listen(self) -> None:
        for line in self._keys:
            try:
                said = OVER if self._over.is_set() else self._obey(line.strip())
            except Exception as error:  # one act that fails must not make the terminal deaf
                ended = self._over.is_set()
                said = OVER if ended else f"that did not work: {type(error).__name__}"
            self._say(said)
        self._say(f"the keyboard has ended (Ctrl-D): go on at {self._link}")

    def _obey(self, line: str) -> str:
        match line.split(maxsplit=1):
            case ["a"]:
                return self._press("ack", "you acknowledged", via="terminal")
            case ["h"]:
                return self._press("hand-over", "you handed over")
            case ["n", text]:
                return self._press("note", "noted", text=text)
            case [number] if number.isdecimal():
                return self._do(int(number))
            case [] | ["?"]:
                return HELP
            case _:
                return f"{shown(line)} is not understood, and nothing was done. {HELP}"

    def _do(self, number: int) -> str:
        steps = self._steps()
        if not 1 <= number <= len(steps):
            return f"there is no step {number}"
        step = steps[number - 1]
        if self._target is None and step.text:  # their own tools do it: the text says how
            self._console.print(Text(step.text.strip()), soft_wrap=True)
        if step.decision is not None and (why_not := self._decide(step, step.decision)):
            return why_not
        deed = deed_for(step)
        if isinstance(deed, Action):
            return self._act(deed)
        if isinstance(deed, Visit):
            return f"answered {httpx.get(deed.url, timeout=_PATIENCE, trust_env=False).status_code}"
        return self._press(f"steps/{step.id}", f"reported: {step.title}")

    def _decide(self, step: Step, decision: Decision) -> str | None:
        """Ask; why nothing follows from the answer, or None where the step does."""
        self._console.print(Text(decision.question))
        for number, option in enumerate(decision.options, 1):
            self._console.print(Text(f"  {number}  {option}"))
        answer, most = self._keys.readline().strip(), len(decision.options)
        if self._over.is_set():
            return OVER
        if not answer.isdecimal() or not 1 <= int(answer) <= most:
            return f"{shown(answer)} is no number from 1 to {most}: nothing was done"
        choice = decision.options[int(answer) - 1]
        self._press(f"decisions/{step.id}", choice, choice=choice)
        if choice in decision.sound:
            return None
        return f"you chose {choice!r}, which the runbook does not call sound: nothing was done"

    def _act(self, action: Action) -> str:
        if self._target is None:  # it has tools of its own, and knows who uses them
            what = f"{action.action} {action.workload} in {action.namespace}"
            return f"do it with your own tools: {what}"
        me = self._target.identity(self._person)
        done = self._target.act(
            me, action.action, action.namespace, action.workload, dict(action.parameters)
        )
        return done.detail

    def _press(self, door: str, done: str, **form: Any) -> str:
        answer = httpx.post(f"{self._link}/{door}", json=form, timeout=_PATIENCE, trust_env=False)
        return done if answer.is_success else str(answer.json().get("error", answer.status_code))

    def _steps(self) -> list[Step]:
        return list(self._runbook.steps) if self._runbook else []


def _forget_typed(keys: TextIO) -> None:
    """Drop what was typed before there was a page to answer: it answers none."""
    if keys.isatty():
        termios.tcflush(keys, termios.TCIFLUSH)
