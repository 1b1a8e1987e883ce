"""Picture files, with all taken out that is no picture, before a decoder meets them.

Text, colour profiles, previews, later frames of an animation: nobody looks at them here, and some
can make a decoder spend memory or time without end. What makes the pixels is kept, and the one
line of EXIF that says which way is up.

Sources: PNG, third edition (W3C 2025), section 5; JPEG: ITU-T T.81 (1992), annex B; GIF89a
(CompuServe 1990); WebP: RFC 9649 (2024), section 2.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from hdalr.images.tiff import UPRIGHT, read_orientation, strip_tiff

MAX_PIECES = 100_000  # chunks, segments or blocks; a PNG of 200 MB in libpng's 8 KiB has 25,000
MAX_SCANS = 100  # passes over a progressive JPEG, each as costly as a picture; 10 are usual
PNG_KEPT = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"))
NO_DATA = struct.pack(">I4sI", 0, b"IDAT", zlib.crc32(b"IDAT"))
PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
# First column and row of each pass of an interlaced PNG, and the steps between (section 8.2).
ADAM7 = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)
)  # fmt: skip
BLOCK_BYTES = 2**16
# JPEG's markers, by their second byte.
START_OF_IMAGE, END_OF_IMAGE, START_OF_SCAN, COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
EXIF_SEGMENT = 0xE1
DROPPED_SEGMENTS = frozenset(range(0xE1, 0xF0)) - {0xEE} | {COMMENT}  # 0xEE: Adobe's, on colours
NEXT_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")  # not data, padding or restarts


class Container(NamedTuple):
    """A picture file of known format, stripped.

    Parameters
    ----------
    format
        A key of `SIGNATURES`.
    content
        The file without metadata.
    orientations
        One a page: 1 (upright) to 8, as EXIF says it.
    """

    format: str
    content: bytes
    orientations: tuple[int, ...] = (UPRIGHT,)


# Pillow knows more, some of which start other programs (EPS) or are seldom met and little tested.
SIGNATURES = {
    "BMP": re.compile(rb"BM"),
    "GIF": re.compile(rb"GIF8[79]a"),
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "PPM": re.compile(rb"P[1-6]\s"),
    "TIFF": re.compile(rb"II[*+]\0|MM\0[*+]"),
    "WEBP": re.compile(rb"RIFF....WEBP", re.DOTALL),
}


def find_format(content: bytes) -> str | None:
    """Name of the format in `SIGNATURES` that a file's first bytes show; None if none does.

    Examples
    --------
    >>> find_format(b"GIF89a..."), find_format(b"Dear Sirs")
    ('GIF', None)
    """
    matches = (name for name, signature in SIGNATURES.items() if signature.match(content))
    return next(matches, None)


def strip_container(format: str, content: bytes) -> Container:
    """Take out of a picture file what does not make its pixels.

    Of an animation the first frame is kept, of a TIFF every page.

    Raises
    ------
    ValueError, IndexError, struct.error
        If the file is cut short or damaged, or has more than 100,000 pieces, a JPEG of more
        than 100 scans, or a TIFF of more than 1,000 pages.
    """
    strip = STRIPPERS.get(format)
    return strip(content) if strip else Container(format, content)


def _strip_png(content: bytes) -> Container:
    kept, orientation = [content[:8]], UPRIGHT
    for kind, start, end in _chunks(content):
        if kind in PNG_KEPT:
            if zlib.crc32(content[start + 4 : end - 4]) != int.from_bytes(content[end - 4 : end]):
                raise ValueError(f"wrong checksum of a chunk {kind!r}")
            kept.append(content[start:end])
        elif kind == b"eXIf":
            orientation = read_orientation(content[start + 8 : end - 4])
        if kind == b"IEND":
            break
    else:  # cut short, which is told once the size has been looked at
        kept.append(NO_DATA)
    return Container("PNG", b"".join(kept), (orientation,))


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of each chunk that is there as a whole."""
    position = 8
    for _ in range(MAX_PIECES):
        if position + 12 > len(content):
            return
        length, kind = struct.unpack_from(">I4s", content, position)
        end = position + length + 12
        if end > len(content):
            return
        yield kind, position, end
        position = end
    raise ValueError(f"more than {MAX_PIECES} chunks; expected at most that many")


def check_png_data(content: bytes) -> None:
    """Check that a stripped PNG holds as many pixels as its header says.

    Pillow takes the end of the compressed data for the end of the picture, and leaves what is
    missing black.

    Raises
    ------
    ValueError, struct.error, zlib.error
        If it holds fewer, or its data are damaged.
    """
    expected, found = _raw_bytes(content), 0
    inflate = zlib.decompressobj()
    for piece in _data_pieces(content):
        while piece and found < expected:
            found += len(inflate.decompress(piece, BLOCK_BYTES))
            piece = inflate.unconsumed_tail
    if found < expected:
        raise ValueError(f"pixels of {found} bytes; its size asks for {expected}")


def _raw_bytes(content: bytes) -> int:
    """Bytes of all rows, with the byte before each that names its filter."""
    width, height, depth, colour, _, _, interlaced = struct.unpack_from(">IIBBBBB", content, 16)
    bits = depth * PNG_CHANNELS.get(colour, 1)
    total = 0
    for left, top, across, down in ADAM7 if interlaced else ((0, 0, 1, 1),):
        columns, rows = -((left - width) // across), -((top - height) // down)
        if columns > 0:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total


def _data_pieces(content: bytes) -> Iterator[bytes]:
    for kind, start, end in _chunks(content):
        if kind == b"IDAT":
            for position in range(start + 8, end - 4, BLOCK_BYTES):
                yield content[position : min(position + BLOCK_BYTES, end - 4)]


def _strip_jpeg(content: bytes) -> Container:
    kept, orientation = [content[:2]], UPRIGHT
    n_scans = 0
    for marker, start, end in _segments(content):
        if marker == EXIF_SEGMENT and content[start + 4 : start + 8] == b"Exif":
            orientation = read_orientation(content[start + 4 : end])
        n_scans += marker == START_OF_SCAN
        if n_scans > MAX_SCANS:
            raise ValueError(f"more than {MAX_SCANS} scans; expected at most that many")
        if marker not in DROPPED_SEGMENTS:
            kept.append(content[start:end])
    return Container("JPEG", b"".join(kept), (orientation,))


def _segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment; a scan goes with the data that follow it."""
    position = 2
    for _ in range(MAX_PIECES):
        found = NEXT_MARKER.search(content, position)
        if found is None:
            return
        start = found.start()
        marker = content[start + 1]
        if marker == END_OF_IMAGE:
            yield marker, start, start + 2
            return
        end = start + 2 + struct.unpack_from(">H", content, start + 2)[0]
        if marker == START_OF_SCAN:
            following = NEXT_MARKER.search(content, end)
            end = following.start() if following else len(content)
        yield marker, start, end
        position = end
    raise ValueError(f"more than {MAX_PIECES} segments; expected at most that many")


def _strip_gif(content: bytes) -> Container:
    position = 13 + _palette_bytes(content[10])
    header, control = content[:position], b""
    for _ in range(MAX_PIECES):
        start = position
        introducer, label = content[start], content[start + 1]
        if introducer == ord(","):  # a frame
            frame_start = start + 10 + _palette_bytes(content[start + 9])
            position = _end_of_blocks(content, frame_start + 1)
            return Container("GIF", header + control + content[start:position] + b";")
        if introducer != ord("!"):  # no extension, either
            break
        position = _end_of_blocks(content, start + 2)
        if label == 0xF9:  # says which colour is transparent
            control = content[start:position]
    raise ValueError("no frame in it; expected at least one")


def _palette_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _end_of_blocks(content: bytes, position: int) -> int:
    while length := content[position]:
        position += length + 1
    return position + 1


def _strip_webp(content: bytes) -> Container:
    """Find the orientation; libwebp leaves alone what it is not asked for."""
    position = 12
    for _ in range(MAX_PIECES):
        if position + 8 > len(content):
            break
        kind, length = struct.unpack_from("<4sI", content, position)
        if kind == b"EXIF":
            exif = content[position + 8 : position + 8 + length]
            return Container("WEBP", content, (read_orientation(exif),))
        position += 8 + length + length % 2
    return Container("WEBP", content)


def _strip_tiff(content: bytes) -> Container:
    return Container("TIFF", *strip_tiff(content))


STRIPPERS: dict[str, Callable[[bytes], Container]] = {
    "GIF": _strip_gif,
    "JPEG": _strip_jpeg,
    "PNG": _strip_png,
    "TIFF": _strip_tiff,
    "WEBP": _strip_webp,
}
