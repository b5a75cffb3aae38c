"""Starting the process that plays a part of an experiment, and hearing what came of it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

from drillmaster.definitions.units import format_duration
from drillmaster.faults.base import Activity, Injection, PlayError
from drillmaster.faults.chaostoolkit.order import PlayOrder
from drillmaster.process import MARK

Part = Literal["rehearsal", "method", "rollbacks"]
"""What is played: nothing but the imports and the checks, the fault, or its undo."""

_STORE = "DRILLMASTER_DATABASE_URL"  # an activity has no business with the store


def play(part: Part, order: PlayOrder, fault: Injection) -> list[Activity]:
    """Play a part of a fault's experiment in a process of its own; its activities.

    Raises:
        PlayError: something of it failed, or took longer than the fault's time-out. It is
            unknown then how much of it was done.
    """
    told = {
        "part": part,
        "experiment": order.experiment,
        "python_path": order.python_path,
        "mark": MARK,
    }
    # Files and no pipes: what an activity leaves behind may hold them open for ever.
    with tempfile.TemporaryFile("w+") as order_file, tempfile.TemporaryFile("w+") as answer:
        json.dump(told, order_file)
        order_file.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "drillmaster.faults.chaostoolkit.player"],
            stdin=order_file,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            cwd=order.folder if Path(order.folder).is_dir() else None,
            env={name: value for name, value in os.environ.items() if name != _STORE}
            | {MARK: fault.run},
            # A key that is pressed is not for it, and a time-out ends all of it. What an undo
            # starts is no part of the fault: it must not end with the runner's session.
            process_group=None if part == "rollbacks" else 0,
            start_new_session=part == "rollbacks",
        )
        try:
            process.wait(order.timeout)
        except subprocess.TimeoutExpired:
            raise PlayError(f"it did not end within {format_duration(order.timeout)}") from None
        finally:
            if process.poll() is None:
                _end(process)
        answer.seek(0)
        return _heard(answer.read(), process.returncode)


def _heard(answer: str, code: int) -> list[Activity]:
    try:
        said: dict[str, Any] = json.loads(answer)
    except ValueError:
        raise PlayError(f"its process ended with {code} before it was done") from None
    activities = [Activity(**one) for one in said["activities"]]
    if said["problem"] is not None:
        raise PlayError(said["problem"], activities)
    return activities


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
