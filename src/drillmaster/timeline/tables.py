"""The tables of the store. `migrations/` brings an older store up to them.

Times are seconds since the epoch as floats: SQLite keeps no zone, and a lease is
compared inside a statement.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from drillmaster.timeline.cells import JsonCell

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

UNSETTLED = text("state IN ('open', 'settling', 'stuck')")

runs = Table(
    "runs",
    metadata,
    Column("run", String(64), primary_key=True),
    Column("drill", String(64), nullable=False),
    Column("environment", String(64), nullable=False),
    Column("state", String(16), nullable=False),  # open, settling, settled, stuck
    Column("ended", String(16)),  # completed, aborted, interrupted, refused
    Column("fence", Integer, nullable=False),
    Column("owner", JsonCell, nullable=False),  # host, boot, namespace, pid, started
    Column("runner", JsonCell),  # the same, of the runner
    Column("lease_until", Float, nullable=False),
    Column("anchor", JsonCell, nullable=False),
    Column("settlement", JsonCell, nullable=False),  # target, steady state and timing, as data
    Column("simulated", Boolean, nullable=False),
    Column("started_at", Float, nullable=False),
    Column("settled_at", Float),
    Column("readiness", String(16)),
    Column("accepted_by", String(64)),  # who released it, where nothing could settle it
    Column("accepted_why", Text),
)
# The unsettled run is the environment's lock, on PostgreSQL as well: there the migration says so.
# Here it would load that dialect, 3 MiB and 0.1 s, into every process that uses SQLite.
Index("one_unsettled_run", runs.c.environment, unique=True, sqlite_where=UNSETTLED)

obligations = Table(
    "obligations",
    metadata,
    Column("run", ForeignKey("runs.run"), primary_key=True),
    Column("obligation", String(128), primary_key=True),  # the run's id and the fault's name
    Column("kind", String(16), nullable=False),  # claim, fault, incident, grant
    Column("state", String(16), nullable=False),  # intent, injected, undone, stuck
    Column("undo", JsonCell, nullable=False),
    Column("intent_at", Float, nullable=False),
    Column("injected_at", Float),
    Column("undone_at", Float),
    Column("undo_by", String(64)),
)

events = Table(
    "events",
    metadata,
    Column("run", ForeignKey("runs.run"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("line", Text, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run", String(64), nullable=False, index=True),
    Column("event", JsonCell, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("incident", String(64), primary_key=True),
    Column("environment", String(64), nullable=False, index=True),
    Column("service", String(64), nullable=False),
    Column("run", String(64)),  # of a drill; none for a real incident
    Column("severity", String(16), nullable=False),
    Column("summary", Text, nullable=False),
    Column("state", String(16), nullable=False),  # triggered, acknowledged, resolved
    Column("policy", JsonCell, nullable=False),  # levels, people and contacts when it was opened
    Column("level", Integer, nullable=False),
    Column("level_until", Float),
    Column("opened_at", Float, nullable=False),
)

oncall_log = Table(
    "oncall_log",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("incident", ForeignKey("incidents.incident"), nullable=False, index=True),
    Column("at", Float, nullable=False),
    Column("entry", JsonCell, nullable=False),
)

pages = Table(
    "pages",
    metadata,
    Column("page", String(64), primary_key=True),
    Column("incident", ForeignKey("incidents.incident"), nullable=False, index=True),
    Column("person", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("level", Integer, nullable=False),
    Column("fired_at", Float, nullable=False),
    Column("contact", Integer, nullable=False),  # which of the person's contacts is next, from 0
    Column("state", String(16), nullable=False),  # waiting, trying, delivered, failed
    Column("until", Float),  # whoever is trying has ended when this is past
)

stops = Table(
    "stops",
    metadata,
    Column("environment", String(64), primary_key=True),  # '*' for all
    Column("why", Text, nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", Float, nullable=False),
)
