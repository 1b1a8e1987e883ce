from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as arrays

from hdalr.errors import DataError
from hdalr.images import moments
from hdalr.images.moments import deskew, measure_slant


def slanted_bar(columns_a_row: float) -> np.ndarray:
    """A bar, 3 pixels wide, that leans to one side: (1, 28, 28)."""
    picture = np.zeros((28, 28), np.uint8)
    picture[6:22, 13:16] = 255
    matrix = np.array([[1, columns_a_row, -columns_a_row * 13.5], [0, 1, 0]])
    return cv2.warpAffine(picture, matrix, (28, 28))[None]


@pytest.mark.parametrize("slant", [-0.7, -0.25, 0.0, 0.4, 0.9])
def test_the_slant_that_was_put_in_is_measured_and_taken_out(slant: float) -> None:
    bar = slanted_bar(slant)
    assert measure_slant(bar)[0] == pytest.approx(slant, abs=0.02)
    upright = deskew(bar)
    assert measure_slant(upright)[0] == pytest.approx(0, abs=0.02)
    sides = np.flatnonzero(upright[0, 8:20].max(axis=0) > 100)
    assert sides[-1] - sides[0] <= 3


def test_deskew_keeps_the_ink_and_its_centre() -> None:
    bar = slanted_bar(0.5).astype(np.float64)
    upright = deskew(bar.astype(np.uint8)).astype(np.float64)
    assert upright.sum() == pytest.approx(bar.sum(), rel=0.01)
    columns = np.arange(28)
    before, after = (
        (picture.sum(axis=(0, 1)) @ columns) / picture.sum() for picture in (bar, upright)
    )
    assert after == pytest.approx(before, abs=0.05)


def test_upright_level_and_empty_pictures_stay_as_they_are() -> None:
    pictures = np.zeros((3, 12, 9), np.uint8)
    pictures[0, 2:10, 4] = 200
    pictures[1, 5, 1:8] = 200  # one row: its slant cannot be known
    np.testing.assert_array_equal(deskew(pictures), pictures)


def test_a_flat_stroke_is_sheared_by_45_degrees_at_most() -> None:
    dash = np.zeros((1, 9, 21), np.uint8)
    dash[0, 3, 2:10] = dash[0, 4, 8:14] = dash[0, 5, 12:19] = 255
    assert measure_slant(dash)[0] > 3
    first, last = deskew(dash)[0, [3, 5]].astype(np.float64)
    columns = np.arange(21)
    distance = last @ columns / last.sum() - first @ columns / first.sum()
    assert distance == pytest.approx(15 - 5.5 - 2, abs=0.01)  # two rows, a column each


def test_each_picture_is_treated_as_if_it_were_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = np.concatenate([slanted_bar(slant) for slant in (-0.6, 0.1, 0.3, 0.8, 0.5)])
    alone = np.concatenate([deskew(picture[None]) for picture in pictures])
    monkeypatch.setattr(moments, "CHUNK", 2)
    np.testing.assert_array_equal(deskew(pictures), alone)


@settings(deadline=None, max_examples=60)
@given(arrays.arrays(np.uint8, arrays.array_shapes(min_dims=3, max_dims=3, max_side=9)))
def test_any_picture_keeps_shape_and_type_and_no_row_gains_ink(images: np.ndarray) -> None:
    before = images.copy()
    upright = deskew(images)
    np.testing.assert_array_equal(images, before)
    assert (upright.shape, upright.dtype) == (images.shape, np.uint8)
    width = images.shape[2]
    assert (upright.sum(axis=2) <= images.sum(axis=2) + width / 2).all()  # rounding alone


def test_floats_are_refused() -> None:
    for function in (deskew, measure_slant):
        with pytest.raises(DataError, match="expected a non-empty uint8 array"):
            function(np.zeros((1, 4, 4)))  # type: ignore[arg-type]
