"""The rows of a bulk reading as Parquet files: one a part, written whole."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pa_json
import pyarrow.parquet as pq

from hdalr.bulk.inputs import open_storage
from hdalr.bulk.work import Row
from hdalr.errors import StorageError, in_words
from hdalr.storage import is_url, write_whole

SETTINGS = b"hdalr"  # key in a file's metadata
GROUP_CHARACTERS = 2_000_000  # of rows that become a table at a time; one input may have more
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

    def write(self, number: int, texts: Iterable[str]) -> int:
        """Write a part; without rows there is none.

        Parameters
        ----------
        number
            Of the part.
        texts
            One row or more in each, as JSON, an object a line.

        Returns
        -------
        int
            How many rows there were.
        """
        return self._write(number, map(self._to_table, _groups(texts)))

    def keep(self, number: int, paths: Iterable[str]) -> None:
        """Leave in a part the rows of some paths alone; without any, remove it."""
        table = self._table(number)
        is_kept = pc.is_in(table.column("path"), pa.array(paths, pa.string()))
        self._write(number, [table.filter(is_kept)])

    def remove(self, number: int) -> None:
        """Remove a part."""
        path = self._path(number)
        self._try(lambda: self._files.exists(path) and self._files.rm_file(path))

    def read(self, number: int) -> list[Row]:
        """The rows of a part."""
        rows: list[Row] = self._table(number).to_pylist()
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

    def _write(self, number: int, tables: Iterable[pa.Table]) -> int:
        buffer, n_rows = BytesIO(), 0
        with pq.ParquetWriter(buffer, self._schema, compression="zstd") as writer:
            for table in tables:
                writer.write_table(table.replace_schema_metadata(self._schema.metadata))
                n_rows += len(table)
        if n_rows:
            self._put(self._path(number), buffer.getvalue())
        else:
            self.remove(number)
        return n_rows

    def _to_table(self, texts: list[str]) -> pa.Table:
        content = "\n".join(texts).encode()
        reading = pa_json.ReadOptions(use_threads=False, block_size=len(content) + 1)
        parsing = pa_json.ParseOptions(explicit_schema=SCHEMA, unexpected_field_behavior="error")
        return self._try(lambda: pa_json.read_json(BytesIO(content), reading, parsing))

    def _table(self, number: int) -> pa.Table:
        with self._open(number) as file:
            return self._try(lambda: pq.read_table(file), _name(number))

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


def _groups(texts: Iterable[str]) -> Iterator[list[str]]:
    """Texts together, so many that memory stays small."""
    group: list[str] = []
    size = 0
    for text in texts:
        group.append(text)
        size += len(text)
        if size >= GROUP_CHARACTERS:
            yield group
            group, size = [], 0
    if group:
        yield group


def _name(number: int) -> str:
    return f"part-{number:06d}.parquet"
