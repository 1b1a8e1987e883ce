"""Corruptions that lay something over the ink: stripe, spatter, dotted line, zigzag."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hdalr.images.batch import Floats, Images, check_images, to_floats
from hdalr.images.corruptions.scale import SIDE_PX, blurred, to_pictures, unit_px

STRIPE = 1 / 4  # of the width, at either side
MUD = 63 / 255  # its brightness
LIQUID_MEAN, LIQUID_SPREAD, LIQUID_BLUR_PX, LIQUID_LEVEL = 0.65, 0.3, 1.0, 0.65
MUD_BLUR_PX, MUD_LEVEL = 1.5, 0.8
LINE_REACH_PX = 2.3  # how fast a line fades: log(1 - distance / reach) + 1
DASH_PX = 2
ZIGZAG_LEFT_PX, ZIGZAG_RIGHT_PX, ZIGZAG_STEP_PX, ZIGZAG_RISE_PX = 2, 25, 2.0, 5

Rows = NDArray[np.float64]  # (n_images, width): where a line is in each column, in pixels


def stripe(images: Images, random_state: int = 0) -> Images:
    """The left and the right quarter turned into their negative; there is no chance in it.

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

    Examples
    --------
    >>> stripe(np.array([[[0, 10, 20, 30]]], np.uint8)).tolist()
    [[[255, 10, 20, 225]]]
    """
    side = round(check_images(images).shape[2] * STRIPE)
    striped = images.copy()
    striped[:, :, :side] = 255 - images[:, :, :side]
    striped[:, :, images.shape[2] - side :] = 255 - images[:, :, images.shape[2] - side :]
    return striped


def spatter(images: Images, random_state: int = 0) -> Images:
    """Splashes of dark mud that hide what lies below.

    Parameters and result as for `stripe`.
    """
    rng = np.random.default_rng(random_state)
    ink, unit = to_floats(images), unit_px(images)
    liquid = rng.normal(LIQUID_MEAN, LIQUID_SPREAD, images.shape).astype(np.float32)
    wet = blurred(liquid, LIQUID_BLUR_PX * unit) > LIQUID_LEVEL
    mud = blurred(wet.astype(np.float32), MUD_BLUR_PX * unit)
    mud[mud < MUD_LEVEL] = 0
    return to_pictures(ink * (1 - mud) + MUD * mud)


def dotted_line(images: Images, random_state: int = 0) -> Images:
    """A line of dashes from the left border to the right one, at two heights drawn by chance.

    Parameters and result as for `stripe`.
    """
    rng = np.random.default_rng(random_state)
    n_images, height, width = check_images(images).shape
    left, right = rng.uniform(0, height - 1, (2, n_images, 1))
    columns = np.arange(width)
    rows = left + (right - left) * columns / max(width - 1, 1)
    drawn = (columns / unit_px(images) / DASH_PX).astype(int) % 2 == 1
    return _with_line(images, rows, np.broadcast_to(drawn, rows.shape))


def zigzag(images: Images, random_state: int = 0) -> Images:
    """A zigzag across the picture, at a height and with a slope drawn by chance.

    Parameters and result as for `stripe`.
    """
    rng = np.random.default_rng(random_state)
    n_images, height, width = check_images(images).shape
    starts = rng.uniform(0, height - 1, n_images)
    rises = unit_px(images) * rng.uniform(-ZIGZAG_RISE_PX, ZIGZAG_RISE_PX, (n_images,))
    columns = np.arange(width)
    rows, drawn = np.empty((n_images, width)), np.empty((n_images, width), bool)
    for place in range(n_images):
        across, down = _zigzag(width / SIDE_PX, unit_px(images), rises[place])
        rows[place] = starts[place] + np.interp(columns, across, down)
        drawn[place] = (columns >= across[0]) & (columns <= across[-1])
    return _with_line(images, rows, drawn)


def _zigzag(stretch: float, unit: float, rise: float) -> tuple[Rows, Rows]:
    """Corners of a zigzag along a slope: columns, and rows from its start, in pixels."""
    left, right = ZIGZAG_LEFT_PX * stretch, ZIGZAG_RIGHT_PX * stretch
    step = ZIGZAG_STEP_PX * unit
    length, angle = np.hypot(right - left, rise), np.arctan2(rise, right - left)
    peaks = np.arange(step, length, 2 * step)
    along = np.concatenate([[0], peaks, [length]])
    beside = np.concatenate([[0], step * (-1.0) ** np.arange(len(peaks)), [0]])
    across = left + along * np.cos(angle) - beside * np.sin(angle)
    return across, along * np.sin(angle) + beside * np.cos(angle)


def _with_line(images: Images, rows: Rows, drawn: NDArray[np.bool_]) -> Images:
    """Add a soft line that is at a row in each column where it is drawn."""
    reach = LINE_REACH_PX * unit_px(images)
    distance = np.abs(np.arange(images.shape[1])[:, None] - rows[:, None, :]) / reach
    line: Floats = (np.log1p(-np.minimum(distance, 0.99)) + 1).astype(np.float32)
    line[~np.broadcast_to(drawn[:, None, :], line.shape)] = 0
    return to_pictures(to_floats(images) + np.maximum(line, 0))
