"""A planted secret stands in no report, event, log, process list or error, whatever happens."""

import os
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import make_url

from drillmaster.timeline.store import Store, sqlite_url
from tests.support.definitions import REPOSITORY
from tests.support.drills import COMMAND
from tests.support.hostile import Team, team
from tests.support.postgres import Postgres, postgres
from tests.support.sampled import sampled
from tests.support.secrets import Planted, files_below, rows_of, watching_processes

__all__ = ["postgres"]

BUGS = """\
import os

def fail(*_, **__):
    raise RuntimeError("401 for https://pager.example/?token=" + os.environ["BUG_SECRET"])

def put(name, value):
    module, _, path = name.partition(":")
    *owners, last = path.split(".")
    found = __import__(module, fromlist=["x"])
    for owner in owners:
        found = getattr(found, owner)
    setattr(found, last, value)

if "BUG_IN" in os.environ:
    put(os.environ["BUG_IN"], fail)
"""
"""What Python runs first in each process of the drill, where it finds it as sitecustomize."""

SITUATIONS = {
    "all-goes-well": ("", 1, "completed"),
    "the-pager-has-a-bug": ("drillmaster.oncall.embedded:EmbeddedProvider.open", 4, "aborted"),
    "the-target-has-a-bug": ("drillmaster.targets.sandbox:SandboxTarget.put_fault", 4, "aborted"),
    "the-runner-has-a-bug": ("chaoslib.experiment:run_experiment", 4, "aborted"),
    "the-checks-have-a-bug": ("drillmaster.access.checks:run_profile", 4, "aborted"),
    "the-guard-has-a-bug": ("drillmaster.engine.planning.guard:check", 3, "refused"),
    "the-undo-has-a-bug": (
        "drillmaster.targets.sandbox:SandboxTarget.delete_fault",
        5,
        "completed",
    ),
    "the-reports-have-a-bug": ("drillmaster.reports.registry:write_all", 70, "completed"),
}
"""Where a bug is, whose text holds a secret; the exit code; and how the drill ended."""


class Project:
    """A drill among hostile systems."""

    def __init__(self, made: Team, bug: str, database: str | None) -> None:
        self.made = made
        self.folder = made.folder / "work"
        self.state = made.folder / "state"
        self.temporary = made.folder / "tmp"
        self.temporary.mkdir()
        (made.folder / "bugs").mkdir()
        (made.folder / "bugs" / "sitecustomize.py").write_text(BUGS)
        self.database = database
        self._variables = {
            **os.environ,
            **made.variables,
            "BUG_SECRET": made.planted["bug"],
            "PYTHONPATH": f"{made.folder / 'bugs'}{os.pathsep}{REPOSITORY / 'src'}",
            "XDG_STATE_HOME": str(self.state),
            "TMPDIR": str(self.temporary),
        }
        if bug:
            self._variables["BUG_IN"] = bug
        if database:
            self._variables["DRILLMASTER_DATABASE_URL"] = database

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=90,
        )

    def store(self) -> Store:
        here = sqlite_url(self.folder / ".drillmaster" / "drillmaster.db")
        return Store.open(make_url(self.database) if self.database else here)


@pytest.fixture(scope="module")
def orders(postgres: Postgres) -> str:
    """A database that refuses everybody's password here."""
    postgres.run("create role ana login password 'another'")
    return postgres.url


IN_SERVER = {"all-goes-well", "the-runner-has-a-bug"}
"""Situations in which the store is on a server, with a password."""

ASKED_LATER = {"all-goes-well", "the-undo-has-a-bug"}
"""Situations after which every other command is tried, too."""

SAMPLE = {"the-undo-has-a-bug"}
"""The one after which most is said, and asked."""

LATER = [
    ["status", "--json"],
    ["runs", "--json"],
    ["report", "--format", "md"],
    ["reap"],
    ["check"],
    ["plan", "throttled"],
]


@pytest.mark.parametrize("situation", sampled(SITUATIONS, SAMPLE))
def test_no_secret_gets_out(
    situation: str, tmp_path: Path, orders: str, postgres: Postgres
) -> None:
    planted = Planted()
    bug, code, ended = SITUATIONS[situation]
    database = postgres.scratch_url() if situation in IN_SERVER else None
    if database is not None:
        planted.add("database", str(make_url(database).password))
    with team(tmp_path, planted, orders) as made, watching_processes(planted) as listed:
        project = Project(made, bug, database)
        done = project.command("run", "throttled", "--yes", "--json")
        said = [("run", done.stdout + done.stderr)]
        for more in LATER if situation in ASKED_LATER else []:
            told = project.command(*more)
            said.append((more[0], told.stdout + told.stderr))
        store = project.store()
        try:
            rows = list(rows_of(store))
        finally:
            store.close()
    assert done.returncode == code, done.stdout.decode() + done.stderr.decode()
    if situation == "the-runner-has-a-bug":
        assert b"the runner ended unexpectedly: internal error: RuntimeError" in done.stderr
    assert any(name == "runs" and f"'{ended}'".encode() in row for name, row in rows)
    places = [*said, *rows, *files_below(project.folder, project.state, project.temporary)]
    leaks = {place: found for place, text in places if (found := planted.found_in(text))}
    assert leaks == {}
    assert listed == set()
    assert all(b"Traceback" not in text for _, text in said)
