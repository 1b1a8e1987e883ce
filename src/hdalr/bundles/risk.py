"""The error of what is accepted: curve, thresholds with a bound, calibration error.

Every function takes answers on pictures that the net did not learn from.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hdalr.bundles.calibration import Calibration
from hdalr.errors import ParameterError
from hdalr.evaluation.metrics import calibration_error, reliability_bins

ERROR_RATES = (0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5)
CERTAINTY = 0.9  # that an upper bound on the error holds
N_SEQUENCES = 5  # of thresholds that are tested from strict to lenient
MOST_POINTS = 200  # of a risk-coverage curve, and of thresholds that are tried

Floats = NDArray[np.float64]
Numbers = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]


def calibrate(
    confidence: Numbers,
    right: Flags,
    *,
    temperature: float = 1.0,
    intercept: float = 0.0,
    weights: dict[str, float] | None = None,
    data: str = "",
) -> Calibration:
    """Put a calibration together from the confidence of held-out readings.

    Parameters
    ----------
    confidence, right
        Of each reading, shape (n,): its calibrated confidence, and whether it is right.
    temperature, intercept, weights, data
        As in `Calibration`.

    Raises
    ------
    ParameterError
        As `risk_coverage` does.
    """
    thresholds = [(rate, threshold_for(rate, confidence, right)) for rate in ERROR_RATES]
    curve = risk_coverage(confidence, right)
    return Calibration(
        temperature=temperature,
        intercept=intercept,
        weights=weights or {},
        thresholds=tuple(thresholds),
        curve=tuple((float(a), float(b), float(c)) for a, b, c in curve),
        n=len(confidence),
        data=data,
    )


def risk_coverage(confidence: Numbers, right: Flags) -> Floats:
    """How many readings are accepted, and how many of these are wrong, at each confidence.

    Returns
    -------
    array
        Shape (n_points, 3), at most 200 points, in falling order of the confidence: a
        confidence, the share of readings that have it or more, the share of wrong among these.

    Raises
    ------
    ParameterError
        If shapes disagree, there is no reading, or a confidence is not in 0 to 1.

    Examples
    --------
    >>> risk_coverage(np.array([0.9, 0.8, 0.5]), np.array([True, False, True])).round(2)
    array([[0.9 , 0.33, 0.  ],
           [0.8 , 0.67, 0.5 ],
           [0.5 , 1.  , 0.33]])
    """
    starts, n_accepted, n_wrong = _accepted(confidence, right)
    rows = _thinned(len(starts))
    coverage = n_accepted / n_accepted[-1]
    return np.column_stack([starts, coverage, n_wrong / n_accepted])[rows]


def threshold_for(
    max_error: float, confidence: Numbers, right: Flags, certainty: float = CERTAINTY
) -> float | None:
    """Lowest confidence above which the error rate is, with some certainty, small enough.

    Parameters
    ----------
    max_error
        Share of wrong readings among the accepted ones, 0 to 1.
    confidence, right
        Of each reading, shape (n,): its confidence in 0 to 1, and whether it is right.
    certainty
        Probability with which the upper bound holds that Clopper and Pearson (1934) give.

    Returns
    -------
    float or None
        None if no threshold keeps the error rate.

    Raises
    ------
    ParameterError
        As `risk_coverage` does, or if an error rate or the certainty is not in 0 to 1.

    Notes
    -----
    The bound is that of Geifman and El-Yaniv (2017), "Selective classification for deep neural
    networks", section 3. In the place of their search we test in a fixed sequence, from strict
    to lenient, up to the first failure, so that the bound need not be divided among all the
    thresholds (Angelopoulos et al. 2021, "Learn then test", section 2.3); it is divided among
    five places at which a sequence begins, lest a few wrong among the surest end it at once.

    Examples
    --------
    >>> confidence = np.linspace(0, 1, 1000)
    >>> right = confidence > 0.2  # of these 1,000 readings, the least sure fifth is wrong
    >>> threshold = threshold_for(0.01, confidence, right)
    >>> 0.15 < threshold < 0.25
    True
    """
    for name, value in (("max_error", max_error), ("certainty", certainty)):
        if not 0 <= value <= 1:
            raise ParameterError(f"{name}={value!r} is not allowed; choose a number from 0 to 1")
    starts, n_accepted, n_wrong = _accepted(confidence, right)
    doubt = (1 - certainty) / N_SEQUENCES
    rows = _thinned(len(starts))
    rows = rows[[_keeps(0, n, max_error, doubt) for n in n_accepted[rows]]]
    beginnings = set(np.linspace(0, len(rows), N_SEQUENCES, endpoint=False).astype(int).tolist())
    threshold, going = None, False
    for place, row in enumerate(rows.tolist()):
        going = going or place in beginnings
        going = going and _keeps(n_wrong[row], n_accepted[row], max_error, doubt)
        if going:
            threshold = float(starts[row])
    return threshold


def upper_error(n_wrong: int, n: int, certainty: float = CERTAINTY) -> float:
    """Upper bound on an error rate that was seen as ``n_wrong`` of ``n``.

    References
    ----------
    Clopper and Pearson (1934), Biometrika 26, 404-413; one-sided.

    Examples
    --------
    >>> round(upper_error(0, 229), 4)  # 1 - 0.1 ** (1 / 229)
    0.01
    """
    if not 0 <= n_wrong <= n or n < 1:
        raise ParameterError(f"{n_wrong} wrong of {n}; expected 0 <= wrong <= all, at least one")
    if n_wrong == n:
        return 1.0
    low, high = n_wrong / n, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if binomial_cdf(n_wrong, n, middle) > 1 - certainty:
            low = middle
        else:
            high = middle
    return high


def expected_calibration_error(confidence: Numbers, right: Flags) -> float:
    """Mean gap between confidence and accuracy over 15 equal bins, weighted by readings.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger (2017), equation 3.

    Examples
    --------
    >>> expected_calibration_error(np.array([0.75] * 4), np.array([True, True, True, False]))
    0.0
    """
    confidence = _check_confidence(confidence)
    return calibration_error(reliability_bins(confidence, check_flags(right, len(confidence))))


def binomial_cdf(successes: int, n: int, probability: float) -> float:
    """Probability of at most so many successes in ``n`` trials.

    Examples
    --------
    >>> round(binomial_cdf(1, 2, 0.5), 6)
    0.75
    """
    if successes >= n or probability <= 0:
        return 1.0
    if probability >= 1:
        return 0.0
    counts = np.arange(successes + 1)
    log_ways = np.concatenate([[0.0], np.cumsum(np.log((n - counts[:-1]) / (counts[:-1] + 1)))])
    logs = log_ways + counts * math.log(probability) + (n - counts) * math.log1p(-probability)
    top = logs.max()
    return min(1.0, float(math.exp(top) * np.exp(logs - top).sum()))


def _accepted(confidence: Numbers, right: Flags) -> tuple[Floats, Floats, Floats]:
    """Distinct confidences, falling; readings at or above each; wrong ones among these."""
    confidence = _check_confidence(confidence)
    right = check_flags(right, len(confidence))
    order = np.argsort(-confidence, kind="stable")
    ordered, wrong = confidence[order], np.cumsum(~right[order])
    last = np.flatnonzero(np.append(np.diff(ordered) != 0, True))
    return ordered[last], (last + 1).astype(np.float64), wrong[last].astype(np.float64)


def _keeps(n_wrong: float, n: float, max_error: float, doubt: float) -> bool:
    """Whether the upper bound lies below ``max_error``: so few wrong would be improbable."""
    few = n_wrong <= max_error * n
    return bool(few and binomial_cdf(int(n_wrong), int(n), max_error) <= doubt)


def _thinned(n_points: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, n_points - 1, min(n_points, MOST_POINTS)).round().astype(int))


def _check_confidence(confidence: Numbers) -> Floats:
    values = np.asarray(confidence, np.float64)
    if values.ndim != 1 or not len(values) or not ((values >= 0) & (values <= 1)).all():
        raise ParameterError(
            f"confidences of shape {values.shape} that may not all be in 0 to 1; expected (n,), "
            "at least one"
        )
    return values


def check_flags(right: Flags, n: int) -> Flags:
    """Return ``right`` if it is one bool for each of ``n`` readings, else ParameterError."""
    flags = np.asarray(right)
    if flags.shape != (n,) or flags.dtype != np.bool_ or not n:
        raise ParameterError(
            f"right has shape {flags.shape} and type {flags.dtype}; expected bool of shape ({n},), "
            "at least one"
        )
    return flags
