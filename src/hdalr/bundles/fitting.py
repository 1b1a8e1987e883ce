"""Fits what turns scores into probabilities: the temperature, and a logistic map.

Both take answers on pictures that the net did not learn from.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdalr.bundles.calibration import logistic
from hdalr.bundles.risk import check_flags
from hdalr.errors import ParameterError

COLDEST, HOTTEST = 0.05, 20.0  # temperatures
MAX_STEPS = 100
LARGEST_LOGIT = 1e6  # whose square is far from the end of the floats
RIDGE = 1e-6  # on a logistic map's weights: keeps features that always agree apart

Floats = NDArray[np.float64]
Numbers = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]


def fit_temperature(logits: Numbers, labels: NDArray[np.integer[Any]]) -> float:
    """Temperature at which the softmax of the logits gives the labels the most probability.

    Parameters
    ----------
    logits
        Shape (n, n_outputs), finite.
    labels
        Index of the right output of each, shape (n,).

    Returns
    -------
    float
        0.05 to 20. Newton's method on the inverse of the temperature, in which the loss is
        convex.

    Raises
    ------
    ParameterError
        If shapes disagree, a logit is not finite or a label is out of range.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger (2017), "On calibration of modern neural networks", section 4.2.

    Examples
    --------
    Three of four are right where the logits say e^2 / (1 + e^2), that is 88 %:

    >>> logits = np.array([[2.0, 0.0]] * 4)
    >>> round(fit_temperature(logits, np.array([0, 0, 0, 1])), 3)  # 2 / ln 3
    1.82
    """
    scores: Floats = np.asarray(logits, np.float64)
    labels = np.asarray(labels)
    _check_logits(scores, labels)
    scores = scores - scores.max(axis=1, keepdims=True)
    own = scores[np.arange(len(labels)), labels]
    inverse = 1.0
    for _ in range(MAX_STEPS):
        weights = np.exp(inverse * scores)
        weights /= weights.sum(axis=1, keepdims=True)
        means = (weights * scores).sum(axis=1)
        slope = float((means - own).mean())
        bend = float(((weights * scores**2).sum(axis=1) - means**2).mean())
        # never more than twice or half at a step: far from the end the parabola misleads
        step = slope / bend if bend > 0 else math.copysign(inverse, slope)
        following = min(max(inverse - step, inverse / 2), inverse * 2)
        following = min(max(following, 1 / HOTTEST), 1 / COLDEST)
        if abs(following - inverse) < 1e-10 * inverse:
            break
        inverse = following
    return 1 / inverse


def fit_platt(scores: Numbers, right: Flags) -> tuple[float, Floats]:
    """Fit the logistic map from features of readings to the probability that they are right.

    Parameters
    ----------
    scores
        Shape (n,) or (n, n_features), finite.
    right
        Which readings are right, shape (n,), bool.

    Returns
    -------
    intercept, weights
        A float, and shape (n_features,). The targets are Platt's (n_right + 1) / (n_right + 2)
        and 1 / (n_wrong + 2) in the place of 1 and 0, so that readings that are all right do
        not give infinite weights.

    Raises
    ------
    ParameterError
        If shapes disagree, a score is not finite or there is no reading.

    References
    ----------
    Platt (1999), "Probabilistic outputs for support vector machines"; Lin, Lin, Weng (2007),
    Machine Learning 68, 267-276, for Newton's method with backtracking.

    Examples
    --------
    >>> intercept, weights = fit_platt(np.array([0.0, 0.0, 1.0, 1.0]), np.array([0, 0, 1, 1]) > 0)
    >>> logistic(intercept + weights * [0.0, 1.0]).round(3)
    array([0.25, 0.75])
    """
    features = np.atleast_2d(np.asarray(scores, np.float64).T).T
    right = check_flags(right, len(features))
    if features.ndim != 2 or not np.isfinite(features).all():
        raise ParameterError(
            f"scores of shape {np.shape(scores)} that may not all be finite; expected finite "
            "numbers (n,) or (n, n_features)"
        )
    middle, spread = features.mean(axis=0), features.std(axis=0)
    spread[spread == 0] = 1.0
    design = np.column_stack([np.ones(len(features)), (features - middle) / spread])
    solution = _newton(design, _platt_targets(right))
    weights = solution[1:] / spread
    return float(solution[0] - weights @ middle), weights


def _platt_targets(right: Flags) -> Floats:
    n_right = int(right.sum())
    n_wrong = len(right) - n_right
    return np.where(right, (n_right + 1) / (n_right + 2), 1 / (n_wrong + 2))


def _newton(design: Floats, targets: Floats) -> Floats:
    """Minimise the cross-entropy of a logistic map by Newton's method with backtracking."""
    solution = np.zeros(design.shape[1])
    ridge = RIDGE * len(design) * np.eye(design.shape[1])
    ridge[0, 0] = 0.0

    def loss(at: Floats) -> float:
        scores = design @ at
        return float((np.logaddexp(0, scores) - targets * scores).sum() + at @ ridge @ at / 2)

    for _ in range(MAX_STEPS):
        chances = logistic(design @ solution)
        slope = design.T @ (chances - targets) + ridge @ solution
        if np.abs(slope).max() < 1e-9 * len(design):
            break
        bend = (design * (chances * (1 - chances))[:, None]).T @ design + ridge
        step = np.linalg.solve(bend + 1e-12 * np.eye(len(bend)), slope)
        share, before = 1.0, loss(solution)
        while share > 1e-6 and loss(solution - share * step) > before:
            share /= 2
        solution = solution - share * step
    return solution


def _check_logits(logits: Numbers, labels: NDArray[np.integer[Any]]) -> None:
    if logits.ndim != 2 or 0 in logits.shape or not (np.abs(logits) <= LARGEST_LOGIT).all():
        raise ParameterError(
            f"logits of shape {logits.shape} that may not all be finite; expected (n, n_outputs), "
            f"at least one, none beyond {LARGEST_LOGIT:g}"
        )
    if labels.shape != (len(logits),) or not np.issubdtype(labels.dtype, np.integer):
        raise ParameterError(
            f"labels of shape {labels.shape} and type {labels.dtype}; expected integers of shape "
            f"({len(logits)},)"
        )
    if labels.min() < 0 or labels.max() >= logits.shape[1]:
        raise ParameterError(
            f"labels {labels.min()} to {labels.max()}; expected 0 to {logits.shape[1] - 1}"
        )
