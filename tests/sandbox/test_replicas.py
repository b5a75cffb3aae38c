"""Replicas come and go as pods do."""

import time
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest

from tests.support.sandbox import Running, eventually, sandbox


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with sandbox(restart=0.3) as running:
        yield running


@pytest.fixture
def running(shared: Running) -> Running:
    shared.act("responder-2", "scale", {"replicas": 4})
    eventually(lambda: shared.ready(4))
    return shared


def names(running: Running) -> list[str]:
    return [pod["name"] for pod in running.workload()["pods"]]


def test_a_killed_replica_is_replaced_after_a_while(running: Running) -> None:
    before = running.workload()["pods"]
    psutil.Process(before[1]["pid"]).kill()
    eventually(lambda: before[1]["name"] not in names(running))
    died = time.monotonic()
    successor = running.workload()["pods"][-1]
    assert successor["name"] not in {pod["name"] for pod in before}
    assert (successor["ready"], successor["pid"]) == (False, None)
    eventually(running.ready)
    assert time.monotonic() - died > 0.2
    after = running.workload()["pods"]
    assert [pod["name"] for pod in after[:3]] == [
        pod["name"] for pod in before if pod is not before[1]
    ]
    assert after[-1]["pid"] not in {pod["pid"] for pod in before}


def test_the_successor_counts_as_desired_and_not_as_ready(running: Running) -> None:
    psutil.Process(running.workload()["pods"][0]["pid"]).kill()
    eventually(lambda: running.workload()["ready"] == 3)
    workload = running.workload()
    assert (workload["desired"], len(workload["pods"])) == (4, 4)


def test_scaling_out_adds_and_scaling_in_takes_the_youngest(running: Running) -> None:
    before = names(running)
    assert running.act("responder-2", "scale", {"replicas": 6}).status_code == 200
    eventually(lambda: running.ready(6))
    assert names(running)[:4] == before
    running.act("responder-2", "scale", {"replicas": 2})
    eventually(lambda: running.ready(2))
    assert names(running) == before[:2]


@pytest.mark.parametrize("replicas", [0, 17, -1, 2.5, True, "4", None])
def test_a_wrong_number_of_replicas_changes_nothing(running: Running, replicas: object) -> None:
    response = running.act("responder-2", "scale", {"replicas": replicas})
    assert response.status_code == 400
    assert "from 1 to 16" in response.json()["error"]
    assert running.workload()["desired"] == 4


def test_unknown_parameters_are_refused(running: Running) -> None:
    response = running.act("responder-2", "restart", {"replica": 1})
    assert response.status_code == 400
    assert "replica" in response.json()["error"]


def test_a_restart_replaces_all_while_every_request_is_served(running: Running) -> None:
    before = set(names(running))
    assert running.act("responder-2", "restart").json()["result"] == {"began": True}
    assert running.act("responder-2", "restart").json()["result"] == {"began": False}
    fewest, codes = 4, set()
    began = time.monotonic()
    while before & set(names(running)) or not running.ready(4):
        assert time.monotonic() - began < 10
        codes.add(running.shop.get("/checkout").status_code)
        fewest = min(fewest, running.workload()["ready"])
    assert codes == {200}
    assert fewest >= 3
    eventually(lambda: running.act("responder-2", "restart").json()["result"]["began"])
    eventually(lambda: running.act("responder-2", "restart").json()["result"]["began"], 10)


def test_replicas_that_die_during_a_restart_are_replaced(running: Running) -> None:
    eventually(lambda: running.act("responder-2", "restart").json()["result"]["began"], 10)
    for _ in range(4):
        pods = [pod for pod in running.workload()["pods"] if pod["pid"]]
        with suppress(psutil.NoSuchProcess):  # the restart may have been quicker
            psutil.Process(pods[-1]["pid"]).kill()
        time.sleep(0.05)
    eventually(lambda: running.act("responder-2", "restart").json()["result"]["began"], 10)
    eventually(running.ready, 10)


def test_a_database_that_dies_comes_back(running: Running) -> None:
    pods = {pod["pid"] for pod in running.workload()["pods"]}

    def databases() -> list[psutil.Process]:
        return [process for process in running.processes()[2:] if process.pid not in pods]

    eventually(lambda: len(databases()) == 2)  # replicas of the test before may be leaving
    for database in databases():
        database.kill()
    eventually(lambda: running.shop.get("/checkout").status_code == 200)


def test_a_killed_replica_that_was_never_told_is_no_failed_request(running: Running) -> None:
    for pod in running.workload()["pods"][:3]:
        psutil.Process(pod["pid"]).kill()
        assert running.shop.get("/checkout").status_code == 200
