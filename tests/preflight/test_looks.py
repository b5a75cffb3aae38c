"""Each look by itself, at a world in which it finds something."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drillmaster.engine.books import ledger
from drillmaster.engine.preflight import channels, reports, runbooks, secrets
from drillmaster.engine.preflight.definitions import Definitions
from drillmaster.engine.preflight.row import Row
from drillmaster.engine.preflight.store import StoreLook
from drillmaster.timeline.store import Store, sqlite_url
from tests.support.definitions import SHIPPED, copy_of, edit
from tests.support.http import Asked, Reply, serving
from tests.support.ledger import opened
from tests.support.mail import Box, mail_server
from tests.support.preflight import drill, environment, looking_at, project


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The drills that come with Drillmaster, in the working folder."""
    monkeypatch.chdir(tmp_path)
    copy_of(SHIPPED, tmp_path)
    return Path("drills")


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def results(rows: list[Row]) -> list[str]:
    return [row.result for row in rows]


class TestDefinitions:
    def test_what_steps_need_and_nothing_asks_for(self, shipped: Path) -> None:
        profile = shipped / "access" / "checkout-secondary.yaml"
        edit(profile, "can: lift-throttle", "can: failover")
        rows = self.rows_of(shipped)
        (row,) = [row for row in rows if row.check == "access"]
        assert row.result == "warning"
        assert "asks for `lift-throttle checkout in shop`" in row.message
        assert row.where == "drills/access/checkout-secondary.yaml, under checks"
        assert row.mend is not None
        profile.write_text(f"{profile.read_text()}  {row.mend}\n")
        assert results(self.rows_of(shipped)) == ["ok"]

    def test_a_drill_that_ends_before_the_page(self, shipped: Path) -> None:
        edit(shipped / "checkout-degraded.yaml", "duration: 2m", "duration: 2s")
        (row,) = [row for row in self.rows_of(shipped) if row.result == "warning"]
        assert "nothing can be proved" in row.message
        assert row.mend is not None
        assert row.mend.endswith("drills/checkout-degraded.yaml")

    def rows_of(self, shipped: Path) -> list[Row]:
        return list(Definitions(looking_at(shipped / "environments" / "sandbox.yaml")).rows())

    def test_all_are_valid(self, shipped: Path) -> None:
        looked = Definitions(looking_at(shipped / "environments" / "sandbox.yaml"))
        assert results(list(looked.rows())) == ["ok"]
        assert {one.drill.name for one in looked.bundles} >= {"checkout-degraded"}

    def test_what_is_wrong_is_named_with_the_command_that_opens_it(self, shipped: Path) -> None:
        edit(shipped / "checkout-degraded.yaml", "service:", "servise:")
        looked = Definitions(looking_at(shipped / "environments" / "sandbox.yaml"))
        bad = [row for row in looked.rows() if row.stops]
        assert looked.problems
        assert "drills/checkout-degraded.yaml:" in bad[0].message
        assert bad[0].mend is not None
        assert bad[0].mend.endswith(" drills/checkout-degraded.yaml")
        assert "checkout-degraded" not in [one.drill.name for one in looked.bundles]

    def test_drills_of_other_environments_are_none_of_its_business(self, tmp_path: Path) -> None:
        broken = drill(name="broken", environment="elsewhere", service=7)
        looked = Definitions(looking_at(project(tmp_path, environment(), drill(), broken)))
        assert results(list(looked.rows())) == ["ok"]

    def test_an_environment_without_a_drill(self, tmp_path: Path) -> None:
        looked = Definitions(looking_at(project(tmp_path, environment())))
        (row,) = looked.rows()
        assert (row.result, row.mend) == ("warning", "environment: staging")

    def test_a_runbook_that_nobody_read_for_long(self, shipped: Path) -> None:
        book = shipped / "runbooks" / "checkout-degraded.md"
        reviewed = next(line for line in book.read_text().splitlines() if "reviewed:" in line)
        edit(book, reviewed, f"reviewed: {datetime.now(UTC).date() - timedelta(days=400)}")
        edit(book, "\n---\n", "\n---\n\n[gone](nowhere.md)\n")
        looked = Definitions(looking_at(shipped / "environments" / "sandbox.yaml"))
        found = [row for row in looked.rows() if row.check == "runbooks"]
        assert results(found) == ["warning", "warning"]
        stale = next(row for row in found if "400 days ago" in row.message)
        assert stale.mend is not None
        edit(book, f"reviewed: {datetime.now(UTC).date() - timedelta(days=400)}", stale.mend)
        looked = Definitions(looking_at(shipped / "environments" / "sandbox.yaml"))
        assert not any("days ago" in row.message for row in looked.rows())


class TestStore:
    @pytest.fixture
    def look(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stack: ExitStack
    ) -> Callable[[], tuple[list[Row], StoreLook]]:
        monkeypatch.delenv("DRILLMASTER_DATABASE_URL", raising=False)
        monkeypatch.chdir(tmp_path)
        path = project(tmp_path, environment())

        def looking() -> tuple[list[Row], StoreLook]:
            looked = StoreLook(looking_at(path), stack)
            return list(looked.rows()), looked

        return looking

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = Store.open(sqlite_url(tmp_path / ".drillmaster" / "drillmaster.db"))
        yield store
        store.close()

    def test_a_store_that_is_not_there_yet_is_not_made(
        self, look: Callable[[], tuple[list[Row], StoreLook]], tmp_path: Path
    ) -> None:
        rows, looked = look()
        assert results(rows) == ["ok"]
        assert looked.usable is not None, "an empty one stands in"
        assert not (tmp_path / ".drillmaster").exists()

    def test_nothing_is_open(
        self, look: Callable[[], tuple[list[Row], StoreLook]], store: Store
    ) -> None:
        rows, _ = look()
        assert results(rows) == ["ok", "ok"]

    def test_a_newer_store(
        self, look: Callable[[], tuple[list[Row], StoreLook]], store: Store
    ) -> None:
        with sqlite3.connect(str(store.url.database)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.close()
        rows, looked = look()
        assert results(rows) == ["problem"]
        assert "newer" in rows[0].message
        assert looked.usable is None

    def test_a_store_that_is_no_database(
        self, look: Callable[[], tuple[list[Row], StoreLook]], tmp_path: Path
    ) -> None:
        (tmp_path / ".drillmaster").mkdir()
        (tmp_path / ".drillmaster" / "drillmaster.db").write_text("not a database, but long enough")
        rows, _ = look()
        assert results(rows) == ["problem"]

    def test_a_store_that_is_held_by_somebody(
        self, look: Callable[[], tuple[list[Row], StoreLook]], store: Store
    ) -> None:
        with store.write():
            rows, _ = look()
        assert results(rows) == ["problem"]
        assert "locked" in rows[0].message

    def test_an_address_that_is_none(
        self,
        look: Callable[[], tuple[list[Row], StoreLook]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("DRILLMASTER_DATABASE_URL", "nonsense")
        rows, _ = look()
        assert (rows[0].result, rows[0].mend) == ("problem", "unset DRILLMASTER_DATABASE_URL")

    @pytest.mark.parametrize(
        ("state", "result", "mend"),
        [
            ("open", "problem", "drillmaster status"),
            ("stuck", "problem", "drillmaster reap"),
            ("dead", "warning", "drillmaster reap"),
        ],
    )
    def test_runs_that_are_open(
        self,
        look: Callable[[], tuple[list[Row], StoreLook]],
        store: Store,
        state: str,
        result: str,
        mend: str,
    ) -> None:
        hold = opened(store, "r1", "staging")
        opened(store, "r2", "elsewhere")
        with store.write() as connection:
            ledger.beat(connection, hold, 0.0 if state == "dead" else 2**40)
            if state == "stuck":
                ledger.close(connection, hold, "stuck", "aborted", 0.0)
        rows, _ = look()
        (row,) = [row for row in rows if row.check == "runs"]
        assert (row.result, row.mend) == (result, mend)
        assert "r1" in row.message


class TestReports:
    def test_a_folder_that_is_there_or_can_be_made(self, tmp_path: Path) -> None:
        assert results(list(reports.rows(tmp_path))) == ["ok"]
        assert results(list(reports.rows(tmp_path / "a" / "b"))) == ["ok"]
        assert list(tmp_path.iterdir()) == [], "and it is not made"

    @pytest.mark.parametrize("below", ["", "july/here"])
    def test_a_file_in_its_place(self, tmp_path: Path, below: str) -> None:
        file = tmp_path / "re ports"
        file.write_text("notes")
        (row,) = reports.rows(file / below)
        assert row.result == "problem"
        assert "is no folder" in row.message
        assert row.mend is not None
        subprocess.run(["/bin/sh", "-c", row.mend], check=True)
        assert results(list(reports.rows(file / below))) == ["ok"]

    def test_a_folder_that_cannot_be_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Asked of its mode alone: whoever is root may write everywhere."""
        folder = tmp_path / "reports"
        folder.mkdir(mode=0o500)
        monkeypatch.setattr("os.access", lambda path, _: bool(path.stat().st_mode & 0o200))
        (row,) = reports.rows(folder)
        assert (row.result, row.mend) == ("problem", f"chmod u+wx {folder}")
        subprocess.run(["/bin/sh", "-c", f"{row.mend}"], check=True)
        assert results(list(reports.rows(folder))) == ["ok"]


class TestSecrets:
    def rows(self, tmp_path: Path) -> list[Row]:
        where = environment()
        where["people"]["ana"]["credentials"] = {"token": "env:ANA_TOKEN"}
        where["channels"]["chat"]["webhook"] = {
            "url": "env:CHAT_URL",
            "token": f"file:{tmp_path / 'chat token'}",
        }
        where["title"] = "env:NOT_A_SECRET"
        path = project(tmp_path, where)
        return list(secrets.rows(looking_at(path), []))

    def test_none_is_there(self, tmp_path: Path) -> None:
        rows = self.rows(tmp_path)
        assert results(rows) == ["problem"] * 3
        mends = {row.mend for row in rows}
        assert "read -rs ANA_TOKEN && export ANA_TOKEN" in mends
        assert f"install -m 600 /dev/stdin '{tmp_path / 'chat token'}'" in mends
        assert any("people.ana.credentials.token" in row.message for row in rows)

    def test_all_are_there_and_none_is_shown(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ANA_TOKEN", "s3cret")
        monkeypatch.setenv("CHAT_URL", "http://127.0.0.1/s3cret")
        (tmp_path / "chat token").write_text("s3cret")
        (row,) = self.rows(tmp_path)
        assert (row.result, row.message) == ("ok", "3 of 3 are there")

    def test_there_is_none(self, tmp_path: Path) -> None:
        (row,) = secrets.rows(looking_at(project(tmp_path, environment())), [])
        assert row.result == "ok"


class TestChannels:
    def test_each_is_reached_and_nothing_is_sent(self, tmp_path: Path) -> None:
        asked: list[Asked] = []

        def answer(request: Asked) -> Reply:
            asked.append(request)
            return Reply(404)

        box = Box()
        with serving(answer) as url, mail_server(box) as mail:
            where = environment()
            where["channels"] |= {
                "chat": {"webhook": {"url": f"{url}/hook"}},
                "mail": {"email": mail},
            }
            rows = list(channels.rows(looking_at(project(tmp_path, where))))
        assert results(rows) == ["ok", "ok", "ok"]
        assert [(one.method, one.path) for one in asked] == [("HEAD", "/")]
        assert box.mails == []

    def test_what_does_not_answer(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        where = environment()
        where["channels"]["secret"] = {"webhook": {"url": "env:CHAT_URL"}}
        path = project(tmp_path, where)
        rows = list(channels.rows(looking_at(path)))
        assert results(rows) == ["problem", "problem", "ok", "unknown"]
        assert rows[0].mend == "curl -sSI http://127.0.0.1:9/"
        assert rows[1].mend == "nc -vz 127.0.0.1 9"
        monkeypatch.setenv("CHAT_URL", "http://127.0.0.1:9/s3cret")
        last = list(channels.rows(looking_at(path)))[-1]
        assert last.result == "problem"
        assert "s3cret" not in str(last)


class TestRunbooks:
    def test_links_are_followed(self, shipped: Path) -> None:
        codes = {"/ok": 200, "/login": 401, "/gone": 404, "/broken": 500, "/picky": 405}

        def answer(request: Asked) -> Reply:
            if request.path == "/picky" and request.method == "GET":
                return Reply(200)
            return Reply(codes[request.path])

        with serving(answer) as url:
            book = shipped / "runbooks" / "checkout-degraded.md"
            links = " ".join(f"[x]({url}{path})" for path in codes)
            lines = book.read_text().splitlines()
            heading = next(index for index, line in enumerate(lines) if line.startswith("## "))
            lines.insert(heading + 1, f"\n{links} and http://127.0.0.1:9/nobody.\n")
            book.write_text("\n".join(lines))
            looked = Definitions(looking_at(shipped / "environments" / "sandbox.yaml"))
            assert not [row for row in looked.rows() if row.stops]
            rows = list(runbooks.rows(looked.bundles))
        said = {row.message.split()[1].rpartition("/")[2]: row.result for row in rows}
        assert said == {"gone": "problem", "broken": "warning", "nobody": "warning"}
        assert all(row.mend and row.mend.startswith("curl ") for row in rows)

    def test_without_links(self, shipped: Path) -> None:
        looked = Definitions(looking_at(shipped / "environments" / "sandbox.yaml"))
        list(looked.rows())
        assert results(list(runbooks.rows(looked.bundles))) == ["ok"]
        shutil.rmtree(shipped)
