"""The watchdog: settles a run when its supervisor dies or freezes.

It is detached by a double fork, a session of its own, and ignores HUP, INT and TERM, so
that what ends the supervisor does not end it. It holds one end of a socket; the end of
that socket is the supervisor's death, and its own death is seen at the other end.
"""

import json
import os
import select
import signal
import socket
import sys
from contextlib import ExitStack, closing, suppress
from typing import Any

from sqlalchemy import Row

from drillmaster.engine.books import ledger
from drillmaster.engine.books.rows import clock_of
from drillmaster.engine.machine.processes import GRACE, see_dead, stopped
from drillmaster.engine.settling.presence import holding
from drillmaster.engine.settling.reaper import settle_run, take_back_unrecorded
from drillmaster.process import ProcessIdentity
from drillmaster.targets.base import Address
from drillmaster.targets.registry import connect
from drillmaster.timeline.store import Store, StoreError

ALIVE = "."
"""What the watchdog says at every look."""

_LOOK = 0.5  # seconds between two looks at the lease
_LOOKS = 1200  # at a store that does not answer, before the rest is the reaper's


def main() -> int:
    """Watch one run: told `database` and `run`, then `hold` once there is a target."""
    for ignored in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    with socket.socket(fileno=int(sys.argv[1])) as line, line.makefile("rw") as talk:
        order = json.loads(talk.readline() or "{}")
        if not order:
            return 0
        store = Store.open_url(order["database"])
        with suppress(OSError):  # a supervisor that died meanwhile has left a runner
            _say(talk, "ready")
        with ExitStack() as held:
            _watch(store, order["run"], line, talk, held)
    return 0


def _watch(store: Store, run: str, line: socket.socket, talk: Any, held: ExitStack) -> None:
    listening = True
    looks = 0  # since the supervisor is gone
    while looks < _LOOKS:
        looks += not listening
        if select.select([line] if listening else [], [], [], _LOOK)[0]:
            listening = _heard(talk, held)
        if _over(store, run, supervisor_gone=not listening):
            return
        with suppress(OSError):  # a supervisor that does not read is no reason to wait
            line.send(f"{ALIVE}\n".encode(), socket.MSG_DONTWAIT)


def _heard(talk: Any, held: ExitStack) -> bool:
    """Do what the supervisor says; False when it is gone.

    One that is killed before it has read our answer resets the line instead of ending it,
    and one that is killed while it writes leaves half a line.
    """
    try:
        told = talk.readline()
        if told:
            address = json.loads(told)["hold"]
            held.enter_context(holding(address))
            _say(talk, "held")
            _warm_up(address)
    except (ConnectionError, ValueError):
        return False
    return bool(told)


def _warm_up(address: Address) -> None:
    """Load now what a settlement needs to reach the target: libraries load most of themselves
    when they are first used, and a fault would stay for so much longer."""
    with suppress(Exception), closing(connect(address)):
        pass


def _over(store: Store, run: str, *, supervisor_gone: bool) -> bool:
    """Whether there is nothing left to watch; settles the run where that is our turn."""
    try:
        with store.read() as connection:
            row = ledger.find(connection, run)
        if row is None or row.state in {"settled", "stuck"}:
            if supervisor_gone:  # a runner that was stopped does not see the end of its pipe
                see_dead(run, None, grace=0.0, deadline=GRACE)
            return supervisor_gone
        expired = row.lease_until <= clock_of(row).now().timestamp()
        if not (supervisor_gone or expired):
            return False
        why = "the supervisor died" if supervisor_gone else "the supervisor does not move any more"
        _settle(store, row, why)
    except Exception:  # the store, the target, another's bug, or somebody else was quicker
        return False  # nobody else may be left to undo it: look again
    return True


def _settle(store: Store, row: Row[Any], why: str) -> None:
    """Settle the run, also when somebody who froze in the middle of a write holds the
    store's lock, and would hold the fault in with it; or when the store can only be read."""
    try:
        settle_run(store, row, "watchdog", why)
    except StoreError:
        _end_frozen(row)
        take_back_unrecorded(store, row)
        settle_run(store, row, "watchdog", why)


def _end_frozen(row: Row[Any]) -> None:
    """End the supervisor and the runner if they are stopped: neither has a say any more. A
    supervisor that moves is left: it cannot reach the store either, and takes back what it
    knows of by itself."""
    for data in (row.owner, row.runner):
        if data is None:
            continue
        who = ProcessIdentity.model_validate(data)
        if stopped(who):
            os.kill(who.pid, signal.SIGKILL)


def _say(talk: Any, word: str) -> None:
    talk.write(word + "\n")
    talk.flush()


if __name__ == "__main__":
    # The second fork of the double fork: our parent, which the supervisor started in a
    # session of its own, ends here, and we are nobody's child and no session's leader.
    if os.fork():
        os._exit(0)
    sys.exit(main())
