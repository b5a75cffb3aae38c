"""reports/example is one real run, and its scorecard follows from its timeline."""

import json
import subprocess

from drillmaster.reports.registry import FILES
from drillmaster.timeline.chain import parse, verify
from drillmaster.timeline.events import FaultUndone, RunStarted
from tests.support.drills import COMMAND
from tests.support.example import EXAMPLE, OPERATOR
from tests.support.shipped import ROOT


def test_it_is_recomputed_from_its_timeline() -> None:
    done = subprocess.run(
        [*COMMAND, "report", str(EXAMPLE.relative_to(ROOT)), "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}: run: make example"


def test_it_has_every_file_of_a_run() -> None:
    assert {path.name for path in EXAMPLE.iterdir()} == set(FILES)


def test_it_is_the_demo_and_names_nobody() -> None:
    lines = (EXAMPLE / "timeline.jsonl").read_text("utf-8").removesuffix("\n").split("\n")
    events = [record.event for record in verify(parse(lines))]
    assert isinstance(events[0], RunStarted)
    assert (events[0].drill, events[0].operator) == ("checkout-degraded", OPERATOR)
    assert {event.fault for event in events if isinstance(event, FaultUndone)} == {
        "pod-churn",
        "throttle",
    }
    card = json.loads((EXAMPLE / "scorecard.json").read_text())
    assert (card["readiness"], card["simulated"]) == ("ready", True)
