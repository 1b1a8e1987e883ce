"""Where a line of writing may be cut into characters: too many places rather than too few.

A line is cut on a copy of 40 pixels of height, so that its size does not matter. The paths
(`hdalr.images.cut_paths`) bend around the ink, so that a stroke that leans over its neighbour
stays with its own character.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.images.components import Ink, Integers, check_ink, mask_ink
from hdalr.images.cut_paths import Floats, find_cut_paths
from hdalr.images.line import writing_band

WORK_PX = 40  # height of the copy on which cuts are sought
MOST_CELLS = 5  # that one character is made of
WIDEST = 1.5  # width over the line's height of one character


class Cuts(NamedTuple):
    """Candidate cuts of a line into cells; cut 0 is its left end, the last its right end.

    Attributes
    ----------
    xs
        Mean column of each cut, ascending: n_cells + 1 of them.
    cells
        int16, shape (height, width): the cell that each pixel belongs to, from 0.
    columns
        int64, shape (n_cells, 2): first column of each cell's ink, and the one after its last.
    height_px
        Height of the writing.
    """

    xs: tuple[float, ...]
    cells: NDArray[np.int16]
    columns: Integers
    height_px: int


def find_cuts(ink: Ink) -> Cuts:
    """Find candidate cuts between the characters of one line.

    Parameters
    ----------
    ink
        uint8, shape (height, width), 0 = paper, up to 255 = ink: one line, rules removed.

    Returns
    -------
    Cuts
        A blank line is one cell.

    Raises
    ------
    DataError
        If the picture is not of this type and shape.

    Examples
    --------
    >>> line = np.zeros((30, 60), np.uint8)
    >>> line[5:25, [10, 11, 40, 41]] = 255
    >>> find_cuts(line).xs
    (10.0, 26.0, 42.0)
    """
    height, width = check_ink(ink).shape
    mask = mask_ink(ink)
    used = np.flatnonzero(mask.any(axis=0))
    if not len(used):
        whole = np.array([[0, width]])
        return Cuts((0.0, float(width)), np.zeros(ink.shape, np.int16), whole, height)
    top, bottom = writing_band(np.where(mask, 255, 0).astype(np.uint8))
    scale = min(1.0, WORK_PX / (bottom - top))
    small = _reduced(np.where(mask, ink, 0).astype(np.uint8)[top:bottom], scale)
    paths = find_cut_paths(small)
    rows = np.clip(((np.arange(height) - top) * scale).astype(int), 0, small.shape[0] - 1)
    cells = _cells_between(np.rint(paths[:, rows] / scale).astype(int), width)
    cells = _without_gaps(cells, mask)
    columns = _columns_of(cells, mask)
    middles = (columns[1:, 0] + columns[:-1, 1]) / 2
    xs = np.maximum.accumulate([columns[0, 0], *middles, columns[-1, 1]])
    return Cuts(tuple(map(float, xs)), cells, columns, bottom - top)


def pair_cuts(
    cuts: Cuts, most_cells: int = MOST_CELLS, widest: float = WIDEST
) -> list[tuple[int, int]]:
    """Pairs of cuts that one character may lie between.

    Parameters
    ----------
    cuts
        What `find_cuts` found.
    most_cells
        Cells that one character may be made of.
    widest
        Width of a character of several cells, in heights of the writing.

    Returns
    -------
    list of (start, end)
        Numbers of cuts, in ascending order; every single cell is among them.

    Examples
    --------
    >>> line = np.zeros((30, 60), np.uint8)
    >>> line[5:25, [10, 11, 40, 41]] = 255
    >>> pair_cuts(find_cuts(line))
    [(0, 1), (0, 2), (1, 2)]
    """
    n_cells = len(cuts.columns)
    firsts, lasts = cuts.columns.T
    return [
        (start, end)
        for start in range(n_cells)
        for end in range(start + 1, min(start + most_cells, n_cells) + 1)
        if end == start + 1
        or lasts[start:end].max() - firsts[start:end].min() <= widest * cuts.height_px
    ]


def piece(ink: Ink, cuts: Cuts, start: int, end: int) -> Ink:
    """Ink between two cuts, and nothing of what lies beyond.

    Parameters
    ----------
    ink
        uint8, shape (height, width): the line that was cut.
    cuts
        What `find_cuts` found in it.
    start, end
        Numbers of two cuts, the first smaller.

    Returns
    -------
    Ink
        uint8, shape (height, width'): a new picture of the columns from the first to the last
        with ink of these cells (`Cuts.columns`), other cells' ink blanked.

    Examples
    --------
    >>> line = np.zeros((30, 60), np.uint8)
    >>> line[5:25, [10, 11, 40, 41]] = 255
    >>> piece(line, find_cuts(line), 1, 2).shape
    (30, 2)
    """
    left = int(cuts.columns[start:end, 0].min())
    right = int(cuts.columns[start:end, 1].max())
    cells = cuts.cells[:, left:right]
    return np.where((cells >= start) & (cells < end), ink[:, left:right], 0).astype(np.uint8)


def _reduced(band: Ink, scale: float) -> Floats:
    """The line's band at the working height, ink from 0 to 1."""
    if scale < 1:
        size = (max(1, round(band.shape[1] * scale)), max(1, round(band.shape[0] * scale)))
        band = np.asarray(cv2.resize(band, size, interpolation=cv2.INTER_AREA), np.uint8)
    return np.divide(band, np.float32(max(1, int(band.max()))), dtype=np.float32)


def _cells_between(paths: Integers, width: int) -> NDArray[np.int16]:
    """Number of cuts at or left of each pixel: shape (height, width)."""
    height = paths.shape[1]
    steps = np.zeros((height, width + 1), np.int16)
    rows = np.broadcast_to(np.arange(height), paths.shape)
    np.add.at(steps, (rows, np.clip(paths, 0, width)), 1)
    return np.cumsum(steps[:, :width], axis=1, dtype=np.int16)


def _without_gaps(cells: NDArray[np.int16], mask: NDArray[np.bool_]) -> NDArray[np.int16]:
    """Number the cells that hold ink anew; paper of others goes to the one before."""
    held = np.bincount(cells[mask]) > 0
    numbers = np.maximum(np.cumsum(held) - 1, 0).astype(np.int16)
    return np.asarray(numbers[np.minimum(cells, len(held) - 1)])


def _columns_of(cells: NDArray[np.int16], mask: NDArray[np.bool_]) -> Integers:
    """First column of each cell's ink, and the one after its last; shape (n_cells, 2)."""
    _, xs = np.nonzero(mask)
    numbers = cells[mask]
    columns = np.full((int(numbers.max()) + 1, 2), [mask.shape[1], 0], np.int64)
    np.minimum.at(columns[:, 0], numbers, xs)
    np.maximum.at(columns[:, 1], numbers, xs + 1)
    return columns
