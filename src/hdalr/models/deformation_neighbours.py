"""k-nearest neighbours under a distance that lets every pixel move a little."""

from __future__ import annotations

from typing import Self

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from hdalr.errors import DataError
from hdalr.images.batch import Floats, Images, Labels, to_floats
from hdalr.images.hog import blur
from hdalr.images.moments import deskew
from hdalr.models.base import (
    ImageClassifier,
    Probabilities,
    check_integer,
    check_not_negative,
    check_positive,
)
from hdalr.models.deformation import find_nearest

CHUNK_IMAGES = 100  # bounds the distance matrix: 24 MB against 60,000 training images
NOTHING = 1e-9  # stands in for a distance of 0: any other is 1 at least, they are whole numbers
PRIOR_VOTES = 0.001  # that every class has; log loss on held-out digits .024, with .01 twice that


class DeformationNeighbours(ImageClassifier):
    """Weighted vote of the training images that the picture can be distorted to most easily.

    The Euclidean distance between blurred pictures draws up a shortlist, the image distortion
    model (`hdalr.models.deformation`) ranks it. A neighbour at distance d has a vote of
    ``exp(-(d / nearest - 1) / temperature)``, so that the nearest has 1; the probability of a
    class is its share of the votes, each class having 0.001 votes more.

    Parameters
    ----------
    n_neighbors
        How many neighbours vote, from 1 up and at most the number of training images.
    n_candidates
        Length of the shortlist, from `n_neighbors` up; at most all training images are on it.
    warp_px, context_px
        How far a pixel may move in each direction, and how many pixels on each side of it are
        compared along with it, from 0 up.
    temperature
        By what share a distance grows until its vote has fallen to 1/e, above 0.
    upright
        Whether the slant is taken out first (`hdalr.images.moments.deskew`).
    blur_px
        Standard deviation of the Gaussian blur before the shortlist, from 0 up.
    n_jobs
        Number of processor cores; ``None`` for one, -1 for all.

    Attributes
    ----------
    pictures_
        The training images as they are compared: uint8, shape (n_images, height, width).
    vectors_
        The same, blurred, for the shortlist: float32, shape (n_images, height * width).
    indices_
        Their classes, as indices of `classes_`: shape (n_images,).

    References
    ----------
    Keysers, Deselaers, Gollan and Ney 2007, *Deformation models for image recognition*, IEEE
    PAMI 29(8). There the three nearest vote alike, and nothing is said of a slant.

    Examples
    --------
    >>> images = np.zeros((4, 6, 6), np.uint8)
    >>> images[0, 2, 1:5] = images[1, 3, 1:5] = 200  # a lying stroke, and one row lower
    >>> images[2, 1:5, 2] = images[3, 1:5, 3] = 200  # a standing one, and one column further
    >>> model = DeformationNeighbours(n_neighbors=1, n_candidates=2)
    >>> model.fit(images[[0, 2]], np.array([5, 7])).predict(images[[1, 3]])
    array([5, 7])
    """

    pictures_: Images
    vectors_: Floats
    indices_: Labels

    def __init__(
        self,
        n_neighbors: int = 10,
        n_candidates: int = 500,
        warp_px: int = 2,
        context_px: int = 1,
        temperature: float = 0.1,
        upright: bool = True,
        blur_px: float = 0.7,
        n_jobs: int | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.n_candidates = n_candidates
        self.warp_px = warp_px
        self.context_px = context_px
        self.temperature = temperature
        self.upright = upright
        self.blur_px = blur_px
        self.n_jobs = n_jobs

    def fit(self, images: Images, labels: Labels) -> Self:
        """Keep the training images.

        Parameters
        ----------
        images
            uint8, shape (n_images, height, width).
        labels
            Integers, shape (n_images,).

        Raises
        ------
        DataError
            If images and labels are not of these shapes and types, or fewer than neighbours.
        ParameterError
            If a parameter is not allowed.
        """
        self._check_parameters()
        self.indices_ = self._begin_fit(images, labels)
        if len(images) < self.n_neighbors:
            raise DataError(
                f"training images: found {len(images)}; "
                f"expected at least n_neighbors={self.n_neighbors}"
            )
        self.pictures_ = self._straighten(images)
        self.vectors_ = self._soften(self.pictures_)
        return self

    def predict_proba(self, images: Images) -> Probabilities:
        """Share of each class in the votes: shape (n_images, n_classes)."""
        pictures = self._straighten(self._check_pictures(images))
        norms = np.einsum("ij,ij->i", self.vectors_, self.vectors_)
        chunks = range(0, len(pictures), CHUNK_IMAGES)
        run = Parallel(n_jobs=self.n_jobs, prefer="threads")
        shares = run(
            delayed(self._answer)(pictures[at : at + CHUNK_IMAGES], norms) for at in chunks
        )
        return np.concatenate(list(shares))

    @property
    def n_parameters_(self) -> int:
        """Two values a pixel, as it is and blurred, and the label of every training image."""
        return self.pictures_.size + self.vectors_.size + self.indices_.size

    def _check_parameters(self) -> None:
        check_integer("n_neighbors", self.n_neighbors, at_least=1)
        check_integer("n_candidates", self.n_candidates, at_least=self.n_neighbors)
        check_integer("warp_px", self.warp_px, at_least=0)
        check_integer("context_px", self.context_px, at_least=0)
        check_positive("temperature", self.temperature)
        check_not_negative("blur_px", self.blur_px)

    def _straighten(self, images: Images) -> Images:
        """A copy of the pictures, upright if asked: one type of array for the compiler."""
        return deskew(images) if self.upright else images.copy()

    def _soften(self, pictures: Images) -> Floats:
        ink = to_floats(pictures)
        return (blur(ink, self.blur_px) if self.blur_px else ink).reshape(len(ink), -1)

    def _answer(self, pictures: Images, norms: Floats) -> Probabilities:
        distances, rows = find_nearest(
            pictures,
            self.pictures_,
            self._shortlist(self._soften(pictures), norms),
            self.n_neighbors,
            self.warp_px,
            self.context_px,
        )
        votes = weigh_votes(distances, self.temperature)
        counts = np.full((len(pictures), len(self.classes_)), PRIOR_VOTES)
        np.add.at(counts, (np.arange(len(rows))[:, None], self.indices_[rows]), votes)
        shares: Probabilities = counts / counts.sum(axis=1, keepdims=True)
        return shares

    def _shortlist(self, vectors: Floats, norms: Floats) -> NDArray[np.int64]:
        """Rows of the nearest training images by Euclidean distance, the nearest first."""
        distances = norms - 2 * vectors @ self.vectors_.T
        n = min(self.n_candidates, len(norms))
        rows = np.argpartition(distances, n - 1, axis=1)[:, :n]
        order = np.take_along_axis(distances, rows, axis=1).argsort(axis=1, kind="stable")
        return np.take_along_axis(rows, order, axis=1)


def weigh_votes(distances: Floats, temperature: float) -> NDArray[np.float64]:
    """Votes that fall with the distance, as a multiple of the smallest one in the row.

    Where the smallest distance is 0, only those at 0 have a vote.

    Parameters
    ----------
    distances
        From 0 up, rising along the rows, shape (n_images, n_neighbors).
    temperature
        By what share a distance grows until its vote has fallen to 1/e, above 0.

    Returns
    -------
    ndarray of float64
        Of the same shape, from 0 to 1.

    Examples
    --------
    >>> weigh_votes(np.array([[100.0, 100.0, 120.0]], np.float32), temperature=0.2).round(2)
    array([[1.  , 1.  , 0.37]])
    """
    nearest = distances[:, :1].astype(np.float64)
    scale = np.maximum(temperature * nearest, NOTHING)
    return np.exp(-(distances - nearest) / scale)
