"""From a grey picture to its ink: paper flattened to 0, ink up to 255, whichever of them is dark.

The paper is estimated where it is, by a morphological closing wider than a stroke (Gonzalez and
Woods 2018, section 9.6, "shading correction"), so that a shadow across the picture goes away.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.errors import DataError
from hdalr.images.picture import Picture, shrink

LEAST_CONTRAST = 12.0  # grey values between paper and ink; below it there is no ink
LEAST_SIGNAL = 1.6  # the same, in standard deviations of the paper's grain
STROKE_SHARE = 0.45  # of the picture's shorter side: nothing wider is taken for a stroke
TWO_LEVELS = 0.92  # share of the variance between ink and paper where a picture has but these
LEAST_PX = 24  # that the shorter side of such a copy keeps: long strips of writing are read too
POLARITY_PX = 48  # longer side of the copy on which dark is told from light
WORK_PX = 640  # the paper varies slowly: on larger pictures it is estimated on a smaller copy

BLOCK_PX = 1_000_000
DEPTHS = np.arange(-255.0, 256.0)  # of ink below the paper

Depth = NDArray[np.int16]  # (height, width)


def ink_of(picture: Picture) -> Picture:
    """Take the paper away and bring the ink to full brightness.

    Parameters
    ----------
    picture
        uint8, shape (height, width), grey, dark ink on light paper or the reverse.

    Returns
    -------
    ink
        uint8, same shape: 0 for paper, 255 for full ink, soft at the edges. All 0 if nothing
        stands out of the paper's grain.

    Raises
    ------
    DataError
        If the picture is not of this type and shape.

    Examples
    --------
    >>> paper = np.linspace(120, 220, 40, dtype=np.uint8)[None].repeat(40, axis=0)
    >>> paper[10:30, 18:22] -= 80
    >>> ink = ink_of(paper)
    >>> bool(ink[20, 20] > 240), bool(ink[5, 5] < 30)
    (True, True)
    """
    if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8 or picture.ndim != 2:
        found = getattr(picture, "dtype", type(picture).__name__)
        raise DataError(
            f"the picture has type {found} and shape {np.shape(picture)}; "
            "expected uint8 (height, width)"
        )
    if picture.size == 0:
        raise DataError("the picture has no pixels; expected at least one")
    dark_ink = picture if is_dark_on_light(picture) else 255 - picture
    depth = np.subtract(_paper_of(dark_ink), dark_ink, dtype=np.int16)
    return _stretched(depth)


def is_dark_on_light(picture: Picture) -> bool:
    """Tell whether the ink is darker than the paper, by which side of the paper stands out more.

    The paper is what most pixels show; the rarer and stronger deviations from it are ink.

    Examples
    --------
    >>> stroke = np.zeros((9, 9), np.uint8)
    >>> stroke[4, 2:7] = 200
    >>> is_dark_on_light(stroke), is_dark_on_light(255 - stroke)
    (False, True)
    """
    small = shrink(picture, POLARITY_PX, LEAST_PX // 2)
    side = max(3, (min(small.shape) * 2 // 3) | 1)
    paper = cv2.medianBlur(small, min(side, 63))
    depth = (paper.astype(np.float64) - small).ravel()
    return bool(depth @ (depth * depth) >= 0)  # cubes: few strong deviations beat many weak ones


def _paper_of(picture: Picture) -> Picture:
    """The paper's grey value at each pixel, under the ink as well."""
    small = shrink(picture, WORK_PX, LEAST_PX)
    side = max(3, round(min(small.shape) * STROKE_SHARE) | 1)
    closed = cv2.morphologyEx(
        small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8), borderType=cv2.BORDER_REPLICATE
    )
    smooth = cv2.blur(closed, (side, side), borderType=cv2.BORDER_REPLICATE)
    if smooth.shape != picture.shape:
        smooth = cv2.resize(smooth, picture.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(smooth, np.uint8)


def _stretched(depth: Depth) -> Picture:
    """Grey values below the paper to 0 (paper) to 255 (ink); all 0 where nothing stands out.

    Depths are whole numbers from -255 to 255: all is told from how often each occurs.
    """
    counts = np.zeros(len(DEPTHS), np.int64)
    for rows in _blocks(depth):
        counts += np.bincount((depth[rows] + 255).ravel(), minlength=len(DEPTHS))
    level = _quantile(DEPTHS, counts, 0.5)
    away = np.abs(DEPTHS - level)
    order = np.argsort(away, kind="stable")
    grain = 1.4826 * _quantile(away[order], counts[order], 0.5)
    raised = np.clip(DEPTHS - level, 0, 255).astype(np.uint8)
    cut, _ = cv2.threshold(_look_up(raised, depth), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    full = _quantile(raised[raised > cut], counts[raised > cut], 0.6)
    if full < max(LEAST_CONTRAST, LEAST_SIGNAL * grain):
        return _in_two(depth, counts)
    floor = min(2.0 * grain, 0.3 * full)
    stretched = np.clip((raised - floor) * (255 / (full - floor)), 0, 255).astype(np.uint8)
    return _look_up(stretched, depth)


def _look_up(table: Picture, depth: Depth) -> Picture:
    """The table's value for each depth, from -255 on."""
    found = np.empty(depth.shape, np.uint8)
    for rows in _blocks(depth):
        found[rows] = table[depth[rows] + 255]
    return found


def _blocks(depth: Depth) -> Iterator[slice]:
    """Rows of about a million pixels at a time: indices take eight bytes a pixel."""
    step = max(1, BLOCK_PX // depth.shape[1])
    return (slice(start, start + step) for start in range(0, depth.shape[0], step))


def _quantile(
    values: NDArray[np.floating | np.integer], counts: NDArray[np.int64], share: float
) -> float:
    """Quantile of rising values, of which each occurs so often; 0 if none does."""
    until = np.cumsum(counts)
    if not len(until) or not until[-1]:
        return 0.0
    place = share * (int(until[-1]) - 1)
    below, above = np.searchsorted(until, [math.floor(place), math.ceil(place)], side="right")
    step = float(values[above]) - float(values[below])
    return float(values[below]) + step * (place - math.floor(place))


def _in_two(depth: Depth, counts: NDArray[np.int64]) -> Picture:
    """Ink that covers more than half of a tight picture, of which the median is no paper.

    Told from a paper's grain by Otsu's (1979) criterion: all 0 unless nearly all of the variance
    lies between the two levels.
    """
    raised = np.clip(DEPTHS, 0, 255)
    picture = _look_up(raised.astype(np.uint8), depth)
    cut, dark = cv2.threshold(picture, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    ink = raised > cut
    n_ink, n = int(counts[ink].sum()), depth.size
    if 2 * n_ink < n or n_ink == n:
        return np.zeros(depth.shape, np.uint8)
    mean = float(counts @ raised) / n
    variance = float(counts @ (raised - mean) ** 2) / n
    ink_mean = float(counts[ink] @ raised[ink]) / n_ink
    apart = (ink_mean - mean) * n / (n - n_ink)  # from the mean of the rest
    between = n_ink / n * (1 - n_ink / n) * apart**2
    if apart < LEAST_CONTRAST or between < TWO_LEVELS * variance:
        return np.zeros(depth.shape, np.uint8)
    return np.asarray(dark, np.uint8)
