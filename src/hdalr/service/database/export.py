"""A folder of corrections, which ``hdalr evaluate`` reads."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from hdalr.errors import StorageError
from hdalr.images.container import find_format
from hdalr.images.pdf import is_pdf
from hdalr.reading.truth import HEADER, LABELS
from hdalr.service.database.correction import Correction
from hdalr.storage import not_written

DETAILS = "corrections.jsonl"
SUFFIXES = {"JPEG": "jpg", "TIFF": "tif"}  # of formats that are not named as their files are
PICTURE_NAME = re.compile(r"[0-9a-f]{32}\.[a-z]+")


def export_corrections(corrections: Iterable[Correction], folder: Path) -> int:
    """Write corrections into a folder: all of them, or nothing.

    The folder holds the pictures as they came, ``labels.csv`` with the columns ``file,text`` and
    ``corrections.jsonl`` with all else that is kept of each. It grows beside its place, as
    ``FOLDER.part``, and takes it when it is whole.

    Parameters
    ----------
    corrections
        Taken one at a time.
    folder
        Where to; an earlier export there is replaced.

    Returns
    -------
    int
        How many there were.

    Raises
    ------
    StorageError
        If the folder holds anything but an export, or cannot be written.
    """
    place = folder.resolve()
    part, old = (place.with_name(place.name + end) for end in (".part", ".old"))
    for path in (place, part, old):
        check_replaceable(path)
    try:
        _remove(part)
        part.mkdir(mode=0o700, parents=True)
        try:
            n = _write(corrections, part)
            _remove(old)
            if place.exists():
                place.rename(old)
            part.rename(place)
        finally:
            _remove(part)
        _remove(old)
    except StorageError:  # of the database: an OSError, too
        raise
    except OSError as error:
        raise not_written(folder, error) from error
    return n


def check_replaceable(folder: Path) -> None:
    """Check that nothing is lost if a folder is replaced by an export.

    Raises
    ------
    StorageError
        If it is no folder, or holds what no export made.
    """
    try:
        names = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    except OSError as error:
        raise not_written(folder, error) from error
    for name in names:
        if name not in (LABELS, DETAILS) and not PICTURE_NAME.fullmatch(name):
            raise StorageError(
                f"{folder}: holds {name!r}, which no export made; expected a new folder, an "
                "empty one or an earlier export"
            )


def name_picture(correction: Correction) -> str:
    """The file's name of a correction's picture: its identifier, and a suffix of its kind."""
    picture = correction.picture
    format = find_format(picture) or ("PDF" if is_pdf(picture) else "BIN")
    return f"{correction.id}.{SUFFIXES.get(format, format.lower())}"


def _write(corrections: Iterable[Correction], folder: Path) -> int:
    n = 0
    with (
        (folder / LABELS).open("w", encoding="utf-8", newline="") as labels,
        (folder / DETAILS).open("w", encoding="utf-8", errors="backslashreplace") as details,
    ):
        labels.write(f"{','.join(HEADER)}\n")
        # All in quotes: blanks at a text's start count only within them.
        rows = csv.writer(labels, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for n, correction in enumerate(corrections, 1):  # noqa: B007
            name = name_picture(correction)
            (folder / name).write_bytes(correction.picture)
            rows.writerow([name, correction.text])
            record = {"file": name, **correction.to_dict()}
            details.write(f"{json.dumps(record, ensure_ascii=False)}\n")
    return n


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
