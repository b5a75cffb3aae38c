"""The sweep finds and undoes faults with nothing but the environment's file."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest

from drillmaster.cli import main
from drillmaster.clock import SteadyClock
from drillmaster.definitions.project import open_environment
from drillmaster.engine.settling.sweep import Sweep
from drillmaster.errors import DrillmasterError
from drillmaster.faults.base import Injection
from drillmaster.faults.registry import ANYWHERE, MarkError, injection_of, kind_of
from drillmaster.process import operator
from drillmaster.sandbox import beacon
from drillmaster.sandbox.finding import find
from drillmaster.targets.base import Mark
from drillmaster.timeline.events import FaultUndone
from tests.support.drills import COMMAND, DRILL, ENVIRONMENT, eventually, running, write_project
from tests.support.faulty import MemoryFault, injected, staging
from tests.support.sandbox import Running, sandbox
from tests.support.target import MemoryTarget

BETWEEN = timedelta(seconds=0.5)
"""How far the clock of a run may be from the machine's."""


@pytest.fixture
def name() -> str:
    """An environment that no other test knows: a sweep must not reach their sandboxes."""
    return f"staging-{uuid4().hex[:12]}"


@pytest.fixture
def alone(name: str, tmp_path: Path) -> Path:
    """The file of that environment, in a folder where nothing else is."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    path = folder / f"{name}.yaml"
    path.write_text(
        ENVIRONMENT.replace("name: sandbox", f"name: {name}")
        + "timing: {request: 500ms, undo: 1s, lease: 2s}\n"
    )
    return path


def sweep(file: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    """`drillmaster sweep --json` beside the file: exit code, what it told, and its words."""
    given = {k: v for k, v in os.environ.items() if k != "DRILLMASTER_DATABASE_URL"}
    done = subprocess.run(
        [*COMMAND, "sweep", f"./{file.name}", "--json", *options],
        cwd=file.parent,
        env=given,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


def put(there: Running, name: str, expires: float) -> Injection:
    """A throttle that was put by somebody who is gone."""
    fault = Injection(
        id=f"r1-{name}",
        run="r1",
        name=name,
        kind="throttle",
        arguments={"namespace": "shop", "selector": "app=checkout", "share": "100%"},
        expires=expires,
    )
    kind_of("throttle", "sandbox").inject(fault, there.target, 1)
    return fault


def in_force(there: Running) -> list[str]:
    return [mark.fault for mark in there.target.marks()]


def drill_in(name: str, folder: Path) -> Path:
    """A drill of an environment of that name."""
    drill = write_project(
        folder,
        DRILL.replace("environment: sandbox", f"environment: {name}"),
        ENVIRONMENT.replace("name: sandbox", f"name: {name}"),
    )
    environments = folder / "drills" / "environments"
    (environments / "sandbox.yaml").rename(environments / f"{name}.yaml")
    return drill


def test_faults_go_when_everybody_is_dead_who_knew_of_them(
    name: str, alone: Path, tmp_path: Path
) -> None:
    with running(tmp_path, str(drill_in(name, tmp_path))) as life:
        life.await_fault("throttle")
        life.await_fault("pod-churn")
        everybody = life.processes()
        for number in (signal.SIGSTOP, signal.SIGKILL):  # none may undo what another left
            for process in everybody:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(number)
        assert {mark["kind"] for mark in life.marks()} == {"throttle", "pod-churn"}

        code, told, said = sweep(alone)
        assert (code, told["undone"]) == (0, [])
        assert {mark["kind"] for mark in told["left"]} == {"throttle", "pod-churn"}
        assert {mark["run"] for mark in told["left"]} == {life.row().run}
        assert "--all" in said
        assert len(life.marks()) == 2, "what a drill may own stays"

        code, told, said = sweep(alone, "--all")
        assert (code, told) == (2, {}), "nobody was there to be asked"
        assert "--yes" in said
        assert len(life.marks()) == 2

        code, told, said = sweep(alone, "--all", "--yes")
        assert (code, told["left"], told["stuck"], told["unreachable"]) == (0, [], [], [])
        assert {one["kind"] for one in told["undone"]} == {"throttle", "pod-churn"}
        assert life.marks() == []
        eventually(life.served, 5, "every request is served")
        assert [path.name for path in alone.parent.iterdir()] == [alone.name], "nothing is left"
        for secret in (life.address["token"], *life.address["tokens"].values()):
            assert secret not in said + json.dumps(told)

        subprocess.run([*COMMAND, "reap"], cwd=tmp_path, check=True, capture_output=True)
        assert life.row().state == "settled", "who has the store settles as ever"


def test_a_drill_that_somebody_swept_says_who_and_when(
    name: str, alone: Path, tmp_path: Path
) -> None:
    with running(tmp_path, str(drill_in(name, tmp_path))) as life:
        life.await_fault("throttle")
        life.await_fault("pod-churn")
        before = datetime.now(UTC)
        code, told, _ = sweep(alone, "--all", "--yes")
        after = datetime.now(UTC)
        assert (code, len(told["undone"])) == (0, 2)
        life.process.send_signal(signal.SIGTERM)
        life.process.wait(60)
        gone = {one.fault: one for one in life.events() if isinstance(one, FaultUndone)}
        assert set(gone) == {"throttle", "pod-churn"}
        for one in gone.values():
            assert one.by == f"sweep of {operator()} on {socket.gethostname()}"
            assert before - BETWEEN <= one.occurred_at <= after + BETWEEN
            assert one.precision < BETWEEN.total_seconds()


def test_what_has_expired_goes_without_being_asked_for(name: str, alone: Path) -> None:
    with sandbox(environment=name) as there:
        put(there, "old", time.time() - 1)
        put(there, "new", time.time() + 60)
        code, told, said = sweep(alone)
        assert code == 0
        assert [one["fault"] for one in told["undone"]] == ["r1-old"]
        assert [one["fault"] for one in told["left"]] == ["r1-new"]
        assert in_force(there) == ["r1-new"]
        assert "r1-new" in said


def test_other_environments_are_left_alone(name: str, alone: Path) -> None:
    with sandbox(environment=f"{name}-other") as there:
        put(there, "old", time.time() - 1)
        code, told, said = sweep(alone, "--all", "--yes")
        assert (code, told["undone"], told["left"]) == (0, [], [])
        assert "Nothing to undo" in said
        assert in_force(there) == ["r1-old"]


def test_a_sandbox_that_does_not_answer_is_named(name: str, alone: Path) -> None:
    with sandbox(environment=name) as there:
        put(there, "old", time.time() - 1)
        os.kill(there.address["process"]["pid"], signal.SIGSTOP)
        try:
            code, told, said = sweep(alone)
        finally:
            os.kill(there.address["process"]["pid"], signal.SIGCONT)
        assert code == 5
        [silent] = told["unreachable"]
        pid = there.address["process"]["pid"]
        assert f"(id {there.address['id']}, process {pid} on this machine since 20" in silent
        assert f"it is stopped: `kill -CONT {pid}` lets it go on" in silent
        assert said.rstrip().splitlines()[-1].startswith("NOT UNDONE: ")
        assert sweep(alone)[0] == 0
        assert in_force(there) == []


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        (b"[1]", "all of it"),
        (b"{}", "admin, environment, hold, id, kind, process, proxy, run, token, tokens"),
        (b"{", "it is no JSON"),
        (b"\xff\xfe", "it is no JSON"),
        (b"[" * 60_000, "it is no JSON"),
        (b'{"environment": "hunter2"}', "admin, hold, id"),
    ],
)
def test_a_beacon_that_tells_nonsense_is_one_clear_line(
    alone: Path,
    told: bytes,
    wrong: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever has our user can listen under such a name, another version among them."""
    own = f"drillmaster-test-{uuid4().hex[:12]}-"  # no other test's sweep asks there
    monkeypatch.setattr(beacon, "prefix", lambda: own)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"\0{own}odd")
        listener.listen()
        answering = threading.Thread(target=_answer_once, args=(listener, told), daemon=True)
        answering.start()
        assert main(["sweep", str(alone)]) == 5
        answering.join(10)
    said, complaint = capsys.readouterr()
    assert complaint == ""
    [line] = said.splitlines()
    us = os.getpid()
    assert line.startswith(f"NOT UNDONE: what answers as a sandbox (id odd, process {us} on ")
    assert wrong in line
    assert line.endswith(f"else end it: `kill {us}`")
    assert "hunter2" not in line


def _answer_once(listener: socket.socket, told: bytes) -> None:
    connection, _ = listener.accept()
    with connection, contextlib.suppress(OSError):  # who asks may have read enough
        connection.sendall(told + b"\n")


def test_the_address_is_told_to_no_other_user(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with sandbox(environment=name) as there:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(f"\0{beacon.prefix()}{there.address['id']}")
            assert beacon.user_of(line) == os.getuid()
        [found], _ = find(name)
        assert found == there.address
        monkeypatch.setattr(beacon, "user_of", lambda _: os.getuid() + 1)
        assert find(name)[0] == [], "somebody else's socket of that name is not believed"


def test_no_secret_of_a_sandbox_is_where_others_can_read_it(name: str) -> None:
    with sandbox(environment=name) as there:
        secrets = {there.address["token"], *there.address["tokens"].values()}
        public = beacon.LISTED.read_text()
        for process in there.processes():
            public += " ".join(process.cmdline()) + str(process.environ())
        assert not any(secret in public for secret in secrets)


def test_a_system_without_such_sockets_is_told_so(
    name: str, alone: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(beacon, "LISTED", tmp_path / "not-there")
    with pytest.raises(DrillmasterError, match=r"on Linux alone.*drillmaster reap"):
        find(name)


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> MemoryFault:
    """A target in memory, found as the only one, that shows what is in."""
    there = staging(monkeypatch)
    monkeypatch.setattr(
        "drillmaster.engine.settling.sweep.standing", lambda _: ([{"kind": "memory"}], [])
    )
    monkeypatch.setattr(
        type(there.target),
        "marks",
        lambda _: [_mark_of(fault) for fault in sorted(there.kind.there)],
    )
    return there.kind


def _mark_of(fault: str) -> Mark:
    kind = {"odd": "unheard-of", "played": "experiment"}.get(fault.removeprefix("r1-"), "broken")
    return Mark(fault, "r1", kind, datetime.fromtimestamp(0, UTC))


def swept(alone: Path) -> dict[str, str | None]:
    """What the sweep says of each fault: its problem, or None."""
    with Sweep(open_environment(str(alone)), SteadyClock()) as found:
        return {one.mark.fault: one.problem for one in found.undo(found.faults())}


def test_what_cannot_be_undone_keeps_nothing_else_in(memory: MemoryFault, alone: Path) -> None:
    def refuse(fault: Injection) -> None:
        if fault.name == "bad":
            raise RuntimeError("the password is hunter2")

    memory.misbehave = refuse
    memory.there |= {injected("r1", name).id for name in ("good", "bad", "odd")}
    result = swept(alone)
    assert result["r1-good"] is None
    assert result["r1-bad"] == "its undo failed: RuntimeError"
    assert "no fault unheard-of" in str(result["r1-odd"])
    assert memory.there == {"r1-bad", "r1-odd"}


def test_a_mark_runs_nothing(
    memory: MemoryFault, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may write at the target must not choose what runs on the machine that sweeps."""
    touched: list[str] = []
    for kind in ANYWHERE.values():
        for name in ("undo", "present"):
            monkeypatch.setattr(kind, name, lambda *_: touched.append("run"))
    memory.there |= {"r1-played", "r1-good"}
    result = swept(alone)
    assert result["r1-good"] is None
    assert str(result["r1-played"]).startswith("a mark that cannot be obeyed: ")
    assert touched == []


@pytest.mark.parametrize("kind", sorted(ANYWHERE))
@pytest.mark.parametrize("target", ["sandbox", "kubernetes"])
def test_no_target_has_a_mark_of_what_is_played(kind: str, target: str) -> None:
    mark = Mark("r1-f", "r1", kind, datetime.fromtimestamp(0, UTC))
    with pytest.raises(MarkError, match=f"no fault {kind} that marks"):
        injection_of(mark, MemoryTarget(kind=target))


def test_an_undo_that_only_says_so_is_not_believed(
    memory: MemoryFault, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.there.add("r1-sticky")
    monkeypatch.setattr(memory, "present", lambda *_: True)
    assert swept(alone) == {"r1-sticky": "it is still at the target after its undo"}


def test_a_target_that_remembers_nothing_is_looked_at_again(
    memory: MemoryFault, alone: Path
) -> None:
    memory.closing = False
    memory.there.add("r1-late")

    def comes_back(_fault: Injection) -> None:
        if len(memory.undone) == 1:
            memory.there.add("r1-late")  # a request that was on its way arrives

    memory.misbehave = comes_back
    assert swept(alone) == {"r1-late": None}
    assert memory.there == set()
    assert len(memory.undone) > 2
