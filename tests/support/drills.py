"""Whole drills in processes of their own, as a user starts them, for tests that kill."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import psutil
from sqlalchemy import make_url, select

from drillmaster.sandbox.launch import hold, wait_until_gone
from drillmaster.timeline import log
from drillmaster.timeline.chain import verify
from drillmaster.timeline.events import Event
from drillmaster.timeline.store import Store, sqlite_url
from drillmaster.timeline.tables import obligations, runs
from tests.support.hands import fresh_store

T = TypeVar("T")

COMMAND = [sys.executable, "-m", "drillmaster.cli"]
"""Drillmaster, as a user starts it."""

DRILL = """\
schema: drillmaster/v1
kind: drill
name: throttled
title: Every request is refused
environment: sandbox
service: checkout
steady_state:
  - name: checkout answers
    http: {url: "{{ urls.checkout }}/healthz", status: 200}
faults:
  - throttle: {namespace: shop, selector: app=checkout, share: 100%}
  - pod-churn: {namespace: shop, selector: app=checkout, kill: 25%, every: 1s}
  - unreachable-primary: {by: drill-policy}
escalation: {summary: checkout refuses every request}
targets: {secondary_response: 60s}
limits: {duration: 2m, pods: 50%}
"""

ENVIRONMENT = """\
schema: drillmaster/v1
kind: environment
name: sandbox
target: {kind: sandbox, replicas: 4, restart: 200ms}
oncall:
  provider: embedded
  policy:
    - {page: primary, timeout: 1s}
    - {page: secondary, timeout: 60s}
people:
  responder-1: {roles: [primary], simulate: silent}
  responder-2: {roles: [secondary], simulate: silent}
urls: {checkout: "http://127.0.0.1:{{ ports.proxy }}"}
limits: {pods: 50%}
"""


def eventually(look: Callable[[], T], seconds: float, what: str, every: float = 0.02) -> T:
    """What `look` gives once it is true; fails when it is not in time. It looks less often
    the longer it takes: to look costs processor time, which what it waits for needs."""
    until = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < until, f"not within {seconds:g} s: {what}"
        time.sleep(every)
        every = min(every * 1.2, 0.1)


def write_project(folder: Path, drill: str = DRILL, environment: str = ENVIRONMENT) -> Path:
    """A drills folder with one drill and one environment; the drill's path."""
    (folder / "drills" / "environments").mkdir(parents=True)
    (folder / "drills" / "environments" / "sandbox.yaml").write_text(environment)
    path = folder / "drills" / "throttled.yaml"
    path.write_text(drill)
    return path


class RunningDrill:
    """A `drillmaster run` in a process group of its own, and its sandbox, held."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.mark = uuid4().hex
        self.folder = folder
        given = os.environ.get("DRILLMASTER_DATABASE_URL")
        self.store = Store.open(make_url(given)) if given else store_below(folder)
        self.process = subprocess.Popen(
            [*COMMAND, "run", *arguments],
            cwd=folder,
            env={**os.environ, "DRILLMASTER_TEST_MARK": self.mark},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )
        self.address: dict[str, Any] = {}

    def row(self) -> Any:
        """The run's row, once there is one."""
        with self.store.read() as connection:
            return connection.execute(select(runs).order_by(runs.c.started_at.desc())).first()

    def events(self) -> list[Event]:
        """What the timeline of the run tells, which is over; its chain verifies."""
        return [record.event for record in verify(log.read(self.store, self.row().run))]

    def events_so_far(self) -> list[Event]:
        """What the timeline of a run tells that is under way: it bears no seal yet."""
        return [record.event for record in log.read(self.store, self.row().run)]

    def output(self) -> str:
        """All that the command printed, once it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.read()

    def faults(self) -> dict[str, str]:
        """State by fault."""
        with self.store.read() as connection:
            rows = connection.execute(select(obligations).where(obligations.c.kind == "fault"))
            return {row.undo["name"]: row.state for row in rows}

    def runner_pid(self) -> int:
        """The runner's process."""
        return int(self.row().runner["pid"])

    def await_target(self, seconds: float = 60) -> None:
        """Wait for the sandbox, and learn its address."""

        def look() -> Any:
            assert self.process.poll() is None, self.process.stdout and self.process.stdout.read()
            row = self.row()
            return row and row.settlement.get("target")

        self.address = eventually(look, seconds, "a target")

    def await_fault(self, name: str, seconds: float = 60) -> None:
        """Wait until a fault is in."""

        def look() -> bool:
            if self.faults().get(name) == "injected":
                return True
            assert self.process.poll() is None, self.output()
            return False

        eventually(look, seconds, f"{name} is in")

    def await_settled(self, seconds: float) -> Any:
        """Wait until the run is settled; its row."""

        def look() -> Any:
            row = self.row()
            return row if row.state == "settled" else None

        return eventually(look, seconds, "the run is settled")

    def served(self, count: int = 8) -> bool:
        """Whether the proxy serves that many requests in a row."""
        with httpx.Client(base_url=self.address["proxy"], trust_env=False, timeout=2) as client:
            return all(client.get("/checkout").status_code == 200 for _ in range(count))

    def marks(self) -> list[Any]:
        """The faults that the sandbox itself shows."""
        headers = {"Authorization": f"Bearer {self.address['token']}"}
        answer = httpx.get(f"{self.address['admin']}/v1/faults", headers=headers, trust_env=False)
        return list(answer.json())

    def processes(self) -> list[psutil.Process]:
        """Every living process that the drill started, but for its sandbox."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            return process.environ().get("DRILLMASTER_TEST_MARK") == self.mark
        except (psutil.Error, OSError):
            return False

    def clean_up(self) -> None:
        """Kill whatever is left, so that a failed test leaves nothing."""
        for process in self.processes():
            process.send_signal(signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.store.close()


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[RunningDrill]:
    """A drill whose sandbox is up, and stays up while the test looks at it."""
    drill = RunningDrill(folder, *arguments)
    try:
        drill.await_target()
        with hold(drill.address):
            yield drill
        assert wait_until_gone(drill.address, 5), "the sandbox stays"
    finally:
        drill.clean_up()


def command(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A command in a folder, as somebody types it who types nothing else."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


def status(folder: Path) -> dict[str, Any]:
    """`drillmaster status --json` in a folder."""
    return dict(json.loads(command(folder, "status", "--json").stdout))


def store_below(folder: Path) -> Store:
    """The store of the commands in a folder."""
    hidden = folder / ".drillmaster"
    if (hidden / "drillmaster.db").exists():
        return Store.open(sqlite_url(hidden / "drillmaster.db"))
    hidden.mkdir(exist_ok=True)
    return fresh_store(hidden)
