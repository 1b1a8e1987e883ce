"""What a database's faults mean, and what would be right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from hdalr.errors import StorageError

# What the fault's text holds: what would be right.
REMEDIES = {
    "not a database": "give the path of a SQLite database, or one where no file is",
    "readonly": "let this user write the file and its folder",
    "read-only": "expected a database that can be written, no standby",
    "unable to open": "expected a file, in a folder that this user may write",
    "locked": "another program holds it; wait for it or end it",
    "is full": "free some space",
    "No space left": "free some space",
    "no such table": "restore a copy of it",
    "malformed": "restore a copy of it",
    "already exists": "it belongs to another program; give a database of its own",
    "permission denied": "let this user create and use tables there",
    "authentication failed": "see to user and password in its URL",
    "does not exist": "create it, or see to its name in the URL",
}
OTHERWISE = "see whether it runs and whether its URL is right"


@contextmanager
def tell_faults(name: str) -> Iterator[None]:
    """Turn what SQLAlchemy raises into an error about the database of this name.

    Raises
    ------
    StorageError
        In the place of any error of SQLAlchemy or of the database's driver.
    """
    try:
        yield
    except SQLAlchemyError as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        said = " ".join(str(cause).split()).rstrip(".")
        right = next((right for part, right in REMEDIES.items() if part in said), OTHERWISE)
        raise StorageError(f"{name}: {said}; {right}") from error
