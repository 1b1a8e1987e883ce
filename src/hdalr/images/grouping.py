"""Components of a page put together to lines of writing.

The bodies of the characters, drawn as flat bars, are smeared sideways until those of one line
meet (run-length smoothing, Wong, Casey and Wahl 1982); bars instead of the characters, so that
ascenders and descenders do not tie lines together. Lines may be tilted by a few degrees and need
not have the same length. What is too small to carry a line (dots, commas, dashes) joins the line
that is nearest.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.images.components import FLATTEST, Components, Integers, text_height

BODY_SHARE = (0.45, 1.9)  # of the text height: components of such a height carry a line
BAR_SHARE = 0.55  # of a body's height, at its middle, is drawn as its bar
BAR_PX = 10  # the text height on the copy where bars are smeared
MOST_CANVAS_PX = 4_000_000  # size of that copy, however small the writing
REACH = 1.2  # text heights that a bar is smeared to either side
SAME_LINE = 0.6  # text heights up or down between groups of one line

Numbers = NDArray[np.float64]


def group_lines(parts: Components) -> list[Integers]:
    """Find which components make up each line of writing.

    Parameters
    ----------
    parts
        Components of a page, specks left out.

    Returns
    -------
    list of Integers
        Indices of the components of each line, lines from top to bottom; each component is
        in one line.

    Examples
    --------
    >>> from hdalr.images.components import find_components
    >>> page = np.zeros((100, 60), bool)
    >>> page[10:30, 5:50:8] = page[50:70, 5:50:8] = True
    >>> [len(line) for line in group_lines(find_components(page))]
    [6, 6]
    """
    height_px = text_height(parts)
    body = (parts.heights >= BODY_SHARE[0] * height_px) & (parts.widths < FLATTEST * parts.heights)
    bodies = np.flatnonzero(body & (parts.heights <= BODY_SHARE[1] * height_px))
    if not len(bodies):
        return [np.arange(len(parts.areas))] if len(parts.areas) else []
    rows = _rows_of(parts.boxes[bodies], height_px)
    groups = _merged(parts.boxes, [bodies[rows == row] for row in np.unique(rows)], height_px)
    groups = _with_the_rest(parts.boxes, groups)
    return sorted(groups, key=lambda group: float(middles_of(parts.boxes[group]).mean()))


def _rows_of(boxes: Integers, height_px: float) -> Integers:
    """Number of the smeared bar that each body lies in."""
    extent = max(1, int(boxes[:, 1].max())) * max(1, int(boxes[:, 3].max()))
    scale = min(BAR_PX / height_px, (MOST_CANVAS_PX / extent) ** 0.5)
    top, bottom, left, right = boxes.T * scale
    half = np.maximum((bottom - top) * BAR_SHARE / 2, 0.5)
    middle = (top + bottom) / 2
    reach = REACH * height_px * scale
    left, right = left - reach, right + reach
    bars = np.rint(np.stack([middle - half, middle + half, left - left.min(), right - left.min()]))
    first, last, start, end = bars.astype(int)
    first -= first.min()
    canvas = np.zeros((int(bars[1].max() - bars[0].min()) + 2, int(end.max()) + 1), np.uint8)
    for y0, y1, x0, x1 in zip(first, last - int(bars[0].min()), start, end, strict=True):
        canvas[y0 : max(y1, y0 + 1), x0:x1] = 1
    _, labels = cv2.connectedComponents(canvas, connectivity=4)
    return np.asarray(labels[first, (start + end) // 2], np.int64)


def _merged(boxes: Integers, groups: list[Integers], height_px: float) -> list[Integers]:
    """Join groups that lie on one line, side by side however far apart, or mingled."""
    reach = SAME_LINE * height_px
    merged: list[Integers] = []
    spans = np.empty((len(groups), 2))  # highest and lowest middle in each of the merged
    for group in sorted(groups, key=lambda group: int(boxes[group, 2].min())):
        middles = middles_of(boxes[group])
        level = (spans[: len(merged), 0] <= middles.max() + reach) & (
            spans[: len(merged), 1] >= middles.min() - reach
        )
        near = np.flatnonzero(level)
        away = [_rows_apart(boxes[group], boxes[merged[number]], height_px) for number in near]
        number = int(near[np.argmin(away)]) if away and min(away) < reach else len(merged)
        if number == len(merged):
            merged.append(group)
            spans[number] = middles.min(), middles.max()
        else:
            merged[number] = np.concatenate([merged[number], group])
            spans[number] = (
                min(spans[number, 0], middles.min()),
                max(spans[number, 1], middles.max()),
            )
    return merged


def _rows_apart(group: Integers, other: Integers, height_px: float) -> float:
    """How much higher or lower a group is than the nearest stretch of another to its left."""
    start = group[:, 2].min()
    end = max(start + 2 * height_px, group[:, 3].min())
    first = group[group[:, 2] <= end]
    right = np.sort(other[:, 3])
    reach = min(start - height_px, right[max(0, len(right) - 4)])
    near = other[(other[:, 3] >= reach) & (other[:, 2] <= max(end, right[0]))]
    if not len(near):
        near = other
    return abs(float(np.median(middles_of(near))) - float(np.median(middles_of(first))))


def _with_the_rest(boxes: Integers, groups: list[Integers]) -> list[Integers]:
    """Give each component that carries no line to the group whose bodies are nearest."""
    rest = np.setdiff1d(np.arange(len(boxes)), np.concatenate(groups))
    if not len(rest):
        return groups
    owner = np.concatenate([np.full(len(group), number) for number, group in enumerate(groups)])
    bodies = boxes[np.concatenate(groups)]
    nearest = [int(owner[_distances(boxes[part], bodies).argmin()]) for part in rest]
    return [
        np.concatenate([group, rest[np.array(nearest) == number]])
        for number, group in enumerate(groups)
    ]


def _distances(box: Integers, boxes: Integers) -> Numbers:
    """How far boxes are from one box; up and down counts twice, and a dot belongs below."""
    above = np.maximum(boxes[:, 0] - box[1], 0)
    below = np.maximum(box[0] - boxes[:, 1], 0)
    aside = np.maximum(np.maximum(boxes[:, 2] - box[3], box[2] - boxes[:, 3]), 0)
    off = np.abs(middles_of(boxes) - middles_of(box[None])) * 0.01  # where several overlap it
    return np.asarray(1.5 * above + 2 * below + aside + off, np.float64)


def middles_of(boxes: Integers) -> Numbers:
    """Rows of the middles of boxes (n, 4)."""
    return np.asarray((boxes[:, 0] + boxes[:, 1]) / 2, np.float64)
