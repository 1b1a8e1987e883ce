"""What a bundle's scores are worth: probabilities, and thresholds that keep an error rate.

All of it is fitted on pictures that the net did not learn from. numpy alone is needed, so that
an install for reading can use it and can fit it anew.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hdalr.errors import DataError, ParameterError

MAX_NUMBERS = 2000  # points of a curve, thresholds, weights: more is no calibration of ours

Floats = NDArray[np.float64]
NUMBER = (int, float)


@dataclass(frozen=True)
class Calibration:
    """How scores become probabilities, and from which probability on a reading is accepted.

    Attributes
    ----------
    temperature
        What the logits are divided by before the softmax.
    intercept, weights
        Of the logistic map from a text's features, by name, to the probability that the text is
        right. Without weights there is no such map.
    thresholds
        Pairs of an error rate and the confidence from which on readings keep it; a threshold
        of None: no confidence is enough. In rising order of the error rate.
    curve
        The risk-coverage curve: triples of a confidence, the share of readings that have it or
        more, and the share of wrong ones among these.
    n
        Readings that the thresholds and the curve come from.
    data
        What these were, in a line.
    modes
        Calibrations of their own for readings among fewer labels, by the name of a mode:
        ``"digits"``, no letters may stand; ``"folded"``, capitals and small letters are not told
        apart. Their temperature is not used.

    Examples
    --------
    >>> calibration = Calibration(temperature=2.0, thresholds=((0.01, 0.9), (0.05, 0.6)))
    >>> calibration.probabilities(np.array([[0.0, 2 * np.log(3)]])).round(2)
    array([[0.25, 0.75]])
    >>> calibration.threshold(0.02)
    0.9
    """

    temperature: float = 1.0
    intercept: float = 0.0
    weights: Mapping[str, float] = field(default_factory=dict)
    thresholds: tuple[tuple[float, float | None], ...] = ()
    curve: tuple[tuple[float, float, float], ...] = ()
    n: int = 0
    data: str = ""
    modes: Mapping[str, Calibration] = field(default_factory=dict)

    def mode(self, name: str) -> Calibration:
        """The calibration of a mode; this one where the mode has none of its own."""
        return self.modes.get(name, self)

    def probabilities(self, logits: NDArray[np.floating[Any]]) -> Floats:
        """Softmax over the last axis at the calibrated temperature: the shape of the logits."""
        return np.exp(self.log_probabilities(logits))

    def log_probabilities(self, logits: NDArray[np.floating[Any]]) -> Floats:
        """Logarithms of `probabilities`, exact where these are next to 0."""
        scaled = np.asarray(logits, np.float64) / self.temperature
        scaled -= scaled.max(axis=-1, keepdims=True)
        shifted: Floats = scaled - np.log(np.exp(scaled).sum(axis=-1, keepdims=True))
        return shifted

    def text_probability(self, features: Mapping[str, float]) -> float:
        """Probability that a text is right, from the features of its decoding.

        Raises
        ------
        ParameterError
            If a feature that has a weight is not given, or is not finite.
        """
        score = self.intercept
        for name, weight in self.weights.items():
            if not math.isfinite(features.get(name, math.nan)):
                raise ParameterError(
                    f"feature {name}={features.get(name)!r}; expected finite numbers for "
                    f"{', '.join(self.weights)}"
                )
            score += weight * features[name]
        return float(logistic(score))

    def threshold(self, max_error: float) -> float:
        """Confidence from which on at most a share ``max_error`` of the readings is wrong.

        Taken from the nearest error rate in the table that is not larger; infinite, so that
        everything is rejected, where the calibration data cannot promise that rate.

        Raises
        ------
        ParameterError
            If the error rate is not in 0 to 1.
        """
        if not 0 <= max_error <= 1:  # also refuses NaN
            raise ParameterError(f"max_error={max_error!r} is not allowed; choose a share, 0 to 1")
        kept = [threshold for rate, threshold in self.thresholds if rate <= max_error]
        if max_error == 1:
            return 0.0
        return math.inf if not kept or kept[-1] is None else kept[-1]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, from which `from_json` makes an equal calibration."""
        return {
            "temperature": self.temperature,
            "intercept": self.intercept,
            "weights": dict(self.weights),
            "thresholds": [list(pair) for pair in self.thresholds],
            "curve": [list(point) for point in self.curve],
            "n": self.n,
            "data": self.data,
            "modes": {name: mode.to_json() for name, mode in self.modes.items()},
        }

    @classmethod
    def from_json(cls, content: Any, where: str = "calibration", *, inner: bool = False) -> Self:
        """Check and take what `to_json` gave; modes have none themselves (``inner``).

        Raises
        ------
        DataError
            If a field is missing, of another type, not finite or out of its range.
        """
        try:
            return cls(
                temperature=_in_range(content["temperature"], 1e-3, 1e3),
                intercept=_in_range(content["intercept"], -1e6, 1e6),
                weights={
                    str(name)[:60]: _in_range(weight, -1e6, 1e6)
                    for name, weight in _few(content["weights"]).items()
                },
                thresholds=_rising(
                    (_in_range(rate, 0, 1), None if start is None else _in_range(start, 0, 1))
                    for rate, start in _few(content["thresholds"])
                ),
                curve=tuple(
                    (_in_range(start, 0, 1), _in_range(coverage, 0, 1), _in_range(error, 0, 1))
                    for start, coverage, error in _few(content["curve"])
                ),
                n=int(_in_range(content["n"], 0, 1e12)),
                data=str(content["data"]),
                modes={
                    str(name)[:60]: cls.from_json(mode, f"{where}, mode {name!s:.40}", inner=True)
                    for name, mode in ({} if inner else _few(content.get("modes", {}))).items()
                },
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(f"{where}: {_reason(error)}") from error


def logistic(scores: Any) -> Any:
    """1 / (1 + exp(-score)), without overflow.

    Examples
    --------
    >>> logistic(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    small = np.exp(-np.abs(scores))
    return np.where(np.asarray(scores) >= 0, 1 / (1 + small), small / (1 + small))


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"the field {error} is missing; expected all fields of a calibration"
    return f"{error}; expected the fields of a calibration"[:300]


def _in_range(value: Any, lowest: float, highest: float) -> float:
    if type(value) not in NUMBER or not lowest <= value <= highest:  # also refuses NaN
        raise ValueError(f"{value!r:.40} where a number from {lowest} to {highest} should be")
    return float(value)


def _few(values: Any) -> Any:
    if len(values) > MAX_NUMBERS:
        raise ValueError(f"{len(values)} numbers where at most {MAX_NUMBERS} should be")
    return values


def _rising(pairs: Any) -> tuple[tuple[float, float | None], ...]:
    thresholds: Sequence[tuple[float, float | None]] = tuple(pairs)
    rates = [rate for rate, _ in thresholds]
    if rates != sorted(set(rates)):
        raise ValueError("thresholds whose error rates do not rise")
    return tuple(thresholds)
