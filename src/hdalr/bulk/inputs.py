"""The pictures of a bulk reading, one at a time: folders, globs, manifests, here or elsewhere."""

from __future__ import annotations

import glob
import json
import os
import posixpath
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import fsspec

from hdalr.errors import DataError, HdalrError
from hdalr.images.source import read_file, read_path
from hdalr.reading.sources import find_pictures, find_sources, is_picture, lacks_pictures
from hdalr.storage import is_url

MANIFEST = ".jsonl"
MOST_LINE = 100_000  # bytes of one line of a manifest


@dataclass(frozen=True, slots=True)
class Input:
    """A picture to read: its path or URL.

    With a ``fault``, it stands for pictures that could not be listed: a folder or a manifest that
    is not there, a line of one that names no file. The fault says what is wrong, in one sentence.
    """

    path: str
    fault: str = ""


def list_inputs(arguments: Iterable[str]) -> Iterator[Input]:
    """Spell out what a command is given, without holding more than a folder's names.

    Parameters
    ----------
    arguments
        Files, folders and globs, of this machine or as URLs that fsspec knows
        (``s3://bucket/scans``, ``zip://*.png::scans.zip``); manifests, which end in ``.jsonl`` and
        have a JSON object a line whose ``path`` is a file, as such or beside the manifest. Hidden
        files, and those that have no suffix of a picture, are left out of folders.

    Yields
    ------
    Input
        What is given twice comes twice.

    Examples
    --------
    >>> list(list_inputs(["missing.png"]))
    [Input(path='missing.png', fault='missing.png: cannot be read: no such file or folder')]
    """
    for argument in arguments:
        if argument.lower().endswith(MANIFEST):
            yield from _manifest(argument)
        elif is_url(argument):
            yield from _behind(argument)
        elif Path(argument).is_dir():
            yield from _inside(argument)
        else:
            found = find_sources([argument])
            yield from (
                Input(path, found.faults.get(path) or _absence(path)) for path in found.paths
            )


def fetch(path: str) -> bytes:
    """The bytes of a file, of this machine or behind a URL.

    Raises
    ------
    DataError
        If it is not there, cannot be read or is too large.
    """
    if not is_url(path):
        return read_path(Path(path))
    with _told(path), fsspec.open(path, "rb") as file:
        return read_file(file, path)


def _inside(folder: str) -> Iterator[Input]:
    """The pictures of a folder of this machine, then those of its folders that are closed."""
    closed: list[Input] = []

    def note(error: OSError) -> None:
        closed.append(Input(error.filename, f"{error.filename}: cannot be read: {error.strerror}"))

    is_empty = True
    for path in find_pictures(Path(folder), note):
        is_empty = False
        yield Input(path)
    yield from closed
    if is_empty and not closed:
        yield Input(folder, lacks_pictures(folder))


def _absence(path: str) -> str:
    """What is wrong with a file that is not there; empty if it is."""
    return "" if os.path.lexists(path) else f"{path}: cannot be read: no such file or folder"


def _manifest(path: str) -> Iterator[Input]:
    """The files that a manifest names; a line that names none becomes an input with its fault."""
    try:
        with _told(path), fsspec.open(path, "rb") as file:
            for number, line in enumerate(_lines(file), 1):
                if line.strip():
                    yield _named(line, path, number)
    except DataError as error:
        yield Input(path, str(error))


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(MOST_LINE):
        yield line


def _named(line: bytes, manifest: str, number: int) -> Input:
    try:
        named = json.loads(line)["path"]
        if not isinstance(named, str) or not named or "\0" in named:
            raise TypeError
    except (ValueError, TypeError, KeyError, RecursionError):
        where = f"{manifest}:{number}"
        return Input(where, f'{where}: expected a JSON object such as {{"path": "scans/1.png"}}')
    if is_url(named) or posixpath.isabs(named):
        return Input(named)
    return Input(posixpath.join(posixpath.dirname(manifest), named))


def _behind(url: str) -> Iterator[Input]:
    """The file, or the files of the folder or the glob, behind a URL."""
    first, _, rest = url.partition("::")
    tail = f"::{rest}" if rest else ""
    try:
        with _told(url):
            files, root = fsspec.core.url_to_fs(url)
            if glob.has_magic(first):
                matched = (name for name in files.glob(root) if not _is_hidden(name))
                found: Iterable[str] = sorted(matched)
            elif files.isdir(root):
                found = _walk(files, root)
            else:
                found = [root]
            is_empty = True
            for name in found:
                is_empty = False
                yield Input(files.unstrip_protocol(name) + tail)
            if is_empty:
                yield Input(url, lacks_pictures(url))
    except DataError as error:
        yield Input(url, str(error))


def _walk(files: Any, root: str) -> Iterator[str]:
    for place, folders, names in files.walk(root):
        folders[:] = [name for name in folders if not _is_hidden(name)]  # walk follows these
        for name in sorted(names):
            if not _is_hidden(name) and is_picture(name):
                yield posixpath.join(place, name)


def _is_hidden(name: str) -> bool:
    return posixpath.basename(name).startswith(".")


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Tell of any error of a storage as one of the data; each storage has errors of its own."""
    try:
        yield
    except HdalrError:
        raise
    except Exception as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise DataError(f"{path}: cannot be read: {reason:.300}") from error
