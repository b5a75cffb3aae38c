"""`drillmaster ack`, as a function; the parser is another file's matter."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from drillmaster.cli.commands.ack import ack
from drillmaster.clock import Anchor
from drillmaster.errors import InvalidError
from drillmaster.oncall import doors
from drillmaster.oncall.embedded import EmbeddedProvider
from drillmaster.timeline.store import Store
from drillmaster.timeline.tables import runs
from tests.support.hands import HandClock, fresh_store
from tests.support.oncall import drill, log_of, short, team


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    store = fresh_store(tmp_path)
    monkeypatch.setenv("DRILLMASTER_DATABASE_URL", str(store.url))
    yield store
    store.close()


@pytest.fixture
def provider(store: Store) -> EmbeddedProvider:
    return EmbeddedProvider.for_environment(team(), store, HandClock())


def run(name: str | None, person: str, *, withdraw: bool = False, hand_over: bool = False) -> int:
    return ack(name, person, withdraw=withdraw, hand_over=hand_over)


def after_the_opening(provider: EmbeddedProvider) -> list[str]:
    return short(log_of(provider))[3:]


@pytest.mark.parametrize("name", [None, "inc-1", "run-1"])
def test_the_incident_is_found(
    provider: EmbeddedProvider, capsys: pytest.CaptureFixture[str], name: str | None
) -> None:
    provider.open(drill())
    assert run(name, "ben") == 0
    assert capsys.readouterr().out == "ben acknowledged inc-1 as secondary\n"
    assert after_the_opening(provider) == ["ack ben secondary person"]
    assert run(name, "ben") == 0
    assert capsys.readouterr().out == "ben had acknowledged inc-1 as secondary\n"


def test_the_other_doors(provider: EmbeddedProvider, capsys: pytest.CaptureFixture[str]) -> None:
    provider.open(drill())
    run(None, "ana")
    run(None, "ana", withdraw=True)
    run(None, "ana")
    run(None, "ana", hand_over=True)
    run(None, "dan")
    assert capsys.readouterr().out.splitlines() == [
        "ana acknowledged inc-1 as primary",
        "ana took the acknowledgement of inc-1 back",
        "ana acknowledged inc-1 as primary",
        "ana handed inc-1 over to the next level",
        "dan acknowledged inc-1 as somebody not on call",
    ]
    with pytest.raises(InvalidError, match="exclude each other"):
        run(None, "dan", withdraw=True, hand_over=True)


def test_which_one_is_asked_where_there_are_several(provider: EmbeddedProvider) -> None:
    provider.open(drill())
    provider.open_real("real-1", "billing", "error", "billing is down")
    with pytest.raises(InvalidError, match=r"several incidents are open; say which: r.* or r.*"):
        run(None, "ben")
    assert run("real-1", "ben") == 0


def test_what_is_not_open_is_said(provider: EmbeddedProvider, store: Store) -> None:
    with pytest.raises(InvalidError, match=r"^no incident is open$"):
        run(None, "ben")
    with pytest.raises(InvalidError, match="no open incident 'run-1'; none is open"):
        run("run-1", "ben")
    provider.open(drill())
    with pytest.raises(InvalidError, match="no open incident 'run-2'; did you mean 'run-1'"):
        run("run-2", "ben")
    with pytest.raises(InvalidError, match="nobody is called 'bem'; did you mean 'ben'"):
        run("run-1", "bem")
    doors.resolve(store, HandClock(), "inc-1", "ana")
    with pytest.raises(InvalidError, match=r"^run-1 is resolved$"):
        run("run-1", "ben")


def test_the_time_is_that_of_the_runs_own_clock(provider: EmbeddedProvider, store: Store) -> None:
    """The run's clock is an hour ahead of this machine's by now."""
    provider.open(drill())
    here = Anchor.here()
    ahead = here.model_copy(update={"wall": here.wall + timedelta(hours=1)})
    with store.write() as connection:
        connection.execute(
            insert(runs).values(
                run="run-1",
                drill="d",
                environment="staging",
                state="open",
                fence=1,
                owner={},
                lease_until=0.0,
                anchor=json.loads(ahead.model_dump_json()),
                settlement={},
                simulated=False,
                started_at=0.0,
            )
        )
    run(None, "ben")
    event = log_of(provider)[-1]
    assert timedelta(0) <= event.occurred_at - ahead.wall < timedelta(minutes=1)
