"""How the tables came to be, step by step (Alembic), and the way to the newest step.

To change the tables, change `hdalr.service.database.tables` and write the step that leads there
into ``versions/``: a file after the pattern of the last, with its ``revision`` and the one before
it. The tests compare the tables with what the steps leave, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import threading

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from hdalr.errors import StorageError

VERSION_TABLE = "hdalr_version"
LOCK_KEY = int.from_bytes(b"hdalr")
_LOCK = threading.Lock()  # Alembic's environment is one for the process


def upgrade(connection: Connection, name: str) -> None:
    """Bring the tables up to date; of several processes one does it, and the others wait.

    Parameters
    ----------
    connection
        On which nothing has been done yet; the caller commits.
    name
        Of the database, for messages.

    Raises
    ------
    StorageError
        If a newer hdalr made the tables, or the database cannot be written or cannot hold every
        text.
    """
    lock(connection)
    check_encoding(connection, name)
    config = make_config(connection)
    script = ScriptDirectory.from_config(config)
    known = [step.revision for step in script.walk_revisions()]
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    current = context.get_current_revision()
    if current is not None and current not in known:
        raise StorageError(
            f"{name}: its tables are of step {current}, which a newer hdalr made; this one knows "
            f"those up to {known[0]}: install the newer one"
        )
    if current != known[0]:
        with _LOCK:
            command.upgrade(config, "head")
    # Deletes nothing, but shows at once where nothing may be written.
    connection.exec_driver_sql("DELETE FROM corrections WHERE FALSE")


def lock(connection: Connection) -> None:
    """Begin a transaction during which no other process changes the tables."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_KEY})")


def check_encoding(connection: Connection, name: str) -> None:
    """Check that a database can hold every text, as one of SQLite always can."""
    if connection.dialect.name == "sqlite":
        return
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise StorageError(f"{name}: has the encoding {encoding}; expected one made with UTF8")


def make_config(connection: Connection) -> Config:
    """What Alembic's commands need, for the tables behind a connection."""
    config = Config()
    config.set_main_option("script_location", "hdalr.service.database:migrations")
    config.attributes["connection"] = connection
    return config
