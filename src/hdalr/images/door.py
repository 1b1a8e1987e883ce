"""The door: pictures of any kind, from anywhere, into grey pages."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hdalr.errors import DataError
from hdalr.images.container import find_format
from hdalr.images.grey import Grey, from_16_bits, to_grey
from hdalr.images.picture import (
    BROKEN_PICTURE,
    FORMATS,
    MAX_PIXELS,
    check_size,
    decode_pages,
)
from hdalr.images.source import MAX_BYTES, read_file, read_path
from hdalr.images.tiff import ORIENTATION, UPRIGHT

Source = str | Path | bytes | bytearray | memoryview | IO[bytes] | NDArray[Any] | Image.Image
SUFFIXES = frozenset(
    (".bmp", ".gif", ".jpeg", ".jpg", ".pbm", ".pdf", ".pgm", ".png", ".pnm", ".ppm", ".tif")
) | {".tiff", ".webp"}
_PILLOW_LOCK = threading.Lock()  # a Pillow picture decodes itself on first use, for one thread


class Page(NamedTuple):
    """One page of a source.

    Parameters
    ----------
    picture
        uint8, shape (height, width), grey, upright, polarity as it came.
    name
        What the page's source is called: its path, or ``where``.
    number
        Of the page in its source, from 1.
    """

    picture: Grey
    name: str
    number: int


def open_pages(
    source: Source, where: str | None = None, *, most_pixels: int = MAX_PIXELS
) -> Generator[Page, None, None]:
    """Turn a source of pictures into its pages, one at a time.

    What a file says of itself is read before it is decoded: whatever it is, the answer comes in
    bounded time and memory. The source is not changed, and its pages do not share its memory.

    Parameters
    ----------
    source
        A path; the bytes of a file, or a file open in binary mode, which is read from where it
        stands; a Pillow picture, of which the present frame is taken; or an array of shape
        (height, width), or (height, width, 3 or 4) for RGB or RGBA, of type uint8, uint16 (scaled
        by 1 / 257), bool (``True`` is white) or a fraction 0 to 1 (scaled by 255). Files are PNG,
        JPEG, TIFF (all pages), BMP, WebP and GIF (the first frame), PPM, PGM, PBM or PDF (all
        pages, 200 pixels an inch), at most 200 million bytes. Colour profiles are ignored;
        transparent parts are laid on a ground on which the opaque ones show.
    where
        The source's name in pages and messages; by default its path, or what it is.
    most_pixels
        That a page may have; the pages of a PDF are drawn smaller if need be.

    Returns
    -------
    pages : generator of Page
        The source is read at once, a page decoded when it is asked for; what draws the pages of
        a PDF ends when the generator is closed.

    Raises
    ------
    DataError
        If the source is nothing of this, is cut short, damaged, or protected by a password, has
        too many pixels or more than 1,000 pages, or an array holds NaN or what is out of
        range. That a later page is damaged is told when it is asked for.

    Examples
    --------
    >>> [page.picture.shape for page in open_pages(np.zeros((60, 200, 3), np.uint8))]
    [(60, 200)]
    """
    name = where if where is not None else _name(source)
    if isinstance(source, np.ndarray):
        return _numbered([_from_array(source, name, most_pixels)], name)
    if isinstance(source, Image.Image):
        return _numbered([_from_pillow(source, name, most_pixels)], name)
    return _numbered(_decode(_read(source, name), name, most_pixels), name)


def _name(source: object) -> str:
    if isinstance(source, str | Path):
        return str(source)
    if isinstance(source, np.ndarray):
        return "array"
    if isinstance(source, bytes | bytearray | memoryview):
        return "bytes"
    name = getattr(source, "filename", None) or getattr(source, "name", None)
    return name if isinstance(name, str) else "source"


def _read(source: object, name: str) -> bytes:
    if isinstance(source, str | Path):
        return read_path(Path(source))
    if isinstance(source, bytes | bytearray | memoryview):
        content = bytes(source)
        if len(content) > MAX_BYTES:
            raise DataError(f"{name}: {len(content)} bytes; expected at most {MAX_BYTES}")
        return content
    if hasattr(source, "read"):
        return read_file(cast(IO[bytes], source), name)
    raise DataError(
        f"{name}: a {type(source).__name__}; expected a path, bytes, a file open in binary mode, "
        "a numpy array or a Pillow picture"
    )


def _decode(content: bytes, name: str, most_pixels: int) -> Iterator[Grey]:
    if find_format(content):
        return decode_pages(content, name, most_pixels)
    from hdalr.images.pdf import is_pdf, pdf_pages  # here, since it starts with subprocess: 10 ms

    if is_pdf(content):
        return pdf_pages(content, name, most_pixels=most_pixels)
    found = "no picture" if content else "empty, zero bytes"
    raise DataError(f"{name}: {found}; expected {', '.join(FORMATS)} or PDF")


def _numbered(pictures: Iterable[Grey], name: str) -> Generator[Page, None, None]:
    for number, picture in enumerate(pictures, start=1):
        yield Page(picture, name, number)


def _from_pillow(image: Image.Image, name: str, most_pixels: int) -> Grey:
    check_size(image.height, image.width, name, most_pixels)
    try:
        with _PILLOW_LOCK:
            image.load()  # before its EXIF is looked at: a TIFF turns itself
            orientation = image.getexif().get(ORIENTATION, UPRIGHT)
            return to_grey(image, name, orientation)
    except BROKEN_PICTURE as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{name}: the picture is damaged or cut short: {error}") from error


def _from_array(array: NDArray[Any], name: str, most_pixels: int) -> Grey:
    _check_shape(array, name)
    check_size(array.shape[0], array.shape[1], name, most_pixels)
    values = np.asarray(array)
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[:, :, 0]
    eight_bits = _to_8_bits(values, f"{name}: type {values.dtype}")
    if eight_bits.ndim == 2:
        return np.array(eight_bits)
    return to_grey(Image.fromarray(eight_bits), name)


def _check_shape(array: NDArray[Any], name: str) -> None:
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), (1,), (3,), (4,)):
        raise DataError(
            f"{name}: shape {array.shape}; expected (height, width), or (height, width, 3 or 4) "
            "for RGB or RGBA"
        )


def _to_8_bits(values: NDArray[Any], found: str) -> NDArray[np.uint8]:
    if values.dtype == np.uint8:
        return np.asarray(values, np.uint8)
    if values.dtype == bool:
        return values.astype(np.uint8) * np.uint8(255)
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:  # of either byte order
        return from_16_bits(values.astype(np.int32), found)
    if values.dtype.kind == "f":
        return _from_fractions(values, found)
    raise DataError(
        f"{found}; expected uint8, uint16, bool, or fractions from 0 to 1 (grey values 0 to 255 "
        "of another type become that with array.astype(numpy.uint8))"
    )


def _from_fractions(values: NDArray[Any], found: str) -> NDArray[np.uint8]:
    lowest, highest = float(values.min()), float(values.max())
    if not 0 <= lowest <= highest <= 1:  # false with NaN, too
        raise DataError(f"{found} with values {lowest:g} to {highest:g}; expected 0 to 1")
    scaled = np.rint(values.astype(np.float32) * np.float32(255))
    return np.asarray(scaled, np.uint8)
