from __future__ import annotations

import numpy as np
import pytest

from hdalr.models import hyperplanes
from hdalr.models.hyperplanes import factor_curvature, fit_planes, squared_hinge

RNG = np.random.default_rng(0)
INDICES = RNG.integers(0, 3, 90)
VECTORS = np.ones((90, 5), np.float32)
VECTORS[:, :-1] = RNG.normal(size=(90, 4)) + 2 * np.eye(3, 4)[INDICES]
LEVEL = np.zeros((5, 3), np.float32)


def fit(C: float = 0.3, tolerance: float = 1e-9, start: np.ndarray = LEVEL) -> np.ndarray:
    factor = factor_curvature(VECTORS, C)
    return fit_planes(VECTORS, INDICES, C, factor, tolerance, start)


def test_the_loss_by_hand() -> None:
    """One vector, 2 and the 1 of the offset; margins 2 * 0.5 - 0.5 = 0.5 and 2 * 0.25 + 1 = 1.5."""
    vector, planes = np.array([[2, 1]], np.float32), np.array([[0.5, 0.25], [-0.5, 1]], np.float32)
    loss, slope = squared_hinge(vector, np.array([0]), planes, C=3)
    # Missing: 1 - 0.5 of the own class, 1 + 1.5 of the other; slopes 2 C times sign, times vector.
    assert loss == pytest.approx(0.5 * (0.25 + 0.0625) + 3 * (0.5**2 + 2.5**2))
    np.testing.assert_allclose(slope, [[0.5 - 6 * 0.5 * 2, 0.25 + 6 * 2.5 * 2], [-3, 15]])


def test_the_slope_is_that_of_the_loss() -> None:
    planes = RNG.normal(size=(5, 3)).astype(np.float32)
    _, slope = squared_hinge(VECTORS, INDICES, planes, C=0.3)
    for place in np.ndindex(planes.shape):
        losses = []
        for step in (0.01, -0.01):
            moved = planes.copy()
            moved[place] += step
            losses.append(squared_hinge(VECTORS, INDICES, moved, C=0.3)[0])
        assert (losses[0] - losses[1]) / 0.02 == pytest.approx(slope[place], rel=2e-3, abs=0.02)


def test_at_the_planes_the_loss_is_level() -> None:
    planes = fit()
    _, steepest = squared_hinge(VECTORS, INDICES, LEVEL, C=0.3)
    _, slope = squared_hinge(VECTORS, INDICES, planes, C=0.3)
    assert np.abs(slope).max() < 1e-3 * np.abs(steepest).max()


def test_the_factor_changes_the_way_and_not_the_end() -> None:
    other = fit_planes(VECTORS, INDICES, 0.3, np.eye(5), 1e-10, LEVEL)
    np.testing.assert_allclose(fit(), other, atol=2e-3)


def test_even_coordinates_need_fewer_steps() -> None:
    stretched = VECTORS * np.array([100, 1, 0.01, 1, 1], np.float32)
    losses = []
    for factor in (factor_curvature(stretched, 10), np.eye(5)):
        planes = fit_planes(stretched, INDICES, 10, factor, 0.01, LEVEL)
        losses.append(squared_hinge(stretched, INDICES, planes, 10)[0])
    assert losses[0] < 0.9 * losses[1]


def test_the_end_of_one_fit_is_a_good_start_of_the_next() -> None:
    planes = fit()
    np.testing.assert_allclose(fit(tolerance=0.5, start=planes), planes, atol=2e-3)


def test_the_size_of_chunk_and_sample_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    planes, loss = fit(), squared_hinge(VECTORS, INDICES, LEVEL + 1, C=0.3)
    monkeypatch.setattr(hyperplanes, "CHUNK", 7)
    monkeypatch.setattr(hyperplanes, "SAMPLE", 20)
    np.testing.assert_allclose(fit(), planes, atol=2e-3)
    for whole, in_parts in zip(loss, squared_hinge(VECTORS, INDICES, LEVEL + 1, 0.3), strict=True):
        np.testing.assert_allclose(in_parts, whole, rtol=1e-5)


def test_a_sample_stands_for_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    four_times = np.repeat(VECTORS, 4, axis=0)
    whole = factor_curvature(four_times, C=0.3)
    monkeypatch.setattr(hyperplanes, "SAMPLE", 90)
    np.testing.assert_allclose(factor_curvature(four_times, C=0.3), whole, rtol=1e-5)
