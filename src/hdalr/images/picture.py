"""Picture files: whatever the format, grey pictures."""

from __future__ import annotations

import importlib
import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import cv2
import numpy as np
from PIL import Image, ImageFile

from hdalr.errors import DataError
from hdalr.images.container import (
    SIGNATURES,
    Container,
    check_png_data,
    find_format,
    strip_container,
)
from hdalr.images.grey import Grey, to_grey
from hdalr.images.ppm import read_ppm, read_ppm_header
from hdalr.images.source import read_file, read_path

MAX_PIXELS = 50_000_000  # a full-size photo of most phones and cameras
MAX_SIDE = 8192  # of the square that a picture is padded to
FORMATS = tuple(SIGNATURES)
# Module and class of Pillow, imported when a file of the format comes: all take 80 ms.
DECODERS = {
    "BMP": ("BmpImagePlugin", "BmpImageFile"),
    "GIF": ("GifImagePlugin", "GifImageFile"),
    "JPEG": ("JpegImagePlugin", "JpegImageFile"),
    "PNG": ("PngImagePlugin", "PngImageFile"),
    "TIFF": ("TiffImagePlugin", "TiffImageFile"),
    "WEBP": ("WebPImagePlugin", "WebPImageFile"),
}
# What Pillow's decoders raise on damaged files; warnings, where the user made them errors.
BROKEN_PICTURE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    struct.error,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    AttributeError,
    zlib.error,
    Warning,
)

Picture = Grey  # (height, width), ink bright on dark


def load_picture(path: Path) -> Picture:
    """Read a picture file as grey with bright ink on a dark ground.

    Turned as its EXIF orientation says; transparent parts become a ground on which the opaque
    ones show; 16-bit values are scaled. A picture whose border is bright (its median above 127)
    is dark ink on paper and is inverted.

    Parameters
    ----------
    path
        A BMP, GIF, JPEG, PNG, PPM, TIFF or WebP file; of several frames the first is read.

    Returns
    -------
    picture
        uint8, shape (height, width).

    Raises
    ------
    DataError
        If the file is no picture, is cut short, holds fractions or integers of more than 16
        bits, or has more than 50 million pixels; the size is read from the header, before
        anything is decoded.
    """
    return ink_bright(next(decode_pages(read_path(path), str(path))))


def read_picture(file: IO[bytes], where: str) -> Picture:
    """Read a picture as `load_picture` does, from an open file; ``where`` names it in errors."""
    return ink_bright(next(decode_pages(read_file(file, where), where)))


def decode_pages(content: bytes, where: str, most_pixels: int = MAX_PIXELS) -> Iterator[Grey]:
    """Decode a picture file held in memory, page by page; only a TIFF has more than one.

    Parameters
    ----------
    content
        A BMP, GIF, JPEG, PNG, PPM, TIFF or WebP file; of an animation the first frame is read.
    where
        What the messages call it.
    most_pixels
        That a page may have.

    Yields
    ------
    grey
        uint8, shape (height, width), upright, polarity as it is.

    Raises
    ------
    DataError
        As `load_picture`; also if a JPEG has more than 100 scans or a TIFF more than 1,000
        pages.
    """
    format = find_format(content)
    if format is None:
        found = "no picture" if content else "empty, zero bytes"
        raise DataError(f"{where}: {found}; expected {', '.join(FORMATS)}")
    try:
        if format == "PPM":
            yield _decode_ppm(content, where, most_pixels)
            return
        container = strip_container(format, content)
        with _open(container) as image:
            for page in range(len(container.orientations)):
                check_size(*_size_of(image, page), where, most_pixels)
                yield _decode(image, container, page, where)
    except DataError:
        raise
    except Image.DecompressionBombError as error:
        found = str(error).partition(" exceeds")[0].lower()
        raise DataError(f"{where}: {found}; expected at most {most_pixels} pixels") from error
    except BROKEN_PICTURE as error:
        raise DataError(f"{where}: the picture is damaged or cut short: {error}") from error


def check_size(height: int, width: int, where: str, most_pixels: int = MAX_PIXELS) -> None:
    """Refuse a picture without pixels, or with more than ``most_pixels``.

    Raises
    ------
    DataError
        In both cases; the message names the size and the limit.
    """
    if width * height > most_pixels:
        raise DataError(
            f"{where}: {width} x {height} pixels; expected at most {most_pixels} pixels"
        )
    if not width * height:
        raise DataError(f"{where}: {width} x {height} pixels; expected at least one")


def ink_bright(picture: Picture) -> Picture:
    """Invert the picture if the median of its border is above 127, that is, if it shows paper.

    Examples
    --------
    >>> ink_bright(np.array([[255, 255, 255], [255, 0, 255], [255, 255, 255]], np.uint8))[1]
    array([  0, 255,   0], dtype=uint8)
    """
    return 255 - picture if _border_median(picture) > 127 else picture


def fit_picture(picture: Picture, size: int = 28) -> Picture:
    """Pad to a square with the ground's value and resize, averaging areas.

    A picture longer than `MAX_SIDE` is made smaller first: the square around a long strip would
    fill the memory.

    Parameters
    ----------
    picture
        uint8, shape (height, width), ink bright on dark.
    size
        Pixels at each side of the result.

    Returns
    -------
    picture
        uint8, shape (size, size).

    Examples
    --------
    >>> fit_picture(np.full((4, 2), 200, np.uint8), size=2)
    array([[200, 200],
           [200, 200]], dtype=uint8)
    """
    ground = _border_median(picture)
    picture = shrink(picture, MAX_SIDE)
    height, width = picture.shape
    side = max(height, width)
    square = np.full((side, side), ground, np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = picture
    return np.asarray(cv2.resize(square, (size, size), interpolation=cv2.INTER_AREA), np.uint8)


def shrink(picture: Picture, longest_px: int, shortest_px: int = 0) -> Picture:
    """Make a picture smaller, averaging areas, if its longer side has more than these pixels.

    The shorter side keeps ``shortest_px``, if it has them.

    Examples
    --------
    >>> shrink(np.zeros((30, 90), np.uint8), 60).shape, shrink(np.zeros((3, 9), np.uint8), 60).shape
    ((20, 60), (3, 9))
    >>> shrink(np.zeros((30, 900), np.uint8), 60, shortest_px=10).shape
    (10, 300)
    """
    scale = max(longest_px / max(picture.shape), shortest_px / min(picture.shape))
    if scale >= 1:
        return picture
    height, width = (max(1, round(side * scale)) for side in picture.shape)
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _border_median(picture: Picture) -> float:
    border = [picture[0], picture[-1], picture[:, 0], picture[:, -1]]
    return float(np.median(np.concatenate(border)))


def _open(container: Container) -> ImageFile.ImageFile:
    """Read the header with the one decoder that fits; `Image.open` would load and try them all."""
    module, decoder = DECODERS[container.format]
    opened = getattr(importlib.import_module(f"PIL.{module}"), decoder)
    image: ImageFile.ImageFile = opened(io.BytesIO(container.content))
    return image


def _size_of(image: ImageFile.ImageFile, page: int) -> tuple[int, int]:
    if page:
        image.seek(page)
    return image.height, image.width


def _decode(image: ImageFile.ImageFile, container: Container, page: int, where: str) -> Grey:
    if container.format == "JPEG":
        image.draft("L", image.size)  # its luma is BT.601's grey: no need to make colours first
    if container.format == "PNG":
        check_png_data(container.content)
    image.load()
    return to_grey(image, where, container.orientations[page])


def _decode_ppm(content: bytes, where: str, most_pixels: int) -> Grey:
    header = read_ppm_header(content)
    check_size(header.height, header.width, where, most_pixels)
    return to_grey(Image.fromarray(read_ppm(content, header)), where)
