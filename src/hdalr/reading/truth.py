"""A folder of pictures with its truth: ``labels.csv`` with the header ``file,text``."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import IO, NamedTuple

from hdalr.errors import DataError
from hdalr.reading.sources import find_pictures

LABELS = "labels.csv"
HEADER = ["file", "text"]
LONGEST_TEXT = 5000  # characters; a written page has some 2,000


class Truth(NamedTuple):
    """What a folder's pictures say.

    Attributes
    ----------
    texts
        File name in the folder: its text.
    errors
        One sentence for each row that cannot be used.
    """

    texts: dict[str, str]
    errors: tuple[str, ...]


def read_truth(folder: Path) -> Truth:
    """Read the ``labels.csv`` of a folder.

    Parameters
    ----------
    folder
        Holds ``labels.csv`` (UTF-8) and the pictures that it names. Blanks before a cell do not
        count, those within quotes do.

    Returns
    -------
    Truth
        Of a name that comes twice the first row counts. Rows of another number of columns, and
        names that are empty, missing or point out of the folder, and texts of more than 5,000
        characters are listed as errors.

    Raises
    ------
    DataError
        If the file is missing, is no CSV in UTF-8, has another header, or has no usable row.
    """
    path = folder / LABELS
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            truth = _read(file, folder)
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read: {error.strerror or error}; expected a CSV file with the "
            "columns file,text"
        ) from error
    except (csv.Error, UnicodeError) as error:
        raise DataError(f"{path}: no CSV in UTF-8: {error}") from error
    if not truth.texts:
        first = f"; the first: {truth.errors[0]}" if truth.errors else ""
        raise DataError(f"{path}: no row names a picture in the folder{first}")
    return truth


def find_unlabelled(folder: Path) -> list[str]:
    """Pictures of a folder that have no usable row in its ``labels.csv``, by their names in it.

    Raises
    ------
    DataError
        As `read_truth`.
    """
    labelled = {PurePath(name) for name in read_truth(folder).texts}
    names = (PurePath(path).relative_to(folder) for path in find_pictures(folder))
    return [str(name) for name in names if name not in labelled]


def _read(file: IO[str], folder: Path) -> Truth:
    rows = csv.reader(file, strict=True, skipinitialspace=True)
    header = next(rows, [])
    if [name.strip().lower() for name in header] != HEADER:
        raise DataError(f"{folder / LABELS}: header {','.join(header)[:80]!r}; expected file,text")
    texts: dict[str, str] = {}
    errors = []
    for row in rows:
        if not row:
            continue
        wrong = next(_faults(row, folder, texts), None)
        if wrong is None:
            texts[row[0]] = row[1]
        else:
            errors.append(f"{LABELS}, line {rows.line_num}: {wrong}")
    return Truth(texts, tuple(errors))


def _faults(row: list[str], folder: Path, texts: dict[str, str]) -> Iterator[str]:
    """What is wrong with a row, the first fault first."""
    if len(row) != len(HEADER):
        yield f"{len(row)} columns; expected file,text"
        return
    name = row[0]
    if not name.strip() or "\0" in name:
        yield f"{name!r} is no file's name"
    elif PurePath(name).is_absolute() or ".." in PurePath(name).parts:
        yield f"{name!r} points out of the folder"
    elif name in texts:
        yield f"{name!r} stands there twice; the first row counts"
    elif len(row[1]) > LONGEST_TEXT:
        yield f"a text of {len(row[1])} characters; expected at most {LONGEST_TEXT}"
    elif not os.path.exists(folder / name):  # noqa: PTH110 - False for too long a name
        yield f"{name!r} is not in the folder"
