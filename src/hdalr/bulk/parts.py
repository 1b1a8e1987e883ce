"""The rows of a bulk reading as Parquet files: one a part, written whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from hdalr.bulk.work import Row
from hdalr.errors import StorageError, in_words
from hdalr.storage import is_url, write_whole

SETTINGS = b"hdalr"  # key in a file's metadata
SCHEMA = pa.schema(
    [
        ("path", pa.string()),
        ("page", pa.int32()),  # from 1; null where the file could not be read
        ("text", pa.string()),
        ("accepted", pa.bool_()),
        ("reason", pa.string()),
        ("confidence", pa.float64()),
        ("characters", pa.list_(pa.struct([
            ("text", pa.string()),
            ("box", pa.list_(pa.int32())),
            ("confidence", pa.float64()),
        ]))),
        ("alternatives", pa.list_(pa.struct([
            ("text", pa.string()),
            ("confidence", pa.float64()),
        ]))),
        ("model", pa.string()),
        ("error", pa.string()),
        ("sha256", pa.string()),  # of the file's bytes
    ]
)  # fmt: skip


class Parts:
    """The folder of the parts, of this machine or behind a URL.

    Files are named ``part-000001.parquet`` and so on; a file is there as a whole or not at all,
    and says with which settings its rows were read.

    Raises
    ------
    StorageError
        By every method, if the folder cannot be read or written.
    """

    def __init__(self, folder: str, settings: str) -> None:
        self.folder = folder
        self._schema = SCHEMA.with_metadata({SETTINGS: settings})
        self._files, self._root = self._try(lambda: fsspec.core.url_to_fs(folder))
        self._try(lambda: self._files.makedirs(self._root, exist_ok=True))

    def write(self, number: int, rows: Sequence[Row]) -> None:
        """Write a part, or replace it; without rows, remove it."""
        path = self._path(number)
        if not rows:
            self._try(lambda: self._files.exists(path) and self._files.rm_file(path))
            return
        buffer = BytesIO()
        pq.write_table(pa.Table.from_pylist(list(rows), self._schema), buffer, compression="zstd")
        if is_url(self.folder):
            self._try(lambda: self._files.pipe_file(path, buffer.getvalue()))
        else:
            write_whole(Path(path), buffer.getvalue())

    def read(self, number: int) -> list[Row]:
        """The rows of a part."""
        with self._open(number) as file:
            rows: list[Row] = self._try(lambda: pq.read_table(file).to_pylist())
        return rows

    def read_settings(self, number: int) -> str | None:
        """The settings that a part's rows were read with."""
        with self._open(number) as file:
            found = (self._try(lambda: pq.read_schema(file)).metadata or {}).get(SETTINGS)
        return None if found is None else found.decode()

    def numbers(self) -> list[int]:
        """The parts that are there."""
        found = self._try(lambda: self._files.glob(f"{self._root}/part-*.parquet"))
        return sorted(int(Path(path).stem.removeprefix("part-")) for path in found)

    def _open(self, number: int) -> Any:
        return self._try(lambda: self._files.open(self._path(number), "rb"))

    def _path(self, number: int) -> str:
        return f"{self._root}/part-{number:06d}.parquet"

    def _try(self, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except StorageError:
            raise
        except Exception as error:  # each storage has errors of its own
            raise StorageError(f"{self.folder}: {in_words(error):.300}") from error
