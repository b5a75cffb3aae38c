"""A process that is dead can be told from one that is merely elsewhere."""

import os
import subprocess
import sys

import psutil
import pytest

from drillmaster.process import ProcessIdentity


def test_a_process_that_runs_is_not_dead() -> None:
    assert not ProcessIdentity.mine().provably_dead()
    assert ProcessIdentity.mine() == ProcessIdentity.of(os.getpid())


def test_a_process_that_ended_is_dead_also_while_nobody_has_reaped_it() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        identity = ProcessIdentity.of(process.pid)
        assert not identity.provably_dead()
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert identity.provably_dead()
    assert identity.provably_dead()
    with pytest.raises(psutil.NoSuchProcess):
        ProcessIdentity.of(process.pid)


def test_another_process_with_the_same_id_is_another() -> None:
    mine = ProcessIdentity.mine()
    assert mine.model_copy(update={"started": mine.started - 1}).provably_dead()


def test_nothing_survives_a_start_of_the_machine() -> None:
    assert ProcessIdentity.mine().model_copy(update={"boot": "before"}).provably_dead()


@pytest.mark.parametrize("where", ["host", "namespace"])
def test_nothing_is_known_of_a_process_elsewhere(where: str) -> None:
    elsewhere = ProcessIdentity.mine().model_copy(update={where: "elsewhere", "started": 0.0})
    assert not elsewhere.provably_dead()


def test_an_identity_is_data() -> None:
    mine = ProcessIdentity.mine()
    assert ProcessIdentity.model_validate_json(mine.model_dump_json()) == mine
