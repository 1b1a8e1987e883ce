"""Distortions of whole batches, as one hand differs from the next: more pictures to learn from.

Each function does what it is told; `ArrayDistortion` draws how much, anew for each picture. Nets
have their own on the device (`hdalr.models.distortion`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from hdalr.errors import ParameterError
from hdalr.images.batch import Floats, Images, check_images
from hdalr.images.hog import blur
from hdalr.images.pen import change_stroke_width

CHUNK = 1024  # pictures at once: bounds the memory
SEEDS = 2**31  # those of several distortions of one batch are drawn below it

Matrices = NDArray[np.float32]  # (n_images, 2, 2), from (row, column) to (row, column)


@dataclass(frozen=True)
class ArrayDistortion:
    """How far each picture may be distorted; every amount is drawn evenly from its range.

    Turn, scale, shear, squeeze, shift and elastic distortion are one resampling, so that the
    picture is blurred once; then the strokes change their width and a square is erased.

    Parameters
    ----------
    rotation_degrees
        Up to so many degrees, either way.
    zoom
        Larger or smaller by up to this fraction, height and width alike.
    shear
        Up to so many columns a row, either way.
    squeeze
        Narrower by up to this fraction.
    shift_px
        Up to so many pixels, down or up, and right or left.
    elastic_px, elastic_sigma_px
        Strength and smoothness of the elastic distortion; see `elastic_shifts`.
    stroke_px
        Strokes wider or narrower by up to so many pixels, at most 2.
    erase_px
        Side of a square that is erased at a place drawn anew; 0 erases nothing.

    References
    ----------
    Simard, Steinkraus and Platt 2003, *Best practices for convolutional neural networks applied
    to visual document analysis*.

    Examples
    --------
    >>> bar = np.zeros((2, 28, 28), np.uint8)
    >>> bar[:, 5:23, 13:15] = 255
    >>> ArrayDistortion(rotation_degrees=10, elastic_px=1.4)(bar, random_state=0).shape
    (2, 28, 28)
    """

    rotation_degrees: float = 0.0
    zoom: float = 0.0
    shear: float = 0.0
    squeeze: float = 0.0
    shift_px: float = 0.0
    elastic_px: float = 0.0
    elastic_sigma_px: float = 4.0
    stroke_px: float = 0.0
    erase_px: int = 0

    def __call__(self, images: Images, random_state: int | None = None) -> Images:
        """Distort each picture of a batch in its own way.

        Parameters
        ----------
        images
            uint8, shape (n_images, height, width).
        random_state
            Seed: the same one distorts in the same way.

        Returns
        -------
        Images
            uint8, of the same shape; what leaves the picture is lost.

        Raises
        ------
        DataError
            If the batch is not of this type and shape.
        ParameterError
            If an amount is not allowed.
        """
        check_images(images)
        rng = np.random.default_rng(random_state)
        distorted = np.empty_like(images)
        for start in range(0, len(images), CHUNK):
            chunk = slice(start, start + CHUNK)
            distorted[chunk] = self._distort(images[chunk], rng)
        return distorted

    def _distort(self, images: Images, rng: np.random.Generator) -> Images:
        n_images, height, width = images.shape
        shifts = rng.uniform(-self.shift_px, self.shift_px, (2, n_images, 1, 1))
        if self.elastic_px:
            field = elastic_shifts(images.shape, self.elastic_px, self.elastic_sigma_px, rng)
            shifts = shifts + field
        images = resample(images, self._draw_matrices(n_images, rng), shifts)
        if self.stroke_px:
            by_px = rng.uniform(-self.stroke_px, self.stroke_px, n_images)
            images = change_stroke_width(images, by_px)
        if self.erase_px:
            rows = rng.integers(0, max(1, height - self.erase_px + 1), n_images)
            columns = rng.integers(0, max(1, width - self.erase_px + 1), n_images)
            images = erase(images, rows, columns, self.erase_px)
        return images

    def _draw_matrices(self, n_images: int, rng: np.random.Generator) -> Matrices:
        turn, zoom, shear = rng.uniform(-1, 1, (3, n_images))
        squeeze = rng.uniform(0, 1, n_images)
        return affine_matrices(
            rotation_degrees=turn * self.rotation_degrees,
            scale=1 + zoom * self.zoom,
            shear=shear * self.shear,
            squeeze=squeeze * self.squeeze,
        )


AS_HANDS_DIFFER = ArrayDistortion(rotation_degrees=10, zoom=0.1, squeeze=0.1, shift_px=1)


def shift(images: Images, down_px: int, right_px: int) -> Images:
    """Move all pictures by whole pixels; dark comes in, what leaves is lost.

    Parameters
    ----------
    images
        uint8, shape (n_images, height, width).
    down_px, right_px
        Below 0: up, left.

    Returns
    -------
    Images
        uint8, of the same shape.

    Raises
    ------
    DataError
        If the batch is not of this type and shape.

    Examples
    --------
    >>> shift(np.array([[[1, 2], [3, 4]]], np.uint8), 1, -1)
    array([[[0, 0],
            [2, 0]]], dtype=uint8)
    """
    shifted = np.zeros_like(check_images(images))
    to_rows, from_rows = _overlap(images.shape[1], down_px)
    to_columns, from_columns = _overlap(images.shape[2], right_px)
    shifted[:, to_rows, to_columns] = images[:, from_rows, from_columns]
    return shifted


def affine_matrices(
    rotation_degrees: ArrayLike = 0.0,
    scale: ArrayLike = 1.0,
    shear: ArrayLike = 0.0,
    squeeze: ArrayLike = 0.0,
) -> Matrices:
    """What `resample` needs to squeeze, then shear, then scale, then turn pictures.

    Parameters
    ----------
    rotation_degrees
        Counter-clockwise on the screen; numbers, or one a picture, here and below.
    scale
        Factor of height and width, above 0.
    shear
        Columns to the right that a row moves for each row higher up.
    squeeze
        Fraction by which the width shrinks, below 1.

    Returns
    -------
    ndarray of float32
        Shape (n_images, 2, 2), 1 image where all are numbers: from a place in the result,
        (row, column) from the picture's centre, to the place that it is taken from.

    Raises
    ------
    ParameterError
        If a scale is not above 0 or a squeeze not below 1.

    Examples
    --------
    >>> affine_matrices(squeeze=0.5)
    array([[[1., 0.],
            [0., 2.]]], dtype=float32)
    """
    degrees, scales, shears, squeezes = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(a, float)) for a in (rotation_degrees, scale, shear, squeeze))
    )
    if not ((scales > 0).all() and (squeezes < 1).all()):
        raise ParameterError(
            f"scale={scale!r}, squeeze={squeeze!r} is not allowed; "
            "choose scales above 0 and squeezes below 1"
        )
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    ones, zeros = np.ones_like(cos), np.zeros_like(cos)
    turned = _stack(cos, sin, -sin, cos) / scales[:, None, None]
    slanted = _stack(ones, zeros, shears, ones)
    squeezed = _stack(ones, zeros, zeros, 1 / (1 - squeezes))
    matrices: Matrices = (squeezed @ slanted @ turned).astype(np.float32)
    return matrices


def elastic_shifts(
    shape: tuple[int, ...], deviation_px: float, sigma_px: float, rng: np.random.Generator
) -> Floats:
    """Draw a smooth field of shifts for each picture: even noise, blurred by a Gaussian.

    Parameters
    ----------
    shape
        n_images, height, width.
    deviation_px
        Standard deviation of the shifts, less at the picture's edges. Simard's alpha of 34 at
        sigma 4 is 1.4 pixels.
    sigma_px
        Standard deviation of the blur, above 0: how smooth the field is.
    rng
        Where the noise comes from.

    Returns
    -------
    ndarray of float32
        Shape (2, n_images, height, width): rows down, columns to the right.

    Raises
    ------
    ParameterError
        If `sigma_px` is not above 0.
    """
    if not sigma_px > 0:
        raise ParameterError(f"sigma_px={sigma_px!r} is not allowed; choose a number above 0")
    noise = rng.random((2, *shape), np.float32) * 2 - 1
    deviation = 1 / math.sqrt(3) / (2 * math.sqrt(math.pi) * sigma_px)  # of blurred even noise
    return np.float32(deviation_px / deviation) * np.stack([blur(part, sigma_px) for part in noise])


def resample(images: Images, matrices: Matrices, shifts: NDArray[np.floating]) -> Images:
    """Take each pixel from elsewhere, between pixels by linear interpolation.

    Parameters
    ----------
    images
        uint8, shape (n_images, height, width).
    matrices
        Shape (n_images, 2, 2) or (1, 2, 2), as `affine_matrices` makes them.
    shifts
        Shape (2, n_images, height, width) or what broadcasts to it: rows and columns further
        down and right that a pixel is taken from.

    Returns
    -------
    Images
        uint8, of the same shape; dark where a place lies beyond the picture.

    Raises
    ------
    DataError
        If the batch is not of this type and shape.
    """
    n_images, height, width = check_images(images).shape
    middle = np.array([(height - 1) / 2, (width - 1) / 2], np.float32)[:, None]
    grid = np.indices((height, width), np.float32).reshape(2, -1) - middle
    places = np.matmul(matrices, grid) + middle
    places = np.broadcast_to(places, (n_images, 2, height * width))
    maps = places.reshape(n_images, 2, height, width).swapaxes(0, 1) + shifts
    rows, columns = maps.astype(np.float32)
    resampled = np.empty_like(images)
    for image, row, column, out in zip(images, rows, columns, resampled, strict=True):
        cv2.remap(image, column, row, cv2.INTER_LINEAR, out, cv2.BORDER_CONSTANT)
    return resampled


def erase(images: Images, rows: ArrayLike, columns: ArrayLike, side_px: int) -> Images:
    """Darken a square in each picture.

    Parameters
    ----------
    images
        uint8, shape (n_images, height, width).
    rows, columns
        Of the square's first pixel: numbers, or one a picture.
    side_px
        Side of the square, from 0 up; what would lie beyond the picture's edge is cut off.

    Returns
    -------
    Images
        uint8, of the same shape.

    Raises
    ------
    DataError
        If the batch is not of this type and shape.

    Examples
    --------
    >>> erase(np.full((1, 2, 4), 9, np.uint8), 0, 1, 2)
    array([[[9, 0, 0, 9],
            [9, 0, 0, 9]]], dtype=uint8)
    """
    _, height, width = check_images(images).shape
    top, left = (np.reshape(first, (-1, 1, 1)) for first in (rows, columns))
    y, x = np.arange(height)[:, None], np.arange(width)
    inside = (y >= top) & (y < top + side_px) & (x >= left) & (x < left + side_px)
    return np.where(inside, np.uint8(0), images)


def _overlap(length_px: int, by_px: int) -> tuple[slice, slice]:
    """Where the rows go that stay in the picture, and where they come from."""
    kept = max(0, length_px - abs(by_px))
    start, origin = min(max(by_px, 0), length_px), min(max(-by_px, 0), length_px)
    return slice(start, start + kept), slice(origin, origin + kept)


def _stack(*entries: NDArray[np.float64]) -> NDArray[np.float64]:
    """2 x 2 matrices from their four entries, row by row: shape (n, 2, 2)."""
    return np.stack(entries, axis=1).reshape(-1, 2, 2)
