"""Linear support vector machine on features, one hyperplane a class, with distorted copies."""

from __future__ import annotations

import functools
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hdalr.images.batch import Floats, Images, Labels
from hdalr.images.distortions import AS_HANDS_DIFFER, SEEDS, ArrayDistortion
from hdalr.images.features import Features, Pixels
from hdalr.models.base import (
    ImageClassifier,
    Probabilities,
    check_integer,
    check_positive,
)
from hdalr.models.hyperplanes import Planes, factor_curvature, fit_planes
from hdalr.models.pairwise import Margins, fit_temperature, log_probabilities

Rows = NDArray[np.intp]

CHUNK = 2048  # pictures at once
LEFT_OUT = 1 / 3  # share of the pictures that the temperature is fitted on


class LinearMachine(ImageClassifier):
    """One hyperplane a class, against all others, with the squared hinge loss.

    Each class's plane minimises |w|² / 2 + C Σ max(0, 1 - t (w·x + b))², where t is 1 for the
    class's pictures and -1 for all others; the class with the largest w·x + b is the answer. The
    planes are found in the space of the features (the primal), where the work grows with the
    number of pictures and not with its square: several copies of each picture can be learned.

    Parameters
    ----------
    C
        Price of a vector inside its margin, above 0.
    features
        What the planes divide; None for the pixels.
    n_copies
        Distorted copies to learn beside each picture, from 0 up.
    distortion
        How they are distorted.
    tolerance
        The minimiser ends where a step lowers the loss by less than this fraction, above 0.
    random_state
        Seed of the distortions and of the pictures that the temperature is fitted on.

    Attributes
    ----------
    planes_
        float32, shape (n_features + 1, n_classes): the normals, and below them the offsets.
    temperature_
        Divisor of the margins between two classes, fitted on a third of the pictures, which the
        planes leave out at first; then they learn from all.

    References
    ----------
    Cortes and Vapnik 1995, *Support-vector networks*; Chapelle 2007, *Training a support vector
    machine in the primal*. Chapelle takes Newton's steps plane by plane; here L-BFGS moves all
    planes at once, with the curvature evened out beforehand, which takes one factorisation.

    Examples
    --------
    >>> images = np.repeat(np.array([[[0, 9]], [[200, 210]]], np.uint8), 10, axis=0)
    >>> labels = np.repeat([3, 8], 10)
    >>> LinearMachine(random_state=0).fit(images, labels).predict(images[::10])
    array([3, 8])
    """

    planes_: Planes
    temperature_: float

    def __init__(
        self,
        C: float = 1.0,
        *,
        features: Features | None = None,
        n_copies: int = 0,
        distortion: ArrayDistortion = AS_HANDS_DIFFER,
        tolerance: float = 1e-4,
        random_state: int | None = None,
    ) -> None:
        self.C = C
        self.features = features
        self.n_copies = n_copies
        self.distortion = distortion
        self.tolerance = tolerance
        self.random_state = random_state

    def fit(self, images: Images, labels: Labels) -> Self:
        """Find the planes, and the temperature on the way.

        Parameters
        ----------
        images
            uint8, shape (n_images, height, width).
        labels
            Integers, shape (n_images,).

        Raises
        ------
        DataError
            If images and labels are not of these shapes and types.
        ParameterError
            If a parameter is not allowed.
        """
        self._check_parameters()
        indices = self._begin_fit(images, labels)
        rng = np.random.default_rng(self.random_state)
        left_out, kept = leave_out(indices, LEFT_OUT, rng)
        order = np.concatenate([left_out, kept])
        vectors = self._describe_copies(images[order], rng)
        n_each = 1 + self.n_copies
        self._fit_planes(vectors, np.repeat(indices[order], n_each), len(left_out) * n_each)
        return self

    def _check_parameters(self) -> None:
        check_positive("C", self.C)
        check_integer("n_copies", self.n_copies, at_least=0)
        check_positive("tolerance", self.tolerance)

    def _describe_copies(self, images: Images, rng: np.random.Generator) -> Floats:
        """Each picture's vector, those of its copies right after it."""
        n_each = 1 + self.n_copies
        n_values = self._describe(images[:1]).shape[1]
        vectors = np.empty((len(images), n_each, n_values), np.float32)
        for start in range(0, len(images), CHUNK):
            rows = slice(start, start + CHUNK)
            vectors[rows, 0] = self._describe(images[rows])
            for copy in range(1, n_each):
                distorted = self.distortion(images[rows], int(rng.integers(SEEDS)))
                vectors[rows, copy] = self._describe(distorted)
        return vectors.reshape(-1, n_values)

    def _describe(self, images: Images) -> Floats:
        """The features, and a column of 1 that the offsets are multiplied with."""
        vectors = (self.features or Pixels())(images)
        return np.pad(vectors, ((0, 0), (0, 1)), constant_values=1)

    def _fit_planes(self, vectors: Floats, indices: Labels, n_left_out: int) -> None:
        """Fit without the first vectors, find the temperature on them, go on with all."""
        fit = functools.partial(
            fit_planes,
            C=self.C,
            factor=factor_curvature(vectors, self.C),
            tolerance=self.tolerance,
        )
        level = np.zeros((vectors.shape[1], len(self.classes_)), np.float32)
        planes = fit(vectors[n_left_out:], indices[n_left_out:], start=level)
        unseen = slice(0, n_left_out, 1 + self.n_copies)  # the pictures without their copies
        pairs = between_pairs(vectors[unseen] @ planes)
        self.temperature_ = fit_temperature(pairs, indices[unseen])
        self.planes_ = fit(vectors, indices, start=planes)

    def predict_proba(self, images: Images) -> Probabilities:
        """Calibrated probability of each class: shape (n_images, n_classes)."""
        images = self._check_pictures(images)
        chunks = range(0, len(images), CHUNK)
        margins = [self._describe(images[i : i + CHUNK]) @ self.planes_ for i in chunks]
        pairs = between_pairs(np.concatenate(margins))
        return np.exp(log_probabilities(pairs, self.temperature_, len(self.classes_)))

    @property
    def n_parameters_(self) -> int:
        """A weight a feature and an offset for each class, and the temperature."""
        return int(self.planes_.size) + 1


def leave_out(indices: Labels, share: float, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Draw a share of each class, one picture at least: the rows left out and those kept.

    Examples
    --------
    >>> left_out, kept = leave_out(np.array([0, 0, 0, 0, 1]), 0.25, np.random.default_rng(0))
    >>> len(left_out), len(kept)
    (2, 3)
    """
    drawn = [rng.permutation(np.flatnonzero(indices == label)) for label in np.unique(indices)]
    sizes = [max(1, round(share * len(rows))) for rows in drawn]
    left_out = [rows[:size] for rows, size in zip(drawn, sizes, strict=True)]
    kept = [rows[size:] for rows, size in zip(drawn, sizes, strict=True)]
    return np.concatenate(left_out), np.concatenate(kept)


def between_pairs(margins: Floats) -> Margins:
    """By how much the first of each pair of classes leads the second.

    Examples
    --------
    >>> between_pairs(np.array([[5, 3, -1]]))
    array([[2., 6., 4.]])
    """
    first, second = np.triu_indices(margins.shape[1], 1)
    exact = margins.astype(np.float64)
    return exact[:, first] - exact[:, second]
