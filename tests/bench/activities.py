"""An experiment of 100 and of 1,000 activities, in a drill and with `chaos run`.

A drill does far more than an experiment, and a process must start before it plays. So what
counts is the increment: what 900 more activities cost. In a drill it is taken from the
intent in the ledger until all that was played stands in the timeline.
"""

import json
import os
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from drillmaster.timeline.chain import parse
from drillmaster.timeline.events import ActivitiesPlayed, FaultIntended
from tests.bench.figure import Figure
from tests.bench.startup import BIN
from tests.bench.turns import Take, command
from tests.support.chaos import action, extension, shown_by
from tests.support.drills import ENVIRONMENT, write_project

FEW, MANY = 100, 1000


def figures(folder: Path, turns: int = 5) -> Iterator[Figure]:
    """The increment, and what both take beside it."""
    project = Project(folder)
    ours: dict[int, list[float]] = {FEW: [], MANY: []}
    peer: dict[int, list[float]] = {FEW: [], MANY: []}
    project.chaos(FEW)()  # what is read from the disk is in memory from now on
    for _ in range(turns):
        for number in (FEW, MANY):
            ours[number].append(project.drill(number))
            peer[number].append(project.chaos(number)())
    ours_few, ours_many = (statistics.median(ours[number]) for number in (FEW, MANY))
    peer_few, peer_many = (statistics.median(peer[number]) for number in (FEW, MANY))
    yield Figure(f"{FEW} activities, start-up included", ours_few, peer_few)
    yield Figure(f"{MANY} activities, start-up included", ours_many, peer_many)
    increment = ours_many - ours_few, peer_many - peer_few
    yield Figure(f"the increment from {FEW} to {MANY} activities", *increment, goal=1.3)


class Project:
    """A drills folder, and an experiment of each size beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._broken = folder / "broken"
        allowed = json.dumps({"modules": ["ourchaos"], "python_path": ["lib"]})
        write_project(folder, "", f"{ENVIRONMENT}chaos: {allowed}\n")
        self._drills = folder / "drills"
        self._library = extension(self._drills / "lib")
        for number in (FEW, MANY):
            self._write(number)

    def _write(self, number: int) -> None:
        path = str(self._broken)
        idle = [{**action("nothing"), "name": f"nothing {turn}"} for turn in range(number - 1)]
        experiment = {
            "title": f"{number} activities",
            "description": "One breaks something, the others do nothing.",
            "method": [*idle, action("break_it", path=path)],
            "rollbacks": [action("mend_it", path=path)],
        }
        self._experiment(number).write_text(json.dumps(experiment))
        fault = {
            "file": self._experiment(number).name,
            "present": shown_by(self._broken),
            "affects": {"elsewhere": "a file"},
        }
        drill = {
            "schema": "drillmaster/v1",
            "kind": "drill",
            "name": f"many-{number}",
            "title": "Many activities",
            "environment": "sandbox",
            "service": "checkout",
            "steady_state": [{"name": "all is well", "command": {"run": ["true"]}}],
            "faults": [{"name": "many", "experiment": fault}],
            "escalation": {"summary": "something is broken"},
            "targets": {"secondary_response": "1s"},
            "limits": {"duration": "2m"},
        }
        (self._drills / f"many-{number}.yaml").write_text(json.dumps(drill))

    def _experiment(self, number: int) -> Path:
        return self._drills / f"many-{number}.json"

    def chaos(self, number: int) -> Take:
        """`chaos run` of the same experiment."""
        given = {**os.environ, "PYTHONPATH": str(self._library)}
        experiment = self._experiment(number)
        run = [str(BIN / "chaos"), "--no-version-check", "run", str(experiment)]
        return command(run, self._folder, given)

    def drill(self, number: int) -> float:
        """Seconds from the intent until what was played stands in the timeline."""
        reports = self._folder / f"reports-{time.monotonic_ns()}"
        subprocess.run(
            [
                BIN / "drillmaster",
                "run",
                self._drills / f"many-{number}.yaml",
                "--reports",
                reports,
            ],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        (timeline,) = reports.glob("*/timeline.jsonl")
        events = [record.event for record in parse(timeline.read_text("utf-8").splitlines())]
        (intended,) = [event for event in events if isinstance(event, FaultIntended)]
        (played,) = [e for e in events if isinstance(e, ActivitiesPlayed) and e.part == "method"]
        assert len(played.activities) == number
        return (played.observed_at - intended.occurred_at).total_seconds()
