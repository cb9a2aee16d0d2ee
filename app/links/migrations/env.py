"""Run by alembic for each upgrade, on the connection that store.py gives it."""

from alembic import context

from app.links.table import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
