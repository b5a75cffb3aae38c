"""Whole drills whose fault Chaos Toolkit plays: undone whoever is killed, and by anybody.

What the fault breaks is a file outside of every process, so that nothing undoes it by dying.
"""

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from drillmaster.sandbox.launch import wait_until_gone
from drillmaster.timeline.events import ActivitiesPlayed, FaultUndone
from tests.support.chaos import action, call, extension, shown_by
from tests.support.drills import (
    ENVIRONMENT,
    RunningDrill,
    command,
    eventually,
    running,
    write_project,
)
from tests.support.sampled import sampled

LATE = 2.0
"""Seconds after which a fault that was on its way when all died would come in."""


def drill(*faults: dict[str, Any]) -> str:
    """A drill with some faults; JSON is YAML too."""
    return json.dumps(
        {
            "schema": "drillmaster/v1",
            "kind": "drill",
            "name": "throttled",
            "title": "Something of our own is broken",
            "environment": "sandbox",
            "service": "checkout",
            "steady_state": [
                {
                    "name": "checkout answers",
                    "http": {"url": "{{ urls.checkout }}/healthz", "status": 200},
                }
            ],
            "faults": faults,
            "escalation": {"summary": "something is broken"},
            "targets": {"secondary_response": "60s"},
            "limits": {"duration": "2m"},
        }
    )


class Project:
    """A drills folder with an extension in it, and what its fault breaks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broken = folder / "broken"
        self.path = folder / "drills" / "throttled.yaml"
        allowed = json.dumps({"modules": ["ourchaos"], "python_path": ["lib"]})
        write_project(folder, "", f"{ENVIRONMENT}chaos: {allowed}\n")
        extension(folder / "drills" / "lib")

    def plays(self, *beside: dict[str, Any], **changes: Any) -> str:
        """Let the fault be an action, and others beside it; the drill's path."""
        body = {
            **call("break_it", path=str(self.broken)),
            "undo": call("mend_it", path=str(self.broken)),
            "present": shown_by(self.broken),
            "affects": {"elsewhere": "a file"},
            **changes,
        }
        self.path.write_text(drill({"name": "ours", "chaos": body}, *beside))
        return str(self.path)

    def plays_experiment(self) -> str:
        """Let the fault be an experiment; the drill's path."""
        path = str(self.broken)
        experiment = {
            "title": "ours",
            "description": "An experiment that we have.",
            "method": [action("nothing"), action("break_it", path=path), {"ref": "nothing"}],
            "rollbacks": [{"ref": "nothing"}, action("mend_it", path=path)],
        }
        (self.folder / "drills" / "ours.json").write_text(json.dumps(experiment))
        body = {
            "file": "ours.json",
            "present": shown_by(self.broken),
            "affects": {"elsewhere": "a file"},
        }
        self.path.write_text(drill({"name": "ours", "experiment": body}))
        return str(self.path)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def kill_all(drill: RunningDrill) -> None:
    """Kill everything of the drill's, its watchdog and what it plays too."""
    for process in drill.processes():
        process.send_signal(signal.SIGKILL)
    eventually(lambda: not drill.processes(), 5, "everything is dead")


@pytest.mark.parametrize("kind", ["chaos", "experiment"])
def test_the_reaper_undoes_it_when_everything_else_is_dead(project: Project, kind: str) -> None:
    path = project.plays() if kind == "chaos" else project.plays_experiment()
    with running(project.folder, path) as drill:
        drill.await_fault("ours")
        kill_all(drill)
        assert project.broken.exists()
        shutil.move(project.path, project.folder / "elsewhere.yaml")  # it needs no drill
        (project.folder / "drills" / "ours.json").unlink(missing_ok=True)
        reaped = command(project.folder, "reap")
        assert reaped.returncode == 0, reaped.stdout
        assert not project.broken.exists()
        row = drill.row()
        assert (row.state, row.ended) == ("settled", "aborted")
        events = drill.events()
    (undone,) = [event for event in events if isinstance(event, FaultUndone)]
    assert undone.by == "reaper"
    played = [event.part for event in events if isinstance(event, ActivitiesPlayed)]
    assert played[-1] == "rollbacks"


@pytest.mark.parametrize("whom", sampled(["supervisor", "runner", "both"], ["runner"]))
def test_it_is_undone_whoever_is_killed(project: Project, whom: str) -> None:
    with running(project.folder, project.plays()) as drill:
        drill.await_fault("ours")
        if whom != "supervisor":
            os.kill(drill.runner_pid(), signal.SIGKILL)
        if whom != "runner":
            os.kill(drill.process.pid, signal.SIGKILL)
        row = drill.await_settled(20)
        assert not project.broken.exists()
        assert row.ended == "aborted"
        eventually(lambda: not drill.processes(), 15, "no process is left")


@pytest.mark.parametrize("settled_by", sampled(["supervisor", "reaper"], ["reaper"]))
def test_it_is_undone_also_when_the_target_is_gone(project: Project, settled_by: str) -> None:
    """What it broke need not have gone with the target, as what the target itself shows has."""
    throttle = {"namespace": "shop", "selector": "app=checkout", "share": "60%"}
    drill = RunningDrill(project.folder, project.plays({"throttle": throttle}))
    try:
        drill.await_target()
        drill.await_fault("ours")
        drill.await_fault("throttle")
        if settled_by == "reaper":
            kill_all(drill)
        os.kill(drill.address["process"]["pid"], signal.SIGKILL)
        assert wait_until_gone(drill.address, 10)
        if settled_by == "reaper":
            assert project.broken.exists()
            assert command(project.folder, "reap").returncode == 0
        else:
            assert drill.process.wait(60) == 4
        assert not project.broken.exists()
        assert drill.row().state == "settled"
    finally:
        drill.clean_up()


@pytest.mark.parametrize("func", sampled(["break_late", "leave_a_child"], ["leave_a_child"]))
def test_what_was_on_its_way_when_all_died_never_comes_in(project: Project, func: str) -> None:
    """`leave_a_child` leaves a process that left session and group of everybody."""

    late = call(func, path=str(project.broken), after=LATE)

    with running(project.folder, project.plays(**late)) as drill:
        eventually(lambda: drill.faults().get("ours"), 30, "the fault is on its way")
        os.kill(drill.runner_pid(), signal.SIGKILL)
        os.kill(drill.process.pid, signal.SIGKILL)
        killed = time.monotonic()
        drill.await_settled(20)
        eventually(lambda: time.monotonic() > killed + LATE + 1, LATE + 5, "it would have come")
        assert not project.broken.exists()
        eventually(lambda: not drill.processes(), 15, "no process is left")


@pytest.mark.parametrize("undone_by", sampled(["expiry", "settlement"], ["settlement"]))
def test_what_an_undo_has_started_outlives_the_drill(project: Project, undone_by: str) -> None:
    """A fault ends a service, and its undo starts it again: from the same machine, and so from
    a process of the drill's, all of which are seen dead in the end."""
    serving = project.folder / "pid"
    first = subprocess.Popen(["sleep", "120"], start_new_session=True, stdin=subprocess.DEVNULL)
    threading.Thread(target=first.wait, daemon=True).start()
    serving.write_text(str(first.pid))
    fault = {
        **call("end_serving", path=str(serving)),
        "undo": call("serve", path=str(serving)),
        "present": {"command": {"run": ["sh", "-c", f"! kill -0 $(cat {serving})"]}},
    }
    lasts = {"for": "1s"} if undone_by == "expiry" else {}
    try:
        with running(project.folder, project.plays(**fault, **lasts)) as drill:
            drill.await_fault("ours")
            if undone_by == "expiry":
                eventually(lambda: drill.faults()["ours"] == "undone", 20, "it is undone")
            drill.process.send_signal(signal.SIGINT)
            drill.process.wait(60)
            drill.await_settled(20)
            last = int(serving.read_text())
            eventually(
                lambda: {one.pid for one in drill.processes()} <= {last}, 15, "no other is left"
            )
            undone = [event.by for event in drill.events() if isinstance(event, FaultUndone)]
            assert undone == ["expiry" if undone_by == "expiry" else "supervisor"]
            assert psutil.Process(last).status() != psutil.STATUS_ZOMBIE
    finally:
        with suppress(ProcessLookupError):
            os.kill(int(serving.read_text()), signal.SIGKILL)
