"""Whole drills on a real control plane: what ends them, and that nothing is left."""

import signal
import time
from pathlib import Path
from typing import Any

import pytest

from drillmaster.timeline.events import Event, FaultEffective, FaultUndone, PodsChanged
from tests.support.cluster import as_it_was, drillable
from tests.support.cluster_drills import CHURN, ENVIRONMENT, drilling, project, shop
from tests.support.controlplane import ControlPlane, OwnControlPlane
from tests.support.drills import RunningDrill, command, eventually, status


def lease(controlplane: ControlPlane, namespace: str) -> Any:
    """The claim on a namespace."""
    path = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/drillmaster"
    answer = controlplane.admin.get(path)
    return answer.json() if answer.is_success else None


def effective(drill: RunningDrill) -> None:
    """Wait until a fault's effect was seen."""
    drill.await_fault("pod-churn")

    def seen() -> bool:
        assert drill.process.poll() is None, drill.output()
        return any(isinstance(event, FaultEffective) for event in drill.events_so_far())

    eventually(seen, 60, "an effect")


def undone(events: list[Event]) -> list[FaultUndone]:
    return [event for event in events if isinstance(event, FaultUndone)]


def annotate(controlplane: ControlPlane, namespace: str, why: str | None) -> None:
    """Set the stop annotation of a namespace, or take it away."""
    body = {"metadata": {"annotations": {"drillmaster.dev/stop": why}}}
    controlplane.merge(f"/api/v1/namespaces/{namespace}", body)


def test_pods_die_and_come_back_and_nothing_is_left(
    controlplane: ControlPlane, tmp_path: Path
) -> None:
    with shop(controlplane) as namespace:
        before, pods = as_it_was(controlplane, namespace), set(controlplane.ready(namespace))
        with drilling(tmp_path, str(project(tmp_path, controlplane, namespace))) as drill:
            drill.await_fault("pod-churn")
            claim = lease(controlplane, namespace)
            assert claim["spec"]["holderIdentity"] == drill.row().run
            effective(drill)
            drill.process.send_signal(signal.SIGINT)
            assert drill.process.wait(60) == 130, drill.output()
            (gone,) = undone(drill.events())
            seen = [one for one in drill.events() if isinstance(one, PodsChanged)]
        assert gone.residue is None
        assert (seen[0].ready, seen[0].present) == (4, 4)
        assert min(one.ready for one in seen) < 4, "their deaths were watched"
        assert lease(controlplane, namespace) is None
        assert as_it_was(controlplane, namespace) == before
        assert pods - set(controlplane.wait_ready(namespace, 4)), "some died"


def test_of_two_stores_one_drills_a_namespace(controlplane: ControlPlane, tmp_path: Path) -> None:
    with shop(controlplane) as namespace:
        path = project(tmp_path, controlplane, namespace)
        other = tmp_path / "elsewhere"
        with drilling(tmp_path, str(path)) as drill:
            drill.await_fault("pod-churn")
            second = command(other, "run", str(project(other, controlplane, namespace)), "--yes")
            assert second.returncode == 3, second.stdout
            run = drill.row().run
            assert f"namespace {namespace} is claimed by the run {run}" in second.stdout
            assert lease(controlplane, namespace)["spec"]["holderIdentity"] == run
            drill.process.send_signal(signal.SIGTERM)
            drill.process.wait(60)
        assert lease(controlplane, namespace) is None


def test_the_stop_annotation_ends_a_drill_and_refuses_the_next(
    controlplane: ControlPlane, tmp_path: Path
) -> None:
    with shop(controlplane) as namespace:
        before = as_it_was(controlplane, namespace)
        path = project(tmp_path, controlplane, namespace)
        with drilling(tmp_path, str(path)) as drill:
            effective(drill)
            annotate(controlplane, namespace, "customers are looking")
            began = time.monotonic()
            assert drill.process.wait(60) == 4
            assert time.monotonic() - began < 5
            assert "customers are looking" in drill.output()
        assert as_it_was(controlplane, namespace) == before
        second = command(tmp_path, "run", str(path), "--yes")
        assert second.returncode == 3
        assert "customers are looking" in second.stdout
        annotate(controlplane, namespace, None)
        with drilling(tmp_path, str(path)) as drill:
            drill.await_fault("pod-churn")


def test_a_sweep_needs_neither_host_nor_store(controlplane: ControlPlane, tmp_path: Path) -> None:
    with shop(controlplane) as namespace:
        before = as_it_was(controlplane, namespace)
        with drilling(tmp_path, str(project(tmp_path, controlplane, namespace))) as drill:
            effective(drill)
            for process in drill.processes():
                process.send_signal(signal.SIGKILL)
            drill.process.wait(60)
        elsewhere = tmp_path / "elsewhere"
        again = project(elsewhere, controlplane, namespace)
        assert command(elsewhere, "run", str(again), "--yes").returncode == 3
        looked = command(elsewhere, "sweep", "cluster")
        assert (looked.returncode, "Not expired" in looked.stdout) == (0, True), looked.stdout
        swept = command(elsewhere, "sweep", "cluster", "--all", "--yes")
        assert swept.returncode == 0, swept.stdout
        assert as_it_was(controlplane, namespace) == before
        assert lease(controlplane, namespace) is None, "what nobody drills any more is free"
        with drilling(elsewhere, str(again)) as drill:
            drill.await_fault("pod-churn")


@pytest.mark.parametrize("away", [6, pytest.param(20, marks=pytest.mark.soak)])
def test_an_api_server_that_goes_away_during_a_drill(
    own_controlplane: OwnControlPlane, tmp_path: Path, away: float
) -> None:
    with shop(own_controlplane) as namespace:
        before = as_it_was(own_controlplane, namespace)
        with drilling(tmp_path, str(project(tmp_path, own_controlplane, namespace))) as drill:
            effective(drill)
            own_controlplane.pause()
            until = time.monotonic() + away
            eventually(lambda: time.monotonic() >= until, away + 5, "the time is over")
            assert drill.process.poll() is None, "it cannot be settled while nothing answers"
            own_controlplane.resume()
            assert drill.process.wait(60) == 4, drill.output()
            assert "does not answer" in drill.output()
        assert as_it_was(own_controlplane, namespace) == before
        assert lease(own_controlplane, namespace) is None


@pytest.mark.soak  # half a minute; the sample is the one that is away earlier
def test_an_api_server_that_goes_away_during_the_undo(
    own_controlplane: OwnControlPlane, tmp_path: Path
) -> None:
    environment = ENVIRONMENT + "timing: {{undo: 3s, recovery: 3s}}\n"
    with shop(own_controlplane) as namespace:
        before = as_it_was(own_controlplane, namespace)
        path = project(tmp_path, own_controlplane, namespace, environment=environment)
        with drilling(tmp_path, str(path)) as drill:
            effective(drill)
            own_controlplane.stop_api()
            assert drill.process.wait(90) == 5, drill.output()
            assert "NOT UNDONE" in drill.output()
        assert status(tmp_path)["runs"][0]["state"] == "stuck"
        own_controlplane.start_api()
        own_controlplane.wait_ready(namespace, 4)
        assert command(tmp_path, "reap").returncode == 0
        assert as_it_was(own_controlplane, namespace) == before
        assert lease(own_controlplane, namespace) is None
        assert status(tmp_path)["runs"] == []


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        (("app=checkout", "app=nothing"), 3, "selects no pod with 'app=nothing'"),
        (
            ("{namespace}", "elsewhere"),
            2,
            "'elsewhere' is none that the environment's target lists",
        ),
        (("app=checkout", "''"), 2, "pod-churn.selector"),
        (("25%", "150%"), 2, "pod-churn.kill"),
        (("25%", "10%"), 3, "its share of 4, rounded down, is 0"),
    ],
)
def test_what_would_hit_the_wrong_pods_or_none_is_refused(
    controlplane: ControlPlane, tmp_path: Path, change: tuple[str, str], code: int, told: str
) -> None:
    with shop(controlplane) as namespace:
        before = as_it_was(controlplane, namespace)
        path = project(tmp_path, controlplane, namespace, CHURN.replace(*change))
        done = command(tmp_path, "run", str(path), "--yes")
        assert done.returncode == code, done.stdout + done.stderr
        assert told in " ".join((done.stdout + done.stderr).split())
        assert as_it_was(controlplane, namespace) == before
        assert lease(controlplane, namespace) is None


def test_a_namespace_must_say_that_it_may_be_drilled(
    controlplane: ControlPlane, tmp_path: Path
) -> None:
    with shop(controlplane) as namespace, drillable(controlplane) as other:
        label = {"metadata": {"labels": {"drillmaster.dev/drillable": "yes"}}}
        controlplane.merge(f"/api/v1/namespaces/{namespace}", label)
        done = command(tmp_path, "run", str(project(tmp_path, controlplane, namespace)), "--yes")
        assert done.returncode == 3, done.stdout
        assert f"kubectl label namespace {namespace} drillmaster.dev/drillable=true" in done.stdout
        assert other != namespace
