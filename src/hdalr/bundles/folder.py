"""A bundle's folder: five files, and their SHA-256 sums in the form of ``sha256sum``."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hdalr.errors import DataError, StorageError
from hdalr.storage import not_written, read_limited

GRAPH, WEIGHTS, MANIFEST, CARD = "graph.onnx", "weights.safetensors", "bundle.json", "CARD.md"
FILES = (CARD, MANIFEST, GRAPH, WEIGHTS)
SUMS = "SHA256SUMS"
MAX_BYTES = 2**26  # of graph and weights; the bundles that ship have 3 MB
MAX_TEXT_BYTES = 10_000_000  # of the others; those that ship have 60 kB
SUM_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9._-]+)")


def read_folder(folder: Path) -> tuple[dict[str, bytes], str]:
    """Read a bundle's files, each checked against its sum.

    Returns
    -------
    files, digest
        Names to contents, and the SHA-256 of the list of sums, which names this very bundle.

    Raises
    ------
    DataError
        If the folder is no bundle, or a file is missing, too large or not the one whose sum is
        listed.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no folder; expected a bundle: {', '.join((*FILES, SUMS))}")
    listing = _read_file(folder / SUMS)
    sums = _parse_sums(listing, folder / SUMS)
    files = {name: _read_file(folder / name) for name in FILES}
    for name, content in files.items():
        found = hashlib.sha256(content).hexdigest()
        if found != sums[name]:
            raise DataError(
                f"{folder / name}: SHA-256 {found} of {len(content)} bytes; expected "
                f"{sums[name]}, as {SUMS} says: the file is damaged or was changed"
            )
    return files, hashlib.sha256(listing).hexdigest()


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a bundle's files and their sums so that the folder holds all of them or none.

    A bundle that is already there is replaced.

    Raises
    ------
    StorageError
        If the disk is full, the place cannot be written, or there is something else than a
        bundle.
    """
    check_place(folder)
    temporary = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        new = temporary / "new"
        new.mkdir()
        for name, content in {**files, SUMS: _list_sums(files)}.items():
            _write_file(new / name, content)
        old = temporary / "old"
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        finally:  # whatever it was that came between
            if old.exists() and not folder.exists():
                old.rename(folder)
    except OSError as error:
        raise not_written(folder, error) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def check_place(folder: Path) -> Path:
    """Return the folder if nothing is there or a bundle, which may be replaced.

    Raises
    ------
    StorageError
        If something else is there.
    """
    if folder.exists() and not is_bundle(folder):
        raise StorageError(
            f"{folder}: exists and is no bundle; choose another folder with -o, or remove it"
        )
    return folder


def is_bundle(folder: Path) -> bool:
    """Whether the folder holds a bundle's manifest and sums."""
    return (folder / MANIFEST).is_file() and (folder / SUMS).is_file()


def _read_file(path: Path) -> bytes:
    if not path.is_file():  # to open a named pipe would wait for ever
        raise DataError(f"{path}: missing; expected a bundle's files: {', '.join((*FILES, SUMS))}")
    most = MAX_BYTES if path.name in (GRAPH, WEIGHTS) else MAX_TEXT_BYTES
    return read_limited(path, most, "a smaller file")


def _parse_sums(listing: bytes, path: Path) -> dict[str, str]:
    sums = {}
    for line in listing.decode("ascii", errors="replace").splitlines():
        found = SUM_LINE.fullmatch(line)
        if found is None:
            raise DataError(f"{path}: the line {line[:80]!r}; expected a SHA-256 sum and a name")
        sums[found[2]] = found[1]
    missing = [name for name in FILES if name not in sums]
    if missing:
        raise DataError(f"{path}: no sum of {', '.join(missing)}; expected one of each file")
    return sums


def _list_sums(files: Mapping[str, bytes]) -> bytes:
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    return "".join(lines).encode()


def _write_file(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        with contextlib.suppress(OSError):  # a file system without it
            os.fsync(file.fileno())
