"""Brings a store to the newest tables, by one process at a time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, text

from drillmaster.errors import InvalidError


def upgrade(engine: Engine) -> None:
    """Run the migrations that the store has not seen, all or none.

    Raises:
        InvalidError: the store was made by a newer Drillmaster.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":  # SQLite's write lock already excludes others
            connection.execute(text("SELECT pg_advisory_xact_lock(7413955)"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise InvalidError(
                f"the store was made by another version of Drillmaster ({error}); upgrade it"
            ) from None
