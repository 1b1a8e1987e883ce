"""Readings as text, JSON, JSON lines or CSV: one record a page, one for what could not be read.

And the file that they go to, which is replaced once all is written.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from stat import S_IMODE
from typing import Any, Protocol

from hdalr.errors import StorageError
from hdalr.storage import not_written

Record = dict[str, Any]

COLUMNS = ("file", "page", "text", "accepted", "reason", "confidence", "error")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run or swallow


class Readable(Protocol):
    """A reading, or what a form says."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""


def make_record(file: str, page: int, reading: Readable) -> Record:
    """A reading's fields, with the file and the page (from 1) that it came from."""
    return {"file": file, "page": page, **reading.to_dict()}


def make_failure(file: str, error: object) -> Record:
    """The record of a file that could not be read."""
    return {"file": file, "error": str(error)}


class RowFile:
    """A text file that grows beside its place and takes it when it is whole.

    Rows go to ``NAME.part`` as they come, so that nothing that ends the process loses them, and
    nothing but `finish` touches what the place held. What is no regular file (a pipe, a device)
    is written directly.

    Parameters
    ----------
    path
        The place; of a link, the file that it leads to.

    Raises
    ------
    StorageError
        If it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.part = find_part(path)
            self._place = None if self.part == path else path.resolve()
            mode = None
            if self._place is not None:
                self.part.unlink(missing_ok=True)  # of an earlier time, or a link to elsewhere
                if self._place.exists():
                    self._place.open("r+b").close()  # whether it may be written at all
                    mode = S_IMODE(self._place.stat().st_mode)
            # As on stdout, a file's name that is no text is written with its bytes as escapes.
            self._file = self.part.open(
                "w", encoding="utf-8", errors="backslashreplace", newline=""
            )
            if mode is not None:
                self.part.chmod(mode)
        except (OSError, ValueError, RuntimeError) as error:
            raise StorageError(f"{path}: cannot be written: {error}") from error

    def write(self, piece: str) -> None:
        """Add a row or a part of one, and hand it to the system at once."""
        try:
            self._file.write(piece)
            self._file.flush()
        except OSError as error:
            raise not_written(self.path, error) from error

    def finish(self) -> None:
        """Take the place."""
        try:
            if self._place is not None:
                os.fsync(self._file.fileno())
            self._file.close()
            if self._place is not None:
                self.part.replace(self._place)
        except OSError as error:
            raise not_written(self.path, error) from error

    def stop(self, keep: bool) -> None:
        """Leave the place as it was, and the rows in ``NAME.part`` if they are worth it."""
        with contextlib.suppress(OSError):  # a full disk is told once
            self._file.close()
        if self._place is not None and not keep:
            self.part.unlink(missing_ok=True)


def find_part(path: Path) -> Path:
    """Where a `RowFile` of this path grows: beside it, or right there if it is no regular file.

    Examples
    --------
    >>> find_part(Path("rows.csv")).name
    'rows.csv.part'
    """
    if path.exists() and not path.is_file():
        return path
    place = path.resolve()
    return place.with_name(f"{place.name}.part")


def write_text(records: Iterable[Record], alone: bool) -> Iterator[str]:
    r"""Accepted texts, a row a line: for the eye, ``grep`` and ``cut``.

    A rejected reading leaves its row empty, so that nothing doubtful flows on unseen; what could
    not be read has no row.

    Parameters
    ----------
    records
        From `make_record` and `make_failure`.
    alone
        Whether there is one file only: then its name is left out.

    Examples
    --------
    >>> record = {"file": "a.png", "page": 1, "text": "one\ntwo", "accepted": True}
    >>> list(write_text([record], alone=False))
    ['a.png\tone\n', 'a.png\ttwo\n']
    >>> list(write_text([record], alone=True))
    ['one\n', 'two\n']
    """
    for record in records:
        if "error" in record:
            continue
        lines = record["text"].split("\n") if record["accepted"] else [""]
        start = "" if alone else f"{one_line(record['file'])}\t"
        yield from (f"{start}{line}\n" for line in lines)


def write_json(records: Iterable[Record]) -> Iterator[str]:
    """One JSON list, one record a line.

    Examples
    --------
    >>> print("".join(write_json([{"file": "a.png"}, {"file": "b.png"}])), end="")
    [
    {"file": "a.png"},
    {"file": "b.png"}
    ]
    """
    start = "["
    for record in records:
        yield f"{start}\n{_dumped(record)}"
        start = ","
    yield "[]\n" if start == "[" else "\n]\n"


def write_jsonl(records: Iterable[Record]) -> Iterator[str]:
    """One JSON object a line."""
    return (f"{_dumped(record)}\n" for record in records)


def write_csv(records: Iterable[Record]) -> Iterator[str]:
    """A table with a header that a spreadsheet opens without running anything.

    A cell that begins with ``=``, ``+``, ``-`` or ``@`` is led by an apostrophe (OWASP, "CSV
    injection").

    Examples
    --------
    >>> record = {"file": "a.png", "page": 1, "text": "=1+1", "accepted": True, "reason": None,
    ...           "confidence": 0.9}
    >>> print("".join(write_csv([record])), end="")
    file,page,text,accepted,reason,confidence,error
    a.png,1,'=1+1,true,,0.9,
    """
    yield _row(COLUMNS)
    for record in records:
        yield _row([_cell(record.get(column)) for column in COLUMNS])


def one_line(text: str) -> str:
    r"""Spell out tabs, line breaks and other control characters, which a file's name may hold.

    Examples
    --------
    >>> one_line("a\tb")
    'a\\tb'
    """
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _dumped(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False, allow_nan=False)


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
