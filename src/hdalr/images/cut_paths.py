"""Paths on which a line of writing may be cut: found straight, then bent around the ink.

Candidates are the gaps, the places where a straight cut, upright or slanted, meets little ink,
and the notches that two touching characters leave above and below (the contour analysis of Lu
1995, "Machine printed character segmentation"). Each is refined into the path of least ink by
dynamic programming.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.images.components import Integers

SLOPES = np.array([0.0, 0.15, -0.15, 0.3, -0.3, 0.45, 0.6, 0.75])  # columns a row; right-leaning
SLOPE_PRICE = 4.0  # pixels of ink that a slope of 1 must save
APART = 0.09  # of the height: candidates that are nearer compete
MOST_INK = 0.45  # of the height: a straight cut through more ink is no candidate
NOTCH = 0.12  # of the height: depth of a notch above and below
BAND = 0.1  # of the height: how far a path may leave its straight cut
BEND_PRICE = 0.05  # of a pixel of full ink, for each pixel off the straight cut
LEAST_INK = 0.008  # of the square of the height: a cell of less is joined to its neighbour

Floats = NDArray[np.float32]


def find_cut_paths(line: Floats) -> Integers:
    """Find candidate cuts through a line of writing.

    Parameters
    ----------
    line
        float32, shape (height, width), ink from 0 to 1; some 40 rows high.

    Returns
    -------
    Integers
        int64, shape (n_cuts, height): the column before which each cut runs, in each row;
        paths do not cross. The ends of the line are not among them.

    Examples
    --------
    >>> line = np.zeros((40, 60), np.float32)
    >>> line[5:35, [10, 11, 40, 41]] = 1
    >>> find_cut_paths(line).mean(axis=1).tolist()
    [25.0]
    """
    places, slopes = _candidates(line)
    paths, prices = _refined(line, places, slopes)
    order = np.argsort(paths.mean(axis=1), kind="stable")
    paths = np.maximum.accumulate(paths[order], axis=0)
    return _without_empty_cells(line, paths, prices[order])


def _candidates(small: Floats) -> tuple[Integers, NDArray[np.float64]]:
    """Columns and slopes of straight cuts: through little ink, or from notch to notch."""
    height = small.shape[0]
    apart = max(2, round(APART * height))
    prices = _straight_cuts(small)
    best = prices.argmin(axis=0)
    cheapest = prices.min(axis=0)
    cheap = _peaks(-cheapest, apart)
    cheap = cheap[cheapest[cheap] <= MOST_INK * height]
    upright = _peaks(-prices[0], apart)
    upright = upright[prices[0, upright] <= MOST_INK * height]
    notch = _notches(small)
    deep = _peaks(notch, apart)
    deep = deep[notch[deep] >= NOTCH * height]
    pairs = {(int(x), float(SLOPES[best[x]])) for x in (*cheap, *deep)}
    pairs |= {(int(x), 0.0) for x in (*upright, *deep)}
    places, slopes = zip(*sorted(pairs), strict=True) if pairs else ((), ())
    return np.array(places, np.int64), np.array(slopes, np.float64)


def _straight_cuts(small: Floats) -> Floats:
    """Ink under a straight cut of each slope at each column: shape (n_slopes, width)."""
    height, width = small.shape
    lean = np.rint(-SLOPES[:, None] * (np.arange(height) - height / 2)).astype(int)
    room = int(np.abs(lean).max())
    padded = np.pad(small, ((0, 0), (room, room)))
    sums = np.repeat((SLOPE_PRICE * np.abs(SLOPES)).astype(np.float32)[:, None], width, axis=1)
    for total, shifts in zip(sums, lean, strict=True):
        for row, shift in zip(padded, shifts, strict=True):
            total += row[room + shift : room + shift + width]
    return sums


def _notches(small: Floats) -> Floats:
    """How deep the outline dips at each column, above and below together, in pixels."""
    height = small.shape[0]
    ink = np.asarray(small > 0.4)
    used = np.asarray(ink.any(axis=0))
    upper = np.where(used, ink.argmax(axis=0), height).astype(np.float32)
    lower = np.where(used, ink[::-1].argmax(axis=0), height).astype(np.float32)
    reach = max(3, round(0.3 * height)) | 1
    depth = np.zeros(len(used), np.float32)
    for outline in (upper, lower):
        line = outline[None]
        depth += np.minimum(line - _lowest(line, reach, 0), line - _lowest(line, reach, 1))[0]
    return depth


def _lowest(line: Floats, reach: int, side: int) -> Floats:
    """Least value within reach to the left (0) or the right (1)."""
    anchor = (reach - 1, 0) if side == 0 else (0, 0)
    return np.asarray(
        cv2.erode(
            line, np.ones((1, reach), np.uint8), anchor=anchor, borderType=cv2.BORDER_REPLICATE
        ),
        np.float32,
    )


def _peaks(values: Floats, apart: int) -> Integers:
    """Where values are highest within `apart`; of flat stretches the middles."""
    window = np.ones((1, 2 * apart + 1), np.uint8)
    highest = values >= cv2.dilate(values[None], window)[0]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], highest.view(np.int8), [0]])))
    return np.asarray((edges[::2] + edges[1::2] - 1) // 2, np.int64)


def _refined(
    small: Floats, places: Integers, slopes: NDArray[np.float64]
) -> tuple[Integers, Floats]:
    """Path of least ink near each straight cut: columns (n, height), and its ink."""
    height, width = small.shape
    reach = max(1, round(BAND * height))
    offsets = np.arange(-reach, reach + 1)
    lines = places[:, None] - np.rint(slopes[:, None] * (np.arange(height) - height / 2))
    columns = lines.astype(int)[:, :, None] + offsets
    padded = np.pad(small, ((0, 0), (1, 1)))  # beyond the ends there is no ink
    ink = padded[np.arange(height)[:, None], np.clip(columns + 1, 0, width + 1)]
    price = ink + (BEND_PRICE * np.abs(offsets)).astype(np.float32)
    if height % 2:
        price = np.pad(price, ((0, 0), (0, 1), (0, 0)))
    traced, prices = _shortest(price[:, ::2] + price[:, 1::2])
    bends = np.repeat(traced, 2, axis=1)[:, :height] - reach
    return lines.astype(int) + bends, prices


def _shortest(price: Floats) -> tuple[Integers, Floats]:
    """Cheapest ways from the first to the last row, one column aside a row at most.

    Takes prices (n, rows, columns); returns the columns of the ways (n, rows), and their prices.
    """
    n_ways, n_rows, n_columns = price.shape
    total = np.full((n_rows, n_ways, n_columns + 2), np.inf, np.float32)  # walls on both sides
    total[0, :, 1:-1] = price[:, 0]
    for row in range(1, n_rows):
        before = total[row - 1]
        nearest = np.minimum(np.minimum(before[:, :-2], before[:, 2:]), before[:, 1:-1])
        total[row, :, 1:-1] = price[:, row] + nearest
    numbers, steps = np.arange(n_ways), np.array([[0, -1, 1]])
    ways = np.empty((n_ways, n_rows), np.int64)
    ways[:, -1] = at = total[-1].argmin(axis=1)
    for row in range(n_rows - 2, -1, -1):
        choice = total[row][numbers[:, None], at[:, None] + steps].argmin(axis=1)
        ways[:, row] = at = at + steps[0, choice]
    return ways - 1, total[-1].min(axis=1, initial=np.inf)


def _without_empty_cells(small: Floats, paths: Integers, prices: Floats) -> Integers:
    """Leave out cuts until each cell holds ink, of two cuts the one through more ink."""
    height, width = small.shape
    least = LEAST_INK * height * height
    sums = np.concatenate([np.zeros((height, 1)), np.cumsum(small, axis=1)], axis=1)
    rows = np.arange(height)
    left_of = sums[rows, np.clip(paths, 0, width)].sum(axis=1)
    kept = list(range(len(paths)))
    ends = [0.0, *left_of.tolist(), float(sums[:, -1].sum())]
    cuts = [-1, *kept, len(paths)]
    number = 0
    while number < len(cuts) - 1:
        if ends[number + 1] - ends[number] >= least or len(cuts) == 2:
            number += 1
            continue
        drop = number if number > 0 else 1
        inner = 0 < number < len(cuts) - 2
        if inner and prices[cuts[number + 1]] > prices[cuts[number]]:
            drop = number + 1
        del cuts[drop], ends[drop]
        number = max(0, number - 1)
    return paths[cuts[1:-1]]
