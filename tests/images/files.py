"""Picture files for the tests of the door, honest ones and others."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image


def stroke(height=40, width=30):
    """White paper with a dark stroke near the top left."""
    paper = np.full((height, width), 255, np.uint8)
    paper[5:12, 6:9] = 0
    return paper


def encoded(picture, format, **options):
    """The bytes of a picture file."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def png_chunk(kind, data=b""):
    crc = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + crc


def png(width, height, data, *extra, interlaced=False):
    """An 8-bit grey PNG with these raw rows, and other chunks before them."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, interlaced)
    chunks = (png_chunk(b"IHDR", header), *extra, png_chunk(b"IDAT", zlib.compress(data)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + png_chunk(b"IEND")


def tiff_directory(entries, order="<"):
    """A classic TIFF of one directory; entries are tag, type, count, value or offset."""
    rows = [struct.pack(order + "HHI4s", *entry) for entry in entries]
    mark = b"II*\0" if order == "<" else b"MM\0*"
    body = struct.pack(order + "H", len(rows)) + b"".join(rows) + bytes(4)
    return mark + struct.pack(order + "I", 8) + body


def exif(orientation, order="<"):
    """An EXIF block, without its prefix, that holds only the orientation."""
    return tiff_directory([(274, 3, 1, struct.pack(order + "HH", orientation, 0))], order)
