"""Follows one drill from its start to the end of its last process, and judges."""

import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.support.drills import COMMAND
from tests.support.sweep.checks import LEASE, WHOLE, check
from tests.support.sweep.fate import Fate
from tests.support.sweep.life import Life
from tests.support.sweep.moments import Moment
from tests.support.sweep.places import Place, SandboxPlace
from tests.support.sweep.ways import RUNNER, WATCHDOG, Way

_LONGEST = 15.0  # seconds to follow what is too late, so that it is known how late


def live(way: Way, moment: Moment, folder: Path, place: Place | None = None) -> Fate:
    """Live one life, in a sandbox if nothing else is said, and tell what became of it."""
    life = Life(folder, place or SandboxPlace(), terminal=way.terminal)
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
        """When a mark was last seen."""

    def judge(self) -> Fate:
        life, way, fate = self._life, self._way, self._fate
        self._await_moment()
        before = life.row()
        fate.early = before is None or before.state == "open"
        fate.had_fault = life.look()
        self._hit = self._seen = time.monotonic()
        fate.at = datetime.now(UTC)
        way.act(life)
        fate.struck = life.struck
        self._follow(settled_before=before is not None and before.state == "settled")
        if way.frozen:
            life.send(signal.SIGCONT, supervisor=True)
        self._await_exit()
        if way.unwatched:
            self._reap()
        self._follow_to_the_end()
        fate.problems += check(life, way, fate)
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
            if not life.found:
                life.look()
            time.sleep(0.002)

    def _look(self) -> None:
        if self._life.look():
            self._seen = time.monotonic()

    def _follow(self, settled_before: bool) -> None:
        """Look until the run is settled, as far as anybody is left who settles it."""
        life, way = self._life, self._way
        until = time.monotonic() + (LEASE if way.frozen else 0) + _LONGEST
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
        """See the target well, and every process gone, a sandbox's too once it is let go."""
        life = self._life
        until = time.monotonic() + _LONGEST
        self._fate.problems += life.place.problems()
        while (left := life.processes()) and time.monotonic() < until:
            time.sleep(0.05)
        if left:
            names = [" ".join(one.cmdline()[-3:]) for one in left]
            self._fate.problems.append(f"processes are left: {names}")
