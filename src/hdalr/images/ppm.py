"""PPM, PGM and PBM: the plain formats of Netpbm.

Pillow reads most of them pixel by pixel in Python, minutes for a large picture.

Source: Netpbm's manual pages ppm(5), pgm(5), pbm(5) (2013-2016). Comments are known in the header
only; of several pictures in one file the first is read.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

HEADER_BYTES = 2**16  # in which the header ends; longer ones are comment
NUMBER_BYTES = 16  # of text a number, white space included, at most
GAP = rb"(?:\s|#[^\n\r]*+[\n\r])++"  # white space and comments
BITS_HEADER = re.compile(rb"P([14])" + GAP + rb"(\d{1,9})" + GAP + rb"(\d{1,9})\s")
HEADER = re.compile(
    rb"P([2356])" + GAP + rb"(\d{1,9})" + GAP + rb"(\d{1,9})" + GAP + rb"(\d{1,5})\s"
)


class PpmHeader(NamedTuple):
    """What comes before the pixels.

    Parameters
    ----------
    kind
        The number after the P: 1 and 4 bits, 2 and 5 grey, 3 and 6 RGB; 1 to 3 as text.
    width, height
        In pixels.
    highest
        The value of white.
    start
        Where the pixels begin, in bytes.
    """

    kind: int
    width: int
    height: int
    highest: int
    start: int


def read_ppm_header(content: bytes) -> PpmHeader:
    """Read what comes before the pixels.

    Raises
    ------
    ValueError
        If it is damaged or cut short.

    Examples
    --------
    >>> read_ppm_header(b"P5 3 2 255 ......")
    PpmHeader(kind=5, width=3, height=2, highest=255, start=11)
    """
    start = content[:HEADER_BYTES]
    found = HEADER.match(start) or BITS_HEADER.match(start)
    if found is None:
        raise ValueError("no width, height and highest value after the P and its number")
    kind, width, height, *highest = map(int, found.groups())
    white = highest[0] if highest else 1
    if not 1 <= white <= 65535:
        raise ValueError(f"a highest value of {white}; expected 1 to 65535")
    return PpmHeader(kind, width, height, white, found.end())


def read_ppm(content: bytes, header: PpmHeader) -> NDArray[np.uint8]:
    """Read the pixels, scaled to 0 to 255.

    Returns
    -------
    picture
        uint8, shape (height, width), or (height, width, 3) for RGB.

    Raises
    ------
    ValueError
        If there are fewer pixels than the header says, or what should be text is none.

    Examples
    --------
    >>> content = b"P2 2 1 4 0 2 "
    >>> read_ppm(content, read_ppm_header(content))
    array([[  0, 128]], dtype=uint8)
    """
    body = memoryview(content)[header.start :]
    n_values = header.width * header.height * (3 if header.kind in (3, 6) else 1)
    if header.kind in (1, 4):
        bits = _plain_bits(body, n_values) if header.kind == 1 else _bits(body, header)
        return ((1 - bits) * np.uint8(255)).reshape(header.height, header.width)
    read = _numbers if header.kind in (2, 3) else _bytes
    values = read(body, n_values, header.highest)
    shape = (header.height, header.width, 3) if header.kind in (3, 6) else (header.height, -1)
    return _scaled(values, header.highest).reshape(shape)


def _scaled(values: NDArray[np.uint16], highest: int) -> NDArray[np.uint8]:
    grey = (np.arange(highest + 1) * 255 + highest // 2) // highest
    return grey.astype(np.uint8)[np.minimum(values, highest)]


def _bytes(body: memoryview, n_values: int, highest: int) -> NDArray[np.uint16]:
    sort = np.dtype(np.uint8) if highest < 256 else np.dtype(">u2")
    return _checked(np.frombuffer(body[: n_values * sort.itemsize], sort), n_values)


def _numbers(body: memoryview, n_values: int, highest: int) -> NDArray[np.uint16]:
    text = bytes(body[: n_values * NUMBER_BYTES + HEADER_BYTES]).strip()
    if text.translate(None, b"0123456789 \t\n\r\v\f"):
        raise ValueError("pixels that are no numbers; expected digits and white space")
    # Not with the number wanted: numpy would fill what is missing with whatever memory holds.
    values = np.fromstring(text, np.int32, sep=" ")[: n_values if text else 0]
    return np.asarray(np.clip(_checked(values, n_values), 0, highest), np.uint16)


def _bits(body: memoryview, header: PpmHeader) -> NDArray[np.uint8]:
    row_bytes = (header.width + 7) // 8
    n_bytes = row_bytes * header.height
    packed = _checked(np.frombuffer(body[:n_bytes], np.uint8), n_bytes)
    return np.unpackbits(packed.reshape(header.height, row_bytes), axis=1, count=header.width)


def _plain_bits(body: memoryview, n_values: int) -> NDArray[np.uint8]:
    characters = np.frombuffer(body, np.uint8)
    bits = characters[(characters == ord("0")) | (characters == ord("1"))] - ord("0")
    return _checked(bits[:n_values], n_values)


def _checked(values: NDArray[Any], n_expected: int) -> NDArray[Any]:
    if len(values) < n_expected:
        raise ValueError(f"{len(values)} values for pixels; the header asks for {n_expected}")
    return values
