"""How far lines of writing are turned, and turning them back.

The profile of the ink over the rows is sharpest when the lines run level (Postl 1986). Each
character is moved up or down as a whole when angles are tried, so that slanted handwriting is not
taken for a slanted line.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.images.components import (
    FLATTEST,
    Components,
    Ink,
    check_ink,
    find_components,
    mask_ink,
    select_components,
    text_height,
)

MOST_DEGREES = 15.0
COARSE_DEGREES, FINE_DEGREES = 1.0, 0.1
BODY_SHARE = (0.4, 2.5)  # of the text height: other components say nothing about the line
CHUNK_SHARE = 0.9  # of the text height: wider components count as several
FEWEST, SHORTEST = 4, 3.0  # characters, and text heights from the first to the last
SURE = 1.03  # times as sharp as the level profile, or the picture counts as level
DOUBT = 0.15  # the same, over the number of characters, on top: few may line up by chance
PLATEAU = 0.995  # of the sharpest: angles that are as good are averaged
BINS = 8  # of the profile in one text height
MOST_PIXELS = 20_000  # more say the same

Numbers = NDArray[np.float64]


def estimate_skew(ink: Ink) -> float:
    """Find how far the lines of writing run downhill.

    Parameters
    ----------
    ink
        uint8, shape (height, width), 0 = paper, up to 255 = ink: a line or a page.

    Returns
    -------
    float
        Degrees, -15 to 15, positive where the right end is lower; 0 where the writing is too
        short or the lines are not clearly sharper at another angle.

    Raises
    ------
    DataError
        If the picture is not of this type and shape.

    Examples
    --------
    >>> line = np.zeros((80, 300), np.uint8)
    >>> for x in range(10, 290, 20):
    ...     line[20 + x // 10 : 40 + x // 10, x : x + 9] = 255
    >>> bool(5 < estimate_skew(line) < 6.5)
    True
    """
    parts = find_components(mask_ink(check_ink(ink)), 3)
    height_px = text_height(parts)
    low, high = BODY_SHARE
    heights = parts.heights
    kept = (heights >= low * height_px) & (heights <= high * height_px)
    parts = select_components(parts, kept & (parts.widths < 2 * FLATTEST * heights))
    if not len(parts.areas):
        return 0.0
    columns, rows = _points(parts, height_px)
    places = np.unique(columns)
    if len(places) < FEWEST or places[-1] - places[0] < SHORTEST * height_px:
        return 0.0
    sure = SURE + DOUBT / len(places)
    return _sharpest(columns / height_px, rows / height_px, sure)


def deskew(ink: Ink) -> Ink:
    """Turn a picture so that its lines of writing run level.

    Parameters
    ----------
    ink
        uint8, shape (height, width), 0 = paper, up to 255 = ink.

    Returns
    -------
    Ink
        A new picture; larger where the ink would not fit otherwise, the old middle in its
        middle. A copy where `estimate_skew` finds nothing to turn.

    Raises
    ------
    DataError
        If the picture is not of this type and shape.

    Examples
    --------
    >>> deskew(np.zeros((20, 60), np.uint8)).shape
    (20, 60)
    """
    degrees = estimate_skew(ink)
    if not degrees:
        return ink.copy()
    height, width = ink.shape
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    cosine, sine = abs(turn[0, 0]), abs(turn[0, 1])
    size = (
        int(np.ceil(width * cosine + height * sine)),
        int(np.ceil(width * sine + height * cosine)),
    )
    turn[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    return np.asarray(cv2.warpAffine(ink, turn, size, flags=cv2.INTER_LINEAR), np.uint8)


def _points(parts: Components, height_px: float) -> tuple[Numbers, Numbers]:
    """Pixels of the characters: the middle column of the character, and the row of each."""
    rows, columns = np.nonzero(parts.labels)
    step = 1 + len(rows) // MOST_PIXELS
    rows, columns = rows[::step], columns[::step]
    numbers = parts.labels[rows, columns] - 1
    left, widths = parts.boxes[numbers, 2], parts.widths
    chunks = widths / np.maximum(1, np.rint(widths / (CHUNK_SHARE * height_px)))
    chunk = chunks[numbers]
    middles = left + (np.floor((columns - left) / chunk) + 0.5) * chunk
    return middles, rows.astype(np.float64)


def _sharpest(columns: Numbers, rows: Numbers, sure: float) -> float:
    """Angle of the sharpest profile; 0 unless it is so many times as sharp as the level one."""
    coarse = np.arange(-MOST_DEGREES, MOST_DEGREES + 1e-9, COARSE_DEGREES)
    near = float(coarse[_sharpness(columns, rows, coarse).argmax()])
    fine = near + np.arange(-COARSE_DEGREES, COARSE_DEGREES + 1e-9, FINE_DEGREES)
    sharpness = _sharpness(columns, rows, fine)
    level = float(_sharpness(columns, rows, np.zeros(1))[0])
    if sharpness.max() < sure * level:
        return 0.0
    best = np.flatnonzero(sharpness >= PLATEAU * sharpness.max())
    degrees = float(np.average(fine[best], weights=sharpness[best]))
    return float(np.clip(degrees, -MOST_DEGREES, MOST_DEGREES))


def _sharpness(columns: Numbers, rows: Numbers, degrees: Numbers) -> Numbers:
    """Sum of the squares of the profile at each angle; 1 if all ink lay in one row."""
    slopes = np.tan(np.radians(degrees))
    level = rows - slopes[:, None] * (columns - columns.mean())
    bins = np.rint((level - level.min()) * BINS).astype(np.int64)
    n_bins = int(bins.max()) + 3  # room for the smoothing
    numbers = bins + n_bins * np.arange(len(degrees))[:, None]
    profile = np.bincount(numbers.ravel(), minlength=n_bins * len(degrees)).astype(np.float64)
    smooth = profile + np.roll(profile, 1) + np.roll(profile, -1)
    squares = (smooth.reshape(len(degrees), -1) ** 2).sum(axis=1)
    return np.asarray(squares / (3 * len(rows)) ** 2)
