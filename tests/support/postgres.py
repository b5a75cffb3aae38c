"""A real PostgreSQL for tests: a throw-away cluster on loopback, or one that is named.

Import the fixture in a conftest.py: `from tests.support.postgres import postgres`.
DRILLMASTER_TEST_POSTGRES names a server as a SQLAlchemy URL of a superuser.
"""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

from tests.support.require import missing

PART = "postgresql"
_USER = "postgres"


@dataclass(frozen=True)
class Postgres:
    """A running server."""

    admin: URL
    """As superuser."""
    stop: Callable[[], None] = lambda: None
    """Stops the server, where it is a cluster of our own."""
    start: Callable[[], None] = lambda: None
    """Starts it again."""

    @property
    def url(self) -> str:
        """The address without a login, as a sql probe wants it."""
        return (
            URL.create(
                "postgresql+psycopg",
                host=self.admin.host,
                port=self.admin.port,
                database=self.admin.database,
            )
        ).render_as_string()

    def run(self, *statements: str) -> None:
        """Run statements as superuser."""
        with psycopg.connect(
            host=self.admin.host,
            port=self.admin.port,
            user=self.admin.username,
            password=str(self.admin.password or ""),
            dbname=self.admin.database,
            autocommit=True,
        ) as connection:
            for statement in statements:
                connection.execute(statement)

    def scratch_url(self) -> str:
        """The URL, with login, of a new empty database."""
        name = f"drill_{secrets.token_hex(6)}"
        self.run(f'create database "{name}"')
        return self.admin.set(drivername="postgresql+psycopg", database=name).render_as_string(
            hide_password=False
        )


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server; the test is skipped where there is none."""
    named = os.environ.get("DRILLMASTER_TEST_POSTGRES")
    if named:
        yield Postgres(make_url(named))
        return
    programs = _programs()
    if programs is None:
        missing(PART, "there are no server programs (initdb, pg_ctl) on this machine")
    with _cluster(programs) as server:
        yield server


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of one test, which it may stop."""
    programs = _programs()
    if programs is None:
        missing(PART, "there are no server programs (initdb, pg_ctl) on this machine")
    with _cluster(programs) as server:
        yield server


def _programs() -> Path | None:
    """The folder of the newest installed server programs."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )
    on_path = shutil.which("pg_ctl")
    if on_path is not None:
        folders.append(Path(on_path).resolve().parent)
    usable = [folder for folder in folders if (folder / "initdb").exists()]
    return usable[-1] if usable else None


@contextmanager
def _cluster(programs: Path) -> Iterator[Postgres]:
    """A cluster of our own. A superuser of this machine may not run it, so it is run as the
    user `postgres` then; its folder cannot be below pytest's, which others may not enter."""
    as_user = _USER if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="drillmaster-postgres-"))
    try:
        if as_user is not None:
            shutil.chown(folder, as_user)
        password, port = secrets.token_hex(16), _free_port()
        secret = folder / "password"
        secret.write_text(password, encoding="ascii")
        data = str(folder / "data")

        def run(program: str, *arguments: str) -> None:
            subprocess.run(
                [programs / program, "-D", data, *arguments],
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                user=as_user,
                timeout=60,
            )

        if as_user is not None:
            shutil.chown(secret, as_user)
        run(
            "initdb",
            *("--no-sync", "--no-locale", "--encoding=UTF8", "--auth=scram-sha-256"),
            *(f"--username={_USER}", f"--pwfile={secret}"),
        )
        options = f"-h 127.0.0.1 -p {port} -k '' -F -c max_connections=50"
        login = (_USER, password, "127.0.0.1", port)

        def start() -> None:
            run("pg_ctl", "start", "-w", "-t", "60", "-l", str(folder / "log"), "-o", options)

        def stop() -> None:
            run("pg_ctl", "stop", "-w", "-m", "immediate")

        start()
        try:
            admin = URL.create("postgresql+psycopg", *login, database="postgres")
            yield Postgres(admin, stop, start)
        finally:
            stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


__all__ = ["PART", "Postgres", "own_postgres", "postgres"]
