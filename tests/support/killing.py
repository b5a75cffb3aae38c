"""Letting a process that plays a fault be killed at a point of it (`killed`)."""

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
from drillmaster.engine.settling.settlement import SettlementPlan
from drillmaster.faults.base import Injection
from drillmaster.process import ProcessIdentity
from drillmaster.targets.base import Target
from drillmaster.timeline.store import Store
from tests.support.definitions import REPOSITORY
from tests.support.ledger import new_run

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


def begun(store: Store, fault: Injection, target: Target) -> RunnerOrder:
    """An open run whose supervisor is dead, and the order of its runner."""
    dead = ProcessIdentity.mine().model_copy(update={"pid": 2**22 + 1})
    plan = SettlementPlan(
        target=dict(target.address), timing=Timing.model_validate(PLAN)
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
        target=dict(target.address),
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


def owed(store: Store, fault: Injection) -> str:
    """What the ledger says of a fault."""
    with store.read() as connection:
        (row,) = ledger.owed(connection, fault.run)
    assert row.obligation == fault.id
    return str(row.state)
