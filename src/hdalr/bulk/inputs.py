"""The pictures of a bulk reading, one at a time: folders, globs, manifests, here or elsewhere."""

from __future__ import annotations

import glob
import json
import os
import posixpath
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import fsspec

from hdalr.errors import DataError, HdalrError, in_words
from hdalr.images.source import open_regular
from hdalr.reading.sources import (
    find_pictures,
    find_sources,
    is_picture,
    lacks_pictures,
    match_paths,
)
from hdalr.storage import is_url

MANIFEST = ".jsonl"
MOST_LINE = 100_000  # bytes of one line of a manifest


class Input(NamedTuple):
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
        yield from map(_storable, _spell_out(argument))


def _spell_out(argument: str) -> Iterator[Input]:
    if argument.lower().endswith(MANIFEST):
        return _manifest(argument)
    if is_url(argument):
        return _behind(argument)
    return _here(argument)


def _storable(one: Input) -> Input:
    """The input, or its fault where its path cannot be written down."""
    path = in_utf8(one.path)
    if path == one.path:
        return one
    return Input(path, f"{path}: the name is not UTF-8; expected one that is")


def in_utf8(text: str) -> str:
    r"""The text with what UTF-8 cannot hold spelled out.

    Examples
    --------
    >>> print(in_utf8("scan\udce4.png"))
    scan\udce4.png
    """
    return text.encode("utf-8", "backslashreplace").decode()


def local_path(path: str) -> Path | None:
    """Where a file of this machine lies, named by path or URL; None for any other."""
    if not is_url(path):
        return Path(path)
    scheme, _, rest = path.partition("://")
    return Path(rest) if scheme in ("file", "local") and "::" not in rest else None


def open_storage(url: str) -> tuple[Any, str]:
    """The file system behind a path or URL, and the place in it; no listing is kept in memory."""
    files, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
    return files, root


def _here(argument: str) -> Iterator[Input]:
    """The files of this machine that a path or a glob stands for."""
    matched = match_paths(argument)
    for path in matched:
        yield from _inside(path) if os.path.isdir(path) else [Input(path, _absence(path))]  # noqa: PTH112 - no Path of "\0"
    if not matched:
        yield Input(argument, find_sources([argument]).faults[argument])


def _inside(folder: str) -> Iterator[Input]:
    """The pictures of a folder of this machine, then those of its folders that are closed."""
    closed: list[Input] = []

    def note(error: OSError) -> None:
        closed.append(Input(error.filename, f"{error.filename}: cannot be read: {error.strerror}"))

    try:
        yield from _whole(map(Input, find_pictures(Path(folder), note)), folder, closed)
    except RecursionError:
        yield Input(folder, f"{folder}: folders in folders, too deep to be listed")


def _whole(found: Iterable[Input], place: str, closed: list[Input]) -> Iterator[Input]:
    """What was found in a place, then what was closed there; it is told if there is neither."""
    is_empty = True
    for one in found:
        is_empty = False
        yield one
    yield from closed
    if is_empty and not closed:
        yield Input(place, lacks_pictures(place))


def _absence(path: str) -> str:
    """What is wrong with a file that is not there; empty if it is."""
    return "" if os.path.lexists(path) else f"{path}: cannot be read: no such file or folder"


def _manifest(path: str) -> Iterator[Input]:
    """The files that a manifest names; a line that names none becomes an input with its fault."""
    try:
        with told(path), _open(path) as file:
            for number, line in enumerate(_lines(file), 1):
                if line.strip():
                    yield _named(line, path, number)
    except DataError as error:
        yield Input(path, str(error))


def _open(path: str) -> IO[bytes]:
    """A file to be read line by line."""
    local = local_path(path)
    return fsspec.open(path, "rb").open() if local is None else open_regular(local)


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Each line; of one that is too long its beginning, which is no JSON."""
    while line := file.readline(MOST_LINE):
        yield line
        while len(line) == MOST_LINE and not line.endswith(b"\n"):
            line = file.readline(MOST_LINE)


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
        with told(url):
            files, root = open_storage(url)
            closed: list[Input] = []

            def note(error: Exception) -> None:
                fault = f"{url}: cannot be listed as a whole: {in_words(error)}"
                closed[:] = closed or [Input(url, fault)]

            if glob.has_magic(first):
                matched = files.glob(root)
                found: Iterable[str] = sorted(name for name in matched if not _is_hidden(name))
            elif files.isdir(root):
                found = _walk(files, root, note)
            else:
                found = [root]
            inputs = (Input(files.unstrip_protocol(name) + tail) for name in found)
            yield from _whole(inputs, url, closed)
    except DataError as error:
        yield Input(url, str(error))


def _walk(files: Any, root: str, on_error: Callable[[Exception], None]) -> Iterator[str]:
    """The pictures below a folder; ``on_error`` is called for each that cannot be listed.

    fsspec's own walk passes over those that lie deeper.
    """
    waiting = [root]
    while waiting:
        place = waiting.pop()
        try:
            found = files.ls(place, detail=True)
        except Exception as error:  # each storage has errors of its own
            on_error(error)
            continue
        found = sorted((one["name"].rstrip("/"), one["type"]) for one in found)
        seen = [(name, kind) for name, kind in found if name != place and not _is_hidden(name)]
        yield from (name for name, kind in seen if kind != "directory" and is_picture(name))
        waiting += [name for name, kind in reversed(seen) if kind == "directory"]


def _is_hidden(name: str) -> bool:
    return posixpath.basename(name).startswith(".")


@contextmanager
def told(path: str) -> Iterator[None]:
    """Tell of any error of a storage as one of the data; each storage has errors of its own."""
    try:
        yield
    except HdalrError:
        raise
    except Exception as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise DataError(f"{path}: cannot be read: {reason:.300}") from error
