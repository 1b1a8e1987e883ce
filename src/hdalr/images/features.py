"""Features: what turns pictures into the vectors that a classical model learns from."""

from __future__ import annotations

from dataclasses import dataclass

from hdalr.images.batch import Floats, Images, to_vectors


@dataclass(frozen=True)
class Features:
    """Base of the features: a small settings object that is called on a batch.

    Nothing is learned, so that training and test pictures are treated alike and a recipe holds
    the settings as data. An estimator takes one as its parameter ``features``.
    """

    def __call__(self, images: Images) -> Floats:
        """One row a picture: float32, shape (n_images, n_features)."""
        raise NotImplementedError


@dataclass(frozen=True)
class Pixels(Features):
    """Ink fractions, 0 to 1, row by row.

    Examples
    --------
    >>> import numpy as np
    >>> Pixels()(np.full((2, 3, 4), 255, np.uint8)).shape
    (2, 12)
    """

    def __call__(self, images: Images) -> Floats:
        """One row a picture: float32, shape (n_images, height * width)."""
        return to_vectors(images)
