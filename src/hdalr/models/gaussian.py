"""Normal distributions of each class, with covariances, on features."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.special import logsumexp, softmax
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from hdalr.images.batch import Images, Labels
from hdalr.images.features import Features, Pixels
from hdalr.models.base import ImageClassifier, Probabilities, check_fraction, check_integer

FLOOR = 1e-3  # of the mean variance, added to every variance: no direction is without spread
FEWEST = 20  # pictures a distribution, on the mean over its class
CHUNK = 4096  # pictures at once

Vectors = NDArray[np.float64]  # (n_vectors, n_components)
Matrix = NDArray[np.float64]  # (n_components, n_components)


class GaussianClasses(ImageClassifier):
    """Each class is one normal distribution or several; Bayes' rule answers.

    The features are turned onto their first principal components and scaled so that the mean
    covariance within the classes is the identity. Each class's vectors fall into clusters by
    k-means, and each cluster is one distribution. A cluster's covariance is shrunk towards the mean
    one of all clusters, since a few hundred vectors do not tell thousands of covariances.

    Parameters
    ----------
    features
        What is distributed; None for the pixels.
    n_components
        Principal components kept, from 1 up; no more than features or pictures allow.
    n_gaussians
        Distributions a class, from 1 up; 1 is the quadratic discriminant. A class of few
        pictures has fewer.
    shrinkage
        Weight of the mean covariance, from 0 to below 1.
    random_state
        Seed of k-means.

    Attributes
    ----------
    pca_
        The fitted ``sklearn.decomposition.PCA``.
    scaling_
        Upper triangular, shape (n_components, n_components): components times this have the
        identity as their mean covariance within classes.
    owners_
        Index of the class of each distribution, shape (n_distributions,).
    log_weights_
        Logarithm of each distribution's share of the pictures, shape (n_distributions,).
    means_
        Shape (n_distributions, n_components), scaled.
    whiteners_
        The same for each distribution's covariance as `scaling_` for the mean one, shape
        (n_distributions, n_components, n_components).

    References
    ----------
    Friedman 1989, *Regularized discriminant analysis*, section 3; Hastie and Tibshirani 1996,
    *Discriminant analysis by Gaussian mixtures*. The first shrinks one covariance a class
    towards the mean one and then towards a sphere, which is left out here. The second shares one
    covariance among all, and finds clusters by the EM algorithm; here each cluster has its own,
    and k-means alone assigns.

    Examples
    --------
    >>> images = np.array([[[0, 9]], [[9, 0]], [[200, 210]], [[210, 200]]], np.uint8)
    >>> GaussianClasses().fit(images, np.array([3, 3, 8, 8])).predict(images)
    array([3, 3, 8, 8])
    """

    pca_: PCA
    scaling_: Matrix
    owners_: NDArray[np.intp]
    log_weights_: NDArray[np.float64]
    means_: Vectors
    whiteners_: NDArray[np.float64]

    def __init__(
        self,
        *,
        features: Features | None = None,
        n_components: int = 100,
        n_gaussians: int = 1,
        shrinkage: float = 0.3,
        random_state: int | None = None,
    ) -> None:
        self.features = features
        self.n_components = n_components
        self.n_gaussians = n_gaussians
        self.shrinkage = shrinkage
        self.random_state = random_state

    def fit(self, images: Images, labels: Labels) -> Self:
        """Find components, clusters and covariances.

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
        check_integer("n_components", self.n_components, at_least=1)
        check_integer("n_gaussians", self.n_gaussians, at_least=1)
        check_fraction("shrinkage", self.shrinkage)
        indices = self._begin_fit(images, labels)
        vectors = self._fit_scale(images, indices)
        clusters = self._find_clusters(vectors, indices)
        counts = np.bincount(clusters)
        self.log_weights_ = np.log(counts / len(clusters))
        self.means_ = _means(vectors, clusters)
        mean_covariance = _covariance(vectors - self.means_[clusters])
        self.whiteners_ = np.stack(
            [
                self._whitener(vectors[clusters == number] - mean, mean_covariance)
                for number, mean in enumerate(self.means_)
            ]
        )
        return self

    def _fit_scale(self, images: Images, indices: Labels) -> Vectors:
        """Learn components and scale; the scaled components of the pictures."""
        features = (self.features or Pixels())(images)
        n_components = min(self.n_components, *features.shape)
        self.pca_ = PCA(n_components, random_state=self.random_state).fit(features)
        # Sums of float32 differ from call to call, by more than the whiteners bear.
        self.pca_.components_ = self.pca_.components_.astype(np.float64)
        self.pca_.mean_ = self.pca_.mean_.astype(np.float64)
        components = self._project(features)
        within = _covariance(components - _means(components, indices)[indices])
        self.scaling_ = _whiten(within)
        return components @ self.scaling_

    def _project(self, features: NDArray[np.float32]) -> Vectors:
        """Their components, in float64: float32 sums differ with the pictures beside a picture."""
        chunks = range(0, len(features), CHUNK)
        transform = self.pca_.transform
        return np.concatenate([transform(features[start : start + CHUNK]) for start in chunks])

    def _find_clusters(self, vectors: Vectors, indices: Labels) -> NDArray[np.intp]:
        """Number each vector's cluster, class after class; learn whose they are."""
        clusters = np.empty(len(vectors), np.intp)
        owners: list[int] = []
        for index in range(len(self.classes_)):
            rows = np.flatnonzero(indices == index)
            n_clusters = max(1, min(self.n_gaussians, len(rows) // FEWEST))
            k_means = KMeans(n_clusters, n_init=1, random_state=self.random_state)
            _, numbers = np.unique(k_means.fit_predict(vectors[rows]), return_inverse=True)
            clusters[rows] = len(owners) + numbers
            owners += [index] * (numbers.max() + 1)
        self.owners_ = np.array(owners)
        return clusters

    def _whitener(self, differences: Vectors, mean_covariance: Matrix) -> Matrix:
        own = _covariance(differences)
        return _whiten((1 - self.shrinkage) * own + self.shrinkage * mean_covariance)

    def predict_proba(self, images: Images) -> Probabilities:
        """Probability of each class: shape (n_images, n_classes), columns as in `classes_`."""
        images = self._check_pictures(images)
        chunks = range(0, len(images), CHUNK)
        return np.concatenate([self._answer(images[start : start + CHUNK]) for start in chunks])

    def _answer(self, images: Images) -> Probabilities:
        vectors = self._project((self.features or Pixels())(images)) @ self.scaling_
        parts = zip(self.log_weights_, self.means_, self.whiteners_, strict=True)
        scores = np.stack(
            [w + _log_density(vectors, mean, root) for w, mean, root in parts], axis=1
        )
        classes = range(len(self.classes_))
        joint = [logsumexp(scores[:, self.owners_ == index], axis=1) for index in classes]
        return softmax(np.stack(joint, axis=1), axis=1)

    @property
    def n_parameters_(self) -> int:
        """Components and their centre, the scale, and each distribution's weight and moments."""
        n_distributions, n_components = self.means_.shape
        triangle = n_components * (n_components + 1) // 2
        turn = self.pca_.components_.size + self.pca_.mean_.size + triangle
        return int(turn + n_distributions * (1 + n_components + triangle))


def _means(vectors: Vectors, numbers: NDArray[np.integer]) -> Vectors:
    """Mean of the vectors of each number from 0 up."""
    return np.stack([vectors[numbers == n].mean(axis=0) for n in range(numbers.max() + 1)])


def _covariance(differences: Vectors) -> Matrix:
    covariance: Matrix = differences.T @ differences / len(differences)
    return covariance


def _whiten(covariance: Matrix) -> Matrix:
    """Upper triangular: a vector with this covariance times it has the identity."""
    size = len(covariance)
    spread = np.trace(covariance) / size
    floored = covariance + (FLOOR * spread or 1.0) * np.eye(size)
    root = np.linalg.cholesky(floored)
    return solve_triangular(root, np.eye(size), lower=True).T


def _log_density(vectors: Vectors, mean: Vectors, whitener: Matrix) -> NDArray[np.float64]:
    """Logarithm of the normal density, but for a constant: shape (n_vectors,)."""
    distances = ((vectors - mean) @ whitener) ** 2
    return np.log(np.diag(whitener)).sum() - distances.sum(axis=1) / 2
