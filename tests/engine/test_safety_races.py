"""Two runs want one environment at the same moment: one starts, the other gets exit code 3."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import make_url, select

from drillmaster.process import ProcessIdentity
from drillmaster.timeline import log
from drillmaster.timeline.chain import verify
from drillmaster.timeline.store import Store, sqlite_url
from drillmaster.timeline.tables import runs
from tests.support.definitions import REPOSITORY
from tests.support.drills import DRILL, eventually, write_project
from tests.support.ledger import opened
from tests.support.postgres import Postgres, postgres

__all__ = ["postgres"]

RACES = 50


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(sqlite_url(tmp_path / "drillmaster.db"))
    server: Postgres = request.getfixturevalue("postgres")
    return server.scratch_url()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store.open(make_url(url))
    yield store
    store.close()


class Racer:
    """A process of `tests.support.racer`."""

    def __init__(self, name: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.racer", name],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@contextmanager
def racers() -> Iterator[list[Racer]]:
    both = [Racer(name) for name in ("a", "b")]
    try:
        yield both
    finally:
        for racer in both:
            racer.process.kill()
            racer.process.communicate()


def race(both: list[Racer], url: str, environment: str) -> list[str]:
    """What both come to, sorted."""
    begin = time.monotonic() + 0.02
    for racer in both:
        racer.say(f"{url} {environment} {begin}")
    return sorted(racer.hear() for racer in both)


def owners(store: Store, environment: str) -> list[str]:
    with store.read() as connection:
        wanted = runs.c.environment == environment
        free = select(runs.c.run).where(wanted, runs.c.state != "settled")
        return list(connection.scalars(free))


def test_one_of_two_gets_the_environment(url: str, store: Store) -> None:
    with racers() as both:
        race(both, url, "warm-up")
        for number in range(RACES):
            environment = f"e{number}"
            lost, won = race(both, url, environment)
            assert lost == "3"
            assert won == f"got {owners(store, environment)[0]}"
            assert len(owners(store, environment)) == 1


def test_the_first_two_runs_ever_make_the_store(tmp_path: Path) -> None:
    with racers() as both:
        for number in range(20):
            url = str(sqlite_url(tmp_path / f"{number}.db"))
            assert race(both, url, "sandbox")[0] == "3"


def test_one_of_two_gets_an_environment_that_a_dead_run_holds(
    url: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both want to settle it first: one does, the other waits, and only then they race."""
    dead = ProcessIdentity.mine().model_copy(update={"pid": 2**22 + 1})
    with monkeypatch.context() as patch:
        patch.setattr(ProcessIdentity, "mine", lambda: dead)
        for number in range(10):
            opened(store, f"left-{number}", f"e{number}")
    with racers() as both:
        race(both, url, "warm-up")
        for number in range(10):
            assert race(both, url, f"e{number}")[0] == "3"
            assert len(owners(store, f"e{number}")) == 1
            assert verify(log.read(store, f"left-{number}"))


WAIT_AND_RUN = """\
import sys, time
from drillmaster.cli import main
begin, *arguments = sys.argv[1:]
time.sleep(max(0, float(begin) - time.monotonic()))
sys.exit(main(arguments))
"""


def start(folder: Path, database: str, begin: float) -> "subprocess.Popen[str]":
    """A `drillmaster run` that begins at a moment."""
    return subprocess.Popen(
        [sys.executable, "-c", WAIT_AND_RUN, str(begin), "run", "throttled"],
        cwd=folder,
        env={**os.environ, "DRILLMASTER_DATABASE_URL": database, "TEST_RACE": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def left_of(folder: Path) -> list[psutil.Process]:
    left = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("TEST_RACE") == str(folder):
                left.append(process)
        except psutil.Error:
            continue
    return left


def test_two_whole_runs(tmp_path: Path) -> None:
    """Both find a store that nobody has made yet, too."""
    race_of_runs(str(sqlite_url(tmp_path / "drillmaster.db")), tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(RACES))
def test_fifty_times_two_whole_runs(url: str, tmp_path: Path, number: int) -> None:
    race_of_runs(url, tmp_path)


def race_of_runs(url: str, folder: Path) -> None:
    write_project(folder, DRILL.replace("duration: 2m", "duration: 2s"))
    begin = time.monotonic() + 0.5
    both = [start(folder, url, begin) for _ in range(2)]
    said = [racer.communicate(timeout=90)[0] for racer in both]
    ended = {racer.returncode: text for racer, text in zip(both, said, strict=True)}
    assert sorted(ended) == [3, 4], said
    assert "holds the environment sandbox" in ended[3]
    assert "its longest duration, 2 s, is over" in ended[4]
    assert not any("Traceback" in text for text in said)
    store = Store.open(make_url(url))
    try:
        with store.read() as connection:
            (row,) = connection.execute(select(runs)).all()
        assert (row.state, row.ended) == ("settled", "aborted")
        assert verify(log.read(store, row.run))
    finally:
        store.close()
    eventually(lambda: left_of(folder) == [], 10, "no process is left")
