"""A run that nothing can settle is released on a person's word, and never becomes ready."""

import contextlib
import os
import pty
import signal
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import select, text, update

from drillmaster.clock import SteadyClock
from drillmaster.engine.books.ledger import BusyError, Hold
from drillmaster.engine.books.recorder import Recorder
from drillmaster.engine.settling import accepting, reaper
from drillmaster.engine.settling.accepting import Stuck, accept, examine
from drillmaster.errors import InvalidError, StuckError
from drillmaster.process import ProcessIdentity
from drillmaster.results.conclusion import conclude
from drillmaster.results.listing import list_runs, status
from drillmaster.targets.base import UnreachableError
from drillmaster.timeline import log
from drillmaster.timeline.chain import ChainError, verify
from drillmaster.timeline.events import FaultIntended, RunSealed, StuckAccepted
from drillmaster.timeline.log import LostError
from drillmaster.timeline.store import Store
from drillmaster.timeline.tables import runs
from tests.support.drills import COMMAND, command, running, write_project
from tests.support.faulty import Staging, owing, staging
from tests.support.ledger import opened

LOST = "DELETE FROM obligations WHERE obligation = 'r1-f'"
UNREADABLE = "UPDATE runs SET owner = '[]' WHERE run = 'r1'"


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Staging:
    """A target without a fault, and runs whose owner is dead."""
    dead = ProcessIdentity.mine().model_copy(update={"pid": 2**22 + 1})
    monkeypatch.setattr(ProcessIdentity, "mine", lambda: dead)
    return staging(monkeypatch)


def tamper(store: Store, statement: str) -> None:
    with store.write() as connection:
        assert connection.execute(text(statement)).rowcount > 0


def lost(store: Store) -> Hold:
    """A run whose fault the ledger has lost, and no mark tells of it."""
    hold = owing(store, "f")
    recorder = Recorder(store, hold, SteadyClock(), "runner")
    recorder.record(recorder.make(FaultIntended, fault="f", kind="broken"))
    tamper(store, LOST)
    return hold


def kept(store: Store) -> tuple[str, str | None, str | None]:
    """What the run's row has of its state, and of the word of a person."""
    with store.read() as connection:
        row = connection.execute(select(runs)).one()
    return row.state, row.accepted_by, row.accepted_why


def examined(store: Store) -> Stuck:
    found = examine(store, "r1")
    assert found is not None
    return found


def test_a_lost_obligation_is_released_and_recorded(store: Store, there: Staging) -> None:
    lost(store)
    found = examined(store)
    assert [one.partition(":")[0] for one in found.left] == ["fault f"]
    assert found.unseen is None
    accept(store, found, by="ana", why="I looked at the proxy")
    assert status(store).runs == []
    events = [record.event for record in verify(log.read(store, "r1"))]
    word, seal = events[-2:]
    assert isinstance(word, StuckAccepted)
    assert (word.by, word.why, word.left) == ("ana", "I looked at the proxy", found.left)
    assert isinstance(seal, RunSealed)
    assert not seal.settled
    assert kept(store) == ("settled", "ana", "I looked at the proxy")
    opened(store, "r2")  # the environment is free
    with pytest.raises(InvalidError, match="nothing to accept"):
        examine(store, "r1")


@pytest.mark.parametrize(
    "damage",
    [
        UNREADABLE,
        "UPDATE runs SET state = 'banana'",
        "UPDATE runs SET fence = 'x'",
        "UPDATE runs SET settlement = '[]'",
    ],
)
def test_a_row_that_cannot_be_read_is_released(store: Store, there: Staging, damage: str) -> None:
    owing(store)
    tamper(store, damage)
    ((_, settled),) = reaper.reap(store)
    assert settled.stuck
    accept(store, examined(store), by="ana", why="w")
    assert reaper.reap(store) == []
    found = status(store)
    assert (found.runs, found.unreadable) == ([], [])
    opened(store, "r2")


def test_a_timeline_to_which_nothing_can_be_bound_is_released_in_the_row_alone(
    store: Store, there: Staging
) -> None:
    owing(store)
    tamper(store, "UPDATE events SET line = '{'")
    accept(store, examined(store), by="ana", why="w")
    assert status(store).unreadable == []
    assert kept(store) == ("settled", "ana", "w")
    with pytest.raises(ChainError):
        conclude(store, "r1")


def test_it_is_refused_while_the_target_shows_the_fault(store: Store, there: Staging) -> None:
    owing(store, "f")
    there.kind.there |= {"r1-f", "r9-f"}
    tamper(store, UNREADABLE)
    with pytest.raises(StuckError, match=r"still shows r1-f of run r1.*sweep sandbox --all"):
        examine(store, "r1")
    there.kind.there.discard("r1-f")
    assert examined(store).unseen is None, "another run's fault is no matter"


def test_what_settles_after_all_needs_no_word(store: Store, there: Staging) -> None:
    owing(store, "f")
    there.kind.there.add("r1-f")
    assert examine(store, "r1") is None
    assert there.kind.there == set()
    assert kept(store) == ("settled", None, None)


def test_a_target_that_does_not_answer_is_told_of(
    store: Store, there: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost(store)

    def silent() -> list[Any]:
        raise UnreachableError("no route to it")

    monkeypatch.setattr(there.target, "marks", silent)
    found = examined(store)
    assert found.unseen == "no route to it"
    accept(store, found, by="ana", why="w")
    word = log.read(store, "r1")[-2].event
    assert isinstance(word, StuckAccepted)
    assert word.unseen == "no route to it"


def test_a_run_that_somebody_lives_for_is_refused(store: Store) -> None:
    opened(store)
    with pytest.raises(BusyError, match="not stuck"):
        examine(store, "r1")
    with pytest.raises(InvalidError, match="knows no run 'r7'"):
        examine(store, "r7")


@pytest.mark.parametrize("who", ["owner", "descendant"])
def test_it_is_refused_while_a_process_of_the_run_lives(
    store: Store, there: Staging, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    owing(store)
    tamper(store, "UPDATE runs SET lease_until = 'x'")
    with subprocess.Popen(["sleep", "60"]) as process:
        if who == "owner":
            with store.write() as connection:
                living = ProcessIdentity.of(process.pid).as_data()
                connection.execute(update(runs).values(owner=living))
        else:
            alive = [psutil.Process(process.pid)]
            monkeypatch.setattr(accepting, "members", lambda *_: alive)
        with pytest.raises(StuckError, match=rf"live: \[{process.pid}\]"):
            examine(store, "r1")
        process.kill()


def test_whoever_took_it_over_meanwhile_keeps_it(store: Store, there: Staging) -> None:
    lost(store)
    found = examined(store)
    tamper(store, "UPDATE runs SET fence = fence + 1")
    with pytest.raises(LostError):
        accept(store, found, by="ana", why="w")


def said(folder: Path, run: str, keys: str) -> tuple[int, str]:
    """`reap --accept` at a terminal, where somebody types; its exit code and what it said."""
    master, terminal = pty.openpty()
    try:
        with subprocess.Popen(
            [*COMMAND, "reap", "--accept", run, "--because", "I looked"],
            cwd=folder,
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            os.write(master, keys.encode())
            told = process.stdout.read()
        return process.returncode, told
    finally:
        os.close(master)
        os.close(terminal)


def test_a_killed_drill_whose_record_is_damaged(tmp_path: Path) -> None:
    drill = write_project(tmp_path)
    with running(tmp_path, str(drill)) as life:
        life.await_fault("throttle")
        for number in (signal.SIGSTOP, signal.SIGKILL):  # none may undo what another left
            for process in life.processes():
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(number)
        run = life.row().run
        tamper(life.store, "UPDATE runs SET owner = '[]'")
        assert command(tmp_path, "reap").returncode == 5
        shown = command(tmp_path, "status")
        assert (shown.returncode, f"reap --accept {run}" in shown.stdout) == (5, True)

        words = f"nothing of {run} is left\n"
        code, told = said(tmp_path, run, words)
        assert code == 5, "the throttle is still in"
        assert f"still shows {run}-" in " ".join(told.split())

        assert command(tmp_path, "sweep", "sandbox", "--all", "--yes").returncode == 0
        assert life.marks() == []
        for keys in ("y\n", "\x04"):
            code, told = said(tmp_path, run, keys)
            assert (code, told.rstrip().splitlines()[-1]) == (2, "nothing was done"), told
        nobody = command(tmp_path, "reap", "--accept", run, "--because", "w")
        assert (nobody.returncode, "a person at a terminal" in nobody.stderr) == (2, True)
        half = command(tmp_path, "reap", "--accept", run)
        assert (half.returncode, "belong together" in half.stderr) == (2, True)
        assert command(tmp_path, "status").returncode == 5

        code, told = said(tmp_path, run, words)
        assert (code, f"Run {run} is released on your word" in told) == (0, True), told
        assert command(tmp_path, "status").returncode == 0
        assert [type(event) for event in life.events()[-2:]] == [StuckAccepted, RunSealed]
        (line,), unreadable = list_runs(life.store)
        assert (line.readiness, line.accepted_why, unreadable) == ("not ready", "I looked", [])
        command(tmp_path, "report", run)
        assert life.row().readiness == "not ready"
