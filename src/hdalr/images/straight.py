"""Straight lines in ink: chained from long runs, and fitted.

Runs of ink along a row are kept (morphological opening), chained where gaps are short, and the
line that most of a chain's pixels lie on is found by the Hough transform (1962) and refined by
least squares.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.images.components import Ink, Integers, Mask

RUN_SHARE = 0.4  # of the text height: shorter runs of ink are not looked at
SHORTEST = 0.6  # text heights of a line
STEEPEST = 0.1  # rise over length of a rule (6 degrees)
SLOPES = np.linspace(-STEEPEST, STEEPEST, 41)
MOST_LINES = 400  # candidates in a picture, the longest first
THICKEST_SHARE = 0.2  # of the text height
FILLED = 0.8  # of a line's columns hold its ink; a scanned one may be broken
BEND_PX = 0.7  # mean distance of a line's ink from its line, plus a tenth of its thickness

Numbers = NDArray[np.float64]


class Line(NamedTuple):
    """A straight, nearly level line: row ``row + slope * x`` for ``start <= x < end``."""

    row: float
    slope: float
    start: int
    end: int
    thickness: int

    def at(self, x: float | Numbers) -> float | Numbers:
        """Row of the line's middle at a column."""
        return self.row + self.slope * x

    @property
    def length(self) -> int:
        """Columns from its first to its last."""
        return self.end - self.start

    def moved(self, columns: int) -> Line:
        """The same line so many columns further right."""
        row = self.row - self.slope * columns
        return Line(row, self.slope, self.start + columns, self.end + columns, self.thickness)


def find_straight_lines(mask: Mask, text_px: float) -> list[Line]:
    """Find thin, straight, nearly level lines of some length, whatever drew them.

    Parameters
    ----------
    mask
        bool, shape (height, width): where ink is, faint ink as well.
    text_px
        Typical height of the characters; lines are at least 0.6 of it long and at most 0.2
        of it thick.

    Returns
    -------
    list of Line
        The longest first, 400 at most. For upright lines give ``mask.T``.

    Examples
    --------
    >>> mask = np.zeros((40, 200), bool)
    >>> mask[30:32, 10:190] = True
    >>> find_straight_lines(mask, text_px=20)
    [Line(row=30.5, slope=0.0, start=10, end=190, thickness=2)]
    """
    run_px = max(7, round(RUN_SHARE * text_px)) | 1  # odd: OpenCV shifts by an even one
    runs = np.asarray(
        cv2.morphologyEx(
            np.ascontiguousarray(mask).view(np.uint8), cv2.MORPH_OPEN, _level_brush(run_px)
        ),
        np.uint8,
    )
    runs = np.pad(runs, ((0, 0), (run_px, run_px)))  # so that no chain is cut by the border
    chains = cv2.dilate(runs, _level_brush(2 * run_px + 1))
    _, numbers, table, _ = cv2.connectedComponentsWithStats(chains, connectivity=8)
    labels, stats = np.asarray(numbers, np.int32), np.asarray(table, np.int32)
    widths = stats[1:, cv2.CC_STAT_WIDTH] - 2 * run_px
    long = 1 + np.flatnonzero(widths >= max(run_px, SHORTEST * text_px))
    longest = long[np.argsort(-widths[long - 1], kind="stable")[:MOST_LINES]]
    lines = (_fit_line(runs, labels, stats[label, :4], label, text_px) for label in longest)
    return [line.moved(-run_px) for line in lines if line is not None]


def _level_brush(length: int) -> NDArray[np.uint8]:
    return np.ones((1, length), np.uint8)


def _fit_line(
    runs: Ink, labels: NDArray[np.int32], place: NDArray[np.int32], label: int, text_px: float
) -> Line | None:
    """The line through one chain of runs, or None if it is not straight, thin and whole."""
    left, top, width, height = (int(number) for number in place)
    window = (slice(top, top + height), slice(left, left + width))
    ys, xs = np.nonzero(runs[window] & (labels[window] == label))
    row, slope = _dominant_line(xs, ys)
    thickest = max(2.0, THICKEST_SHARE * text_px)
    distance = thickest
    for _ in range(3):  # each time with less of what crosses the line
        near = np.abs(ys - row - slope * xs) <= distance
        if np.count_nonzero(near) < 5:
            return None
        row, slope = _least_squares(xs[near], ys[near])
        counts = np.bincount(xs[near])
        distance = min(distance, float(np.median(counts[counts > 0])) / 2 + 1.5)
    columns = np.flatnonzero(counts)
    counts = counts[columns]
    middles = np.bincount(xs[near], ys[near])[columns] / counts
    bend = float(np.abs(middles - row - slope * columns).mean())
    thickness = round(float(np.median(counts)))
    start, end = int(columns[0]), int(columns[-1]) + 1
    if (
        len(columns) < FILLED * (end - start)
        or thickness > thickest
        or bend > BEND_PX + 0.1 * thickness
        or abs(slope) > STEEPEST
    ):
        return None
    return Line(row + top - slope * left, slope, start + left, end + left, thickness)


def _dominant_line(xs: Integers, ys: Integers) -> tuple[float, float]:
    """Row and slope of the line that most pixels lie on (Hough 1962, on a grid of slopes)."""
    step = 1 + len(xs) // 3000
    xs, ys = xs[::step], ys[::step]
    rise = np.rint(SLOPES[:, None] * xs).astype(np.int64)
    rows = ys - rise
    lowest = rows.min()
    n_rows = int(rows.max() - lowest) + 1
    votes = np.bincount(
        (rows - lowest + n_rows * np.arange(len(SLOPES))[:, None]).ravel(),
        minlength=n_rows * len(SLOPES),
    ).reshape(len(SLOPES), n_rows)
    best, row = np.unravel_index(int(votes.argmax()), votes.shape)
    return float(row + lowest), float(SLOPES[best])


def _least_squares(xs: Integers, ys: Integers) -> tuple[float, float]:
    x_mean, y_mean = float(xs.mean()), float(ys.mean())
    spread = float(((xs - x_mean) ** 2).sum())
    slope = float(((xs - x_mean) * (ys - y_mean)).sum()) / spread if spread else 0.0
    return y_mean - slope * x_mean, slope
