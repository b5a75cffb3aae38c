"""A run that nothing can settle may be released by a person, who says why."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add to each run who released it, and why."""
    with op.batch_alter_table("runs") as table:
        table.add_column(sa.Column("accepted_by", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("accepted_why", sa.Text(), nullable=True))
