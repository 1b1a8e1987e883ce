"""What is read so far: rows in Parquet, and an index in SQLite that a killed run goes on from.

Rows of a chunk are committed to the index at once, and leave it for a Parquet part when there are
enough of them. The index says for each input which bytes were read and which part has its rows, so
that there is one row for each page however often a run was stopped; it takes some 150 bytes an
input. The folder names the index that knows its parts: where that one is lost, or another machine
has written since, it is made again from the parts.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Self

from hdalr.bulk.parts import Parts
from hdalr.bulk.work import Answer
from hdalr.errors import HdalrError, ParameterError, StorageError, in_words
from hdalr.storage import is_url

PART_ROWS = 10_000
PART_BYTES = 20_000_000  # of rows as text: bounds the memory where rows are large
LOOK_UP = 500  # paths at once: some builds of SQLite take no more than 999 values
TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS inputs (
    path TEXT PRIMARY KEY,
    sha256 TEXT,
    failed INTEGER NOT NULL,
    part INTEGER,           -- that has its rows; null while they wait here
    n_waiting INTEGER NOT NULL,
    waiting TEXT,           -- the rows, as JSON, an object a line
    run INTEGER NOT NULL    -- the last one that was given this input
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS waiting ON inputs (path) WHERE part IS NULL;
CREATE INDEX IF NOT EXISTS parts ON inputs (part);
CREATE TABLE IF NOT EXISTS stale (part INTEGER PRIMARY KEY);
"""


class Store:
    """The results folder of a bulk reading; one run at a time writes to it.

    Parameters
    ----------
    folder
        A folder of this machine, or a URL. The index of one behind a URL is kept in the user's
        cache folder.
    settings
        What the rows depend on, as plain values.

    Raises
    ------
    ParameterError
        If the folder holds rows that were read with other settings.
    StorageError
        If it cannot be read or written, or another run is writing there.
    """

    def __init__(self, folder: str, settings: dict[str, Any]) -> None:
        self.folder = folder
        self._parts = Parts(folder, json.dumps(settings))
        path = _index_path(folder)
        with _told(folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._index = sqlite3.connect(path, timeout=1.0, isolation_level=None)
        self._rows = self._bytes = 0  # that wait
        try:
            with _told(str(path)):
                self._index.execute("PRAGMA locking_mode=EXCLUSIVE")
                self._index.execute("PRAGMA journal_mode=WAL")
                self._index.execute("PRAGMA synchronous=NORMAL")  # a killed process loses nothing
                self._index.execute("BEGIN EXCLUSIVE")
                self._index.execute("COMMIT")
                self._index.executescript(TABLES)
            self._agree(settings)
            self._run = int(self._fact("run") or 0) + 1
            self._put_fact("run", str(self._run))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        self._index.close()

    def known(self, paths: Iterable[str]) -> dict[str, str | None]:
        """SHA-256 of the bytes that were found under those paths that are known; None: none."""
        return {path: sha256 for path, sha256, _, _ in self._look_up(paths)}

    def add(self, answers: Iterable[Answer]) -> int:
        """Commit what came of a chunk; write a part if there are rows enough.

        Returns
        -------
        int
            How many of the inputs could not be read, now or earlier.
        """
        answers = list(answers)
        with self._transaction():
            n_failed = self._add(answers)
        if self._rows >= PART_ROWS or self._bytes >= PART_BYTES:
            self._flush()
        return n_failed

    def forget_others(self) -> None:
        """Drop the inputs that this run was not given; `finish` removes their rows."""
        with self._transaction():
            gone = "FROM inputs WHERE run <> ?"
            self._index.execute(
                f"INSERT OR IGNORE INTO stale SELECT DISTINCT part {gone} AND part IS NOT NULL",
                (self._run,),
            )
            self._index.execute(f"DELETE {gone}", (self._run,))

    def finish(self) -> None:
        """Write what waits, and remove rows that no longer stand for an input."""
        self._flush()
        there = set(self._parts.numbers())
        for (number,) in self._all("SELECT part FROM stale ORDER BY part"):
            if number in there:
                self._rewrite(number)
            with self._transaction():
                self._index.execute("DELETE FROM stale WHERE part = ?", (number,))

    def _add(self, answers: list[Answer]) -> int:
        """How many have failed. Rows of bytes that cannot be fetched now stay as they are."""
        known = {
            path: (failed, part)
            for path, _, failed, part in self._look_up(answer.path for answer in answers)
        }
        n_failed, seen, stale, new = 0, [], [], []
        for path, sha256, rows, n_rows, error in answers:
            failed = error is not None
            had_failed, part = known.get(path, (True, None))  # a new one has no rows to keep either
            lost_sight = failed and sha256 is None and not had_failed
            if rows is None or lost_sight:
                seen.append((self._run, path))
                n_failed += failed or had_failed
                continue
            if part is not None:
                stale.append((part,))
            new.append((path, sha256, failed, n_rows, rows, self._run))
            known[path] = failed, None
            n_failed += failed
            self._rows, self._bytes = self._rows + n_rows, self._bytes + len(rows)
        put = self._index.executemany
        put("UPDATE inputs SET run = ? WHERE path = ?", seen)
        put("INSERT OR IGNORE INTO stale VALUES (?)", stale)
        put("INSERT OR REPLACE INTO inputs VALUES (?, ?, ?, NULL, ?, ?, ?)", new)
        return n_failed

    def _look_up(self, paths: Iterable[str]) -> Iterator[tuple[str, str | None, bool, int | None]]:
        """Path, digest, whether it has failed, and part, of those inputs that are known."""
        rest = iter(paths)
        while some := list(islice(rest, LOOK_UP)):
            marks = ", ".join("?" * len(some))
            yield from self._all(
                f"SELECT path, sha256, failed, part FROM inputs WHERE path IN ({marks})", *some
            )

    def _flush(self) -> None:
        """Move the rows that wait into a new part."""
        if self._parts.owner() != self._fact("owner"):
            raise StorageError(
                f"{self.folder}: a run on another machine has begun to write there; choose "
                "another folder with -o"
            )
        if not self._rows:
            return
        waiting = "SELECT waiting FROM inputs WHERE part IS NULL ORDER BY path"
        number = int(self._fact("part") or 0) + 1
        with _told(self.folder):
            texts = (text for (text,) in self._index.execute(waiting))
            n_rows = self._parts.write(number, texts)
        if n_rows:
            with self._transaction():
                self._put_fact("part", str(number))
                self._index.execute(
                    "UPDATE inputs SET part = ?, waiting = NULL, n_waiting = 0 WHERE part IS NULL",
                    (number,),
                )
        self._rows = self._bytes = 0

    def _rewrite(self, number: int) -> None:
        """Leave in a part the rows of the inputs that are still in it."""
        here = "SELECT path FROM inputs WHERE part = ?"
        self._parts.keep(number, [path for (path,) in self._all(here, number)])

    def _check(self, found: str | None, settings: dict[str, Any]) -> None:
        before, asked = json.loads(found or "null"), json.loads(json.dumps(settings))
        for name in sorted(asked if before is not None else ()):
            if before.get(name) != asked[name]:
                raise ParameterError(
                    f"{self.folder}: holds rows that were read with {name} "
                    f"{before.get(name)!r:.80}, and {asked[name]!r:.80} is asked for; choose "
                    "another folder with -o"
                )

    def _agree(self, settings: dict[str, Any]) -> None:
        """Bring parts and index together: after a kill, or where one of them was lost."""
        there = self._parts.numbers()
        owner = self._fact("owner")
        if owner is None or owner != self._parts.owner():
            self._make_anew(there, settings)
        else:
            self._check(self._fact("settings"), settings)
        last = int(self._fact("part") or 0)
        for number in (number for number in there if number > last):
            self._parts.remove(number)  # its rows still wait
        held = {part for (part,) in self._all("SELECT DISTINCT part FROM inputs")}
        with self._transaction():
            for number in held - set(there) - {None}:  # removed by someone: read again
                self._index.execute("DELETE FROM inputs WHERE part = ?", (number,))
        found = self._one("SELECT sum(n_waiting), sum(length(waiting)) FROM inputs")
        self._rows, self._bytes = int(found[0] or 0), int(found[1] or 0)

    def _make_anew(self, parts: list[int], settings: dict[str, Any]) -> None:
        """Make the index from the parts alone; from now on it is the one that knows them."""
        for number in parts:
            self._check(self._parts.read_settings(number), settings)
        with self._transaction():
            for table in ("inputs", "stale", "facts"):
                self._index.execute(f"DELETE FROM {table}")
        for number in parts:
            self._take_in(number)
        self._put_fact("part", str(max(parts, default=0)))
        self._put_fact("settings", json.dumps(settings))
        owner = uuid.uuid4().hex
        self._parts.set_owner(owner)
        self._put_fact("owner", owner)

    def _take_in(self, number: int) -> None:
        """Put the inputs of a part into the index; a later part has the newer rows."""
        with self._transaction():
            for row in self._parts.read(number):
                self._index.execute(
                    "INSERT OR IGNORE INTO stale SELECT part FROM inputs "
                    "WHERE path = ? AND part <> ?",
                    (row["path"], number),
                )
                self._index.execute(
                    "INSERT OR REPLACE INTO inputs VALUES (?, ?, ?, ?, 0, NULL, 0)",
                    (row["path"], row["sha256"], row["error"] is not None, number),
                )

    def _fact(self, name: str) -> str | None:
        found = self._one("SELECT value FROM facts WHERE name = ?", name)
        return None if found is None else str(found[0])

    def _put_fact(self, name: str, value: str) -> None:
        with _told(self.folder):
            self._index.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def _one(self, question: str, *values: object) -> Any:
        with _told(self.folder):
            return self._index.execute(question, values).fetchone()

    def _all(self, question: str, *values: object) -> list[Any]:
        with _told(self.folder):
            return self._index.execute(question, values).fetchall()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with _told(self.folder), self._index:
            self._index.execute("BEGIN")
            yield


def _index_path(folder: str) -> Path:
    """Where the index lies: Parquet readers pass over what begins with an underscore."""
    if not is_url(folder):
        return Path(folder, "_index.sqlite")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    name = hashlib.sha256(folder.rstrip("/").encode()).hexdigest()[:16]
    return cache / "hdalr" / "read" / f"{name}.sqlite"


@contextlib.contextmanager
def _told(folder: str) -> Iterator[None]:
    try:
        yield
    except HdalrError:  # some of them derive from OSError
        raise
    except (sqlite3.Error, OSError) as error:
        if "locked" in str(error):
            what = "another run is writing there; wait for it, or choose another folder with -o"
        elif type(error) is sqlite3.DatabaseError:
            what = f"damaged ({error}); remove it: it is made again from the Parquet files"
        else:
            what = in_words(error)
        raise StorageError(f"{folder}: {what}") from error
