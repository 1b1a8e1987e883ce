"""Upright writing: the slant of a character found from its moments and taken out."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from hdalr.images.batch import Floats, Images, check_images

STEEPEST = 1.0  # columns a row, 45 degrees: a flat stroke's moments would tear it further
CHUNK = 1024  # pictures at once: bounds the memory


def deskew(images: Images) -> Images:
    """Shear each character so that it stands upright about its centre of ink.

    The slant is the covariance of the ink's columns and rows over the variance of its rows;
    every row moves sideways by its distance from the centre times that, in fractions of a pixel
    (linear interpolation). What leaves the picture is lost.

    Parameters
    ----------
    images
        uint8, shape (n_images, height, width), ink bright on dark.

    Returns
    -------
    Images
        uint8, of the same shape; an empty picture stays as it is.

    Raises
    ------
    DataError
        If the batch is not of this type and shape.

    References
    ----------
    LeCun et al. 1998, *Gradient-based learning applied to document recognition*, section III.C
    (deskewing). There the slant has no bound; here it ends at 45 degrees.

    Examples
    --------
    >>> stroke = np.zeros((1, 5, 5), np.uint8)
    >>> stroke[0, [0, 1, 2, 3, 4], [4, 3, 2, 1, 0]] = 255
    >>> deskew(stroke)[0, :, 2]
    array([255, 255, 255, 255, 255], dtype=uint8)
    """
    images = check_images(images)
    upright = np.empty_like(images)
    for start in range(0, len(images), CHUNK):
        chunk = slice(start, start + CHUNK)
        upright[chunk] = _shift_rows(images[chunk], _row_shifts(images[chunk]))
    return upright


def measure_slant(images: Images) -> Floats:
    """Columns that the ink moves right from one row to the next lower one.

    Parameters
    ----------
    images
        uint8, shape (n_images, height, width).

    Returns
    -------
    ndarray of float32
        Shape (n_images,); 0 for an empty picture and for one whose ink lies in one row.

    Raises
    ------
    DataError
        If the batch is not of this type and shape.

    Examples
    --------
    >>> measure_slant(np.eye(6, dtype=np.uint8)[None])
    array([1.], dtype=float32)
    """
    return _slants(*_row_moments(check_images(images)))


def _row_shifts(images: Images) -> Floats:
    """How far to the right each row reaches for its ink: shape (n_images, height), pixels."""
    ink, column_sums, distances = _row_moments(images)
    slants = np.clip(_slants(ink, column_sums, distances), -STEEPEST, STEEPEST)
    shifts: Floats = slants[:, None] * distances
    return shifts


def _row_moments(images: Images) -> tuple[Floats, Floats, Floats]:
    """Of each row: its ink, the sum of its columns, its distance from the centre of ink."""
    _, height, width = images.shape
    floats = images.astype(np.float32)
    ink = floats.sum(axis=2)
    column_sums = np.matmul(floats, np.arange(width, dtype=np.float32))
    rows = np.arange(height, dtype=np.float32)
    centres = (ink @ rows) / np.maximum(ink.sum(axis=1), 1)
    return ink, column_sums, rows - centres[:, None]


def _slants(ink: Floats, column_sums: Floats, distances: Floats) -> Floats:
    covariance = (column_sums * distances).sum(axis=1)
    variance = (ink * distances**2).sum(axis=1)
    level = variance <= 1e-3 * ink.sum(axis=1)  # one row of ink, or none: nothing to stand up
    slants: Floats = np.where(level, 0, covariance / np.where(level, 1, variance))
    return slants


def _shift_rows(images: Images, shifts: Floats) -> Images:
    """Take every row ``shifts`` pixels further right, dark beyond the picture's edge."""
    n_images, height, width = images.shape
    whole = np.clip(np.floor(shifts), -width - 1, width)
    fractions = np.clip(shifts - whole, 0, 1)[:, :, None].astype(np.float32)
    padded = np.pad(images, ((0, 0), (0, 0), (width + 1, width + 1)))
    windows = sliding_window_view(padded, width + 1, axis=2)
    starts = whole.astype(np.intp) + width + 1
    cut: NDArray[np.uint8] = windows[
        np.arange(n_images)[:, None], np.arange(height)[None, :], starts
    ]
    left, right = cut[:, :, :-1].astype(np.float32), cut[:, :, 1:].astype(np.float32)
    mixed: Images = np.rint(left + fractions * (right - left)).astype(np.uint8)
    return mixed
