from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from hdalr.datasets import fetch_dataset
from hdalr.errors import DataError, ParameterError
from hdalr.images import distortions
from hdalr.images.distortions import (
    ArrayDistortion,
    affine_matrices,
    elastic_shifts,
    erase,
    resample,
    shift,
)

DIGITS = fetch_dataset("digits").train_images[:60]
ALL = ArrayDistortion(10, 0.1, 0.2, 0.1, 1.5, 1.4, 4, 0.5, 4)


def warp(picture: np.ndarray, **amounts: Any) -> np.ndarray:
    return resample(picture[None], affine_matrices(**amounts), np.zeros((2, 1, 1, 1)))[0]


def blob(rows: slice, columns: slice) -> np.ndarray:
    picture = np.zeros((41, 41), np.uint8)
    picture[rows, columns] = 200
    return picture


def centre(picture: np.ndarray) -> np.ndarray:
    """Row and column of the ink's centre, from the picture's."""
    weights = picture / picture.sum()
    return np.array([(weights * axis).sum() - 20 for axis in np.indices(picture.shape)])


@pytest.mark.parametrize(("down", "right"), [(0, 0), (2, -3), (-1, 1), (50, 0), (0, -50)])
def test_a_shift_moves_by_whole_pixels(down: int, right: int) -> None:
    expected = np.zeros_like(DIGITS)
    for row in range(28):
        for column in range(28):
            if 0 <= row - down < 28 and 0 <= column - right < 28:
                expected[:, row, column] = DIGITS[:, row - down, column - right]
    np.testing.assert_array_equal(shift(DIGITS, down, right), expected)


def test_nothing_asked_changes_nothing() -> None:
    np.testing.assert_array_equal(ArrayDistortion()(DIGITS, 0), DIGITS)


def test_a_quarter_turn_is_counter_clockwise() -> None:
    picture = DIGITS[0]
    np.testing.assert_array_equal(warp(picture, rotation_degrees=90), np.rot90(picture))


def test_scale_shear_and_squeeze_move_the_ink_as_they_say() -> None:
    high_right = blob(slice(9, 12), slice(29, 32))  # centre at (-10, 10)
    np.testing.assert_allclose(centre(warp(high_right, scale=1.5)), [-15, 15], atol=0.1)
    np.testing.assert_allclose(centre(warp(high_right, shear=0.5)), [-10, 15], atol=0.1)
    np.testing.assert_allclose(centre(warp(high_right, squeeze=0.4)), [-10, 6], atol=0.1)


def test_the_order_is_squeeze_shear_scale_turn() -> None:
    high_right = blob(slice(9, 12), slice(29, 32))
    moved = centre(warp(high_right, squeeze=0.4, shear=0.5, scale=1.2, rotation_degrees=90))
    # (-10, 10), squeezed (-10, 6), sheared (-10, 11), scaled (-12, 13.2), turned to the left
    np.testing.assert_allclose(moved, [-13.2, -12], atol=0.15)


def test_resampling_takes_from_where_the_shifts_point() -> None:
    shifts = np.array([1.0, -0.5]).reshape(2, 1, 1, 1)
    picture = np.arange(30, dtype=np.uint8).reshape(1, 5, 6) * 8
    moved = resample(picture, affine_matrices(), shifts)
    assert moved[0, 1, 2] == (picture[0, 2, 1] + picture[0, 2, 2]) // 2
    assert (moved[0, 4] == 0).all()


def test_elastic_shifts_have_their_deviation_and_are_smooth() -> None:
    field = elastic_shifts((200, 40, 40), 1.4, 4, np.random.default_rng(0))
    inner = field[:, :, 14:26, 14:26]
    assert field.shape == (2, 200, 40, 40)
    assert inner.std() == pytest.approx(1.4, rel=0.05)
    # The correlation of blurred noise at a distance of d is exp(-d^2 / (4 sigma^2)).
    neighbours = np.mean(inner[:, :, :, :-4] * inner[:, :, :, 4:]) / inner.var()
    assert neighbours == pytest.approx(np.exp(-(4**2) / (4 * 4**2)), abs=0.03)


def test_a_square_is_erased_in_each_picture_at_its_place() -> None:
    bright = np.full((2, 6, 6), 9, np.uint8)
    erased = erase(bright, [0, 4], [1, 5], 3)
    assert [np.flatnonzero((p == 0).any(axis=0)).tolist() for p in erased] == [[1, 2, 3], [5]]
    assert [np.flatnonzero((p == 0).any(axis=1)).tolist() for p in erased] == [[0, 1, 2], [4, 5]]
    assert (bright == 9).all()


def test_a_seed_draws_the_same_and_another_one_others() -> None:
    before = DIGITS.copy()
    first = ALL(DIGITS, random_state=3)
    np.testing.assert_array_equal(first, ALL(DIGITS, random_state=3))
    assert (first != ALL(DIGITS, random_state=4)).any(axis=(1, 2)).all()
    np.testing.assert_array_equal(DIGITS, before)
    assert (first.shape, first.dtype) == (DIGITS.shape, np.uint8)


def test_each_picture_is_distorted_in_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distortions, "CHUNK", 3)
    same = np.repeat(DIGITS[:1], 8, axis=0)
    distorted = ALL(same, random_state=0)
    assert len(np.unique(distorted, axis=0)) == 8


@pytest.mark.parametrize(
    ("settings", "least"),
    [
        ({"rotation_degrees": 20}, 0.9),
        ({"zoom": 0.2}, 0.9),
        ({"shear": 0.3}, 0.9),
        ({"squeeze": 0.3}, 0.9),
        ({"shift_px": 2}, 0.9),
        ({"elastic_px": 1.4}, 0.9),
        ({"stroke_px": 1}, 0.9),
        ({"erase_px": 6}, 0.3),
    ],
)
def test_every_amount_shows_and_leaves_the_digit_legible(
    settings: dict[str, Any], least: float
) -> None:
    distorted = ArrayDistortion(**settings)(DIGITS, random_state=0)
    assert (distorted != DIGITS).any(axis=(1, 2)).mean() >= least
    pairs = zip(DIGITS, distorted, strict=True)
    likeness = [np.corrcoef(one.ravel(), other.ravel())[0, 1] for one, other in pairs]
    assert np.mean(likeness) > 0.5


def test_pictures_of_any_size_are_distorted() -> None:
    for shape in ((3, 8, 8), (2, 5, 31), (1, 1, 1)):
        assert ALL(np.full(shape, 99, np.uint8), 0).shape == shape


def test_the_batch_is_warped_as_opencv_warps_one() -> None:
    ours = warp(DIGITS[5], rotation_degrees=15)
    matrix = cv2.getRotationMatrix2D((13.5, 13.5), 15, 1)
    theirs = cv2.warpAffine(DIGITS[5], matrix, (28, 28))
    assert np.abs(ours.astype(int) - theirs).mean() < 1


def test_wrong_amounts_and_pictures_are_refused() -> None:
    with pytest.raises(ParameterError, match="choose scales above 0 and squeezes below 1"):
        affine_matrices(scale=0)
    with pytest.raises(ParameterError, match="choose scales above 0 and squeezes below 1"):
        affine_matrices(squeeze=[0.1, 1.0])
    with pytest.raises(ParameterError, match="sigma_px=0 is not allowed; choose a number above 0"):
        elastic_shifts((1, 4, 4), 1, 0, np.random.default_rng(0))
    with pytest.raises(DataError, match="expected a non-empty uint8 array"):
        ALL(DIGITS / 255)  # type: ignore[arg-type]
