"""The store fails in the middle of a whole drill: injection stops, what is in is taken back
within seconds, and the next command records the rest once the store is there again."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from drillmaster.timeline.store import Store, StoreError, sqlite_url
from tests.support.drills import (
    ENVIRONMENT,
    RunningDrill,
    command,
    eventually,
    running,
    status,
    write_project,
)
from tests.support.hands import fresh_store
from tests.support.postgres import Postgres, own_postgres
from tests.support.require import missing

__all__ = ["own_postgres"]

QUICK = ENVIRONMENT + "timing: {lease: 2s, heartbeat: 500ms, request: 1s, undo: 4s}\n"
"""The environment, with times that a test can wait for."""

SOON = 6.0
"""Seconds until nothing is left at the target: a lease, and the answer to a slow question."""


@contextmanager
def small_disk(folder: Path, options: str = "size=1m") -> Iterator[Path]:
    """A file system of its own, for root alone."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        missing("root", "only root may mount a file system")
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        missing("root", "no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Use the disk up, to its last byte."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return filler


def failing_store(drill: RunningDrill, fail: Callable[[], Any], mend: Callable[[], Any]) -> str:
    """Let the store fail while a fault is in, until the drill is over; what it said."""
    drill.await_fault("throttle")
    fail()
    try:
        eventually(lambda: drill.marks() == [], SOON, "no mark at the target")
        eventually(drill.served, SOON, "every request is served")
        assert drill.process.wait(60) == 5
        said = drill.output()
    finally:
        mend()
    assert "Traceback" not in said
    assert said.strip().splitlines()[-1].startswith("NOT UNDONE: the run could not be closed")
    return said


def repaired(drill: RunningDrill) -> None:
    """The next command settles what could not be recorded."""
    reaped = command(drill.folder, "reap")
    row = drill.await_settled(20)  # by the watchdog, if it was first
    assert reaped.returncode == 0, reaped.stdout + reaped.stderr
    assert row.ended == "aborted"
    assert drill.events()
    assert status(drill.folder)["runs"] == []
    assert drill.marks() == []
    eventually(lambda: drill.processes() == [], 15, "no process is left")


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    path = write_project(tmp_path, environment=QUICK)
    with small_disk(tmp_path / ".drillmaster") as disk, running(tmp_path, str(path)) as drill:
        said = failing_store(drill, lambda: fill(disk), (disk / "filler").unlink)
        assert "full" in said
        repaired(drill)
        drill.store.close()


def put_back(away: Path, here: Path) -> None:
    shutil.rmtree(here, ignore_errors=True)
    away.rename(here)


def test_a_store_whose_file_is_taken_away(tmp_path: Path) -> None:
    path = write_project(tmp_path, environment=QUICK)
    here, away = tmp_path / ".drillmaster", tmp_path / "away"
    with running(tmp_path, str(path)) as drill:
        said = failing_store(drill, lambda: here.rename(away), lambda: put_back(away, here))
        assert "removed" in said
        drill.store.close()
        drill.store = Store.open(sqlite_url(here / "drillmaster.db"))
        repaired(drill)


def test_a_server_that_is_stopped(
    own_postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = own_postgres.scratch_url()
    monkeypatch.setenv("DRILLMASTER_DATABASE_URL", url)
    path = write_project(tmp_path, environment=QUICK)
    with running(tmp_path, str(path)) as drill:
        said = failing_store(drill, own_postgres.stop, own_postgres.start)
        assert str(make_url(url).password) not in said
        drill.store.close()
        drill.store = Store.open(make_url(url))
        repaired(drill)
        drill.store.close()


def test_reports_that_cannot_be_written(tmp_path: Path) -> None:
    """The drill is what it was, and its record is whole."""
    path = write_project(tmp_path, environment=QUICK)
    path.write_text(path.read_text().replace("duration: 2m", "duration: 1s"))
    with small_disk(tmp_path / "reports", "ro"):
        done = command(tmp_path, "run", "throttled")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "The drill was aborted: its longest duration, 1 s, is over." in done.stdout
    assert "the reports cannot be written to reports/" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert command(tmp_path, "report").returncode == 0
    assert list((tmp_path / "reports").glob("*/scorecard.html"))


def test_a_store_that_can_only_be_read(tmp_path: Path) -> None:
    """Nothing is touched."""
    write_project(tmp_path, environment=QUICK)
    fresh_store(tmp_path).close()
    with small_disk(tmp_path / ".drillmaster") as disk:
        shutil.copy(tmp_path / "drillmaster.db", disk)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        done = command(tmp_path, "run", "throttled")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "the store cannot be" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_file_that_is_not_the_one_that_was_opened(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    path = tmp_path / "drillmaster.db"
    with store.read():
        pass
    shutil.copy(path, tmp_path / "copy.db")
    path.unlink()
    for look in (store.read, store.write):
        with pytest.raises(StoreError, match="removed"), look():
            pass
    assert not path.exists()
    (tmp_path / "copy.db").rename(path)
    with pytest.raises(StoreError, match="another one"), store.read():
        pass
    store.close()
