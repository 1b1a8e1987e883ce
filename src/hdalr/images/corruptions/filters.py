"""Corruptions that look at a pixel's surroundings: glass blur, motion blur, edges alone."""

from __future__ import annotations

import cv2
import numpy as np

from hdalr.images.batch import Floats, Images, check_images, to_floats
from hdalr.images.corruptions.scale import blurred, to_pictures, unit_px

GLASS_BLUR_PX, GLASS_REACH_PX, GLASS_ROUNDS = 0.7, 1, 2
MOTION_LENGTH_PX, MOTION_BLUR_PX, MOTION_MOST_DEGREES = 21, 3.0, 45
EDGE_BLUR_PX, EDGE_WEAK, EDGE_STRONG = 1.0, 0.1, 0.2  # weak and strong: shares of full ink


def glass_blur(images: Images, random_state: int = 0) -> Images:
    """Seen through frosted glass: blurred, pixels swapped with a neighbour, blurred again.

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
    rng = np.random.default_rng(random_state)
    unit = unit_px(images)
    ink = blurred(to_floats(images), GLASS_BLUR_PX * unit)
    reach = max(1, round(GLASS_REACH_PX * unit))
    for _ in range(GLASS_ROUNDS):
        _swap_neighbours(ink, reach, rng)
    return to_pictures(blurred(ink, GLASS_BLUR_PX * unit))


def motion_blur(images: Images, random_state: int = 0) -> Images:
    """The hand shook: smeared to one side, in a direction of -45 to 45 degrees.

    Parameters and result as for `glass_blur`.
    """
    rng = np.random.default_rng(random_state)
    angles = np.radians(rng.uniform(-MOTION_MOST_DEGREES, MOTION_MOST_DEGREES, len(images)))
    unit = unit_px(check_images(images))
    return np.stack(
        [
            cv2.filter2D(image, -1, _trail(angle, unit), borderType=cv2.BORDER_REPLICATE)
            for image, angle in zip(images, angles, strict=True)
        ]
    ).astype(np.uint8)


def canny_edges(images: Images, random_state: int = 0) -> Images:
    """The outlines of the strokes, one pixel wide, and nothing else; there is no chance in it.

    Parameters and result as for `glass_blur`.

    References
    ----------
    Canny (1986), "A computational approach to edge detection", IEEE TPAMI 8, 679-698.
    """
    smooth = to_pictures(blurred(to_floats(images), EDGE_BLUR_PX * unit_px(images)))
    weak, strong = 255 * EDGE_WEAK, 255 * EDGE_STRONG
    return np.stack([cv2.Canny(one, weak, strong, L2gradient=True) for one in smooth]).astype(
        np.uint8
    )


def _swap_neighbours(ink: Floats, reach: int, rng: np.random.Generator) -> None:
    """Swap every second pixel, by chance, with one up to ``reach`` above and left, in place."""
    n_images, height, width = ink.shape
    every = np.arange(n_images)
    for row in range(height - reach, reach, -1):
        for column in range(width - reach, reach, -1):
            swapped = every[rng.random(n_images) < 0.5]
            down, right = rng.integers(-reach, reach, (2, len(swapped)))
            here, there = (swapped, row, column), (swapped, row + down, column + right)
            ink[here], ink[there] = ink[there], ink[here]


def _trail(angle: float, unit: float) -> Floats:
    """Weights of a smear: half a Gaussian bell from the middle outwards, adding up to 1."""
    length = round(MOTION_LENGTH_PX * unit) + 1
    trail = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
    steps = np.arange(length)
    weights = np.exp(-0.5 * (steps / (MOTION_BLUR_PX * unit)) ** 2)
    rows = length + np.rint(steps * np.sin(angle)).astype(int)
    columns = length + np.rint(steps * np.cos(angle)).astype(int)
    np.add.at(trail, (rows, columns), weights)
    return np.asarray(trail / trail.sum(), np.float32)
