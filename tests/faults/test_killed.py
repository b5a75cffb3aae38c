"""Whoever injects is killed at each point of it: the next command undoes the fault, at the target
and in the ledger, and what comes late is refused."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from drillmaster.clock import Anchor
from drillmaster.definitions.environment import Timing
from drillmaster.engine.books import ledger
from drillmaster.engine.machine.order import PlannedFault, RunnerOrder
from drillmaster.engine.settling import reaper
from drillmaster.engine.settling.settlement import SettlementPlan
from drillmaster.faults.base import Injection
from drillmaster.faults.registry import kind_of
from drillmaster.process import ProcessIdentity
from drillmaster.targets.base import ClosedError
from drillmaster.timeline.store import Store
from tests.faults.stagings import Staging
from tests.support.definitions import REPOSITORY
from tests.support.killed import POINTS
from tests.support.ledger import new_run
from tests.support.sandbox import eventually

SOAKED = {"during:2", "during:25"}

PLAN = {"request": "500ms", "lease": "5s", "undo": "20s"}


@pytest.fixture(scope="module")
def killing() -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.killed"],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    yield process
    process.communicate()


def begun(store: Store, fault: Injection, staging: Staging) -> RunnerOrder:
    """An open run whose supervisor is dead, and the order of its runner."""
    dead = ProcessIdentity.mine().model_copy(update={"pid": 2**22 + 1})
    plan = SettlementPlan(
        target=dict(staging.target.address), timing=Timing.model_validate(PLAN)
    ).model_dump(mode="json", exclude_none=True)
    with pytest.MonkeyPatch.context() as patch, store.write() as connection:
        patch.setattr(ProcessIdentity, "mine", lambda: dead)
        new = new_run(fault.run, "sandbox", lease=120.0)
        hold = ledger.open_run(connection, new, datetime.now(UTC))
        ledger.set_settlement(connection, hold, plan)
    return RunnerOrder(
        title="killed",
        run=fault.run,
        fence=hold.fence,
        database=store.secret_url(),
        anchor=Anchor.here(),
        target=dict(staging.target.address),
        faults=[PlannedFault(injection=fault, after=None, every=None, lasts=None)],
        pods=1.0,
        request=2.0,
    )


def kill(killing: "subprocess.Popen[str]", order: RunnerOrder, point: str) -> None:
    """Let a process play the order, and be killed at the point."""
    assert killing.stdin is not None
    assert killing.stdout is not None
    told: dict[str, Any] = {"order": order.model_dump(mode="json"), "point": point}
    killing.stdin.write(f"{json.dumps(told)}\n")
    assert killing.stdout.readline() == "9\n"


@pytest.mark.parametrize(
    "point", [pytest.param(one, marks=[pytest.mark.soak] * (one in SOAKED)) for one in POINTS]
)
def test_it_is_undone_wherever_it_was_killed(
    entry: tuple[str, str],
    staging: Staging,
    point: str,
    store: Store,
    killing: "subprocess.Popen[str]",
) -> None:
    kind, fault, target = kind_of(*entry), staging.fault(entry[0]), staging.target
    kill(killing, begun(store, fault, staging), point)
    states = owed(store, fault)
    assert states == ("injected" if point == "written" else "intent")
    if point in {"after-the-call", "in-the-write", "written"}:
        assert kind.present(fault, target)
    ((_, settled),) = reaper.reap(store)
    assert settled.stuck == []
    assert owed(store, fault) == "undone"
    assert not kind.present(fault, target)
    eventually(staging.well)
    if kind.closes_door():
        with pytest.raises(ClosedError):
            kind.inject(fault, target, 1)
    assert not kind.undo(fault, target, "undone").was_present


def owed(store: Store, fault: Injection) -> str:
    with store.read() as connection:
        (row,) = ledger.owed(connection, fault.run)
    assert row.obligation == fault.id
    return str(row.state)
