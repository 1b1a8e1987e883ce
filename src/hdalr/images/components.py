"""The connected parts of the ink: what skew, layout, rules and cuts start from."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.errors import DataError

Ink = NDArray[np.uint8]  # (height, width), 0 = paper, up to 255 = full ink
Mask = NDArray[np.bool_]  # (height, width)
Integers = NDArray[np.int64]

FAINTEST = 48  # a picture that is nowhere darker than this holds no writing
THRESHOLDS = (0.3, 0.6)  # of the darkest ink; Otsu's threshold is held between the two
FLATTEST = 5  # width over height; what is flatter is a dash or a rule, not a character
MOST_COMPONENTS = 4000  # a written page has some 2,000; noise can have a million


class Components(NamedTuple):
    """The connected parts (8 neighbours) of the ink of one picture.

    Attributes
    ----------
    labels
        int32 (height, width): 0 = paper or dropped, else 1 + the index of the component.
    boxes
        int64 (n, 4): top, bottom, left, right of each, as in `hdalr.images.crop.Box`.
    areas
        int64 (n,): pixels of each.
    """

    labels: NDArray[np.int32]
    boxes: Integers
    areas: Integers

    @property
    def heights(self) -> Integers:
        """Height of each in pixels."""
        return self.boxes[:, 1] - self.boxes[:, 0]

    @property
    def widths(self) -> Integers:
        """Width of each in pixels."""
        return self.boxes[:, 3] - self.boxes[:, 2]


def check_ink(ink: Ink) -> Ink:
    """Return the picture if it is one: uint8, (height, width), neither 0.

    Raises
    ------
    DataError
        If the type or the shape is another one.
    """
    if not isinstance(ink, np.ndarray):
        raise DataError(f"ink: got {type(ink).__name__}; expected a numpy array")
    if ink.dtype != np.uint8 or ink.ndim != 2 or 0 in ink.shape:
        raise DataError(
            f"ink: shape {ink.shape} and type {ink.dtype}; "
            "expected a non-empty uint8 array (height, width)"
        )
    return ink


def mask_ink(ink: Ink) -> Mask:
    """Where there is ink rather than paper or background print.

    Otsu's threshold (1979), held between 30 % and 60 % of the darkest ink: on a page with
    little writing it would fall among the noise, on a nearly filled one among the strokes.

    Parameters
    ----------
    ink
        uint8, shape (height, width), 0 = paper.

    Returns
    -------
    Mask
        bool, same shape; all False where the picture is blank.

    Examples
    --------
    >>> mask_ink(np.array([[0, 30, 90, 200, 180]], np.uint8)).tolist()
    [[False, False, False, True, True]]
    """
    darkest = int(check_ink(ink).max())
    if darkest < FAINTEST:
        return np.zeros(ink.shape, dtype=np.bool_)
    otsu, _ = cv2.threshold(ink, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    threshold = np.clip(otsu + 1, THRESHOLDS[0] * darkest, THRESHOLDS[1] * darkest)
    return np.asarray(ink >= threshold)


def find_components(mask: Mask, smallest_px: int = 1) -> Components:
    """Label the connected parts of a mask, the specks left out.

    Parameters
    ----------
    mask
        bool, shape (height, width).
    smallest_px
        Components of fewer pixels are dropped. Of more than 4,000 the largest are kept, so
        that noise is answered in bounded time.

    Examples
    --------
    >>> parts = find_components(np.array([[1, 0, 1], [1, 0, 0]], bool), smallest_px=2)
    >>> parts.boxes.tolist(), parts.areas.tolist()
    ([[0, 2, 0, 1]], [2])
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    left, top, width, height, areas = stats[1:].T.astype(np.int64)
    boxes = np.stack([top, top + height, left, left + width], axis=1)
    kept = areas >= smallest_px
    if np.count_nonzero(kept) > MOST_COMPONENTS:
        kept[np.argsort(-areas, kind="stable")[MOST_COMPONENTS:]] = False
    return select_components(Components(labels.astype(np.int32, copy=False), boxes, areas), kept)


def select_components(parts: Components, kept: Mask) -> Components:
    """Keep some components and number them anew.

    Parameters
    ----------
    parts
        n components.
    kept
        bool, shape (n,).

    Examples
    --------
    >>> parts = find_components(np.array([[1, 0, 1]], bool))
    >>> select_components(parts, np.array([False, True])).labels.tolist()
    [[0, 0, 1]]
    """
    if kept.all():
        return parts
    numbers = np.append(0, np.cumsum(kept) * kept).astype(np.int32)
    return Components(numbers[parts.labels], parts.boxes[kept], parts.areas[kept])


def text_height(parts: Components) -> float:
    """Typical height in pixels of the written characters; 0 where there are none.

    The median of the components' heights, each weighted by its ink, so that dots, commas and
    noise do not count for much. Long flat ones (dashes, rules) are left out unless there is
    nothing else.

    Examples
    --------
    >>> text_height(find_components(np.ones((12, 5), bool)))
    12.0
    """
    if not len(parts.areas):
        return 0.0
    heights = parts.heights
    weights = parts.areas * (parts.widths < FLATTEST * heights)
    if not weights.any():
        weights = parts.areas
    order = np.argsort(heights, kind="stable")
    below = np.cumsum(weights[order])
    return float(heights[order][np.searchsorted(below, below[-1] / 2)])
