"""Any picture that Pillow can hold into 8-bit grey, polarity as it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hdalr.errors import DataError
from hdalr.images.tiff import UPRIGHT

Grey = NDArray[np.uint8]  # (height, width)

# EXIF's orientations 2 to 8, as what makes the picture upright.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
LOW, HIGH = 0.05, 0.95  # quantiles between which the opaque pixels' grey values are compared
ONE_COLOUR = 64  # grey values apart at most


def to_grey(image: Image.Image, where: str, orientation: int = UPRIGHT) -> Grey:
    """Turn a picture upright and make it grey.

    Colours are weighted as ITU-R BT.601 says; values of 16 bits are scaled. Transparent parts
    take a ground on which the opaque ones show: see `opaque_grey`.

    Parameters
    ----------
    image
        Of any mode. It is not changed.
    where
        What the messages call it.
    orientation
        1 (upright) to 8, as EXIF says it.

    Returns
    -------
    grey
        uint8, shape (height, width), a new array.

    Raises
    ------
    DataError
        If the picture holds fractions, or integers of more than 16 bits.
    """
    if image.mode == "F":
        raise DataError(f"{where}: fractions (mode F); expected integers of 8 or 16 bits")
    if image.mode.startswith("I"):  # 16 bits a pixel, or 32 that hold 16
        values = np.asarray(image).astype(np.int32)
        grey = Image.fromarray(from_16_bits(values, f"{where}: mode {image.mode}"))
    elif image.has_transparency_data:
        grey = opaque_grey(image)
    elif image.mode == "LAB":  # its first channel is lightness
        grey = image.getchannel(0)
    else:
        grey = image.convert("L")
    if orientation != UPRIGHT:
        grey = grey.transpose(TURNS[orientation])
    return np.array(grey)


def from_16_bits(values: NDArray[np.int32], where: str) -> Grey:
    """Scale integers 0 to 65535 to 0 to 255.

    Raises
    ------
    DataError
        If a value lies out of this range.
    """
    lowest, highest = values.min(), values.max()
    if lowest < 0 or highest > 65535:
        raise DataError(f"{where} with values {lowest} to {highest}; expected 0 to 65535")
    return ((values + 128) // 257).astype(np.uint8)


def opaque_grey(image: Image.Image) -> Image.Image:
    """Lay a picture with transparent parts on a grey ground, so that nothing vanishes.

    What is opaque is either writing without its paper, mostly of one colour, or a picture with
    its own paper that does not fill the frame. Writing is laid on white or black, whichever is
    further from its mean grey value, so that white ink does not vanish. A picture that covers
    more than half of the frame and is not of one colour (5 % and 95 % quantile more than 64
    apart) gets its median grey value around it, as if its paper went on.

    Examples
    --------
    >>> white_ink = Image.new("LA", (3, 1), (255, 0))
    >>> white_ink.putpixel((1, 0), (255, 255))
    >>> np.asarray(opaque_grey(white_ink)).tolist()
    [[0, 255, 0]]
    """
    colour = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
    alpha, grey = colour.getchannel("A"), colour.convert("L")
    if alpha.getextrema()[0] == 255:
        return grey
    ground = Image.new("L", grey.size, _ground(grey, alpha))
    return Image.composite(grey, ground, alpha)


def _ground(grey: Image.Image, alpha: Image.Image) -> int:
    opaque = alpha.point([0] * 128 + [255] * 128)
    mask = opaque if opaque.getbbox() else alpha
    counts = np.array(grey.histogram(mask))
    n_opaque = counts.sum()
    if not n_opaque:
        return 255
    shares = np.cumsum(counts) / n_opaque
    low, median, high = np.searchsorted(shares, (LOW, 0.5, HIGH))
    if n_opaque > grey.width * grey.height / 2 and high - low > ONE_COLOUR:
        return int(median)
    return 255 if counts @ np.arange(256) / n_opaque < 128 else 0
