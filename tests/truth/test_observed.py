"""Real drills on the sandbox: what was seen from outside lies within the figures' bounds."""

from pathlib import Path

import pytest

from drillmaster.scoring.score import score
from drillmaster.timeline.events import UndoOrdered
from tests.truth.observed import Between, Watched, watch
from tests.truth.seeds import seeds


def truths(watched: Watched) -> dict[str, Between]:
    """Between what the true value of each figure lies, as it was seen from outside."""
    seen, did = watched.seen, watched.seen.did
    order = next(r.event for r in watched.records if isinstance(r.event, UndoOrdered))
    ordered = (order.occurred_at - watched.records[0].event.occurred_at).total_seconds()
    escalated, opened = did["responder-1 hand-over"], (seen.effect[0], seen.pages["responder-1"])
    found = {
        "M1": _apart(escalated, did["responder-2 ack"]),
        "M3": _apart(escalated, did["responder-2 lift-throttle"]),
        "M10": _apart(opened, escalated),
        "detection_time": _apart(seen.effect, opened),
        "hand_over_time": _apart(did["responder-1 ack"], did["responder-2 ack"]),
        "undo_time": _apart((ordered, ordered), seen.gone),
        "recovery_time": _apart(
            (max(ordered, seen.gone[0]), max(ordered, seen.gone[1])), seen.well
        ),
    }
    return {name: (max(0.0, low), max(0.0, high)) for name, (low, high) in found.items()}


def _apart(start: Between, end: Between) -> Between:
    return end[0] - start[1], end[1] - start[0]


def outside(watched: Watched) -> list[str]:
    """The figures whose bound contradicts what was seen."""
    rows = {row.id: row for row in score(watched.records).metrics}
    return [
        f"{name} is {rows[name].value} ± {rows[name].bound}, and was seen in {low:.3f}-{high:.3f}"
        for name, (low, high) in truths(watched).items()
        if (value := rows[name].value) is not None
        and (bound := rows[name].bound) is not None
        and not (value - bound - 1e-3 <= high and low <= value + bound + 1e-3)
    ]


@pytest.mark.timeout(180)
def test_a_real_drill_tells_the_truth(tmp_path: Path) -> None:
    watched = watch(tmp_path / "drill", 0)
    assert not outside(watched)
    assert score(watched.records).readiness == "ready"


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_thirty_real_drills_tell_the_truth(tmp_path: Path) -> None:
    wrong = {seed: outside(watch(tmp_path / str(seed), seed)) for seed in seeds(30)}
    assert not any(wrong.values()), wrong
