"""Readings as text, JSON, JSON lines or CSV: one record a page, one for what could not be read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

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
