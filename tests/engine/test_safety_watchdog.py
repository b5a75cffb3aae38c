"""The watchdog outlives whatever goes wrong around it: nobody else may be left."""

import json
import select
import socket
from contextlib import ExitStack
from typing import Any

import pytest

from drillmaster.engine.books import ledger
from drillmaster.engine.settling import watchdog
from drillmaster.timeline.store import Store, StoreError
from tests.support.faulty import Staging, owing, staging

HOLD = json.dumps({"hold": {"kind": "memory"}}).encode() + b"\n"


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Staging:
    return staging(monkeypatch, there={"r1-f"})


def state(store: Store) -> str:
    with store.read() as connection:
        row = ledger.find(connection, "r1")
    return str(row and row.state)


def watch(store: Store, line: socket.socket) -> None:
    with line, line.makefile("rw") as talk, ExitStack() as held:
        watchdog._watch(store, "r1", line, talk, held)


def test_a_store_that_cannot_be_read_is_looked_at_again(
    store: Store, there: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    owing(store, "f")

    def unread(*_: Any) -> Any:
        raise StoreError("the store cannot be read")

    with monkeypatch.context() as broken:
        broken.setattr(ledger, "find", unread)
        assert not watchdog._over(store, "r1", supervisor_gone=True)
    assert watchdog._over(store, "r1", supervisor_gone=True)
    assert there.kind.there == set()
    assert state(store) == "settled"


def test_a_bug_in_a_settlement_does_not_end_the_watch(
    store: Store, there: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    owing(store, "f")
    with monkeypatch.context() as broken:
        broken.setattr(watchdog, "settle_run", lambda *_: 1 / 0)
        assert not watchdog._over(store, "r1", supervisor_gone=True)
    assert watchdog._over(store, "r1", supervisor_gone=True)
    assert there.kind.there == set()


def test_a_supervisor_that_dies_before_it_reads_the_answer_is_dead(
    store: Store, there: Staging
) -> None:
    owing(store, "f")
    mine, theirs = socket.socketpair()
    mine.sendall(HOLD)

    def die() -> None:  # an answer that nobody has read resets the line
        assert select.select([mine], [], [], 10)[0]
        mine.close()

    watchdog_says = watchdog._say

    def say(talk: Any, word: str) -> None:
        watchdog_says(talk, word)
        die()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watchdog, "_say", say)
        watch(store, theirs)
    assert state(store) == "settled"
    assert there.kind.there == set()


def test_a_supervisor_that_dies_while_it_writes_is_dead(store: Store, there: Staging) -> None:
    owing(store, "f")
    mine, theirs = socket.socketpair()
    mine.sendall(HOLD[:10])
    mine.close()
    watch(store, theirs)
    assert state(store) == "settled"
    assert there.kind.there == set()


def test_a_store_that_can_only_be_read_keeps_no_fault_in(
    store: Store, there: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    owing(store, "f")

    def refuse(*_: Any) -> Any:
        raise StoreError("the store cannot be written: disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(Store, "write", refuse)
        assert not watchdog._over(store, "r1", supervisor_gone=True)
        assert there.kind.there == set()
    assert watchdog._over(store, "r1", supervisor_gone=True)
    assert state(store) == "settled"
