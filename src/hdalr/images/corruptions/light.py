"""Corruptions of single pixels and of the light: shot noise, impulse noise, brightness, fog."""

from __future__ import annotations

import cv2
import numpy as np

from hdalr.images.batch import Floats, Images, check_images, to_floats
from hdalr.images.corruptions.scale import SIDE_PX, to_pictures

PHOTONS = 3  # of a white pixel
IMPULSES = 0.17  # share of the pixels
LIGHTER = 0.5  # of full ink
FOG, FOG_DECAY, FOG_MAP_PX = 3.0, 1.4, 256


def shot_noise(images: Images, random_state: int = 0) -> Images:
    """Grain of little light: each pixel counts photons, three on average where it is white.

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
    return to_pictures((rng.poisson(to_floats(images) * PHOTONS) / PHOTONS).astype(np.float32))


def impulse_noise(images: Images, random_state: int = 0) -> Images:
    """Salt and pepper: 17 % of the pixels become black or white.

    Parameters and result as for `shot_noise`.
    """
    rng = np.random.default_rng(random_state)
    draw = rng.random(images.shape, dtype=np.float32)
    noisy = check_images(images).copy()
    noisy[draw < IMPULSES] = 0
    noisy[draw < IMPULSES / 2] = 255
    return noisy


def brightness(images: Images, random_state: int = 0) -> Images:
    """Half of full ink is added to every pixel; there is no chance in it.

    Parameters and result as for `shot_noise`.

    Examples
    --------
    >>> brightness(np.array([[[0, 100, 200]]], np.uint8)).tolist()
    [[[128, 228, 255]]]
    """
    return to_pictures(to_floats(images) + np.float32(LIGHTER))


def fog(images: Images, random_state: int = 0) -> Images:
    """A cloud three times as strong as the ink, scaled back to the picture's brightest value.

    The cloud is a plasma fractal of 256 x 256 of which a corner of 28 x 28 is seen. Parameters
    and result as for `shot_noise`.
    """
    rng = np.random.default_rng(random_state)
    ink = to_floats(images)
    height, width = images.shape[1:]
    foggy = np.empty_like(ink)
    for picture, out in zip(ink, foggy, strict=True):
        corner = plasma(FOG_MAP_PX, FOG_DECAY, rng)[:SIDE_PX, :SIDE_PX]
        brightest = picture.max()
        cloud = cv2.resize(corner, (width, height))
        out[:] = (picture + FOG * cloud) * brightest / (brightest + FOG)
    return to_pictures(foggy)


def plasma(side_px: int, decay: float, rng: np.random.Generator) -> Floats:
    """A cloud by the diamond-square method: float32, shape (side_px, side_px), values 0 to 1.

    Parameters
    ----------
    side_px
        A power of two.
    decay
        Above 1; each halving of the step divides the roughness by its square.

    References
    ----------
    Fournier, Fussell, Carpenter (1982), "Computer rendering of stochastic models", Commun. ACM
    25, 371-384; here edges meet, so that the cloud can be laid side by side.
    """
    field = np.zeros((side_px, side_px), np.float32)
    step, roughness = side_px, 1.0
    while step >= 2:
        half = step // 2
        corners = field[::step, ::step]
        down = corners + np.roll(corners, -1, axis=0)
        centres = _rough_mean(down + np.roll(down, -1, axis=1), roughness, rng)
        field[half::step, half::step] = centres
        across = corners + np.roll(corners, -1, axis=1)
        field[::step, half::step] = _rough_mean(
            across + centres + np.roll(centres, 1, axis=0), roughness, rng
        )
        field[half::step, ::step] = _rough_mean(
            down + centres + np.roll(centres, 1, axis=1), roughness, rng
        )
        step, roughness = half, roughness / decay**2
    low, high = field.min(), field.max()
    return np.asarray((field - low) / (high - low), np.float32)


def _rough_mean(sum_of_four: Floats, roughness: float, rng: np.random.Generator) -> Floats:
    noise = rng.uniform(-roughness, roughness, sum_of_four.shape)
    return (sum_of_four / 4 + noise).astype(np.float32)
