"""The sandbox lives while somebody holds it, and leaves nothing."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from drillmaster.clock import Anchor
from drillmaster.process import MARK
from drillmaster.sandbox.given import Settings, issue
from drillmaster.sandbox.launch import LaunchError, hold, launch, wait_until_gone
from drillmaster.targets.base import GoneError, UnreachableError
from tests.support.sandbox import Running, all_gone, eventually, sandbox


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    """A sandbox that outlives its test, started with secrets in the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAGING_KEY", "very-secret")
        patch.setenv("DRILLMASTER_RUN", "r1")
        with sandbox(replicas=3) as running:
            yield running


@pytest.fixture(scope="module")
def gone() -> Running:
    """A sandbox that has left."""
    with sandbox(replicas=1) as running:
        return running


def test_all_its_processes_end_when_the_last_holder_lets_go() -> None:
    with sandbox(replicas=2) as running:
        processes = running.processes()
        second = hold(running.address)
        running.hold.close()
        with pytest.raises(AssertionError):
            eventually(lambda: all_gone(processes), 0.8)
        assert second.alive()
        second.close()
        eventually(lambda: all_gone(processes), 2.0)


def test_replicas_databases_and_the_nursery_are_processes_of_their_own(shared: Running) -> None:
    pods = {pod["pid"] for pod in shared.workload()["pods"]}
    assert len(pods) == 3
    assert pods < {process.pid for process in shared.processes()}
    assert len(shared.processes()) == 1 + 1 + 3 + 2


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_everything_ends_with_the_host(number: signal.Signals) -> None:
    with sandbox(replicas=2) as running:
        host, *others = running.processes()
        host.send_signal(number)
        eventually(lambda: all_gone(others), 2.0)
        eventually(lambda: not running.hold.alive(), 2.0)


def test_everything_ends_when_the_nursery_is_killed() -> None:
    with sandbox(replicas=2) as running:
        processes = running.processes()
        processes[1].kill()
        eventually(lambda: all_gone(processes), 2.0)


def test_a_host_that_is_stopped_cannot_keep_replicas_alive_once_killed() -> None:
    with sandbox(replicas=2) as running:
        host, nursery, *others = running.processes()
        nursery.suspend()
        host.kill()
        eventually(lambda: all_gone(others), 2.0)
        nursery.resume()
        eventually(lambda: all_gone([nursery]), 2.0)


def test_a_closed_terminal_does_not_end_it(shared: Running) -> None:
    for process in shared.processes():
        process.send_signal(signal.SIGHUP)
    assert shared.shop.get("/checkout").status_code == 200
    assert shared.ready(3)


def test_it_leaves_when_nobody_ever_holds_it() -> None:
    settings = issue("r1", Anchor.here(), {}).model_copy(update={"grace": 0.2})
    address = launch(settings)
    assert wait_until_gone(address, 3.0)


def test_a_holder_that_is_killed_lets_go() -> None:
    with sandbox(replicas=2) as running:
        program = (
            "import json, sys; from drillmaster.sandbox.launch import hold;"
            "held = hold(json.loads(sys.stdin.readline())); print('held', flush=True);"
            "sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # nobody takes it for a process of another test's run
            env={name: value for name, value in os.environ.items() if name != MARK},
        ) as holder:
            assert holder.stdin is not None
            assert holder.stdout is not None
            holder.stdin.write(json.dumps(running.address) + "\n")
            holder.stdin.flush()
            assert holder.stdout.readline() == "held\n", holder.wait(10)
            running.hold.close()
            holder.kill()
        assert wait_until_gone(running.address, 2.0)


def test_it_belongs_to_nobody(shared: Running) -> None:
    host = psutil.Process(shared.address["process"]["pid"])
    assert os.getpid() not in {parent.pid for parent in host.parents()}
    assert os.getsid(host.pid) != os.getsid(0)
    assert {process.cwd() for process in shared.processes()} == {"/"}


def test_it_shows_and_inherits_no_secret(shared: Running) -> None:
    secrets = [shared.address["token"], *shared.address["tokens"].values()]
    for process in shared.processes():
        arguments = " ".join(process.cmdline())
        assert not any(secret in arguments for secret in secrets)
        assert not {"PAGING_KEY", "DRILLMASTER_RUN"} & process.environ().keys()


def test_it_has_no_file_and_keeps_nothing_of_its_caller_open(shared: Running) -> None:
    for process in shared.processes():
        files = {Path(file.path) for file in process.open_files()}
        assert files <= {Path(os.devnull)}
        for standard in (0, 1, 2):
            link = Path(f"/proc/{process.pid}/fd/{standard}")
            assert not link.exists() or link.readlink() == Path(os.devnull)


def test_wrong_settings_are_told_without_a_secret() -> None:
    settings = issue("r1", Anchor.here(), {"responder-2": ["view"]})
    wrong = Settings.model_construct(**{**dict(settings), "replicas": 99})
    with pytest.raises(LaunchError, match="did not start") as caught:
        launch(wrong)
    assert not any(token in str(caught.value) for token in [settings.operator, *settings.tokens])


def test_a_start_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(LaunchError, match=r"within 0\.01 s"):
        launch(issue("r1", Anchor.here(), {}).model_copy(update={"grace": 0.2}), timeout=0.01)


def test_settings_and_their_repr_keep_tokens_apart() -> None:
    settings = issue("r1", Anchor.here(), {"responder-2": ["view"]})
    assert not any(token in repr(settings) for token in [settings.operator, *settings.tokens])
    assert len({settings.operator, *settings.tokens}) == 4


def test_a_sandbox_that_is_gone_cannot_be_held(gone: Running) -> None:
    with pytest.raises(GoneError):
        hold(gone.address)
    assert not gone.hold.alive()


def test_another_service_on_the_port_is_not_taken_for_the_sandbox() -> None:
    with sandbox(replicas=2) as running, socket.create_server(("127.0.0.1", 0)) as other:
        strange = {**running.address, "hold": list(other.getsockname())}
        with pytest.raises(UnreachableError, match="something else"):
            hold(strange, timeout=0.2)
        host = psutil.Process(running.address["process"]["pid"])
        host.kill()
        eventually(lambda: all_gone([host]))
        with pytest.raises(GoneError):
            hold(strange, timeout=0.2)


def test_a_sandbox_elsewhere_is_never_said_to_be_gone(gone: Running) -> None:
    process = {**gone.address["process"], "host": "another-machine"}
    with pytest.raises(UnreachableError):
        hold({**gone.address, "process": process})
