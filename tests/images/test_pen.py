from __future__ import annotations

import cv2
import numpy as np
import pytest

from hdalr.datasets import fetch_dataset
from hdalr.errors import DataError, ParameterError
from hdalr.images import pen
from hdalr.images.pen import (
    change_stroke_width,
    measure_stroke_width,
    set_ink_range,
    set_stroke_width,
)

DIGITS = fetch_dataset("digits").train_images[:300]


def bar(width_px: int) -> np.ndarray:
    picture = np.zeros((1, 60, 30), np.uint8)
    picture[0, 5:55, 10 : 10 + width_px] = 255
    return picture


@pytest.mark.parametrize("width_px", [1, 2, 3, 5])
def test_the_width_of_a_bar_is_twice_its_area_over_its_outline(width_px: int) -> None:
    expected = 2 * 50 * width_px / (2 * 50 + 2 * width_px)
    assert measure_stroke_width(bar(width_px))[0] == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("turn_degrees", [20, 45, 70])
def test_the_width_does_not_hang_on_the_direction(turn_degrees: int) -> None:
    big = np.zeros((60, 60), np.uint8)
    big[8:52, 28:32] = 255
    turn = cv2.getRotationMatrix2D((29.5, 29.5), turn_degrees, 1)
    turned = cv2.warpAffine(big, turn, (60, 60))
    upright, other = measure_stroke_width(np.stack([big, turned]))
    assert other == pytest.approx(upright, rel=0.03)


def test_half_the_contrast_is_the_same_width() -> None:
    pictures = DIGITS // 2 * 2
    np.testing.assert_allclose(
        measure_stroke_width(pictures), measure_stroke_width(pictures // 2), rtol=1e-4
    )


@pytest.mark.parametrize("width_px", [3.0, 4.0, 5.5])
def test_strokes_get_the_width_asked_for(width_px: float) -> None:
    before = DIGITS.copy()
    widths = measure_stroke_width(set_stroke_width(DIGITS, width_px))
    np.testing.assert_array_equal(DIGITS, before)
    assert np.mean(np.abs(widths - width_px)) < 0.15
    assert np.percentile(np.abs(widths - width_px), 95) < 0.35
    assert np.ptp(np.percentile(widths, [5, 95])) < np.ptp(
        np.percentile(measure_stroke_width(DIGITS), [5, 95])
    )


def test_widening_is_dilation_and_narrowing_is_erosion() -> None:
    square = np.ones((3, 3), np.uint8)
    wider, narrower = change_stroke_width(DIGITS, 2), change_stroke_width(DIGITS, -2)
    for picture, wide, narrow in zip(DIGITS[:30], wider, narrower, strict=False):
        framed = np.pad(picture, 1)
        np.testing.assert_array_equal(wide, cv2.dilate(framed, square)[1:-1, 1:-1])
        np.testing.assert_array_equal(narrow, cv2.erode(framed, square)[1:-1, 1:-1])


def test_each_picture_has_its_own_amount(monkeypatch: pytest.MonkeyPatch) -> None:
    amounts = np.linspace(-2, 2, 5)
    alone = [change_stroke_width(DIGITS[[i]], amount)[0] for i, amount in enumerate(amounts)]
    monkeypatch.setattr(pen, "CHUNK", 2)
    np.testing.assert_array_equal(change_stroke_width(DIGITS[:5], amounts), alone)


def test_an_empty_picture_stays_empty() -> None:
    empty = np.zeros((2, 7, 5), np.uint8)
    assert measure_stroke_width(empty).tolist() == [0, 0]
    for changed in (
        set_stroke_width(empty, 3),
        change_stroke_width(empty, 1),
        set_ink_range(empty),
    ):
        np.testing.assert_array_equal(changed, empty)


def test_the_ink_fills_the_range_and_keeps_its_order() -> None:
    faint = (DIGITS // 3 + 40).astype(np.uint8)
    stretched = set_ink_range(faint)
    assert (stretched.min(axis=(1, 2)) == 0).all()
    assert (stretched.max(axis=(1, 2)) == 255).all()
    assert (
        np.diff(stretched.reshape(300, -1)[0][np.argsort(faint[0].ravel())].astype(int)) >= 0
    ).all()


def test_wrong_amounts_and_pictures_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"width_px=0.5 is not allowed; .* from 1 up"):
        set_stroke_width(DIGITS, 0.5)
    with pytest.raises(ParameterError, match="by_px=3 is not allowed; choose numbers from -2 to 2"):
        change_stroke_width(DIGITS, 3)
    for function in (measure_stroke_width, set_ink_range):
        with pytest.raises(DataError, match="expected a non-empty uint8 array"):
            function(DIGITS / 255)  # type: ignore[arg-type]
