"""Whatever a runner started is seen dead, and nobody else's process is touched."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from drillmaster.engine.drill.children import Watchdog
from drillmaster.engine.machine import processes
from drillmaster.engine.machine.processes import members, see_dead
from drillmaster.engine.settling import watchdog
from drillmaster.errors import StuckError
from drillmaster.process import MARK, ProcessIdentity
from tests.support.drills import eventually
from tests.support.hands import fresh_store

RUN = "20261124-224935-0000"

CHILD = "import subprocess, sys, time; {start}; print(child.pid, flush=True); time.sleep(60)"
"""A runner that starts a child in some way, and tells its pid."""


@contextmanager
def runner(start: str, run: str = RUN) -> Iterator[tuple[ProcessIdentity, int]]:
    """A runner that has started a child: who it is, and the child."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD.format(start=start)],
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, MARK: run},
    )
    assert process.stdout is not None
    child = int(process.stdout.readline())
    try:
        yield ProcessIdentity.of(process.pid), child
    finally:
        for pid in (child, process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def runs(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


SLEEP = "['sleep', '60']"
PLAIN = f"child = subprocess.Popen({SLEEP})"
LEFT = f"child = subprocess.Popen({SLEEP}, start_new_session=True)"
BARE = f"child = subprocess.Popen({SLEEP}, env={{}})"


@pytest.mark.parametrize("start", [PLAIN, LEFT, BARE])
def test_a_runner_and_its_child_are_killed(start: str) -> None:
    with runner(start) as (who, child):
        assert see_dead(RUN, who, grace=0.0, deadline=5) == "killed"
        assert not who.alive_here()
        assert not runs(child)


@pytest.mark.parametrize("start", [PLAIN, LEFT, BARE])
def test_the_child_of_a_dead_runner_is_killed(start: str) -> None:
    with runner(start) as (who, child):
        os.kill(who.pid, signal.SIGKILL)
        see_dead(RUN, who, grace=0.5, deadline=5)
        assert not runs(child)


def test_a_stopped_runner_is_killed() -> None:
    with runner(PLAIN) as (who, child):
        os.kill(who.pid, signal.SIGSTOP)
        began = time.monotonic()
        assert see_dead(RUN, who, grace=20, deadline=5) == "killed"
        assert time.monotonic() - began < 10, "it rolls nothing back: nobody waits for that"
        assert not runs(child)


def test_a_host_that_got_another_name_is_the_same() -> None:
    with runner(PLAIN) as (who, child):
        named = who.model_copy(update={"host": "before"})
        see_dead(RUN, named, grace=0.0, deadline=5)
        assert not who.alive_here()
        assert not runs(child)


@pytest.mark.parametrize("other", [{"boot": "before"}, {"namespace": "pid:[1]"}])
def test_a_runner_elsewhere_is_nobody_here(other: dict[str, str]) -> None:
    with runner(PLAIN, run="another") as (who, child):
        elsewhere = who.model_copy(update=other)
        assert "another one" in see_dead(RUN, elsewhere, grace=0.0, deadline=1)
        assert runs(who.pid)
        assert runs(child)


def test_a_zombie_is_dead() -> None:
    with runner(PLAIN) as (who, child):
        os.kill(child, signal.SIGKILL)
        os.kill(who.pid, signal.SIGKILL)
        eventually(lambda: not who.alive_here(), 5, "it is a zombie")
        assert psutil.Process(who.pid).status() == psutil.STATUS_ZOMBIE
        assert see_dead(RUN, who, grace=0.0, deadline=5) == "ended by itself"


def test_whoever_has_its_number_now_is_not_touched() -> None:
    """The pid, and with it the group's number, was reused since."""
    with runner(PLAIN, run="another") as (stranger, child):
        before = stranger.model_copy(update={"started": stranger.started - 1})
        assert members(RUN, before) == []
        see_dead(RUN, before, grace=0.0, deadline=1)
        assert runs(stranger.pid)
        assert runs(child)


def test_other_runs_and_ourselves_are_not_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    with runner(PLAIN, run="another") as (stranger, child):
        see_dead(RUN, None, grace=0.0, deadline=1)
        assert runs(stranger.pid)
        assert runs(child)


def test_what_does_not_die_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_kill", lambda _: None)
    with runner(PLAIN) as (who, _), pytest.raises(StuckError, match="do not die"):
        see_dead(RUN, who, grace=0.0, deadline=0.2)


def test_a_stopped_runner_of_a_run_that_never_began_is_killed(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    with runner(PLAIN) as (who, child):
        os.kill(who.pid, signal.SIGSTOP)
        assert watchdog._over(store, RUN, supervisor_gone=True)
        assert not who.alive_here()
        assert not runs(child)
    store.close()


def test_a_stopped_runner_whose_supervisor_died_early_is_killed(tmp_path: Path) -> None:
    """It told the watchdog which run it is, and died before the answer."""
    store = fresh_store(tmp_path)
    with runner(PLAIN) as (who, child):
        os.kill(who.pid, signal.SIGSTOP)
        watching = Watchdog()
        watching._talk.write(json.dumps({"database": store.secret_url(), "run": RUN}) + "\n")
        watching.close()
        eventually(lambda: not who.alive_here() and not runs(child), 30, "both are killed")
        watching._process.wait()
    store.close()
