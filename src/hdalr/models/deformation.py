"""The image distortion model: how far two pictures lie apart if every pixel may move a little.

Compiled by numba when it is first called, a few seconds once a process; nothing is written to
disk. A picture is kept flat, its rows one after another with a margin between them, so that a
displacement is an offset and the inner loops run over long pieces of memory. Loops stand where
slices could be assigned: they compile in half the time.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hdalr.images.batch import Floats, Images

ROWS_A_CHECK = 7  # rows summed before a pair is given up or not; 4 and 14 are 5 % slower
FASTER = {"contract", "nsz", "reassoc"}  # the sums in any order: infinity stays legal
FAR = np.float32(np.inf)


@njit(nogil=True, fastmath=FASTER)
def find_nearest(
    pictures: Images,
    references: Images,
    candidates: NDArray[np.int64],
    n_nearest: int,
    warp_px: int,
    context_px: int,
) -> tuple[Floats, NDArray[np.int64]]:
    """Find the candidates that have to be distorted least to look like each picture.

    Every pixel of the picture is compared with the pixel at its place in the reference and with
    those up to ``warp_px`` rows and columns away. Two pixels differ by the squared difference
    of their Sobel gradients, both directions, ink from 0 to 255, summed over the square of
    ``context_px`` on each side of them. The least of these differences, summed over the
    picture, is the distance; beyond its edges a picture is dark. A sum that has passed the
    distance of the ``n_nearest``-th candidate so far is given up, so that near candidates
    should come first.

    Parameters
    ----------
    pictures, references
        uint8, shapes (n_images, height, width) and (n_references, height, width).
    candidates
        Rows of `references` to compare each picture with, shape (n_images, n_candidates).
    n_nearest
        How many to find, from 1 to n_candidates.
    warp_px, context_px
        From 0 up.

    Returns
    -------
    distances : ndarray of float32
        Shape (n_images, n_nearest), rising.
    rows : ndarray of int64
        The rows of `references`, of the same shape; of equal ones the earlier candidate first.

    References
    ----------
    Keysers, Deselaers, Gollan and Ney 2007, *Deformation models for image recognition*, IEEE
    PAMI 29(8), section 3.4 (image distortion model) and 3.5 (local context).

    Examples
    --------
    >>> dot = np.zeros((3, 5, 5), np.uint8)
    >>> dot[0, 2, 2] = dot[1, 1, 3] = dot[2, 2, 2] = 8
    >>> dot[2, 0, 0] = 8
    >>> distances, rows = find_nearest(dot[:1], dot[1:], np.array([[1, 0]]), 2, 1, 1)
    >>> rows  # a dot moved aside is the same dot; two of them are not
    array([[0, 1]])
    >>> bool(distances[0, 0] < distances[0, 1])
    True
    """
    n_images, height, width = pictures.shape
    margin = warp_px + context_px + 1
    size = (height + 2 * margin) * (width + 2 * margin)
    ink, work = np.zeros(size, np.float32), np.empty((3, size), np.float32)
    seen, stored = np.zeros((2, size), np.float32), np.zeros((2, size), np.float32)
    distances = np.full((n_images, n_nearest), FAR, np.float32)
    rows = np.full((n_images, n_nearest), -1, np.int64)
    for image in range(n_images):
        _fill_gradients(pictures[image], margin, ink, seen)
        for row in candidates[image]:
            _fill_gradients(references[row], margin, ink, stored)
            give_up = distances[image, -1]
            distance = _distance(seen, stored, height, width, warp_px, context_px, give_up, work)
            if distance < give_up:
                _insert(distances[image], rows[image], distance, row)
    return distances, rows


@njit(nogil=True, fastmath=FASTER)
def _distance(
    seen: Floats,
    stored: Floats,
    height: int,
    width: int,
    warp_px: int,
    context_px: int,
    give_up: np.float32,
    work: Floats,
) -> np.float32:
    """Sum the least differences over the picture; infinity once it is not below `give_up`."""
    margin = warp_px + context_px + 1
    stride = width + 2 * margin
    total = np.float32(0)
    for top in range(0, height, ROWS_A_CHECK):
        n_rows = min(ROWS_A_CHECK, height - top)
        first = (margin + top) * stride + margin
        length = (n_rows - 1) * stride + width
        _match(seen, stored, first, length, stride, warp_px, context_px, work)
        for row in range(n_rows):
            for least in work[2, row * stride : row * stride + width]:
                total += least
        if total >= give_up:
            return FAR
    return total


@njit(nogil=True, fastmath=FASTER)
def _match(
    seen: Floats,
    stored: Floats,
    first: int,
    length: int,
    stride: int,
    warp_px: int,
    context_px: int,
    work: Floats,
) -> None:
    """Write the least difference of each pixel from `first` on into the third row of `work`.

    The squared differences of a displacement are summed over the context as a whole picture,
    first over rows, then over columns, which is the same for all pixels.
    """
    reach = 2 * context_px
    start = first - context_px * stride - context_px
    n_differences = length + reach * stride + reach
    differences, column_sums, least = work[0], work[1], work[2]
    right, down = seen[0, start:], seen[1, start:]
    for i in range(length):
        least[i] = FAR
    for rows in range(-warp_px, warp_px + 1):
        for columns in range(-warp_px, warp_px + 1):
            there = start + rows * stride + columns
            other_right, other_down = stored[0, there:], stored[1, there:]
            for i in range(n_differences):
                a, b = right[i] - other_right[i], down[i] - other_down[i]
                differences[i] = a * a + b * b
            _add_shifted(differences, column_sums, length + reach, context_px, stride)
            _add_shifted(column_sums, differences, length, context_px, 1)
            for i in range(length):
                least[i] = differences[i] if differences[i] < least[i] else least[i]


@njit(nogil=True, fastmath=FASTER)
def _add_shifted(source: Floats, sums: Floats, length: int, context_px: int, step: int) -> None:
    """Sum ``2 * context_px + 1`` places of `source`, `step` apart, from each place on."""
    for i in range(length):
        sums[i] = source[i]
    for shift in range(1, 2 * context_px + 1):
        further = source[shift * step :]  # a slice: with an index it would not be vectorised
        for i in range(length):
            sums[i] += further[i]


@njit(nogil=True, fastmath=FASTER)
def _fill_gradients(picture: Images, margin: int, ink: Floats, gradients: Floats) -> None:
    """Sobel gradients to the right and downward; `ink` is a work space, dark in its margin."""
    height, width = picture.shape
    stride = width + 2 * margin
    for row in range(height):
        start = (margin + row) * stride + margin
        for column in range(width):
            ink[start + column] = picture[row, column]
    n_inside = ink.size - 2 * stride - 2
    nw, n, ne = ink[:], ink[1:], ink[2:]
    w, e = ink[stride:], ink[stride + 2 :]
    sw, s, se = ink[2 * stride :], ink[2 * stride + 1 :], ink[2 * stride + 2 :]
    right, down = gradients[0, stride + 1 :], gradients[1, stride + 1 :]
    for i in range(n_inside):
        right[i] = ne[i] - nw[i] + 2 * (e[i] - w[i]) + se[i] - sw[i]
        down[i] = sw[i] - nw[i] + 2 * (s[i] - n[i]) + se[i] - ne[i]


@njit(nogil=True)
def _insert(
    distances: Floats, rows: NDArray[np.int64], distance: np.float32, row: np.int64
) -> None:
    """Put a candidate into the rising list; the last one drops out."""
    place = len(distances) - 1
    while place > 0 and distances[place - 1] > distance:
        distances[place], rows[place] = distances[place - 1], rows[place - 1]
        place -= 1
    distances[place], rows[place] = distance, row
