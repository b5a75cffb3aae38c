"""Alembic's door: it runs on the connection that `upgrade` holds."""

from alembic import context

from drillmaster.timeline.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
