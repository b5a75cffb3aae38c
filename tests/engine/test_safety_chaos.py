"""Whole drills whose Chaos Toolkit experiment misbehaves in the ways that experiments do: all
is undone and settled, or said to be stuck; none is ever a success."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest

from drillmaster.results.conclusion import conclude
from drillmaster.timeline import log
from drillmaster.timeline.chain import verify
from drillmaster.timeline.events import RunSealed
from drillmaster.timeline.store import Store
from tests.engine.test_chaos_drills import Project, drill
from tests.support.chaos import action, shown_by
from tests.support.drills import COMMAND, command, eventually, store_below
from tests.support.sampled import sampled

STOPPED = "6s"
"""After which the drill is over, whatever its experiment does."""


def probe(func: str, tolerance: Any) -> dict[str, Any]:
    return {**action(func), "type": "probe", "tolerance": tolerance}


def control(module: str) -> list[dict[str, Any]]:
    return [{"name": "ours", "provider": {"type": "python", "module": module}}]


class Case:
    """An experiment that misbehaves, and how a drill with it may end."""

    def __init__(self, *codes: int, settled: bool = True, timeout: str = "20s", **how: Any) -> None:
        self.codes = codes
        self.settled = settled
        self.timeout = timeout
        self.how = how


HYPOTHESIS = {"title": "all is well", "probes": [probe("nothing", [1, 5])]}

CASES = {
    "a-rollback-raises": Case(5, settled=False, rollbacks=["fail"]),
    "a-rollback-mends-and-raises": Case(5, settled=False, rollbacks=["mend_and_fail"]),
    "one-of-two-rollbacks-raises": Case(5, settled=False, rollbacks=["fail", "mend_it"]),
    "an-action-hangs": Case(4, timeout="3s", method=["break_and_hang"]),
    "an-action-swallows-the-stop": Case(4, method=["break_and_swallow"]),
    "an-action-raises": Case(4, method=["break_and_fail"]),
    "an-action-ends-its-process": Case(4, method=["break_and_exit"]),
    "a-tolerance-raises": Case(4, hypothesis=HYPOTHESIS),
    "a-control-is-missing": Case(3, controls=control("ourchaos_control")),
}
SAMPLE = {"a-rollback-raises", "a-tolerance-raises", "a-control-is-missing"}
"""A way in, a way out, and what surrounds both."""


def write(project: Project, case: Case) -> None:
    path = str(project.broken)
    parts = {
        part: [
            action(func, **({} if func == "fail" else {"path": path}))
            for func in case.how.get(part, usual)
        ]
        for part, usual in (("method", ["break_it"]), ("rollbacks", ["mend_it"]))
    }
    experiment = {"title": "ours", "description": "An experiment that we have.", **parts}
    if "hypothesis" in case.how:
        experiment["steady-state-hypothesis"] = case.how["hypothesis"]
    if "controls" in case.how:
        experiment["controls"] = case.how["controls"]
    (project.folder / "drills" / "ours.json").write_text(json.dumps(experiment))
    environment = project.folder / "drills" / "environments" / "sandbox.yaml"
    allowing = environment.read_text().replace('["ourchaos"]', '["ourchaos", "ourchaos_control"]')
    environment.write_text(f"{allowing}timing: {{undo: 3s}}\n")
    body = {
        "file": "ours.json",
        "present": shown_by(project.broken),
        "affects": {"elsewhere": "a file"},
        "timeout": case.timeout,
    }
    text = drill({"name": "ours", "experiment": body}).replace('"2m"', f'"{STOPPED}"')
    project.path.write_text(text)


def left_of(mark: str) -> list[str]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("TEST_CHAOS") == mark:
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize("name", sampled(CASES, SAMPLE))
def test_it_is_settled_and_never_a_success(name: str, tmp_path: Path) -> None:
    case, project, mark = CASES[name], Project(tmp_path), uuid4().hex
    write(project, case)
    done = subprocess.run(
        [*COMMAND, "run", str(project.path), "--json"],
        cwd=tmp_path,
        env={**os.environ, "TEST_CHAOS": mark},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    said = done.stdout + done.stderr
    assert done.returncode in case.codes, said
    assert "Traceback" not in said
    assert project.broken.exists() is (name == "a-rollback-raises")
    eventually(lambda: left_of(mark) == [], 15, "no process is left")
    store = store_below(tmp_path)
    try:
        assert state_of(store) == ("settled" if case.settled else "stuck"), said
        assert conclude(store, run_of(store))[0].readiness != "ready"
        if not case.settled:
            project.broken.unlink(missing_ok=True)  # somebody mends by hand what is told
            assert command(tmp_path, "reap").returncode == 0
        assert state_of(store) == "settled"
        records = verify(log.read(store, run_of(store)))
        assert isinstance(records[-1].event, RunSealed)
        assert conclude(store, run_of(store))[0].readiness != "ready"
    finally:
        store.close()


def run_of(store: Store) -> str:
    with store.read() as connection:
        return str(connection.exec_driver_sql("SELECT run FROM runs").scalar_one())


def state_of(store: Store) -> str:
    with store.read() as connection:
        return str(connection.exec_driver_sql("SELECT state FROM runs").scalar_one())
