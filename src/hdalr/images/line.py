"""One line's ink as the string net sees it: the one place where that picture is made."""

from __future__ import annotations

import cv2
import numpy as np

from hdalr.images.picture import Picture

HEIGHT_PX = 32
NARROWEST_PX, WIDEST_PX = 16, 1536
TAIL = 0.012  # share of the ink that may lie above and below the band of the writing
MARGIN = 0.1  # of the band's height, added above and below


def normalise_line(ink: Picture) -> Picture:
    """Cut a line to the band of its writing and scale it to 32 pixels of height.

    Parameters
    ----------
    ink
        uint8, shape (height, width): 0 for paper, 255 for ink, one line of writing.

    Returns
    -------
    line
        uint8, shape (32, width), 16 to 1536 pixels wide, with the line's proportions (a line
        longer than 48 times its height is squeezed).

    Examples
    --------
    >>> ink = np.zeros((100, 400), np.uint8)
    >>> ink[40:60, 50:350:10] = 255
    >>> normalise_line(ink).shape
    (32, 533)
    """
    top, bottom = writing_band(ink)
    band = ink[top:bottom]
    scale = HEIGHT_PX / band.shape[0]
    width = min(max(round(band.shape[1] * scale), NARROWEST_PX), WIDEST_PX)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(band, (width, HEIGHT_PX), interpolation=method), np.uint8)


def slant(ink: Picture, lean: float) -> Picture:
    """Lean a line over, to the right if ``lean`` is positive, in widths a height.

    Examples
    --------
    >>> post = np.zeros((21, 9), np.uint8)
    >>> post[:, 4] = 255
    >>> slanted = slant(post, 0.5)
    >>> slanted.shape, int(slanted[0].argmax() - slanted[-1].argmax())
    ((21, 19), 10)
    """
    height, width = ink.shape
    reach = abs(lean) * (height - 1)
    matrix = np.array([[1, -lean, reach if lean > 0 else 0], [0, 1, 0]])
    return np.asarray(cv2.warpAffine(ink, matrix, (width + round(reach), height)), np.uint8)


def writing_band(ink: Picture) -> tuple[int, int]:
    """Rows from and before which nearly all strong ink lies, with a margin.

    Examples
    --------
    >>> ink = np.zeros((100, 50), np.uint8)
    >>> ink[40:60, 10:40] = 255
    >>> writing_band(ink)
    (38, 62)
    """
    strong = (ink > 127).sum(axis=1)
    mass = np.cumsum(strong)
    if not mass[-1]:
        return 0, ink.shape[0]
    top = int(np.searchsorted(mass, TAIL * mass[-1], side="right"))
    bottom = int(np.searchsorted(mass, (1 - TAIL) * mass[-1])) + 1
    margin = max(1, round((bottom - top) * MARGIN))
    return max(0, top - margin), min(ink.shape[0], bottom + margin)
