"""Histograms of oriented gradients, of a whole batch at once, in several cell sizes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hdalr.errors import ParameterError
from hdalr.images.batch import Floats, Images, check_images, to_floats
from hdalr.images.features import Features
from hdalr.images.moments import deskew

CHUNK = 128  # pictures at once: their gradients stay in the processor's cache


@dataclass(frozen=True)
class Hog(Features):
    """In which directions the grey values rise, counted in cells over the picture.

    At every pixel, the gradient's length is divided between the two nearest orientations and
    the two by two nearest cells, by linear interpolation, so that a small turn or shift changes
    the counts little. All counts of one cell size are divided by their sum, and the root is
    taken, which makes a vector of length 1: a strong cell no longer drowns the faint ones.

    Parameters
    ----------
    cells_px
        Side of the cells in pixels, above 0, one number a grid. A grid fills the picture with
        the whole number of cells that comes nearest, at least one.
    n_orientations
        How many directions are told apart, from 2 up.
    signed
        Whether dark to bright and bright to dark are two directions. Ink is always the bright
        side, so that the sign tells the two edges of a stroke from each other.
    upright
        Whether the slant is taken out first (`hdalr.images.moments.deskew`).
    blur_px
        Standard deviation of a Gaussian blur before the gradients, from 0 up.

    Raises
    ------
    ParameterError
        If a parameter is not allowed.

    References
    ----------
    Dalal and Triggs 2005, *Histograms of oriented gradients for human detection*. They use
    unsigned orientations and normalise overlapping blocks of two by two cells; on digits, signed
    orientations are better and one normalisation over the grid is as good as blocks, at half the
    size. The root after division by the sum is from Arandjelović and Zisserman 2012, *Three
    things everyone should know to improve object retrieval*, section 3.

    Examples
    --------
    >>> Hog()(np.zeros((2, 28, 28), np.uint8)).shape  # 12 x (7 x 7 + 4 x 4 + 2 x 2)
    (2, 828)
    >>> ramp = np.tile(np.arange(0, 160, 20, dtype=np.uint8), (1, 8, 1))  # brighter to the right
    >>> bool(Hog(cells_px=(8,), n_orientations=4)(ramp).argmax() == 0)
    True
    """

    cells_px: tuple[float, ...] = (4, 7, 14)
    n_orientations: int = 12
    signed: bool = True
    upright: bool = True
    blur_px: float = 0.5

    def __post_init__(self) -> None:
        if not self.cells_px or min(self.cells_px) <= 0:
            raise ParameterError(
                f"cells_px={self.cells_px!r} is not allowed; choose sides in pixels above 0"
            )
        if self.n_orientations < 2:
            raise ParameterError(
                f"n_orientations={self.n_orientations!r} is not allowed; "
                "choose an integer from 2 up"
            )
        if self.blur_px < 0:
            raise ParameterError(
                f"blur_px={self.blur_px!r} is not allowed; choose a number from 0 up"
            )

    def __call__(self, images: Images) -> Floats:
        """One row a picture.

        Parameters
        ----------
        images
            uint8, shape (n_images, height, width).

        Returns
        -------
        ndarray of float32
            Shape (n_images, n_features): grid after grid, in it cell after cell row by row, in
            it the orientations from "brighter to the right" clockwise. 0 for an empty picture.

        Raises
        ------
        DataError
            If the batch is not of this type and shape.
        """
        check_images(images)
        chunks = range(0, len(images), CHUNK)
        parts = [self._describe(images[start : start + CHUNK]) for start in chunks]
        return np.concatenate(parts)

    def _describe(self, images: Images) -> Floats:
        ink = to_floats(deskew(images) if self.upright else images)
        if self.blur_px:
            ink = blur(ink, self.blur_px)
        planes = split_by_orientation(*gradients(ink), self.n_orientations, self.signed)
        grids = [_root_of_shares(_count_in_cells(planes, side)) for side in self.cells_px]
        return np.concatenate(grids, axis=1)


def blur(ink: Floats, sigma_px: float) -> Floats:
    """Gaussian blur, dark beyond the edges: float32, shape (n_images, height, width)."""
    _, height, width = ink.shape
    down, across = _gaussian_matrix(height, sigma_px), _gaussian_matrix(width, sigma_px)
    blurred: Floats = np.matmul(np.matmul(down, ink), across)
    return blurred


def gradients(ink: Floats) -> tuple[Floats, Floats]:
    """Central differences to the right and downward, dark beyond the edges, in ink a 2 pixels."""
    padded = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    right: Floats = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    down: Floats = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    return right, down


def split_by_orientation(
    right: Floats, down: Floats, n_orientations: int, signed: bool = True
) -> Floats:
    """Divide each gradient's length between its two nearest orientations.

    Parameters
    ----------
    right, down
        float32, shape (n_images, height, width).
    n_orientations
        How many there are, over the full circle or, unsigned, over half of it.
    signed
        Whether opposite directions are two.

    Returns
    -------
    ndarray of float32
        Shape (n_images, height, width, n_orientations); the last axis sums to the length.

    Examples
    --------
    >>> split_by_orientation(np.full((1, 1, 1), 3.0), np.full((1, 1, 1), 3.0), 4).round(2)
    array([[[[2.12, 2.12, 0.  , 0.  ]]]], dtype=float32)
    """
    turn = np.arctan2(down, right) * np.float32(n_orientations / (2 if signed else 1) / np.pi)
    before = np.floor(turn)
    lengths = np.sqrt(right * right + down * down)
    to_next = lengths * (turn - before)
    first = before.astype(np.intp) % n_orientations
    following = np.where(first == n_orientations - 1, 0, first + 1)
    planes = np.zeros(lengths.size * n_orientations, np.float32)
    places = np.arange(lengths.size).reshape(lengths.shape) * n_orientations
    planes[places + first] = lengths - to_next
    planes[places + following] = to_next
    return planes.reshape(*lengths.shape, n_orientations)


def _count_in_cells(planes: Floats, side_px: float) -> Floats:
    """Sum the planes over cells: float32, shape (n_images, n_cells * n_orientations)."""
    n_images, height, width, n_orientations = planes.shape
    bands = _cell_weights(height, side_px) @ planes.reshape(n_images, height, -1)
    cells = _cell_weights(width, side_px) @ bands.reshape(n_images, -1, width, n_orientations)
    return cells.reshape(n_images, -1)


def _cell_weights(length_px: int, side_px: float) -> Floats:
    """Weight of each pixel in each cell along one axis, falling to 0 at the next cell's centre."""
    n_cells = max(1, round(length_px / side_px))
    step = length_px / n_cells
    centres = (np.arange(n_cells) + 0.5) * step - 0.5
    distances = np.abs(np.arange(length_px) - centres[:, None]) / step
    return np.maximum(1 - distances, 0).astype(np.float32)


def _root_of_shares(counts: Floats) -> Floats:
    totals = counts.sum(axis=1, keepdims=True)
    roots: Floats = np.sqrt(counts / np.where(totals > 0, totals, 1))
    return roots


def _gaussian_matrix(length_px: int, sigma_px: float) -> Floats:
    """Blur along one axis as a matrix: symmetric, rows sum to 1 away from the edges."""
    places = np.arange(length_px)
    reach = np.arange(-4 * math.ceil(sigma_px), 4 * math.ceil(sigma_px) + 1)
    weights = np.exp(-0.5 * ((places - places[:, None]) / sigma_px) ** 2)
    matrix: Floats = (weights / np.exp(-0.5 * (reach / sigma_px) ** 2).sum()).astype(np.float32)
    return matrix
