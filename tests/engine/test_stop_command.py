"""`drillmaster stop` and `resume`, from another process than the drill's, and at the target."""

from pathlib import Path

import httpx
import pytest

from drillmaster.timeline.events import FaultInjected, UndoOrdered
from tests.support.drills import (
    ENVIRONMENT,
    RunningDrill,
    command,
    eventually,
    running,
    status,
    write_project,
)


def why_it_ended(drill: RunningDrill) -> str:
    (ordered,) = [event for event in drill.events() if isinstance(event, UndoOrdered)]
    return ordered.why


def test_stop_ends_a_drill_and_blocks_the_next_until_resume(tmp_path: Path) -> None:
    path = write_project(tmp_path)
    with running(tmp_path, str(path)) as drill:
        drill.await_fault("throttle")
        drill.await_fault("pod-churn")
        stopped = command(tmp_path, "stop", "--why", "the shop is on fire")
        assert stopped.returncode == 0, stopped.stdout + stopped.stderr
        row = drill.row()
        assert (row.state, row.ended) == ("settled", "aborted"), "the command waited for it"
        assert f"Run {row.run} on sandbox is settled" in stopped.stdout
        assert drill.marks() == []
        assert drill.served()
        assert drill.process.wait(20) == 4
        assert "stopped everything" in why_it_ended(drill)
        assert "the shop is on fire" in why_it_ended(drill)
        assert "the shop is on fire" in " ".join(drill.output().split())

    shown = status(tmp_path)
    assert shown["stopped"] is True
    (stop,) = shown["stops"]
    assert (stop["environment"], stop["why"]) == ("*", "the shop is on fire")
    for_people = " ".join(command(tmp_path, "status").stdout.split())
    assert f"{stop['by']} stopped everything at " in for_people
    assert "the shop is on fire; `drillmaster resume` lifts it" in for_people

    refused = command(tmp_path, "run", str(path))
    assert refused.returncode == 3, refused.stdout
    assert "the shop is on fire" in " ".join(refused.stdout.split())

    assert "is lifted" in command(tmp_path, "resume").stdout
    assert status(tmp_path)["stopped"] is False
    with running(tmp_path, str(path)) as again:
        again.await_fault("throttle")
        again.process.terminate()
        assert again.process.wait(30) == 130


@pytest.mark.soak  # a whole drill
def test_a_stop_of_another_environment_disturbs_nobody(tmp_path: Path) -> None:
    path = write_project(tmp_path)
    elsewhere = tmp_path / "drills" / "environments" / "elsewhere.yaml"
    elsewhere.write_text(ENVIRONMENT.replace("name: sandbox", "name: elsewhere"))
    assert command(tmp_path, "stop", "--environment", "elsewhere").returncode == 0
    with running(tmp_path, str(path)) as drill:
        drill.await_fault("pod-churn")
        rounds = injections(drill)
        eventually(lambda: injections(drill) > rounds, 20, "pods are killed on and on")
        assert command(tmp_path, "stop", "--environment", "sandbox").returncode == 0
        assert drill.process.wait(20) == 4
    refused = command(tmp_path, "run", str(path), "--environment", "elsewhere")
    assert refused.returncode == 3
    lifted = command(tmp_path, "resume")
    assert "No stop of all environments together was in force" in lifted.stdout
    assert "drillmaster resume --environment elsewhere" in lifted.stdout
    assert "drillmaster resume --environment sandbox" in lifted.stdout


def injections(drill: RunningDrill) -> int:
    return sum(isinstance(event, FaultInjected) for event in drill.events_so_far())


def test_a_mark_at_the_target_ends_the_drill(tmp_path: Path) -> None:
    path = write_project(tmp_path)
    with running(tmp_path, str(path)) as drill:
        drill.await_fault("throttle")
        token = drill.address["tokens"]["responder-2"]
        answer = httpx.put(
            f"{drill.address['admin']}/v1/stop",
            json={"why": "customers are looking"},
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
        )
        assert answer.status_code == 200
        row = drill.await_settled(15)
        assert row.ended == "aborted"
        assert drill.marks() == []
        assert drill.process.wait(20) == 4
        why = why_it_ended(drill)
        assert "the target bears a stop mark: responder-2 stopped it at" in why
        assert "customers are looking" in why


def test_stop_settles_what_nobody_lives_for(tmp_path: Path) -> None:
    with running(tmp_path, str(write_project(tmp_path))) as drill:
        drill.await_fault("throttle")
        for process in drill.processes():
            process.kill()
        eventually(lambda: drill.processes() == [], 10, "all are dead")
        stopped = command(tmp_path, "stop")
        assert stopped.returncode == 0, stopped.stdout + stopped.stderr
        assert drill.row().state == "settled"
        assert drill.served()


def test_a_name_that_nobody_knows_stops_nothing(tmp_path: Path) -> None:
    write_project(tmp_path)
    wrong = command(tmp_path, "stop", "--environment", "sandbocks")
    assert wrong.returncode == 2
    assert "did you mean 'sandbox'?" in wrong.stderr
    assert status(tmp_path)["stopped"] is False


def test_a_name_that_nobody_knows_lifts_nothing(tmp_path: Path) -> None:
    write_project(tmp_path)
    assert command(tmp_path, "stop", "--environment", "sandbox").returncode == 0
    wrong = command(tmp_path, "resume", "--environment", "sandbocks")
    assert wrong.returncode == 2
    assert "did you mean 'sandbox'?" in wrong.stderr
    assert status(tmp_path)["stopped"] is True


def test_a_stop_is_lifted_also_when_its_file_is_gone(tmp_path: Path) -> None:
    path = write_project(tmp_path).parent / "environments" / "sandbox.yaml"
    assert command(tmp_path, "stop", "--environment", "sandbox").returncode == 0
    path.rename(tmp_path / "elsewhere.yaml")
    lifted = command(tmp_path, "resume", "--environment", "sandbox")
    assert (lifted.returncode, lifted.stderr) == (0, "")
    assert "The stop of sandbox is lifted" in lifted.stdout
    assert command(tmp_path, "resume", "--environment", "sandbox").returncode == 2


def test_the_first_stop_stays_written(tmp_path: Path) -> None:
    write_project(tmp_path)
    assert command(tmp_path, "stop", "--why", "first").returncode == 0
    assert "first" in command(tmp_path, "stop", "--why", "second").stdout
    assert [stop["why"] for stop in status(tmp_path)["stops"]] == ["first"]
