"""What Alembic runs around the steps."""

from alembic import context

from hdalr.service.database.migrations import VERSION_TABLE
from hdalr.service.database.tables import metadata

if hasattr(context, "config"):  # only while Alembic runs, not where this file is just imported
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        version_table=VERSION_TABLE,
    )
    with context.begin_transaction():
        context.run_migrations()
