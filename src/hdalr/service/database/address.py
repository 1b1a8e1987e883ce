"""Where corrections are kept: URLs of databases, and how messages name them."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from hdalr.errors import StorageError

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
EXPECTED = "expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/DATABASE"


def default_url() -> str:
    """The URL ``HDALR_DATABASE_URL``, else of a SQLite file in the user's data folder (XDG)."""
    if url := os.environ.get("HDALR_DATABASE_URL"):
        return url
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    path = data / "hdalr" / "feedback.sqlite"
    return URL.create(SQLITE, database=str(path)).render_as_string()


def parse_url(url: str) -> URL:
    """Take a database's URL apart.

    Raises
    ------
    StorageError
        If it is none of a SQLite file or of PostgreSQL. The message does not repeat the URL,
        which may hold a password.

    Examples
    --------
    >>> parse_url("postgresql://ada:secret@db.example/feedback").drivername
    'postgresql+psycopg'
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # not chained: its text quotes parts of the URL
        raise StorageError(f"the database's URL cannot be read; {EXPECTED}") from None
    if parsed.drivername not in DRIVERS:
        raise StorageError(f"the database's URL begins with {parsed.drivername}:; {EXPECTED}")
    parsed = parsed.set(drivername=DRIVERS[parsed.drivername])
    if parsed.drivername == SQLITE:
        return _check_file(parsed)
    if "@" in (parsed.host or ""):
        raise StorageError("the database's URL holds two @; expected %40 for that of a password")
    return parsed


def _check_file(url: URL) -> URL:
    """A database in memory would end with the process, and each thread would see its own."""
    path = url.database or ""
    if path in ("", ":memory:") or path.startswith("file:") or url.host or url.query:
        raise StorageError("the database's URL names no file; expected sqlite:///PATH")
    return url


def describe(url: URL) -> str:
    """How messages name a database: without user, password and options.

    Examples
    --------
    >>> describe(parse_url("postgresql://ada:secret@db.example:5433/feedback?sslkey=secret"))
    'postgresql://db.example:5433/feedback'
    >>> describe(parse_url("sqlite:///feedback.sqlite"))
    'feedback.sqlite'
    """
    if url.drivername == SQLITE:
        return str(url.database)
    bare = URL.create(POSTGRESQL, host=url.host, port=url.port, database=url.database)
    return bare.render_as_string()
