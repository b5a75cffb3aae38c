"""Sql probes against a real PostgreSQL."""

import secrets
import time
from dataclasses import dataclass

import pytest

from drillmaster.clock import SteadyClock
from drillmaster.definitions.probes import SqlProbe
from drillmaster.probes.base import Answer, Asking
from drillmaster.probes.sql import ask
from drillmaster.targets.base import Identity
from tests.support.postgres import Postgres


@dataclass(frozen=True)
class Shop:
    """A table that one login may read, and another may not touch."""

    server: Postgres
    reader: Identity
    nobody: Identity
    table: str

    def put(self, statement: str, who: Identity | None, **more: object) -> Answer:
        shape = {"url": self.server.url, "statement": statement, "timeout": "10s"} | more
        return ask(SqlProbe.model_validate(shape), Asking(SteadyClock(), identity=who))


@pytest.fixture(scope="module")
def shop(postgres: Postgres) -> Shop:
    mark = secrets.token_hex(4)
    table, reader, nobody = f"orders_{mark}", f"reader_{mark}", f"nobody_{mark}"
    postgres.run(
        f"create table {table} (id integer primary key)",
        f"create role {reader} login password 's3cret-reader'",
        f"create role {nobody} login password 's3cret-nobody'",
        f"create role locked_{mark} nologin password 's3cret-locked'",
        f"grant select, insert on {table} to {reader}",
    )
    return Shop(
        postgres,
        Identity("responder-2", sql_user=reader, sql_password="s3cret-reader"),
        Identity("nobody", sql_user=nobody, sql_password="s3cret-nobody"),
        table,
    )


def test_who_may_read_reads(shop: Shop) -> None:
    assert shop.put(f"select * from {shop.table}", shop.reader).met


def test_who_may_not_is_denied(shop: Shop) -> None:
    answer = shop.put(f"select * from {shop.table}", shop.nobody)
    assert (answer.outcome, answer.value) == ("denied", "42501")
    assert "permission denied" in answer.detail


def test_an_insert_is_rolled_back(shop: Shop) -> None:
    for _ in range(2):  # the second would hit the primary key
        assert shop.put(f"insert into {shop.table} values (1)", shop.reader).met
    assert shop.put(f"select 1 / count(*) from {shop.table}", shop.reader).value == "22012"


def test_a_table_definition_is_rolled_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = shop.server.admin
    monkeypatch.setenv("SQL_PASSWORD", str(admin.password or ""))
    own = {"user": admin.username, "password": "env:SQL_PASSWORD"}
    for _ in range(2):
        assert shop.put(f"create table more_{shop.table} (id integer)", None, **own).met


@pytest.mark.parametrize("change", [{"sql_password": "wrong"}, {"sql_user": "no-such-role"}])
def test_a_wrong_login_is_denied(shop: Shop, change: dict[str, str]) -> None:
    fields = {"sql_user": shop.reader.sql_user, "sql_password": shop.reader.sql_password} | change
    answer = shop.put("select 1", Identity("responder-2", **fields))
    assert (answer.outcome, answer.detail) == ("denied", "the login was refused")


def test_a_role_without_login_is_denied(shop: Shop) -> None:
    locked = Identity(
        "x", sql_user=shop.table.replace("orders", "locked"), sql_password="s3cret-locked"
    )
    assert shop.put("select 1", locked).outcome == "denied"


def test_no_password_is_picked_up_from_this_machine(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "s3cret-reader")
    answer = shop.put("select 1", Identity("responder-2", sql_user=shop.reader.sql_user))
    assert answer.outcome == "denied"


@pytest.mark.parametrize("statement", ["selec 1", "select * from no_such_table", "select 1 / 0"])
def test_a_statement_that_fails_is_unclear(shop: Shop, statement: str) -> None:
    assert shop.put(statement, shop.reader).outcome == "unclear"


def test_a_percent_sign_is_no_parameter(shop: Shop) -> None:
    assert shop.put("select '100%' where 'a' like '%s'", shop.reader).met


def test_a_database_that_is_not_there_is_unclear(shop: Shop) -> None:
    url = shop.server.url.rsplit("/", 1)[0] + "/no_such_database"
    assert shop.put("select 1", shop.reader, url=url).outcome == "unclear"


def test_a_slow_statement_is_ended_at_the_server_too(shop: Shop) -> None:
    begun = time.monotonic()
    assert shop.put("select pg_sleep(60)", shop.reader, timeout="500ms").outcome == "unreachable"
    assert time.monotonic() - begun < 10
    running = (
        "select 1 / (1 - count(*)) from pg_stat_activity"
        " where query = 'select pg_sleep(60)' and usename = current_user"
    )
    deadline = time.monotonic() + 10
    while not shop.put(running, shop.reader).met:
        assert time.monotonic() < deadline, "the statement runs on"
        time.sleep(0.05)


def test_no_password_is_told(shop: Shop) -> None:
    answer = shop.put("select 's3cret-reader'::integer", shop.reader)
    assert answer.outcome == "unclear"
    assert "s3cret" not in answer.detail
    assert "***" in answer.detail
