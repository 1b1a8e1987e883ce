"""Files read up to a limit, written whole or not at all; what is said where that cannot be."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hdalr.errors import DataError, StorageError


def read_limited(path: Path, most_bytes: int, expected: str) -> bytes:
    """Read a file that should be small.

    Parameters
    ----------
    path
        Which file.
    most_bytes
        How many it may have; no more than one beyond them is read.
    expected
        What it should have been, for the message.

    Raises
    ------
    DataError
        If it cannot be read or has more bytes.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(content) > most_bytes:
        raise DataError(f"{path}: more than {most_bytes} bytes; expected {expected}")
    return content


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that the path holds the whole of it or what it held before.

    Parameters
    ----------
    path
        Where to; folders that are missing are made, a file of this name is replaced.
    content
        All of the file.

    Raises
    ------
    StorageError
        If the disk is full or the folder cannot be written; no half file is left.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not with the file's own name in it, which may be as long as a name can be.
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".hdalr-", delete=False) as file:
            temporary = Path(file.name)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise not_written(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def is_url(path: str) -> bool:
    """Whether this is a URL, and no path of this machine.

    Examples
    --------
    >>> is_url("s3://bucket/scans"), is_url("scans")
    (True, False)
    """
    return "://" in path


def not_written(path: Path, error: OSError) -> StorageError:
    """The error that names a path that could not be written, why, and what to do.

    Examples
    --------
    >>> print(not_written(Path("a.json"), OSError(28, "No space left on device")))
    a.json: could not be written: No space left on device; free some space or choose another folder
    """
    return StorageError(
        f"{path}: could not be written: {error.strerror or error}; free some space or choose "
        "another folder"
    )
