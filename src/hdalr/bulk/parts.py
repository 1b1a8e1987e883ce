"""The rows of a bulk reading as Parquet files: one a part, written whole."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hdalr.bulk.inputs import open_storage
from hdalr.bulk.work import Row
from hdalr.errors import StorageError, in_words
from hdalr.storage import is_url, write_whole

SETTINGS = b"hdalr"  # key in a file's metadata
GROUP_ROWS = 1_000  # that are Python objects at a time
NAME = re.compile(r"part-(\d{6,})\.parquet")
OWNER = "_owner"  # of the folder: the index that knows its parts; Parquet readers pass over it
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
        self._files, self._root = self._try(lambda: open_storage(folder))
        self._try(lambda: self._files.makedirs(self._root, exist_ok=True))

    def write(self, number: int, rows: Iterable[Row]) -> int:
        """Write a part, or replace it; without rows, remove it. How many rows there were."""
        path, buffer, n_rows = self._path(number), BytesIO(), 0
        rest = iter(rows)
        with pq.ParquetWriter(buffer, self._schema, compression="zstd") as writer:
            while group := list(islice(rest, GROUP_ROWS)):
                writer.write_table(pa.Table.from_pylist(group, self._schema))
                n_rows += len(group)
        if n_rows:
            self._put(path, buffer.getvalue())
        else:
            self._try(lambda: self._files.exists(path) and self._files.rm_file(path))
        return n_rows

    def read(self, number: int) -> list[Row]:
        """The rows of a part."""
        with self._open(number) as file:
            rows: list[Row] = self._try(lambda: pq.read_table(file).to_pylist(), _name(number))
        return rows

    def read_settings(self, number: int) -> str:
        """The settings that a part's rows were read with; a part that is not ours is refused."""
        with self._open(number) as file:
            schema = self._try(lambda: pq.read_schema(file), _name(number))
        found = (schema.metadata or {}).get(SETTINGS)
        if found is None:
            raise StorageError(
                f"{self.folder}: {_name(number)} was not written by hdalr; choose another folder "
                "with -o"
            )
        text: str = found.decode()
        return text

    def numbers(self) -> list[int]:
        """The parts that are there."""
        found = self._try(lambda: self._files.glob(f"{self._root}/part-*.parquet"))
        names = (NAME.fullmatch(posixpath.basename(path)) for path in found)
        return sorted(int(name[1]) for name in names if name is not None)

    def owner(self) -> str | None:
        """The index that knows the parts, as `set_owner` has named it."""

        def look() -> str | None:
            path = f"{self._root}/{OWNER}"
            return str(self._files.cat_file(path).decode()) if self._files.exists(path) else None

        found: str | None = self._try(look, OWNER)
        return found

    def set_owner(self, name: str) -> None:
        """Name the index that knows the parts from now on."""
        self._put(f"{self._root}/{OWNER}", name.encode())

    def _put(self, path: str, content: bytes) -> None:
        if is_url(self.folder):
            self._try(lambda: self._files.pipe_file(path, content))
        else:
            write_whole(Path(path), content)

    def _open(self, number: int) -> Any:
        return self._try(lambda: self._files.open(self._path(number), "rb"), _name(number))

    def _path(self, number: int) -> str:
        return f"{self._root}/{_name(number)}"

    def _try(self, act: Callable[[], Any], file: str = "") -> Any:
        try:
            return act()
        except StorageError:
            raise
        except Exception as error:  # each storage has errors of its own
            where = f"{self.folder}: {file}: " if file else f"{self.folder}: "
            raise StorageError(f"{where}{in_words(error):.300}") from error


def _name(number: int) -> str:
    return f"part-{number:06d}.parquet"
