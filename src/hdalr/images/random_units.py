"""Random units: features of features, which let a linear machine draw bent boundaries."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field

import numpy as np

from hdalr.errors import ParameterError
from hdalr.images.batch import Floats, Images
from hdalr.images.features import Features
from hdalr.images.hog import Hog


@dataclass(frozen=True)
class RandomUnits(Features):
    """Cosines of random projections: their dot product comes near a Gaussian kernel.

    With z(x) = √(2 / n) cos(W x + p), entries of W normal with variance 2 γ and p even over the
    circle, z(x)·z(y) is exp(-γ |x - y|²) on average, with an error that falls as 1 / √n. Nothing
    is learned: the weights follow from the seed.

    Parameters
    ----------
    of
        The features that are projected: oriented edges, counted in cells, if not said otherwise.
    n_units
        How many cosines, from 1 up.
    gamma
        Inverse width of the kernel, above 0.
    seed
        Of the weights.

    Raises
    ------
    ParameterError
        If a parameter is not allowed.

    References
    ----------
    Rahimi and Recht 2007, *Random features for large-scale kernel machines*. Random units behind
    fixed convolutions, with nothing but a linear readout learned, are McDonnell and Vladusich
    2015, *Enhanced image classification with a fast-learning shallow convolutional neural
    network*; their filters and their units are of another kind.

    Examples
    --------
    >>> RandomUnits(n_units=500)(np.zeros((2, 28, 28), np.uint8)).shape
    (2, 500)
    """

    of: Features = field(default_factory=Hog)
    n_units: int = 2000
    gamma: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.n_units < 1:
            raise ParameterError(
                f"n_units={self.n_units!r} is not allowed; choose an integer from 1 up"
            )
        if self.gamma <= 0:
            raise ParameterError(f"gamma={self.gamma!r} is not allowed; choose a number above 0")

    def __call__(self, images: Images) -> Floats:
        """One row a picture: float32, shape (n_images, n_units)."""
        vectors = self.of(images)
        weights, phases = _draw(vectors.shape[1], self.n_units, self.seed)
        angles = vectors @ weights
        angles *= np.float32(math.sqrt(2 * self.gamma))
        angles += phases
        units: Floats = np.cos(angles, out=angles)
        units *= np.float32(math.sqrt(2 / self.n_units))
        return units


@functools.lru_cache(maxsize=2)
def _draw(n_inputs: int, n_units: int, seed: int) -> tuple[Floats, Floats]:
    """Normal weights, shape (n_inputs, n_units), and phases, shape (n_units,)."""
    rng = np.random.default_rng(seed)
    weights = rng.standard_normal((n_inputs, n_units), dtype=np.float32)
    phases = rng.uniform(0, 2 * np.pi, n_units).astype(np.float32)
    weights.setflags(write=False)
    phases.setflags(write=False)
    return weights, phases
