"""What all models share: the face of an image classifier, and the checks at its door."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, TypeGuard

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from hdalr.errors import DataError, ParameterError
from hdalr.images.batch import Images, Labels, check_images, to_vectors

Probabilities = NDArray[np.floating[Any]]  # (n_images, n_classes), rows add up to 1


class ImageClassifier(ClassifierMixin, BaseEstimator):
    """Base of the estimators from pictures to labels.

    A subclass writes `fit`, `predict_proba` and `n_parameters_`. Its `fit` begins with
    `_begin_fit`, its `predict_proba` with `_check_pictures`; inside, a label is an index
    into `classes_`, so that labels may be any integers.

    Attributes
    ----------
    classes_
        The labels seen in `fit`, in rising order, shape (n_classes,).
    image_shape_
        Height and width in pixels of the pictures seen in `fit`.
    trains_in_epochs
        Whether `fit` also takes ``validation``, ``checkpoint``, ``key`` and ``on_progress``.
    fits_folds
        Whether `fit` judges settings by cross-validation, so that joblib can spread the folds.
    """

    trains_in_epochs: ClassVar[bool] = False
    fits_folds: ClassVar[bool] = False
    classes_: Labels
    image_shape_: tuple[int, int]

    def predict_proba(self, images: Images) -> Probabilities:
        """Probability of each class: shape (n_images, n_classes), columns as in `classes_`."""
        raise NotImplementedError

    @property
    def n_parameters_(self) -> int:
        """How many numbers the fitted model holds."""
        raise NotImplementedError

    def predict(self, images: Images) -> Labels:
        """Most probable label of each picture.

        Parameters
        ----------
        images
            uint8, shape (n_images, height, width), of the size seen in `fit`.

        Returns
        -------
        Labels
            Shape (n_images,), each one of `classes_`; of equal ones the first.

        Raises
        ------
        DataError
            If the pictures are of another size than those seen in `fit`.
        sklearn.exceptions.NotFittedError
            If `fit` has not been called.
        """
        best = self.predict_proba(images).argmax(axis=1)
        return self.classes_[best]

    def _begin_fit(self, images: Images, labels: Labels) -> Labels:
        """Check the training data, learn size and classes; the labels as indices of classes."""
        check_images(images, "training images")
        labels = np.asarray(labels)
        if labels.shape != (len(images),) or not np.issubdtype(labels.dtype, np.integer):
            raise DataError(
                f"training labels: shape {labels.shape} and type {labels.dtype}; "
                f"expected integers of shape ({len(images)},), one a picture"
            )
        classes, indices = np.unique(labels, return_inverse=True)
        if len(classes) < 2:
            raise DataError(
                f"training labels: found one class, {classes[0]}; expected at least two"
            )
        self.classes_ = classes
        self.image_shape_ = (images.shape[1], images.shape[2])
        return indices

    def _check_pictures(self, images: Images) -> Images:
        """Return the pictures to predict if they are of the size seen in `fit`."""
        check_is_fitted(self, "classes_")
        check_images(images)
        if images.shape[1:] != self.image_shape_:
            raise DataError(
                f"images: pictures are {_size(images.shape[1:])} pixels; this "
                f"{type(self).__name__} was fitted on {_size(self.image_shape_)} pixels"
            )
        return images


def exact_vectors(images: Images) -> NDArray[np.float64]:
    """One row of ink fractions a picture, in double precision: (n_images, height * width).

    Where models sum over thousands of pictures, single precision rounds visibly: the variance
    of a pixel that never changes comes out as large as the default smoothing of naive Bayes,
    and stock and accelerated support vector machines part.
    """
    return to_vectors(images).astype(np.float64)


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Raise ParameterError unless ``value`` is one of at least two ``choices``.

    Examples
    --------
    >>> check_choice("kernel", "cubic", ("linear", "rbf"))
    Traceback (most recent call last):
    hdalr.errors.ParameterError: kernel='cubic' is not allowed; choose linear or rbf
    """
    if value not in choices:
        raise _not_allowed(name, value, f"{', '.join(choices[:-1])} or {choices[-1]}")


def check_integer(name: str, value: object, at_least: int) -> None:
    """Raise ParameterError unless ``value`` is an integer of ``at_least`` or more.

    Examples
    --------
    >>> check_integer("n_neighbors", 0, at_least=1)
    Traceback (most recent call last):
    hdalr.errors.ParameterError: n_neighbors=0 is not allowed; choose an integer from 1 up
    """
    if not isinstance(value, Integral) or isinstance(value, bool) or value < at_least:
        raise _not_allowed(name, value, f"an integer from {at_least} up")


def check_positive(name: str, value: object) -> None:
    """Raise ParameterError unless ``value`` is a finite number above 0.

    Examples
    --------
    >>> check_positive("C", -1.0)
    Traceback (most recent call last):
    hdalr.errors.ParameterError: C=-1.0 is not allowed; choose a number above 0
    """
    if not _is_finite(value) or value <= 0:
        raise _not_allowed(name, value, "a number above 0")


def check_not_negative(name: str, value: object) -> None:
    """Raise ParameterError unless ``value`` is a finite number from 0 up.

    Examples
    --------
    >>> check_not_negative("var_smoothing", "none")
    Traceback (most recent call last):
    hdalr.errors.ParameterError: var_smoothing='none' is not allowed; choose a number from 0 up
    """
    if not _is_finite(value) or value < 0:
        raise _not_allowed(name, value, "a number from 0 up")


def check_fraction(name: str, value: object) -> None:
    """Raise ParameterError unless ``value`` is a number from 0 to below 1.

    Examples
    --------
    >>> check_fraction("dropout", 1)
    Traceback (most recent call last):
    hdalr.errors.ParameterError: dropout=1 is not allowed; choose a number from 0 to below 1
    """
    if not _is_finite(value) or not 0 <= value < 1:
        raise _not_allowed(name, value, "a number from 0 to below 1")


def _is_finite(value: object) -> TypeGuard[float]:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _not_allowed(name: str, value: object, choices: str) -> ParameterError:
    return ParameterError(f"{name}={value!r} is not allowed; choose {choices}")


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(str(side) for side in shape)
