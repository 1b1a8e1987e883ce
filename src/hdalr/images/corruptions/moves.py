"""Corruptions that move the ink: shear, scale, rotate, translate."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hdalr.images.batch import Images, check_images
from hdalr.images.corruptions.scale import unit_px

SHEAR_RADIANS = ROTATE_RADIANS = 0.4  # 23 degrees
SMALLER = 0.7
TRANSLATE_PX = 3

Matrix = NDArray[np.float64]  # (2, 2), from places in the new picture to those in the old


def shear(images: Images, random_state: int = 0) -> Images:
    """Slanted by 23 degrees to the left or to the right, about the middle.

    Parameters
    ----------
    images
        uint8, shape (n_images, height, width), ink bright on dark.
    random_state
        Seed of the draws.

    Returns
    -------
    Images
        A new batch of the same shape.
    """
    angles = SHEAR_RADIANS * _signs(len(images), random_state)
    slants = [np.array([[1, -np.sin(angle)], [0, np.cos(angle)]]) for angle in angles]
    return _warped(images, slants)


def scale(images: Images, random_state: int = 0) -> Images:
    """Shrunk to 70 % about the middle; there is no chance in it.

    Parameters and result as for `shear`.
    """
    return _warped(images, [np.eye(2) / SMALLER] * len(images))


def rotate(images: Images, random_state: int = 0) -> Images:
    """Turned by 23 degrees to the left or to the right, about the middle.

    Parameters and result as for `shear`.
    """
    angles = ROTATE_RADIANS * _signs(len(images), random_state)
    turns = [
        np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        for angle in angles
    ]
    return _warped(images, turns)


def translate(images: Images, random_state: int = 0) -> Images:
    """Moved by three pixels up or down, and by three to the left or to the right.

    Parameters and result as for `shear`.
    """
    shift = round(TRANSLATE_PX * unit_px(check_images(images)))
    steps = shift * _signs(2 * len(images), random_state).reshape(-1, 2)
    height, width = images.shape[1:]
    framed = np.pad(images, ((0, 0), (shift, shift), (shift, shift)))
    return np.stack(
        [
            one[shift + down : shift + down + height, shift + right : shift + right + width]
            for one, (down, right) in zip(framed, steps, strict=True)
        ]
    )


def _signs(n_signs: int, random_state: int) -> NDArray[np.int64]:
    return np.random.default_rng(random_state).choice(np.array([-1, 1]), n_signs)


def _warped(images: Images, matrices: list[Matrix]) -> Images:
    """Each picture through its own matrix, the middle kept in its place, dark beyond the border."""
    height, width = check_images(images).shape[1:]
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    return np.stack(
        [
            cv2.warpAffine(
                image,
                np.column_stack([matrix, middle - matrix @ middle]),
                (width, height),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            )
            for image, matrix in zip(images, matrices, strict=True)
        ]
    ).astype(np.uint8)
