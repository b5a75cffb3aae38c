"""Several processes work on one incident: each page goes out once."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drillmaster.clock import SteadyClock
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline.store import Store
from tests.support.hands import HandClock, fresh_store
from tests.support.oncall import drill, hooked, log_of, short, team
from tests.support.postgres import Postgres

WORKERS = 2

WORKER = """
import sys
from drillmaster.clock import SteadyClock
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline.store import Store

store = Store.open_url(sys.stdin.readline().strip())
clock = SteadyClock()
provider = EmbeddedProvider.from_data({"environment": "staging"}, store, clock)
provider.follow("inc-1")
print("ready", flush=True)
sys.stdin.readline()
while "policy-exhausted" not in [event.type for event in provider.read("inc-1", 0)[0]]:
    provider.advance()
"""

TEAM_POLICY = [{"page": "primary", "timeout": "200ms"}, {"page": "secondary", "timeout": "200ms"}]


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store that several processes use."""
    if request.param == "sqlite":
        store = fresh_store(tmp_path)
    else:
        server: Postgres = request.getfixturevalue("postgres")
        store = Store.open_url(server.scratch_url())
    yield store
    store.close()


def test_processes_that_race_page_once(shared: Store) -> None:
    with hooked() as hook:
        contacts = {who: [{"channel": "chat"}] for who in ("ana", "ben", "bea")}
        channels = {"chat": {"webhook": {"url": hook.url}}}
        environment = team(policy=TEAM_POLICY, channels=channels, contacts=contacts)
        provider = EmbeddedProvider.for_environment(environment, shared, SteadyClock())
        provider.open(drill())  # this process opens it, and leaves the work to the others
        _race(shared, [_worker() for _ in range(WORKERS)])
        log = short(log_of(provider))
    assert sorted(e for e in log if e.startswith("page")) == ["page ana", "page bea", "page ben"]
    levels = [line for line in log if line.startswith("level")]
    assert levels == ["level 1 opened", "level 2 timeout"]
    assert log.count("policy-exhausted") == 1
    assert log.count("delivered chat") == 3
    assert sorted(got["person"] for got in hook.got) == ["ana", "bea", "ben"]


def _worker() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _race(store: Store, workers: list["subprocess.Popen[str]"]) -> None:
    try:
        for worker in workers:
            _say(worker, store.secret_url())
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            _say(worker, "go")
        assert [worker.wait(60) for worker in workers] == [0] * len(workers)
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


def _say(worker: "subprocess.Popen[str]", line: str) -> None:
    assert worker.stdin is not None
    worker.stdin.write(line + "\n")
    worker.stdin.flush()


def test_a_killed_process_loses_no_page(tmp_path: Path) -> None:
    """It is killed between the level that it reached and the page that it owes."""
    store = fresh_store(tmp_path)
    clock = HandClock(datetime.now(UTC))
    with hooked() as hook:
        contacts = {"ana": [{"channel": "chat"}]}
        environment = team(channels={"chat": {"webhook": {"url": hook.url}}}, contacts=contacts)
        _opened_by_a_process_that_is_killed(tmp_path, environment.model_dump_json())
        heir = EmbeddedProvider.from_data({"environment": "staging"}, store, clock)
        heir.follow("inc-1")
        heir.advance()
    assert [got["person"] for got in hook.got] == ["ana"]
    store.close()


DOOMED = """
import os, signal, sys
from pathlib import Path
from drillmaster.clock import SteadyClock
from drillmaster.definitions.environment import Environment
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline.store import Store, sqlite_url
from tests.support.oncall import drill

environment = Environment.model_validate_json(sys.argv[2])
store = Store.open(sqlite_url(Path(sys.argv[1])))
EmbeddedProvider.for_environment(environment, store, SteadyClock()).open(drill())
os.kill(os.getpid(), signal.SIGKILL)
"""


def _opened_by_a_process_that_is_killed(folder: Path, environment: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", DOOMED, str(folder / "drillmaster.db"), environment],
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert ended.returncode == -9
