from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdalr.errors import DataError
from hdalr.images.ink import ink_of, is_dark_on_light


def stroke(paper: int = 220, pen: int = 60) -> np.ndarray:
    picture = np.full((60, 90), paper, np.uint8)
    cv2.line(picture, (20, 10), (60, 50), pen, 4, cv2.LINE_AA)
    return picture


def test_ink_is_full_on_the_stroke_and_nothing_beside_it() -> None:
    ink = ink_of(stroke())
    assert ink[30, 40] > 240
    assert ink[50, 20] == 0


def test_light_ink_on_dark_paper_gives_the_same_ink() -> None:
    assert np.abs(ink_of(stroke()).astype(int) - ink_of(255 - stroke())).max() <= 2


def test_a_shadow_across_the_picture_goes_away() -> None:
    light = np.linspace(0.4, 1.0, 90)[None]
    ink = ink_of((stroke() * light).astype(np.uint8))
    drawn = stroke() < 140
    assert ink[drawn].mean() > 180
    assert ink[stroke() == 220].mean() < 8


def test_faint_pencil_is_brought_to_full_brightness() -> None:
    assert ink_of(stroke(paper=200, pen=170)).max() == 255


@pytest.mark.parametrize("value", [0, 127, 255])
def test_a_picture_of_one_value_has_no_ink(value: int) -> None:
    assert not ink_of(np.full((40, 40), value, np.uint8)).any()


def test_the_grain_of_blank_paper_is_no_ink() -> None:
    grain = np.random.default_rng(0).normal(200, 4, (64, 200))
    assert not ink_of(np.clip(grain, 0, 255).astype(np.uint8)).any()


def test_a_tight_picture_may_be_ink_for_the_most_part() -> None:
    eight = np.full((18, 16), 255, np.uint8)
    eight[1:17, 1:15] = 0
    eight[4:8, 5:11] = eight[10:14, 5:11] = 255
    assert (eight == 0).mean() > 0.6
    ink = ink_of(eight)
    assert (ink[eight == 0] == 255).all()
    assert not ink[eight == 255].any()


@pytest.mark.parametrize("times", [1, 30, 40, 50, 400])
def test_a_long_strip_keeps_its_ink(times: int) -> None:
    zero = np.full((56, 42), 230, np.uint8)
    cv2.ellipse(zero, (20, 28), (12, 20), 0, 0, 360, 60, 1, cv2.LINE_AA)
    ink = ink_of(np.tile(zero, (1, times)))
    assert (ink > 127).mean() > 0.5 * (zero < 145).mean()


def test_the_rarer_side_is_the_ink() -> None:
    assert is_dark_on_light(stroke())
    assert not is_dark_on_light(255 - stroke())


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (3, 2000)])
def test_thin_pictures_keep_their_shape(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert ink_of(picture).shape == shape


@pytest.mark.parametrize(
    "picture",
    [np.zeros((4, 4), np.float32), np.zeros((4, 4, 3), np.uint8), np.zeros((0, 4), np.uint8), "x"],
)
def test_other_arrays_are_refused(picture: object) -> None:
    with pytest.raises(DataError, match=r"expected"):
        ink_of(picture)  # type: ignore[arg-type]


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**31))
def test_any_picture_is_answered(height: int, width: int, seed: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    before = picture.copy()
    assert ink_of(picture).shape == picture.shape
    assert (picture == before).all()
