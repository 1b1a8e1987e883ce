"""Distorted copies of the training pictures, as the vectors that a classical model learns from."""

from __future__ import annotations

import numpy as np

from hdalr.images.batch import Floats, Images
from hdalr.images.distortions import SEEDS, ArrayDistortion
from hdalr.images.features import Features


def describe_copies(
    images: Images,
    features: Features,
    n_copies: int,
    distortion: ArrayDistortion,
    random_state: int,
) -> Floats:
    """Describe the pictures as they are, and so many distorted copies of each.

    Parameters
    ----------
    images
        uint8, shape (n_images, height, width).
    features
        What describes them.
    n_copies
        Copies of each picture, from 0 up.
    distortion
        How a copy differs from its picture.
    random_state
        Seed of the distortions.

    Returns
    -------
    ndarray of float32
        Shape (1 + n_copies, n_images, n_features); the first are the pictures themselves.

    Examples
    --------
    >>> from hdalr.images.features import Pixels
    >>> images = np.full((2, 3, 4), 255, np.uint8)
    >>> describe_copies(images, Pixels(), 5, ArrayDistortion(shift_px=1), random_state=0).shape
    (6, 2, 12)
    """
    seeds = np.random.default_rng(random_state).integers(SEEDS, size=n_copies)
    first = features(images)
    vectors = np.empty((1 + n_copies, *first.shape), np.float32)
    vectors[0] = first
    for copy, seed in enumerate(seeds, start=1):
        vectors[copy] = features(distortion(images, int(seed)))
    return vectors
