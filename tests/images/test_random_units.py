from __future__ import annotations

import numpy as np
import pytest

from hdalr.errors import ParameterError
from hdalr.images.features import Pixels
from hdalr.images.hog import Hog
from hdalr.images.random_units import RandomUnits

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 4, 3), dtype=np.uint8)


def test_dot_products_come_near_the_gaussian_kernel() -> None:
    pixels = Pixels()(IMAGES)
    distances = ((pixels[:, None] - pixels[None]) ** 2).sum(axis=2)
    units = RandomUnits(Pixels(), n_units=40_000, gamma=0.5)(IMAGES)
    np.testing.assert_allclose(units @ units.T, np.exp(-0.5 * distances), atol=0.02)


def test_the_weights_follow_from_the_seed_alone() -> None:
    first = RandomUnits(n_units=20, seed=3)(IMAGES)
    np.testing.assert_array_equal(first, RandomUnits(n_units=20, seed=3)(IMAGES))
    assert not np.allclose(first, RandomUnits(n_units=20, seed=4)(IMAGES))


def test_a_picture_has_the_same_vector_alone_as_in_a_batch() -> None:
    units = RandomUnits(n_units=50)
    np.testing.assert_allclose(units(IMAGES[2:3])[0], units(IMAGES)[2], atol=1e-6)


@pytest.mark.parametrize("side", [8, 13, 32])
def test_rows_are_as_long_as_there_are_units(side: int) -> None:
    units = RandomUnits(Hog(cells_px=(4,)), n_units=7)(np.full((2, side, side), 9, np.uint8))
    assert units.shape == (2, 7)
    assert units.dtype == np.float32


@pytest.mark.parametrize(
    ("parameters", "said"),
    [({"n_units": 0}, "n_units=0 is not allowed"), ({"gamma": 0.0}, "gamma=0.0 is not allowed")],
)
def test_settings_out_of_range_are_refused(parameters: dict[str, float], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        RandomUnits(**parameters)  # type: ignore[arg-type]
