"""`--responder me`: somebody at the keyboard is the secondary, in a real drill."""

import io
import json
import os
import pty
import select
import signal
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from drillmaster.cli.terminal import TerminalResponder
from drillmaster.definitions.project import open_bundle
from drillmaster.oncall.channels.base import Page
from tests.support.drills import COMMAND, command, eventually
from tests.support.shipped import DRILLS


class Keyboard:
    """A drill at a terminal, and all that it has printed so far."""

    def __init__(self, folder: Path, drill: str = "checkout-degraded") -> None:
        self._keys, terminal = pty.openpty()
        self.process = subprocess.Popen(
            [*COMMAND, "run", str(DRILLS / f"{drill}.yaml"), "--responder", "me"],
            cwd=folder,
            env=os.environ,
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        os.close(terminal)
        self.printed = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line

    def reads(self, text: str) -> None:
        eventually(lambda: text in self.printed, 60, f"{text!r} is printed")

    def types(self, line: str, then: str) -> None:
        self.presses(f"{line}\n".encode())
        self.reads(then)

    def presses(self, keys: bytes) -> None:
        os.write(self._keys, keys)

    def ends(self) -> int:
        code = self.process.wait(60)
        self._reader.join(10)
        return code

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        os.close(self._keys)


@pytest.fixture
def keyboard(tmp_path: Path) -> Iterator[Keyboard]:
    keyboard = Keyboard(tmp_path)
    yield keyboard
    keyboard.close()


def test_a_person_at_the_keyboard_becomes_ready(keyboard: Keyboard, tmp_path: Path) -> None:
    keyboard.presses(b"a\n")  # before there is anything to acknowledge
    keyboard.reads("You are paged")
    keyboard.types("?", then="→ With Enter: a acknowledge")
    assert "you acknowledged" not in keyboard.printed
    keyboard.presses(b"\xff\n")
    keyboard.reads("is not understood")
    keyboard.presses(b"n \xff\n")
    keyboard.reads("→ noted")
    keyboard.types("9", then="there is no step 9")
    keyboard.types("x [/]", then="'x [/]' is not understood, and nothing was done")
    keyboard.types("n", then="'n' is not understood")
    keyboard.types("a", then="you acknowledged")
    keyboard.types("1", then="view checkout")
    keyboard.types("2", then="What do you do?")
    keyboard.types("1", then="lift-throttle checkout")
    keyboard.types("n the throttle is lifted", then="noted")
    keyboard.types("3", then="scale checkout")
    keyboard.reads("the drill is over")
    times = keyboard.printed.count("→ the drill is over")
    keyboard.presses(b"4\n")  # it may read this, or drop it: never does it fail
    assert keyboard.ends() == 0, keyboard.printed
    (folder,) = (tmp_path / "reports").iterdir()
    card = json.loads((folder / "scorecard.json").read_text())
    assert card["readiness"] == "ready"
    assert (card["simulated"], card["played"]) == (False, []), "nobody rings the primary"
    assert "simulated" not in card["sentence"]
    told = " ".join(keyboard.printed.split())
    assert "You are the secondary, as responder-2: what you do is real, and measured." in told
    assert "The drill keeps the primary (responder-1) silent" in told
    assert "SIMULATED" not in told
    assert times == 1
    assert "did not work" not in keyboard.printed
    acknowledged = "responder-2 acknowledged through terminal, as secondary"
    assert acknowledged in " ".join(keyboard.printed.split())
    assert {step["grade"] for step in card["runbook"]["steps"][:3]} == {"proved"}


def test_a_primary_who_is_played_is_told_of_as_such(tmp_path: Path) -> None:
    keyboard = Keyboard(tmp_path, "checkout-hand-over")
    try:
        keyboard.reads("You are paged")
        keyboard.types("a", then="you acknowledged")
        keyboard.process.send_signal(signal.SIGINT)
        assert keyboard.ends() == 130
    finally:
        keyboard.close()
    told = " ".join(keyboard.printed.split())
    assert "The primary (responder-1) is simulated, and every report says so." in told
    means = "Whoever was primary was simulated; what the secondary did is a person's own."
    assert f"SIMULATED: {means}" in told
    (folder,) = (tmp_path / "reports").iterdir()
    card = json.loads((folder / "scorecard.json").read_text())
    assert (card["simulated"], card["played"]) == (True, ["primary"])
    assert means in (folder / "scorecard.md").read_text()
    assert "Whoever was primary was simulated" in (folder / "scorecard.html").read_text()


def test_an_unsound_decision_does_nothing(keyboard: Keyboard) -> None:
    keyboard.reads("You are paged")
    keyboard.types("a", then="you acknowledged")
    keyboard.types("2", then="What do you do?")
    keyboard.types("7", then="'7' is no number from 1 to 3: nothing was done")
    keyboard.types("2", then="What do you do?")
    keyboard.types("3", then="you chose 'restart checkout', which the runbook does not call sound")
    assert "did lift-throttle" not in keyboard.printed
    keyboard.presses(b"\x04")
    keyboard.reads("the keyboard has ended (Ctrl-D): go on at http://")


def test_a_file_of_keys_is_nobody(tmp_path: Path) -> None:
    refused = command(tmp_path, "run", str(DRILLS / "checkout-degraded.yaml"), "--responder", "me")
    assert refused.returncode == 2
    assert "standard input is none" in refused.stderr
    assert not (tmp_path / ".drillmaster").exists()


PAGE = Page(
    page="page-1",
    incident="incident-1",
    run="r1",
    service="checkout",
    severity="critical",
    summary="[DRILL] checkout fails",
    person="responder-2",
    role="secondary",
    level=2,
    at=datetime(2026, 11, 24, 10, 0, tzinfo=UTC),
    links={"page": "http://127.0.0.1:9"},
)


def test_what_is_typed_after_the_end_reaches_no_shell() -> None:
    keys, terminal = pty.openpty()
    with os.fdopen(keys, "wb", buffering=0) as typed, os.fdopen(terminal) as read:
        me = TerminalResponder(Console(file=io.StringIO()), "responder-2", keys=read)
        typed.write(b"rm report\nn half a l")
        assert select.select([read], [], [], 5)[0], "it waits for whoever reads next"
        me.close()
        typed.write(b"next\n")
        assert os.read(read.fileno(), 100) == b"next\n"


def test_with_ones_own_tools_a_step_shows_its_text() -> None:
    read, write = os.pipe()
    printed = io.StringIO()
    with os.fdopen(read) as keys, os.fdopen(write, "w") as typed:
        me = TerminalResponder(Console(file=printed, width=40), "responder-2", keys=keys)
        bundle = open_bundle(str(DRILLS / "kubernetes-pod-churn.yaml"), None)
        me.ready("r1", bundle, {"kind": "kubernetes"})
        typed.write("1\n")
        typed.flush()
        me.show(PAGE)
        eventually(lambda: "with your own tools" in printed.getvalue(), 10, "it is said")
    assert "kubectl --namespace shop get deployment checkout" in printed.getvalue()
