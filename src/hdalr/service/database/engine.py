"""Connections to a database: what is set on each, so that what is written is durable."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL

from hdalr.errors import StorageError, name_extra
from hdalr.service.database.address import SQLITE
from hdalr.storage import not_written

LOCKED_SECONDS = 30  # how long a connection waits for others that write
ANSWER_SECONDS = 10  # how long a server may say nothing at all
CONNECT_SECONDS = 10  # how long a server has for its answer to a new connection
# FULL: a commit is on the disk when it returns. What is deleted is overwritten with zeros.
PRAGMAS = ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")


def open_engine(url: URL) -> Engine:
    """Make the engine of a URL from `parse_url`; a SQLite file that is not there is made.

    Raises
    ------
    MissingExtraError
        If the driver is not installed.
    StorageError
        If the file cannot be made.
    """
    if url.drivername == SQLITE:
        return _open_file(url)
    settings = {
        "connect_timeout": CONNECT_SECONDS,
        "client_encoding": "utf8",
        "tcp_user_timeout": ANSWER_SECONDS * 1000,  # a cut network is noticed
    }
    asked = {name: value for name, value in settings.items() if name not in url.query}
    try:
        return create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=asked)
    except ModuleNotFoundError as error:
        raise name_extra(error) from error


def _open_file(url: URL) -> Engine:
    _make_file(Path(str(url.database)))
    # Without an isolation level the driver begins no transactions of its own, not even around
    # what changes the schema: one statement is one commit, and a migration begins its own.
    settings = {"isolation_level": None, "timeout": LOCKED_SECONDS}
    engine = create_engine(url, hide_parameters=True, connect_args=settings)
    event.listen(engine, "connect", _set_pragmas)
    return engine


def _make_file(path: Path) -> None:
    """Make an empty file that only its owner may read; SQLite takes it for a new database."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):  # never opened: closing would free its locks
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except ValueError as error:
        raise StorageError(f"{str(path)!r} is no path: {error}; expected sqlite:///PATH") from error
    except OSError as error:
        raise not_written(path, error) from error


def _set_pragmas(connection: sqlite3.Connection, _: object) -> None:
    _enter_wal(connection)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _enter_wal(connection: sqlite3.Connection) -> None:
    """Have readers and a writer not wait for each other; the database stays in this mode.

    While another connection writes a database that is not in this mode yet, SQLite refuses the
    change at once, whatever time-out is set.
    """
    end = time.monotonic() + LOCKED_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(0.02)
