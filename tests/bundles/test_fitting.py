"""Temperature and logistic map: worked by hand, and against scipy and scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression
from tests.bundles.nets import draw_logits

from hdalr.bundles.calibration import logistic
from hdalr.bundles.fitting import fit_platt, fit_temperature
from hdalr.errors import ParameterError

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("sharpness", [0.2, 1.0, 3.0])
def test_temperature_undoes_how_much_too_sure_the_logits_are(sharpness: float) -> None:
    logits, labels = draw_logits(20_000, sharpness)
    assert fit_temperature(logits, labels) == pytest.approx(sharpness, rel=0.03)


def test_temperature_is_the_minimum_that_scipy_finds() -> None:
    logits, labels = draw_logits(300, 1.7)

    def loss(temperature: float) -> float:
        scaled = logits / temperature
        return float((np.log(np.exp(scaled).sum(1)) - scaled[np.arange(300), labels]).mean())

    expected = minimize_scalar(loss, bounds=(0.05, 20), method="bounded", options={"xatol": 1e-8})
    assert fit_temperature(logits, labels) == pytest.approx(expected.x, rel=1e-4)


def test_temperature_stays_in_bounds_where_all_or_none_are_right() -> None:
    logits = np.array([[3.0, 0.0], [0.0, 3.0]])
    assert fit_temperature(logits, np.array([0, 1])) == pytest.approx(0.05)
    assert fit_temperature(logits, np.array([1, 0])) == pytest.approx(20)
    assert math.isfinite(fit_temperature(np.zeros((2, 2)), np.array([1, 0])))


@pytest.mark.parametrize(
    ("logits", "labels"),
    [
        (np.zeros((2, 0)), np.zeros(2, int)),
        (np.zeros((0, 2)), np.zeros(0, int)),
        (np.full((1, 2), np.nan), np.zeros(1, int)),
        (np.full((1, 2), 1e300), np.zeros(1, int)),
        (np.zeros((2, 2)), np.zeros(2)),
        (np.zeros((2, 2)), np.array([0, 2])),
        (np.zeros((2, 2)), np.array([0])),
    ],
)
def test_wrong_logits_or_labels_are_refused(logits: np.ndarray, labels: np.ndarray) -> None:
    with pytest.raises(ParameterError, match="expected"):
        fit_temperature(logits, labels)


def test_platt_agrees_with_logistic_regression() -> None:
    features = RNG.normal(size=(4000, 2)) * [1.0, 50.0] + [0.0, 300.0]
    chances = logistic(0.5 + features @ [1.5, -0.02] + 6)
    right = RNG.random(4000) < chances
    intercept, weights = fit_platt(features, right)
    model = LogisticRegression(C=np.inf, max_iter=1000, tol=1e-10).fit(features, right)
    found = logistic(intercept + features @ weights)
    np.testing.assert_allclose(found, model.predict_proba(features)[:, 1], atol=0.01)


def test_platt_by_hand() -> None:
    # three of four right at both scores: targets 7/8 and 1/4, so (3 * 7/8 + 1/4) / 4 at each
    scores = np.array([0.0] * 4 + [1.0] * 4)
    right = np.array([True, True, True, False] * 2)
    intercept, weights = fit_platt(scores, right)
    assert weights == pytest.approx([0], abs=1e-6)
    assert logistic(intercept) == pytest.approx((3 * 7 / 8 + 1 / 4) / 4)


@pytest.mark.parametrize("right", [np.ones(50, bool), np.zeros(50, bool), np.arange(50) > 20])
def test_platt_stays_finite_where_the_features_tell_all(right: np.ndarray) -> None:
    intercept, weights = fit_platt(np.column_stack([np.arange(50)] * 3), right)
    assert np.isfinite([intercept, *weights]).all()
    chances = logistic(intercept + np.column_stack([np.arange(50)] * 3) @ weights)
    assert ((chances > 0.5) == right).all()
