import sqlite3
import threading
import time
from pathlib import Path

import pytest

from drillmaster.clock import SteadyClock
from drillmaster.definitions.probes import SqlProbe
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.sql import ask
from drillmaster.targets.base import Identity
from tests.support.http import closed_port


def put(
    url: str, statement: str = "select 1", who: Identity | None = None, **more: object
) -> Answer:
    shape = {"url": url, "statement": statement, "timeout": "5s"} | more
    return ask(SqlProbe.model_validate(shape), Asking(SteadyClock(), identity=who))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    connection = sqlite3.connect(path)
    connection.executescript("create table orders (id integer); insert into orders values (1)")
    connection.close()
    return path


def _orders(path: Path) -> int:
    connection = sqlite3.connect(path)
    (count,) = connection.execute("select count(*) from orders").fetchone()
    connection.close()
    return int(count)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from orders",
        "select 1;",
        "select '100%'",
        "insert into orders values (2)",
        "delete from orders",
        "drop table orders",
        "create table more (id integer)",
    ],
)
def test_a_statement_runs_and_leaves_nothing(database: Path, statement: str) -> None:
    before = database.read_bytes()
    answer = put(f"sqlite:///{database}", statement)
    assert answer.met, answer.detail
    assert database.read_bytes() == before


@pytest.mark.parametrize(
    ("statement", "code"),
    [("select * from nothing", "SQLITE_ERROR"), ("selec 1", "SQLITE_ERROR")],
)
def test_a_statement_that_fails_is_unclear(database: Path, statement: str, code: str) -> None:
    answer = put(f"sqlite:///{database}", statement)
    assert (answer.outcome, answer.value) == ("unclear", code)


@pytest.mark.parametrize("statement", ["select 1; drop table orders", ";", "select ';'", "  ; ;"])
def test_two_statements_are_none(database: Path, statement: str) -> None:
    answer = put(f"sqlite:///{database}", statement)
    assert answer.outcome == "unclear"
    assert _orders(database) == 1


def test_a_database_that_may_only_be_read(database: Path) -> None:
    url = f"sqlite:///file:{database}?mode=ro&uri=true"
    assert put(url).met
    answer = put(url, "insert into orders values (2)")
    assert (answer.outcome, answer.value) == ("denied", "SQLITE_READONLY")


def test_a_database_that_is_missing_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "missing.db"
    assert put(f"sqlite:///{path}").outcome == "unreachable"
    assert not path.exists()


def test_a_database_that_is_locked(database: Path) -> None:
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("begin exclusive")
    assert put(f"sqlite:///{database}", "select * from orders", timeout="300ms").outcome == (
        "unreachable"
    )
    connection.close()


def test_a_statement_that_never_ends_is_ended(database: Path) -> None:
    forever = "with recursive n(i) as (select 1 union all select i + 1 from n) select sum(i) from n"
    begun = time.monotonic()
    answer = put(f"sqlite:///{database}", forever, timeout="300ms")
    assert time.monotonic() - begun < 5
    assert answer.outcome == "unreachable"
    deadline = time.monotonic() + 10
    while any(thread.name == "probe" for thread in threading.enumerate()):
        assert time.monotonic() < deadline, "the statement runs on"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("no address", "cannot be read"),
        ("nothing://host/db", "cannot be read"),
        ("nothing+known://host/db", "PostgreSQL"),
        ("mysql+pymysql://host/db", "PostgreSQL"),
        ("postgresql+psycopg://host/db?user=me", "login"),
        ("postgresql+psycopg://host/db", "no login"),
    ],
)
def test_what_cannot_be_asked_is_unclear(url: str, why: str) -> None:
    answer = put(url)
    assert answer.outcome == "unclear"
    assert why in answer.detail
    assert "s3cret" not in answer.detail


def test_nobody_listens() -> None:
    url = f"postgresql+psycopg://127.0.0.1:{closed_port()}/shop"
    answer = put(url, who=Identity("me", sql_user="me", sql_password="s3cret"))
    assert (answer.outcome, answer.detail) == ("unreachable", "no connection")
