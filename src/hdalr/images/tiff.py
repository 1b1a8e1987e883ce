"""TIFF's directories, which EXIF shares: which tags there are, before a decoder meets them.

A directory is a list of tags, each pointing at its values. Nothing keeps thousands of them from
pointing at the same megabytes, so a small file can make a reader that loads every tag fill the
memory. Here the tags that say how the pixels lie are kept, and all others are struck out.

Source: TIFF, revision 6.0 (1992), section 2; BigTIFF: its 64-bit form, Aware Systems (2007).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

MAX_PAGES = 1000
MAX_ENTRIES = 1000  # in one directory; some 200 tags are known
MAX_TAG_BYTES = 2**20  # 131,072 strips of one row each, at 8 bytes, more than a picture has
UPRIGHT = 1
ORIENTATION = 274
SHORT = 3
TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
TYPE_BYTES |= {13: 4, 16: 8, 17: 8, 18: 8}
# Sizes, compression, strips, tiles, palette, kinds of samples, fax options, JPEG tables, YCbCr.
PIXEL_TAGS = frozenset(
    (256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320, 322, 323, 324)
) | frozenset(
    (325, 332, 338, 339, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532)
)


def strip_tiff(content: bytes) -> tuple[bytes, tuple[int, ...]]:
    """Strike out all tags that say nothing about pixels, in every page's directory.

    Parameters
    ----------
    content
        A TIFF or BigTIFF file.

    Returns
    -------
    content : bytes
        The same file with shorter directories.
    orientations : tuple of int
        One a page: how its first row and column lie, 1 (upright) to 8, as in EXIF.

    Raises
    ------
    ValueError, struct.error
        If there is no page or more than 1,000, a directory is cut short, or a tag's values are
        not all in the file or larger than 1 MiB.
    """
    form = _find_form(content)
    stripped = bytearray(content)
    orientations: list[int] = []
    for directory in _walk(content, form):
        if len(orientations) == MAX_PAGES:
            raise ValueError(f"more than {MAX_PAGES} pages; expected at most that many")
        orientations.append(_orientation(directory, form))
        shorter = _without_metadata(directory, form, len(content))
        stripped[directory.position : directory.position + len(shorter)] = shorter
    if not orientations:
        raise ValueError("no page in it; expected at least one")
    return bytes(stripped), tuple(orientations)


def read_orientation(exif: bytes) -> int:
    """How the first row and column of a picture lie, 1 to 8; 1, upright, if nothing says so.

    Parameters
    ----------
    exif
        An EXIF block: a TIFF file of tags only, after ``Exif`` and two zero bytes, or bare.

    References
    ----------
    CIPA DC-008, Exif 2.32 (2019), section 4.6.4.

    Examples
    --------
    >>> read_orientation(b"no exif at all")
    1
    """
    content = exif.removeprefix(b"Exif\0\0")
    try:
        form = _find_form(content)
        return _orientation(next(_walk(content, form)), form)
    except (ValueError, struct.error, StopIteration):
        return UPRIGHT


class _Form(NamedTuple):
    """How numbers are written: byte order, numbers of entries, offsets; bytes of an entry."""

    order: str
    counts: str
    offsets: str
    entry_bytes: int
    start: int  # where the offset of the first directory stands

    def unpack(self, code: str, content: bytes, position: int) -> int:
        return int(struct.unpack_from(self.order + code, content, position)[0])

    def pack(self, code: str, value: int) -> bytes:
        return struct.pack(self.order + code, value)


class _Directory(NamedTuple):
    position: int
    entries: dict[int, bytes]  # tag: the whole entry
    following: int  # position of the next directory; 0: none


def _find_form(content: bytes) -> _Form:
    order = {b"II": "<", b"MM": ">"}.get(content[:2])
    if order is None:
        raise ValueError(f"begins with {content[:2]!r}; expected b'II' or b'MM'")
    if struct.unpack_from(order + "H", content, 2) == (43,):
        return _Form(order, "Q", "Q", 20, 8)
    return _Form(order, "H", "I", 12, 4)


def _walk(content: bytes, form: _Form) -> Iterator[_Directory]:
    position = form.unpack(form.offsets, content, form.start)
    seen = {0}
    while position not in seen:
        seen.add(position)
        n_entries = form.unpack(form.counts, content, position)
        start = position + struct.calcsize("=" + form.counts)
        end = start + n_entries * form.entry_bytes
        if n_entries > MAX_ENTRIES or end > len(content):
            raise ValueError(f"a directory of {n_entries} tags; expected at most {MAX_ENTRIES}")
        starts = range(start, end, form.entry_bytes)
        entries = {
            form.unpack("H", content, at): content[at : at + form.entry_bytes] for at in starts
        }
        following = form.unpack(form.offsets, content, end)
        yield _Directory(position, entries, following)
        position = following


def _without_metadata(directory: _Directory, form: _Form, n_bytes: int) -> bytes:
    kept = [entry for tag, entry in directory.entries.items() if tag in PIXEL_TAGS]
    for entry in kept:
        _check_values(entry, form, n_bytes)
    following = form.pack(form.offsets, directory.following)
    return form.pack(form.counts, len(kept)) + b"".join(kept) + following


def _check_values(entry: bytes, form: _Form, n_bytes: int) -> None:
    tag, kind = form.unpack("H", entry, 0), form.unpack("H", entry, 2)
    size = TYPE_BYTES.get(kind, 1) * form.unpack(form.offsets, entry, 4)
    inline = struct.calcsize("=" + form.offsets)
    start = 0 if size <= inline else form.unpack(form.offsets, entry, 4 + inline)
    if size > MAX_TAG_BYTES or start + size > n_bytes:
        raise ValueError(
            f"tag {tag} claims {size} bytes from {start}; expected at most {MAX_TAG_BYTES}, in "
            f"the {n_bytes} bytes of the file"
        )


def _orientation(directory: _Directory, form: _Form) -> int:
    entry = directory.entries.get(ORIENTATION)
    if entry is None or form.unpack("H", entry, 2) != SHORT:
        return UPRIGHT
    value = form.unpack("H", entry, 4 + struct.calcsize("=" + form.offsets))
    return value if 1 <= value <= 8 else UPRIGHT
