"""The store of corrections."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, delete, func, insert, select, tuple_

from hdalr.service.database.address import SQLITE, describe, parse_url
from hdalr.service.database.correction import (
    Correction,
    NewCorrection,
    check_correction,
    hash_picture,
)
from hdalr.service.database.engine import open_engine
from hdalr.service.database.faults import tell_faults
from hdalr.service.database.migrations import upgrade
from hdalr.service.database.tables import corrections

ID = re.compile(r"[0-9a-f]{32}")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PAGE = 1000  # corrections whose identifiers are in memory at once
KEPT = [corrections.c[name] for name in Correction.__dataclass_fields__]


class Store:
    """Corrections in a database; several threads and processes may use it at once.

    Parameters
    ----------
    url
        ``sqlite:///PATH`` (``sqlite:////PATH`` from the root) or
        ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE``. A SQLite file that is not there is
        made, with its folder; the tables are brought up to date.

    Raises
    ------
    StorageError
        By every method too, if the database cannot do what it should; the message does not
        hold the password.
    MissingExtraError
        If the database's driver is not installed.
    """

    def __init__(self, url: str) -> None:
        parsed = parse_url(url)
        self.name = describe(parsed)
        self._is_file = parsed.drivername == SQLITE
        self._engine = open_engine(parsed)
        try:
            with self._connect() as connection:
                upgrade(connection, self.name)
        except BaseException:
            self.close()
            raise

    def add(self, new: NewCorrection) -> Correction:
        """Keep a correction, whose sender has agreed to it; it is on the disk on return.

        Raises
        ------
        ParameterError
            If it is not what a database can keep; see `check_correction`.
        """
        now = datetime.now(UTC)
        correction = Correction(**vars(check_correction(new)), id=uuid.uuid4().hex, created=now)
        row = {
            **vars(correction),
            "picture_sha256": hash_picture(correction.picture),
            "consent": True,
        }
        with self._connect() as connection:
            connection.execute(insert(corrections), row)
        return correction

    def get(self, id: str) -> Correction | None:
        """The correction of this identifier; None if there is none."""
        if not ID.fullmatch(id):
            return None
        with self._connect() as connection:
            found = connection.execute(select(*KEPT).where(corrections.c.id == id))
            row = found.mappings().one_or_none()
        return None if row is None else Correction(**row)

    def delete(self, id: str) -> bool:
        """Delete the correction of this identifier; False if there is none."""
        return bool(ID.fullmatch(id)) and self._delete(id) > 0

    def delete_all(self) -> int:
        """Delete all corrections, and say how many there were."""
        return self._delete(None)

    def count(self) -> int:
        """How many there are."""
        with self._connect() as connection:
            return connection.scalar(select(func.count()).select_from(corrections)) or 0

    def __iter__(self) -> Iterator[Correction]:
        """All, in the order of time."""
        return self.since()

    def since(self, start: datetime = EPOCH) -> Iterator[Correction]:
        """Those from a time on, in the order of time, one picture in memory at once.

        No connection is held between one and the next. What is deleted meanwhile is left out,
        what is added comes at the end.
        """
        last = (start, "")
        while page := self._find_after(*last):
            for last in page:
                if correction := self.get(last[1]):
                    yield correction

    def check(self) -> None:
        """Find out whether the database answers.

        Raises
        ------
        StorageError
            If it does not, or has lost its tables.
        """
        with self._connect() as connection:
            connection.scalar(select(corrections.c.id).limit(1))

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        """Give a connection; what is done on it is committed at the end."""
        with tell_faults(self.name), self._engine.begin() as connection:
            yield connection

    def _find_after(self, created: datetime, id: str) -> list[tuple[datetime, str]]:
        key = tuple_(corrections.c.created, corrections.c.id)
        query = select(corrections.c.created, corrections.c.id).where(key > (created, id))
        with self._connect() as connection:
            rows = connection.execute(query.order_by(*key.clauses).limit(PAGE))
            return [(row.created, row.id) for row in rows]

    def _delete(self, id: str | None) -> int:
        query = delete(corrections)
        with self._connect() as connection:
            n = connection.execute(query if id is None else query.where(corrections.c.id == id))
        if self._is_file:  # until then the log beside the file holds what was deleted
            with self._connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return n.rowcount
