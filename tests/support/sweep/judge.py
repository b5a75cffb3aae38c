"""Follows one drill from its start to the end of its last process, and judges."""

import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from drillmaster.errors import DrillmasterError
from drillmaster.sandbox.launch import wait_until_gone
from drillmaster.timeline import log
from drillmaster.timeline.chain import verify
from drillmaster.timeline.events import FaultIntended, FaultUndone
from tests.support.drills import COMMAND
from tests.support.sweep.fate import Fate
from tests.support.sweep.life import Life
from tests.support.sweep.moments import Moment
from tests.support.sweep.ways import (
    RUNNER,
    WATCHDOG,
    Way,
    freeze_runner_kill_supervisor,
    kill_runner,
    kill_watchdog,
)

LEASE = 5.0
"""Seconds that a frozen supervisor may cost."""

SOON = 10.0
"""Seconds in which everything must be undone and settled."""

WHOLE = 90.0
"""Seconds that a drill and its settlement may take, on a machine that does other things."""


def live(way: Way, moment: Moment, folder: Path) -> Fate:
    """Live one life, and tell what became of it."""
    life = Life(folder, terminal=way.terminal)
    try:
        return _Judge(life, way, moment).judge()
    finally:
        life.close()


class _Judge:
    """Follows one life from its start to the end of its last process."""

    def __init__(self, life: Life, way: Way, moment: Moment) -> None:
        self._life = life
        self._way = way
        self._fate = Fate(way.name, moment)
        self._hit = 0.0
        self._seen = 0.0
        self._early = True
        """When a mark was last seen."""

    def judge(self) -> Fate:
        life, way, fate = self._life, self._way, self._fate
        self._await_moment()
        before = life.row()
        self._early = before is None or before.state == "open"
        fate.had_fault = life.look()
        self._hit = self._seen = time.monotonic()
        way.act(life)
        fate.struck = life.struck
        self._follow(settled_before=before is not None and before.state == "settled")
        if way.frozen:
            life.send(signal.SIGCONT, supervisor=True)
        self._await_exit()
        if way.unwatched:
            self._reap()
        self._follow_to_the_end()
        self._check()
        return fate

    def _await_moment(self) -> None:
        life, moment = self._life, self._fate.moment
        until = time.monotonic() + WHOLE
        while not life.begun(moment.stage):
            life.look()
            if time.monotonic() > until or life.process.poll() is not None:
                break
            time.sleep(0.002)
        begun = life.started if moment.stage == "start" else time.monotonic()
        while time.monotonic() < begun + moment.after:
            if life.address is None:
                life.look()
            time.sleep(0.002)

    def _look(self) -> None:
        if self._life.look():
            self._seen = time.monotonic()

    def _follow(self, settled_before: bool) -> None:
        """Look until the run is settled, as far as anybody is left who settles it."""
        life, way = self._life, self._way
        until = time.monotonic() + (LEASE if way.frozen else 0) + SOON
        if way.signal is None and not self._dead_at_once():
            until += WHOLE  # the drill goes on, and takes its time
        while time.monotonic() < until:
            self._look()
            row = life.row()
            if row is not None and row.state == "settled":
                if self._fate.struck and not settled_before:
                    self._fate.settled = time.monotonic() - self._hit
                break
            if row is None and (life.process.poll() is not None or way.frozen):
                break  # nothing was begun
            if way.unwatched and life.process.poll() is not None and self._quiet():
                break
            time.sleep(0.005)
        if self._fate.struck and self._seen > self._hit:
            self._fate.undone = self._seen - self._hit

    def _dead_at_once(self) -> bool:
        time.sleep(0.02)
        return self._life.process.poll() is not None or self._way.frozen

    def _quiet(self) -> bool:
        """Whether the watchdog is gone, so that nobody will settle any more."""
        return not self._life.processes(WATCHDOG) and not self._life.processes(RUNNER)

    def _await_exit(self) -> None:
        try:
            self._fate.code = self._life.process.wait(WHOLE)
        except subprocess.TimeoutExpired:
            self._fate.problems.append("the supervisor does not end")

    def _reap(self) -> None:
        row = self._life.row()
        if row is None or row.state == "settled":
            return
        reaped = subprocess.run(
            [*COMMAND, "reap"],
            cwd=self._life.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=WHOLE,
        )
        if reaped.returncode != 0:
            self._fate.problems.append(f"reap: exit {reaped.returncode}: {reaped.stdout}")
        self._look()
        self._fate.settled = time.monotonic() - self._hit
        if self._seen > self._hit:
            self._fate.undone = self._seen - self._hit

    def _follow_to_the_end(self) -> None:
        """See every process gone, the sandbox too once it is let go."""
        life = self._life
        until = time.monotonic() + SOON
        if life.hold is not None and life.hold.alive():
            if life.look():
                self._fate.problems.append("a fault is in force")
            if not life.served():
                self._fate.problems.append("requests are not served")
            life.hold.close()
        while (left := life.processes()) and time.monotonic() < until:
            time.sleep(0.05)
        if left:
            names = [" ".join(one.cmdline()[-3:]) for one in left]
            self._fate.problems.append(f"processes are left: {names}")
        if life.address is not None and not wait_until_gone(life.address, 5):
            self._fate.problems.append("the sandbox stays")

    def _check(self) -> None:
        fate, life = self._fate, self._life
        row = life.row()
        fate.ended = row.ended if row is not None else None
        if row is not None:
            self._check_run(row)
        if b"Traceback" in life.said and not self._python_itself():
            fate.problems.append("a traceback: " + life.said.decode(errors="replace")[-3000:])
        if fate.code not in self._codes():
            fate.problems.append(
                f"exit {fate.code} is none of {sorted(self._codes())}: "
                + life.said.decode(errors="replace")[-600:]
            )
        fate.problems += [f"left behind: {path}" for path in self._left_files()]
        for name, seconds in (("undone", fate.undone), ("settled", fate.settled)):
            if seconds is not None and seconds > self._allowed():
                fate.problems.append(f"{name} only after {seconds:.1f} s")

    def _check_run(self, row: Any) -> None:
        fate, life = self._fate, self._life
        if row.state != "settled":
            fate.problems.append(f"the run is {row.state}")
            return
        try:
            records = verify(log.read(life.store, row.run))
        except DrillmasterError as error:
            fate.problems.append(f"the chain: {error}")
            return
        events = [record.event for record in records]
        intended = {event.fault for event in events if isinstance(event, FaultIntended)}
        undone = {event.fault: event.by for event in events if isinstance(event, FaultUndone)}
        fate.by = ",".join(sorted(set(undone.values())))
        if intended - set(undone) or set(life.faults().values()) - {"undone"}:
            fate.problems.append(f"not undone: {intended - set(undone)}, {life.faults()}")

    def _allowed(self) -> float:
        """Seconds in which all must be over. A drill that merely goes on takes its own."""
        if self._fate.code in {3, 4} and self._fate.moment.stage == "start":
            return WHOLE
        return SOON + (LEASE if self._way.frozen else 0)

    def _codes(self) -> set[int]:
        """The exit codes that are right."""
        way, ended, stage = self._way, self._fate.ended, self._fate.moment.stage
        by_end = {"interrupted": {130}, "refused": {3}, "aborted": {4}}.get(ended or "", set())
        if way.act.__name__.startswith("kill_") and way.act not in {kill_runner, kill_watchdog}:
            over = by_end if stage in {"undo", "end"} else set()
            return {-signal.SIGKILL} | over  # it may have ended before the kill
        if way.act is freeze_runner_kill_supervisor:
            return {-signal.SIGKILL} | (by_end if stage in {"undo", "end"} else set())
        if way.signal is None:
            return by_end or {3}  # without a run: the watchdog did not start
        if ended is None:
            return {
                -way.signal,
                130,
                *({1} if self._python_itself() else ()),
            }  # before any handler stood, or just then
        if self._early:
            return {130}
        return by_end | {130}

    def _python_itself(self) -> bool:
        """Whether the key was pressed before the first line of ours ran: Python says so in
        its own way."""
        return self._fate.ended is None and b"drillmaster" not in self._life.said

    def _left_files(self) -> Iterator[Path]:
        folder = self._life.folder
        killed = self._fate.code == -signal.SIGKILL
        usual = {"drillmaster.db", "drillmaster.db-wal", "drillmaster.db-shm"}
        for path in folder.rglob("*"):
            parts = path.relative_to(folder).parts
            wanted = (
                parts[0] == "drills"
                or (parts[0] == ".drillmaster" and (len(parts) == 1 or parts[1] in usual))
                # Who is killed while it writes reports leaves some; the next report removes it.
                or (parts[0] == "reports" and (killed or not _hidden(parts)))
                or parts in {("tmp",), ("state",)}
            )
            if not wanted:
                yield path


def _hidden(parts: Iterable[str]) -> bool:
    return any(part.startswith(".") for part in parts)
