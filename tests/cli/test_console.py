"""Tables on a terminal and in a pipe: nothing is cut, and what is piped has no blanks behind it."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drillmaster.engine.books import ledger
from drillmaster.timeline.log import append
from drillmaster.timeline.store import Store, sqlite_url
from tests.support.definitions import SHIPPED, copy_of
from tests.support.drills import COMMAND, DRILL, write_project
from tests.support.faulty import owing
from tests.support.ledger import new_run
from tests.support.timeline_definitions import DRILL as TIMED
from tests.support.timeline_definitions import ENVIRONMENT, changed
from tests.support.timelines import Story

DRILLED = "checkout-degraded-while-the-primary-is-on-a-long-flight"
WHERE = "staging-of-the-shop-in-the-north"


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("DRILLMASTER_DATABASE_URL", raising=False)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(sqlite_url(tmp_path / ".drillmaster" / "drillmaster.db"))
    yield store
    store.close()


def settled(store: Store) -> None:
    run = replace(new_run("20261124-224935-7f3a", WHERE), drill=DRILLED)
    story = Story(changed(TIMED, name=DRILLED), changed(ENVIRONMENT, name=WHERE)).completed(12)
    started, *rest = story.events
    with store.write() as connection:
        hold = ledger.open_run(connection, run, datetime.now(UTC))
        ours = started.model_copy(update={"run": run.run})
        append(connection, run.run, hold.fence, [ours, *rest])
        ledger.close(connection, hold, "settled", "completed", time.time())


def piped(*arguments: str) -> list[str]:
    done = subprocess.run(
        [*COMMAND, *arguments],
        env=os.environ,  # not what a library of ours, such as readline, adds for its children
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.stdout.splitlines()


def on_terminal(*arguments: str) -> list[str]:
    """What a terminal of 80 columns shows, without its colours."""
    shell = f"stty cols 80 && exec {' '.join([*COMMAND, *arguments])}"
    done = subprocess.run(
        ["script", "-qec", shell, "/dev/null"],
        env={**os.environ, "TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", done.stdout).splitlines()


def test_a_piped_listing_has_each_run_whole_on_a_line(store: Store) -> None:
    settled(store)
    _, line = piped("runs")
    assert line.split() == [
        "20261124-224935-7f3a",
        DRILLED,
        WHERE,
        "completed",
        "unverified",
        "(simulated)",
    ]


def test_a_narrow_terminal_breaks_names_and_cuts_none(store: Store) -> None:
    settled(store)
    shown = on_terminal("runs")
    assert all(len(line.rstrip()) <= 80 for line in shown), shown
    assert "…" not in "".join(shown)
    begins = shown[0].index("Drill")
    ends = shown[0].index("Environment")
    assert "".join(line[begins:ends].strip() for line in shown[1:]) == DRILLED


@pytest.mark.parametrize(
    "arguments", [["runs"], ["status"], ["plan", "checkout-degraded"], ["preflight", "sandbox"]]
)
def test_no_piped_line_ends_in_blanks(store: Store, tmp_path: Path, arguments: list[str]) -> None:
    copy_of(SHIPPED, tmp_path)
    settled(store)
    owing(store, "throttle", "a-fault-with-a-name")
    lines = piped(*arguments)
    assert len(lines) > 2
    assert [line for line in lines if line != line.rstrip()] == []


def test_a_piped_scorecard_has_no_blanks_behind_it_either(tmp_path: Path) -> None:
    path = write_project(tmp_path, DRILL.replace("status: 200", "status: 418"))
    lines = piped("run", str(path))
    assert any("was refused" in line for line in lines)
    assert [line for line in lines if line != line.rstrip()] == []
    assert all(len(line) <= 80 for line in lines[lines.index("Figures") :] if "Reports" not in line)
