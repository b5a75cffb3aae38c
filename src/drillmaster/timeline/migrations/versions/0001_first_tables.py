"""First tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("event", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
    )
    op.create_index(op.f("ix_inbox_run"), "inbox", ["run"], unique=False)
    op.create_table(
        "incidents",
        sa.Column("incident", sa.String(length=64), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("run", sa.String(length=64), nullable=True),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("level_until", sa.Float(), nullable=True),
        sa.Column("opened_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("incident", name=op.f("pk_incidents")),
    )
    op.create_index(op.f("ix_incidents_environment"), "incidents", ["environment"], unique=False)
    op.create_table(
        "runs",
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("drill", sa.String(length=64), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("ended", sa.String(length=16), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("owner", sa.JSON(), nullable=False),
        sa.Column("runner", sa.JSON(), nullable=True),
        sa.Column("lease_until", sa.Float(), nullable=False),
        sa.Column("anchor", sa.JSON(), nullable=False),
        sa.Column("settlement", sa.JSON(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=False),
        sa.Column("settled_at", sa.Float(), nullable=True),
        sa.Column("readiness", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_runs")),
    )
    op.create_index(
        "one_unsettled_run",
        "runs",
        ["environment"],
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'settling', 'stuck')"),
        postgresql_where=sa.text("state IN ('open', 'settling', 'stuck')"),
    )
    op.create_table(
        "stops",
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("environment", name=op.f("pk_stops")),
    )
    op.create_table(
        "events",
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.run"], name=op.f("fk_events_run_runs")),
        sa.PrimaryKeyConstraint("run", "seq", name=op.f("pk_events")),
    )
    op.create_table(
        "obligations",
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("obligation", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("undo", sa.JSON(), nullable=False),
        sa.Column("intent_at", sa.Float(), nullable=False),
        sa.Column("injected_at", sa.Float(), nullable=True),
        sa.Column("undone_at", sa.Float(), nullable=True),
        sa.Column("undo_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["run"], ["runs.run"], name=op.f("fk_obligations_run_runs")),
        sa.PrimaryKeyConstraint("run", "obligation", name=op.f("pk_obligations")),
    )
    op.create_table(
        "oncall_log",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("incident", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("entry", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident"], ["incidents.incident"], name=op.f("fk_oncall_log_incident_incidents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oncall_log")),
    )
    op.create_index(op.f("ix_oncall_log_incident"), "oncall_log", ["incident"], unique=False)
    op.create_table(
        "pages",
        sa.Column("page", sa.String(length=64), nullable=False),
        sa.Column("incident", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("fired_at", sa.Float(), nullable=False),
        sa.Column("contact", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("until", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident"], ["incidents.incident"], name=op.f("fk_pages_incident_incidents")
        ),
        sa.PrimaryKeyConstraint("page", name=op.f("pk_pages")),
    )
    op.create_index(op.f("ix_pages_incident"), "pages", ["incident"], unique=False)
