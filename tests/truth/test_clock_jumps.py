"""The machine's wall clock jumps while a real drill runs, or the local time does, and no
figure moves."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drillmaster.scoring.score import score
from drillmaster.timeline.chain import Recorded, verify
from drillmaster.timeline.events import FaultEffective, SettlementStarted
from drillmaster.timeline.log import read
from tests.support.drills import RunningDrill, eventually, running
from tests.support.shipped import DRILLS
from tests.truth.jumping import JumpingClock

LONGEST = 120.0
"""Seconds that such a drill takes at the most."""

WINTER = datetime(2026, 10, 25, 1, tzinfo=UTC)
"""In Lisbon, two o'clock becomes one o'clock at this moment."""


def drilled(folder: Path, clock: JumpingClock, jump: float | None) -> list[Recorded]:
    """The timeline of a drill during which the clock jumps."""
    arguments = [str(DRILLS / "checkout-degraded.yaml"), "--responder", "prompt", "--json"]
    folder.mkdir()
    with running(folder, *arguments) as drill:
        eventually(lambda: _effective(drill), 60, "a fault shows")
        if jump is not None:
            clock.jump(jump)
        output, _ = drill.process.communicate(timeout=LONGEST)
        assert drill.process.returncode == 0, output
        records = verify(read(drill.store, drill.row().run))
    assert '"readiness"' in output
    return records


def nothing_moved(records: list[Recorded]) -> None:
    card = score(records)
    assert card.readiness == "ready"
    started = records[0].event.occurred_at
    for record in records:
        for at in (record.event.occurred_at, record.event.observed_at):
            assert timedelta(0) <= at - started < timedelta(seconds=LONGEST), record.event.type
    owners = {record.event.by for record in records if isinstance(record.event, SettlementStarted)}
    assert owners == {"supervisor"}  # nobody took the lease for over
    values = {row.id: row.value for row in card.metrics}
    assert values["M1"] is not None
    assert 2.0 <= values["M1"] < 8.0
    assert values["undo_time"] is not None
    assert values["undo_time"] < 8.0


@pytest.mark.timeout(180)
@pytest.mark.parametrize("jump", [3600.0, pytest.param(-3600.0, marks=pytest.mark.soak)])
def test_a_jump_of_the_clock_changes_nothing(
    jump: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = JumpingClock.at(tmp_path / "clock")
    for name, value in clock.variables.items():
        monkeypatch.setenv(name, value)
    nothing_moved(drilled(tmp_path / "drill", clock, jump))
    assert clock.processes >= 4  # the command, its runner, its watchdog and its sandbox


@pytest.mark.soak  # a whole drill; the sample is the jump above
@pytest.mark.timeout(180)
def test_the_end_of_summer_time_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = WINTER.timestamp() - time.time() - 8.0
    clock = JumpingClock.at(tmp_path / "clock", ahead)
    for name, value in clock.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TZ", "Europe/Lisbon")
    records = drilled(tmp_path / "drill", clock, None)
    nothing_moved(records)
    times = [record.event.occurred_at for record in records]
    assert min(times) < WINTER < max(times)


def _effective(drill: RunningDrill) -> bool:
    row = drill.row()
    records = read(drill.store, row.run) if row else []
    return any(isinstance(record.event, FaultEffective) for record in records)
