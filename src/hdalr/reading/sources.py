"""Which files a command reads: folders and globs spelled out, in a fixed order."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from hdalr.images.door import SUFFIXES

STDIN = "-"


class Sources(NamedTuple):
    """What the given paths stand for.

    Attributes
    ----------
    paths
        Files to read, each once, in the order given; those of a folder or a glob sorted. A
        path that is not there is kept: opening it names the error.
    n_others
        Files of the given folders that have neither a picture's nor a PDF's suffix.
    """

    paths: tuple[str, ...]
    n_others: int


def find_sources(arguments: Sequence[str]) -> Sources:
    """Spell out folders and globs.

    A folder stands for the pictures and PDFs in it and in its subfolders, told by their suffix;
    hidden files and folders are left out, links to folders are not followed. A glob (``*``,
    ``?``, ``[...]``, ``**``) counts only where no file has that very name. ``-`` stays as it is:
    the standard input.

    Parameters
    ----------
    arguments
        Files, folders, globs, ``-``.

    Returns
    -------
    Sources
        The files, and how many others the folders hold.

    Examples
    --------
    >>> find_sources(["missing.png", "-", "missing.png"])
    Sources(paths=('missing.png', '-'), n_others=0)
    """
    found: dict[str, None] = {}
    n_others = 0
    for argument in arguments:
        for path in _named(argument):
            if path == STDIN or not os.path.isdir(path):  # noqa: PTH112 - no Path of "\0"
                found[path] = None
                continue
            files = list(_files_of(Path(path)))
            pictures = [file for file in files if Path(file).suffix.lower() in SUFFIXES]
            found.update(dict.fromkeys(pictures))
            n_others += len(files) - len(pictures)
    return Sources(tuple(found), n_others)


def _named(argument: str) -> list[str]:
    """The argument itself, or what it matches as a glob; a glob without a match stays."""
    if argument == STDIN or os.path.lexists(argument) or not glob.has_magic(argument):
        return [argument]
    return sorted(glob.glob(argument, recursive=True)) or [argument]  # noqa: PTH207 - as typed


def _files_of(folder: Path) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield str(Path(place, name))
