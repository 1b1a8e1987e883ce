"""The pen's trace made alike: its width and its strength, measured, set and changed."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hdalr.errors import ParameterError
from hdalr.images.batch import Floats, Images, check_images, to_floats

CHUNK = 1024  # pictures at once: bounds the memory
ROUNDS = 4  # of widening or narrowing, each by 2 pixels at most
EAGER = 1.5  # times what is missing: a grey mixture widens by less than its share
THINNEST_PX = 1.0  # a narrower trace would have gaps


def measure_stroke_width(images: Images) -> Floats:
    """Mean width of the strokes: twice the ink over the length of its outline.

    The outline of grey ink is the sum of its gradients' lengths (the coarea formula), so that no
    threshold is needed.

    Parameters
    ----------
    images
        uint8, shape (n_images, height, width), ink bright on dark.

    Returns
    -------
    ndarray of float32
        Shape (n_images,), pixels; 0 for an empty picture.

    Raises
    ------
    DataError
        If the batch is not of this type and shape.

    Examples
    --------
    >>> bar = np.zeros((1, 40, 20), np.uint8)
    >>> bar[0, :, 8:11] = 255
    >>> measure_stroke_width(bar).round(1)
    array([2.8], dtype=float32)
    """
    check_images(images)
    chunks = range(0, len(images), CHUNK)
    return np.concatenate([_widths(to_floats(images[at : at + CHUNK])) for at in chunks])


def set_stroke_width(images: Images, width_px: float) -> Images:
    """Widen or narrow the strokes of each picture until their mean width is `width_px`.

    A few rounds of `change_stroke_width` come near it; where they do not meet it, e.g. because a
    broad blot would have to shrink by many pixels, what they reached is returned.

    Parameters
    ----------
    images
        uint8, shape (n_images, height, width).
    width_px
        From 1 up.

    Returns
    -------
    Images
        uint8, of the same shape; an empty picture stays as it is.

    Raises
    ------
    DataError
        If the batch is not of this type and shape.
    ParameterError
        If `width_px` is below 1.

    Examples
    --------
    >>> bar = np.zeros((1, 40, 20), np.uint8)
    >>> bar[0, 5:35, 9:11] = 255
    >>> measure_stroke_width(set_stroke_width(bar, 4)).round()
    array([4.], dtype=float32)
    """
    if not width_px >= THINNEST_PX:
        raise ParameterError(f"width_px={width_px!r} is not allowed; choose a number from 1 up")
    images = check_images(images)
    for _ in range(ROUNDS):
        missing_px = width_px - measure_stroke_width(images)
        images = change_stroke_width(images, np.clip(EAGER * missing_px, -2, 2))
    return images


def change_stroke_width(images: Images, by_px: ArrayLike) -> Images:
    """Widen the strokes, or narrow them, by up to two pixels.

    A mixture of the picture with its grey dilation, or erosion, by 3 x 3 pixels.

    Parameters
    ----------
    images
        uint8, shape (n_images, height, width).
    by_px
        -2 to 2, a number or one a picture; below 0 narrower.

    Returns
    -------
    Images
        uint8, of the same shape.

    Raises
    ------
    DataError
        If the batch is not of this type and shape.
    ParameterError
        If `by_px` lies outside its range.

    Examples
    --------
    >>> dot = np.zeros((1, 3, 5), np.uint8)
    >>> dot[0, 1, 2] = 200
    >>> change_stroke_width(dot, 1)[0]
    array([[  0, 100, 100, 100,   0],
           [  0, 100, 200, 100,   0],
           [  0, 100, 100, 100,   0]], dtype=uint8)
    """
    halves: Floats = np.asarray(by_px, np.float32) / np.float32(2)
    shares = np.broadcast_to(halves, len(check_images(images)))[:, None, None]
    if not (np.abs(shares) <= 1).all():
        raise ParameterError(f"by_px={by_px!r} is not allowed; choose numbers from -2 to 2")
    changed = np.empty_like(images)
    for start in range(0, len(images), CHUNK):
        chunk = slice(start, start + CHUNK)
        changed[chunk] = _mix(images[chunk], shares[chunk])
    return changed


def set_ink_range(images: Images) -> Images:
    """Stretch the grey values of each picture from 0, its darkest, to 255, its brightest.

    Parameters
    ----------
    images
        uint8, shape (n_images, height, width).

    Returns
    -------
    Images
        uint8, of the same shape; a picture of one grey value becomes empty.

    Raises
    ------
    DataError
        If the batch is not of this type and shape.

    Examples
    --------
    >>> set_ink_range(np.array([[[10, 60, 110]]], np.uint8))
    array([[[  0, 128, 255]]], dtype=uint8)
    """
    darkest = check_images(images).min(axis=(1, 2), keepdims=True)
    spans = np.maximum(np.ptp(images, axis=(1, 2), keepdims=True), 1).astype(np.uint16)
    steps = (images - darkest) * np.uint16(255) + spans // 2
    stretched: Images = (steps // spans).astype(np.uint8)
    return stretched


def _widths(ink: Floats) -> Floats:
    padded = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    across, along = np.diff(padded, axis=2), np.diff(padded, axis=1)
    right = (across[:, 1:] + across[:, :-1]) / 2  # where four pixels meet: the same for all
    down = (along[:, :, 1:] + along[:, :, :-1]) / 2  # directions, as one-sided differences are not
    outlines = np.sqrt(right * right + down * down).sum(axis=(1, 2))
    widths: Floats = 2 * ink.sum(axis=(1, 2)) / np.maximum(outlines, 1e-6)
    return widths


def _mix(images: Images, shares: Floats) -> Images:
    """Pictures mixed with their dilation (shares above 0) or erosion: shape as they are."""
    ink = images.astype(np.float32)
    wider, narrower = _extreme(images, np.maximum) - ink, ink - _extreme(images, np.minimum)
    mixed = ink + shares * np.where(shares > 0, wider, narrower)
    rounded: Images = np.rint(mixed).astype(np.uint8)
    return rounded


def _extreme(images: Images, choose: np.ufunc) -> Images:
    """Brightest or darkest of each pixel and its eight neighbours; beyond the edge is dark."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    across = choose(choose(padded[:, :, :-2], padded[:, :, 1:-1]), padded[:, :, 2:])
    chosen: Images = choose(choose(across[:, :-2], across[:, 1:-1]), across[:, 2:])
    return chosen
