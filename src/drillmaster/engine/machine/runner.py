"""The runner: a child process that plays the machine side, and nothing else.

It is a session of its own with no standard input. Its order comes over a pipe, and the
end of that pipe is the one way to stop it: a thread that sees it raises SIGUSR1 once,
on which Chaos Toolkit plays the rollbacks (SIGTERM can be swallowed by an action, or
cut them short), and after a second kills the whole process group. What is left then is
the settlement's to undo.
"""

import logging
import os
import signal
import sys
import threading
import time
from typing import IO

from chaoslib.experiment import run_experiment
from chaoslib.types import Strategy

from drillmaster.clock import SteadyClock
from drillmaster.engine.failures import reason_of
from drillmaster.engine.machine import activities
from drillmaster.engine.machine.experiment import compile_experiment
from drillmaster.engine.machine.machine import Machine
from drillmaster.engine.machine.order import SAYS, RunnerOrder
from drillmaster.engine.machine.processes import GRACE
from drillmaster.targets.registry import connect
from drillmaster.timeline.store import Store

SETTINGS = {"runtime": {"rollbacks": {"strategy": "always"}}}


def main() -> int:
    """Play one order. Its exit code means nothing: the target and the ledger tell."""
    with os.fdopen(int(sys.argv[1]), encoding="utf-8") as pipe:
        line = pipe.readline()
        if not line:
            return 0
        try:
            return play(RunnerOrder.model_validate_json(line), pipe)
        except Exception as error:  # its own text may hold a secret, and would be shown
            print(f"{SAYS}{reason_of(error)}", file=sys.stderr, flush=True)  # noqa: T201  # to complaint()
            os._exit(1)  # an action that goes on beside us would keep the process, and all silent


def play(order: RunnerOrder, pipe: IO[str]) -> int:
    """Play the order until the pipe ends."""
    quiet = logging.getLogger("chaostoolkit")
    quiet.addHandler(logging.NullHandler())
    quiet.setLevel(logging.CRITICAL)
    store = Store.open_url(order.database)
    target = connect(order.target, order.request)
    machine = Machine(order, store, target, SteadyClock(order.anchor))
    activities.use(machine)
    threading.Thread(target=_watch, args=(pipe.fileno(), machine), daemon=True).start()
    journal = run_experiment(compile_experiment(order), settings=SETTINGS, strategy=Strategy.SKIP)
    played = [*journal.get("run", []), *journal.get("rollbacks", [])]
    return 0 if all(run.get("status") == "succeeded" for run in played) else 1


def _watch(pipe: int, machine: Machine) -> None:
    # Read by its number: a file that is being read cannot be closed, and we could not end.
    os.read(pipe, 1)
    machine.stopped.set()
    os.kill(os.getpid(), signal.SIGUSR1)
    time.sleep(GRACE)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # to take Python down takes longer than the rollbacks, and a settlement waits
