"""Risk, coverage and thresholds: worked by hand, as properties, and against scipy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom
from tests.bundles.nets import draw_logits

from hdalr.bundles.fitting import fit_temperature
from hdalr.bundles.risk import (
    binomial_cdf,
    calibrate,
    expected_calibration_error,
    risk_coverage,
    threshold_for,
    upper_error,
)
from hdalr.errors import ParameterError


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=300))
def test_the_curve_ends_at_all_readings_and_their_error(readings: list[Any]) -> None:
    confidence, right = (np.array(column) for column in zip(*readings, strict=True))
    curve = risk_coverage(confidence, right)
    assert (np.diff(curve[:, 0]) < 0).all()
    assert (np.diff(curve[:, 1]) > 0).all()
    assert curve[-1].tolist() == [confidence.min(), 1, pytest.approx((~right).mean())]
    for start, coverage, error in curve:
        accepted = confidence >= start
        assert coverage == pytest.approx(accepted.mean())
        assert error == pytest.approx((~right[accepted]).mean())
    assert len(curve) <= 200


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=300),
    st.floats(0, 1),
)
def test_what_a_threshold_accepts_keeps_the_upper_bound(
    readings: list[Any], max_error: float
) -> None:
    confidence, right = (np.array(column) for column in zip(*readings, strict=True))
    threshold = threshold_for(max_error, confidence, right)
    if threshold is not None:
        accepted = confidence >= threshold
        wrong = int((~right[accepted]).sum())
        assert upper_error(wrong, int(accepted.sum())) <= max_error + 1e-9


def test_a_promise_of_one_in_a_hundred_takes_390_right_readings() -> None:
    # 0.99 ** 390 < 0.1 / 5 < 0.99 ** 389: a fifth of the doubt for each of five beginnings
    confidence = np.ones(390)
    assert threshold_for(0.01, confidence, confidence > 0) == 1
    assert threshold_for(0.01, confidence[1:], confidence[1:] > 0) is None


def test_a_promise_holds_on_new_readings() -> None:
    rng = np.random.default_rng(1)
    confidence = rng.random(200_000)
    right = rng.random(200_000) < 0.9 + 0.1 * confidence
    kept = []
    for part in range(40):
        rows = slice(part * 2500, (part + 1) * 2500)
        threshold = threshold_for(0.03, confidence[rows], right[rows])
        if threshold is not None:
            kept.append((~right[100_000:][confidence[100_000:] >= threshold]).mean())
    assert len(kept) >= 36
    assert np.mean(np.array(kept) <= 0.03) >= 0.9
    assert np.mean(kept) > 0.018  # and not by rejecting nearly all


def test_a_few_wrong_among_the_surest_do_not_end_the_search() -> None:
    confidence = np.linspace(1, 0, 10_000)
    right = np.ones(10_000, bool)
    right[:20] = False
    threshold = threshold_for(0.01, confidence, right)
    assert threshold is not None
    assert threshold < 0.1


@pytest.mark.parametrize(("wrong", "n"), [(0, 5), (3, 10), (40, 1000), (999, 1000)])
def test_the_upper_error_is_clopper_and_pearsons(wrong: int, n: int) -> None:
    assert upper_error(wrong, n) == pytest.approx(beta.ppf(0.9, wrong + 1, n - wrong))
    assert upper_error(n, n) == 1


@pytest.mark.parametrize(("k", "n", "p"), [(0, 1, 0.3), (5, 9, 0.5), (900, 100_000, 0.01)])
def test_the_binomial_is_scipys(k: int, n: int, p: float) -> None:
    assert binomial_cdf(k, n, p) == pytest.approx(binom.cdf(k, n, p), rel=1e-8)


def test_calibration_error_by_hand() -> None:
    confidence = np.array([0.9, 0.9, 0.3, 0.3])
    right = np.array([True, True, False, True])
    assert expected_calibration_error(confidence, right) == pytest.approx(0.5 * 0.1 + 0.5 * 0.2)


@pytest.mark.parametrize(
    ("confidence", "right"),
    [
        (np.array([]), np.array([], bool)),
        (np.array([0.5, np.nan]), np.ones(2, bool)),
        (np.array([0.5, 1.5]), np.ones(2, bool)),
        (np.array([0.5]), np.ones(2, bool)),
        (np.array([0.5]), np.array([1])),
    ],
)
def test_wrong_confidences_are_refused(confidence: np.ndarray, right: np.ndarray) -> None:
    for function in (risk_coverage, expected_calibration_error):
        with pytest.raises(ParameterError, match="expected"):
            function(confidence, right)
    with pytest.raises(ParameterError, match="expected"):
        threshold_for(0.1, confidence, right)


def test_a_whole_calibration_can_be_stored_and_promises_what_it_saw() -> None:
    logits, labels = draw_logits(5000, 2.0)
    temperature = fit_temperature(logits, labels)
    scaled = np.exp(logits / temperature)
    chances = scaled / scaled.sum(axis=1, keepdims=True)
    right = chances.argmax(axis=1) == labels
    found = calibrate(chances.max(axis=1), right, temperature=temperature, data="drawn")
    assert type(found).from_json(found.to_json()) == found
    assert found.n == 5000
    start = found.threshold(0.1)
    assert (~right[chances.max(axis=1) >= start]).mean() < 0.1
    assert expected_calibration_error(chances.max(axis=1), right) < 0.03
