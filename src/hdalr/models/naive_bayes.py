"""Gaussian naive Bayes on pixels or other features."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.naive_bayes import GaussianNB

from hdalr.images.batch import Images, Labels
from hdalr.images.features import Features
from hdalr.models.base import ImageClassifier, Probabilities, check_not_negative, exact_vectors


class GaussianNaiveBayes(ImageClassifier):
    """A normal distribution for each pixel and class, all pixels taken as independent.

    The hundreds of pixels are far from independent, so the likelihoods of the classes
    differ by hundreds of orders of magnitude and nearly all probabilities are 0 or 1. Of other
    features in the pixels' place the same is true.

    Parameters
    ----------
    var_smoothing
        Fraction of the largest pixel variance that is added to all variances, from 0 up.
        It keeps pixels that are always dark within a class from vetoing the class.
    features
        What is distributed; None for the pixels.

    Attributes
    ----------
    model_
        The fitted ``sklearn.naive_bayes.GaussianNB``, on pixels / 255 or the features.

    Examples
    --------
    >>> import numpy as np
    >>> images = np.array([[[0, 9]], [[9, 0]], [[200, 210]], [[210, 200]]], np.uint8)
    >>> GaussianNaiveBayes().fit(images, np.array([3, 3, 8, 8])).predict(images)
    array([3, 3, 8, 8])
    """

    model_: GaussianNB

    def __init__(self, var_smoothing: float = 1e-9, *, features: Features | None = None) -> None:
        self.var_smoothing = var_smoothing
        self.features = features

    def fit(self, images: Images, labels: Labels) -> Self:
        """Learn prior, means and variances of each class.

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
            If `var_smoothing` is below 0.
        """
        check_not_negative("var_smoothing", self.var_smoothing)
        indices = self._begin_fit(images, labels)
        self.model_ = GaussianNB(var_smoothing=self.var_smoothing)
        self.model_.fit(self._vectors(images), indices)
        return self

    def predict_proba(self, images: Images) -> Probabilities:
        """Probability of each class: shape (n_images, n_classes), columns as in `classes_`."""
        vectors = self._vectors(self._check_pictures(images))
        return self.model_.predict_proba(vectors)

    def _vectors(self, images: Images) -> NDArray[np.float64]:
        if self.features is None:
            return exact_vectors(images)
        return self.features(images).astype(np.float64)

    @property
    def n_parameters_(self) -> int:
        """A mean and a variance for each class and feature, and a prior for each class."""
        return int(self.model_.theta_.size + self.model_.var_.size + self.model_.class_prior_.size)
