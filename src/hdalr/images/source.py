"""The bytes of a file, read without trust: nothing that hangs, nothing without end."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO

from hdalr.errors import DataError

MAX_BYTES = 200_000_000
PIECE_BYTES = 2**16
# Not to wait for the other end, should the file have become a named pipe meanwhile.
OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_path(path: Path) -> bytes:
    """Read a whole regular file.

    Parameters
    ----------
    path
        A file, or a link to one. It is opened for reading only.

    Raises
    ------
    DataError
        If there is no such file, it cannot be read, is a folder, a named pipe or a device (to
        read one could wait for ever), or has more than 200 million bytes.

    Examples
    --------
    >>> read_path(Path(__file__)).startswith(b'\"\"\"The bytes')
    True
    """
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size > MAX_BYTES:
            raise _too_large(str(path))
        return read_file(file, str(path))


def open_regular(path: Path) -> IO[bytes]:
    """Open a regular file, or a link to one, for reading.

    Raises
    ------
    DataError
        If there is no such file, it cannot be opened, is a folder, a named pipe or a device.
    """
    try:
        _check_regular(path.stat().st_mode, path)  # even to open a device can have effects
        file = os.fdopen(os.open(path, OPEN_FLAGS), "rb")
        try:
            _check_regular(os.fstat(file.fileno()).st_mode, path)  # it could have been exchanged
        except BaseException:
            file.close()
            raise
    except DataError:
        raise
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # a zero byte in the name
        raise DataError(f"{str(path)!r}: no path: {error}") from error
    return file


def read_file(file: IO[bytes], where: str) -> bytes:
    """Read an open binary file from where it stands to its end; ``where`` names it in errors.

    Raises
    ------
    DataError
        If it yields text instead of bytes, fails, or has more than 200 million bytes.
    """
    pieces: list[bytes] = []
    size = 0
    while piece := _read_piece(file, where):
        pieces.append(piece)
        size += len(piece)
        if size > MAX_BYTES:
            raise _too_large(where)
    return b"".join(pieces)


def _read_piece(file: IO[bytes], where: str) -> bytes:
    try:
        piece = file.read(PIECE_BYTES)
    except (OSError, ValueError) as error:  # ValueError: closed, or text that is no UTF-8
        raise DataError(f"{where}: cannot be read: {error}") from error
    if not isinstance(piece, bytes | bytearray):
        raise DataError(
            f"{where}: reading gives {type(piece).__name__}; expected bytes, from a file opened "
            "in binary mode"
        )
    return bytes(piece)


def _check_regular(mode: int, path: Path) -> None:
    if stat.S_ISREG(mode):
        return
    kind = "a folder" if stat.S_ISDIR(mode) else "no regular file"
    raise DataError(f"{path}: {kind}; expected a picture file")


def _too_large(where: str) -> DataError:
    return DataError(f"{where}: more than {MAX_BYTES} bytes; expected at most that many")
