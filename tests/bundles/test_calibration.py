"""A calibration in use, on disk, and made up by a stranger."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hdalr.bundles import Calibration
from hdalr.bundles.calibration import logistic
from hdalr.errors import DataError, ParameterError

WHOLE = Calibration(
    temperature=1.25,
    intercept=-0.5,
    weights={"margin": 2.0, "length": -0.25},
    thresholds=((0.001, None), (0.01, 0.9), (0.05, 0.4)),
    curve=((0.9, 0.5, 0.01), (0.4, 1.0, 0.05)),
    n=1000,
    data="1,000 kept-back pictures",
)


@given(
    logits=arrays(np.float32, (3, 4), elements=st.floats(-1e4, 1e4, width=32)),
    temperature=st.floats(0.05, 20),
)
def test_probabilities_add_up_and_keep_the_order(logits: np.ndarray, temperature: float) -> None:
    probabilities = Calibration(temperature).probabilities(logits)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    best = probabilities[np.arange(3), logits.argmax(axis=1)]
    assert (best == probabilities.max(axis=1)).all()


def test_a_higher_temperature_is_less_sure() -> None:
    logits = np.array([[2.0, 0.0]])
    assert Calibration(1.0).probabilities(logits)[0, 0] == pytest.approx(
        math.e**2 / (1 + math.e**2)
    )
    assert Calibration(2.0).probabilities(logits)[0, 0] == pytest.approx(math.e / (1 + math.e))
    assert logits.tolist() == [[2.0, 0.0]]


def test_log_probabilities_stay_finite_where_probabilities_vanish() -> None:
    assert Calibration().log_probabilities(np.array([0.0, 1e4]))[0] == -1e4


def test_a_text_is_right_with_the_logistic_of_its_features() -> None:
    found = WHOLE.text_probability({"margin": 1.0, "length": 4.0, "other": math.nan})
    assert found == pytest.approx(1 / (1 + math.exp(-0.5)))


@pytest.mark.parametrize("features", [{"margin": 1.0}, {"margin": math.nan, "length": 1.0}])
def test_a_missing_feature_is_refused(features: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match="expected finite numbers for margin, length"):
        WHOLE.text_probability(features)


@pytest.mark.parametrize(
    ("max_error", "threshold"),
    [(0.0, math.inf), (0.001, math.inf), (0.01, 0.9), (0.049, 0.9), (0.5, 0.4), (1, 0.0)],
)
def test_the_nearest_rate_that_is_not_larger_counts(max_error: float, threshold: float) -> None:
    assert WHOLE.threshold(max_error) == threshold


@pytest.mark.parametrize("max_error", [-0.1, 1.1, math.nan])
def test_an_error_rate_is_a_share(max_error: float) -> None:
    with pytest.raises(ParameterError, match="choose a share"):
        WHOLE.threshold(max_error)


def test_json_brings_back_an_equal_calibration() -> None:
    text = json.dumps(WHOLE.to_json(), allow_nan=False)
    assert Calibration.from_json(json.loads(text)) == WHOLE


@pytest.mark.parametrize(
    "changes",
    [
        {"temperature": 0},
        {"temperature": math.nan},
        {"temperature": "1"},
        {"temperature": True},
        {"intercept": 1e300},
        {"intercept": 10**400},
        {"weights": [1, 2]},
        {"weights": {"margin": math.inf}},
        {"thresholds": [[0.01, 2]]},
        {"thresholds": [[0.05, 0.5], [0.01, 0.9]]},
        {"thresholds": [[0.05]]},
        {"thresholds": 7},
        {"curve": [[0.1, 0.2]]},
        {"curve": [[0.5, 0.5, 0.5]] * 3000},
        {"n": -1},
    ],
)
def test_a_made_up_calibration_is_a_data_error(changes: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=r"here: .*expected|here: .*should be"):
        Calibration.from_json(WHOLE.to_json() | changes, "here")


def test_a_missing_field_is_named() -> None:
    content = WHOLE.to_json()
    del content["curve"]
    with pytest.raises(DataError, match="'curve' is missing"):
        Calibration.from_json(content)
    with pytest.raises(DataError):
        Calibration.from_json([1])


def test_logistic_does_not_overflow() -> None:
    np.testing.assert_allclose(logistic(np.array([-800.0, 0.0, 800.0])), [0, 0.5, 1], atol=1e-12)


def test_modes_survive_the_round_trip() -> None:
    inner = Calibration(thresholds=((0.01, 0.8),))
    outer = Calibration(temperature=1.5, modes={"folded": inner})
    again = Calibration.from_json(json.loads(json.dumps(outer.to_json())))
    assert again == outer
    assert again.mode("folded").threshold(0.01) == 0.8
    assert again.mode("digits") is again
