"""Which files a command reads: folders and globs spelled out, in a fixed order."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

from hdalr.images.door import SUFFIXES

STDIN = "-"
FileId = tuple[int, int]  # device and number
_SUFFIX_LIST = ", ".join(sorted(SUFFIXES))


class Sources(NamedTuple):
    """What the given paths stand for.

    Attributes
    ----------
    paths
        Files to read, each once, in the order given; those of a folder or a glob sorted. A
        path that is not there is kept: opening it names the error.
    n_others
        Files of the given folders that have neither a picture's nor a PDF's suffix.
    faults
        Of the paths, those that stand for no file: what is wrong, one sentence each.
    """

    paths: tuple[str, ...]
    n_others: int
    faults: Mapping[str, str]


class Named(BytesIO):
    """Bytes under a name, which is told if they are no picture."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


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
    Sources(paths=('missing.png', '-'), n_others=0, faults={})
    """
    found: dict[str, None] = {}
    faults: dict[str, str] = {}
    n_others = 0
    for argument in arguments:
        named = match_paths(argument)
        files = [file for path in named for file in _spelled_out(path)]
        wanted = [file for file, is_wanted in files if is_wanted]
        found.update(dict.fromkeys(wanted or [argument]))
        n_others += len(files) - len(wanted)
        if not wanted:
            faults[argument] = _fault(argument, bool(named))
    return Sources(tuple(found), n_others, faults)


def identify_files(paths: Iterable[str]) -> dict[FileId, str]:
    """The regular files among paths, by device and number: the same under all names and links.

    ``-`` is the file that the standard input comes from, if it does.

    Examples
    --------
    >>> identify_files(["missing.png", "."])
    {}
    """
    found = {}
    for path in paths:
        with suppress(OSError, ValueError):
            status = os.stat(0 if path == STDIN else path)  # noqa: PTH116 - also of an open file
            if S_ISREG(status.st_mode):
                found[status.st_dev, status.st_ino] = path
    return found


def find_pictures(folder: Path, on_error: Callable[[OSError], None] | None = None) -> Iterator[str]:
    """The pictures and PDFs in a folder and its subfolders, as `find_sources` finds them.

    ``on_error`` is called for each folder that cannot be listed; the others are.
    """
    return filter(is_picture, _files_of(folder, on_error))


def is_picture(file: str) -> bool:
    """Whether its suffix is that of a picture or a PDF."""
    return os.path.splitext(file)[1].lower() in SUFFIXES  # noqa: PTH122 - a Path takes ten times as long


def match_paths(argument: str) -> list[str]:
    """The argument itself, or what it matches as a glob."""
    if argument == STDIN or os.path.lexists(argument) or not glob.has_magic(argument):
        return [argument] if argument else []
    return sorted(glob.glob(argument, recursive=True))  # noqa: PTH207 - as typed


def _spelled_out(path: str) -> Iterator[tuple[str, bool]]:
    """A file, or the files of a folder, each with whether it is to be read."""
    if path == STDIN or not os.path.isdir(path):  # noqa: PTH112 - no Path of "\0"
        yield path, True
        return
    for file in _files_of(Path(path)):
        yield file, is_picture(file)


def _fault(argument: str, is_there: bool) -> str:
    if not argument:
        return "'': the path is empty; expected a file, a folder, a glob or -"
    if not is_there:
        return f"{argument}: nothing matches this pattern; expected a file, a folder, a glob or -"
    return lacks_pictures(argument)


def lacks_pictures(folder: str) -> str:
    """What to say of a folder without pictures."""
    return f"{folder}: no picture was found in it; expected files that end in {_SUFFIX_LIST}"


def _files_of(folder: Path, on_error: Callable[[OSError], None] | None = None) -> Iterator[str]:
    for place, folders, names in os.walk(folder, onerror=on_error):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        prefix = str(Path(place, "-"))[:-1]  # once a folder, not once a file
        yield from (prefix + name for name in sorted(names) if not name.startswith("."))
