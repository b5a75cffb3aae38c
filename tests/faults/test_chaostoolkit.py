"""Faults that Chaos Toolkit plays, each in a real process, with a real extension."""

import os
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from drillmaster.engine.machine.processes import see_dead
from drillmaster.faults.base import Injection, PlayError, Undone
from drillmaster.faults.registry import kind_of
from drillmaster.process import MARK
from drillmaster.targets.base import DeclinedError, Pod, UnreachableError
from tests.support.chaos import (
    RUN,
    action,
    call,
    chaos_fault,
    experiment_fault,
    extension,
)
from tests.support.drills import eventually
from tests.support.target import MemoryTarget

CHAOS = kind_of("chaos", "memory")
EXPERIMENT = kind_of("experiment", "memory")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with the extension."""
    return extension(tmp_path)


@pytest.fixture
def target() -> MemoryTarget:
    return MemoryTarget()


def broken(here: Path) -> Path:
    return here / "broken"


def whole(here: Path) -> dict[str, Any]:
    """An experiment of three activities, of which one is referred to."""
    path = str(broken(here))
    return {
        "method": [action("nothing"), action("break_it", path=path), {"ref": "nothing"}],
        "rollbacks": [action("mend_it", path=path)],
    }


def test_an_action_comes_in_is_seen_and_goes(here: Path, target: MemoryTarget) -> None:
    fault = chaos_fault(here)
    assert CHAOS.hindrance(fault, target) is None
    assert not CHAOS.present(fault, target)
    done = CHAOS.inject(fault, target, 1)
    assert done.touched == ["a file"]
    assert [(one.name, one.status) for one in done.activities] == [
        ("ourchaos.break_it", "succeeded")
    ]
    assert CHAOS.present(fault, target)
    assert CHAOS.effect(fault, target) is not None
    undone = CHAOS.undo(fault, target, "injected")
    assert (undone.was_present, undone.residue, len(undone.activities)) == (True, None, 1)
    assert not broken(here).exists()
    assert CHAOS.undo(fault, target, "undone") == Undone(was_present=False)


def test_what_somebody_mended_meanwhile_is_left_and_reported(
    here: Path, target: MemoryTarget
) -> None:
    fault = chaos_fault(here, undo=call("fail"))
    CHAOS.inject(fault, target, 1)
    broken(here).unlink()
    undone = CHAOS.undo(fault, target, "injected")
    assert not undone.was_present
    assert undone.residue == "it was gone before its undo, which was not played"


@pytest.mark.parametrize("known", ["intent", "injected"])
def test_an_experiment_is_undone_whatever_its_sign_says(
    here: Path, target: MemoryTarget, known: Any
) -> None:
    """Its sign may show one of its parts alone."""
    other = here / "other"
    fault = experiment_fault(
        here,
        {
            "method": [action("break_it", path=str(other))],
            "rollbacks": [action("mend_it", path=str(other))],
        },
    )
    EXPERIMENT.inject(fault, target, 1)
    assert not EXPERIMENT.present(fault, target)
    EXPERIMENT.undo(fault, target, known)
    assert not other.exists()


def test_a_fault_that_was_taken_back_by_hand_is_not_undone_again(
    here: Path, target: MemoryTarget
) -> None:
    fault = experiment_fault(here, {"method": [], "rollbacks": [action("fail")]})
    assert EXPERIMENT.undo(fault, target, "stuck") == Undone(was_present=False)


def test_an_action_that_never_returned_is_undone_whatever_its_sign_says(
    here: Path, target: MemoryTarget
) -> None:
    other = here / "other"
    other.write_text("half of it")
    fault = chaos_fault(here, undo=call("mend_it", path=str(other)))
    CHAOS.undo(fault, target, "intent")
    assert not other.exists()


def test_an_experiment_is_played_unchanged(here: Path, target: MemoryTarget) -> None:
    hypothesis = {"title": "well", "probes": [_probe("value", True, it=True)]}
    fault = experiment_fault(here, {**whole(here), "steady-state-hypothesis": hypothesis})
    assert EXPERIMENT.hindrance(fault, target) is None
    done = EXPERIMENT.inject(fault, target, 1)
    assert [one.name for one in done.activities] == ["nothing", "break_it", "nothing"]
    assert EXPERIMENT.present(fault, target)
    assert EXPERIMENT.undo(fault, target, "injected").was_present
    assert not broken(here).exists()


@pytest.mark.parametrize("value", [False, [1, 2]])
def test_a_hypothesis_that_does_not_hold_plays_nothing(
    here: Path, target: MemoryTarget, value: Any
) -> None:
    hypothesis = {"title": "well", "probes": [_probe("value", True, it=value)]}
    fault = experiment_fault(here, {**whole(here), "steady-state-hypothesis": hypothesis})
    with pytest.raises(PlayError, match="hypothesis is not met: value"):
        EXPERIMENT.inject(fault, target, 1)
    assert not broken(here).exists()


def test_a_tolerance_that_raises_plays_nothing(here: Path, target: MemoryTarget) -> None:
    hypothesis = {"title": "well", "probes": [_probe("value", [1, 5], it=None)]}
    fault = experiment_fault(here, {**whole(here), "steady-state-hypothesis": hypothesis})
    with pytest.raises(PlayError, match="TypeError"):
        EXPERIMENT.inject(fault, target, 1)
    assert not broken(here).exists()


@pytest.mark.parametrize("control", ["no_such_module", "drillmaster.no_such"])
def test_a_control_that_is_missing_is_seen_before_anything_is_played(
    here: Path, target: MemoryTarget, control: str
) -> None:
    controls = [{"name": "safety", "provider": {"type": "python", "module": control}}]
    for place in (
        {"controls": controls},
        {"method": [{**action("nothing"), "controls": controls}]},
    ):
        fault = experiment_fault(here, {**whole(here), **place})
        assert control in (EXPERIMENT.hindrance(fault, target) or "")
        with pytest.raises(PlayError, match=control):
            EXPERIMENT.inject(fault, target, 1)
    assert not broken(here).exists()


@pytest.mark.parametrize(
    ("undo", "problem"),
    [
        (call("no_such_function"), "no_such_function"),
        (call("mend_it", paht="/"), "paht|path"),
        ({"module": "no_such_module", "func": "mend_it"}, "no_such_module"),
    ],
)
def test_an_undo_that_cannot_be_called_hinders(
    here: Path, target: MemoryTarget, undo: dict[str, Any], problem: str
) -> None:
    hindrance = CHAOS.hindrance(chaos_fault(here, undo=undo), target)
    assert hindrance is not None
    assert any(word in hindrance for word in problem.split("|"))


def test_a_sign_that_is_met_already_hinders(here: Path, target: MemoryTarget) -> None:
    broken(here).write_text("since last week")
    assert "is met already" in (CHAOS.hindrance(chaos_fault(here), target) or "")


@pytest.mark.parametrize(
    ("func", "problem"),
    [
        ("break_and_fail", "failed: .*RuntimeError"),
        ("break_and_exit", "SystemExit|interrupted|ended"),
    ],
)
def test_an_action_that_fails_is_no_success(
    here: Path, target: MemoryTarget, func: str, problem: str
) -> None:
    fault = chaos_fault(here, **call(func, path=str(broken(here))))
    with pytest.raises(PlayError, match=problem):
        CHAOS.inject(fault, target, 1)
    CHAOS.undo(fault, target, "intent")
    assert not broken(here).exists()


@pytest.mark.parametrize("func", ["break_and_hang", "break_and_swallow"])
def test_an_action_that_does_not_end_is_killed(here: Path, target: MemoryTarget, func: str) -> None:
    fault = chaos_fault(here, **call(func, path=str(broken(here))), timeout="3s")
    began = time.monotonic()
    with pytest.raises(PlayError, match="did not end within 3s"):
        CHAOS.inject(fault, target, 1)
    assert time.monotonic() - began < 10
    assert _marked(RUN) == []
    CHAOS.undo(fault, target, "intent")
    assert not broken(here).exists()


@pytest.mark.parametrize("func", ["leave_a_fork", "fork_and_let_both_return"])
def test_what_an_action_forks_is_not_waited_for(
    here: Path, target: MemoryTarget, func: str
) -> None:
    """It has all open that its parent had, and need not end."""
    more = {"after": 15} if func == "leave_a_fork" else {}
    fault = chaos_fault(here, **call(func, path=str(broken(here)), **more))
    began = time.monotonic()
    assert [one.status for one in CHAOS.inject(fault, target, 1).activities] == ["succeeded"]
    assert time.monotonic() - began < 10
    see_dead(RUN, None, grace=0.0, deadline=5.0)
    assert CHAOS.undo(fault, target, "injected").was_present


def test_an_undo_that_hangs_ends_with_all_that_it_started(here: Path, target: MemoryTarget) -> None:
    undo = call("mend_by_a_child_and_hang", path=str(broken(here)))
    fault = chaos_fault(here, undo=undo)
    CHAOS.inject(fault, target, 1)
    outcome: list[BaseException] = []

    def undoing() -> None:
        try:
            CHAOS.undo(fault, target, "injected")
        except PlayError as error:
            outcome.append(error)

    thread = threading.Thread(target=undoing)
    thread.start()
    eventually(lambda: not broken(here).exists(), 15, "the undo hangs")
    eventually(lambda: len(_groups_of(_marked(RUN))) > 1, 5, "its child is there")
    group = _groups_of(_marked(RUN))
    see_dead(RUN, None, grace=0.0, deadline=5.0)
    thread.join(10)
    assert len(outcome) == 1
    eventually(lambda: not any(map(_lives, group)), 5, "all of its group is dead")


def test_activities_that_chaos_toolkit_left_out_are_told(here: Path, target: MemoryTarget) -> None:
    """A control may take them away."""
    (here / "control.py").write_text(
        "def configure_control(experiment, **_): experiment.update(method=[], rollbacks=[])\n"
    )
    controls = [{"name": "ours", "provider": {"type": "python", "module": "control"}}]
    fault = experiment_fault(here, {**whole(here), "controls": controls})
    with pytest.raises(PlayError, match="0 of its 3 activities were played"):
        EXPERIMENT.inject(fault, target, 1)
    broken(here).write_text("broken")
    with pytest.raises(PlayError, match="0 of its 1 activities were played"):
        EXPERIMENT.undo(fault, target, "injected")


def test_an_undo_that_fails_says_so_and_is_believed_when_the_sign_is_gone(
    here: Path, target: MemoryTarget
) -> None:
    fault = chaos_fault(here, undo=call("mend_and_fail", path=str(broken(here))))
    CHAOS.inject(fault, target, 1)
    with pytest.raises(PlayError, match="RuntimeError: mended, and yet"):
        CHAOS.undo(fault, target, "injected")
    assert not CHAOS.undo(fault, target, "injected").was_present


def test_a_fault_that_ends_by_itself_is_waited_for(here: Path, target: MemoryTarget) -> None:
    fault = chaos_fault(here, undo=None, self_limiting="a cron job sweeps it")
    CHAOS.inject(fault, target, 1)
    with pytest.raises(DeclinedError, match="a cron job sweeps it"):
        CHAOS.undo(fault, target, "injected")
    broken(here).unlink()
    assert CHAOS.undo(fault, target, "injected") == Undone(was_present=False, by_itself=True)


def test_a_sign_that_does_not_answer_is_no_sign_that_it_is_gone(
    here: Path, target: MemoryTarget
) -> None:
    fault = chaos_fault(here, present={"command": {"run": ["sleep", "60"], "timeout": "200ms"}})
    for ask in (
        lambda: CHAOS.present(fault, target),
        lambda: CHAOS.undo(fault, target, "injected"),
    ):
        with pytest.raises(UnreachableError):
            ask()


def test_pods_that_it_affects_are_counted(here: Path) -> None:
    pods = {"namespace": "shop", "selector": "app=checkout", "takes_down": "50%"}
    fault = chaos_fault(here, affects={"pods": pods})

    class Three(MemoryTarget):
        def pods(self, namespace: str, labels: dict[str, str]) -> list[Pod]:
            assert (namespace, labels) == ("shop", {"app": "checkout"})
            return [Pod(str(n), "checkout", labels, ready=n > 0) for n in range(3)]

    radius = CHAOS.radius(fault, Three())
    assert (radius.selected, radius.ready, radius.takes_down) == (3, 2, 1)
    assert CHAOS.radius(chaos_fault(here), Three()).elsewhere


def test_no_secret_of_an_experiment_is_told(
    here: Path, target: MemoryTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUR_SECRET", "hunter2-hunter2")
    fault = experiment_fault(
        here,
        {
            "configuration": {"shown": "plain"},
            "secrets": {"ours": {"it": {"type": "env", "key": "OUR_SECRET"}}},
            "method": [{**action("say", text="${it}"), "secrets": ["ours"]}],
            "rollbacks": [],
        },
    )
    with pytest.raises(PlayError) as failure:
        EXPERIMENT.inject(fault, target, 1)
    assert "hunter2" not in str(failure.value)
    assert "hunter2" not in fault.model_dump_json()


def test_the_activities_know_nothing_of_the_store(
    here: Path, target: MemoryTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRILLMASTER_DATABASE_URL", "postgresql://somebody:hunter2@db/store")
    written = here / "environment"
    provider = {"type": "process", "path": "sh", "arguments": ["-c", f"env > {written}"]}
    fault = experiment_fault(here, {"method": [{**action("env"), "provider": provider}]})
    EXPERIMENT.inject(fault, target, 1)
    seen = written.read_text()
    assert "hunter2" not in seen
    assert f"{MARK}={RUN}" in seen


def test_its_folder_may_be_gone_by_the_undo(here: Path, target: MemoryTarget) -> None:
    fault = chaos_fault(here)
    moved = fault.model_copy(
        update={"arguments": {**fault.arguments, "folder": str(here / "no such folder")}}
    )
    CHAOS.inject(moved, target, 1)
    assert CHAOS.undo(moved, target, "injected").was_present


def test_nothing_refuses_what_comes_late(here: Path) -> None:
    assert not CHAOS.closes_door()
    assert CHAOS.patience(chaos_fault(here)) == 25


def _probe(func: str, tolerance: Any, **arguments: Any) -> dict[str, Any]:
    return {**action(func, **arguments), "type": "probe", "tolerance": tolerance}


def _marked(run: str) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(MARK) == run:
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return found


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _groups_of(leaders: list[int]) -> list[psutil.Process]:
    """The processes of the groups that some processes lead."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) in leaders:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def test_the_injection_is_plain_data(here: Path) -> None:
    fault = chaos_fault(here)
    assert Injection.model_validate_json(fault.model_dump_json()) == fault
